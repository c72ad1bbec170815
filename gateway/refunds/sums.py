"""How much can go back, of what, and where the bill stands then. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.domain import local_day
from gateway.payments.books import Account, BookEntry, EntryKind, Line, part_of
from gateway.payments.model import Bill, BillState, Payment, PaymentState, Source
from gateway.refunds.model import OVER, VOID, Refund, RefundKind, RefundState, RefundWay
from gateway.sdk.errors import FieldProblem, UnprocessableError

BY_HAND = "by_hand"
"""Party of the money that a rail took and that was paid back from the beneficiary's account."""

Said = tuple[int | None, int | None]
"""Fee and charge, as a caller named them."""


def refundable(payment: Payment, refunds: Iterable[Refund]) -> int:
    """What of a payment can still go back: what came, without what went, goes or may go."""
    if payment.state is not PaymentState.PAID:
        return 0
    return payment.amount - sum(r.amount for r in refunds if r.payment_id == payment.payment_id and r.state not in VOID)


def kind_of(payment: Payment, amount: int) -> RefundKind:
    if payment.excess:
        return RefundKind.EXCESS
    return RefundKind.WHOLE if amount == payment.amount else RefundKind.PARTIAL


def split(
    bill: Bill, refunds: Iterable[Refund], amount: int, *, said: tuple[int | None, int | None]
) -> tuple[int, int]:
    """How much of it is fee and how much charge. `said` must be exact where both are left and some of both stays: a
    proportion would not be whole đồng, and no law says which comes first. `UnprocessableError` otherwise."""
    before = [refund for refund in refunds if refund.state not in VOID]
    fee = part_of(bill.lines, Account.FEE) - sum(refund.fee for refund in before)
    charge = part_of(bill.lines, Account.CHARGE) - sum(refund.charge for refund in before)
    if said != (None, None):
        named = said[0] or 0, said[1] or 0
        if sum(named) != amount or named[0] > fee or named[1] > charge:
            raise _cannot_split(
                f"fee and charge must add up to the amount; {fee} and {charge} can still go back.",
                f"Tổng phí và lệ phí phải bằng số tiền hoàn; còn hoàn được phí {fee}, lệ phí {charge}.",
            )
        return named
    if amount == fee + charge:
        return fee, charge
    if fee and charge:
        raise _cannot_split(
            "The bill has fees and charges; say how much of each goes back.",
            "Khoản thu có cả phí và lệ phí; hãy nêu hoàn bao nhiêu của mỗi loại.",
        )
    return (amount, 0) if fee else (0, amount)


def bill_state(bill: Bill, payments: Sequence[Payment], refunds: Sequence[Refund]) -> BillState:
    """Where a bill stands by the money that came and went. What came for a bill that was cancelled is all owed back."""
    if any(refund.state not in OVER for refund in refunds):
        return BillState.REFUND_PENDING
    paid = [payment for payment in payments if payment.state is PaymentState.PAID]
    due = 0 if all(payment.excess for payment in paid) else bill.amount
    left = sum(payment.amount for payment in paid) - sum(
        refund.amount for refund in refunds if refund.state is RefundState.DONE
    )
    if left <= 0:
        return BillState.REFUNDED
    return BillState.OVERPAID if left > due else BillState.PAID


def entry_of_refund(refund: Refund, bill: Bill, *, source: Source) -> BookEntry:
    """Money that went back: what it was for is debited, the rail is credited. What was paid back by hand left the
    beneficiary's account and is no movement at the rail, so it is entered apart. The refund is done."""
    assert refund.done_at is not None
    by_hand = refund.way is RefundWay.BY_HAND
    place = BY_HAND if by_hand else refund.rail
    debits = (
        [Line(account=Account.OWED, party=refund.rail, amount=refund.amount)]
        if refund.kind is RefundKind.EXCESS
        else [
            Line(account=account, party=bill.beneficiary, amount=amount)
            for account, amount in ((Account.FEE, refund.fee), (Account.CHARGE, refund.charge))
            if amount
        ]
    )
    return BookEntry(
        tenant=refund.tenant,
        entry_id=f"refund:{refund.refund_id}",
        kind=EntryKind.REFUND,
        rail=place,
        transaction_id=refund.refund_id if by_hand else refund.refund_transaction_id or refund.refund_id,
        bill_id=refund.bill_id,
        payment_id=refund.payment_id,
        refund_id=refund.refund_id,
        currency=refund.currency,
        day=local_day(refund.done_at),
        occurred_at=refund.done_at,
        posted_at=refund.updated_at,
        source=source,
        lines=(*debits, Line(account=Account.RAIL, party=place, amount=-refund.amount)),
    )


def facts_of(refund: Refund, bill: Bill) -> dict[str, str | int]:
    """What may be told of it: ids, amounts and states."""
    return {
        "payment_id": refund.payment_id,
        "bill_id": refund.bill_id,
        "refund_id": refund.refund_id,
        "dossier_code": refund.dossier_code,
        "agency_id": refund.agency_id,
        "kind": refund.kind.value,
        "way": refund.way.value,
        "amount": refund.amount,
        "currency": refund.currency,
        "state": refund.state.value,
        "bill_state": bill.state.value,
    }


def _cannot_split(english: str, vietnamese: str) -> UnprocessableError:
    fields = [FieldProblem("/fee", english, vietnamese), FieldProblem("/charge", english, vietnamese)]
    return UnprocessableError(english, vi=vietnamese, what="refund_split", fields=fields)
