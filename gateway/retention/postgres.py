"""Erasing in PostgreSQL. A trigger refuses what a hold covers, whoever deletes; why it is held is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gateway.database import Database, columns, queries
from gateway.retention.model import Erased, Hold, Placed, Scope
from gateway.retention.rewrapping import WrappedKey
from gateway.retention.store import Selection
from gateway.signing.model import Sealer

SQL = queries("retention")


class PostgresRetention:
    """Implements `RetentionStore` and `WrappedKeys`."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def present(self, tenant: str, *, before: datetime) -> Sequence[tuple[str, str]]:
        rows = await self._rows("present", tenant=tenant, before=before)
        return [(row["kind"], row["operation"]) for row in rows]

    async def erase(self, tenant: str, selection: Selection, *, limit: int) -> Erased:
        chosen = {"kind": selection.kind, "operation": selection.operation, "before": selection.before}
        return Erased(**(await self._rows("erase", tenant=tenant, limit=limit, **chosen))[0])

    async def erase_reference(self, tenant: str, reference: str) -> Erased:
        return Erased(**(await self._rows("erase_reference", tenant=tenant, reference=reference))[0])

    async def erase_subjects(self, tenant: str, *, before: datetime, limit: int) -> Erased:
        return Erased(**(await self._rows("erase_subjects", tenant=tenant, before=before, limit=limit))[0])

    async def place(self, tenant: str, hold: Placed) -> Hold:
        values = {
            "reference": hold.scope.reference,
            "first": hold.scope.first,
            "last": hold.scope.last,
            "subject": hold.scope.subject,
            "reason": self._sealer.seal(hold.reason.encode(), purpose=_purpose(tenant)),
            "by": hold.by,
            "at": hold.at,
        }
        async with self._database.transaction() as connection:
            await connection.execute(SQL["still"])
            placed: Any = await (await connection.execute(SQL["place"], {"tenant": tenant, **values})).fetchone()
        return self._hold(placed)

    async def lift(self, tenant: str, hold_id: int, *, by: str, now: datetime) -> Hold | None:
        rows = await self._rows("lift", tenant=tenant, id=hold_id, by=by, now=now)
        return self._hold(rows[0]) if rows else None

    async def holds(self, tenant: str, *, everything: bool) -> Sequence[Hold]:
        return [self._hold(row) for row in await self._rows("holds", tenant=tenant, everything=everything)]

    async def elsewhere(self, tenant: str, kek_id: bytes) -> int:
        return int((await self._rows("elsewhere", tenant=tenant, kek_id=kek_id))[0]["keys"])

    async def under_others(self, tenant: str, kek_id: bytes, *, after: int, limit: int) -> Sequence[WrappedKey]:
        rows = await self._rows("under_others", tenant=tenant, kek_id=kek_id, after=after, limit=limit)
        return [WrappedKey(**row) for row in rows]

    async def put(self, tenant: str, kek_id: bytes, keys: Sequence[WrappedKey]) -> int:
        values = columns([asdict(key) for key in keys], like=("index", "was", "wrapped"))
        return len(await self._rows("put", tenant=tenant, kek_id=kek_id, **values))

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        async with self._database.transaction() as connection:
            return await (await connection.execute(SQL[name], values)).fetchall()

    def _hold(self, row: dict[str, Any]) -> Hold:
        scope = Scope(reference=row["reference"], first=row["first"], last=row["last"], subject=bytes(row["subject"]))
        return Hold(
            id=row["id"],
            scope=scope,
            reason=self._sealer.unseal(row["reason"], purpose=_purpose(row["tenant"])).decode(),
            by=row["placed_by"],
            at=row["placed_at"],
            lifted_by=row["lifted_by"],
            lifted_at=row["lifted_at"],
        )


def _purpose(tenant: str) -> str:
    return f"audit-hold/{tenant}"
