"""A province and its caller, and every operation of the API with the example that its own document gives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from province import TENANT, Province
from refund_examples import give_refunds
from services import NOW

from gateway.api.schemas.payments import EXAMPLE
from gateway.audit import batch, leaf
from gateway.audit.model import Entry, EntryKind
from gateway.payments.model import Bill, BillState

BILL = Bill(
    tenant="H99",
    bill_id="B7Q2M0001ABCDEFGHIJK",
    dossier_code="000.00.05.H99-261123-0099",
    amount=EXAMPLE["amount"],
    currency="VND",
    state=BillState.UNPAID,
    matter="the example's",
    beneficiary=EXAMPLE["beneficiary"]["account"],
    created_at=NOW,
    updated_at=NOW,
    document={"currency": "VND", "narration": "THANH TOAN", **EXAMPLE},
)


@pytest.fixture
async def province() -> Province:
    """With the bill, the payments and the refunds that the document's examples name."""
    province = Province()
    await province.till.bills.add(BILL)
    await give_refunds(province)
    await give_evidence(province)
    return province


async def give_evidence(province: Province) -> None:
    """The row of the log that the documents of the API name."""
    entries = [
        Entry(
            kind=EntryKind.EXCHANGE,
            tenant=TENANT,
            actor="motcua",
            operation="verify_citizen",
            outcome="answered",
            occurred_at=NOW,
            trace_id=f"{number:032x}",
            bodies={"request_sent": b'{"ma": "X"}'},
        )
        for number in range(42)
    ]
    prepared = [leaf.prepare(entry, province.keyring) for entry in entries]
    await province.audit.append(TENANT, lambda head: batch.extend(head, prepared, now=NOW))


@pytest.fixture
async def caller(province: Province) -> AsyncIterator[httpx.AsyncClient]:
    """May do everything."""
    async with province.client(await province.issue()) as client:
        yield client
