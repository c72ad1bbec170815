"""The port to jobs. PostgreSQL implements it (`postgres`), and a dictionary for tests (`memory`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.delivery.jobs.model import Item, Job, JobState


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a run was over."""

    state: JobState
    at: datetime
    trouble: str = ""
    trouble_vi: str = ""


class JobStore(Protocol):
    """Writes join the transaction that is open. What takes a `Job` with an owner is fenced by it: a run that lost its
    job to another one, or was stopped, changes nothing and is told so by `False`."""

    async def add(self, job: Job, items: Sequence[Item]) -> None: ...

    async def find(self, tenant: str, job_id: str) -> Job | None: ...

    async def listed(self, tenant: str, *, before: datetime | None = None, limit: int) -> Sequence[Job]:
        """The newest first, those begun before a moment."""

    async def running(self, tenant: str, *, since: datetime) -> Sequence[Job]:
        """Those that gave a sign since then."""

    async def items(self, job: Job, *, after: int = 0, outcome: str | None = None, limit: int) -> Sequence[Item]:
        """By number; `outcome`: only those with it, `""` those that are not done yet."""

    async def take(self, job: Job, *, owner: str, now: datetime, stale: datetime) -> Job | None:
        """Make it run. None: it has ended, or runs and gave a sign since `stale`."""

    async def keep(self, job: Job, *, now: datetime) -> bool:
        """Give a sign; in a transaction nobody takes or stops it until that ends."""

    async def tell(self, job: Job, item: Item, outcome: str) -> None:
        """What became of one item. Inside the transaction of `keep`."""

    async def count(self, job: Job, done: int, *, now: datetime) -> bool:
        """How far a job has come that has no items."""

    async def end(self, job: Job, end: End) -> bool: ...

    async def stop(self, tenant: str, job_id: str, *, now: datetime) -> bool:
        """Take a running job from whoever has it; waits for the item that is under way."""

    async def forget(self, tenant: str, *, before: datetime) -> None:
        """Drop jobs that were begun before a moment, and do not run; their acts are in the log."""
