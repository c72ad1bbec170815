"""When a receipt is issued, what it says, and what happens when it cannot be."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from receipts_house import AGENCY, LINES, UNIT, ReceiptHouse, other_unit
from services import NOW

from gateway.receipts.issuing import CODE_LENGTH, CODE_LETTERS
from gateway.receipts.memory import MemoryReceipts
from gateway.receipts.model import ReceiptKind, ReceiptState
from gateway.receipts.settings import Delegation, ReceiptsSettings
from gateway.sdk.errors import ConfigurationError, UnprocessableError

MIDNIGHT = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
"""When 2027 begins in Viet Nam."""
MINUTES = timedelta(minutes=2)


@pytest.fixture
def house() -> ReceiptHouse:
    return ReceiptHouse(MemoryReceipts())


async def test_fee_and_charge_get_a_receipt_each_once(house: ReceiptHouse) -> None:
    """PAY-09, PAY-10 (part)."""
    await house.register(1, 10)
    await house.collect()
    assert await house.issue() == 2
    assert await house.issue() == 0
    await house.collect()
    assert await house.issue() == 0
    charge, fee = await house.of()
    assert (fee.kind, fee.amount, charge.kind, charge.amount) == (ReceiptKind.FEE, 120_000, ReceiptKind.CHARGE, 30_000)
    assert {(r.form, r.symbol, r.issuer, r.state) for r in (fee, charge)} == {
        ("EBL01", "26TAA", UNIT.tax_code, "issued")
    }
    assert [(seen.receipt_id, content.words) for seen, content in house.noted.seen] == [
        ("P00001-C", "Ba mươi nghìn đồng"),
        ("P00001-F", "Một trăm hai mươi nghìn đồng"),
    ]
    assert house.noted.seen[1][1].unit_name == UNIT.name


async def test_a_payment_of_fees_alone_has_no_receipt_for_charges(house: ReceiptHouse) -> None:
    await house.register(1, 10)
    await house.collect(lines=LINES[:1])
    await house.issue()
    assert [receipt.receipt_id for receipt in await house.of()] == ["P00001-F"]


async def test_amounts_above_two_to_the_31_are_issued(house: ReceiptHouse) -> None:
    """F20."""
    await house.register(1, 10)
    await house.collect(lines=[{**LINES[0], "amount": 9_999_999_999_999}])
    await house.issue()
    assert house.noted.seen[0][1].words.startswith("Chín nghìn chín trăm chín mươi chín tỷ")


async def test_each_receipt_leaves_a_leaf_that_names_no_payer(house: ReceiptHouse) -> None:
    await house.register(1, 10)
    await house.collect()
    await house.issue()
    leaf = house.recorder.entries[-1]
    assert (leaf.operation, leaf.reference, leaf.facts["number"], leaf.facts["symbol"]) == (
        "issue_receipt",
        "P00001-F",
        2,
        "26TAA",
    )
    assert leaf.facts["sha256"] == (await house.of())[1].sha256
    assert "Mẫu" not in repr(house.recorder.entries)


async def test_a_look_up_code_cannot_be_guessed(house: ReceiptHouse) -> None:
    """At least 80 bits, none twice."""
    await house.register(1, 100)
    for number in range(1, 21):
        await house.collect(number, lines=LINES[:1])
    await house.issue()
    codes = [receipt.lookup_code for receipt, _ in house.noted.seen]
    assert len(set(codes)) == 20
    assert all(len(code) == CODE_LENGTH and set(code) <= set(CODE_LETTERS) for code in codes)
    assert len(CODE_LETTERS) ** CODE_LENGTH >= 2**80


async def test_numbers_begin_at_one_each_year(house: ReceiptHouse) -> None:
    """PAY-10 (part), T7: number 12,345,678 on 31/12, number 1 on 1/1."""
    house.clock.now = MIDNIGHT - timedelta(seconds=2)
    await house.register(12_345_678, 12_345_678)
    await house.collect(1, lines=LINES[:1], paid_at=house.clock.now)
    await house.issue()
    house.clock.now = MIDNIGHT + timedelta(seconds=3)
    await house.register(1, 10)
    await house.collect(2, lines=LINES[:1], paid_at=house.clock.now)
    await house.issue()
    told = [(receipt.symbol, receipt.number) for receipt, _ in house.noted.seen]
    assert told == [("26TAA", 12_345_678), ("27TAA", 1)]


async def test_money_of_the_last_second_of_a_year_may_get_its_receipt_in_the_next(house: ReceiptHouse) -> None:
    """PAY-09, F29: dated by the signing; it says when the money came."""
    house.clock.now = MIDNIGHT + timedelta(seconds=3)
    await house.register(1, 10)
    await house.collect(lines=LINES[:1], paid_at=MIDNIGHT - timedelta(seconds=2))
    await house.issue()
    receipt, _ = house.noted.seen[0]
    assert (receipt.symbol, receipt.number) == ("27TAA", 1)
    assert (receipt.collected_on, receipt.issued_on) == (date(2026, 12, 31), date(2027, 1, 1))


@pytest.mark.parametrize(("first", "last"), [(1, 100_000_000), (0, 5), (9, 8)])
async def test_a_number_has_at_most_eight_digits(house: ReceiptHouse, first: int, last: int) -> None:
    """PAY-10 (part), T8."""
    with pytest.raises(UnprocessableError) as refused:
        await house.register(first, last)
    assert refused.value.error_code == "caller.receipt_number"


async def test_without_a_range_receipts_wait_and_a_person_is_told(house: ReceiptHouse) -> None:
    """PAY-12 (part): nothing is made up in a province."""
    await house.collect()
    assert await house.issue() == 0
    assert await house.alarms_raised() == [("receipt_range_used_up", f"unit:{AGENCY}")]
    assert {receipt.state for receipt in await house.of()} == {ReceiptState.DUE}
    assert await house.store.trouble("H99", "P00001-F") == "operator.receipt_range"
    await house.register(1, 10)
    assert await house.issue() == 0  # not before its time
    house.clock.now += MINUTES
    assert await house.issue() == 2


async def test_a_range_that_runs_out_is_told_in_time(house: ReceiptHouse) -> None:
    """PAY-12 (part): at `low` numbers, and when there is none left; what is due then waits."""
    await house.register(1, 4)
    for number in range(1, 6):
        await house.collect(number, lines=LINES[:1])
    assert await house.issue() == 4
    assert await house.alarms_raised() == [
        ("receipt_range_low", f"unit:{AGENCY}:26TAA"),
        ("receipt_range_used_up", f"unit:{AGENCY}:26TAA"),
        ("receipt_range_used_up", f"unit:{AGENCY}"),
    ]
    assert [r.state for r in await house.of(5)] == [ReceiptState.DUE]


async def test_a_signer_that_is_down_delays_and_makes_one_receipt(house: ReceiptHouse) -> None:
    """F18."""
    await house.register(1, 10)
    await house.collect()
    house.signer.broken = ConfigurationError("The token is out.", what="receipt_certificate")
    assert await house.issue() == 0
    assert await house.alarms_raised() == [("receipt_not_signed", f"unit:{AGENCY}")]
    house.clock.now += MINUTES
    assert await house.issue() == 0
    house.signer.broken = None
    house.clock.now += MINUTES
    assert await house.issue() == 2
    assert [receipt.number for receipt in await house.of()] == [1, 2]
    assert house.signer.signed == 2
    assert (await house.of())[0].issued_at == house.clock.now


async def test_what_nobody_foresaw_holds_up_one_receipt_alone(house: ReceiptHouse) -> None:
    await house.register(1, 10)
    await house.collect()
    house.signer.broken = ZeroDivisionError()
    assert await house.issue() == 0
    assert [kind for kind, _ in await house.alarms_raised()] == ["receipt_not_issued", "receipt_not_issued"]


async def test_no_evidence_no_receipt(house: ReceiptHouse) -> None:
    """The leaf is durable before the transaction ends."""
    await house.register(1, 10)
    await house.collect()
    house.recorder.broken = ConfigurationError("The disk is full.")
    assert await house.issue() == 0


async def test_a_store_that_is_down_is_asked_again(house: ReceiptHouse) -> None:
    """F32."""

    class Down(MemoryReceipts):
        async def next_due(self, tenant: str, *, now: datetime) -> Any:
            raise OSError

    assert await ReceiptHouse(Down()).issue() == 0


async def test_a_worker_stops_when_it_is_told(house: ReceiptHouse) -> None:
    await house.register(1, 10)
    await house.collect()
    stop = asyncio.Event()
    house.noted.enough = (2, stop)
    await asyncio.wait_for(house.issuing.run("H99", stop=stop), timeout=60)
    assert len(house.noted.seen) == 2


async def test_an_agency_that_is_no_unit_waits_for_a_person(house: ReceiptHouse) -> None:
    await house.collect(agency_id="H99.77")
    assert await house.issue() == 0
    assert await house.alarms_raised() == [("receipt_unit_unknown", "unit:H99.77")]


async def test_the_sandbox_issues_by_itself_and_says_that_it_is_made_up() -> None:
    house = ReceiptHouse(MemoryReceipts(), settings=ReceiptsSettings(), made_up=True)
    await house.collect(agency_id="H99.77")
    assert await house.issue() == 2
    assert all(content.made_up and "MẪU" in content.unit_name for _, content in house.noted.seen)
    assert [receipt.number for receipt, _ in house.noted.seen] == [1, 2]


def delegation(since: date) -> Delegation:
    return Delegation(
        name="Sở Ví Dụ", tax_code="9900000026", mandate="12/UN-SVD", since=since, tax_told_on=since - timedelta(days=3)
    )


async def test_a_delegated_unit_issues_from_the_series_of_who_gave_the_mandate() -> None:
    """PAY-12 (part)."""
    unit = other_unit(AGENCY, delegation=delegation(date(2026, 11, 23)))
    house = ReceiptHouse(MemoryReceipts(), settings=ReceiptsSettings(units=(unit,)))
    await house.register(501, 600, unit)
    await house.collect()
    assert await house.issue() == 2
    receipt, content = house.noted.seen[0]
    assert (receipt.issuer, receipt.number, content.unit_tax_code) == ("9900000026", 501, UNIT.tax_code)
    assert content.delegator is not None
    assert (content.delegator.name, content.delegator.mandate) == ("Sở Ví Dụ", "12/UN-SVD")


async def test_before_its_mandate_a_unit_issues_nothing() -> None:
    """PAY-12 (part)."""
    unit = other_unit(AGENCY, delegation=delegation(date(2026, 11, 24)))
    house = ReceiptHouse(MemoryReceipts(), settings=ReceiptsSettings(units=(unit,)))
    await house.register(501, 600, unit)
    await house.collect()
    assert await house.issue() == 0
    assert await house.alarms_raised() == [("receipt_mandate", f"unit:{AGENCY}")]
    house.clock.now = NOW + timedelta(days=1)
    assert await house.issue() == 2
