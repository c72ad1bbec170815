"""Midnight of Viet Nam, which a test must not cross that asks twice what day it is and works in between."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from gateway.domain import VIETNAM


def clear_of_midnight(seconds: float = 90) -> None:
    """Sleep over it where it is nearer than that."""
    now = datetime.now(VIETNAM)
    next_day = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    left_s = (next_day - now).total_seconds()
    if left_s < seconds:
        time.sleep(left_s + 1)
