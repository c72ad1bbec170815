"""How a rail's word differs from what was asked (payment contract 2.14, traps 3 and 4; PAY-05). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.payments.model import Bill, Payment, PaymentState
from gateway.payments.told import Told

OTHER = "other"
"""A reason that the acknowledgements have no word for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`kind`: of the case that a person gets (`CaseKind`). `reason`: of `Handled`, for the acknowledgement."""

    kind: str
    reason: str


UNKNOWN = Difference(kind="unknown_reference", reason="unknown_reference")
AMOUNT = Difference(kind="amount_mismatch", reason="amount_differs")
CURRENCY = Difference(kind="currency_mismatch", reason="amount_differs")
ACCOUNT = Difference(kind="account_mismatch", reason=OTHER)
TRANSACTION = Difference(kind="transaction_differs", reason=OTHER)
AMBIGUOUS = Difference(kind="ambiguous_bill", reason=OTHER)


def difference(told: Told, bill: Bill, payment: Payment) -> Difference | None:
    """What does not fit, the gravest first. A word that names no money is not compared."""
    if told.status != "paid" and told.amount is None:
        return None
    if type(told.amount) is not int or told.amount != payment.amount:
        return AMOUNT
    if told.currency != payment.currency:
        return CURRENCY
    if elsewhere := _elsewhere(told, bill, payment):
        return elsewhere
    is_again = payment.state is PaymentState.PAID and told.status == "paid"
    if told.status == "paid" and (
        not told.transaction_id or (is_again and told.transaction_id != payment.transaction_id)
    ):
        return TRANSACTION
    return None


def _elsewhere(told: Told, bill: Bill, payment: Payment) -> Difference | None:
    """For another account; or for another dossier, where the attempt did not begin here: then anybody who knew its
    reference may have claimed it (trap 17)."""
    if told.account and bill.beneficiary and told.account != bill.beneficiary:
        return ACCOUNT
    began_here = payment.reference == payment.payment_id
    return AMBIGUOUS if told.dossier_code and told.dossier_code != payment.dossier_code and not began_here else None
