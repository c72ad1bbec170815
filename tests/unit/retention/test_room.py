"""SEC-06: somebody is told before the storage of the log is full."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from services import NOW, ListedRecorder

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.retention.room import Room, StorageWatch, room_of


@pytest.mark.parametrize(("used", "raised"), [(79, 0), (80, 1), (100, 1)])
async def test_an_alarm_is_raised_from_the_percentage_on(used: int, raised: int) -> None:
    """SEC-06."""
    kept = MemoryAlarms()
    alarms = Alarms(kept, recorder=ListedRecorder(), clock=lambda: NOW)

    async def measure() -> Sequence[Room]:
        return [Room(name="state", used=used, size=100), Room(name="database", used=1, size=100)]

    assert await StorageWatch(measure, alarms, tenant="H99", percent=80)() == raised
    assert [(alarm.occasion.kind, alarm.occasion.about) for _, alarm in kept.kept] == [
        ("storage_filling", "storage:state")
    ] * raised


def test_a_folder_that_is_not_there_yet_is_measured_where_it_will_be(tmp_path: Path) -> None:
    here, there = room_of(tmp_path), room_of(tmp_path / "not" / "yet")
    assert here.size == there.size > here.used > 0


def test_what_has_no_size_is_full() -> None:
    assert Room(name="x", used=0, size=0).percent == 100
