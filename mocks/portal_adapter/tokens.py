"""Tokens of the mock adapter (step 1). They live in memory only: a restarted adapter knows none, like a real one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Tokens:
    """Issues tokens and knows which still count."""

    def __init__(self, *, clock: Callable[[], datetime], new_id: Callable[[], str]) -> None:
        self._clock = clock
        self._new_id = new_id
        self._ends: dict[str, datetime] = {}

    def issue(self, *, ttl_s: float) -> str:
        """A new token, good for `ttl_s` seconds."""
        token = f"MOCK-TOKEN-{self._new_id()}"
        self._ends[token] = self._clock() + timedelta(seconds=ttl_s)
        return token

    def alive(self, authorization: str) -> bool:
        """Whether the header carries a token that was issued here and has not ended."""
        scheme, _, token = authorization.partition(" ")
        ends = self._ends.get(token)
        return scheme.lower() == "bearer" and ends is not None and self._clock() < ends

    def clear(self) -> None:
        """End every token."""
        self._ends.clear()
