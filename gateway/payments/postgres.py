"""Payments, postings and the inbox in PostgreSQL; the payer's details are sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from gateway.database import Database, queries
from gateway.payments.model import Payment, PaymentState
from gateway.payments.store import Posting
from gateway.signing.model import Sealer

SQL = queries("payments")
PURPOSE = "payment"


class PostgresPayments:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, payment: Payment) -> None:
        sealed = self._sealer.seal(orjson.dumps(dict(payment.document)), purpose=PURPOSE)
        async with self._database.transaction() as connection:
            await connection.execute(SQL["add"], {**_columns(payment), "document": sealed})

    async def find(self, tenant: str, payment_id: str) -> Payment | None:
        return await self._one("find", tenant, payment_id)

    async def lock(self, tenant: str, payment_id: str) -> Payment | None:
        return await self._one("lock", tenant, payment_id)

    async def save(self, payment: Payment) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(SQL["save"], _columns(payment))

    async def post(self, posting: Posting) -> bool:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL["post"], asdict(posting))
            return cursor.rowcount == 1

    async def state_of(self, tenant: str, dossier_code: str) -> str:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL["state_of"], {"tenant": tenant, "code": dossier_code})
            row: Any = await cursor.fetchone()
        return str(row["state"]) if row else "none"

    async def of_dossier(self, tenant: str, dossier_code: str) -> Sequence[Payment]:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL["of_dossier"], {"tenant": tenant, "code": dossier_code})
            return [self._payment(row) for row in await cursor.fetchall()]

    async def _one(self, name: str, tenant: str, payment_id: str) -> Payment | None:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL[name], {"tenant": tenant, "payment_id": payment_id})
            row = await cursor.fetchone()
        return None if row is None else self._payment(row)

    def _payment(self, row: dict[str, Any]) -> Payment:
        document = orjson.loads(self._sealer.unseal(row["document"], purpose=PURPOSE))
        return Payment(**{**row, "state": PaymentState(row["state"]), "document": document})


class PostgresInbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, tenant: str, *, system: str, event: str, key: str, now: datetime) -> str | None:
        values = {"tenant": tenant, "system": system, "event": event, "key": key, "now": now}
        async with self._database.transaction() as connection:
            row: Any = await (await connection.execute(SQL["take"], values)).fetchone()
        return None if row["deliveries"] == 1 else str(row["result"])

    async def conclude(self, tenant: str, *, system: str, event: str, key: str, result: str) -> None:
        values = {"tenant": tenant, "system": system, "event": event, "key": key, "result": result}
        async with self._database.transaction() as connection:
            await connection.execute(SQL["conclude"], values)


def _columns(payment: Payment) -> dict[str, Any]:
    columns = {name: getattr(payment, name) for name in Payment.__slots__ if name != "document"}
    return {**columns, "state": payment.state.value}
