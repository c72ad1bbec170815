"""Vouchers in PostgreSQL, sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from gateway.database import Database, queries
from gateway.receipts.voucher_model import Voucher
from gateway.signing.model import Sealer

SQL = queries("vouchers")


class PostgresVouchers:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, voucher: Voucher, content: bytes) -> bool:
        purpose = _purpose(voucher.tenant, voucher.payment_id, voucher.sha256)
        values = {
            "tenant": voucher.tenant,
            "payment_id": voucher.payment_id,
            "sha256": bytes.fromhex(voucher.sha256),
            "rail": voucher.rail,
            "transaction_id": voucher.transaction_id,
            "media_type": voucher.media_type,
            "size": voucher.size,
            "source": voucher.source,
            "content": await asyncio.to_thread(self._sealer.seal, content, purpose=purpose),
            "fetched_at": voucher.fetched_at,
        }
        return (await self._database.run(SQL["add"], values)).rowcount == 1

    async def of_payment(self, tenant: str, payment_id: str) -> Sequence[Voucher]:
        rows = await self._rows("of_payment", tenant=tenant, payment_id=payment_id)
        return [Voucher(**{**row, "sha256": row["sha256"].hex()}) for row in rows]

    async def content(self, tenant: str, payment_id: str, sha256: str) -> bytes | None:
        rows = await self._rows("content", tenant=tenant, payment_id=payment_id, sha256=bytes.fromhex(sha256))
        if not rows:
            return None
        purpose = _purpose(tenant, payment_id, sha256)
        return await asyncio.to_thread(self._sealer.unseal, rows[0]["content"], purpose=purpose)

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()


def _purpose(tenant: str, payment_id: str, sha256: str) -> str:
    return f"voucher/{tenant}/{payment_id}/{sha256}"
