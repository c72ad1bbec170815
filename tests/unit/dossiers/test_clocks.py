"""The law's clocks of a dossier, through the service that keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from intake_house import CODE, House
from services import CONTEXT, take_step

from gateway.domain import VIETNAM
from gateway.rules.deadlines import Alarm
from gateway.rules.packs import load_packs, pack_named
from gateway.sdk import ConfigurationError
from gateway.sdk.errors import NotFoundError

RECEIVED = {"status": 2, "received_at": "2026-11-02T09:00:00+07:00", "channel": "counter", "working_days": 10}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


async def clocks(house: House, **changes: Any) -> Any:
    await house.service.put(CODE, {**RECEIVED, **changes}, context=CONTEXT)
    return await house.service.clocks(CODE, context=CONTEXT)


@pytest.mark.parametrize(
    ("received", "handed_on"),
    [
        ("2026-11-02T14:59:59", "2026-11-02T17:00:00"),
        ("2026-11-02T15:00:00", "2026-11-02T17:00:00"),
        ("2026-11-02T15:00:01", "2026-11-03T07:30:00"),
        ("2026-11-06T15:01:00", "2026-11-09T07:30:00"),
        ("2026-02-13T15:01:00", "2026-02-23T07:30:00"),
    ],
)
async def test_a_paper_dossier_says_by_when_it_is_handed_on(received: str, handed_on: str) -> None:
    """DOS-08: the vectors of the law, on the record of a dossier."""
    found = await clocks(House(), received_at=f"{received}+07:00")
    assert found.forward_by == at(handed_on)
    assert (await clocks(House(), channel="online")).forward_by is None


async def test_a_full_supplement_starts_the_days_anew_and_the_old_due_moment_stays_on_record() -> None:
    """DOS-10."""
    house = House()
    first = await clocks(house)
    assert (first.computed.at, first.computed.before) == (at("2026-11-16T17:00:00"), ())
    for number, (status, moment) in enumerate(
        [(4, "2026-11-03T09:00:00"), (5, "2026-11-05T09:00:00"), (4, "2026-11-10T10:00:00")]
    ):
        step = {"event_id": f"e{number}", "status": status, "at": f"{moment}+07:00", "content": "Bước"}
        await take_step(house.service, CODE, step, context=CONTEXT)
    again = (await house.service.clocks(CODE, context=CONTEXT)).computed
    assert (again.at, again.since, again.before) == (
        at("2026-11-24T17:00:00"),
        at("2026-11-10T10:00:00"),
        (first.computed.at,),
    )


async def test_what_was_promised_stands_beside_what_is_computed() -> None:
    """DOS-09 (part), DOS-11 (part): by when it goes back; from when an apology must exist; one other date is left."""
    found = await clocks(House(), due_at="2026-11-20T17:00:00+07:00")
    assert (found.due_at, found.computed.at) == (at("2026-11-20T17:00:00"), at("2026-11-16T17:00:00"))
    assert found.return_ineligible_by == at("2026-11-05T17:00:00")
    assert found.apology_from == at("2026-11-19T00:00:00")
    assert (found.reschedules_left, found.alarms) == (1, [Alarm.OVERDUE, Alarm.APOLOGY_MISSING])


async def test_a_fact_that_was_not_told_is_not_made_up() -> None:
    found = await clocks(House(), working_days=None, due_at=None)
    assert (found.computed, found.due_at, found.apology_from, found.alarms) == (None, None, None, [])


@pytest.mark.parametrize("received", ["2000-01-01T09:00:00+07:00", "9998-12-30T09:00:00+07:00"])
async def test_a_year_without_a_calendar_is_not_guessed(received: str) -> None:
    found = await clocks(House(), received_at=received)
    assert (found.computed, found.forward_by, found.return_ineligible_by) == (None, None, None)
    assert found.calendar == "missing"


async def test_whether_the_calendar_was_compared_is_said() -> None:
    assert (await clocks(House())).calendar == "unconfirmed"


async def test_of_an_unknown_dossier_nothing_is_said() -> None:
    with pytest.raises(NotFoundError):
        await House().service.clocks(CODE, context=CONTEXT)


def test_a_rule_pack_that_is_gone_is_not_replaced_by_another() -> None:
    """ORG-05 (part)."""
    packs = load_packs()
    assert pack_named(packs, "2026").id == "2026"
    assert pack_named(packs, "") is packs[0]
    with pytest.raises(ConfigurationError, match="1999"):
        pack_named(packs, "1999")
