"""A lane that a person stopped or slowed, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Brake:
    """Whether, and how fast, messages go through."""

    paused: bool
    rate: float | None = None
    paced_at: datetime = LONG_AGO
    set_at: datetime = LONG_AGO

    def lets_through(self, now: datetime) -> bool:
        """Whether one more message may go; at most one second's worth is saved up, or one message's."""
        if self.rate is None:
            return not self.paused
        step = timedelta(seconds=1 / self.rate)
        self.paced_at = max(self.paced_at, now - max(step, timedelta(seconds=1)))
        if self.paced_at + step > now:
            return False
        self.paced_at += step
        return True
