"""Marks of look-ups in PostgreSQL, shared by all processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gateway.database import Database, queries
from gateway.restraint.judge import HOUR
from gateway.restraint.model import Look, Seen, Window

SQL = queries("restraint")


class PostgresRestraint:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def admit(self, look: Look, within: Sequence[Window], *, now: datetime) -> Seen:
        """A statement by itself: what is under way around it may fail, the look-up was tried all the same."""
        values = {
            **asdict(look),
            "now": now,
            "parties": [window.party for window in within],
            "spans": [window.span for window in within],
            "begins": [window.began_at for window in within],
            "hour": within[HOUR].began_at,
        }
        row = await (await self._database.run_alone(SQL["admit"], values)).fetchone()
        assert row is not None
        return Seen(**row["seen"])

    async def missed(self, look: Look, *, missed: bool, hour: datetime) -> None:
        await self._database.run_alone(SQL["missed"], {**asdict(look), "missed": missed, "hour": hour})

    async def block(self, tenant: str, parties: Sequence[str], *, until: datetime) -> None:
        values = {"tenant": tenant, "parties": list(parties), "until": until}
        await self._database.run(SQL["block"], values)

    async def lift(self, tenant: str, parties: Sequence[str], *, now: datetime) -> Sequence[str]:
        values: dict[str, Any] = {"tenant": tenant, "parties": list(parties), "now": now}
        rows = await (await self._database.run(SQL["lift"], values)).fetchall()
        return [row["party"] for row in rows]

    async def sweep(self, tenant: str, *, before: datetime) -> int:
        row = await (await self._database.run(SQL["sweep"], {"tenant": tenant, "before": before})).fetchone()
        assert row is not None
        return int(row["n"])
