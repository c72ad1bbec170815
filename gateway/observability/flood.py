"""What is refused again and again is counted, and told of once a second."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

TOLD_EVERY_S = 1.0


class Flood:
    """`count`: refused so far."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.count = self._told = 0
        self._told_at = -math.inf

    def one(self) -> int:
        """One more. How many to tell of now, with it; 0: a line was written within the last second."""
        self.count += 1
        now = self._monotonic()
        if now - self._told_at < TOLD_EVERY_S:
            return 0
        untold, self._told, self._told_at = self.count - self._told, self.count, now
        return untold
