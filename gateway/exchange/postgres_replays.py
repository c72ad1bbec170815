"""Marks of signed messages in PostgreSQL: one process refuses what another one has handled."""

from __future__ import annotations

from datetime import datetime

from gateway.database import Database, queries
from gateway.exchange.replays import LEASE, Begun
from gateway.signing.protection import Mark

SQL = queries("replays")


class PostgresReplays:
    """Implements `Replays`, each step in a transaction of its own: what handles the message has another one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, tenant: str, system: str, mark: Mark, *, now: datetime) -> Begun:
        values = {**_key(tenant, system, mark), "until": mark.until, "now": now, "lease": LEASE}
        if (await self._database.run_alone(SQL["begin"], values)).rowcount == 1:
            return Begun.NOW
        done = await self._database.run_alone(SQL["done"], _key(tenant, system, mark))
        return Begun.BEFORE if await done.fetchone() else Begun.ELSEWHERE

    async def finish(self, tenant: str, system: str, mark: Mark) -> None:
        await self._database.run_alone(SQL["finish"], _key(tenant, system, mark))

    async def forget(self, tenant: str, system: str, mark: Mark) -> None:
        await self._database.run_alone(SQL["forget"], _key(tenant, system, mark))

    async def sweep(self, tenant: str, *, before: datetime) -> int:
        return (await self._database.run_alone(SQL["sweep"], {"tenant": tenant, "before": before})).rowcount


def _key(tenant: str, system: str, mark: Mark) -> dict[str, str | bytes]:
    return {"tenant": tenant, "system": system, "digest": mark.digest}
