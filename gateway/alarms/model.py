"""An alarm, and the service through which every other part raises one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.domain import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What was noticed. Neither `about` nor `facts` holds personal data: ids and numbers only.

    `kind`: what happened, `[a-z_]`, such as `lookup_neighbours`. `about`: whom or what it concerns, such as
    `officer:H99.1/canbo.mau`; with `kind` it decides what is the same alarm again.
    """

    kind: str
    about: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    lasting: bool = False
    """It is the same alarm as long as one waits, and not for a day only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Cảnh báo: an occasion with its number, how often it came, and who settled it, when and why. `facts` are those of
    the newest time."""

    id: int
    occasion: Occasion
    raised_at: datetime
    last_at: datetime
    count: int = 1
    settled_at: datetime | None = None
    settled_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A person's word that an alarm was looked at."""

    by: str
    reason: str
    at: datetime


class AlarmService(Protocol):
    """What other parts may do with alarms."""

    async def raise_alarm(self, occasion: Occasion, *, context: Context) -> Alarm:
        """Raise it, or count it where the same is waiting for a person. The first time is a leaf of the audit log and
        a warning in the log before this returns."""

    async def listed(self, tenant: str, *, everything: bool, limit: int) -> Sequence[Alarm]:
        """Newest first; `everything`: settled ones, too."""

    async def page(self, tenant: str, *, everything: bool, before: int, limit: int) -> Sequence[Alarm]:
        """The same, with numbers below `before`."""

    async def find(self, tenant: str, alarm_id: int) -> Alarm:
        """`NotFoundError`: there is none."""

    async def settle(self, tenant: str, alarm_id: int, *, by: str, reason: str) -> Alarm:
        """`NotFoundError`: there is none. `ConflictError`: it was settled before."""
