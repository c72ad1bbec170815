"""The port to what was done for which day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol


class Chores(Protocol):
    """Work for once a day, whichever process comes first."""

    async def take(self, tenant: str, name: str, *, day: date, now: datetime, lease_s: float) -> bool:
        """Whether it falls to the caller: nobody has done it for this day, and nobody is at it."""

    async def finish(self, tenant: str, name: str, *, day: date) -> None: ...

    async def give_up(self, tenant: str, name: str) -> None:
        """It failed: whoever comes next may try."""
