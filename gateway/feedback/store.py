"""The port to what was taken in last. Joins the transaction that is open."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from gateway.feedback.model import Levels


class FeedbackStore(Protocol):
    async def take(self, tenant: str, key: str, digest: bytes, *, now: datetime) -> bool:
        """Remember `digest` as the last content of `key`. False: it was that already. Of several at once with the
        same content, one is True."""

    async def rate(self, tenant: str, key: tuple[date, str, str], levels: Levels, *, now: datetime) -> None:
        """Remember how many people chose each level; `key`: first day of the month, procedure, agency. The newest
        telling replaces the one before."""
