"""The rail's own receipt of a payment, and where it is kept (payment contract, 2.7 and 4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain import Context
from gateway.sdk import StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """Chứng từ thanh toán. The file itself is kept, never only its link."""

    tenant: str
    payment_id: str
    rail: str
    transaction_id: str
    media_type: str
    size: int
    sha256: str
    """Of the file as it came, lower-case hex."""
    source: str
    """The operation whose answer it was: `fetch_voucher`, or `download_voucher` where a link came first."""
    fetched_at: datetime


class VoucherStore(Protocol):
    """Every method joins the transaction that is open."""

    async def add(self, voucher: Voucher, content: bytes) -> bool:
        """False: this very file is kept already."""

    async def of_payment(self, tenant: str, payment_id: str) -> Sequence[Voucher]:
        """Oldest first."""

    async def content(self, tenant: str, payment_id: str, sha256: str) -> bytes | None:
        """`IntegrityError` when the stored bytes were altered or belong to another voucher."""


class VoucherService(Protocol):
    async def of_payment(self, payment_id: str, *, context: Context) -> Sequence[Voucher]:
        """Oldest first; none until the rail has given one."""

    async def file(self, payment_id: str, sha256: str, *, context: Context) -> StoredFile:
        """`NotFoundError`: there is none. `IntegrityError`: it is not what was fetched."""
