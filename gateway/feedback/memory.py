"""What was taken in last, in a dictionary, for tests."""

from __future__ import annotations

from datetime import date, datetime

from gateway.feedback.model import Levels


class MemoryFeedback:
    def __init__(self) -> None:
        self.last: dict[tuple[str, str], bytes] = {}
        self.ratings: dict[tuple[str, date, str, str], Levels] = {}

    async def take(self, tenant: str, key: str, digest: bytes, *, now: datetime) -> bool:  # noqa: ARG002 - the port's
        if self.last.get((tenant, key)) == digest:
            return False
        self.last[tenant, key] = digest
        return True

    async def rate(self, tenant: str, key: tuple[date, str, str], levels: Levels, *, now: datetime) -> None:  # noqa: ARG002
        self.ratings[(tenant, *key)] = levels
