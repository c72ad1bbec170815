"""Jobs in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.delivery.jobs.model import DONE, Item, Job, JobState
from gateway.delivery.jobs.store import End

OPEN = {JobState.DRAFTED, JobState.INTERRUPTED}


class MemoryJobs:
    def __init__(self) -> None:
        self._jobs: dict[tuple[str, str], Job] = {}
        self._items: dict[tuple[str, str], list[Item]] = {}

    async def add(self, job: Job, items: Sequence[Item]) -> None:
        self._jobs[job.tenant, job.id] = job
        self._items[job.tenant, job.id] = list(items)

    async def find(self, tenant: str, job_id: str) -> Job | None:
        return self._jobs.get((tenant, job_id))

    async def listed(self, tenant: str, *, before: datetime | None = None, limit: int) -> Sequence[Job]:
        found = [j for j in self._jobs.values() if j.tenant == tenant and (before is None or j.begun_at < before)]
        return sorted(found, key=lambda job: (job.begun_at, job.id), reverse=True)[:limit]

    async def running(self, tenant: str, *, since: datetime) -> Sequence[Job]:
        found = [job for job in self._jobs.values() if job.tenant == tenant and job.moved_at >= since]
        return [job for job in found if job.state is JobState.RUNNING]

    async def items(self, job: Job, *, after: int = 0, outcome: str | None = None, limit: int) -> Sequence[Item]:
        found = [item for item in self._items.get((job.tenant, job.id), []) if item.number > after]
        return [item for item in found if outcome in {None, item.outcome}][:limit]

    async def take(self, job: Job, *, owner: str, now: datetime, stale: datetime) -> Job | None:
        held = self._jobs[job.tenant, job.id]
        is_lost = held.state is JobState.RUNNING and held.moved_at < stale
        if held.state not in OPEN and not is_lost:
            return None
        return self._put(held, state=JobState.RUNNING, owner=owner, moved_at=now, trouble="", trouble_vi="")

    async def keep(self, job: Job, *, now: datetime) -> bool:
        return self._fenced(job, moved_at=now)

    async def tell(self, job: Job, item: Item, outcome: str) -> None:
        items = self._items[job.tenant, job.id]
        items[item.number - 1] = replace(item, outcome=outcome)
        held = self._jobs[job.tenant, job.id]
        is_done = outcome == DONE
        self._put(held, done=held.done + is_done, refused=held.refused + (not is_done))

    async def count(self, job: Job, done: int, *, now: datetime) -> bool:
        return self._fenced(job, done=done, total=max(job.total, done), moved_at=now)

    async def end(self, job: Job, end: End) -> bool:
        ended_at = end.at if end.state is JobState.ENDED else None
        told = {"trouble": end.trouble, "trouble_vi": end.trouble_vi}
        return self._fenced(job, state=end.state, owner="", moved_at=end.at, ended_at=ended_at, **told)

    async def stop(self, tenant: str, job_id: str, *, now: datetime) -> bool:
        held = self._jobs.get((tenant, job_id))
        if held is None or held.state is not JobState.RUNNING:
            return False
        self._put(held, state=JobState.INTERRUPTED, owner="", moved_at=now)
        return True

    async def forget(self, tenant: str, *, before: datetime) -> None:
        for name, job in list(self._jobs.items()):
            if job.tenant == tenant and job.begun_at < before and job.state is not JobState.RUNNING:
                del self._jobs[name], self._items[name]

    def _fenced(self, job: Job, **changes: Any) -> bool:
        held = self._jobs[job.tenant, job.id]
        if held.owner != job.owner or held.state is not JobState.RUNNING:
            return False
        self._put(held, **changes)
        return True

    def _put(self, job: Job, **changes: Any) -> Job:
        self._jobs[job.tenant, job.id] = changed = replace(job, **changes)
        return changed
