"""Import what the province says of its agencies and places, and answer what a code means on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Protocol

from gateway.domain import Context, DossierCode, KinPlace
from gateway.places.kin import kin_named, kin_of
from gateway.places.lineage import How, Lineage, Resolution
from gateway.places.sheet import Plan, plan, read
from gateway.places.store import PlaceStore


class PlaceService(Protocol):
    async def resolve(self, code: str, *, on: date, context: Context) -> Resolution:
        """`NotFoundError` for a code that nobody knows."""

    async def other_form(self, agency: str, *, on: date, context: Context) -> str:
        """The same body's id in the other form; `NotFoundError` where no table says it."""


class Places:
    """Implements `PlaceService`, and imports."""

    def __init__(self, store: PlaceStore, *, atomically: Callable[[], AbstractAsyncContextManager[object]]) -> None:
        self._store = store
        self._atomically = atomically

    async def preview(self, text: str, *, tenant: str) -> Plan:
        """What importing this CSV would change; `UnprocessableError` names every line and field that is wrong."""
        return plan(await self._store.all(tenant), read(text))

    async def take(self, text: str, *, tenant: str) -> Plan:
        """Import it, all or nothing. The same file twice changes nothing the second time."""
        rows = read(text)
        async with self._atomically():
            await self._store.lock(tenant)
            found = plan(await self._store.all(tenant), rows)
            await self._store.save(tenant, found.saved)
        return found

    async def orphans(self, codes: Iterable[str], *, on: date, tenant: str) -> Sequence[tuple[str, Resolution]]:
        """Those of the dossiers whose receiving body, which their code names, is not in force on that day, with what
        stands for it. A body that the register does not know says nothing. No code is rewritten (ORG-06)."""
        lineage, found = await self.lineage(tenant), []
        for code in codes:
            agency = DossierCode.parse(code).agency
            if lineage.knows(agency) and (heirs := lineage.resolve(agency, on)).how is not How.SAME:
                found.append((code, heirs))
        return found

    async def lineage(self, tenant: str) -> Lineage:
        return Lineage(await self._store.all(tenant))

    async def resolve(self, code: str, *, on: date, context: Context) -> Resolution:
        return (await self.lineage(context.tenant)).resolve(code, on)

    async def other_form(self, agency: str, *, on: date, context: Context) -> str:
        return (await self.lineage(context.tenant)).other_form(agency, on)

    async def kin_of(self, code: str, *, context: Context) -> Sequence[KinPlace]:
        """What the code stands for, old and new, with the names; empty: nobody knows the code."""
        return kin_of(await self.lineage(context.tenant), code)

    async def kin_named(self, name: str, *, within: Sequence[str], context: Context) -> Sequence[KinPlace]:
        """The same for a place that is known by its name and by the names of what it lies in."""
        return kin_named(await self.lineage(context.tenant), name, within)
