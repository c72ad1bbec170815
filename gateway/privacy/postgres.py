"""Requests of persons and breaches in PostgreSQL; who asked and what people wrote are sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from gateway.database import Database, queries
from gateway.privacy.model import (
    Breach,
    Opening,
    Outcome,
    Person,
    PersonRequest,
    Place,
    RequestKind,
    RequestState,
    StartPoint,
)
from gateway.privacy.store import Received
from gateway.signing.model import Sealer

SQL = queries("privacy")
PLAIN = (
    "id", "third_party", "received_at", "answer_due", "done_due", "registered_by", "answered_at", "extended_at",
    "ended_at", "handled_by", "erased", "held", "kept",
)  # fmt: skip
"""Columns of a request that are its fields as they are."""


class _Sealed:
    """What both stores share."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

    def _seal(self, text: str, *, place: str) -> bytes:
        return self._sealer.seal(text.encode(), purpose=place)

    def _open(self, sealed: bytes | None, *, place: str) -> str:
        return "" if sealed is None else self._sealer.unseal(sealed, purpose=place).decode()


class PostgresRequests(_Sealed):
    """Implements `RequestStore`."""

    async def receive(self, tenant: str, received: Received) -> PersonRequest:
        number = (await self._rows("number_of_request"))[0]["id"]
        person = orjson.dumps(asdict(received.person)).decode()
        values = {
            "id": number,
            "kind": received.kind.value,
            "subject": received.subject,
            "person": self._seal(person, place=_place("data_request/person", tenant, number)),
            "third_party": received.third_party,
            "received_at": received.received_at,
            "answer_due": received.answer_due,
            "done_due": received.done_due,
            "by": received.by,
        }
        return self._request((await self._rows("receive", tenant=tenant, **values))[0])

    async def listed(
        self, tenant: str, *, everything: bool, limit: int, after: Place | None = None
    ) -> Sequence[PersonRequest]:
        place = {"due": after.due if after else None, "after": after.id if after else None}
        rows = await self._rows("listed", tenant=tenant, everything=everything, limit=limit, **place)
        return [self._request(row) for row in rows]

    async def find(self, tenant: str, request_id: int) -> PersonRequest | None:
        rows = await self._rows("find", tenant=tenant, id=request_id)
        return self._request(rows[0]) if rows else None

    async def person(self, tenant: str, request_id: int) -> Person | None:
        rows = await self._rows("find", tenant=tenant, id=request_id)
        if not rows:
            return None
        return Person(
            **orjson.loads(self._open(rows[0]["person"], place=_place("data_request/person", tenant, request_id)))
        )

    async def answer(self, tenant: str, request_id: int, outcome: Outcome) -> PersonRequest | None:
        return await self._step("answer", tenant, request_id, outcome=outcome)

    async def extend(
        self, tenant: str, request_id: int, outcome: Outcome, *, done_due: datetime
    ) -> PersonRequest | None:
        return await self._step("extend", tenant, request_id, outcome=outcome, done_due=done_due)

    async def end(self, tenant: str, request_id: int, outcome: Outcome) -> PersonRequest | None:
        counts = {"erased": outcome.erased, "held": outcome.held, "kept": outcome.kept}
        return await self._step("end", tenant, request_id, outcome=outcome, state=outcome.state.value, **counts)

    async def _step(
        self, name: str, tenant: str, request_id: int, *, outcome: Outcome, **values: Any
    ) -> PersonRequest | None:
        reason = self._seal(outcome.reason, place=_place("data_request/reason", tenant, request_id))
        told = {"at": outcome.at, "by": outcome.by, "reason": reason}
        rows = await self._rows(name, tenant=tenant, id=request_id, **told, **values)
        return self._request(rows[0]) if rows else None

    def _request(self, row: dict[str, Any]) -> PersonRequest:
        reason = self._open(row["reason"], place=_place("data_request/reason", row["tenant"], row["id"]))
        return PersonRequest(
            kind=RequestKind(row["kind"]),
            state=RequestState(row["state"]),
            subject=bytes(row["subject"]),
            reason=reason,
            **{name: row[name] for name in PLAIN},
        )


class PostgresBreaches(_Sealed):
    """Implements `BreachStore`."""

    async def open(self, tenant: str, opening: Opening, *, due_at: datetime, by: str, now: datetime) -> Breach:
        number = (await self._rows("number_of_breach"))[0]["id"]
        values = {
            **asdict(opening),
            "counts_from": opening.counts_from.value,
            "words": self._seal(opening.words, place=_place("breach/words", tenant, number)),
        }
        rows = await self._rows("open_breach", tenant=tenant, id=number, due_at=due_at, by=by, now=now, **values)
        return self._breach(rows[0])

    async def listed(self, tenant: str, *, everything: bool) -> Sequence[Breach]:
        return [self._breach(row) for row in await self._rows("breaches", tenant=tenant, everything=everything)]

    async def find(self, tenant: str, breach_id: int) -> Breach | None:
        return self._one(await self._rows("find_breach", tenant=tenant, id=breach_id))

    async def notify(self, tenant: str, breach_id: int, *, by: str, late_reason: str, now: datetime) -> Breach | None:
        sealed = self._seal(late_reason, place=_place("breach/late", tenant, breach_id)) if late_reason else None
        values = {"id": breach_id, "by": by, "now": now}
        return self._one(await self._rows("notify_breach", tenant=tenant, late_reason=sealed, **values))

    async def close(self, tenant: str, breach_id: int, *, by: str, measures: str, now: datetime) -> Breach | None:
        sealed = self._seal(measures, place=_place("breach/measures", tenant, breach_id))
        values = {"id": breach_id, "by": by, "now": now}
        return self._one(await self._rows("close_breach", tenant=tenant, measures=sealed, **values))

    def _one(self, rows: Sequence[dict[str, Any]]) -> Breach | None:
        return self._breach(rows[0]) if rows else None

    def _breach(self, row: dict[str, Any]) -> Breach:
        tenant, number = row["tenant"], row["id"]
        return Breach(
            id=number,
            opening=Opening(
                from_at=row["from_at"],
                to_at=row["to_at"],
                discovered_at=row["discovered_at"],
                counts_from=StartPoint(row["counts_from"]),
                words=self._open(row["words"], place=_place("breach/words", tenant, number)),
            ),
            due_at=row["due_at"],
            registered_at=row["registered_at"],
            registered_by=row["registered_by"],
            notified_at=row["notified_at"],
            closed_at=row["closed_at"],
            handled_by=row["handled_by"],
            late_reason=self._open(row["late_reason"], place=_place("breach/late", tenant, number)),
            measures=self._open(row["measures"], place=_place("breach/measures", tenant, number)),
        )


def _place(kind: str, tenant: str, number: int) -> str:
    return f"{kind}/{tenant}/{number}"
