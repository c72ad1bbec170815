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
    began_elsewhere = payment.reference != payment.payment_id  # so anybody may have claimed it, for any dossier
    if began_elsewhere and told.dossier_code and told.dossier_code != payment.dossier_code:
        return AMBIGUOUS
    if told.status != "paid" and told.amount is None:
        return None
    if type(told.amount) is not int or told.amount != payment.amount:
        return AMOUNT
    if told.currency != payment.currency:
        return CURRENCY
    if told.account and bill.beneficiary and told.account != bill.beneficiary:
        return ACCOUNT
    is_again = payment.state is PaymentState.PAID and told.status == "paid"
    if told.status == "paid" and (
        not told.transaction_id or (is_again and told.transaction_id != payment.transaction_id)
    ):
        return TRANSACTION
    return None
