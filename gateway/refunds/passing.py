"""When money may not go back over the rail any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.payments.model import Payment


class PassedAfter:
    """Implements `Passed` by time: so many hours after it was paid its data went to the treasury or the tax authority,
    as the province has agreed with them (NĐ 252/2026 Art 61). It looks at the clock, not at what was really sent."""

    def __init__(self, hours: float, *, clock: Callable[[], datetime]) -> None:
        self._time = timedelta(hours=hours)
        self._clock = clock

    async def passed_on(self, payment: Payment) -> bool:
        return self._clock() - (payment.paid_at or payment.created_at) > self._time
