"""Who may hear of money."""

from __future__ import annotations

from collections.abc import Collection

from gateway.clients.model import Scope
from gateway.clients.store import Clients


class PaymentReaders:
    """Implements `callbacks.model.Audience`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def of(self, tenant: str, agency_id: str) -> Collection[str]:
        """A client that is bound to agencies hears of theirs alone; what names no agency, only of all."""
        return {
            client.client_id
            for client in await self._clients.all(tenant)
            if client.revoked_at is None
            and Scope.PAYMENTS_READ in client.scopes
            and (not client.agencies or agency_id in client.agencies)
        }
