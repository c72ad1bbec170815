"""Signed messages that came before, for as long as they are fresh enough to come again (SIG-09).

A message is begun, handled and finished. One that was begun and not finished (its process died) may come again after
`LEASE`: an event must not be lost because its first delivery was cut short. Until then nobody knows whether it will be
handled, and so it is not refused either.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Protocol

from gateway.signing.protection import Mark

LEASE = timedelta(seconds=60)


class Begun(Enum):
    """What a mark says of a message that comes."""

    NOW = auto()
    """It is ours to handle."""
    ELSEWHERE = auto()
    """Somebody handles it now, or died over it less than `LEASE` ago."""
    BEFORE = auto()
    """It was handled."""


class Replays(Protocol):
    async def begin(self, tenant: str, system: str, mark: Mark, *, now: datetime) -> Begun:
        """Of many that ask at once, one gets `NOW`."""

    async def finish(self, tenant: str, system: str, mark: Mark) -> None:
        """It was handled, and never counts again."""

    async def forget(self, tenant: str, system: str, mark: Mark) -> None:
        """It was not handled: it may come again."""

    async def sweep(self, tenant: str, *, before: datetime) -> int:
        """Drop marks of messages that are too old to be accepted anyway."""


class MemoryReplays:
    """For tests and single processes."""

    def __init__(self) -> None:
        self._begun: dict[tuple[str, str, bytes], tuple[datetime, datetime, bool]] = {}

    async def begin(self, tenant: str, system: str, mark: Mark, *, now: datetime) -> Begun:
        key = tenant, system, mark.digest
        begun, _, is_done = self._begun.get(key, (datetime.min.replace(tzinfo=now.tzinfo), now, False))
        if is_done:
            return Begun.BEFORE
        if begun > now - LEASE:
            return Begun.ELSEWHERE
        self._begun[key] = now, mark.until, False
        return Begun.NOW

    async def finish(self, tenant: str, system: str, mark: Mark) -> None:
        key = tenant, system, mark.digest
        if key in self._begun:
            begun, until, _ = self._begun[key]
            self._begun[key] = begun, until, True

    async def forget(self, tenant: str, system: str, mark: Mark) -> None:
        key = tenant, system, mark.digest
        if key in self._begun and not self._begun[key][2]:
            del self._begun[key]

    async def sweep(self, tenant: str, *, before: datetime) -> int:
        old = [key for key, (_, until, _) in self._begun.items() if key[0] == tenant and until < before]
        for key in old:
            del self._begun[key]
        return len(old)
