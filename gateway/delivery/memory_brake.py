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

    def lets_through(self, now: datetime) -> bool:
        """Whether one more message may go; at most one second's worth is saved up."""
        if self.rate is None:
            return not self.paused
        self.paced_at = max(self.paced_at, now - timedelta(seconds=1))
        step = timedelta(seconds=1 / self.rate)
        if self.paced_at + step > now:
            return False
        self.paced_at += step
        return True
