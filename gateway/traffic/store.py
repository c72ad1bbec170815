"""The port to the counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from gateway.traffic.model import Grain, Sample, Sharing, Tally, Wanted

KEPT = {Grain.MINUTE: timedelta(days=3), Grain.HOUR: timedelta(days=35), Grain.DAY: timedelta(days=800)}
"""How long spans of a grain are kept; what is shared by month is kept."""


class TrafficStore(Protocol):
    async def count(self, tenant: str, *, most: int, now: datetime) -> int:
        """Count the next rows of the log, up to `most`, each exactly once, whatever ends the process. How many they
        were."""

    async def sample(self, tenant: str, samples: Sequence[Sample], *, now: datetime) -> None:
        """Note how the lanes stand; of several within a span the highest of each figure stays."""

    async def forget(self, tenant: str, *, now: datetime) -> None:
        """Delete spans that are older than `KEPT`."""

    async def spans(self, tenant: str, wanted: Wanted) -> Mapping[datetime, Tally]:
        """By beginning; spans in which nothing was counted are missing."""

    async def all_spans(self, tenant: str, wanted: Wanted) -> Mapping[tuple[str, datetime], Tally]:
        """The same of each system by itself; `wanted.system` is not looked at."""

    async def by_system(self, tenant: str, wanted: Wanted) -> Mapping[str, Tally]:
        """All spans together, of each system; `wanted.system` is not looked at."""

    async def backlog(self, tenant: str, wanted: Wanted) -> Sequence[tuple[datetime, Sample]]:
        """By beginning and target; `wanted.kind` is not looked at."""

    async def sharing(self, tenant: str, month: date) -> Sharing:
        """Of the month that begins on this day."""

    async def months(self, tenant: str, *, limit: int) -> Sequence[date]:
        """Months in which something was shared, newest first."""

    async def place(self, tenant: str) -> tuple[int, datetime | None]:
        """Index of the first leaf that is not counted, and until when whatever was recorded is counted; None: nothing
        ever was."""
