"""Alarms about certificates that end soon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time

from gateway.alarms.model import AlarmService, Occasion
from gateway.chores.nightly import Chore
from gateway.observability import own_context
from gateway.signing.expiry import Ending, Held, expiring

AT = time(6)
"""Local time: whoever reads it is at work soon."""
REMEMBERED = 1000
"""Alarms that are looked through for the same one."""


class ExpiryWatch:
    """Raises one alarm per certificate and level, however many nights were missed, and settled or not."""

    def __init__(
        self,
        certificates: Callable[[datetime], Sequence[Held]],
        alarms: AlarmService,
        *,
        tenant: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._certificates = certificates
        self._alarms = alarms
        self._tenant = tenant
        self._clock = clock

    def chore(self) -> Chore:
        return Chore(name="certificates", at=AT, do=self.look)

    async def look(self) -> int:
        """How many alarms were raised."""
        endings = expiring(self._certificates(self._clock()), self._clock())
        told = await self._alarms.listed(self._tenant, everything=True, limit=REMEMBERED)
        known = {alarm.occasion.about for alarm in told if alarm.occasion.kind == "certificate_expires"}
        fresh = [occasion for occasion in map(_occasion, endings) if occasion.about not in known]
        for occasion in fresh:
            await self._alarms.raise_alarm(occasion, context=own_context(self._tenant))
        return len(fresh)


def _occasion(ending: Ending) -> Occasion:
    held = ending.held
    until = held.certificate.not_valid_after_utc.date().isoformat()
    return Occasion(
        kind="certificate_expires",
        about=f"certificate:{held.name}/{held.id}/{ending.level}",
        facts={"name": held.name, "serial": held.id, "until": until, "days": ending.days},
    )
