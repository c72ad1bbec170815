"""Agreements and access requests in PostgreSQL; reasons are sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
from psycopg.types.json import Jsonb

from gateway.agreements.model import AccessRequest, AccessState, Agreement, Decision, Terms, Wanted
from gateway.agreements.store import Suspension
from gateway.database import Database, Gather, queries
from gateway.database.arrays import Texts
from gateway.sdk.errors import GatewayError
from gateway.signing.model import Sealer

SQL = queries("agreements")
COLUMNS = ("number", "system", "operations", "since", "until")
"""The terms that rows are searched by; the others are one document."""


class Asked(NamedTuple):
    """What an exchange wants to know of agreements."""

    tenant: str
    system: str
    operation: str


class PostgresAgreements:
    """Implements `AgreementStore`."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._asking: Gather[Asked, Sequence[Agreement]] = Gather(self._of)

    async def add(self, tenant: str, terms: Terms, *, by: str, now: datetime) -> Agreement | None:
        said = asdict(terms)
        columns = {name: said.pop(name) for name in COLUMNS}
        columns["operations"] = list(terms.operations)
        return self._one(await self._rows("add", tenant=tenant, terms=Jsonb(said), by=by, now=now, **columns))

    async def listed(self, tenant: str) -> Sequence[Agreement]:
        return [self._agreement(row) for row in await self._rows("listed", tenant=tenant)]

    async def of(self, tenant: str, system: str, operation: str) -> Sequence[Agreement]:
        """Callers that come together share a question, and none gets an answer to one that was put before it came: a
        suspension holds from the next exchange on."""
        asked = Asked(tenant, system, operation)
        if not self._database.in_transaction:
            return await self._asking.do(asked)
        [found] = await self._of([asked])
        if isinstance(found, Exception):
            raise found
        return found

    async def _of(self, asked: Sequence[Asked]) -> list[Sequence[Agreement] | Exception]:
        """One that was altered is the trouble of those alone who asked about it."""
        found: dict[Asked, list[Agreement]] = {each: [] for each in asked}
        altered: dict[Asked, GatewayError] = {}
        tenants, systems, operations = zip(*found, strict=True)
        values = {"tenants": Texts(tenants), "systems": Texts(systems), "operations": Texts(operations)}
        for row in await self._rows("of", **values):
            about = Asked(row["tenant"], row["system"], row["asked"])
            try:
                found[about].append(self._agreement(row))
            except GatewayError as exc:
                altered[about] = exc
        return [altered.get(each) or found[each] for each in asked]

    async def find(self, tenant: str, agreement_id: int) -> Agreement | None:
        return self._one(await self._rows("find", tenant=tenant, id=agreement_id))

    async def set_end(self, tenant: str, agreement_id: int, *, until: date | None) -> Agreement | None:
        return self._one(await self._rows("set_end", tenant=tenant, id=agreement_id, until=until))

    async def suspend(self, tenant: str, agreement_id: int, suspension: Suspension | None) -> Agreement | None:
        at, sealed = None, None
        if suspension:
            told = orjson.dumps({"by": suspension.by, "reason": suspension.reason})
            at, sealed = suspension.at, self._sealer.seal(told, purpose=_purpose("agreement", tenant, agreement_id))
        return self._one(await self._rows("suspend", tenant=tenant, id=agreement_id, now=at, suspended=sealed))

    async def tell(self, tenant: str, agreement_id: int, *, days: int) -> bool:
        return bool(await self._rows("tell", tenant=tenant, id=agreement_id, days=days))

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

    def _one(self, rows: Sequence[dict[str, Any]]) -> Agreement | None:
        return self._agreement(rows[0]) if rows else None

    def _agreement(self, row: dict[str, Any]) -> Agreement:
        said: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in row["terms"].items()
        }
        columns: dict[str, Any] = {name: row[name] for name in COLUMNS} | {"operations": tuple(row["operations"])}
        told = _told(row["suspended"], self._sealer, purpose=_purpose("agreement", row["tenant"], row["id"]))
        return Agreement(
            id=row["id"],
            terms=Terms(**said, **columns),
            registered_at=row["registered_at"],
            registered_by=row["registered_by"],
            suspended_at=row["suspended_at"],
            suspended_by=told["by"],
            reason=told["reason"],
            told=row["told"],
        )


class PostgresAccessRequests:
    """Implements `AccessStore`."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def receive(
        self, tenant: str, wanted: Wanted, *, received_at: datetime, due_at: datetime, by: str
    ) -> AccessRequest:
        values = {"tenant": tenant, "received_at": received_at, "due_at": due_at, "by": by}
        return self._request((await self._rows("receive", wanted=Jsonb(asdict(wanted)), **values))[0])

    async def listed(self, tenant: str, *, everything: bool) -> Sequence[AccessRequest]:
        rows = await self._rows("access_listed", tenant=tenant, everything=everything)
        return [self._request(row) for row in rows]

    async def find(self, tenant: str, request_id: int) -> AccessRequest | None:
        rows = await self._rows("access_find", tenant=tenant, id=request_id)
        return self._request(rows[0]) if rows else None

    async def decide(self, tenant: str, request_id: int, decision: Decision) -> AccessRequest | None:
        told = orjson.dumps({"by": decision.by, "reason": decision.reason})
        sealed = self._sealer.seal(told, purpose=_purpose("access", tenant, request_id))
        values = {"state": decision.state.value, "at": decision.at, "agreement": decision.agreement}
        rows = await self._rows("decide", tenant=tenant, id=request_id, decided=sealed, **values)
        return self._request(rows[0]) if rows else None

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

    def _request(self, row: dict[str, Any]) -> AccessRequest:
        told = _told(row["decided"], self._sealer, purpose=_purpose("access", row["tenant"], row["id"]))
        wanted = {**row["wanted"], "items": tuple(row["wanted"]["items"])}
        return AccessRequest(
            id=row["id"],
            wanted=Wanted(**wanted),
            received_at=row["received_at"],
            due_at=row["due_at"],
            registered_by=row["registered_by"],
            state=AccessState(row["state"]),
            decided_at=row["decided_at"],
            decided_by=told["by"],
            reason=told["reason"],
            agreement=row["agreement"],
        )


def _told(sealed: bytes | None, sealer: Sealer, *, purpose: str) -> dict[str, str]:
    if sealed is None:
        return {"by": "", "reason": ""}
    opened: dict[str, str] = orjson.loads(sealer.unseal(sealed, purpose=purpose))
    return opened


def _purpose(kind: str, tenant: str, number: int) -> str:
    return f"{kind}/{tenant}/{number}"
