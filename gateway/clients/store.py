"""The port to the stored clients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.clients.model import Client
from gateway.sdk.errors import ConflictError


class Clients(Protocol):
    async def add(self, client: Client) -> None:
        """Store a new client; `ConflictError` when the id is taken."""

    async def find(self, tenant: str, client_id: str) -> Client | None: ...

    async def all(self, tenant: str) -> Sequence[Client]: ...

    async def revoke(self, tenant: str, client_id: str, *, at: datetime) -> bool: ...


def taken() -> ConflictError:
    return ConflictError("A client with this id exists.", vi="Mã hệ thống này đã có.", what="client_exists")
