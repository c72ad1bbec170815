"""Marks of look-ups in PostgreSQL, shared by all processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import accumulate
from typing import Any, NamedTuple

import orjson

from gateway.database import Database, Gather, queries
from gateway.database.arrays import Bytes, Moments, Numbers, Texts
from gateway.restraint.judge import HOUR
from gateway.restraint.model import Look, Seen, Window

SQL = queries("restraint")


class Tried(NamedTuple):
    """A look-up that is to be counted."""

    look: Look
    within: Sequence[Window]
    now: datetime


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
        wait for each other."""
        order = sorted(range(len(tried)), key=lambda place: tried[place].look.tenant)
        rows = await (await self._database.run_alone(SQL["admit"], _values([tried[at] for at in order]))).fetchall()
        seen = {at: Seen(**orjson.loads(row["seen"])) for at, row in zip(order, rows, strict=True)}
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


def _values(tried: Sequence[Tried]) -> dict[str, Any]:
    """One array for each column; the windows of all stand in a row, `first` to `last` are those of one."""
    looks = [each.look for each in tried]
    windows = [window for each in tried for window in each.within]
    ends = list(accumulate(len(each.within) for each in tried))
    return {
        "tenants": Texts(look.tenant for look in looks),
        "officers": Texts(look.officer for look in looks),
        "clients": Texts(look.client for look in looks),
        "dossiers": Texts(look.dossier for look in looks),
        "subjects": Bytes([look.subject for look in looks]),
        "nears": Bytes([look.near for look in looks]),
        "questions": Bytes([look.question for look in looks]),
        "nows": Moments([each.now for each in tried]),
        "hours": Moments([each.within[HOUR].began_at for each in tried]),
        "firsts": Numbers([1, *(end + 1 for end in ends[:-1])]),
        "lasts": Numbers(ends),
        "parties": Texts(window.party for window in windows),
        "spans": Texts(window.span for window in windows),
        "begins": Moments([window.began_at for window in windows]),
    }
