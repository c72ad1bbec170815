"""One attempt: log in if need be, prepare, send, interpret, and write the evidence before anybody learns the result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.exchange.grants import Grants
from gateway.exchange.system import System
from gateway.exchange.trail import Trail
from gateway.observability import continue_trace
from gateway.sdk import (
    Call,
    GatewayError,
    Grant,
    NeedsAuth,
    Outcome,
    ProtocolViolation,
    TransientRemoteError,
    Unsettled,
    WireReply,
    WireRequest,
)

LOCKED_OUT_S = 60.0
"""Seconds before a refused log-in is tried again: many systems lock an account that knocks too often."""

log = structlog.get_logger()


class Attempts:
    """Makes attempts at every configured system and records each."""

    def __init__(self, recorder: Recorder, *, clock: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._recorder = recorder
        self._clock = clock
        self._monotonic = monotonic
        self._grants: dict[str, Grants] = {}
        self._recording: set[asyncio.Task[object]] = set()

    async def make(
        self, system: System, call: Call, *, context: Context, reference: str, facts: dict[str, str | int]
    ) -> tuple[Outcome, int]:
        """The outcome and the index of its leaf. Whatever is raised was recorded first."""
        trail = Trail(
            system=system.id,
            call=call,
            context=context,
            reference=reference,
            started=self._monotonic(),
            monotonic=self._monotonic,
            facts=facts,
        )
        try:
            with system.breaker.guard():
                outcome = await self._converse(system, call, trail)
        except GatewayError as exc:
            exc.call_id, exc.audit_index = call.call_id, await self._record(trail, exc.error_code)
            raise
        except asyncio.CancelledError:
            # Nobody waits any more, but bytes may have left: the leaf is written all the same.
            task = asyncio.create_task(self._record(trail, "ours.cancelled"))
            self._recording.add(task)
            task.add_done_callback(self._recording.discard)
            raise
        return outcome, await self._record(trail, trail.judged(outcome))

    async def finish(self) -> None:
        """Wait for the leaves of cancelled attempts, and of log-ins that nobody waits for any more."""
        log_ins = [grants.finish() for grants in self._grants.values()]
        await asyncio.gather(*self._recording, *log_ins, return_exceptions=True)

    async def _record(self, trail: Trail, outcome: str) -> int:
        return (await self._recorder.record(trail.entry(outcome, at=self._clock()))).index

    async def _converse(self, system: System, call: Call, trail: Trail) -> Outcome:
        connector = system.connector
        if not isinstance(connector, NeedsAuth):
            return _interpret(system, call, await self._send(system, call, trail))
        grants = self._grants_of(system, trail.context)
        grant = await grants.current()
        reply = await self._send(system, replace(call, grant=grant), trail)
        if connector.rejects_grant(reply):
            log.info("grant_renewed", system=system.id)
            grant = await grants.renewed(grant)
            reply = await self._send(system, replace(call, grant=grant), trail)
        return _interpret(system, replace(call, grant=grant), reply)

    async def _send(self, system: System, call: Call, trail: Trail) -> WireReply:
        request = system.connector.prepare(call)
        trail.sent(request)
        try:
            reply = await system.transport.send(_traced(request, trail.context))
        except Unsettled as exc:
            if system.operations[call.operation].idempotent:
                raise TransientRemoteError(
                    "No answer came in time.", vi="Hệ thống quốc gia không trả lời kịp", what="no_answer"
                ) from exc
            raise
        trail.received(reply)
        return reply

    def _grants_of(self, system: System, context: Context) -> Grants:
        if system.id not in self._grants:

            async def log_in() -> Grant:
                return await self._log_in(system, context)

            self._grants[system.id] = Grants(log_in, monotonic=self._monotonic)
        return self._grants[system.id]

    async def _log_in(self, system: System, context: Context) -> Grant:
        """Recorded too, without its bodies: they hold our secret and theirs."""
        connector = system.connector
        assert isinstance(connector, NeedsAuth)
        trail = Trail(
            system=system.id,
            call=Call(operation="login", body={}, call_id="LOGIN", at=self._clock()),
            context=replace(context, actor="gateway", purpose=None),
            reference=system.id,
            started=self._monotonic(),
            monotonic=self._monotonic,
        )
        try:
            reply = await system.transport.send(connector.login())
            trail.facts["http_status"] = reply.status
            grant = connector.grant(reply)
        except Unsettled as exc:
            await self._record(trail, exc.error_code)
            raise TransientRemoteError("The log-in was not answered.", what="no_answer") from exc
        except ProtocolViolation as exc:
            # The account is wrong, not a message: every stream waits, none is held for a person one by one.
            await self._record(trail, "partner.login_refused")
            raise TransientRemoteError(
                exc.detail or "The system refused our log-in; check the account in its settings.",
                vi=exc.detail_vi,
                what="login_refused",
                retry_after_s=LOCKED_OUT_S,
            ) from exc
        except GatewayError as exc:
            await self._record(trail, exc.error_code)
            raise
        await self._record(trail, "answered")
        return grant


def _interpret(system: System, call: Call, reply: WireReply) -> Outcome:
    try:
        return system.connector.interpret(call, reply)
    except GatewayError:
        raise
    except Exception as exc:
        # A connector that stumbles over a reply has not understood it: that must never look like an answer.
        log.exception("reply_not_understood", system=system.id, operation=call.operation)
        raise ProtocolViolation("The answer could not be read.") from exc


def _traced(request: WireRequest, context: Context) -> WireRequest:
    trace = continue_trace(context.trace_id)
    headers = {**request.headers, "traceparent": trace.traceparent}
    if context.tracestate:
        headers["tracestate"] = context.tracestate
    return replace(request, headers=headers)
