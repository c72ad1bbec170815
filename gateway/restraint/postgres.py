"""Marks of look-ups in PostgreSQL, shared by all processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gateway.database import Database, Gather, queries
from gateway.restraint.model import Look, Seen, Window
from gateway.restraint.postgres_batch import Batch, Tried

SQL = queries("restraint")


class PostgresRestraint:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._admitting: Gather[Tried, Seen] = Gather(self._admit)

    async def admit(self, look: Look, within: Sequence[Window], *, now: datetime) -> Seen:
        """Not part of what is under way around it, which may fail: the look-up was tried all the same. Those that come
        together are one statement, which counts and judges them one after the other."""
        return await self._admitting.do(Tried(look, within, now))

    async def _admit(self, tried: Sequence[Tried]) -> list[Seen]:
        """Tenant by tenant, since each has a lock of its own: two processes that take several in different order would
        wait for each other. Where somebody is blocked nobody was counted yet, and the others are."""
        seen: dict[int, Seen] = {}
        order = sorted(range(len(tried)), key=lambda at: tried[at].look.tenant)
        while order:
            batch = Batch([tried[at] for at in order])
            row = await (await self._database.run_alone(SQL["admit"], batch.values())).fetchone()
            assert row is not None
            if row["blocked"] is None:
                seen.update(zip(order, batch.seen(row), strict=True))
                break
            seen.update((at, Seen(blocked=party)) for at, party in zip(order, row["blocked"], strict=True) if party)
            order = [at for at in order if at not in seen]
        return [seen[at] for at in range(len(tried))]

    async def missed(self, look: Look, *, missed: bool, hour: datetime) -> None:
        await self._database.run_alone(SQL["missed"], {**asdict(look), "missed": missed, "hour": hour})

    async def block(self, tenant: str, parties: Sequence[str], *, until: datetime) -> None:
        values = {"tenant": tenant, "parties": list(parties), "until": until}
        await self._database.run(SQL["block"], values)

    async def lift(self, tenant: str, parties: Sequence[str], *, now: datetime) -> Sequence[str]:
        values: dict[str, Any] = {"tenant": tenant, "parties": list(parties), "now": now}
        async with self._database.transaction() as connection:
            await connection.execute(SQL["turn"], values)  # it takes several rows, as look-ups that come together do
            rows = await (await connection.execute(SQL["lift"], values)).fetchall()
        return [row["party"] for row in rows]

    async def sweep(self, tenant: str, *, before: datetime) -> int:
        row = await (await self._database.run(SQL["sweep"], {"tenant": tenant, "before": before})).fetchone()
        assert row is not None
        return int(row["n"])
