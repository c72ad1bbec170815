"""What the public status page is told of the traffic: conditions and counts, nothing of the inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from gateway.domain import VIETNAM, local_day
from gateway.maintenance.status import Condition, Day
from gateway.traffic.board import Board
from gateway.traffic.model import Grain, Wanted
from gateway.traffic.state import State
from gateway.traffic.store import TrafficStore

CONDITIONS = {
    State.OPEN: Condition.WORKING,
    State.SLOW: Condition.TROUBLED,
    State.BROKEN: Condition.DOWN,
    State.PAUSED: Condition.PAUSED,
    State.MAINTENANCE: Condition.SUSPENDED,
    State.UNKNOWN: Condition.UNKNOWN,
}
FOREVER = timedelta(days=800)


class PublicSight:
    """One tenant's."""

    def __init__(self, board: Board, store: TrafficStore, *, tenant: str) -> None:
        self._board = board
        self._store = store
        self._tenant = tenant

    async def conditions(self) -> Mapping[str, Condition]:
        view = await self._board.view(self._tenant)
        return {card.system: CONDITIONS[card.state] for card in view.cards}

    async def days(self, since: date) -> Mapping[str, Sequence[Day]]:
        """Days on which nothing was asked are missing."""
        begins = datetime.combine(since, time(), VIETNAM)
        wanted = Wanted(grain=Grain.DAY, since=begins, until=begins + FOREVER)
        found: dict[str, list[Day]] = {}
        for (system, at), tally in sorted((await self._store.all_spans(self._tenant, wanted)).items()):
            if tally.answered:
                day = Day(day=local_day(at), calls=tally.answered, failed=tally.technical)
                found.setdefault(system, []).append(day)
        return found
