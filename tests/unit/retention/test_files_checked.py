"""SEC-10: one byte flipped is found within the cycle, told, and put right only by the very file."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from files_house import keep
from services import NOW, ListedRecorder

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.files.memory import MemoryFiles
from gateway.files.model import FilePolicy, FileRecord, pieces_of
from gateway.files.nightly import Cycle, FileCheck
from gateway.files.service import Files
from gateway.sdk.errors import ConflictError, IntegrityError, NotFoundError
from gateway.signing import Keyring

IDS = [f"8e03978e-40d5-43e8-bc93-{number:012d}" for number in range(3)]
CONTENT = b"a scanned page"


class House:
    def __init__(self) -> None:
        self.now = NOW
        self.store, self.alarms, self.recorder = MemoryFiles(), MemoryAlarms(), ListedRecorder()
        shared: Any = {"recorder": self.recorder, "clock": self.clock}
        self.files = Files(self.store, Keyring.ephemeral(), policy=FilePolicy(), **shared)
        self._alarms = Alarms(self.alarms, **shared)

    def clock(self) -> datetime:
        return self.now

    async def fill(self) -> None:
        for number, file_id in enumerate(IDS):
            record = FileRecord(
                tenant="H99",
                id=file_id,
                name="don.pdf",
                media_type="application/pdf",
                size=len(CONTENT),
                sha256=hashlib.sha256(CONTENT).hexdigest(),
                stored_at=NOW + timedelta(seconds=number),
            )
            await keep(self.store, record, CONTENT)

    def damage(self, file_id: str) -> None:
        record, content = self.store.files["H99", file_id]
        self.store.files["H99", file_id] = record, bytes([content[0] ^ 1]) + content[1:]

    async def night(self, *, after_days: int, per_night: int = 100) -> int:
        self.now += timedelta(days=after_days)
        own = Cycle(days=30, per_night=per_night)
        beside: Any = {"alarms": self._alarms, "recorder": self.recorder, "clock": self.clock}
        check = FileCheck(self.store, self.files, cycle=own, **beside)
        return await check.check("H99")

    @property
    def alarmed(self) -> list[str]:
        return [alarm.occasion.about for _, alarm in self.alarms.kept if alarm.occasion.kind == "file_altered"]


@pytest.fixture
async def house() -> House:
    made = House()
    await made.fill()
    return made


async def test_a_flipped_byte_is_found_within_the_cycle_and_restored_by_the_file_alone(house: House) -> None:
    """SEC-10."""
    house.damage(IDS[1])
    assert await house.night(after_days=31) == 1
    assert house.alarmed == [f"file:{IDS[1]}"]
    assert house.recorder.entries[-1].facts == {"checked": 3, "damaged": 1}
    with pytest.raises(IntegrityError):
        await house.files.file("H99", IDS[1])
    with pytest.raises(ConflictError):
        await house.files.restore("H99", IDS[1], pieces_of(b"another page"))
    await house.files.restore("H99", IDS[1], pieces_of(CONTENT))
    assert await (await house.files.file("H99", IDS[1])).whole() == CONTENT
    assert await house.night(after_days=31) == 0


async def test_each_is_checked_once_in_a_cycle_and_the_oldest_first(house: House) -> None:
    assert await house.night(after_days=29) == 0
    assert not house.recorder.entries
    for file_id in IDS:
        house.damage(file_id)
    for night in range(3):
        assert await house.night(after_days=2, per_night=1) == 1
        assert house.alarmed == [f"file:{file_id}" for file_id in IDS[: night + 1]]
    assert await house.night(after_days=1, per_night=1) == 0


async def test_a_file_that_is_not_there_cannot_be_restored(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.files.restore("H99", "8e03978e-40d5-43e8-bc93-6894a57f9324", pieces_of(CONTENT))
