"""What becomes of a receipt when money goes back, and what is shown of receipts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from receipts_house import AGENCY, ReceiptHouse
from services import CONTEXT, NOW

from gateway.receipts.memory import MemoryReceipts
from gateway.receipts.model import PaperReceipt, ReceiptKind
from gateway.sdk.errors import ConflictError, IntegrityError, NotFoundError, UnprocessableError


@pytest.fixture
async def house() -> ReceiptHouse:
    opened = ReceiptHouse(MemoryReceipts())
    await opened.register(1, 100)
    await opened.collect()
    return opened


async def test_a_partial_refund_adjusts_and_keeps_the_old_receipt(house: ReceiptHouse) -> None:
    """PAY-16, F34."""
    await house.issue()
    await house.refund("RF1", fee=20_000)
    assert await house.issue() == 1
    by_id = {receipt.receipt_id: receipt for receipt in await house.of()}
    old, new = by_id["P00001-F"], by_id["P00001-F-RF1"]
    assert (old.state, old.amount, old.number) == ("adjusted", 120_000, 2)
    assert (new.state, new.amount, new.number, new.supersedes) == ("issued", 100_000, 3, "P00001-F")
    assert by_id["P00001-C"].state == "issued"
    content = house.noted.seen[-1][1]
    assert [line.amount for line in content.lines] == [120_000, -20_000]
    assert content.earlier is not None
    assert (content.earlier.symbol, content.earlier.number) == ("26TAA", 2)
    assert content.reason == "hoàn trả 20.000 đồng ngày 23/11/2026; hồ sơ được rút"
    assert content.words == "Một trăm nghìn đồng"
    leaf = house.recorder.entries[-1]
    assert (leaf.operation, leaf.facts["supersedes"]) == ("adjust_receipt", "P00001-F")
    assert await house.receipts.file("P00001-F", context=CONTEXT)


async def test_all_of_it_paid_back_cancels_both(house: ReceiptHouse) -> None:
    """PAY-16, F34."""
    await house.issue()
    await house.refund("RF1", fee=120_000, charge=30_000)
    assert await house.issue() == 2
    by_id = {receipt.receipt_id: receipt for receipt in await house.of()}
    assert [by_id[name].state for name in ("P00001-F", "P00001-C")] == ["cancelled", "cancelled"]
    assert [by_id[f"{name}-RF1"].amount for name in ("P00001-F", "P00001-C")] == [0, 0]
    assert house.noted.seen[-1][1].words == "Không đồng"


async def test_the_same_refund_adjusts_once(house: ReceiptHouse) -> None:
    await house.issue()
    await house.refund("RF1", fee=20_000)
    await house.refund("RF1", fee=20_000)
    await house.issue()
    await house.refund("RF1", fee=20_000)
    assert await house.issue() == 0
    assert len(await house.of()) == 3


async def test_each_further_refund_adjusts_the_newest(house: ReceiptHouse) -> None:
    await house.issue()
    await house.refund("RF1", fee=20_000)
    await house.refund("RF2", fee=100_000)  # before the first one is issued
    assert await house.issue() == 2
    by_id = {receipt.receipt_id: receipt for receipt in await house.of()}
    assert by_id["P00001-F-RF2"].supersedes == "P00001-F-RF1"
    assert [by_id[name].state for name in ("P00001-F", "P00001-F-RF1", "P00001-F-RF2")] == [
        "adjusted",
        "cancelled",
        "issued",
    ]


async def test_what_was_paid_back_before_the_receipt_came_still_has_one(house: ReceiptHouse) -> None:
    await house.refund("RF1", charge=30_000)
    assert await house.issue() == 3
    numbers = {receipt.receipt_id: receipt.number for receipt in await house.of()}
    assert numbers["P00001-C"] < numbers["P00001-C-RF1"]


async def test_more_than_was_collected_is_refused(house: ReceiptHouse) -> None:
    await house.refund("RF1", fee=20_000)
    with pytest.raises(ConflictError) as refused:
        await house.refund("RF2", fee=100_001)
    assert refused.value.error_code == "caller.receipt_exceeded"


async def test_a_refund_of_excess_touches_no_receipt(house: ReceiptHouse) -> None:
    await house.refund("RF1")
    await house.refund("RF1", fee=0)
    await house.refund("RF1", number=9, fee=5)  # a payment that has none
    assert len(await house.of()) == 2


async def test_a_receipt_is_shown_with_its_file(house: ReceiptHouse) -> None:
    with pytest.raises(ConflictError) as refused:
        await house.receipts.file("P00001-F", context=CONTEXT)
    assert refused.value.error_code == "caller.receipt_not_issued"
    await house.issue()
    receipt = await house.receipts.find("P00001-F", context=CONTEXT)
    file = await house.receipts.file("P00001-F", context=CONTEXT)
    assert (file.name, file.media_type) == ("bien-lai-26TAA-2.pdf", "application/pdf")
    assert file.sha256 == receipt.sha256 == hashlib.sha256(file.content).hexdigest()
    assert await house.receipts.by_code(receipt.lookup_code, tenant="H99") == receipt
    assert len(await house.receipts.of_payment("P00001", context=CONTEXT)) == 2
    with pytest.raises(NotFoundError):
        await house.receipts.find("P9-F", context=CONTEXT)
    with pytest.raises(NotFoundError):
        await house.receipts.by_code("0" * 20, tenant="H99")


async def test_a_file_that_was_altered_is_not_given_out(house: ReceiptHouse) -> None:
    """PAY-15 (part)."""
    await house.issue()
    house.store._rows["H99", "P00001-F"].file += b" "
    with pytest.raises(IntegrityError):
        await house.receipts.file("P00001-F", context=CONTEXT)


PAPER = PaperReceipt(
    tenant="H99",
    dossier_code=f"{AGENCY}-261123-0007",
    kind=ReceiptKind.FEE,
    symbol="AA-22P",
    number=7,
    amount=50_000,
    day=date(2026, 11, 23),
    recorded_at=NOW,
)


async def test_paper_ends_with_2026(house: ReceiptHouse) -> None:
    """PAY-14, T9."""
    house.clock.now = NOW + timedelta(days=45)
    await house.receipts.record_paper(replace(PAPER, day=date(2026, 12, 31)))
    with pytest.raises(UnprocessableError) as refused:
        await house.receipts.record_paper(replace(PAPER, number=8, day=date(2027, 1, 1)))
    assert refused.value.error_code == "caller.paper_receipt"


async def test_a_paper_receipt_of_tomorrow_or_with_a_number_that_is_taken_is_refused(house: ReceiptHouse) -> None:
    await house.receipts.record_paper(PAPER)
    with pytest.raises(ConflictError) as taken:
        await house.receipts.record_paper(PAPER)
    assert taken.value.error_code == "caller.paper_receipt_taken"
    with pytest.raises(UnprocessableError) as early:
        await house.receipts.record_paper(replace(PAPER, number=8, day=date(2026, 11, 24)))
    assert early.value.error_code == "caller.in_the_future"
