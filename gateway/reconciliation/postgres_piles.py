"""Piles in PostgreSQL. Count, sums and pages are made of the same statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from gateway.database import Database, queries
from gateway.domain import VIETNAM
from gateway.payments.books import Account, BookEntry, EntryKind
from gateway.payments.books import Line as BookLine
from gateway.payments.model import Source
from gateway.reconciliation.piles import OLDEST_FIRST, Choice, Figure, Group, Line
from gateway.refunds.model import RefundState

SQL = queries("piles")
EVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
FIGURES = "count(*) AS count, coalesce(sum(amount), 0) AS amount"
GROUPS = {group: group.value for group in Group} | {Group.DAY: "(at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date::text"}
PAGE = (
    "SELECT * FROM ({pile}) line WHERE at {way}= %(after_at)s "
    "AND (at, length(id), id) {way} (%(after_at)s, length(%(after_id)s), %(after_id)s) "
    "ORDER BY at {order}, length(id) {order}, id {order} LIMIT %(limit)s"
)


class PostgresPiles:
    """`target`: the system that takes receipts; empty: none does."""

    def __init__(self, database: Database, *, target: str, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._target = target
        self._clock = clock

    async def count(self, tenant: str, choice: Choice) -> Figure:
        statement = f"SELECT {FIGURES} FROM ({SQL[choice.pile]}) line"  # noqa: S608 - our own statements
        (row,) = await self._rows(statement, self._values(tenant, choice))
        return _figure(row)

    async def by(self, tenant: str, choice: Choice, group: Group) -> Mapping[str, Figure]:
        name = GROUPS[group]
        statement = f"SELECT {name} AS name, {FIGURES} FROM ({SQL[choice.pile]}) line GROUP BY 1 ORDER BY 1"  # noqa: S608 - our own
        return {row["name"]: _figure(row) for row in await self._rows(statement, self._values(tenant, choice))}

    async def page(
        self, tenant: str, choice: Choice, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Line]:
        is_rising = choice.pile in OLDEST_FIRST
        way, order, start = (">", "ASC", EVER[0]) if is_rising else ("<", "DESC", EVER[1])
        statement = PAGE.format(pile=SQL[choice.pile], way=way, order=order)
        after_at, after_id = after or (start, "")
        values = self._values(tenant, choice) | {"after_at": after_at, "after_id": after_id, "limit": limit}
        return [Line(**{**row, "amount": int(row["amount"])}) for row in await self._rows(statement, values)]

    async def entries(self, tenant: str, payment_id: str) -> Sequence[BookEntry]:
        rows = await self._rows(SQL["entries"], {"tenant": tenant, "payment_id": payment_id})
        entries: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            entries.setdefault(row["entry_id"], []).append(row)
        return [_entry(lines) for lines in entries.values()]

    async def is_told(self, tenant: str, receipt_id: str) -> bool:
        values = {"tenant": tenant, "receipt_id": receipt_id, "target": self._target}
        return any(row["told"] for row in await self._rows(SQL["is_told"], values))

    def _values(self, tenant: str, choice: Choice) -> dict[str, Any]:
        states = list(choice.states) or None
        stored = [RefundState.SENT.value if state == RefundState.UNKNOWN else state for state in choice.states] or None
        return {
            "tenant": tenant,
            "states": states,
            "stored": stored,
            "kind": choice.kind,
            "rail": choice.rail,
            "owner": choice.owner,
            "dossier": choice.dossier,
            "late": choice.late,
            "day": choice.first,
            "since": _begin(choice.first) if choice.first else EVER[0],
            "until": _begin(choice.last + timedelta(days=1)) if choice.last else EVER[1],
            "target": self._target,
            "now": self._clock(),
        }

    async def _rows(self, statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return await (await self._database.run(statement, values)).fetchall()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)


def _figure(row: Mapping[str, Any]) -> Figure:
    return Figure(count=row["count"], amount=int(row["amount"]))


def _entry(rows: Sequence[dict[str, Any]]) -> BookEntry:
    said = {name: rows[0][name] for name in BookEntry.__slots__ if name != "lines"}
    lines = tuple(BookLine(account=Account(row["account"]), party=row["party"], amount=row["amount"]) for row in rows)
    return BookEntry(**{**said, "kind": EntryKind(said["kind"]), "source": Source(said["source"]), "lines": lines})
