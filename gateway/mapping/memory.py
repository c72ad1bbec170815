"""Versions of mappings in memory, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.mapping.source import MOST, Source, Used


class MemoryVersions:
    """Implements `VersionStore`."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str, int, str], Used] = {}

    async def add(self, tenant: str, source: Source, *, at: datetime) -> bool:
        key = (tenant, source.system, source.operation, source.version, source.digest)
        is_new = key not in self._known
        self._known.setdefault(key, Used(source=source, first_used_at=at))
        return is_new

    async def digests(self, tenant: str) -> frozenset[str]:
        return frozenset(key[4] for key in self._known if key[0] == tenant)

    async def listed(self, tenant: str, system: str, operation: str) -> Sequence[Used]:
        found = [used for key, used in self._known.items() if key[:3] == (tenant, system, operation)]
        return sorted(found, key=lambda used: (used.first_used_at, used.source.version), reverse=True)[:MOST]
