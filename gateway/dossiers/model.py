"""A dossier as the gateway keeps it, apart from how far its copies have come (STA-05: separate axes)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from gateway.delivery.model import StreamView
from gateway.domain import Context, DossierStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierRecord:
    """The newest version of a dossier. `document` is the canonical body of `PUT /v1/dossiers/{code}`."""

    tenant: str
    code: str
    version: int
    status: DossierStatus
    document: Mapping[str, Any] = field(repr=False)
    last_event_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A dossier or event was stored durably; delivery will follow."""

    code: str
    version: int
    status: DossierStatus
    event_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncView:
    """How far the copies of one dossier have come, per target."""

    code: str
    version: int
    status: DossierStatus
    streams: Sequence[StreamView]


class DossierService(Protocol):
    """Each write raises `UnprocessableError` or `ConflictError` before anything is stored, or returns after commit."""

    async def put(self, code: str, document: Mapping[str, Any], *, context: Context) -> Taken: ...
    async def add_event(self, code: str, event: Mapping[str, Any], *, context: Context) -> Taken: ...
    async def sync(self, code: str, *, context: Context) -> SyncView: ...
