"""Procedures in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.procedures.model import Pin, ProcedureVersion


class MemoryProcedures:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], list[ProcedureVersion]] = {}
        self.pins: dict[tuple[str, str], Pin] = {}

    async def lock(self, tenant: str, code: str) -> ProcedureVersion | None:
        return await self.newest(tenant, code)

    async def newest(self, tenant: str, code: str) -> ProcedureVersion | None:
        return next(iter(await self.versions(tenant, code)), None)

    async def version(self, tenant: str, code: str, number: int) -> ProcedureVersion | None:
        return next((kept for kept in await self.versions(tenant, code) if kept.version == number), None)

    async def versions(self, tenant: str, code: str) -> Sequence[ProcedureVersion]:
        return sorted(self.kept.get((tenant, code), ()), key=lambda kept: -kept.version)

    async def add(self, kept: ProcedureVersion) -> None:
        self.kept.setdefault((kept.tenant, kept.code), []).append(kept)

    async def confirm(self, kept: ProcedureVersion, *, at: datetime) -> None:
        held = self.kept[kept.tenant, kept.code]
        place = next(place for place, other in enumerate(held) if other.version == kept.version)
        held[place] = replace(held[place], confirmed_at=max(held[place].confirmed_at, at))

    async def pin(self, tenant: str, dossier: str, code: str, *, at: datetime) -> None:
        newest = await self.newest(tenant, code)
        version = newest.version if newest else None
        pin = Pin(tenant=tenant, dossier=dossier, code=code, version=version, taken_at=at)
        self.pins.setdefault((tenant, dossier), pin)

    async def pinned(self, tenant: str, dossier: str) -> Pin | None:
        return self.pins.get((tenant, dossier))

    async def codes(self, tenant: str) -> Sequence[str]:
        kept = {code for owner, code in self.kept if owner == tenant}
        return sorted(kept | {pin.code for pin in self.pins.values() if pin.tenant == tenant})
