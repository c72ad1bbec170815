"""Ask a register again in the name of the client that asked first, as long as that client may still ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from gateway.clients.model import Client
from gateway.clients.store import Clients
from gateway.domain import Context, Purpose
from gateway.lookups.model import LookupService, Verification
from gateway.observability import continue_trace
from gateway.rechecks.model import Recheck, RecheckOperation

Room = Callable[[RecheckOperation, int], int]
"""How many of an operation, up to so many, its system takes now; none while its breaker is open."""


class Asker:
    """Goes through the same `LookupService` as every other request, and so through the same limits."""

    def __init__(self, lookups: LookupService, clients: Clients, *, room: Room) -> None:
        self._verify: Mapping[RecheckOperation, Callable[..., Awaitable[Verification]]] = {
            RecheckOperation.VERIFY_CITIZEN: lookups.verify_citizen,
            RecheckOperation.VERIFY_ENTERPRISE: lookups.verify_enterprise,
            RecheckOperation.VERIFY_REPRESENTATIVE: lookups.verify_representative,
        }
        self._clients = clients
        self.room = room

    async def ask(self, recheck: Recheck, request: Mapping[str, Any]) -> Verification:
        """As it was asked the first time: the same client, for the same purpose, under the same trace (POP-06,
        POP-12). Raises what the service raises; a refusal by a limit is `TooManyRequestsError`."""
        context = Context(
            tenant=recheck.tenant,
            actor=recheck.client_id,
            trace_id=recheck.trace_id,
            traceparent=continue_trace(recheck.trace_id).traceparent,
            purpose=Purpose(**request["purpose"]),
        )
        return await self._verify[recheck.operation](request, context=context)

    async def may(self, recheck: Recheck, request: Mapping[str, Any]) -> bool:
        """Whether the client may still ask this: a key that was revoked asks nothing, not even later."""
        client = await self._client(recheck)
        if client is None or recheck.operation.scope not in client.scopes:
            return False
        return not client.agencies or request["purpose"]["agency_id"] in client.agencies

    async def knows(self, recheck: Recheck) -> bool:
        """Whether there is still a client to be told."""
        return await self._client(recheck) is not None

    async def _client(self, recheck: Recheck) -> Client | None:
        client = await self._clients.find(recheck.tenant, recheck.client_id)
        return client if client and client.revoked_at is None else None
