"""The one clock of a process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

utc_now: Callable[[], datetime] = partial(datetime.now, UTC)
"""Asked a dozen times for each request, so it has no frame of its own."""
