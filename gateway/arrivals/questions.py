"""What national systems ask about a dossier, answered from what the gateway holds and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.domain import VIETNAM, DossierStatus
from gateway.dossiers.model import DossierRecord
from gateway.dossiers.store import DossierStore
from gateway.payments.model import Payment, PaymentState
from gateway.payments.store import PaymentStore
from gateway.sdk import Handled, Inbound, Receipt

TOLD = ("procedure", "field", "return_method", "processing_unit")
ACTIVE = {PaymentState.CREATED, PaymentState.OPENED, PaymentState.UNKNOWN}


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
    """Handler of `fees_lookup`: what is due for a dossier that asks for payment, less what was paid.

    Two rails can pay one bill (payment contract, 2.10): while an attempt of the province's own may still be paid,
    nothing is due here. A bill needs account, agency and payer, which a dossier does not hold: they are those of the
    newest attempt that failed over exactly this amount. Without one the question cannot be answered truly, and is not.
    """

    def __init__(
        self, dossiers: DossierStore, payments: PaymentStore, *, tenant: str, clock: Callable[[], datetime]
    ) -> None:
        self._dossiers = dossiers
        self._payments = payments
        self._tenant = tenant
        self._clock = clock

    async def __call__(self, message: Inbound, body: Mapping[str, Any], system: str) -> Handled:  # noqa: ARG002 - a handler's shape
        record = await self._dossiers.find(self._tenant, body["code"])
        if record is None:
            return Handled(Receipt.ABSENT)
        payments = await self._payments.of_dossier(self._tenant, record.code)
        due = _charged(record.document) - sum(p.amount for p in payments if p.state is PaymentState.PAID)
        is_asked = record.status is DossierStatus.PAYMENT_REQUESTED and due > 0
        if not is_asked or any(payment.state in ACTIVE for payment in payments):
            return Handled(Receipt.ANSWERED, answer={"due": False})
        failed = _newest_failed(payments, due)
        if failed is None:
            return Handled(Receipt.ABSENT)
        return Handled(Receipt.ANSWERED, answer={"due": True, "bill": self._bill(record, failed)})

    def _bill(self, record: DossierRecord, failed: Payment) -> dict[str, Any]:
        moment = self._clock().astimezone(VIETNAM)
        return {**failed.document, "lookup_id": f"{record.code}{moment:%Y%m%d%H%M%S}"}


def _charged(document: Mapping[str, Any]) -> int:
    """All fees of the dossier and of its rounds of supplements, whole đồng."""
    lists = [document.get("fees", ()), *(round_.get("fees", ()) for round_ in document.get("supplements", ()))]
    return sum(int(fee["amount"]) for fees in lists for fee in fees)


def _newest_failed(payments: Sequence[Payment], amount: int) -> Payment | None:
    failed = [p for p in payments if p.state is PaymentState.FAILED and p.amount == amount]
    return failed[-1] if failed else None
