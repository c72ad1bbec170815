"""The port to stored code lists. Writes join the transaction that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from gateway.catalogues.model import Sync, UnknownCode
from gateway.delivery.model import StreamKey


class CatalogueStore(Protocol):
    async def current(self, tenant: str, catalogue: str) -> Mapping[str, str]:
        """Codes in force, with their names."""

    async def record(self, tenant: str, sync: Sync) -> None:
        """Keep the report and, if it is applied, the change: what vanished ends the day before, nothing is deleted."""

    async def reports(self, tenant: str, *, limit: int) -> Sequence[Sync]:
        """The newest first."""

    async def unknown(self, tenant: str, codes: Sequence[UnknownCode], *, on: date) -> Sequence[UnknownCode]:
        """Those of `codes` (by catalogue) that are not in force on that day; none of a list never taken over."""

    async def quarantine(self, stream: StreamKey, codes: Sequence[UnknownCode], *, now: datetime) -> None: ...

    async def leave(self, stream: StreamKey) -> bool:
        """The stream names known codes now. False: it was not in quarantine."""

    async def freed(self, tenant: str) -> Sequence[StreamKey]:
        """Streams all of whose codes are known by now; they are in quarantine no longer."""
