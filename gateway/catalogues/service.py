"""Take code lists over from the portal, tell what drifted, and let go what waited for a code (COD-11, COD-12)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Protocol

import structlog

from gateway.catalogues.model import (
    PROCEDURES,
    CatalogueView,
    CodedField,
    Sync,
    UnknownCode,
    drift,
    entries_of,
    is_believable,
    known_as,
    question,
)
from gateway.catalogues.store import CatalogueStore
from gateway.delivery.model import Draft, StreamKey, Trouble, Verdict
from gateway.delivery.store import Outbox
from gateway.domain import Context, local_day
from gateway.exchange.model import Exchange
from gateway.sdk import Answered, ProtocolViolation
from gateway.sdk.errors import NotFoundError

UNKNOWN_CODE = "caller.unknown_code"

log = structlog.get_logger()


class CatalogueService(Protocol):
    """What is read of the lists."""

    async def views(self, tenant: str) -> Sequence[CatalogueView]: ...

    async def entries(self, name: str, *, on: date, context: Context) -> tuple[int, Mapping[str, str]]:
        """The version of that day and its codes; `NotFoundError` for a list that was never looked at."""

    async def versions(self, code: str, *, context: Context) -> Sequence[CodedField]:
        """By which catalogue and version each coded field of a dossier is understood; `NotFoundError`."""


class Record(Protocol):
    """What is read of a dossier."""

    @property
    def document(self) -> Mapping[str, Any]: ...


class Catalogues:
    """Synchronisation and quarantine. Implements `CatalogueService`."""

    def __init__(
        self,
        store: CatalogueStore,
        outbox: Outbox,
        *,
        exchange: Exchange,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
        find: Callable[[str, str], Awaitable[Record | None]],
    ) -> None:
        """`find`: the dossier of (tenant, code)."""
        self._find = find
        self._store = store
        self._outbox = outbox
        self._exchange = exchange
        self._atomically = atomically
        self._clock = clock

    async def sync(self, catalogue: str, *, context: Context, believe: bool = False) -> Sync:
        """Look at one list. `believe`: a person has looked at what vanished and takes it as it is. An answer that is
        no list raises `ProtocolViolation`, and the old list stays."""
        operation, given = question(catalogue)
        exchanged = await self._exchange.ask(operation, given, context=context, reference=catalogue)
        if not isinstance(exchanged.outcome, Answered):
            raise ProtocolViolation(
                f"The list of {catalogue} is empty there; the old one stays.",
                vi=f"Danh mục {catalogue} ở bên cấp đang trống; giữ danh mục cũ.",
            )
        after = entries_of(catalogue, exchanged.canonical)
        async with self._atomically():
            before = await self._store.lock(context.tenant, catalogue)
            found = Sync(
                catalogue=catalogue,
                at=self._clock(),
                applied=believe or is_believable(before, after),
                drift=drift(before, after),
            )
            found = replace(found, version=await self._store.record(context.tenant, found))
            for stream in await self._store.freed(context.tenant):
                await self._let_go(stream)
        counts = {part: len(getattr(found.drift, part)) for part in ("added", "changed", "vanished")}
        log.info("catalogue_synced", catalogue=catalogue, applied=found.applied, **counts)
        return found

    async def views(self, tenant: str) -> Sequence[CatalogueView]:
        return await self._store.views(tenant)

    async def entries(self, name: str, *, on: date, context: Context) -> tuple[int, Mapping[str, str]]:
        tenant = context.tenant
        if not any(view.catalogue == name for view in await self._store.views(tenant)):
            raise NotFoundError("No such catalogue was taken over.", vi="Chưa lấy danh mục nào mang tên này.")
        return await self._store.version(tenant, name, on=on), await self._store.entries(tenant, name, on=on)

    async def versions(self, code: str, *, context: Context) -> Sequence[CodedField]:
        if (record := await self._find(context.tenant, code)) is None:
            raise NotFoundError("No dossier has this code.", vi="Chưa có hồ sơ mang mã này.")
        day = _received_on(record.document, local_day(self._clock()))
        known = {view.catalogue: view.version for view in await self._store.views(context.tenant)}
        found = []
        for told in coded_fields(record.document):
            version = await self._store.version(context.tenant, told.catalogue, on=day)
            first = min(known.get(told.catalogue, 0), 1)  # received before the list was first taken over
            found.append(replace(told, version=max(version, first)))
        return found

    async def check(self, draft: Draft, document: Mapping[str, Any]) -> Sequence[UnknownCode]:
        """Hold the stream of a dossier whose newest version, just enqueued as `draft`, names an unknown code: nothing
        is guessed, nothing is lost. The sync that brings the code lets it go, and so does a corrected version, which
        then stands for every version that waits. A code that was in force when the dossier was received, or since, is
        known. Joins the transaction that is open."""
        stream, now = draft.stream, self._clock()
        codes, today = [UnknownCode(told.catalogue, told.code) for told in coded_fields(document)], local_day(now)
        since = _received_on(document, today)
        unknown, waited = await self._store.examine(stream, codes, since=since, until=today)
        if waited:
            await self._store.leave(stream)
            await self._outbox.supersede(stream, draft.operation)
        if unknown:
            await self._store.quarantine(stream, unknown, now=now)
            await self._hold(stream, _trouble(unknown))
        elif waited:
            await self._let_go(stream)
        return unknown

    async def _hold(self, stream: StreamKey, trouble: Trouble) -> None:
        """With the newest text, if an unknown code is what it is held for already."""
        await self._let_go(stream)
        await self._outbox.stop(stream, trouble)

    async def _let_go(self, stream: StreamKey) -> None:
        """If an unknown code is still what it is held for. The target is asked before anything is sent again."""
        views = await self._outbox.views(stream.tenant, stream.key, now=self._clock())
        if any(v.stream == stream and v.trouble and v.trouble.code == UNKNOWN_CODE for v in views):
            await self._outbox.release(stream, Verdict.UNKNOWN, now=self._clock())


def coded_fields(document: Mapping[str, Any]) -> list[CodedField]:
    """The fields of a dossier whose codes are of a catalogue: of its procedure and its field of activity."""
    named = (("procedure", PROCEDURES), ("field", "fields"))
    told = [(part, catalogue, (document.get(part) or {}).get("code")) for part, catalogue in named]
    return [
        CodedField(field=f"/{part}/code", code=known_as(catalogue, code), catalogue=catalogue)
        for part, catalogue, code in told
        if code
    ]


def _received_on(document: Mapping[str, Any], today: date) -> date:
    received = document.get("received_at")
    return min(local_day(datetime.fromisoformat(received)), today) if received else today


def _trouble(unknown: Sequence[UnknownCode]) -> Trouble:
    told = ", ".join(f"{code.catalogue} {code.code}" for code in sorted(unknown))
    return Trouble(
        code=UNKNOWN_CODE,
        detail=f"The portal's catalogues do not hold: {told}. Correct it, or wait for the sync that brings it.",
        detail_vi=f"Danh mục của Cổng không có: {told}. Hãy sửa mã, hoặc chờ lần đồng bộ danh mục kế tiếp.",
    )
