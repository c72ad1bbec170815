"""The vouchers of a payment: listed, handed out byte for byte, and only to whoever may read payments."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
from province import TENANT, Province
from services import NOW

from gateway.clients.model import Scope
from gateway.payments.model import Payment, PaymentState
from gateway.receipts.voucher_model import Voucher

PDF = b"%PDF-1.7 \x00\xff scanned"
SHA = hashlib.sha256(PDF).hexdigest()
PAYMENT = "PAY26K7Q2M0001"
ADDRESS = f"/v1/payments/{PAYMENT}/vouchers"


async def keep(province: Province, content: bytes = PDF) -> None:
    voucher = Voucher(
        tenant=TENANT,
        payment_id=PAYMENT,
        rail="payment",
        transaction_id="PP1",
        media_type="application/pdf",
        size=len(PDF),
        sha256=SHA,
        source="fetch_voucher",
        fetched_at=NOW,
    )
    await province.vouchers.add(voucher, content)


async def pay(province: Province) -> None:
    said: dict[str, Any] = {"bill_id": "B1", "dossier_code": "H99", "system": "payment", "reference": PAYMENT}
    payment = Payment(
        tenant=TENANT,
        payment_id=PAYMENT,
        amount=1,
        currency="VND",
        state=PaymentState.PAID,
        created_at=NOW,
        updated_at=NOW,
        **said,
    )
    await province.payments.add(payment)


async def test_vouchers_are_listed_and_handed_out(province: Province, caller: httpx.AsyncClient) -> None:
    """F17, PAY-02 (part)."""
    await pay(province)
    assert (await caller.get(ADDRESS)).json() == {"vouchers": []}
    await keep(province)
    [item] = (await caller.get(ADDRESS)).json()["vouchers"]
    assert (item["sha256"], item["size"], item["rail"], item["source"]) == (SHA, len(PDF), "payment", "fetch_voucher")
    reply = await caller.get(f"{ADDRESS}/{SHA}/file")
    assert (reply.content, reply.headers["content-type"]) == (PDF, "application/pdf")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert province.recorder.entries[-1].operation == "get_voucher_file"


async def test_what_is_not_there_or_was_altered_is_not_handed_out(
    province: Province, caller: httpx.AsyncClient
) -> None:
    """SEC-10 (part)."""
    assert (await caller.get(ADDRESS)).status_code == 404
    await pay(province)
    assert (await caller.get(f"{ADDRESS}/{SHA}/file")).status_code == 404
    assert (await caller.get(f"{ADDRESS}/../file")).status_code == 404
    await keep(province, b"%PDF-other")
    reply = await caller.get(f"{ADDRESS}/{SHA}/file")
    assert (reply.status_code, reply.json()["code"]) == (500, "ours.voucher_altered")


async def test_only_who_may_read_payments_sees_them(province: Province) -> None:
    await keep(province)
    async with province.client(await province.issue("khac", Scope.FILES_READ)) as other:
        assert (await other.get(ADDRESS)).status_code == 403
        assert (await other.get(f"{ADDRESS}/{SHA}/file")).status_code == 403
