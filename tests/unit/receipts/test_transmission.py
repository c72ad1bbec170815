"""Receipts reach the tax authority in order and once, and whoever is late is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from receipts_house import ReceiptHouse
from tax_house import TARGET, TaxHouse, content, earlier, local, receipt, tax_house

from gateway.delivery.model import StreamKey
from gateway.receipts.memory import MemoryReceipts
from gateway.receipts.tax_watch import Haste
from gateway.receipts.transmission import SUBMIT, Transmission, stream_of, told
from gateway.rules.limits import tax_transmission_by
from gateway.rules.packs import load_calendar, load_packs, pack_on
from gateway.sdk.errors import UnprocessableError

THURSDAY = local(26, 14)
"""Friday is the first working day after it, Monday the second, Tuesday, the 1st of December, the third."""


async def issue(house: TaxHouse, *numbers: int) -> None:
    for number in numbers:
        await house.tell(receipt(number, house.now), content())


async def test_what_is_issued_is_sent_at_once_and_counted() -> None:
    """PAY-13 (part): within the day."""
    async with tax_house(THURSDAY) as house:
        with house.open_authority():
            await issue(house, 1, 2, 3)
            await house.drain(rounds=1)
        assert sorted(await house.at_authority()) == [(f"PAY26K7Q2M{n:04d}-F", 1) for n in (1, 2, 3)]  # streams race
        standing = await house.watch.standing(since=THURSDAY.date())
        assert (standing.told, standing.waiting, standing.haste) == (3, 0, Haste.NONE)
        assert (await house.watch.standing(since=date(2026, 11, 27))).told == 0


async def test_the_link_is_down_for_days_and_the_queue_drains_inside_the_limit() -> None:
    """PAY-13: nothing is lost, a person is told on the second working day, each receipt arrives exactly once."""
    async with tax_house(THURSDAY) as house:
        await issue(house, *range(1, 31))
        await house.drain(rounds=20)
        assert (await house.watch.check()).haste is Haste.NONE
        house.now = local(27, 7, minute=30)
        await issue(house, *range(31, 41))
        assert (await house.watch.check()).haste is Haste.NONE
        assert house.kinds == []

        house.now = local(30, 7, minute=30)
        standing = await house.watch.check()
        assert (standing.haste, standing.waiting, standing.oldest) == (Haste.LATE, 40, THURSDAY.date())
        assert standing.due == local(1, 17, month=12)
        assert house.kinds == ["tax_transmission_late"]

        house.now = local(1, 8, month=12)
        with house.open_authority():
            await house.drain()
        assert house.now < standing.due
        assert sorted(await house.at_authority()) == [(f"PAY26K7Q2M{n:04d}-F", 1) for n in range(1, 41)]
        assert (await house.watch.check()).waiting == 0


async def test_down_for_five_days_and_repaired_on_monday_everything_is_there_before_thursday() -> None:
    """PAY-13, T10: the lawful limit counts from the repair; ours from the day of issue, so a person knows earlier."""
    async with tax_house(local(25)) as house:
        await issue(house, 1, 2)
        house.now = local(28)
        await issue(house, 3)
        repaired = local(30, 9)
        house.now = repaired
        assert (await house.watch.check()).haste is Haste.LATE
        with house.open_authority():
            await house.drain(rounds=5)
        by = tax_transmission_by(repaired.date(), pack_on(load_packs(), repaired.date()), load_calendar())
        assert house.now < by == local(3, 17, month=12)
        assert len(await house.at_authority()) == 3


async def test_the_third_working_day_is_over_and_a_person_is_told_so() -> None:
    """PAY-13."""
    async with tax_house(THURSDAY) as house:
        await issue(house, 1)
        house.now = local(1, 17, month=12)
        assert (await house.watch.check()).haste is Haste.LATE
        house.now += timedelta(minutes=5)
        assert (await house.watch.check()).haste is Haste.OVERDUE
        assert house.kinds == ["tax_transmission_late", "tax_transmission_overdue"]
        [_, (_, alarm)] = house.alarms.kept
        assert alarm.occasion.about == "tax_authority:2026-11-26"
        assert alarm.occasion.facts["waiting"] == 1


async def test_maintenance_and_a_lost_answer_book_each_receipt_once() -> None:
    """PAY-13 (part): a repeat carries the same number."""
    async with tax_house(THURSDAY) as house:
        house.authority.state.settings.merge({"closed": True})
        with house.open_authority():
            await issue(house, 1)
            await house.drain(rounds=3)
            assert await house.at_authority() == []
            house.authority.state.settings.merge({"closed": False})
            house.authority.state.plan.add({"fault": "late_success"})
            house.now += timedelta(minutes=10)
            await house.drain(rounds=30)
        assert await house.at_authority() == [("PAY26K7Q2M0001-F", 2)]
        calls = house.authority.state.journal.calls("bang-tong-hop")
        assert len({json.loads(call.body)["MOCK-TAX-MaThongDiep"] for call in calls}) == 1
        assert (await house.watch.standing(since=THURSDAY.date())).waiting == 0


async def test_a_refused_receipt_waits_for_a_person_and_holds_up_no_other() -> None:
    async with tax_house(THURSDAY) as house:
        with house.open_authority():
            await house.tell(receipt(1, house.now), content(unit_tax_code="9900000404"))
            await issue(house, 2)
            await house.drain(rounds=2)
        standing = await house.watch.standing(since=THURSDAY.date())
        assert (standing.told, standing.waiting, standing.held) == (1, 1, 1)


async def test_what_adjusts_and_cancels_goes_behind_what_it_adjusts() -> None:
    """F34 (part), PAY-16: a newer receipt adjusts or cancels, in the same stream; amounts beyond 2^31."""
    async with tax_house(THURSDAY) as house:
        first = receipt(1, house.now, amount=3_000_000_000)
        second = replace(
            first, receipt_id=f"{first.receipt_id}-R1", number=2, amount=1_000_000_000, supersedes=first.receipt_id
        )
        third = replace(second, receipt_id=f"{first.receipt_id}-R2", number=3, amount=0, supersedes=second.receipt_id)
        await house.tell(first, content(3_000_000_000))
        await house.tell(second, content(3_000_000_000, -2_000_000_000, earlier=earlier(1, house.now), reason="Hoàn"))
        await house.tell(third, content(1_000_000_000, -1_000_000_000, earlier=earlier(2, house.now), reason="Hoàn"))
        with house.open_authority():
            await house.drain(rounds=3)
        assert await house.at_authority() == [(one.receipt_id, 1) for one in (first, second, third)]
        history = await house.outbox.history(StreamKey(tenant="H99", target=TARGET, key="receipt:PAY26K7Q2M0001-F"))
        assert [message.body["TinhChat"].removeprefix("MOCK-TAX-") for message in history] == [
            "LAP-MOI",
            "DIEU-CHINH",
            "HUY",
        ]


async def test_a_receipt_that_lacks_what_the_law_demands_is_not_issued() -> None:
    """PAY-10 (part)."""
    async with tax_house(THURSDAY) as house:
        with pytest.raises(UnprocessableError) as raised:
            await house.tell(replace(receipt(1, house.now), number=None), content(unit_tax_code=""))
        assert {field.pointer for field in raised.value.fields} == {"/number", "/collector/tax_code"}
        assert await house.outbox.lanes("H99") == []


async def test_without_a_tax_authority_nothing_is_written() -> None:
    async with tax_house(THURSDAY) as house:
        await Transmission(house.outbox, house.exchange, target="", clock=lambda: house.now)(
            receipt(1, house.now), content()
        )
        assert await house.outbox.lanes("H99") == []


async def test_the_payer_stands_in_the_body_only() -> None:
    """PDP-15 (part)."""
    async with tax_house(THURSDAY) as house:
        with house.open_authority():
            await issue(house, 1)
            await house.drain(rounds=1)
        [call] = house.authority.state.journal.calls("bang-tong-hop")
        assert "Trần Thị Mẫu" in call.body
        assert "Mẫu" not in call.path + call.query + repr(call.headers)
        assert "Mẫu" not in repr(house.recorder.entries[0].facts)


def test_a_stream_is_named_after_the_first_receipt() -> None:
    assert stream_of("P1-F") == stream_of("P1-F-R1") == stream_of("P1-F-R2") == "receipt:P1-F"
    assert stream_of("P1-C") == "receipt:P1-C"


def test_what_is_told_names_the_delegator_and_the_kind() -> None:
    """PAY-10 (part), PAY-12 (part)."""
    said: dict[str, Any] = told(receipt(1, THURSDAY), content())
    assert (said["name"], said["event"], said["delegator"]) == ("Biên lai thu phí", "issued", None)
    assert said["issued_at"] == "2026-11-26T14:00:00+07:00"


async def test_the_watch_has_two_chores_a_day_and_none_where_nobody_is_told() -> None:
    async with tax_house(THURSDAY) as house:
        assert [chore.name for chore in house.watch.chores()] == [
            "tax_transmission_morning",
            "tax_transmission_evening",
        ]
        house.watch._target = ""
        assert house.watch.chores() == ()
        assert SUBMIT in house.exchange.operations


async def test_receipts_as_they_are_really_issued_adjusted_and_cancelled_are_taken() -> None:
    """PAY-09, PAY-13, PAY-16 (part): the issuing's own receipts, not ones made for this test."""
    receipts = ReceiptHouse(MemoryReceipts())
    async with tax_house(receipts.clock.now) as house:
        receipts.issuing._on_issued = [house.tell]
        await receipts.register(1, 10)
        await receipts.collect()
        await receipts.issue()
        for refund, parts in (("R1", {"fee": 20_000}), ("R2", {"fee": 100_000, "charge": 30_000})):
            await receipts.refund(refund, **parts)
            await receipts.issue()
        with house.open_authority():
            await house.drain(rounds=10)
        taken = await house.at_authority()
        assert {name for name, _ in taken} == {one.receipt_id for one in await receipts.of()}
        assert (len(taken), {times for _, times in taken}) == (5, {1})
        assert (await house.watch.standing(since=receipts.clock.now.date())).held == 0
