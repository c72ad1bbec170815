"""Counters in dictionaries, for tests."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from gateway.numbering.model import IssuedCode


class MemoryNumbering:
    def __init__(self) -> None:
        self._last: Counter[tuple[str, str, date]] = Counter()
        self._issued: dict[tuple[str, str], IssuedCode] = {}
        self._keys: dict[tuple[str, bytes], IssuedCode] = {}
        self.in_use: set[tuple[str, str]] = set()
        """Codes that dossiers have already."""

    async def earlier(self, tenant: str, key: bytes) -> IssuedCode | None:
        return self._keys.get((tenant, key))

    async def next_serial(self, tenant: str, agency: str, day: date, *, key: bytes) -> int | IssuedCode:
        if known := await self.earlier(tenant, key):
            return known
        self._last[tenant, agency, day] += 1
        return self._last[tenant, agency, day]

    async def claim(self, tenant: str, issued: IssuedCode, *, key: bytes, now: datetime) -> bool:  # noqa: ARG002
        name = (tenant, issued.code)
        if name in self._issued or name in self.in_use or (tenant, key) in self._keys:
            return False
        self._issued[name] = self._keys[tenant, key] = issued
        return True
