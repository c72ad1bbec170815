"""The port to kept tries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.diagnostics.model import Run


class RunStore(Protocol):
    """Each method joins the transaction that is open, or commits by itself."""

    async def save(self, run: Run) -> None:
        """As it stands now; a later one of the same id takes its place."""

    async def find(self, tenant: str, system: str, run_id: str) -> Run | None: ...

    async def listed(self, tenant: str, system: str, *, most: int) -> Sequence[Run]:
        """The newest first."""

    async def forget(self, tenant: str, system: str, *, kept: int) -> None:
        """All but the newest."""
