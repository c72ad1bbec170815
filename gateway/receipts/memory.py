"""Receipts in dictionaries, for tests. Without transactions: what the service does last is what counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.receipts.model import Content, NumberRange, PaperReceipt, Receipt, ReceiptState, Series, Signed
from gateway.receipts.ranges import goes_back, overlaps
from gateway.receipts.store import Trouble


@dataclass(slots=True)
class _Row:
    receipt: Receipt
    content: Content
    try_at: datetime
    file: bytes | None = None
    trouble: str = ""


class MemoryReceipts:
    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], _Row] = {}
        self._ranges: list[NumberRange] = []
        self._papers: dict[tuple[str, str, int], PaperReceipt] = {}

    async def turn(self, tenant: str, unit: str) -> None: ...

    async def add_range(self, fresh: NumberRange) -> None:
        others = [known for known in self._ranges if _series(known) == _series(fresh)]
        if any(known.first <= fresh.last and fresh.first <= known.last for known in others):
            raise overlaps(fresh)
        if any(known.unit == fresh.unit and known.used_to >= known.first > fresh.first for known in others):
            raise goes_back(fresh)
        self._ranges.append(fresh)

    async def ranges_of(self, series: Series) -> Sequence[NumberRange]:
        wanted = (series.tenant, series.issuer, series.form, series.symbol)
        found = [known for known in self._ranges if _series(known) == wanted and known.unit == series.unit]
        return sorted(found, key=lambda known: known.first)

    async def give(self, taken: NumberRange, number: int) -> None:
        assert number == taken.used_to + 1 <= taken.last
        self._ranges[self._ranges.index(taken)] = replace(taken, used_to=number)

    async def ranges(self, tenant: str) -> Sequence[NumberRange]:
        found = [known for known in self._ranges if known.tenant == tenant]
        return sorted(found, key=lambda known: (known.unit, known.symbol, known.issuer, known.form, known.first))

    async def add(self, receipt: Receipt, content: Content) -> bool:
        key = receipt.tenant, receipt.receipt_id
        if key in self._rows:
            return False
        self._rows[key] = _Row(receipt, content, receipt.due_at)
        return True

    async def find(self, tenant: str, receipt_id: str) -> Receipt | None:
        row = self._rows.get((tenant, receipt_id))
        return row.receipt if row else None

    async def of_payment(self, tenant: str, payment_id: str) -> Sequence[Receipt]:
        found = (row.receipt for row in self._rows.values())
        return sorted((r for r in found if (r.tenant, r.payment_id) == (tenant, payment_id)), key=_order)

    async def by_code(self, tenant: str, lookup_code: str) -> Receipt | None:
        found = (row.receipt for row in self._rows.values() if lookup_code)
        return next((r for r in found if (r.tenant, r.lookup_code) == (tenant, lookup_code)), None)

    async def content(self, tenant: str, receipt_id: str) -> Content | None:
        row = self._rows.get((tenant, receipt_id))
        return row.content if row else None

    async def file(self, tenant: str, receipt_id: str) -> bytes | None:
        row = self._rows.get((tenant, receipt_id))
        return row.file if row else None

    async def next_due(self, tenant: str, *, now: datetime) -> Receipt | None:
        rows = [row for row in self._rows.values() if row.receipt.tenant == tenant and row.try_at <= now]
        found = [row.receipt for row in rows if row.receipt.state is ReceiptState.DUE and self._may(row.receipt)]
        return min(found, key=_order, default=None)

    async def issue(self, signed: Signed) -> None:
        row = self._rows[signed.receipt.tenant, signed.receipt.receipt_id]
        assert row.receipt.state is ReceiptState.DUE
        row.receipt, row.content, row.file, row.trouble = signed.receipt, signed.content, signed.file, ""

    async def supersede(self, tenant: str, receipt_id: str, state: ReceiptState) -> None:
        row = self._rows[tenant, receipt_id]
        assert row.receipt.state is ReceiptState.ISSUED
        row.receipt = replace(row.receipt, state=state)

    async def postpone(self, trouble: Trouble, *, until: datetime) -> None:
        for row in self._rows.values():
            receipt = row.receipt
            meant = receipt.receipt_id == trouble.receipt_id or receipt.unit == trouble.unit
            if receipt.tenant == trouble.tenant and receipt.state is ReceiptState.DUE and meant:
                row.try_at, row.trouble = until, trouble.code

    async def hurry(self, tenant: str, *, now: datetime) -> int:
        rows = [row for row in self._rows.values() if row.receipt.tenant == tenant and row.try_at > now]
        rows = [row for row in rows if row.receipt.state is ReceiptState.DUE]
        for row in rows:
            row.try_at = now
        return len(rows)

    async def listed(self, tenant: str, *, state: ReceiptState | None, limit: int) -> Sequence[Receipt]:
        found = [row.receipt for row in self._rows.values() if row.receipt.tenant == tenant]
        found = [receipt for receipt in found if state is None or receipt.state is state]
        return sorted(found, key=_order, reverse=True)[:limit]

    async def trouble(self, tenant: str, receipt_id: str) -> str:
        row = self._rows.get((tenant, receipt_id))
        return row.trouble if row else ""

    async def add_paper(self, paper: PaperReceipt) -> bool:
        key = paper.tenant, paper.symbol, paper.number
        if key in self._papers:
            return False
        self._papers[key] = paper
        return True

    def _may(self, receipt: Receipt) -> bool:
        if not receipt.supersedes:
            return True
        earlier = self._rows.get((receipt.tenant, receipt.supersedes))
        return earlier is not None and earlier.receipt.state is ReceiptState.ISSUED


def _series(known: NumberRange) -> tuple[str, str, str, str]:
    return known.tenant, known.issuer, known.form, known.symbol


def _order(receipt: Receipt) -> tuple[datetime, str]:
    return receipt.due_at, receipt.receipt_id
