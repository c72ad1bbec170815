"""The outbox in PostgreSQL. Bodies are sealed; what workers search by stands beside them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import psycopg
import structlog

from gateway.database import Database, queries
from gateway.delivery.memory import MOST_MESSAGES
from gateway.delivery.memory_stream import again
from gateway.delivery.model import (
    Claim,
    Draft,
    Lane,
    Message,
    Past,
    PastSearch,
    StreamKey,
    StreamView,
    Trouble,
    Verdict,
    state_of,
)
from gateway.delivery.store import NOTHING
from gateway.delivery.troubles import of_error
from gateway.sdk.errors import IntegrityError
from gateway.signing.model import Sealer

SQL = queries("delivery")
PURPOSE = "outbox"

log = structlog.get_logger()


class PostgresOutbox:
    def __init__(self, database: Database, sealer: Sealer, *, tenant: str = "") -> None:
        """`tenant`: whose streams are claimed, where provinces with keys of their own share a server; empty: all."""
        self._database = database
        self._sealer = sealer
        self._tenant = tenant

    async def enqueue(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        """Rings once per batch, at commit: a notification per row costs half the rate."""
        async with self._database.transaction() as connection:
            for draft in drafts:
                stream = asdict(draft.stream)
                row: Any = await (
                    await connection.execute(SQL["append"], {**stream, "due": draft.due or now, "now": now})
                ).fetchone()
                place = {"seq": row["tail"], "now": now}
                await connection.execute(SQL["insert"], {**stream, **self._columns(draft), **place})
            await connection.execute(SQL["ring"])

    async def claim(self, *, owner: str, now: datetime, lease_s: float, room: Mapping[str, int]) -> Sequence[Claim]:
        until = now + timedelta(seconds=lease_s)
        async with self._database.transaction() as connection:
            lanes = {"targets": list(room), "rooms": list(room.values()), "most": sum(room.values())}
            values = {"owner": owner, "now": now, "until": until, "tenant": self._tenant, **lanes}
            streams = await (await connection.execute(SQL["claim"], values)).fetchall()
            messages = await (await connection.execute(SQL["messages"], _heads(streams))).fetchall()
        grouped: dict[StreamKey, list[dict[str, Any]]] = defaultdict(list)
        for row in messages:
            grouped[_key(row)].append(row)
        opened = [await self._opened(_claim(row, until), grouped[_key(row)]) for row in streams]
        return [claim for claim in opened if claim]

    async def _opened(self, claim: Claim, rows: Sequence[dict[str, Any]]) -> Claim | None:
        """The claim with its messages. One that was altered, or whose key is gone, stops its own stream only."""
        try:
            return replace(claim, messages=tuple(self._message(row) for row in rows))
        except IntegrityError as exc:
            log.error("message_not_readable", target=claim.stream.target, code=exc.error_code)
            await self.hold(claim, of_error(exc))
            return None

    async def intend(self, claim: Claim, *, seq: int) -> bool:
        return await self._fenced("intend", claim, seq=seq)

    async def acknowledge(self, claim: Claim, *, seq: int, now: datetime, learned: Mapping[str, str] = NOTHING) -> bool:
        """The messages are looked for in the months that they were taken in, not in every partition."""
        taken = [message.taken_at for message in claim.messages if message.seq <= seq and message.taken_at]
        places = {"since": min(taken, default=now), "until": max(taken, default=now), "after": claim.acknowledged}
        async with self._database.transaction() as connection:
            told = {"owner": claim.owner, "seq": seq, "now": now, "learned": _json(learned)}
            values = {**asdict(claim.stream), **told, **places}
            return (await connection.execute(SQL["acknowledge"], values)).rowcount == 1

    async def give_back(self, claim: Claim, *, now: datetime) -> bool:
        return await self._fenced("give_back", claim, now=now)

    async def retry(
        self, claim: Claim, trouble: Trouble, *, due: datetime, unsettled: bool, counted: bool = True
    ) -> bool:
        values = {**asdict(trouble), "due": due, "unsettled": unsettled, "counted": int(counted)}
        return await self._fenced("retry", claim, **values)

    async def hold(self, claim: Claim, trouble: Trouble) -> bool:
        return await self._fenced("hold", claim, **asdict(trouble))

    async def release(
        self,
        stream: StreamKey,
        verdict: Verdict,
        *,
        now: datetime,
        count: int | None = None,
        learned: Mapping[str, str] = NOTHING,
    ) -> bool:
        name = asdict(stream)
        async with self._database.transaction() as connection:
            if verdict is Verdict.REPLACED and not (await connection.execute(SQL["replacement"], name)).rowcount:
                return False
            values = {**name, "now": now, "verdict": verdict.value, "count": count, "learned": _json(learned)}
            row: Any = await (await connection.execute(SQL["release"], values)).fetchone()
            if row and verdict in {Verdict.MISSING, Verdict.ARRIVED}:
                await connection.execute(SQL[verdict.value], {**name, **row, "now": now})
            await connection.execute(SQL["ring"])
            return row is not None

    async def stop(self, stream: StreamKey, trouble: Trouble) -> bool:
        return await self._done("stop", **asdict(stream), **asdict(trouble))

    async def supersede(self, stream: StreamKey, operation: str) -> int:
        async with self._database.transaction() as connection:
            return (await connection.execute(SQL["supersede"], {**asdict(stream), "operation": operation})).rowcount

    async def doubt(self, tenant: str) -> int:
        async with self._database.transaction() as connection:
            return (await connection.execute(SQL["doubt"], {"tenant": tenant})).rowcount

    async def held(self, tenant: str, target: str, *, code: str = "", limit: int) -> Sequence[StreamView]:
        rows = await self._rows("held", tenant=tenant, target=target, code=code, limit=limit)
        return [_view(row, row["created_at"]) for row in rows]

    async def pause(self, tenant: str, target: str, *, now: datetime) -> None:
        await self._done("brake", tenant=tenant, target=target, paused=True, rate=None, now=now)

    async def resume(self, tenant: str, target: str, *, rate: float | None = None, now: datetime) -> None:
        if rate is None:
            await self._done("unbrake", tenant=tenant, target=target)
        else:
            await self._done("brake", tenant=tenant, target=target, paused=False, rate=rate, now=now)

    async def lanes(self, tenant: str) -> Sequence[Lane]:
        return [Lane(**row) for row in await self._rows("lanes", tenant=tenant)]

    async def delivered(self, tenant: str, search: PastSearch) -> Sequence[Past]:
        rows = await self._rows("delivered", tenant=tenant, **asdict(search))
        return [
            Past(
                stream=_key(row),
                seq=row["seq"],
                operation=row["operation"],
                at=row["at"],
                mapping_version=row["mapping_version"],
                superseded=row["superseded"],
            )
            for row in rows
        ]

    async def replay(self, past: Past, *, now: datetime) -> bool:
        async with self._database.transaction():
            rows = await self._rows("past", **asdict(past.stream), seq=past.seq)
            if rows:
                await self.enqueue([again(self._message(rows[0]), past.stream)], now=now)
            return bool(rows)

    async def walk(self, tenant: str, target: str, *, after: str, limit: int) -> Sequence[StreamView]:
        rows = await self._rows("walk", tenant=tenant, target=target, after=after, limit=limit)
        return [_view(row, row["created_at"]) for row in rows]

    async def first(self, stream: StreamKey) -> Message | None:
        rows = await self._rows("first", **asdict(stream))
        return self._message(rows[0]) if rows else None

    async def history(self, stream: StreamKey) -> Sequence[Message]:
        return [self._message(row) for row in await self._rows("history", **asdict(stream))]

    async def hurry(self, stream: StreamKey, *, now: datetime) -> None:
        await self._done("hurry", **asdict(stream), now=now)

    async def views(self, tenant: str, key: str, *, now: datetime) -> Sequence[StreamView]:
        return [_view(row, now) for row in await self._rows("views", tenant=tenant, key=key)]

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        async with self._database.transaction() as connection:
            return await (await connection.execute(SQL[name], values)).fetchall()

    async def _done(self, name: str, **values: Any) -> bool:
        """Change something that workers may be waiting for."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL[name], values)
            await connection.execute(SQL["ring"])
            return cursor.rowcount == 1

    async def _fenced(self, name: str, claim: Claim, **values: Any) -> bool:
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL[name], {**asdict(claim.stream), "owner": claim.owner, **values})
            return cursor.rowcount == 1

    def _columns(self, draft: Draft) -> dict[str, Any]:
        return {
            "operation": draft.operation,
            "call_id": draft.call_id,
            "at": draft.at,
            "mapping_version": draft.mapping_version,
            "trace_id": draft.trace_id,
            "again": draft.again,
            "body": self._sealer.seal(orjson.dumps(dict(draft.body)), purpose=PURPOSE),
        }

    def _message(self, row: dict[str, Any]) -> Message:
        return Message(
            seq=row["seq"],
            operation=row["operation"],
            call_id=row["call_id"],
            at=row["at"],
            mapping_version=row["mapping_version"],
            body=orjson.loads(self._sealer.unseal(row["body"], purpose=PURPOSE)),
            trace_id=row["trace_id"],
            again=row["again"],
            taken_at=row["created_at"],
        )


class PostgresBell:
    """LISTEN on a connection of its own. While there is none, waiting is all it does: workers poll anyway."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def wait(self, timeout_s: float) -> None:
        try:
            connection = self._connection or await self._connect()
            async for _ in connection.notifies(timeout=timeout_s, stop_after=1):
                return
        except psycopg.OperationalError:
            log.warning("outbox_bell_silent", next_try_s=timeout_s)
            await self.close()
            await asyncio.sleep(timeout_s)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        self._connection = await psycopg.AsyncConnection.connect(
            self._dsn, autocommit=True, application_name="lienthong-bell"
        )
        await self._connection.execute("LISTEN lienthong_outbox")
        return self._connection


def _key(row: dict[str, Any]) -> StreamKey:
    return StreamKey(tenant=row["tenant"], target=row["target"], key=row["key"])


def _heads(streams: Iterable[dict[str, Any]]) -> dict[str, Any]:
    rows = list(streams)
    columns = {f"{name}s": [row[name] for row in rows] for name in ("tenant", "target", "key", "head")}
    return {**columns, "mosts": [1 if row["slow"] else MOST_MESSAGES for row in rows]}


def _claim(row: dict[str, Any], until: datetime) -> Claim:
    return Claim(
        stream=_key(row),
        owner=row["owner"],
        lease_until=until,
        attempts=row["attempts"],
        doubt=row["doubt"],
        acknowledged=row["head"],
        messages=(),
        known=row["known"],
    )


def _view(row: dict[str, Any], now: datetime) -> StreamView:
    trouble = Trouble(code=row["trouble_code"], detail=row["trouble"], detail_vi=row["trouble_vi"])
    return StreamView(
        stream=_key(row),
        state=state_of(held=row["held"], owner=row["owner"], due=row["due"], now=now),
        head=row["head"],
        tail=row["tail"],
        attempts=row["attempts"],
        unsettled=row["doubt"] > row["head"],
        next_attempt_at=None if row["owner"] else row["due"],
        acknowledged_at=row["acknowledged_at"],
        trouble=trouble if trouble.code else None,
        known=row["known"],
    )


def _json(known: Mapping[str, str]) -> str:
    return orjson.dumps(dict(known)).decode()
