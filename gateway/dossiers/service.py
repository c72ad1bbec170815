"""Take in dossiers and status events: check, store and enqueue in one transaction, then answer (SYN-08).

A status event becomes two messages of the dossier's stream, in this order: the whole dossier with its new status, and
the progress step. The portal contract (5.1) wants them so, and a stream never sends the second before the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.delivery.model import Draft
from gateway.delivery.store import Outbox
from gateway.domain import STATUSES, Context, DossierStatus, check_transition
from gateway.dossiers.model import DossierRecord, SyncView, Taken
from gateway.dossiers.store import DossierStore, EventRecord
from gateway.exchange.model import Exchange
from gateway.sdk.errors import ConflictError, FieldProblem, NotFoundError, UnprocessableError

STEP_TIMES = {
    DossierStatus.PROCESSED: "processed_at",
    DossierStatus.RETURNED: "returned_at",
    DossierStatus.REFUSED: "refused_at",
}
"""Dates of the dossier that an event of this status fills in when the province left them empty."""


class Dossiers:
    """Implements `DossierService`."""

    def __init__(
        self,
        store: DossierStore,
        outbox: Outbox,
        *,
        exchange: Exchange,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._exchange = exchange
        self._atomically = atomically
        self._clock = clock

    async def put(self, code: str, document: Mapping[str, Any], *, context: Context) -> Taken:
        """Store a new version. The body's `status` starts a dossier; later only events move it."""
        async with self._atomically():
            held = await self._store.lock(context.tenant, code)
            if held is not None and dict(held.document) == {**document, "code": code}:
                return Taken(code=code, version=held.version, status=held.status)  # PUT twice is PUT once
            record = self._next_version(held, {**document, "code": code}, context)
            draft = self._draft("sync_dossier", record.document, code, context=context)
            await self._store.save(record)
            await self._enqueue([draft])
        return Taken(code=code, version=record.version, status=record.status)

    async def add_event(self, code: str, event: Mapping[str, Any], *, context: Context) -> Taken:
        """Move a dossier. The same `event_id` with the same content is taken once and answered again."""
        async with self._atomically():
            held = await self._store.lock(context.tenant, code)
            if held is None:
                raise _unknown_dossier()
            known = await self._store.event(context.tenant, code, event["event_id"])
            if known is not None:
                return self._again(held, known, event)
            self._check(held, event)
            record = self._moved(held, event)
            entry = EventRecord(
                event_id=event["event_id"], status=record.status, occurred_at=_moment(event["at"]), document=dict(event)
            )
            step = {**event, "dossier_code": code}
            drafts = [
                self._draft("sync_dossier", record.document, code, context=context),
                self._draft("report_progress", step, code, context=context),
            ]
            await self._store.save(record)
            await self._store.append(record, entry)
            await self._enqueue(drafts)
        return Taken(code=code, version=record.version, status=record.status, event_id=event["event_id"])

    async def sync(self, code: str, *, context: Context) -> SyncView:
        record = await self._store.find(context.tenant, code)
        if record is None:
            raise _unknown_dossier()
        streams = await self._outbox.views(context.tenant, code, now=self._clock())
        return SyncView(code=code, version=record.version, status=record.status, streams=streams)

    def _next_version(self, held: DossierRecord | None, document: dict[str, Any], context: Context) -> DossierRecord:
        status = DossierStatus(document["status"])
        if held is None:
            move = check_transition(None, status)
            if not move.allowed:
                raise _refused_move(move.reason, move.reason_vi)
        elif status != held.status:
            raise ConflictError(
                f"The dossier has status {held.status.value}; only a status event changes it.",
                vi=f"Hồ sơ đang ở trạng thái {held.status.value} ({held.status.label_vi}); "
                "muốn đổi trạng thái hãy gửi sự kiện trạng thái.",
                what="status_differs",
            )
        return DossierRecord(
            tenant=context.tenant,
            code=document["code"],
            version=held.version + 1 if held else 1,
            status=status,
            document=document,
            last_event_at=held.last_event_at if held else None,
            updated_at=self._clock(),
        )

    def _moved(self, held: DossierRecord, event: Mapping[str, Any]) -> DossierRecord:
        status = DossierStatus(event["status"])
        document = {**held.document, "status": int(status)}
        if (date := STEP_TIMES.get(status)) and not document.get(date):
            document[date] = event["at"]
        return replace(
            held,
            version=held.version + 1,
            status=status,
            document=document,
            last_event_at=_moment(event["at"]),
            updated_at=self._clock(),
        )

    def _check(self, held: DossierRecord, event: Mapping[str, Any]) -> None:
        status = DossierStatus(event["status"])
        move = check_transition(held.status, status)
        if not move.allowed:
            raise _refused_move(move.reason, move.reason_vi)
        if STATUSES[status].needs_reason and not (event.get("content") or "").strip():
            raise UnprocessableError(
                "This status needs a reason in words (DOS-05).",
                vi="Trạng thái này phải kèm lý do bằng lời.",
                what="reason_missing",
                fields=[FieldProblem("/content", "A reason is required.", "Cần nêu lý do.")],
            )
        if held.last_event_at is not None and _moment(event["at"]) < held.last_event_at:
            raise ConflictError(
                "The event is older than the newest one of this dossier; it is not applied backwards (STA-04).",
                vi="Sự kiện này cũ hơn sự kiện mới nhất của hồ sơ nên không được áp dụng ngược.",
                what="event_out_of_order",
            )

    def _again(self, held: DossierRecord, known: EventRecord, event: Mapping[str, Any]) -> Taken:
        if dict(known.document) != dict(event):
            raise ConflictError(
                "Another event was already taken in under this event_id.",
                vi="Đã có sự kiện khác dùng event_id này.",
                what="event_id_reused",
            )
        return Taken(code=held.code, version=held.version, status=known.status, event_id=known.event_id)

    def _draft(self, operation: str, document: Mapping[str, Any], code: str, *, context: Context) -> Draft:
        return self._exchange.draft(operation, document, key=code, context=context)

    async def _enqueue(self, drafts: list[Draft]) -> None:
        await self._outbox.enqueue(drafts, now=self._clock())


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _unknown_dossier() -> NotFoundError:
    return NotFoundError(
        "No dossier has this code; send PUT /v1/dossiers/{code} first.",
        vi="Chưa có hồ sơ mang mã này; hãy gửi hồ sơ trước.",
    )


def _refused_move(reason: str, reason_vi: str) -> UnprocessableError:
    fields = [FieldProblem("/status", reason, reason_vi)]
    return UnprocessableError(reason, vi=reason_vi, what="illegal_transition", fields=fields)
