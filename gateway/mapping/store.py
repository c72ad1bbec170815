"""The port to the versions of mappings that were ever used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.mapping.source import Source, Used


class VersionStore(Protocol):
    """Each method commits by itself where no transaction is open."""

    async def add(self, tenant: str, source: Source, *, at: datetime) -> bool:
        """Whether it was not known; what is known stays as it is."""

    async def digests(self, tenant: str) -> frozenset[str]:
        """Of everything that is known."""

    async def listed(self, tenant: str, system: str, operation: str) -> Sequence[Used]:
        """Of one mapping, the first used last; at most `source.MOST`."""
