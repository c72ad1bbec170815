"""How long to wait before the next attempt: exponential with full jitter, as data."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Between nothing and `base_s · 2^attempts`, at most `cap_s`: a thousand waiting streams come back one by one,
    not in step. The exponent is bounded, because an outage may last for days."""

    base_s: float = 2.0
    cap_s: float = 900.0
    uniform: Callable[[float, float], float] = random.uniform

    def wait_s(self, attempts: int, *, at_least_s: float = 0.0) -> float:
        """Seconds before the attempt after `attempts` failed ones. `at_least_s`: what the target asked for
        (Retry-After); the jitter comes on top of it."""
        return at_least_s + self.uniform(0.0, min(self.cap_s, self.base_s * 2.0 ** min(attempts, 30)))
