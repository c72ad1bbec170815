"""The port to stored alarms. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.alarms.model import Alarm, Occasion, Settled


class AlarmStore(Protocol):
    async def note(self, tenant: str, occasion: Occasion, *, now: datetime, since: datetime) -> Alarm:
        """Count it on the alarm of the same kind and about that waits and was raised after `since`, or raise a new one
        (whose count is 1). Of many at once, one raises and the others count."""

    async def listed(self, tenant: str, *, everything: bool, limit: int) -> Sequence[Alarm]:
        """Newest first; only those that wait, or `everything`."""

    async def page(self, tenant: str, *, everything: bool, before: int, limit: int) -> Sequence[Alarm]:
        """The same, with numbers below `before`."""

    async def find(self, tenant: str, alarm_id: int) -> Alarm | None: ...

    async def settle(self, tenant: str, alarm_id: int, settled: Settled) -> Alarm | None:
        """None: no alarm with this number waits. Settled once, it stays so."""
