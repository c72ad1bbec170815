"""Dossiers and their events are checked, stored and enqueued before anyone hears «accepted»."""

from __future__ import annotations

from typing import Any

import pytest
from intake_house import CODE, House
from services import CONTEXT, take_step

from gateway.domain import DossierStatus
from gateway.sdk.errors import ConflictError, NotFoundError, UnprocessableError


@pytest.fixture
async def house() -> House:
    house = House()
    await house.service.put(CODE, {"status": 1}, context=CONTEXT)
    house.outbox.drafts.clear()
    return house


async def test_event_sends_the_dossier_before_its_step(house: House) -> None:
    taken = await house.event(2)
    assert [draft.operation for draft in house.outbox.drafts] == ["sync_dossier", "report_progress"]
    assert {draft.stream.key for draft in house.outbox.drafts} == {CODE}
    assert house.outbox.drafts[0].body["status"] == 2
    assert (taken.status, taken.version) == (DossierStatus.ACCEPTED, 2)


async def test_illegal_move_is_refused_with_a_reason_and_nothing_is_stored(house: House) -> None:
    """STA-03."""
    with pytest.raises(UnprocessableError, match="cannot follow") as refused:
        await house.event(10)
    assert "Được phép: 2 (Được tiếp nhận)" in refused.value.detail_vi
    assert house.outbox.drafts == []
    assert house.store.records["H99", CODE].status is DossierStatus.FILED


@pytest.mark.parametrize("status", [3, 5])
async def test_refusal_or_supplement_without_words_is_refused(house: House, status: int) -> None:
    """DOS-03 (part), DOS-05 (part)."""
    with pytest.raises(UnprocessableError) as refused:
        await house.event(status, content="  ")
    assert refused.value.fields[0].pointer == "/content"


async def test_same_event_twice_is_taken_once(house: House) -> None:
    """SYN-08."""
    first = await house.event(2, event_id="e")
    again = await house.event(2, event_id="e")
    assert again == first
    assert len(house.outbox.drafts) == 2


async def test_other_event_under_the_same_id_is_a_conflict(house: House) -> None:
    await house.event(2, event_id="e")
    with pytest.raises(ConflictError):
        await house.event(4, event_id="e")


async def test_event_for_an_unknown_dossier_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        await House().event(2)


async def test_put_again_is_a_new_version_with_the_same_status(house: House) -> None:
    taken = await house.service.put(CODE, {"status": 1, "note": "x"}, context=CONTEXT)
    assert taken.version == 2
    with pytest.raises(ConflictError, match="only a status event"):
        await house.service.put(CODE, {"status": 2}, context=CONTEXT)


@pytest.mark.parametrize("status", [4, 5, 6, 7, 8, 9, 10])
async def test_new_dossier_cannot_start_in_the_middle(status: int) -> None:
    with pytest.raises(UnprocessableError):
        await House().service.put(CODE, {"status": status}, context=CONTEXT)


async def test_finishing_fills_in_the_dates_that_the_law_counts_by(house: House) -> None:
    for hour, status in enumerate((2, 4, 9, 10), 9):
        await house.event(status, hour=hour)
    document = house.store.records["H99", CODE].document
    assert document["processed_at"].startswith("2026-11-20T11")
    assert document["returned_at"].startswith("2026-11-20T12")


async def test_every_event_stays_in_the_history(house: House) -> None:
    """DOS-16."""
    await house.event(2, hour=9)
    await house.event(4, hour=10)
    assert [event.status for event in await house.store.events("H99", CODE)] == [2, 4]


async def test_a_step_that_changes_nothing_of_the_dossier_is_only_a_step(house: House) -> None:
    await house.event(2, hour=9)
    house.outbox.drafts.clear()
    await house.event(2, hour=10)
    assert [draft.operation for draft in house.outbox.drafts] == ["report_progress"]


async def test_a_dossier_keeps_the_rules_under_which_it_was_received() -> None:
    """ORG-05 (part), vector T19: received on 30/6/2026, with a step on 2/7/2026 when another pack is in force."""
    house = House()
    document = {"status": 2, "received_at": "2026-06-30T16:00:00+07:00"}
    await house.service.put(CODE, document, context=CONTEXT)
    step = {"event_id": "e", "status": 4, "at": "2026-07-02T08:00:00+07:00", "content": "Bước"}
    await take_step(house.service, CODE, step, context=CONTEXT)
    await house.service.put(CODE, {**document, "status": 4, "note": "x"}, context=CONTEXT)
    axes = await house.service.axes(CODE, context=CONTEXT)
    assert axes.pack == "2018"
    await house.service.put(CODE + "1", {**document, "received_at": "2026-07-01T00:00:00+07:00"}, context=CONTEXT)
    assert (await house.service.axes(CODE + "1", context=CONTEXT)).pack == "2026"


async def test_a_due_date_moves_once_and_again_only_with_a_supplement() -> None:
    """DOS-11 (part), vector T6."""
    house = House()
    base = {"status": 2, "received_at": "2026-11-02T08:00:00+07:00"}

    async def put(due: str, **more: Any) -> Any:
        return await house.service.put(
            CODE, {**base, "due_at": f"2026-11-{due}T17:00:00+07:00", **more}, context=CONTEXT
        )

    await put("10")
    await put("12")
    with pytest.raises(UnprocessableError, match="once") as refused:
        await put("14")
    assert refused.value.fields[0].pointer == "/due_at"
    await put("20", supplements=[{"number": 1}])
    assert house.store.records["H99", CODE].reschedules == 1


async def test_a_date_that_a_step_filled_in_is_not_wiped_by_the_next_version(house: House) -> None:
    for hour, status in enumerate((2, 4, 9), 9):
        await house.event(status, hour=hour)
    await house.service.put(CODE, {"status": 9, "note": "x"}, context=CONTEXT)
    assert house.store.records["H99", CODE].document["processed_at"].startswith("2026-11-20T11")


async def test_a_step_from_the_future_is_refused(house: House) -> None:
    """Taken in, it would make every true step after it a late one."""
    with pytest.raises(UnprocessableError) as refused:
        await take_step(
            house.service,
            CODE,
            {"event_id": "e", "status": 2, "at": "2062-11-20T10:00:00+07:00", "content": "x"},
            context=CONTEXT,
        )
    assert refused.value.fields[0].pointer == "/at"


@pytest.mark.parametrize(
    ("fees", "refused"),
    [
        ([{"amount": 0}], True),
        ([{"amount": 0}, {"amount": 0}], True),
        ([{"amount": 0}, {"amount": 1}], False),
        ([], False),
    ],
)
async def test_a_dossier_that_costs_nothing_is_never_stopped_by_a_demand_to_pay(
    fees: list[dict[str, int]], refused: bool
) -> None:
    """DOS-27."""
    house = House()
    await house.service.put(CODE, {"status": 2, "fees": fees}, context=CONTEXT)
    if not refused:
        assert (await house.event(6)).status is DossierStatus.PAYMENT_REQUESTED
        return
    with pytest.raises(UnprocessableError) as raised:
        await house.event(6)
    assert (raised.value.fields[0].pointer, raised.value.error_code) == ("/status", "caller.nothing_to_pay")


async def test_a_late_result_is_handed_over_all_the_same() -> None:
    """DOS-28."""
    house = House()
    await house.service.put(CODE, {"status": 2, "due_at": "2026-11-01T17:00:00+07:00"}, context=CONTEXT)
    await house.event(9)
    assert (await house.event(10, hour=10)).status is DossierStatus.RETURNED
    assert [draft.body["status"] for draft in house.outbox.drafts if draft.operation == "sync_dossier"] == [2, 9, 10]
