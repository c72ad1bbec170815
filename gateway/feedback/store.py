"""The port to what was taken in last. Joins the transaction that is open."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class FeedbackStore(Protocol):
    async def take(self, tenant: str, key: str, digest: bytes, *, now: datetime) -> bool:
        """Remember `digest` as the last content of `key`. False: it was that already. Of several at once with the
        same content, one is True."""
