"""The port to kept comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.shadow.model import Comparison, Count


class ShadowStore(Protocol):
    """Each method commits by itself: what was tried has no part in anybody's transaction."""

    async def add(self, comparison: Comparison) -> None: ...

    async def counts(self, tenant: str, *, since: datetime) -> Sequence[Count]:
        """By operation, ways and how it came out."""

    async def differing(self, tenant: str, *, since: datetime, most: int) -> Sequence[Comparison]:
        """The newest that were not the same; their call ids lead to the evidence."""
