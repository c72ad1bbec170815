"""Reconciled days and statements in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from gateway.reconciliation.model import Finding, MoneyDay, Statement, StatementLine

Name = tuple[str, str, date]


class MemoryDays:
    def __init__(self) -> None:
        self.days: dict[Name, MoneyDay] = {}
        self.found: dict[Name, dict[str, Finding]] = {}

    async def begin(self, tenant: str, day: MoneyDay) -> MoneyDay:
        held = self.days.get((tenant, day.rail, day.day))
        begun = replace(held, view=day.view, began_at=day.began_at, runs=held.runs + 1) if held else day
        self.days[tenant, day.rail, day.day] = begun
        return begun

    async def conclude(self, tenant: str, day: MoneyDay) -> None:
        self.days[tenant, day.rail, day.day] = day

    async def find(self, tenant: str, rail: str, day: date) -> MoneyDay | None:
        return self.days.get((tenant, rail, day))

    async def between(self, tenant: str, *, first: date, last: date) -> Sequence[MoneyDay]:
        found = [day for (owner, _, _), day in self.days.items() if owner == tenant and first <= day.day <= last]
        return sorted(found, key=lambda day: (day.day, day.rail))

    async def close(self, tenant: str, rail: str, day: date, *, by: str, now: datetime) -> MoneyDay | None:
        held = self.days.get((tenant, rail, day))
        if held is None or held.ended_at is None or held.closed_at is not None:
            return None
        self.days[tenant, rail, day] = replace(held, closed_at=now, closed_by=by)
        return self.days[tenant, rail, day]

    async def put(self, tenant: str, rail: str, day: date, *, finding: Finding) -> Finding:
        shelf = self.found.setdefault((tenant, rail, day), {})
        held = shelf.get(finding.key)
        kept = replace(
            finding,
            waits=False,
            case_id=finding.case_id or (held.case_id if held else None),
            found_at=held.found_at if held else finding.found_at,
            posted=finding.posted or bool(held and held.posted),
            cleared_at=None,
        )
        shelf[finding.key] = kept
        return kept

    async def clear(self, tenant: str, rail: str, day: date, *, keys: Sequence[str], now: datetime) -> None:
        shelf = self.found[tenant, rail, day]
        for key in keys:
            shelf[key] = replace(shelf[key], cleared_at=now)

    async def findings(self, tenant: str, rail: str, *, first: date, last: date) -> Sequence[tuple[date, Finding]]:
        shelves = [(name[2], shelf) for name, shelf in self.found.items() if name[:2] == (tenant, rail)]
        found = [(day, finding) for day, shelf in shelves if first <= day <= last for finding in shelf.values()]
        return sorted(found, key=lambda pair: (pair[0], pair[1].key))


class MemoryStatements:
    def __init__(self) -> None:
        self.files: set[tuple[str, str, str]] = set()
        self.lines: dict[tuple[str, str, str], StatementLine] = {}
        self.last: dict[tuple[str, str], date] = {}

    async def add(self, tenant: str, statement: Statement, *, by: str, now: datetime) -> int | None:  # noqa: ARG002
        file = (tenant, statement.account, statement.sha256)
        if file in self.files:
            return None
        self.files.add(file)
        before = len(self.lines)
        for line in statement.lines:
            self.lines.setdefault((tenant, line.account, line.key), line)
        last = max(line.day for line in statement.lines)
        self.last[tenant, statement.account] = max(last, self.last.get((tenant, statement.account), last))
        return len(self.lines) - before

    async def covered(self, tenant: str) -> Mapping[str, date]:
        return {account: last for (owner, account), last in self.last.items() if owner == tenant}

    async def of_days(self, tenant: str, *, first: date, last: date) -> AsyncIterator[Sequence[StatementLine]]:
        found = [line for (owner, _, _), line in self.lines.items() if owner == tenant and first <= line.day <= last]
        if found:
            yield sorted(found, key=lambda line: (line.day, line.key))
