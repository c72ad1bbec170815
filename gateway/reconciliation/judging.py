"""What to do about money that the rail has and no book does. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from gateway.cases.model import CaseKind
from gateway.domain import VIETNAM, local_day
from gateway.payments.model import Payment, PaymentState
from gateway.reconciliation.model import LOOK_BACK_DAYS, Finding, OpenRefund, RemoteLine

ENDED = {PaymentState.FAILED, PaymentState.EXPIRED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`enter`: hand it to the function that posts."""

    kind: CaseKind
    enter: bool = False
    facts: Mapping[str, str | int] = field(default_factory=dict)

    def finding(self, line: RemoteLine, *, posted: bool = False, **more: str | int) -> Finding:
        return Finding(
            kind=self.kind,
            key=line.key,
            reference=line.reference,
            facts={"listed_amount": line.amount, **self.facts, **more},
            posted=posted,
        )


def judge(line: RemoteLine, attempt: Payment | None) -> Verdict | None:
    """Money in. An attempt that failed here and was paid there is entered, also where its bill was paid another way:
    the first is kept and the second owed back. None: somebody entered it since the books were read."""
    if attempt is None:
        return Verdict(kind=CaseKind.UNKNOWN_REFERENCE)
    if line.amount != attempt.amount:
        return Verdict(kind=CaseKind.AMOUNT_MISMATCH, facts={"amount": attempt.amount})
    if line.currency != attempt.currency:
        return Verdict(kind=CaseKind.CURRENCY_MISMATCH, facts={"currency": attempt.currency})
    if attempt.state in ENDED:
        return Verdict(kind=CaseKind.STATUS_MISMATCH, enter=True, facts={"state": attempt.state.value})
    if attempt.state is not PaymentState.PAID:
        return Verdict(kind=CaseKind.REMOTE_ONLY, enter=True)
    return _paid_already(line, attempt)


def _paid_already(line: RemoteLine, attempt: Payment) -> Verdict | None:
    """Entered since the books were read; or for a day before those that are looked back at; or a second success of one
    attempt, which the books have no place for: a person."""
    if attempt.transaction_id != line.transaction_id or attempt.paid_at is None:
        return Verdict(kind=CaseKind.DUPLICATE_PAID, facts={"transaction": attempt.transaction_id})
    day = local_day(attempt.paid_at)
    if line.listed_on - day <= timedelta(days=LOOK_BACK_DAYS):
        return None
    return Verdict(kind=CaseKind.LATE, facts={"day": day.isoformat(), "listed_on": line.listed_on.isoformat()})


def judge_refund(line: RemoteLine, refund: OpenRefund | None) -> Verdict:
    """Money out: one that we asked for and have no answer to, or one that nobody here knows of or that differs."""
    if refund is None:
        return Verdict(kind=CaseKind.REFUND_MISMATCH)
    facts: dict[str, str | int] = {"refund": refund.refund_id, "amount": refund.amount}
    same = refund.amount == line.amount
    return Verdict(kind=CaseKind.REFUND_PENDING if same else CaseKind.REFUND_MISMATCH, facts=facts)


def result_of(line: RemoteLine) -> Mapping[str, Any]:
    """As a notice would have told it. A rail that does not say when is taken at noon of its day."""
    noon = datetime.combine(line.listed_on, time(12), VIETNAM).isoformat()
    told = {
        "reference": line.reference,
        "status": "paid",
        "amount": line.amount,
        "currency": line.currency,
        "transaction_id": line.transaction_id,
        "paid_at": line.paid_at or noon,
    }
    beside = {"bank_code": line.bank_code, "beneficiary_account": line.account}
    return {**told, **{name: value for name, value in beside.items() if value}}
