"""An alarm is raised once, counted, recorded, and settled by a person with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from province import ListedRecorder
from services import CONTEXT, NOW
from structlog.testing import capture_logs

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.model import Occasion
from gateway.alarms.service import SAME_FOR, Alarms
from gateway.audit.errors import AuditUnavailableError
from gateway.audit.model import EntryKind
from gateway.sdk.errors import ConflictError, NotFoundError

OCCASION = Occasion(kind="lookup_neighbours", about="officer:H99.1/canbo.mau", facts={"count": 9, "most": 8})


class Bench:
    def __init__(self) -> None:
        self.now = NOW
        self.recorder = ListedRecorder()
        self.alarms = Alarms(MemoryAlarms(), recorder=self.recorder, clock=lambda: self.now)

    async def raise_it(self, occasion: Occasion = OCCASION) -> Any:
        return await self.alarms.raise_alarm(occasion, context=CONTEXT)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_the_first_time_is_a_leaf_and_a_warning_and_the_next_ones_are_counted(bench: Bench) -> None:
    """SEC-04 (part): the alarm log says what, whom it is about, and when."""
    with capture_logs() as logs:
        first = await bench.raise_it()
        bench.now += timedelta(minutes=1)
        again = await bench.raise_it()
    assert (again.id, again.count, again.raised_at, again.last_at) == (first.id, 2, NOW, bench.now)
    assert [(line["event"], line["log_level"], line["alarm"]) for line in logs] == [
        ("alarm_raised", "warning", first.id)
    ]
    (leaf,) = bench.recorder.entries
    assert (leaf.kind, leaf.operation, leaf.outcome) == (EntryKind.ALARM, "raise_alarm", "lookup_neighbours")
    assert leaf.facts == {"about": OCCASION.about, "count": 9, "most": 8}
    assert (leaf.actor, leaf.trace_id, leaf.bodies) == (CONTEXT.actor, CONTEXT.trace_id, {})


async def test_the_same_after_its_time_is_an_alarm_of_its_own(bench: Bench) -> None:
    first = await bench.raise_it()
    bench.now += SAME_FOR
    assert (await bench.raise_it()).id != first.id


async def test_a_lasting_one_is_the_same_as_long_as_it_waits(bench: Bench) -> None:
    lasting = replace(OCCASION, lasting=True)
    first = await bench.raise_it(lasting)
    bench.now += 9 * SAME_FOR
    again = await bench.raise_it(lasting)
    assert (again.id, again.count) == (first.id, 2)
    await bench.alarms.settle(CONTEXT.tenant, first.id, by="Trưởng phòng", reason="đã xử lý")
    assert (await bench.raise_it(lasting)).id != first.id


async def test_a_leaf_that_cannot_be_written_is_no_silence(bench: Bench) -> None:
    bench.recorder.broken = AuditUnavailableError("down")
    with pytest.raises(AuditUnavailableError):
        await bench.raise_it()


async def test_settled_it_waits_no_more_and_is_not_settled_twice(bench: Bench) -> None:
    first = await bench.raise_it()
    done = await bench.alarms.settle("H99", first.id, by="Trưởng phòng", reason="đã kiểm tra")
    assert (done.settled_at, done.settled_by, done.reason) == (NOW, "Trưởng phòng", "đã kiểm tra")
    assert await bench.alarms.listed("H99", everything=False, limit=9) == []
    assert await bench.alarms.listed("H99", everything=True, limit=9) == [done]
    with pytest.raises(ConflictError):
        await bench.alarms.settle("H99", first.id, by="Người khác", reason="x")
    assert (await bench.raise_it()).id != first.id


async def test_a_number_that_is_no_alarm_is_not_found(bench: Bench) -> None:
    for act in (bench.alarms.find("H99", 7), bench.alarms.settle("H99", 7, by="x", reason="x")):
        with pytest.raises(NotFoundError):
            await act
