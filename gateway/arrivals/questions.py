"""What national systems ask about a dossier, answered from what the gateway holds and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.domain import DossierStatus
from gateway.dossiers.model import DossierRecord, charged
from gateway.dossiers.store import DossierStore
from gateway.payments.model import OPEN as ACTIVE
from gateway.payments.model import Bill, BillState
from gateway.payments.store import BillStore, PaymentStore
from gateway.sdk import Handled, Inbound, Receipt

TOLD = ("procedure", "field", "return_method", "processing_unit")
ENDED = {DossierStatus.REFUSED, DossierStatus.WITHDRAWN, DossierStatus.STOPPED}
NOTHING_DUE = Handled(Receipt.ANSWERED, answer={"due": False})


class DossierQuestions:
    """Handler of `dossier_lookup`: the procedure, the status and who handles it. Of the applicant only whether it is a
    citizen or an enterprise."""

    def __init__(self, dossiers: DossierStore, *, tenant: str) -> None:
        self._dossiers = dossiers
        self._tenant = tenant

    async def __call__(self, message: Inbound, body: Mapping[str, Any], system: str) -> Handled:  # noqa: ARG002 - a handler's shape
        record = await self._dossiers.find(self._tenant, body["code"])
        if record is None:
            return Handled(Receipt.ABSENT)
        told = {name: record.document[name] for name in TOLD if name in record.document}
        kind = record.document.get("applicant", {}).get("kind")
        answer = {"code": record.code, "status": int(record.status), "applicant_kind": kind, **told}
        return Handled(Receipt.ANSWERED, answer=answer)


class FeeQuestions:
    """Handler of `fees_lookup`: the oldest bill of the dossier that is not paid.

    Two rails can pay one bill (payment contract, 2.10): while an attempt of the province's own may still be paid,
    nothing is due here; `held_for` after it began it blocks no more, and money that still comes on it is owed back. A
    dossier that asks for money of which no bill was told cannot be answered truly, and is not.
    """

    def __init__(
        self,
        dossiers: DossierStore,
        bills: BillStore,
        payments: PaymentStore,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        held_for: timedelta,
    ) -> None:
        self._dossiers = dossiers
        self._bills = bills
        self._payments = payments
        self._tenant = tenant
        self._clock = clock
        self._held_for = held_for

    async def __call__(self, message: Inbound, body: Mapping[str, Any], system: str) -> Handled:  # noqa: ARG002 - a handler's shape
        record = await self._dossiers.find(self._tenant, body["code"])
        bills = await self._bills.of_dossier(self._tenant, body["code"])
        if record is None and not bills:
            return Handled(Receipt.ABSENT)
        if record is not None and record.status in ENDED:
            return NOTHING_DUE
        unpaid = [bill for bill in bills if bill.state is BillState.UNPAID]
        if not unpaid and record is not None and _asks_for_more(record, bills):
            return Handled(Receipt.ABSENT)
        for bill in unpaid:
            if not await self._is_being_paid(bill):
                told = {**bill.document, "lookup_id": bill.lookup_id, "bill_id": bill.bill_id}
                return Handled(Receipt.ANSWERED, answer={"due": True, "bill": told})
        return NOTHING_DUE

    async def _is_being_paid(self, bill: Bill) -> bool:
        since = self._clock() - self._held_for
        attempts = await self._payments.of_bill(self._tenant, bill.bill_id)
        return any(
            attempt.state in ACTIVE and attempt.created_at > since
            for attempt in attempts
            if attempt.reference == attempt.payment_id  # began here; elsewhere, anybody may have said so
        )


def _asks_for_more(record: DossierRecord, bills: Sequence[Bill]) -> bool:
    """The dossier waits for money, and its fees exceed what bills were told for."""
    told = sum(bill.amount for bill in bills if bill.state is not BillState.CANCELLED)
    return record.status is DossierStatus.PAYMENT_REQUESTED and charged(record.document) > told
