"""What the rules are about, read once for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

from gateway.alarms.model import AlarmService
from gateway.alerts.model import Figures, Metric
from gateway.domain import local_day
from gateway.traffic.board import Board, Card, View
from gateway.traffic.store import TrafficStore

MOST_ALARMS = 1000
DAY_S = 86_400

Read = Callable[[str], Awaitable[Figures]]
"""Of one tenant."""


class Sight:
    """The figures of the board, and what belongs to no system. `size`: leaves of a tenant's log."""

    def __init__(
        self, board: Board, alarms: AlarmService, traffic: TrafficStore, *, size: Callable[[str], Awaitable[int]]
    ) -> None:
        self._board = board
        self._alarms = alarms
        self._traffic = traffic
        self._size = size

    async def read(self, tenant: str) -> Figures:
        view = await self._board.view(tenant)
        found = {(metric, card.system): value for card in view.cards for metric, value in of_card(card, view)}
        waiting = await self._alarms.listed(tenant, everything=False, limit=MOST_ALARMS)
        kinds = Counter(alarm.occasion.kind for alarm in waiting)
        place, _ = await self._traffic.place(tenant)
        lag = max(await self._size(tenant) - place, 0)
        alarms = {(Metric.ALARMS, kind): float(count) for kind, count in kinds.items()}
        return {**found, **alarms, (Metric.ALARMS, ""): float(len(waiting)), (Metric.LAG, ""): float(lag)}


def of_card(card: Card, view: View) -> Iterator[tuple[Metric, float | None]]:
    """A lane that is not there has nothing in it, which is known; a system that nobody asked is not known, nor is one
    while the log is not counted up to now."""
    lane, at = card.lane, view.at
    success, p95 = (card.quarter.success, card.p95) if view.is_fresh else (None, None)
    oldest = (at - lane.oldest).total_seconds() / 60 if lane and lane.oldest else 0.0
    yield Metric.SUCCESS, None if success is None else 100 * success
    yield Metric.P95, p95
    yield Metric.OLDEST, oldest
    yield Metric.HELD, float(lane.held) if lane else 0.0
    yield Metric.BACKLOG, float(lane.messages) if lane else 0.0
    certificate = card.certificate_end
    yield Metric.CERTIFICATE, (certificate - at).total_seconds() / DAY_S if certificate else None
    agreement = card.agreement_end
    yield Metric.AGREEMENT, float((agreement - local_day(at)).days) if agreement else None
