"""The notice, what a plan must say, and what happens by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from services import CONTEXT, NOW, Clock, ListedRecorder, atomically

from gateway.delivery.memory import MemoryOutbox
from gateway.domain import VIETNAM
from gateway.maintenance.keeper import Keeper
from gateway.maintenance.memory import MemoryMaintenance
from gateway.maintenance.model import GATEWAY, Plan, WindowState
from gateway.maintenance.service import Maintenance, Notice
from gateway.rules.packs import load_calendar, load_packs
from gateway.sdk.errors import ConflictError, NotFoundError, UnprocessableError

NOTICE = Notice(calendar=load_calendar(), packs=load_packs())
LAWFUL = datetime(2026, 12, 5, 22, tzinfo=VIETNAM)
HOUR = timedelta(hours=1)
PLAN = Plan(subject="population", begins=LAWFUL, ends=LAWFUL + 4 * HOUR, text="Nâng cấp máy chủ")
TENANT = CONTEXT.tenant


class House:
    def __init__(self) -> None:
        self.clock, self.recorder = Clock(), ListedRecorder()
        self.store, self.outbox = MemoryMaintenance(), MemoryOutbox()
        self.service = Maintenance(
            self.store,
            notice=NOTICE,
            targets=["population", "national_portal"],
            recorder=self.recorder,
            atomically=atomically,
            clock=self.clock,
        )
        self.keeper = Keeper(
            store=self.store,
            outbox=self.outbox,
            recorder=self.recorder,
            atomically=atomically,
            tenant=TENANT,
            clock=self.clock,
        )

    async def stopped(self, at: datetime) -> frozenset[str]:
        """What is paused once the keeper has looked at that moment."""
        self.clock.now = at
        await self.keeper.step()
        return await self.outbox.paused(TENANT)


@pytest.mark.parametrize(
    ("announced", "soonest"),
    [
        ("2026-11-23 09:00", "2026-12-02 17:00"),  # Monday: the seven days are Tue 24 to Wed 2
        ("2026-11-27 23:59", "2026-12-08 17:00"),  # Friday night
        ("2026-11-28 08:00", "2026-12-08 17:00"),  # Saturday counts as Friday does
    ],
)
def test_seven_whole_working_days_lie_between(announced: str, soonest: str) -> None:
    """CON-15."""
    at = datetime.fromisoformat(announced).replace(tzinfo=VIETNAM)
    assert NOTICE.soonest(at) == datetime.fromisoformat(soonest).replace(tzinfo=VIETNAM)


async def test_shorter_notice_is_refused_and_says_when_it_may_begin() -> None:
    """CON-15."""
    house = House()
    soon = replace(PLAN, begins=NOTICE.soonest(NOW) - timedelta(seconds=1))
    with pytest.raises(UnprocessableError) as refused:
        await house.service.announce(soon, context=CONTEXT)
    assert refused.value.error_code == "caller.notice_too_short"
    assert "17:00 02/12/2026" in refused.value.detail_vi
    assert house.recorder.entries == []
    assert await house.service.listed(TENANT) == []
    await house.service.announce(replace(soon, begins=NOTICE.soonest(NOW)), context=CONTEXT)


async def test_force_majeure_needs_no_notice_and_is_told_as_such() -> None:
    """CON-15."""
    house = House()
    plan = replace(PLAN, begins=NOW, ends=NOW + HOUR, force_majeure="Mất điện toàn khu vực")
    made = await house.service.announce(plan, context=CONTEXT)
    (entry,) = house.recorder.entries
    assert (entry.operation, entry.reference) == ("announce_maintenance", f"maintenance:{made.id}")
    assert entry.facts["force_majeure"] == "yes"
    assert entry.bodies["force_majeure"].decode() == "Mất điện toàn khu vực"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"subject": "nowhere"}, "/subject"),
        ({"text": "  "}, "/text"),
        ({"ends": LAWFUL}, "/ends"),
        ({"ends": LAWFUL + timedelta(days=31)}, "/ends"),
        ({"begins": NOW - 2 * HOUR, "ends": NOW - HOUR, "force_majeure": "x"}, "/ends"),
    ],
)
async def test_what_cannot_be_names_its_field(change: dict[str, object], pointer: str) -> None:
    with pytest.raises(UnprocessableError) as refused:
        await House().service.announce(replace(PLAN, **change), context=CONTEXT)  # type: ignore[arg-type]  # a table
    assert [field.pointer for field in refused.value.fields] == [pointer]


async def test_the_gateway_itself_can_be_suspended() -> None:
    assert (await House().service.announce(replace(PLAN, subject=GATEWAY), context=CONTEXT)).plan.subject == GATEWAY


async def test_each_act_fits_its_moment_and_leaves_a_leaf() -> None:
    house = House()
    made = await house.service.announce(PLAN, context=CONTEXT)
    with pytest.raises(ConflictError):
        await house.service.end(made.id, context=CONTEXT)
    with pytest.raises(NotFoundError):
        await house.service.cancel(99, context=CONTEXT)
    house.clock.now = LAWFUL + HOUR
    with pytest.raises(ConflictError):
        await house.service.cancel(made.id, context=CONTEXT)
    longer = await house.service.extend(made.id, ends=LAWFUL + 6 * HOUR, context=CONTEXT)
    assert longer.plan.ends == LAWFUL + 6 * HOUR
    with pytest.raises(UnprocessableError):
        await house.service.extend(made.id, ends=LAWFUL + timedelta(days=40), context=CONTEXT)
    done = await house.service.end(made.id, context=CONTEXT)
    assert done.state(house.clock()) is WindowState.OVER
    told = [entry.operation for entry in house.recorder.entries]
    assert told == ["announce_maintenance", "extend_maintenance", "end_maintenance"]


async def test_sending_stops_as_it_begins_and_goes_on_as_it_ends() -> None:
    house = House()
    await house.service.announce(replace(PLAN, pauses=True, rate=2.0), context=CONTEXT)
    assert await house.stopped(LAWFUL - HOUR) == frozenset()
    assert await house.stopped(LAWFUL) == {"population"}
    assert await house.stopped(LAWFUL + HOUR) == {"population"}
    assert await house.stopped(LAWFUL + 4 * HOUR) == frozenset()
    told = [(entry.operation, entry.actor, entry.facts["rate"]) for entry in house.recorder.entries[1:]]
    assert told == [("pause_target", "worker", "2.0"), ("resume_target", "worker", "2.0")]


async def test_what_a_person_paused_stays_paused() -> None:
    house = House()
    await house.service.announce(replace(PLAN, pauses=True), context=CONTEXT)
    await house.outbox.pause(TENANT, "population", now=NOW)
    assert await house.stopped(LAWFUL) == {"population"}
    assert await house.stopped(LAWFUL + 9 * HOUR) == {"population"}


async def test_what_a_person_resumed_meanwhile_is_left_alone() -> None:
    house = House()
    await house.service.announce(replace(PLAN, pauses=True, rate=1.0), context=CONTEXT)
    assert await house.stopped(LAWFUL) == {"population"}
    await house.outbox.resume(TENANT, "population", rate=50.0, now=LAWFUL)
    assert await house.stopped(LAWFUL + 9 * HOUR) == frozenset()
    assert [entry.operation for entry in house.recorder.entries] == ["announce_maintenance", "pause_target"]


async def test_two_that_overlap_end_with_the_later_one() -> None:
    house = House()
    await house.service.announce(replace(PLAN, pauses=True), context=CONTEXT)
    second = replace(PLAN, begins=LAWFUL + 2 * HOUR, ends=LAWFUL + 8 * HOUR, pauses=True)
    await house.service.announce(second, context=CONTEXT)
    for hours, expected in ((0, {"population"}), (3, {"population"}), (5, {"population"}), (8, set())):
        assert await house.stopped(LAWFUL + hours * HOUR) == expected
