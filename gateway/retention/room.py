"""Warn before the storage of the log is full (SEC-06; QCVN 12:2026 3.9.2.1.10)."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from gateway.alarms.model import AlarmService, Occasion
from gateway.chores.nightly import Chore
from gateway.observability import own_context


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A place where the log grows; sizes in bytes."""

    name: str
    used: int
    size: int

    @property
    def percent(self) -> int:
        return 100 * self.used // self.size if self.size else 100


def room_of(folder: Path) -> Room:
    """The file system of a folder, or of the nearest one above it that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return Room(name="state", used=usage.total - usage.free, size=usage.total)


class StorageWatch:
    """Every night, an alarm for each place that is fuller than `percent`."""

    def __init__(
        self, measure: Callable[[], Awaitable[Sequence[Room]]], alarms: AlarmService, *, tenant: str, percent: int
    ) -> None:
        self._measure = measure
        self._alarms = alarms
        self._tenant = tenant
        self._percent = percent

    async def __call__(self) -> int:
        """How many are."""
        context = own_context(self._tenant)
        filling = [room for room in await self._measure() if room.percent >= self._percent]
        for room in filling:
            facts: dict[str, str | int] = {"percent": room.percent, "free_bytes": room.size - room.used}
            occasion = Occasion(kind="storage_filling", about=f"storage:{room.name}", facts=facts)
            await self._alarms.raise_alarm(occasion, context=context)
        return len(filling)

    def chore(self) -> Chore:
        return Chore(name="watch_storage", at=time(0), do=self)
