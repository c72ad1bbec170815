"""Clients in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.clients.model import Client
from gateway.clients.store import taken, way_taken


class MemoryClients:
    def __init__(self) -> None:
        self._clients: dict[tuple[str, str], Client] = {}

    async def add(self, client: Client) -> None:
        if (client.tenant, client.client_id) in self._clients:
            raise taken()
        self._check_ways(client)
        self._clients[client.tenant, client.client_id] = client

    async def find(self, tenant: str, client_id: str) -> Client | None:
        return self._clients.get((tenant, client_id))

    async def held(self, tenant: str, client_id: str) -> Client | None:
        return await self.find(tenant, client_id)

    async def coming(self, tenant: str, ways: Collection[str]) -> Sequence[Client]:
        known = await self.all(tenant)
        return [client for client in known if client.revoked_at is None and not set(client.ways).isdisjoint(ways)]

    async def change(self, client: Client) -> bool:
        before = self._clients.get((client.tenant, client.client_id))
        if before is None or before.revoked_at is not None:
            return False
        self._check_ways(client)
        self._clients[client.tenant, client.client_id] = replace(client, created_at=before.created_at)
        return True

    def _check_ways(self, client: Client) -> None:
        others = [each for each in self._clients.values() if each.client_id != client.client_id]
        held = {way for each in others if each.tenant == client.tenant and not each.revoked_at for way in each.ways}
        if not held.isdisjoint(client.ways):
            raise way_taken()

    async def all(self, tenant: str) -> Sequence[Client]:
        return [client for name, client in sorted(self._clients.items()) if name[0] == tenant]

    async def revoke(self, tenant: str, client_id: str, *, at: datetime) -> bool:
        client = self._clients.get((tenant, client_id))
        if client is None or client.revoked_at is not None:
            return False
        self._clients[tenant, client_id] = replace(client, revoked_at=at)
        return True
