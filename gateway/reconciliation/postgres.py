"""Reconciled days and statements in PostgreSQL. Narrations and the officer who closed a day are sealed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from gateway.cases.model import CaseKind
from gateway.database import Database, columns, queries
from gateway.reconciliation.model import Finding, MoneyDay, Statement, StatementLine, Total, View
from gateway.signing.model import Sealer

SQL = queries("reconciliation")
PAGE = 2000


class PostgresDays:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def begin(self, tenant: str, day: MoneyDay) -> MoneyDay:
        values = {"tenant": tenant, "rail": day.rail, "day": day.day, "view": day.view.value, "began_at": day.began_at}
        return self._day((await self._rows("begin", **values))[0])

    async def conclude(self, tenant: str, day: MoneyDay) -> None:
        values = {"tenant": tenant, "rail": day.rail, "day": day.day, "ended_at": day.ended_at}
        totals = Jsonb([asdict(total) for total in day.totals])
        await self._rows("conclude", **values, counts=Jsonb(dict(day.counts)), totals=totals)

    async def find(self, tenant: str, rail: str, day: date) -> MoneyDay | None:
        rows = await self._rows("find", tenant=tenant, rail=rail, day=day)
        return self._day(rows[0]) if rows else None

    async def between(self, tenant: str, *, first: date, last: date) -> Sequence[MoneyDay]:
        return [self._day(row) for row in await self._rows("between", tenant=tenant, first=first, last=last)]

    async def close(self, tenant: str, rail: str, day: date, *, by: str, now: datetime) -> MoneyDay | None:
        sealed = self._sealer.seal(by.encode(), purpose=_purpose(tenant, rail, day))
        rows = await self._rows("close", tenant=tenant, rail=rail, day=day, now=now, closed=sealed)
        return self._day(rows[0]) if rows else None

    async def put(self, tenant: str, rail: str, day: date, *, finding: Finding) -> Finding:
        values = {
            "tenant": tenant,
            "rail": rail,
            "day": day,
            "key": finding.key,
            "kind": finding.kind.value,
            "reference": finding.reference,
            "facts": Jsonb(dict(finding.facts)),
            "linked_day": finding.linked_day,
            "posted": finding.posted,
            "case_id": finding.case_id,
            "found_at": finding.found_at,
        }
        return _finding((await self._rows("put", **values))[0])

    async def clear(self, tenant: str, rail: str, day: date, *, keys: Sequence[str], now: datetime) -> None:
        await self._rows("clear", tenant=tenant, rail=rail, day=day, keys=list(keys), now=now)

    async def findings(self, tenant: str, rail: str, *, first: date, last: date) -> Sequence[tuple[date, Finding]]:
        rows = await self._rows("findings", tenant=tenant, rail=rail, first=first, last=last)
        return [(row["day"], _finding(row)) for row in rows]

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        cursor = await self._database.run(SQL[name], values)
        return await cursor.fetchall() if cursor.description else []

    def _day(self, row: dict[str, Any]) -> MoneyDay:
        by = ""
        if row["closed"] is not None:
            by = self._sealer.unseal(row["closed"], purpose=_purpose(row["tenant"], row["rail"], row["day"])).decode()
        return MoneyDay(
            rail=row["rail"],
            day=row["day"],
            view=View(row["view"]),
            began_at=row["began_at"],
            ended_at=row["ended_at"],
            runs=row["runs"],
            counts=row["counts"],
            totals=tuple(Total(**total) for total in row["totals"]),
            closed_at=row["closed_at"],
            closed_by=by,
        )


class PostgresStatements:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, tenant: str, statement: Statement, *, by: str, now: datetime) -> int | None:
        days = [line.day for line in statement.lines]
        name = {"tenant": tenant, "account": statement.account}
        file = {**name, "sha256": statement.sha256, "lines": len(days), "first": min(days), "last": max(days)}
        async with self._database.transaction():
            if not (await self._database.run(SQL["file"], {**file, "now": now, "by": by})).rowcount:
                return None
            rows = [self._row(tenant, line) for line in statement.lines]
            inserted = await self._database.run(SQL["lines"], {**name, "file": statement.sha256, **columns(rows)})
            return inserted.rowcount

    async def covered(self, tenant: str) -> Mapping[str, date]:
        rows = await (await self._database.run(SQL["covered"], {"tenant": tenant})).fetchall()
        return {row["account"]: row["last_day"] for row in rows}

    async def of_days(self, tenant: str, *, first: date, last: date) -> AsyncIterator[Sequence[StatementLine]]:
        """By key, so that a page begins where the one before ended."""
        after = {"day": first, "key": ""}
        while True:
            values = {"tenant": tenant, "last": last, "limit": PAGE, **after}
            rows = await (await self._database.run(SQL["of_days"], values)).fetchall()
            if not rows:
                return
            yield [self._line(row) for row in rows]
            after = {"day": rows[-1]["day"], "key": rows[-1]["key"]}

    def _row(self, tenant: str, line: StatementLine) -> dict[str, Any]:
        return {
            "key": line.key,
            "day": line.day,
            "transaction_id": line.transaction_id,
            "reference": line.reference,
            "amount": line.amount,
            "content": self._sealer.seal(line.content.encode(), purpose=f"statement/{tenant}/{line.key}"),
        }

    def _line(self, row: dict[str, Any]) -> StatementLine:
        """Without its narration: comparing needs none."""
        return StatementLine(
            account=row["account"],
            day=row["day"],
            transaction_id=row["transaction_id"],
            reference=row["reference"],
            amount=row["amount"],
            key=row["key"],
        )


def _finding(row: dict[str, Any]) -> Finding:
    return Finding(
        kind=CaseKind(row["kind"]),
        key=row["key"],
        reference=row["reference"],
        facts=row["facts"],
        linked_day=row["linked_day"],
        posted=row["posted"],
        case_id=row["case_id"],
        found_at=row["found_at"],
        cleared_at=row["cleared_at"],
    )


def _purpose(tenant: str, rail: str, day: date) -> str:
    return f"money_day/{tenant}/{rail}/{day.isoformat()}"
