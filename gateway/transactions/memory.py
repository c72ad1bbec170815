"""Indexed transactions in a list, for tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from gateway.transactions.model import LOOK, Found, Place, Transaction, Wanted


class MemoryTransactions:
    """Implements `TransactionStore`. `taken`: tenants whose turn somebody else has."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[int, Transaction]] = defaultdict(dict)
        self.places: dict[str, int] = defaultdict(int)
        self.moved: dict[str, datetime] = {}
        self.taken: set[str] = set()

    async def turn(self, tenant: str) -> int | None:
        return None if tenant in self.taken else self.places[tenant]

    async def add(self, tenant: str, rows: Sequence[Transaction], *, next_index: int, now: datetime) -> None:
        for row in rows:
            self.kept[tenant].setdefault(row.index, row)
        self.places[tenant], self.moved[tenant] = next_index, now

    async def read_up_to(self, tenant: str) -> int:
        return self.places[tenant]

    async def search(self, tenant: str, wanted: Wanted, *, before: Place | None = None, limit: int = 50) -> Found:
        rows = sorted(self.kept[tenant].values(), key=lambda row: row.place, reverse=True)
        found = [row for row in rows if (before is None or row.place < before) and _fits(row, wanted)]
        page = tuple(found[:limit])
        return Found(rows=page, onward=page[-1].place if len(found) > limit else None)

    async def at(self, tenant: str, indexes: Sequence[int]) -> Sequence[Transaction]:
        found = [row for row in self.kept[tenant].values() if row.index in indexes]
        return sorted(found, key=lambda row: row.place, reverse=True)


def _fits(row: Transaction, wanted: Wanted) -> bool:
    return (
        (wanted.since is None or row.recorded_at >= wanted.since)
        and (wanted.until is None or row.recorded_at < wanted.until)
        and (not wanted.references or row.reference in wanted.references)
        and (wanted.looks or not row.operation.startswith(LOOK))
        and all(getattr(row, name) == value for name, value in wanted.equal.items())
    )
