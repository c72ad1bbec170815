"""The port to counters and issued codes. Each call joins the transaction that is open."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from gateway.numbering.model import IssuedCode


class NumberingStore(Protocol):
    async def earlier(self, tenant: str, key: bytes) -> IssuedCode | None:
        """What this request was given before."""

    async def next_serial(self, tenant: str, agency: str, day: date, *, key: bytes) -> int | IssuedCode:
        """What this request was given before, or one more than the last number. Whoever else counts for that agency
        and day waits for our transaction's end, so a number that is rolled back is given again."""

    async def claim(self, tenant: str, issued: IssuedCode, *, key: bytes, now: datetime) -> bool:
        """False: the code was issued before, or a dossier has it already."""
