"""What administrators do with agreements and access requests: each act with its leaf (SEC-04; CON-12, CON-13)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime

from gateway.agreements.model import (
    AccessRequest,
    AccessService,
    Agreement,
    AgreementService,
    Decision,
    Terms,
    Wanted,
)
from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.domain import Context


class AgreementActs:
    """Each method does what its namesake of the services does, and leaves the leaf of it. What a person wrote is
    sealed."""

    def __init__(
        self,
        agreements: AgreementService,
        requests: AccessService,
        *,
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._agreements = agreements
        self._requests = requests
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def register(self, terms: Terms, *, context: Context) -> Agreement:
        async with self._atomically():
            made = await self._agreements.register(terms, by=context.actor, context=context)
            await self._told("register_agreement", made, context=context)
        return made

    async def set_end(self, agreement_id: int, *, until: date | None, reason: str, context: Context) -> Agreement:
        return await self._change(
            "set_agreement_end",
            lambda: self._agreements.set_end(context.tenant, agreement_id, until=until, reason=reason),
            reason=reason,
            context=context,
        )

    async def suspend(self, agreement_id: int, *, reason: str, context: Context) -> Agreement:
        return await self._change(
            "suspend_agreement",
            lambda: self._agreements.suspend(context.tenant, agreement_id, by=context.actor, reason=reason),
            reason=reason,
            context=context,
        )

    async def resume(self, agreement_id: int, *, context: Context) -> Agreement:
        return await self._change(
            "resume_agreement",
            lambda: self._agreements.resume(context.tenant, agreement_id),
            reason="",
            context=context,
        )

    async def receive(self, wanted: Wanted, *, received_at: datetime | None, context: Context) -> AccessRequest:
        async with self._atomically():
            made = await self._requests.receive(
                wanted, received_at=received_at, by=context.actor, tenant=context.tenant
            )
            facts: dict[str, str | int] = {"agency": wanted.agency_id, "items": len(wanted.items)}
            act = Act(operation="receive_access_request", reference=f"access_request:{made.id}", facts=facts)
            await self._recorder.record(act.entry(context, at=self._clock()))
        return made

    async def decide(self, request_id: int, decision: Decision, *, context: Context) -> AccessRequest:
        async with self._atomically():
            done = await self._requests.decide(context.tenant, request_id, decision)
            facts: dict[str, str | int] = {"state": decision.state.value, "agreement": decision.agreement or 0}
            act = Act(
                operation="decide_access_request",
                reference=f"access_request:{request_id}",
                facts=facts,
                bodies={"reason": decision.reason.encode()},
            )
            await self._recorder.record(act.entry(context, at=self._clock()))
        return done

    async def _change(
        self, operation: str, act: Callable[[], Awaitable[Agreement]], *, reason: str, context: Context
    ) -> Agreement:
        async with self._atomically():
            held = await act()
            await self._told(operation, held, context=context, reason=reason)
        return held

    async def _told(self, operation: str, held: Agreement, *, context: Context, reason: str = "") -> None:
        until = held.terms.until.isoformat() if held.terms.until else ""
        act = Act(
            operation=operation,
            reference=f"agreement:{held.id}",
            facts={"number": held.terms.number, "system": held.terms.system, "until": until},
            bodies={"reason": reason.encode()} if reason else {},
        )
        await self._recorder.record(act.entry(context, at=self._clock()))
