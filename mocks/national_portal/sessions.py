"""Login sessions of the mock portal (section 2). The real life of a session is unknown: it is a switch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Sessions:
    """Sessions issued so far. They live in memory only: a restarted portal knows none, like a real one."""

    def __init__(self, *, clock: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._issued: dict[str, datetime] = {}

    def open(self) -> str:
        """Issue a session."""
        session = self._new_id()
        self._issued[session] = self._clock()
        return session

    def alive(self, session: object, *, ttl_s: float) -> bool:
        """Whether the session was issued here less than `ttl_s` seconds ago."""
        issued = self._issued.get(session) if isinstance(session, str) else None
        return issued is not None and self._clock() - issued < timedelta(seconds=ttl_s)

    def clear(self) -> None:
        """End every session."""
        self._issued.clear()
