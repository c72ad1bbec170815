"""Clients and kept answers in PostgreSQL; answers are sealed, since they may speak of people."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from gateway.clients.idempotency import ABANDONED, KEPT, Answer, Found, Slot
from gateway.clients.model import Client, Scope
from gateway.clients.store import taken, way_taken
from gateway.database import Database, Gather, queries
from gateway.database.arrays import Bytes, Kinds, Moments, Texts, arrays
from gateway.database.connection import Connection
from gateway.signing.model import Sealer

SQL = queries("clients")
ANSWERS = queries("idempotency")
PURPOSE = "idempotency"
KEYS: Kinds = {"tenant": Texts, "client_id": Texts, "key_digest": Bytes}
PRINTS: Kinds = {**KEYS, "fingerprint": Bytes}
BEGUN: Kinds = {**PRINTS, "now": Moments}
FINISHED: Kinds = {**KEYS, "began": Moments, "answer": Bytes}
KEPT_WHOLE: Kinds = {**PRINTS, "answer": Bytes}


class PostgresClients:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._finding: Gather[tuple[str, str], Client | None] = Gather(self._find)

    async def add(self, client: Client) -> None:
        async with self._turn(client) as connection:
            cursor = await connection.execute(SQL["add"], _values(client))
            if cursor.rowcount != 1:
                raise taken()

    async def change(self, client: Client) -> bool:
        async with self._turn(client) as connection:
            return (await connection.execute(SQL["change"], _values(client))).rowcount == 1

    @contextlib.asynccontextmanager
    async def _turn(self, client: Client) -> AsyncIterator[Connection]:
        """One administrator at a time: a way belongs to one client."""
        async with self._database.transaction() as connection:
            await connection.execute(SQL["turn"], {"tenant": client.tenant})
            if client.ways and await (await connection.execute(SQL["way_taken"], _values(client))).fetchone():
                raise way_taken()
            yield connection

    async def held(self, tenant: str, client_id: str) -> Client | None:
        cursor = await self._database.run(SQL["hold"], {"tenant": tenant, "client_id": client_id})
        row = await cursor.fetchone()
        return _client(row) if row else None

    async def coming(self, tenant: str, ways: Collection[str]) -> Sequence[Client]:
        cursor = await self._database.run(SQL["coming"], {"tenant": tenant, "ways": list(ways)})
        return [_client(row) for row in await cursor.fetchall()]

    async def find(self, tenant: str, client_id: str) -> Client | None:
        """Callers that come together share a question, and none gets an answer to one that was put before it came: who
        is revoked is out at the next call."""
        if not self._database.in_transaction:
            return await self._finding.do((tenant, client_id))
        [found] = await self._find([(tenant, client_id)])
        if isinstance(found, Exception):
            raise found
        return found

    async def _find(self, names: Sequence[tuple[str, str]]) -> list[Client | Exception | None]:
        """One whose row cannot be read (a newer release wrote it) keeps nobody else out."""
        tenants, ids = zip(*dict.fromkeys(names), strict=True)
        cursor = await self._database.run(SQL["find"], {"tenants": Texts(tenants), "ids": Texts(ids)})
        found: dict[tuple[str, str], Client | Exception] = {}
        for row in await cursor.fetchall():
            try:
                found[row["tenant"], row["client_id"]] = _client(row)
            except ValueError as exc:
                found[row["tenant"], row["client_id"]] = exc
        return [found.get(name) for name in names]

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
        first = {slot.place: (slot, now) for slot, now in reversed(wanted)}
        rows = [{**_slot(slot), "fingerprint": slot.fingerprint, "now": now} for slot, now in first.values()]
        values = {**arrays(rows, BEGUN), "holder": self._holder, "kept": KEPT, "abandoned": ABANDONED}
        taken = await (await self._database.run_alone(ANSWERS["begin"], values)).fetchall()
        free = {(row["tenant"], row["client_id"], bytes(row["key_digest"])) for row in taken}
        results = []
        for slot, _ in wanted:
            results.append(slot.place in free)
            free.discard(slot.place)
        return results

    async def find(self, slot: Slot) -> Found | None:
        row = await (await self._database.run_alone(ANSWERS["find"], _slot(slot))).fetchone()
        return self._found(row) if row else None

    async def renew(self, slot: Slot, *, began: datetime, now: datetime) -> None:
        values = {**_slot(slot), "began": began, "expires_at": now + KEPT}
        await self._database.run_alone(ANSWERS["renew"], values)

    async def finish(self, slot: Slot, answer: Answer, *, began: datetime) -> None:
        await self._finishing.do({**_slot(slot), "began": began, "answer": self._sealed(answer)})

    async def _finish(self, answers: Sequence[Mapping[str, Any]]) -> list[None]:
        await self._database.run_alone(ANSWERS["finish"], arrays(answers, FINISHED))
        return [None] * len(answers)

    async def earlier(self, slots: Sequence[Slot], *, now: datetime) -> Mapping[Slot, Found]:
        rows = [{**_slot(slot), "fingerprint": slot.fingerprint} for slot in slots]
        values = {**arrays(rows, PRINTS), "now": now, "expires_at": now + KEPT, "abandoned": ABANDONED}
        found = await (await self._database.run(ANSWERS["earlier"], values, binary=True)).fetchall()
        kept = {(row["tenant"], row["client_id"], bytes(row["key_digest"])): row for row in found}
        return {slot: self._found(kept[slot.place]) for slot in slots if slot.place in kept}

    async def keep(self, answers: Mapping[Slot, Answer], *, now: datetime) -> int:
        rows = [
            {**_slot(slot), "fingerprint": slot.fingerprint, "answer": self._sealed(answer)}
            for slot, answer in answers.items()
        ]
        times = {"now": now, "expires_at": now + KEPT, "abandoned": ABANDONED, "holder": self._holder}
        return (await self._database.run(ANSWERS["keep"], {**arrays(rows, KEPT_WHOLE), **times})).rowcount

    async def forget(self, slot: Slot, *, began: datetime) -> None:
        await self._database.run_alone(ANSWERS["forget"], {**_slot(slot), "began": began})

    async def expire(self, *, now: datetime) -> None:
        await self._database.run_alone(ANSWERS["expire"], {"now": now})

    def _found(self, row: Mapping[str, Any]) -> Found:
        return bytes(row["fingerprint"]), self._open(row["answer"]) if row["answer"] is not None else None

    def _sealed(self, answer: Answer) -> bytes:
        document = {"status": answer.status, "headers": answer.headers, "content": answer.content.decode()}
        return self._sealer.seal(orjson.dumps(document), purpose=PURPOSE)

    def _open(self, sealed: bytes) -> Answer:
        document = orjson.loads(self._sealer.unseal(sealed, purpose=PURPOSE))
        return Answer(status=document["status"], headers=document["headers"], content=document["content"].encode())


def _slot(slot: Slot) -> dict[str, Any]:
    return {"tenant": slot.tenant, "client_id": slot.client_id, "key_digest": slot.key_digest}


_NAMES = tuple(each.name for each in fields(Client))
_LISTS = ("agencies", "procedures", "operations", "networks", "ways")


def _values(client: Client) -> dict[str, Any]:
    values = {name: getattr(client, name) for name in _NAMES}
    return {**values, "scopes": sorted(client.scopes), **{name: list(values[name]) for name in _LISTS}}


def _client(row: dict[str, Any]) -> Client:
    values = {name: row[name] for name in _NAMES}
    values |= {name: tuple(row[name]) for name in _LISTS}
    values |= {name: bytes(row[name]) for name in ("secret_digest", "earlier_digest")}
    return Client(**{**values, "scopes": _scopes(tuple(row["scopes"]))})


@lru_cache(maxsize=256)
def _scopes(names: tuple[str, ...]) -> frozenset[Scope]:
    """`ValueError` when one is not known here."""
    return frozenset(map(Scope, names))
