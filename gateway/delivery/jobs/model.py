"""A job and its items.

drafted ──start──► running ──► ended
   ▲ (many: a second person allows it)   │
   │                                     ├── stopped by a person, shut down, failed ─► interrupted ──start──► running
                                         └── its process died (no sign for `LEASE`) ─► interrupted
The items are fixed when it is drafted, so that what the second person allowed is what is done; what was done stays
done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(seconds=30)
"""A running job that gave no sign for so long is interrupted."""
MOST_ITEMS = 5000


class Work(StrEnum):
    """What a job does."""

    RELEASE = "release"
    """Let held streams go on, all with the same verdict."""
    REPLAY = "replay"
    """Send delivered messages again."""
    RECONCILE = "reconcile"
    """Compare every stream of a target with what the target shows."""


class JobState(StrEnum):
    DRAFTED = "drafted"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    ENDED = "ended"


DONE, REFUSED = "done", "refused"
"""What became of an item; anything else is the code of the error that kept it from being done; empty: not yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One act of a job: on the stream `key`, with what it needs to know besides."""

    number: int
    key: str
    said: Mapping[str, str | int]
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`parameters` say of what; they hold no personal data. `done` and `refused`: how many items so far, of `total`."""

    tenant: str
    id: str
    what: Work
    state: JobState
    parameters: Mapping[str, str | int]
    total: int
    asked_by: str
    begun_at: datetime
    moved_at: datetime
    done: int = 0
    refused: int = 0
    owner: str = field(default="", repr=False)
    """The run that has it."""
    ended_at: datetime | None = None
    trouble: str = ""
    trouble_vi: str = ""

    @property
    def target(self) -> str:
        return str(self.parameters["target"])

    def seen(self, now: datetime) -> JobState:
        """Its state; of one whose process died, too."""
        is_lost = self.state is JobState.RUNNING and self.moved_at + LEASE < now
        return JobState.INTERRUPTED if is_lost else self.state
