"""Verifications of the log in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gateway.audit.checks import ALIVE, Begun, Check, Ended
from gateway.audit.findings import Finding
from gateway.database import Database, queries

SQL = queries("oversight")


class PostgresChecks:
    """Implements `CheckStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, tenant: str, begun: Begun) -> Check | None:
        values = {"tenant": tenant, **asdict(begun), "alive": begun.at - ALIVE}
        row = await (await self._database.run(SQL["begin_check"], values)).fetchone()
        return _check(row) if row else None

    async def move(self, tenant: str, check: Check) -> None:
        values = {"id": check.id, "done": check.done, "first_row": check.first_row, "at": check.moved_at}
        await self._database.run(SQL["move_check"], {"tenant": tenant, **values})

    async def end(self, tenant: str, check_id: int, ended: Ended) -> None:
        found = ended.finding
        said = {
            "finding_row": found.index if found else None,
            "finding": found.text if found else "",
            "finding_vi": found.text_vi if found else "",
        }
        await self._database.run(SQL["end_check"], {"tenant": tenant, "id": check_id, **asdict(ended), **said})

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Check]:
        cursor = await self._database.run(SQL["checks"], {"tenant": tenant, "limit": limit})
        return [_check(row) for row in await cursor.fetchall()]


def _check(row: dict[str, Any]) -> Check:
    return Check(
        id=row["id"],
        begun=Begun(whole=row["whole"], size=row["size"], at=row["begun_at"], by=row["begun_by"]),
        moved_at=row["moved_at"],
        first_row=row["first_row"],
        done=row["done"],
        ended=_ended(row) if row["ended_at"] else None,
    )


def _ended(row: dict[str, Any]) -> Ended:
    finding = Finding(index=row["finding_row"], text=row["finding"], text_vi=row["finding_vi"])
    plain = ("first_row", "done", "signed", "checkpoints", "bodies", "erased", "failure")
    return Ended(at=row["ended_at"], finding=finding if row["finding"] else None, **{name: row[name] for name in plain})
