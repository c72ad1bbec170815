"""A way to a system as a diagnosis takes it."""

from __future__ import annotations

import time
from datetime import date

from gateway.diagnostics.ways import ways_of
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.lines import LOGIN
from gateway.exchange.transport import HttpTransport
from gateway.registry import configured
from gateway.sdk import SystemSettings

TODAY = date(2026, 11, 30)


def test_log_ins_are_heard_too() -> None:
    """A wrong clock shows in the answer that refuses one; they have connections of their own in every day's work."""
    system = configured({"population": {"base_url": "http://x"}}, sandbox=True, breaker={})["population"]
    watched = HttpTransport(SystemSettings(base_url="http://x"))
    alone = ways_of(system, on=TODAY)["direct"].alone(watched, Breaker(BreakerPolicy(), monotonic=time.monotonic))
    for operation in (LOGIN, "verify_citizen"):
        assert alone.line(operation, on=TODAY).for_log_ins.transport is watched
