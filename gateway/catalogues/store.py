"""The port to stored code lists. Writes join the transaction that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from gateway.catalogues.model import CatalogueView, Sync, UnknownCode, Waiting
from gateway.delivery.model import StreamKey


class CatalogueStore(Protocol):
    async def lock(self, tenant: str, catalogue: str) -> Mapping[str, str]:
        """Codes in force, with their names; whoever else wants to change the list waits for our transaction's end."""

    async def record(self, tenant: str, sync: Sync) -> int:
        """Keep the report and, if it is applied, the change: what vanished ends the day before, nothing is deleted.
        The version of the list afterwards."""

    async def views(self, tenant: str) -> Sequence[CatalogueView]:
        """Every list that was ever looked at, by name."""

    async def entries(self, tenant: str, catalogue: str, *, on: date) -> Mapping[str, str]:
        """Codes in force at the end of that day, with their names."""

    async def version(self, tenant: str, catalogue: str, *, on: date) -> int:
        """Of the list at the end of that day; 0: it was not taken over yet."""

    async def reports(self, tenant: str, *, limit: int) -> Sequence[Sync]:
        """The looks that found a change, the newest first."""

    async def examine(
        self, stream: StreamKey, codes: Sequence[UnknownCode], *, since: date, until: date
    ) -> tuple[Sequence[UnknownCode], bool]:
        """Those of `codes` that were in force on no day of the period, none of a list never taken over; and whether
        the stream is in quarantine. One question, because every dossier that is sent to us asks it."""

    async def quarantine(self, stream: StreamKey, codes: Sequence[UnknownCode], *, now: datetime) -> None: ...

    async def leave(self, stream: StreamKey) -> None:
        """Out of quarantine."""

    async def freed(self, tenant: str) -> Sequence[StreamKey]:
        """Streams all of whose codes are in force by now; they are in quarantine no longer."""

    async def waiting(self, tenant: str, *, limit: int) -> Sequence[Waiting]:
        """What is in quarantine, the oldest first."""
