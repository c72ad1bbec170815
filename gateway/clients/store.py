"""The port to the stored clients."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from gateway.clients.model import Client
from gateway.sdk.errors import ConflictError


class Clients(Protocol):
    async def add(self, client: Client) -> None:
        """Store a new client; `ConflictError` when the id or one of its ways is taken."""

    async def find(self, tenant: str, client_id: str) -> Client | None: ...

    async def held(self, tenant: str, client_id: str) -> Client | None:
        """The same, and nobody else changes it before the transaction ends."""

    async def coming(self, tenant: str, ways: Collection[str]) -> Sequence[Client]:
        """Those that are not revoked and may come in one of these ways."""

    async def change(self, client: Client) -> bool:
        """Store all that may change of one that is not revoked. `ConflictError`: another client has one of its ways."""

    async def all(self, tenant: str) -> Sequence[Client]: ...

    async def revoke(self, tenant: str, client_id: str, *, at: datetime) -> bool: ...


def taken() -> ConflictError:
    return ConflictError("A client with this id exists.", vi="Mã hệ thống này đã có.", what="client_exists")


def way_taken() -> ConflictError:
    return ConflictError(
        "Another client comes with that certificate or token subject.",
        vi="Chứng thư số hoặc tên trong token này đã thuộc hệ thống khác.",
        what="client_way_taken",
    )
