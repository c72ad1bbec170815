"""Events and receivers in PostgreSQL; secrets are sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from gateway.callbacks.model import Event, EventState, EventType, Lease, Receiver
from gateway.database import Database, queries
from gateway.signing.model import Sealer

SQL = queries("callbacks")
COLUMNS = tuple(column.name for column in fields(Event))


class PostgresEvents:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, events: Sequence[Event]) -> None:
        for event in events:
            await self._database.run(SQL["add"], asdict(event))

    async def claim(self, tenant: str, *, lease: Lease, most: int) -> Sequence[Event]:
        rows = await self._rows("claim", tenant=tenant, most=most, **asdict(lease))
        return [_event(row) for row in sorted(rows, key=lambda row: (row["due"], row["number"]))]

    async def settle(self, after: Event, *, owner: str) -> bool:
        return await self._count("settle", **asdict(after), owner=owner) == 1

    async def postpone(self, tenant: str, client_id: str, *, until: datetime) -> None:
        await self._count("postpone", tenant=tenant, client_id=client_id, until=until)

    async def hurry(self, tenant: str, event_id: str, *, now: datetime) -> bool:
        return await self._count("hurry", tenant=tenant, event_id=event_id, now=now) > 0

    async def latest(self, tenant: str, *, state: EventState | None, limit: int) -> Sequence[Event]:
        return [_event(row) for row in await self._rows("latest", tenant=tenant, state=state, limit=limit)]

    async def expire(self, tenant: str, *, before: datetime) -> int:
        return await self._count("expire", tenant=tenant, before=before)

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

    async def _count(self, name: str, **values: Any) -> int:
        return (await self._database.run(SQL[name], values)).rowcount


class PostgresReceivers:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def put(self, receiver: Receiver) -> None:
        sealed = self._sealer.seal(receiver.secret, purpose=_purpose(receiver.tenant, receiver.client_id))
        await self._database.run(SQL["put_receiver"], {**asdict(receiver), "secret": sealed})

    async def find(self, tenant: str, client_id: str) -> Receiver | None:
        values = {"tenant": tenant, "client_id": client_id}
        row = await (await self._database.run(SQL["find_receiver"], values)).fetchone()
        if row is None:
            return None
        secret = self._sealer.unseal(row["secret"], purpose=_purpose(tenant, client_id))
        return Receiver(tenant=tenant, client_id=client_id, url=row["url"], secret=secret)

    async def remove(self, tenant: str, client_id: str) -> bool:
        values = {"tenant": tenant, "client_id": client_id}
        return (await self._database.run(SQL["remove_receiver"], values)).rowcount == 1

    async def addresses(self, tenant: str) -> Mapping[str, str]:
        rows = await (await self._database.run(SQL["addresses"], {"tenant": tenant})).fetchall()
        return {row["client_id"]: row["url"] for row in rows}


def _purpose(tenant: str, client_id: str) -> str:
    """So that no secret can stand in another row's place."""
    return f"receiver/{tenant}/{client_id}"


def _event(row: Mapping[str, Any]) -> Event:
    told = {"type": EventType(row["type"]), "state": EventState(row["state"]), "body": bytes(row["body"])}
    return Event(**{**{name: row[name] for name in COLUMNS}, **told})
