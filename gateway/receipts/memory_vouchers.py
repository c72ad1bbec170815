"""Vouchers in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.receipts.voucher_model import Voucher


class MemoryVouchers:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], tuple[Voucher, bytes]] = {}

    async def add(self, voucher: Voucher, content: bytes) -> bool:
        name = voucher.tenant, voucher.payment_id, voucher.sha256
        is_new = name not in self.kept
        self.kept.setdefault(name, (voucher, content))
        return is_new

    async def of_payment(self, tenant: str, payment_id: str) -> Sequence[Voucher]:
        found = [
            voucher for voucher, _ in self.kept.values() if (voucher.tenant, voucher.payment_id) == (tenant, payment_id)
        ]
        return sorted(found, key=lambda voucher: (voucher.fetched_at, voucher.sha256))

    async def content(self, tenant: str, payment_id: str, sha256: str) -> bytes | None:
        found = self.kept.get((tenant, payment_id, sha256))
        return found and found[1]
