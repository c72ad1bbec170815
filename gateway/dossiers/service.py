"""Take in dossiers and status events: check, store and enqueue in one transaction, then answer (SYN-08).

A status event that changes the dossier becomes two messages of its stream, in this order: the whole dossier as it is
now, and the progress step. The portal contract (5.1) wants them so, and a stream never sends the second before the
first. Where a step belongs when it comes in another order than it happened in: `order`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.delivery.model import Draft, StreamKey
from gateway.delivery.store import Outbox
from gateway.domain import Context, DossierStatus, check_transition, local_day
from gateway.dossiers import intake
from gateway.dossiers.axes import delivery_of, digitisation_of, sync_of
from gateway.dossiers.model import Axes, DossierRecord, EventView, Place, SyncView, Taken
from gateway.dossiers.order import Judgement, by_occurrence, judge
from gateway.dossiers.papers import Papers
from gateway.dossiers.store import DossierStore, EventRecord
from gateway.dossiers.telling import Told, of_step, of_version, opening
from gateway.exchange.model import Exchange
from gateway.sdk.errors import ConflictError

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
        payment_state: Callable[[str, str], Awaitable[str]],
        quarantine: Callable[[Draft, Mapping[str, Any]], Awaitable[object]] | None = None,
        papers: Papers | None = None,
    ) -> None:
        """`payment_state` tells how the fees of (tenant, dossier) stand; that axis is another capability's.
        `quarantine` holds back the draft of a dossier that names a code which no catalogue knows.
        `papers` knows the stored files that dossiers may name."""
        self._payment_state = payment_state
        self._quarantine = quarantine
        self._papers = papers
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
            if self._papers:
                await self._papers.check(record.document, tenant=context.tenant)
            drafts = await self._drafts(record, of_version(record), context=context)
            await self._store.save(record)
            await self._enqueue(drafts)
            if self._quarantine and drafts:
                await self._quarantine(drafts[-1], record.document)
        return Taken(code=code, version=record.version, status=record.status)

    async def add_event(self, code: str, event: Mapping[str, Any], *, context: Context) -> Taken:
        """Take in a step. The same `event_id` with the same content is taken once and answered again."""
        async with self._atomically():
            held = await self._store.lock(context.tenant, code)
            if held is None:
                raise intake.unknown_dossier()
            entry = intake.entry(event)
            if again := await self._again(held, entry):
                return again
            intake.check_reason(entry)
            intake.check_moment(entry, now=self._clock())
            intake.check_obligation(held, entry)
            if self._papers:
                await self._papers.check(entry.document, tenant=context.tenant)
            judgement = await self._judge(held, entry)
            if judgement.place is None:
                raise intake.refused_move(judgement.why, judgement.why_vi)
            record = await self._place(held, entry, judgement, context=context)
            if judgement.place is not Place.PARKED:
                record = await self._reconcile(record, context=context)
        return Taken(
            code=code,
            version=record.version,
            status=record.status,
            event_id=entry.event_id,
            place=judgement.place,
            why=judgement.why,
            why_vi=judgement.why_vi,
        )

    async def events(self, code: str, *, context: Context) -> Sequence[EventView]:
        """Every step that was told, in the order in which it happened, and what became of it."""
        if await self._store.find(context.tenant, code) is None:
            raise intake.unknown_dossier()
        told = [intake.view(event) for event in await self._store.events(context.tenant, code)]
        for parked in await self._store.parked(context.tenant, code=code):
            told.append(intake.view(parked.event, place=Place.PARKED, why=parked.why, why_vi=parked.why_vi))
        return sorted(told, key=lambda view: view.occurred_at)

    async def axes(self, code: str, *, context: Context) -> Axes:
        record = await self._store.find(context.tenant, code)
        if record is None:
            raise intake.unknown_dossier()
        return Axes(
            code=code,
            version=record.version,
            status=record.status,
            payment=await self._payment_state(context.tenant, code),
            digitisation=digitisation_of(record.document),
            delivery=delivery_of(record.status),
            sync=sync_of(await self._outbox.views(context.tenant, code, now=self._clock())),
            pack=record.pack,
            parked=len(await self._store.parked(context.tenant, code=code)),
        )

    async def sync(self, code: str, *, context: Context) -> SyncView:
        record = await self._store.find(context.tenant, code)
        if record is None:
            raise intake.unknown_dossier()
        streams = await self._outbox.views(context.tenant, code, now=self._clock())
        return SyncView(code=code, version=record.version, status=record.status, streams=streams)

    def _next_version(self, held: DossierRecord | None, document: dict[str, Any], context: Context) -> DossierRecord:
        status = DossierStatus(document["status"])
        if held is None:
            move = check_transition(None, status)
            if not move.allowed:
                raise intake.refused_move(move.reason, move.reason_vi)
        elif status != held.status:
            raise ConflictError(
                f"The dossier has status {held.status.value}; only a status event changes it.",
                vi=f"Hồ sơ đang ở trạng thái {held.status.value} ({held.status.label_vi}); "
                "muốn đổi trạng thái hãy gửi sự kiện trạng thái.",
                what="status_differs",
            )
        else:  # dates that steps have filled in stay, unless the province now says them itself
            filled = {name: held.document[name] for name in STEP_TIMES.values() if held.document.get(name)}
            document = {**filled, **{name: value for name, value in document.items() if value is not None}}
        return DossierRecord(
            tenant=context.tenant,
            code=document["code"],
            target=(held and held.target) or self._target(document),
            version=held.version + 1 if held else 1,
            status=status,
            document=document,
            last_event_at=held.last_event_at if held else None,
            updated_at=self._clock(),
            pack=held.pack if held else intake.pack_of(document, now=self._clock()),
            reschedules=intake.count_reschedules(held, document) if held else 0,
        )

    async def _judge(self, held: DossierRecord, entry: EventRecord) -> Judgement:
        """The history is read only when the step does not plainly come on top of it."""
        after = entry.document.get("after") or ""
        on_top = held.last_event_at is None or entry.occurred_at >= held.last_event_at
        history = [] if on_top and not after else by_occurrence(await self._store.events(held.tenant, held.code))
        return judge(held.status, entry, after=after, history=history)

    async def _place(
        self, held: DossierRecord, entry: EventRecord, judgement: Judgement, *, context: Context
    ) -> DossierRecord:
        """Store the step where it belongs, and send what the portal must learn of it."""
        if judgement.place is Place.PARKED:
            await self._store.park(held.tenant, intake.parked(held.code, entry, judgement, now=self._clock()))
            return held
        late = judgement.place is Place.LATE
        record = replace(held, version=held.version + 1, updated_at=self._clock()) if late else self._moved(held, entry)
        previous = None if late else held.status
        await self._store.save(record)
        await self._store.append(record, replace(entry, previous=previous, late=late))
        told = of_step(held, record, entry, late=late)
        await self._enqueue(await self._drafts(record, told, context=context))
        return record

    async def _reconcile(self, record: DossierRecord, *, context: Context) -> DossierRecord:
        """A step has found its place: parked ones may have, too. Each that does may make room for the next."""
        progress = True
        while progress:
            progress = False
            waiting = await self._store.parked(record.tenant, code=record.code)
            for parked in sorted(waiting, key=lambda parked: parked.event.occurred_at):
                judgement = await self._judge(record, parked.event)
                if judgement.place in {Place.APPLIED, Place.LATE}:
                    record = await self._place(record, parked.event, judgement, context=context)
                    await self._store.settle(
                        record.tenant,
                        record.code,
                        parked.event.event_id,
                        settled_as=judgement.place.value,
                        now=self._clock(),
                    )
                    progress = True
                    break
                if judgement.code != parked.why_code:  # still parked, for another reason: the explanation follows
                    await self._store.park(
                        record.tenant, intake.parked(record.code, parked.event, judgement, now=self._clock())
                    )
        return record

    def _moved(self, held: DossierRecord, entry: EventRecord) -> DossierRecord:
        document = {**held.document, "status": int(entry.status)}
        if (date := STEP_TIMES.get(entry.status)) and not document.get(date):
            document[date] = entry.document["at"]
        return replace(
            held,
            version=held.version + 1,
            status=entry.status,
            document=document,
            last_event_at=entry.occurred_at,
            updated_at=self._clock(),
        )

    async def _again(self, held: DossierRecord, entry: EventRecord) -> Taken | None:
        """What was answered to this step before, if it was told before."""
        known = await self._store.event(held.tenant, held.code, entry.event_id)
        parked = None if known else await self._store.parked_event(held.tenant, held.code, entry.event_id)
        told = parked.event if parked else known
        if told is None:
            return None
        if dict(told.document) != dict(entry.document):
            raise ConflictError(
                "Another event was already taken in under this event_id.",
                vi="Đã có sự kiện khác dùng event_id này.",
                what="event_id_reused",
            )
        view = (
            intake.view(told)
            if parked is None
            else intake.view(told, place=Place.PARKED, why=parked.why, why_vi=parked.why_vi)
        )
        return Taken(
            code=held.code,
            version=held.version,
            status=known.status if known and not known.late else held.status,
            event_id=entry.event_id,
            place=view.place,
            why=view.why,
            why_vi=view.why_vi,
        )

    def _target(self, document: Mapping[str, Any]) -> str:
        """Where a new dossier goes, for good: by its procedure and the day of its reception (SYN-10)."""
        received = document.get("received_at")
        day = local_day(datetime.fromisoformat(received) if received else self._clock())
        procedure = intake.national_code(document)
        return self._exchange.system_for(opening(document), on=day, procedure=procedure)

    async def _drafts(self, record: DossierRecord, told: Sequence[Told], *, context: Context) -> list[Draft]:
        draft = self._exchange.draft
        if self._papers:
            told = await self._papers.out(told, stream=_stream(record))
        return [
            draft(one.operation, one.document, key=record.code, context=context, target=record.target) for one in told
        ]

    async def _enqueue(self, drafts: list[Draft]) -> None:
        await self._outbox.enqueue(drafts, now=self._clock())


def _stream(record: DossierRecord) -> StreamKey:
    return StreamKey(tenant=record.tenant, target=record.target, key=record.code)
