"""Rechecks in PostgreSQL; requests and results are sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import orjson
from pydantic import TypeAdapter

from gateway.callbacks.model import Lease
from gateway.database import Database, queries
from gateway.lookups.model import Verification
from gateway.rechecks.model import (
    CallbackState,
    Contents,
    Recheck,
    RecheckOperation,
    RecheckState,
)
from gateway.signing.model import Sealer

SQL = queries("rechecks")
REQUEST, RESULT = "recheck/request", "recheck/result"
COLUMNS = tuple(column.name for column in fields(Recheck))
RESULTS = TypeAdapter(Verification)


class PostgresRechecks:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, recheck: Recheck, request: Mapping[str, Any]) -> Recheck:
        purpose = _purpose(REQUEST, recheck.tenant, recheck.recheck_id)
        sealed = self._sealer.seal(orjson.dumps(dict(request)), purpose=purpose)
        rows = await self._rows("add", **asdict(recheck), request=sealed)
        if not rows:
            rows = await self._rows("find", tenant=recheck.tenant, recheck_id=recheck.recheck_id)
        return _recheck(rows[0])

    async def find(self, tenant: str, recheck_id: str) -> Recheck | None:
        rows = await self._rows("find", tenant=tenant, recheck_id=recheck_id)
        return _recheck(rows[0]) if rows else None

    async def contents(self, tenant: str, recheck_id: str) -> Contents:
        rows = await self._rows("find", tenant=tenant, recheck_id=recheck_id)
        request, result = (rows[0]["request"], rows[0]["result"]) if rows else (None, None)
        asked, found = (_purpose(kind, tenant, recheck_id) for kind in (REQUEST, RESULT))
        return Contents(
            request=orjson.loads(self._sealer.unseal(request, purpose=asked)) if request else None,
            result=RESULTS.validate_json(self._sealer.unseal(result, purpose=found)) if result else None,
        )

    async def claim(self, tenant: str, operation: RecheckOperation, *, lease: Lease, most: int) -> Sequence[Recheck]:
        return _in_order(await self._rows("claim", tenant=tenant, operation=operation, most=most, **asdict(lease)))

    async def claim_calls(self, tenant: str, *, lease: Lease, most: int) -> Sequence[Recheck]:
        return _in_order(await self._rows("claim_calls", tenant=tenant, most=most, **asdict(lease)))

    async def postpone_calls(self, tenant: str, client_id: str, *, until: datetime) -> None:
        await self._count("postpone_calls", tenant=tenant, client_id=client_id, until=until)

    async def settle(self, after: Recheck, *, owner: str, result: Verification | None = None) -> bool:
        purpose = _purpose(RESULT, after.tenant, after.recheck_id)
        sealed = self._sealer.seal(RESULTS.dump_json(result), purpose=purpose) if result else None
        return await self._count("settle", **asdict(after), owner=owner, result=sealed) == 1

    async def withdraw(self, tenant: str, recheck_id: str, *, now: datetime) -> bool:
        return await self._count("withdraw", tenant=tenant, recheck_id=recheck_id, now=now) == 1

    async def hurry(self, tenant: str, recheck_id: str, *, now: datetime) -> bool:
        return await self._count("hurry", tenant=tenant, recheck_id=recheck_id, now=now) == 1

    async def latest(self, tenant: str, *, state: RecheckState | None, limit: int) -> Sequence[Recheck]:
        return [_recheck(row) for row in await self._rows("latest", tenant=tenant, state=state, limit=limit)]

    async def erase(self, tenant: str, *, ended_before: datetime, now: datetime) -> int:
        return await self._count("erase", tenant=tenant, ended_before=ended_before, now=now)

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

    async def _count(self, name: str, **values: Any) -> int:
        return (await self._database.run(SQL[name], values)).rowcount


def _purpose(kind: str, tenant: str, name: str) -> str:
    """So that nothing sealed can stand in another row's place."""
    return f"{kind}/{tenant}/{name}"


def _recheck(row: Mapping[str, Any]) -> Recheck:
    told = {
        "operation": RecheckOperation(row["operation"]),
        "state": RecheckState(row["state"]),
        "callback": CallbackState(row["callback"]),
    }
    return Recheck(**{**{name: row[name] for name in COLUMNS}, **told})


def _in_order(rows: Sequence[Mapping[str, Any]]) -> list[Recheck]:
    """An UPDATE returns its rows in no order."""
    return [_recheck(row) for row in sorted(rows, key=lambda row: (row["due"], row["recheck_id"]))]
