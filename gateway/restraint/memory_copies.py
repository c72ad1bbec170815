"""Copies of answers in memory, for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.restraint.copies import Copy


class MemoryCopies:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, bytes], Copy] = {}

    async def keep(self, copy: Copy) -> None:
        self.kept[copy.tenant, copy.name] = copy

    async def find(self, tenant: str, name: bytes, *, now: datetime) -> Copy | None:
        copy = self.kept.get((tenant, name))
        return copy if copy is not None and copy.expires_at > now else None

    async def clear(self, tenant: str, *, system: str = "") -> int:
        return self._delete(lambda copy: copy.tenant == tenant and system in {"", copy.system})

    async def expire(self, tenant: str, *, now: datetime) -> int:
        return self._delete(lambda copy: copy.tenant == tenant and copy.expires_at <= now)

    def _delete(self, gone: Callable[[Copy], bool]) -> int:
        names = [name for name, copy in self.kept.items() if gone(copy)]
        for name in names:
            del self.kept[name]
        return len(names)
