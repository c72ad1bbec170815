"""What national systems send us: verify, store once, act, record the evidence, and only then acknowledge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

import structlog

from gateway.alarms.model import AlarmService, Occasion
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.domain import Context, people_in
from gateway.mapping import Mappings
from gateway.sdk import (
    AcceptsInbound,
    Connector,
    GatewayError,
    Handled,
    Inbound,
    InboundRequest,
    NotFoundError,
    Receipt,
    TrustError,
    WireReply,
)

Handler = Callable[[Inbound, Mapping[str, Any], str], Awaitable[Handled]]
"""(message, canonical body, system) → what was done. Runs its own transaction and commits before it returns."""

BROUGHT_BY_A_BROWSER = "payment_return"
"""An event that proves nothing, whoever sends it."""

log = structlog.get_logger()


class InboundSystem(Protocol):
    """The part of a configured system that inbound calls need."""

    @property
    def connector(self) -> Connector: ...
    @property
    def mappings(self) -> Mappings: ...


class _Call(NamedTuple):
    """One inbound call."""

    system: str
    request: InboundRequest
    context: Context


class InboundGate:
    """Implements `payments.model.InboundService`. `handlers` are named by canonical event; whatever else a connector
    understands goes to `otherwise`, so that a new system needs no change here."""

    def __init__(
        self,
        systems: Mapping[str, InboundSystem],
        handlers: Mapping[str, Handler],
        *,
        otherwise: Handler,
        recorder: Recorder,
        alarms: AlarmService,
        clock: Callable[[], datetime],
    ) -> None:
        self._systems = systems
        self._handlers = handlers
        self._otherwise = otherwise
        self._recorder = recorder
        self._alarms = alarms
        self._clock = clock

    async def receive(self, system: str, request: InboundRequest, *, context: Context) -> WireReply:
        """Return the acknowledgement that the system's contract wants. `NotFoundError`: no such system or path."""
        found = self._systems.get(system)
        if found is None or not isinstance(found.connector, AcceptsInbound):
            raise NotFoundError(
                "No system receives calls here.", vi="Không có hệ thống nào nhận cuộc gọi ở địa chỉ này."
            )
        try:
            message = found.connector.receive(request)
        except NotFoundError:
            raise
        except GatewayError as exc:
            log.warning("inbound_refused", system=system, code=exc.error_code)
            reply = found.connector.acknowledge(request, Handled(Receipt.REJECTED))
            await self._record(_Call(system, request, context), reply, outcome=exc.error_code)
            if isinstance(exc, TrustError):  # somebody speaks in the system's name
                occasion = Occasion(
                    kind="inbound_not_trusted", about=f"system:{system}", facts={"code": exc.error_code}
                )
                await self._alarms.raise_alarm(occasion, context=context)
            return reply
        handled, subjects = await self._handle(system, found, message)
        reply = found.connector.acknowledge(request, handled)
        call = _Call(system, request, replace(context, subjects=subjects))
        await self._record(call, reply, outcome=handled.receipt.value, message=message)
        return reply

    async def _handle(self, system: str, found: InboundSystem, message: Inbound) -> tuple[Handled, tuple[str, ...]]:
        """And whom the message names. `FAILED` also when it does not fit its mapping: what cannot be told is not
        acknowledged."""
        handler, mappings = self._handlers.get(message.event, self._otherwise), found.mappings
        subjects: tuple[str, ...] = ()
        try:
            body = mappings.reply(message.event, message.body)
            subjects = people_in(body)
            handled = await handler(message, body, system)
            answer = mappings.request(message.event, handled.answer).body if handled.answer else {}
        except GatewayError as exc:
            log.error("inbound_not_handled", system=system, code=exc.error_code)
            return Handled(Receipt.FAILED), subjects
        return replace(handled, answer=answer), subjects

    # What did not prove itself leaves no body: a stranger's bytes prove nothing, may name anybody, could fill the disk.
    async def _record(self, call: _Call, reply: WireReply, *, outcome: str, message: Inbound | None = None) -> None:
        is_kept = message is not None and message.event != BROUGHT_BY_A_BROWSER
        entry = Entry(
            kind=EntryKind.INBOUND,
            tenant=call.context.tenant,
            actor=f"system:{call.system}",
            operation=message.event if message else call.request.path,
            outcome=outcome,
            occurred_at=self._clock(),
            trace_id=call.context.trace_id,
            system=call.system,
            reference=message.key if message else "",
            facts={"http_status": reply.status},
            subjects=call.context.subjects,
            bodies={"request_received": _told(call.request), "reply_sent": reply.content} if is_kept else {},
        )
        await self._recorder.record(entry)


def _told(request: InboundRequest) -> bytes:
    """What was said: the body, or the query of a call that has none."""
    return request.content or urlencode(request.query).encode()
