"""Cases: due when the law says, one alarm for many, a leaf each, resolved once by somebody with words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from services import CONTEXT, NOW, Clock, ListedRecorder

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.cases.due import due_at
from gateway.cases.memory import MemoryCases
from gateway.cases.model import CaseKind, Opening, Owner
from gateway.cases.service import Cases
from gateway.domain import VIETNAM
from gateway.rules.calendar import WorkingCalendar
from gateway.rules.packs import load_calendar
from gateway.sdk.errors import ConflictError, NotFoundError, UnprocessableError

CALENDAR = load_calendar()
OPENING = Opening(
    kind=CaseKind.AMOUNT_MISMATCH,
    about="T1",
    rail="vnpay",
    finder="reconciliation:2026-11-22",
    owner=Owner.RAIL,
    facts={"amount": 3_000_000_000, "listed_amount": 1},
    day=date(2026, 11, 22),
)


@pytest.fixture
def house() -> Any:
    class House:
        recorder, clock, alarms = ListedRecorder(), Clock(), MemoryAlarms()

    house = House()
    raising = Alarms(house.alarms, recorder=house.recorder, clock=house.clock)
    house.cases = Cases(MemoryCases(), raising, calendar=CALENDAR, recorder=house.recorder, clock=house.clock)
    return house


@pytest.mark.parametrize(
    ("found", "due"),
    [
        ("2026-11-23T06:00", "2026-11-23T17:00"),
        ("2026-11-23T17:00", "2026-11-24T17:00"),
        ("2026-11-27T23:59", "2026-11-30T17:00"),
        ("2026-11-29T06:00", "2026-11-30T17:00"),
    ],
)
def test_found_on_a_working_day_it_is_due_that_day_else_on_the_next(found: str, due: str) -> None:
    """PAY-07 (part): TT 89/2026 Art 37(1)(a)."""
    at = datetime.fromisoformat(found).replace(tzinfo=VIETNAM)
    assert due_at(at, CALENDAR) == datetime.fromisoformat(due).replace(tzinfo=VIETNAM)
    assert due_at(at.astimezone(UTC), CALENDAR) == due_at(at, CALENDAR)


@pytest.mark.parametrize(("hour", "days"), [(6, 0), (18, 1)])
def test_a_missing_calendar_makes_it_due_sooner_and_keeps_no_case_from_being_opened(hour: int, days: int) -> None:
    at = datetime(2031, 5, 10, hour, tzinfo=VIETNAM)
    assert due_at(at, WorkingCalendar({})) == datetime(2031, 5, 10 + days, 17, tzinfo=VIETNAM)


async def test_a_new_case_is_a_leaf_and_many_are_one_alarm(house: Any) -> None:
    """PAY-07 (part): a case for each, one alarm for the kind at the rail."""
    first = await house.cases.open(OPENING, context=CONTEXT)
    again = await house.cases.open(OPENING, context=CONTEXT)
    other = await house.cases.open(Opening(**{**_fields(OPENING), "about": "T2"}), context=CONTEXT)
    assert (again, other.id != first.id) == (first, True)
    ((_, alarm),) = house.alarms.kept
    assert (alarm.occasion.about, alarm.count) == ("vnpay/amount_mismatch", 2)
    leaves = [entry for entry in house.recorder.entries if entry.operation == "open_case"]
    assert [leaf.reference for leaf in leaves] == [f"case:{first.id}", f"case:{other.id}"]
    assert leaves[0].facts["listed_amount"] == 1


async def test_a_case_is_resolved_once_by_somebody_with_words(house: Any) -> None:
    case = await house.cases.open(OPENING, context=CONTEXT)
    for wrong in ({"by": " "}, {"resolution": ""}, {"evidence": "abc"}):
        with pytest.raises(UnprocessableError):
            await house.cases.resolve("H99", case.id, **{"by": "A", "resolution": "b", **wrong})
    done = await house.cases.resolve("H99", case.id, by="A", resolution="đã tra soát", evidence="a" * 64)
    assert (done.resolved_by, done.evidence, done.resolved_at is not None) == ("A", "a" * 64, True)
    with pytest.raises(ConflictError):
        await house.cases.resolve("H99", case.id, by="A", resolution="b")
    with pytest.raises(NotFoundError):
        await house.cases.resolve("H99", 999, by="A", resolution="b")
    assert await house.cases.listed("H99", everything=False, limit=9) == []


async def test_resolved_it_is_the_same_case_for_the_same_facts_and_a_new_one_for_others(house: Any) -> None:
    case = await house.cases.open(OPENING, context=CONTEXT)
    await house.cases.resolve("H99", case.id, by="A", resolution="b")
    assert (await house.cases.open(OPENING, context=CONTEXT)).id == case.id
    worse = Opening(**{**_fields(OPENING), "facts": {"amount": 2}})
    assert (await house.cases.open(worse, context=CONTEXT)).id != case.id


async def test_cases_are_listed_by_their_time_of_a_day_and_a_rail(house: Any) -> None:
    late = await house.cases.open(OPENING, context=CONTEXT)
    house.clock.now = NOW - timedelta(days=3)
    soon = await house.cases.open(Opening(**{**_fields(OPENING), "rail": "paygov", "day": None}), context=CONTEXT)
    assert [case.id for case in await house.cases.listed("H99", everything=True, limit=9)] == [soon.id, late.id]
    assert [case.id for case in await house.cases.listed("H99", everything=True, limit=9, rail="vnpay")] == [late.id]
    day = date(2026, 11, 22)
    assert [case.id for case in await house.cases.listed("H99", everything=True, limit=9, day=day)] == [late.id]


def _fields(opening: Opening) -> dict[str, Any]:
    return {name: getattr(opening, name) for name in Opening.__slots__}
