"""Clients in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.clients.model import Client
from gateway.clients.store import taken


class MemoryClients:
    def __init__(self) -> None:
        self._clients: dict[tuple[str, str], Client] = {}

    async def add(self, client: Client) -> None:
        if (client.tenant, client.client_id) in self._clients:
            raise taken()
        self._clients[client.tenant, client.client_id] = client

    async def find(self, tenant: str, client_id: str) -> Client | None:
        return self._clients.get((tenant, client_id))

    async def all(self, tenant: str) -> Sequence[Client]:
        return [client for name, client in sorted(self._clients.items()) if name[0] == tenant]

    async def revoke(self, tenant: str, client_id: str, *, at: datetime) -> bool:
        client = self._clients.get((tenant, client_id))
        if client is None or client.revoked_at is not None:
            return False
        self._clients[tenant, client_id] = replace(client, revoked_at=at)
        return True
