"""Rules, receivers and tellings in PostgreSQL; addresses and secrets are sealed."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson
from psycopg.types.json import Jsonb

from gateway.alerts.model import Channel, Happened, Metric, News, Receiver, Rule, Standing, Telling, TellingState
from gateway.alerts.store import Key
from gateway.callbacks.model import Lease
from gateway.database import Database, queries
from gateway.signing.model import Sealer

SQL = queries("alerts")


class PostgresAlerts:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def turn(self, tenant: str) -> bool:
        return bool((await self._rows("turn", tenant=tenant))[0]["mine"])

    async def rules(self, tenant: str) -> Sequence[Rule]:
        rows = await self._rows("rules", tenant=tenant)
        return [Rule(**{**row, "metric": Metric(row["metric"]), "receivers": tuple(row["receivers"])}) for row in rows]

    async def add_rule(self, tenant: str, rule: Rule) -> int:
        values = {**asdict(rule), "receivers": list(rule.receivers)}
        return int((await self._rows("add_rule", tenant=tenant, **values))[0]["id"])

    async def switch_rule(self, tenant: str, rule_id: int, *, is_on: bool) -> bool:
        return bool(await self._rows("switch_rule", tenant=tenant, id=rule_id, is_on=is_on))

    async def remove_rule(self, tenant: str, rule_id: int) -> bool:
        return bool(await self._rows("remove_rule", tenant=tenant, id=rule_id))

    async def receivers(self, tenant: str) -> Sequence[Receiver]:
        return [self._receiver(row) for row in await self._rows("receivers", tenant=tenant)]

    async def add_receiver(self, tenant: str, receiver: Receiver) -> int:
        number = int((await self._rows("number"))[0]["id"])
        told = {"address": receiver.address, "secret": base64.b64encode(receiver.secret).decode()}
        sealed = self._sealer.seal(orjson.dumps(told), purpose=_purpose(tenant, number))
        await self._rows(
            "add_receiver", tenant=tenant, id=number, name=receiver.name, channel=receiver.channel, sealed=sealed
        )
        return number

    async def remove_receiver(self, tenant: str, receiver_id: int) -> bool:
        return bool(await self._rows("remove_receiver", tenant=tenant, id=receiver_id))

    async def standings(self, tenant: str) -> Mapping[Key, Standing]:
        rows = await self._rows("standings", tenant=tenant)
        return {(row.pop("rule_id"), row.pop("subject")): Standing(**row) for row in rows}

    async def stand(self, tenant: str, key: Key, standing: Standing) -> None:
        await self._rows("stand", tenant=tenant, rule_id=key[0], subject=key[1], **asdict(standing))

    async def enqueue(self, tenant: str, tellings: Sequence[Telling]) -> None:
        for telling in tellings:
            document = Jsonb({**asdict(telling.news), "at": telling.news.at.isoformat()})
            await self._rows("enqueue", tenant=tenant, document=document, **_values(telling))

    async def claim(self, tenant: str, lease: Lease, *, most: int) -> Sequence[Telling]:
        rows = await self._rows("claim", tenant=tenant, most=most, **asdict(lease))
        return [_telling(row) for row in sorted(rows, key=lambda row: (row["due"], row["id"]))]

    async def settle(self, tenant: str, after: Telling, *, owner: str) -> bool:
        return bool(await self._rows("settle", tenant=tenant, owner=owner, **_values(after)))

    async def tellings(self, tenant: str, *, limit: int) -> Sequence[Telling]:
        return [_telling(row) for row in await self._rows("tellings", tenant=tenant, limit=limit)]

    async def forget(self, tenant: str, *, before: datetime) -> None:
        await self._rows("forget", tenant=tenant, before=before)

    async def _rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        cursor = await self._database.run(SQL[statement], values)
        return await cursor.fetchall() if cursor.description else []

    def _receiver(self, row: dict[str, Any]) -> Receiver:
        told = orjson.loads(self._sealer.unseal(row["sealed"], purpose=_purpose(row["tenant"], row["id"])))
        return Receiver(
            id=row["id"],
            name=row["name"],
            channel=Channel(row["channel"]),
            address=told["address"],
            secret=base64.b64decode(told["secret"]),
        )


def _values(telling: Telling) -> dict[str, Any]:
    values = asdict(telling)
    del values["news"]
    return values


def _telling(row: dict[str, Any]) -> Telling:
    told = row.pop("document")
    news = News(
        **{
            **told,
            "happened": Happened(told["happened"]),
            "at": datetime.fromisoformat(told["at"]),
            "metric": Metric(told["metric"]) if told["metric"] else None,
        }
    )
    return Telling(**{**row, "state": TellingState(row["state"]), "news": news})


def _purpose(tenant: str, receiver_id: int) -> str:
    return f"alert-receiver/{tenant}/{receiver_id}"
