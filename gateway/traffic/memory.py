"""Counters in dictionaries, for tests. `log` stands for what the indexer has written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from gateway.traffic.model import Grain, Row, Sample, Shared, Sharing, Tally, Wanted
from gateway.traffic.store import KEPT
from gateway.traffic.tally import Key, SharingKey, add, counted, floor, shared, together


class MemoryTraffic:
    def __init__(self) -> None:
        self.log: dict[str, list[Row]] = {}
        self._places: dict[str, tuple[int, datetime]] = {}
        self._counts: dict[str, dict[Key, Tally]] = {}
        self._shared: dict[str, dict[SharingKey, Tally]] = {}
        self._samples: dict[str, dict[tuple[Grain, datetime, str], Sample]] = {}

    async def count(self, tenant: str, *, most: int, now: datetime) -> int:
        start, _ = await self.place(tenant)
        rows = [row for row in self.log.get(tenant, []) if row.index >= start][:most]
        counts, months = self._counts.setdefault(tenant, {}), self._shared.setdefault(tenant, {})
        counts |= {key: add(counts.get(key, Tally()), tally) for key, tally in counted(rows).items()}
        months |= {month: add(months.get(month, Tally()), tally) for month, tally in shared(rows).items()}
        until = min(rows[-1].recorded_at, now) if rows and len(rows) == most else now
        self._places[tenant] = (rows[-1].index + 1 if rows else start, until)
        return len(rows)

    async def sample(self, tenant: str, samples: Sequence[Sample], *, now: datetime) -> None:
        held = self._samples.setdefault(tenant, {})
        for sample in samples:
            for grain in Grain:
                key = (grain, floor(now, grain), sample.target)
                before = held.get(key, sample)
                held[key] = Sample(
                    target=sample.target,
                    waiting=max(before.waiting, sample.waiting),
                    held=max(before.held, sample.held),
                    messages=max(before.messages, sample.messages),
                    oldest_s=max(before.oldest_s, sample.oldest_s),
                )

    async def forget(self, tenant: str, *, now: datetime) -> None:
        for table in (self._counts.get(tenant, {}), self._samples.get(tenant, {})):
            for key in [key for key in table if key[1] < now - KEPT[key[0]]]:
                del table[key]  # type: ignore[arg-type]  # both tables begin their keys alike

    async def spans(self, tenant: str, wanted: Wanted) -> Mapping[datetime, Tally]:
        found: dict[datetime, Tally] = {}
        for key, tally in self._within(tenant, wanted):
            if wanted.system == key[3] or (not wanted.system and ":" not in key[3]):
                found[key[1]] = add(found.get(key[1], Tally()), tally)
        return dict(sorted(found.items()))

    async def all_spans(self, tenant: str, wanted: Wanted) -> Mapping[tuple[str, datetime], Tally]:
        found: dict[tuple[str, datetime], Tally] = {}
        for (_, at, _, system, _), tally in self._within(tenant, wanted):
            found[system, at] = add(found.get((system, at), Tally()), tally)
        return found

    async def by_system(self, tenant: str, wanted: Wanted) -> Mapping[str, Tally]:
        within = self._within(tenant, wanted)
        return {
            system: together(tally for key, tally in within if key[3] == system)
            for system in {key[3] for key, _ in within}
        }

    def _within(self, tenant: str, wanted: Wanted) -> list[tuple[Key, Tally]]:
        return [
            (key, tally)
            for key, tally in self._counts.get(tenant, {}).items()
            if key[0] is wanted.grain and wanted.since <= key[1] < wanted.until and key[2] == wanted.kind
        ]

    async def backlog(self, tenant: str, wanted: Wanted) -> Sequence[tuple[datetime, Sample]]:
        found = [
            (at, sample)
            for (grain, at, target), sample in self._samples.get(tenant, {}).items()
            if grain is wanted.grain and wanted.since <= at < wanted.until and wanted.system in {"", target}
        ]
        return sorted(found, key=lambda one: (one[0], one[1].target))

    async def sharing(self, tenant: str, month: date) -> Sharing:
        rows = [
            Shared(kind=kind, system=system, actor=actor, operation=operation, tally=tally)
            for (of, kind, system, actor, operation), tally in sorted(self._shared.get(tenant, {}).items())
            if of == month
        ]
        return Sharing(month=month, rows=rows, counted=(await self.place(tenant))[0])

    async def months(self, tenant: str, *, limit: int) -> Sequence[date]:
        return sorted({key[0] for key in self._shared.get(tenant, {})}, reverse=True)[:limit]

    async def place(self, tenant: str) -> tuple[int, datetime | None]:
        return self._places.get(tenant, (0, None))
