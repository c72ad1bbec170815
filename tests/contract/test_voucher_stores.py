"""Kept vouchers: the same promises in memory and on PostgreSQL, and what PostgreSQL alone must keep."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from psycopg.errors import RestrictViolation
from services import NOW

from gateway.receipts.memory_vouchers import MemoryVouchers
from gateway.receipts.postgres_vouchers import PostgresVouchers
from gateway.receipts.voucher_model import Voucher
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

PDF, OTHER = b"%PDF-1.7 \xff scanned", b"%PDF-1.7 another"


@pytest.fixture
def store(on: Any, keyring: Keyring) -> Any:
    return PostgresVouchers(on, keyring) if on else MemoryVouchers()


@pytest.fixture
def voucher() -> Voucher:
    return Voucher(
        tenant=f"T{uuid4().hex[:12].upper()}",
        payment_id="PAY26K7Q2M0001",
        rail="payment",
        transaction_id="PP1",
        media_type="application/pdf",
        size=len(PDF),
        sha256=hashlib.sha256(PDF).hexdigest(),
        source="fetch_voucher",
        fetched_at=NOW,
    )


def another(voucher: Voucher) -> Voucher:
    sha256 = hashlib.sha256(OTHER).hexdigest()
    return replace(voucher, sha256=sha256, size=len(OTHER), fetched_at=NOW - timedelta(hours=1))


async def test_a_voucher_is_found_as_it_was_kept(store: Any, voucher: Voucher) -> None:
    """F17 (part)."""
    tenant, payment = voucher.tenant, voucher.payment_id
    assert await store.of_payment(tenant, payment) == []
    assert await store.content(tenant, payment, voucher.sha256) is None
    assert await store.add(voucher, PDF)
    assert await store.of_payment(tenant, payment) == [voucher]
    assert await store.content(tenant, payment, voucher.sha256) == PDF
    assert await store.of_payment(tenant + "X", payment) == []
    assert await store.of_payment(tenant, payment + "X") == []
    assert await store.content(tenant + "X", payment, voucher.sha256) is None


async def test_the_same_file_is_kept_once_and_another_beside_it(store: Any, voucher: Voucher) -> None:
    assert await store.add(voucher, PDF)
    assert not await store.add(replace(voucher, source="download_voucher", fetched_at=NOW + timedelta(days=1)), PDF)
    assert await store.add(another(voucher), OTHER)
    assert await store.of_payment(voucher.tenant, voucher.payment_id) == [another(voucher), voucher]


async def test_at_rest_it_is_sealed_and_can_be_neither_altered_nor_deleted(
    on: Any, store: Any, voucher: Voucher
) -> None:
    """PAY-15 (part), PDP-06 (part)."""
    if on is None:
        pytest.skip("memory holds nothing after the process")
    await store.add(voucher, PDF)
    async with on.transaction() as connection:
        cursor = await connection.execute("SELECT content FROM voucher WHERE tenant = %s", (voucher.tenant,))
        assert b"scanned" not in bytes((await cursor.fetchone())["content"])
    for statement in (b"UPDATE voucher SET size = 1 WHERE tenant = %s", b"DELETE FROM voucher WHERE tenant = %s"):
        with pytest.raises(RestrictViolation):
            async with on.transaction() as connection:
                await connection.execute(statement, (voucher.tenant,))


async def test_bytes_that_were_moved_to_another_row_do_not_open_there(on: Any, store: Any, voucher: Voucher) -> None:
    """SEC-10 (part)."""
    if on is None:
        pytest.skip("memory holds nothing after the process")
    await store.add(voucher, PDF)
    move = b"""INSERT INTO voucher SELECT tenant, 'OTHER', sha256, rail, transaction_id, media_type, size, source,
        content, fetched_at FROM voucher WHERE tenant = %s"""
    async with on.transaction() as connection:
        await connection.execute(move, (voucher.tenant,))
    with pytest.raises(IntegrityError):
        await store.content(voucher.tenant, "OTHER", voucher.sha256)
