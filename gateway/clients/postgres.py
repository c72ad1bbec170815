"""Clients and kept answers in PostgreSQL; answers are sealed, since they may speak of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from gateway.clients.idempotency import ABANDONED, KEPT, Answer, Slot
from gateway.clients.model import Client, Scope
from gateway.clients.store import taken
from gateway.database import Database, Gather, columns, queries
from gateway.signing.model import Sealer

SQL = queries("clients")
ANSWERS = queries("idempotency")
PURPOSE = "idempotency"


class PostgresClients:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, client: Client) -> None:
        values = {
            "tenant": client.tenant,
            "client_id": client.client_id,
            "title": client.title,
            "scopes": sorted(client.scopes),
            "agencies": list(client.agencies),
            "secret_digest": client.secret_digest,
            "created_at": client.created_at,
        }
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL["add"], values)
            if cursor.rowcount != 1:
                raise taken()

    async def find(self, tenant: str, client_id: str) -> Client | None:
        cursor = await self._database.run(SQL["find"], {"tenant": tenant, "client_id": client_id})
        row = await cursor.fetchone()
        return _client(row) if row else None

    async def all(self, tenant: str) -> Sequence[Client]:
        async with self._database.transaction() as connection:
            rows = await (await connection.execute(SQL["all"], {"tenant": tenant})).fetchall()
        return [_client(row) for row in rows]

    async def revoke(self, tenant: str, client_id: str, *, at: datetime) -> bool:
        values = {"tenant": tenant, "client_id": client_id, "at": at}
        async with self._database.transaction() as connection:
            return (await connection.execute(SQL["revoke"], values)).rowcount == 1


class PostgresAnswers:
    def __init__(self, database: Database, sealer: Sealer, *, holder: str) -> None:
        """`holder` names the process by the address that it alone can listen on."""
        self._database = database
        self._sealer = sealer
        self._holder = holder
        self._beginning: Gather[tuple[Slot, datetime], bool] = Gather(self._begin)
        self._finishing: Gather[Mapping[str, Any], None] = Gather(self._finish)

    async def succeed(self) -> int:
        """Free the keys that a process before us at the same address left in progress when it died; how many."""
        return (await self._database.run_alone(ANSWERS["succeed"], {"holder": self._holder})).rowcount

    async def begin(self, slot: Slot, *, now: datetime) -> bool:
        return await self._beginning.do((slot, now))

    async def _begin(self, wanted: Sequence[tuple[Slot, datetime]]) -> list[bool]:
        """One key is given to the first who wants it."""
        first = {_key(slot): (slot, now) for slot, now in reversed(wanted)}
        rows = [{**_slot(slot), "fingerprint": slot.fingerprint, "now": now} for slot, now in first.values()]
        values = {**columns(rows), "holder": self._holder, "kept": KEPT, "abandoned": ABANDONED}
        taken = await (await self._database.run_alone(ANSWERS["begin"], values)).fetchall()
        free = {(row["tenant"], row["client_id"], bytes(row["key_digest"])) for row in taken}
        results = []
        for slot, _ in wanted:
            results.append(_key(slot) in free)
            free.discard(_key(slot))
        return results

    async def find(self, slot: Slot) -> tuple[bytes, Answer | None] | None:
        row = await (await self._database.run_alone(ANSWERS["find"], _slot(slot))).fetchone()
        if row is None:
            return None
        return bytes(row["fingerprint"]), self._open(row["answer"]) if row["answer"] is not None else None

    async def finish(self, slot: Slot, answer: Answer) -> None:
        document = {"status": answer.status, "headers": answer.headers, "content": answer.content.decode()}
        sealed = self._sealer.seal(orjson.dumps(document), purpose=PURPOSE)
        await self._finishing.do({**_slot(slot), "answer": sealed})

    async def _finish(self, answers: Sequence[Mapping[str, Any]]) -> list[None]:
        await self._database.run_alone(ANSWERS["finish"], columns(answers))
        return [None] * len(answers)

    async def forget(self, slot: Slot) -> None:
        await self._database.run_alone(ANSWERS["forget"], _slot(slot))

    async def expire(self, *, now: datetime) -> None:
        await self._database.run_alone(ANSWERS["expire"], {"now": now})

    def _open(self, sealed: bytes) -> Answer:
        document = orjson.loads(self._sealer.unseal(sealed, purpose=PURPOSE))
        return Answer(status=document["status"], headers=document["headers"], content=document["content"].encode())


def _key(slot: Slot) -> tuple[str, str, bytes]:
    return slot.tenant, slot.client_id, slot.key_digest


def _slot(slot: Slot) -> dict[str, Any]:
    return {"tenant": slot.tenant, "client_id": slot.client_id, "key_digest": slot.key_digest}


def _client(row: dict[str, Any]) -> Client:
    return Client(
        tenant=row["tenant"],
        client_id=row["client_id"],
        title=row["title"],
        scopes=frozenset(Scope(scope) for scope in row["scopes"]),
        agencies=tuple(row["agencies"]),
        secret_digest=bytes(row["secret_digest"]),
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
    )
