"""The port to kept procedures. Writes join the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.procedures.model import Pin, ProcedureVersion


class ProcedureStore(Protocol):
    async def lock(self, tenant: str, code: str) -> ProcedureVersion | None:
        """The newest version; nobody else adds one until the transaction ends."""

    async def newest(self, tenant: str, code: str) -> ProcedureVersion | None: ...

    async def version(self, tenant: str, code: str, number: int) -> ProcedureVersion | None: ...

    async def versions(self, tenant: str, code: str) -> Sequence[ProcedureVersion]:
        """The newest first."""

    async def add(self, kept: ProcedureVersion) -> None:
        """A version is added once and never altered; only when it was last confirmed moves."""

    async def confirm(self, kept: ProcedureVersion, *, at: datetime) -> None:
        """It was told again; an earlier moment than the kept one changes nothing."""

    async def pin(self, tenant: str, dossier: str, code: str, *, at: datetime) -> None:
        """Pin a dossier to the newest version of `code`, or to none if none is kept. The first pin stays."""

    async def pinned(self, tenant: str, dossier: str) -> Pin | None: ...

    async def codes(self, tenant: str) -> Sequence[str]:
        """Every procedure that is kept or that a dossier names."""
