"""Receipts in PostgreSQL; contents and files are sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import psycopg
from pydantic import TypeAdapter

from gateway.database import Database, queries
from gateway.receipts.model import (
    Content,
    NumberRange,
    PaperReceipt,
    Receipt,
    ReceiptKind,
    ReceiptState,
    Series,
    Signed,
)
from gateway.receipts.ranges import goes_back, overlaps
from gateway.receipts.store import Trouble
from gateway.signing.model import Sealer

SQL = queries("receipts")
CONTENT, FILE = "receipt/content", "receipt/file"
COLUMNS = tuple(column.name for column in fields(Receipt))
CONTENTS = TypeAdapter(Content)


class PostgresReceipts:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def turn(self, tenant: str, unit: str) -> None:
        await self._database.run(SQL["turn"], {"tenant": tenant, "unit": unit})

    async def add_range(self, fresh: NumberRange) -> None:
        try:
            added = await self._count("add_range", **asdict(fresh))
        except (psycopg.errors.ExclusionViolation, psycopg.errors.UniqueViolation) as exc:
            raise overlaps(fresh) from exc
        if not added:
            raise goes_back(fresh)

    async def ranges_of(self, series: Series) -> Sequence[NumberRange]:
        return [NumberRange(**row) for row in await self._rows("ranges_of", **asdict(series))]

    async def give(self, taken: NumberRange, number: int) -> None:
        await self._count("give", **asdict(taken), number=number)

    async def ranges(self, tenant: str) -> Sequence[NumberRange]:
        return [NumberRange(**row) for row in await self._rows("ranges", tenant=tenant)]

    async def add(self, receipt: Receipt, content: Content) -> bool:
        return await self._count("add", **asdict(receipt) | {"content": self._sealed(receipt, content)}) == 1

    async def find(self, tenant: str, receipt_id: str) -> Receipt | None:
        return _only(await self._rows("find", tenant=tenant, receipt_id=receipt_id))

    async def of_payment(self, tenant: str, payment_id: str) -> Sequence[Receipt]:
        return [_receipt(row) for row in await self._rows("of_payment", tenant=tenant, payment_id=payment_id)]

    async def by_code(self, tenant: str, lookup_code: str) -> Receipt | None:
        return _only(await self._rows("by_code", tenant=tenant, lookup_code=lookup_code))

    async def content(self, tenant: str, receipt_id: str) -> Content | None:
        rows = await self._rows("find", tenant=tenant, receipt_id=receipt_id)
        if not rows:
            return None
        opened = self._sealer.unseal(rows[0]["content"], purpose=_purpose(CONTENT, tenant, receipt_id))
        return CONTENTS.validate_json(opened)

    async def file(self, tenant: str, receipt_id: str) -> bytes | None:
        rows = await self._rows("file", tenant=tenant, receipt_id=receipt_id)
        purpose = _purpose(FILE, tenant, receipt_id)
        return self._sealer.unseal(rows[0]["content"], purpose=purpose) if rows else None

    async def next_due(self, tenant: str, *, now: datetime) -> Receipt | None:
        return _only(await self._rows("next_due", tenant=tenant, now=now))

    async def issue(self, signed: Signed) -> None:
        receipt = signed.receipt
        purpose = _purpose(FILE, receipt.tenant, receipt.receipt_id)
        sealed = self._sealed(receipt, signed.content)
        await self._count("issue", **asdict(receipt) | {"content": sealed})
        file = self._sealer.seal(signed.file, purpose=purpose)
        await self._count("keep_file", tenant=receipt.tenant, receipt_id=receipt.receipt_id, file=file)

    async def supersede(self, tenant: str, receipt_id: str, state: ReceiptState) -> None:
        await self._count("supersede", tenant=tenant, receipt_id=receipt_id, state=state)

    async def postpone(self, trouble: Trouble, *, until: datetime) -> None:
        values = {"receipt_id": trouble.receipt_id, "unit": trouble.unit, "trouble": trouble.code}
        await self._count("postpone", tenant=trouble.tenant, **values, until=until)

    async def hurry(self, tenant: str, *, now: datetime) -> int:
        return await self._count("hurry", tenant=tenant, now=now)

    async def listed(self, tenant: str, *, state: ReceiptState | None, limit: int) -> Sequence[Receipt]:
        return [_receipt(row) for row in await self._rows("listed", tenant=tenant, state=state, limit=limit)]

    async def trouble(self, tenant: str, receipt_id: str) -> str:
        rows = await self._rows("find", tenant=tenant, receipt_id=receipt_id)
        return str(rows[0]["trouble"]) if rows else ""

    async def add_paper(self, paper: PaperReceipt) -> bool:
        return await self._count("add_paper", **asdict(paper)) == 1

    def _sealed(self, receipt: Receipt, content: Content) -> bytes:
        return self._sealer.seal(
            CONTENTS.dump_json(content), purpose=_purpose(CONTENT, receipt.tenant, receipt.receipt_id)
        )

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

    async def _count(self, name: str, **values: Any) -> int:
        return (await self._database.run(SQL[name], values)).rowcount


def _purpose(kind: str, tenant: str, receipt_id: str) -> str:
    """So that nothing sealed can stand in another row's place."""
    return f"{kind}/{tenant}/{receipt_id}"


def _only(rows: Sequence[dict[str, Any]]) -> Receipt | None:
    return _receipt(rows[0]) if rows else None


def _receipt(row: dict[str, Any]) -> Receipt:
    told = {"kind": ReceiptKind(row["kind"]), "state": ReceiptState(row["state"])}
    return Receipt(**{**{name: row[name] for name in COLUMNS}, **told})
