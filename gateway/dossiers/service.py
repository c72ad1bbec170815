"""Take in dossiers and status events: check, store and enqueue in one transaction, then answer (SYN-08).

A status event that changes the dossier becomes two messages of its stream, in this order: the whole dossier as it is
now, and the progress step. The portal contract (5.1) wants them so, and a stream never sends the second before the
first. Where a step belongs when it comes in another order than it happened in: `order`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from gateway.database import OF_ONE, each_alone, in_our_words, is_of_all, or_each_alone
from gateway.delivery.model import Draft, StreamKey
from gateway.delivery.store import Outbox
from gateway.domain import Context, DossierStatus, ProcedureCode, check_transition, local_day
from gateway.dossiers import intake
from gateway.dossiers.axes import delivery_of, digitisation_of, sync_of
from gateway.dossiers.clocks import clocks
from gateway.dossiers.model import Axes, Clocks, DossierRecord, EventView, Place, SyncView, Taken, ToldStep
from gateway.dossiers.page import STEP_TIMES, Clerk, Page, needs_history
from gateway.dossiers.papers import Fault, Papers
from gateway.dossiers.papers import check as check_papers
from gateway.dossiers.store import DossierStore, EventRecord, ParkedEvent
from gateway.dossiers.telling import Told, of_version, opening, whose_papers
from gateway.exchange.model import Exchange
from gateway.rules.packs import load_calendar, load_packs, pack_named
from gateway.sdk.errors import ConflictError, GatewayError

log = structlog.get_logger()


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
            check_papers(record.document, await self._faults([record.document], tenant=context.tenant))
            drafts = self._drafts(record, of_version(record), context=context)
            await self._store.save(record)
            await self._enqueue([*await self._uploads(record, whose_papers(record), context=context), *drafts])
            if self._quarantine and drafts:
                await self._quarantine(drafts[-1], record.document)
        return Taken(code=code, version=record.version, status=record.status)

    async def add_events(
        self, events: Sequence[tuple[str, Mapping[str, Any]]], *, context: Context
    ) -> Sequence[Taken | Exception]:
        """What undoes all of them (a dossier was altered; a fault of ours) keeps none of the others out: then each goes
        alone, and those that were committed are told so, whatever becomes of the rest."""
        steps = [ToldStep(code, event, context) for code, event in events]
        with suppress(*OF_ONE), or_each_alone():
            async with self._atomically():
                return await self.add_together(steps)
        results = await each_alone(steps, self._alone)
        if results and is_of_all(results[0]):
            raise results[0]
        return results

    async def _alone(self, step: ToldStep) -> Taken | Exception:
        try:
            async with self._atomically():
                return (await self.add_together([step]))[0]
        except GatewayError as exc:
            return exc
        except Exception as exc:
            if is_of_all(exc):
                return exc
            log.exception("step_not_placed")
            return in_our_words(exc) or GatewayError("Something went wrong on our side; it is logged.")

    async def add_together(self, steps: Sequence[ToldStep]) -> Sequence[Taken | Exception]:
        taken = dict[int, Taken | Exception]()
        for tenant in sorted({step.context.tenant for step in steps}):
            own = {number: step for number, step in enumerate(steps) if step.context.tenant == tenant}
            taken |= zip(own, await self._take(tenant, [*own.values()]), strict=True)
        return [taken[number] for number in range(len(steps))]

    async def _take(self, tenant: str, steps: Sequence[ToldStep]) -> list[Taken | Exception]:
        told = [intake.entry(step.event) for step in steps]
        faults = await self._faults([entry.document for entry in told], tenant=tenant)
        pages = await self._open(tenant, [(step.code, entry) for step, entry in zip(steps, told, strict=True)])
        results, movers, now = list[Taken | Exception](), dict[str, Context](), self._clock()
        for step, entry in zip(steps, told, strict=True):
            held = pages.get(step.code)
            results.append(self._placed(pages, step, entry, faults=faults, now=now))
            if held and pages[step.code].applied is not held.applied:  # not refused, parked or told again
                movers[step.code] = step.context
        await self._write(tenant, [*pages.values()], movers=movers)
        return results

    async def _open(self, tenant: str, steps: Sequence[tuple[str, EventRecord]]) -> dict[str, Page]:
        """The pages of the dossiers that there are, locked."""
        entries = defaultdict[str, list[EventRecord]](list)
        for code, entry in steps:
            entries[code].append(entry)
        records = await self._store.lock_all(tenant, entries)
        taken, waiting = await self._store.recalled(tenant, {(code, entry.event_id) for code, entry in steps})
        told, parked = defaultdict[str, dict[str, EventRecord]](dict), defaultdict[str, dict[str, ParkedEvent]](dict)
        for (code, event_id), event in taken.items():
            told[code][event_id] = event
        for each in waiting:
            parked[each.code][each.event.event_id] = each
        pages = {code: Page(record=held, told=told[code], parked=parked[code]) for code, held in records.items()}
        if long := [code for code, page in pages.items() if needs_history(page, entries[code])]:
            for code, history in (await self._store.histories(tenant, long)).items():
                pages[code] = replace(pages[code], told={event.event_id: event for event in history})
        return pages

    def _placed(
        self, pages: dict[str, Page], step: ToldStep, entry: EventRecord, *, faults: Mapping[str, Fault], now: datetime
    ) -> Taken | Exception:
        """What became of one step; its page is turned only if it was taken."""
        clerk = Clerk(partial(self._drafts, context=step.context), now=now, clock=self._clock)
        try:
            if step.code not in pages:
                raise intake.unknown_dossier()
            check_papers(entry.document, faults)
            pages[step.code], taken = clerk.take(pages[step.code], entry)
        except GatewayError as exc:
            return exc
        except Exception:
            log.exception("step_not_placed")
            return GatewayError("Something went wrong on our side; it is logged.")
        return taken

    async def _write(self, tenant: str, pages: Sequence[Page], *, movers: Mapping[str, Context]) -> None:
        """`movers`: by dossier, the caller who moved it last. Its files go out in that name."""
        if moved := [page for page in pages if page.applied]:
            told = [each for page in moved for each in page.applied]
            await self._store.advance(tenant, [page.record for page in moved], told)
            uploads = [
                draft
                for page in moved
                for draft in await self._uploads(
                    page.record,
                    whose_papers(page.record, [step for _, step in page.applied]),
                    context=movers[page.record.code],
                )
            ]
            await self._enqueue([*uploads, *(draft for page in moved for draft in page.drafts)])
        if changed := [parked for page in pages for parked in page.changed.values()]:
            await self._store.park(tenant, *changed)
        for each in changed:
            if each.settled_as:
                name = tenant, each.code, each.event.event_id
                await self._store.settle(*name, settled_as=each.settled_as, now=self._clock())

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

    async def clocks(self, code: str, *, context: Context) -> Clocks:
        """The law's clocks, by the rule pack that the dossier keeps."""
        record = await self._store.find(context.tenant, code)
        if record is None:
            raise intake.unknown_dossier()
        told, pack = await self._store.events(context.tenant, code), pack_named(load_packs(), record.pack)
        return clocks(record, told, pack=pack, calendar=load_calendar(), now=self._clock())

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
        else:
            intake.check_origin(held, document)
            # Dates that steps have filled in stay, unless the province now says them itself
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

    def _target(self, document: Mapping[str, Any]) -> str:
        """Where a new dossier goes, for good: by its procedure and the day of its reception (SYN-10)."""
        received = document.get("received_at")
        day = local_day(datetime.fromisoformat(received) if received else self._clock())
        procedure = ProcedureCode.national_of(document.get("procedure", {}).get("code", ""))
        return self._exchange.system_for(opening(document), on=day, procedure=procedure)

    def _drafts(self, record: DossierRecord, told: Sequence[Told], *, context: Context) -> list[Draft]:
        fit = self._papers.fit(told, stream=_stream(record)) if self._papers else told
        name: dict[str, Any] = {"key": record.code, "context": context, "target": record.target}
        return [self._exchange.draft(one.operation, one.document, **name) for one in fit]

    async def _faults(self, documents: Iterable[Mapping[str, Any]], *, tenant: str) -> Mapping[str, Fault]:
        return await self._papers.faults(documents, tenant=tenant) if self._papers else {}

    async def _uploads(
        self, record: DossierRecord, documents: Iterable[Mapping[str, Any]], *, context: Context
    ) -> list[Draft]:
        told = await self._papers.uploads(documents, stream=_stream(record)) if self._papers else ()
        return self._drafts(record, told, context=context) if told else []

    async def _enqueue(self, drafts: list[Draft]) -> None:
        await self._outbox.enqueue(drafts, now=self._clock())


def _stream(record: DossierRecord) -> StreamKey:
    return StreamKey(tenant=record.tenant, target=record.target, key=record.code)
