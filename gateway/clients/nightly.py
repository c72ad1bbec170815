"""Keys of clients that end soon, told in time: whoever runs the client has to take a new one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time

from gateway.alarms.model import AlarmService, Occasion
from gateway.chores.nightly import Chore
from gateway.clients.model import Client
from gateway.clients.store import Clients
from gateway.observability import own_context

AT = time(6)
"""Local time: whoever reads it is at work soon."""
LEVELS = (30, 7, 0)
"""Days ahead at which somebody is told; 0: it is over."""
REMEMBERED = 1000
"""Alarms that are looked through for the same one."""
KINDS = ("client_key_ends", "client_key_ended")


class KeyWatch:
    """Raises one alarm for each key and level, however many nights were missed, and settled or not."""

    def __init__(self, clients: Clients, alarms: AlarmService, *, tenant: str, clock: Callable[[], datetime]) -> None:
        self._clients = clients
        self._alarms = alarms
        self._tenant = tenant
        self._clock = clock

    def chore(self) -> Chore:
        return Chore(name="client_keys", at=AT, do=self.look)

    async def look(self) -> int:
        """How many alarms were raised."""
        now = self._clock()
        due = [found for client in await self._clients.all(self._tenant) if (found := ending(client, at=now))]
        told = await self._alarms.listed(self._tenant, everything=True, limit=REMEMBERED)
        known = {alarm.occasion.about for alarm in told if alarm.occasion.kind in KINDS}
        fresh = [occasion for occasion in due if occasion.about not in known]
        for occasion in fresh:
            await self._alarms.raise_alarm(occasion, context=own_context(self._tenant))
        return len(fresh)


def ending(client: Client, *, at: datetime) -> Occasion | None:
    """None: it has no key that ends within the first of `LEVELS`."""
    until = client.secret_until
    if client.revoked_at is not None or not client.secret_digest or until is None:
        return None
    left = until - at
    level = min((days for days in LEVELS if left.total_seconds() <= days * 86_400), default=None)
    if level is None:
        return None
    day = until.date().isoformat()
    return Occasion(
        kind=KINDS[left.total_seconds() <= 0],
        about=f"client:{client.client_id}/key/{day}/{level}",
        facts={"client": client.client_id, "until": day, "days": left.days},
    )
