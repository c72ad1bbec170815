"""A procedure as it was told, and how fresh that is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import orjson

from gateway.domain import Context
from gateway.sdk import GatewayError


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureVersion:
    """Thủ tục hành chính, one version. `fetched_at`: first told so; `confirmed_at`: last told the same. `digest`:
    SHA-256 of the canonical document, lower-case hex."""

    tenant: str
    code: str
    version: int
    digest: str
    document: Mapping[str, Any] = field(repr=False)
    fetched_at: datetime
    confirmed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureView:
    """`stale`: the portal did not confirm it just now, so it may have changed; `trouble` says why not, or is None when
    an old version was asked for by its number and nobody was asked."""

    kept: ProcedureVersion
    stale: bool
    trouble: GatewayError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What a dossier was taken in under. `version` None: no version of the procedure was kept at that moment;
    `code` is empty for one that was taken in before procedures were kept at all."""

    tenant: str
    dossier: str
    code: str
    version: int | None
    taken_at: datetime


class ProcedureService(Protocol):
    """`NotFoundError`: the portal has no such procedure, or no such version is kept. A `RemoteError` is raised only
    when nothing is kept that could be shown, and for lists, which are never kept: a portal that is down is no empty
    list."""

    async def read(self, code: str, *, context: Context) -> ProcedureView: ...
    async def version(self, code: str, number: int, *, context: Context) -> ProcedureView: ...
    async def versions(self, code: str, *, context: Context) -> Sequence[ProcedureVersion]: ...
    async def of_dossier(self, dossier: str, *, context: Context) -> Pin: ...
    async def of_agency(self, agency_id: str, *, context: Context) -> Sequence[Mapping[str, Any]]: ...
    async def online_services(self, *, context: Context) -> Sequence[Mapping[str, Any]]: ...


def digest_of(document: Mapping[str, Any]) -> str:
    """The same content has the same digest, in whatever order the portal wrote its fields."""
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
