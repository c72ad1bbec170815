"""Jobs in PostgreSQL. Nothing in them is personal: names of streams, numbers, codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from gateway.database import Database, queries
from gateway.delivery.jobs.model import Item, Job, JobState, Work
from gateway.delivery.jobs.store import End

SQL = queries("jobs")


class PostgresJobs:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, job: Job, items: Sequence[Item]) -> None:
        values = {
            **_name(job),
            "what": job.what.value,
            "state": job.state.value,
            "parameters": _json(job.parameters),
            "total": job.total,
            "asked_by": job.asked_by,
            "now": job.begun_at,
        }
        rows = {
            "number": [item.number for item in items],
            "key": [item.key for item in items],
            "said": [_json(item.said) for item in items],
        }
        async with self._database.transaction() as connection:
            await connection.execute(SQL["add"], values)
            await connection.execute(SQL["add_items"], {**_name(job), **rows})

    async def find(self, tenant: str, job_id: str) -> Job | None:
        return _one(await self._rows("find", tenant=tenant, id=job_id))

    async def listed(self, tenant: str, *, before: datetime | None = None, limit: int) -> Sequence[Job]:
        return [_job(row) for row in await self._rows("listed", tenant=tenant, before=before, limit=limit)]

    async def running(self, tenant: str, *, since: datetime) -> Sequence[Job]:
        return [_job(row) for row in await self._rows("running", tenant=tenant, since=since)]

    async def items(self, job: Job, *, after: int = 0, outcome: str | None = None, limit: int) -> Sequence[Item]:
        rows = await self._rows("items", **_name(job), after=after, outcome=outcome, limit=limit)
        return [Item(**row) for row in rows]

    async def take(self, job: Job, *, owner: str, now: datetime, stale: datetime) -> Job | None:
        return _one(await self._rows("take", **_name(job), owner=owner, now=now, stale=stale))

    async def keep(self, job: Job, *, now: datetime) -> bool:
        return await self._fenced("keep", job, now=now)

    async def tell(self, job: Job, item: Item, outcome: str) -> None:
        await self._database.run(SQL["tell"], {**_name(job), "number": item.number, "outcome": outcome})

    async def count(self, job: Job, done: int, *, now: datetime) -> bool:
        return await self._fenced("count", job, done=done, now=now)

    async def end(self, job: Job, end: End) -> bool:
        told = {"trouble": end.trouble, "trouble_vi": end.trouble_vi}
        return await self._fenced("end", job, state=end.state.value, now=end.at, **told)

    async def stop(self, tenant: str, job_id: str, *, now: datetime) -> bool:
        values = {"tenant": tenant, "id": job_id, "now": now}
        return (await self._database.run(SQL["stop"], values)).rowcount == 1

    async def forget(self, tenant: str, *, before: datetime) -> None:
        await self._database.run(SQL["forget"], {"tenant": tenant, "before": before})

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

    async def _fenced(self, name: str, job: Job, **values: Any) -> bool:
        cursor = await self._database.run(SQL[name], {**_name(job), "owner": job.owner, **values})
        return cursor.rowcount == 1


def _name(job: Job) -> dict[str, str]:
    return {"tenant": job.tenant, "id": job.id}


def _json(said: Any) -> str:
    return orjson.dumps(dict(said)).decode()


def _one(rows: Sequence[dict[str, Any]]) -> Job | None:
    return _job(rows[0]) if rows else None


def _job(row: dict[str, Any]) -> Job:
    return Job(**{**row, "what": Work(row["what"]), "state": JobState(row["state"])})
