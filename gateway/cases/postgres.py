"""Cases in PostgreSQL; what a person wrote is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from gateway.cases.model import Case, CaseKind, Opening, Owner
from gateway.cases.store import Resolved
from gateway.database import Database, queries
from gateway.signing.model import Sealer

SQL = queries("cases")


class PostgresCases:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def open(self, tenant: str, opening: Opening, *, now: datetime, due_at: datetime) -> tuple[Case, bool]:
        values = {
            "tenant": tenant,
            "kind": opening.kind.value,
            "about": opening.about,
            "rail": opening.rail,
            "finder": opening.finder,
            "owner": opening.owner.value,
            "facts": Jsonb(dict(opening.facts)),
            "day": opening.day,
            "now": now,
            "due_at": due_at,
        }
        async with self._database.transaction():
            await self._rows("turn", **values)
            if rows := await self._rows("same", **values):
                return self._case(rows[0]), False
            return self._case((await self._rows("open", **values))[0]), True

    async def listed(
        self, tenant: str, *, everything: bool, limit: int, day: date | None, rail: str = ""
    ) -> Sequence[Case]:
        values = {"tenant": tenant, "everything": everything, "limit": limit, "day": day, "rail": rail}
        return [self._case(row) for row in await self._rows("listed", **values)]

    async def find(self, tenant: str, case_id: int) -> Case | None:
        rows = await self._rows("find", tenant=tenant, id=case_id)
        return self._case(rows[0]) if rows else None

    async def resolve(self, tenant: str, case_id: int, resolved: Resolved) -> Case | None:
        told = orjson.dumps({"by": resolved.by, "resolution": resolved.resolution})
        sealed = self._sealer.seal(told, purpose=_purpose(tenant, case_id))
        values = {"tenant": tenant, "id": case_id, "now": resolved.at, "resolved": sealed}
        rows = await self._rows("resolve", **values, evidence=resolved.evidence)
        return self._case(rows[0]) if rows else None

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        cursor = await self._database.run(SQL[name], values)
        return await cursor.fetchall() if cursor.description else []

    def _case(self, row: dict[str, Any]) -> Case:
        told = {"by": "", "resolution": ""}
        if row["resolved"] is not None:
            told = orjson.loads(self._sealer.unseal(row["resolved"], purpose=_purpose(row["tenant"], row["id"])))
        return Case(
            id=row["id"],
            opening=Opening(
                kind=CaseKind(row["kind"]),
                about=row["about"],
                rail=row["rail"],
                finder=row["finder"],
                owner=Owner(row["owner"]),
                facts=row["facts"],
                day=row["day"],
            ),
            opened_at=row["opened_at"],
            due_at=row["due_at"],
            resolved_at=row["resolved_at"],
            resolved_by=told["by"],
            resolution=told["resolution"],
            evidence=row["evidence"],
        )


def _purpose(tenant: str, case_id: int) -> str:
    return f"case/{tenant}/{case_id}"
