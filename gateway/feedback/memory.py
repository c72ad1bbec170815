"""What was taken in last, in a dictionary, for tests."""

from __future__ import annotations

from datetime import datetime


class MemoryFeedback:
    def __init__(self) -> None:
        self.last: dict[tuple[str, str], bytes] = {}

    async def take(self, tenant: str, key: str, digest: bytes, *, now: datetime) -> bool:  # noqa: ARG002 - the port's
        if self.last.get((tenant, key)) == digest:
            return False
        self.last[tenant, key] = digest
        return True
