"""Arrivals in a list, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.arrivals.model import Arrival, ArrivalView


class MemoryArrivals:
    def __init__(self) -> None:
        self.kept: list[tuple[str, bytes, Arrival]] = []

    async def keep(self, tenant: str, arrival: Arrival, *, digest: bytes) -> ArrivalView:
        same_matter = [
            (number, known, held)
            for number, (owner, known, held) in enumerate(self.kept)
            if (owner, *_matter(held.view)) == (tenant, *_matter(arrival.view))
        ]
        for number, known, held in same_matter:
            if known == digest:
                again = replace(held.view, deliveries=held.view.deliveries + 1)
                return self._replace(number, again)
        view = replace(arrival.view, cursor=len(self.kept) + 1, version=len(same_matter) + 1)
        self.kept.append((tenant, digest, replace(arrival, view=view)))
        return view

    async def after(self, tenant: str, *, cursor: int, limit: int, everything: bool) -> Sequence[ArrivalView]:
        found = [held.view for owner, _, held in self.kept if owner == tenant and held.view.cursor > cursor]
        return [view for view in found if everything or view.acknowledged_at is None][:limit]

    async def find(self, tenant: str, arrival_id: str) -> Arrival | None:
        return next((held for owner, _, held in self.kept if (owner, held.view.id) == (tenant, arrival_id)), None)

    async def acknowledge(self, tenant: str, arrival_id: str, *, by: str, now: datetime) -> ArrivalView | None:
        for number, (owner, _, held) in enumerate(self.kept):
            if (owner, held.view.id) == (tenant, arrival_id):
                if held.view.acknowledged_at is not None:
                    return held.view
                return self._replace(number, replace(held.view, acknowledged_at=now, acknowledged_by=by))
        return None

    def _replace(self, number: int, view: ArrivalView) -> ArrivalView:
        owner, digest, held = self.kept[number]
        self.kept[number] = (owner, digest, replace(held, view=view))
        return view


def _matter(view: ArrivalView) -> tuple[str, str, str]:
    return view.system, view.event, view.key
