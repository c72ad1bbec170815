"""Ask a register again in the name of the client that asked first, as long as that client may still ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.clients.model import Client
from gateway.clients.store import Clients
from gateway.domain import Context, Purpose, people_in
from gateway.lookups.model import LookupService, Verification
from gateway.observability import continue_trace
from gateway.rechecks.model import Recheck, RecheckOperation
from gateway.sdk.errors import RequestError

Room = Callable[[RecheckOperation, int], int]
"""How many of an operation, up to so many, its system takes now; none while its breaker is open."""


class Asker:
    """Goes through the same `LookupService` as every other request, and so through the same limits."""

    def __init__(
        self,
        lookups: LookupService,
        clients: Clients,
        recorder: Recorder,
        *,
        room: Room,
        clock: Callable[[], datetime],
    ) -> None:
        self._verify: Mapping[RecheckOperation, Callable[..., Awaitable[Verification]]] = {
            RecheckOperation.VERIFY_CITIZEN: lookups.verify_citizen,
            RecheckOperation.VERIFY_ENTERPRISE: lookups.verify_enterprise,
            RecheckOperation.VERIFY_REPRESENTATIVE: lookups.verify_representative,
        }
        self._clients = clients
        self._recorder = recorder
        self._clock = clock
        self.room = room

    async def ask(self, recheck: Recheck, request: Mapping[str, Any]) -> Verification:
        """As it was asked the first time: the same client, for the same purpose, under the same trace (POP-06,
        POP-12). Raises what the service raises; a refusal by a limit is `TooManyRequestsError`. What was refused before
        it left has a leaf of its own: here no edge writes one."""
        context = Context(
            tenant=recheck.tenant,
            actor=recheck.client_id,
            trace_id=recheck.trace_id,
            traceparent=continue_trace(recheck.trace_id).traceparent,
            purpose=Purpose(**request["purpose"]),
            subjects=people_in(request),
        )
        try:
            return await self._verify[recheck.operation](request, context=context)
        except RequestError as exc:
            await self._recorder.record(self._refused(recheck, context, exc))
            raise

    def _refused(self, recheck: Recheck, context: Context, exc: RequestError) -> Entry:
        return Entry(
            kind=EntryKind.REQUEST,
            tenant=recheck.tenant,
            actor=recheck.client_id,
            operation=recheck.operation,
            outcome=f"http_{exc.http_status}",
            occurred_at=self._clock(),
            trace_id=recheck.trace_id,
            reference=recheck.dossier_code,
            purpose=context.purpose.facts() if context.purpose else {},
            facts={"recheck_id": recheck.recheck_id, "code": exc.error_code},
            subjects=context.subjects,
        )

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
