"""The outbox in PostgreSQL. Bodies are sealed; what workers search by stands beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog

from gateway.database import Database, Gather, queries
from gateway.database.arrays import arrays
from gateway.delivery.memory_stream import again
from gateway.delivery.model import (
    UPLOAD,
    Claim,
    Draft,
    Lane,
    Message,
    Past,
    PastSearch,
    StreamKey,
    StreamView,
    Stuck,
    Trouble,
    Verdict,
)
from gateway.delivery.rows import TOLD, Told, appended, as_json, claim_of, heads, key_of, names, view_of
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
        self._acknowledging = Gather(self._acknowledge)

    async def enqueue(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        """Rings once per batch, at commit: a notification per row costs half the rate."""
        if not drafts:  # a dossier that was born at the portal may have nothing to tell
            return
        streams: dict[StreamKey, list[Draft]] = defaultdict(list)
        for draft in drafts:
            streams[draft.stream].append(draft)
        written = [orjson.dumps(dict(draft.body)) for several in streams.values() for draft in several]
        bodies = self._sealer.seal_each(written, purpose=PURPOSE)
        await self._database.run(SQL["append"], {**appended(streams, bodies, now=now), "now": now})

    async def claim(self, *, owner: str, now: datetime, lease_s: float, room: Mapping[str, int]) -> Sequence[Claim]:
        """Two statements and no transaction around them: what is lent stays lent, and only we deliver it."""
        until = now + timedelta(seconds=lease_s)
        lanes = {"targets": list(room), "rooms": list(room.values()), "most": sum(room.values())}
        streams = await self._rows("claim", owner=owner, now=now, until=until, tenant=self._tenant, **lanes)
        messages = await self._bodies(heads(streams)) if streams else []
        grouped: dict[StreamKey, list[dict[str, Any]]] = defaultdict(list)
        for row in messages:
            grouped[key_of(row)].append(row)
        opened = [await self._opened(claim_of(row, until), grouped[key_of(row)]) for row in streams]
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

    async def acknowledge(
        self, claim: Claim, *, seq: int, now: datetime, last: bool = False, learned: Mapping[str, str] = NOTHING
    ) -> bool:
        """Those of streams that finish together are written together, unless a transaction is open."""
        told = Told(claim, seq=seq, now=now, last=last, learned=as_json(learned))
        if self._database.in_transaction:
            return (await self._acknowledge([told]))[0]
        return await self._acknowledging.do(told)

    async def _acknowledge(self, told: Sequence[Told]) -> list[bool]:
        """The messages are looked for in the months that they were taken in, not in every partition."""
        taken = [
            message.taken_at
            for each in told
            for message in each.claim.messages
            if message.taken_at and each.claim.acknowledged < message.seq <= each.seq
        ]
        newest = max(each.now for each in told)
        places = {"since": min(taken, default=newest), "until": max(taken, default=newest)}
        rows = await self._rows("acknowledge", **arrays([each.columns for each in told], TOLD), **places)
        kept = {(key_of(row), row["owner"]) for row in rows}
        return [(each.claim.stream, each.claim.owner) in kept for each in told]

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
            if verdict is Verdict.REPLACED and not await self._replace_first(stream):
                return False
            values = {**name, "now": now, "verdict": verdict.value, "count": count, "learned": as_json(learned)}
            row: Any = await (await connection.execute(SQL["release"], values)).fetchone()
            if row and verdict in {Verdict.MISSING, Verdict.ARRIVED}:
                await connection.execute(SQL[verdict.value], {**name, **row, "now": now})
            await connection.execute(SQL["ring"])
            return row is not None

    async def _replace_first(self, stream: StreamKey) -> bool:
        """With the newest message of its operation, and every version between the two with it: the steps between still
        follow a dossier that the target has, and no older version goes out."""
        first = await self.stuck(stream)
        return first is not None and await self.supersede(stream, first.operation) > 0

    async def stuck(self, stream: StreamKey) -> Stuck | None:
        rows = await self._rows("stuck", **asdict(stream))
        return Stuck(**rows[0]) if rows else None

    async def stop(self, stream: StreamKey, trouble: Trouble) -> bool:
        return await self._done("stop", **asdict(stream), **asdict(trouble))

    async def supersede(self, stream: StreamKey, operation: str) -> int:
        async with self._database.transaction() as connection:
            changed = (await connection.execute(SQL["supersede"], {**asdict(stream), "operation": operation})).rowcount
            await connection.execute(SQL["lift"], {**asdict(stream), "files": UPLOAD})
            return changed

    async def doubt(self, tenant: str) -> int:
        return (await self._database.run(SQL["doubt"], {"tenant": tenant})).rowcount

    async def held(
        self, tenant: str, target: str, *, code: str = "", after: str = "", limit: int
    ) -> Sequence[StreamView]:
        rows = await self._rows("held", tenant=tenant, target=target, code=code, after=after, limit=limit)
        return [view_of(row, row["created_at"]) for row in rows]

    async def pause(self, tenant: str, target: str, *, now: datetime) -> None:
        await self._done("brake", tenant=tenant, target=target, paused=True, rate=None, now=now)

    async def resume(self, tenant: str, target: str, *, rate: float | None = None, now: datetime) -> None:
        if rate is None:
            await self._done("unbrake", tenant=tenant, target=target)
        else:
            await self._done("brake", tenant=tenant, target=target, paused=False, rate=rate, now=now)

    async def paused(self, tenant: str) -> frozenset[str]:
        return frozenset(row["target"] for row in await self._rows("paused", tenant=tenant))

    async def lanes(self, tenant: str) -> Sequence[Lane]:
        return [Lane(**row) for row in await self._rows("lanes", tenant=tenant)]

    async def delivered(self, tenant: str, search: PastSearch) -> Sequence[Past]:
        rows = await self._rows("delivered", tenant=tenant, **asdict(search))
        return [
            Past(
                stream=key_of(row),
                seq=row["seq"],
                operation=row["operation"],
                at=row["at"],
                mapping_version=row["mapping_version"],
                superseded=row["superseded"],
                tail=row["tail"],
            )
            for row in rows
        ]

    async def tally(self, tenant: str, target: str, *, since: datetime, until: datetime) -> int:
        rows = await self._rows("tally", tenant=tenant, target=target, since=since, until=until)
        return int(rows[0]["count"])

    async def replay(self, past: Past, *, now: datetime, tail: int | None = None) -> bool:
        async with self._database.transaction():
            rows = await self._rows("past", **asdict(past.stream), seq=past.seq, tail=tail)
            if rows:
                await self.enqueue([again(self._message(rows[0]), past.stream)], now=now)
            return bool(rows)

    async def walk(self, tenant: str, target: str, *, after: str, limit: int) -> Sequence[StreamView]:
        rows = await self._rows("walk", tenant=tenant, target=target, after=after, limit=limit)
        return [view_of(row, row["created_at"]) for row in rows]

    async def first(self, stream: StreamKey) -> Message | None:
        rows = await self._rows("first", **asdict(stream))
        return self._message(rows[0]) if rows else None

    async def history(self, stream: StreamKey) -> Sequence[Message]:
        return [self._message(row) for row in await self._rows("history", **asdict(stream))]

    async def hurry(self, stream: StreamKey, *, now: datetime) -> None:
        await self._done("hurry", **asdict(stream), now=now)

    async def views(self, tenant: str, key: str, *, now: datetime) -> Sequence[StreamView]:
        return [view_of(row, now) for row in await self._rows("views", tenant=tenant, key=key)]

    async def _bodies(self, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL["messages"], wanted, binary=True)).fetchall()

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

    async def _done(self, name: str, **values: Any) -> bool:
        """Change something that workers may be waiting for."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute(SQL[name], values)
            await connection.execute(SQL["ring"])
            return cursor.rowcount == 1

    async def _fenced(self, name: str, claim: Claim, **values: Any) -> bool:
        cursor = await self._database.run(SQL[name], {**names(claim.stream), "owner": claim.owner, **values})
        return cursor.rowcount == 1

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
