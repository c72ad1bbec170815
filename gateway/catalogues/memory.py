"""Code lists in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from gateway.catalogues.model import CatalogueView, Sync, UnknownCode, Waiting
from gateway.delivery.model import StreamKey
from gateway.domain import local_day


@dataclass(slots=True)
class _Entry:
    code: str
    name: str
    valid_from: date
    valid_to: date | None = None

    def covers(self, since: date, until: date) -> bool:
        return self.valid_from <= until and (self.valid_to is None or self.valid_to >= since)


class MemoryCatalogues:
    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], list[_Entry]] = {}
        self._syncs: dict[tuple[str, str], list[Sync]] = {}
        self._quarantined: dict[StreamKey, dict[UnknownCode, datetime]] = {}

    async def lock(self, tenant: str, catalogue: str) -> Mapping[str, str]:
        return {entry.code: entry.name for entry in self._all(tenant, catalogue) if entry.valid_to is None}

    async def record(self, tenant: str, sync: Sync) -> int:
        told = self._syncs.setdefault((tenant, sync.catalogue), [])
        changes = sync.applied and not sync.drift.is_empty
        version = (told[-1].version if told else 0) + changes
        told.append(replace(sync, version=version))
        if changes:
            self._apply(tenant, sync)
        return version

    async def views(self, tenant: str) -> Sequence[CatalogueView]:
        return [
            CatalogueView(
                catalogue=catalogue,
                version=told[-1].version,
                codes=len(await self.lock(tenant, catalogue)),
                looked_at=told[-1].at,
                changed_at=max((s.at for s in told if s.applied and not s.drift.is_empty), default=None),
            )
            for (owner, catalogue), told in sorted(self._syncs.items())
            if owner == tenant
        ]

    async def entries(self, tenant: str, catalogue: str, *, on: date) -> Mapping[str, str]:
        return {entry.code: entry.name for entry in self._all(tenant, catalogue) if entry.covers(on, on)}

    async def version(self, tenant: str, catalogue: str, *, on: date) -> int:
        told = self._syncs.get((tenant, catalogue), [])
        return max((sync.version for sync in told if local_day(sync.at) <= on), default=0)

    async def reports(self, tenant: str, *, limit: int) -> Sequence[Sync]:
        told = [
            s for (owner, _), syncs in self._syncs.items() if owner == tenant for s in syncs if not s.drift.is_empty
        ]
        return sorted(sorted(told, key=lambda s: s.catalogue), key=lambda s: s.at, reverse=True)[:limit]

    async def examine(
        self, stream: StreamKey, codes: Sequence[UnknownCode], *, since: date, until: date
    ) -> tuple[Sequence[UnknownCode], bool]:
        unknown = [
            code
            for code in codes
            if (held := self._all(stream.tenant, code.catalogue))
            and not any(entry.code == code.code and entry.covers(since, until) for entry in held)
        ]
        return unknown, stream in self._quarantined

    async def quarantine(self, stream: StreamKey, codes: Sequence[UnknownCode], *, now: datetime) -> None:
        self._quarantined.setdefault(stream, {}).update(dict.fromkeys(codes, now))

    async def leave(self, stream: StreamKey) -> None:
        self._quarantined.pop(stream, None)

    async def freed(self, tenant: str) -> Sequence[StreamKey]:
        free = [
            stream
            for stream, codes in sorted(self._quarantined.items(), key=lambda item: item[0])
            if stream.tenant == tenant and all(self._in_force(tenant, code) for code in codes)
        ]
        for stream in free:
            del self._quarantined[stream]
        return free

    async def waiting(self, tenant: str, *, limit: int) -> Sequence[Waiting]:
        found = [
            Waiting(stream=stream, unknown=unknown, since=since)
            for stream, codes in self._quarantined.items()
            if stream.tenant == tenant
            for unknown, since in codes.items()
        ]
        return sorted(found, key=lambda waiting: (waiting.since, waiting.stream, waiting.unknown))[:limit]

    def _in_force(self, tenant: str, code: UnknownCode) -> bool:
        return any(e.code == code.code and e.valid_to is None for e in self._all(tenant, code.catalogue))

    def _all(self, tenant: str, catalogue: str) -> list[_Entry]:
        return self._entries.setdefault((tenant, catalogue), [])

    def _apply(self, tenant: str, sync: Sync) -> None:
        entries, day, found = self._all(tenant, sync.catalogue), local_day(sync.at), sync.drift
        for entry in entries:
            if entry.valid_to is None and (entry.code in found.vanished or entry.code in found.changed):
                entry.valid_to = day - timedelta(days=1)
        begun = {**found.added, **{code: new for code, (_, new) in found.changed.items()}}
        entries[:] = [entry for entry in entries if not (entry.code in begun and entry.valid_from == day)]
        entries.extend(_Entry(code, name, day) for code, name in begun.items())
