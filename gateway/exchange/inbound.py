"""What national systems send us: verify, store once, act, record the evidence, and only then acknowledge."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

import structlog

from gateway.alarms.model import AlarmService, Occasion
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.domain import Context, local_day, people_in
from gateway.exchange.replays import Begun, Replays
from gateway.exchange.safeguards import Safeguard, Safeguards
from gateway.exchange.trail import head
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
from gateway.signing.protection import Mark

Handler = Callable[[Inbound, Mapping[str, Any], str], Awaitable[Handled]]
"""(message, canonical body, system) → what was done. Runs its own transaction and commits before it returns."""

BROUGHT_BY_A_BROWSER = "payment_return"
"""An event that proves nothing, whoever sends it."""

_PATH = re.compile(r"[A-Za-z0-9_./-]{1,100}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{9}")

log = structlog.get_logger()


class InboundSystem(Protocol):
    """The part of a configured system that inbound calls need."""

    @property
    def connector(self) -> Connector: ...
    @property
    def mappings(self) -> Mappings: ...
    @property
    def safeguards(self) -> Safeguards: ...


class _Call(NamedTuple):
    """One inbound call, as it came, and what protects it."""

    system: str
    request: InboundRequest
    context: Context
    guard: Safeguard | None


class _Opened(NamedTuple):
    """What was said, and what must not come twice. `is_elsewhere`: somebody handles these very bytes now, or died over
    them a moment ago."""

    said: InboundRequest
    mark: Mark | None = None
    is_elsewhere: bool = False


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
        replays: Replays,
        clock: Callable[[], datetime],
    ) -> None:
        self._systems = systems
        self._handlers = handlers
        self._otherwise = otherwise
        self._recorder = recorder
        self._alarms = alarms
        self._replays = replays
        self._clock = clock

    async def receive(self, system: str, request: InboundRequest, *, context: Context) -> WireReply:
        """Return the acknowledgement that the system's contract wants. `NotFoundError`: no such system or path."""
        found = self._systems.get(system)
        if found is None or not isinstance(found.connector, AcceptsInbound):
            raise NotFoundError(
                "No system receives calls here.", vi="Không có hệ thống nào nhận cuộc gọi ở địa chỉ này."
            )
        guard = found.safeguards.inbound(request.path, on=local_day(self._clock()))
        call = _Call(system, request, context, guard)
        try:
            said, mark, is_elsewhere = await self._opened(call)
        except GatewayError as exc:
            return await self._refused(call, found.connector, exc)
        if is_elsewhere:
            return await self._put_off(call, found.connector, said)
        is_done = False
        try:
            reply, is_done = await self._answered(call, found, said)
        finally:
            if mark:
                settle = self._replays.finish if is_done else self._replays.forget
                await settle(context.tenant, system, mark)
        return reply

    async def _opened(self, call: _Call) -> _Opened:
        """What was said, once it is proven. `TrustError` otherwise, and for what was handled before."""
        if call.guard is None:
            return _Opened(call.request)
        now = self._clock()
        said, mark = await call.guard.read_request(call.request, at=now)
        if call.guard.takes_twice:
            return _Opened(said)
        begun = await self._replays.begin(call.context.tenant, call.system, mark, now=now)
        if begun is Begun.BEFORE:
            raise TrustError(
                "This signed message was taken in before.", vi="Bản tin ký số này đã được nhận.", what="replayed"
            )
        return _Opened(said, mark, begun is Begun.ELSEWHERE)

    async def _answered(self, call: _Call, found: InboundSystem, said: InboundRequest) -> tuple[WireReply, bool]:
        """The acknowledgement, and whether the message was handled; its leaf is durable by then."""
        connector = found.connector
        assert isinstance(connector, AcceptsInbound)
        try:
            message = connector.receive(said)
        except NotFoundError:
            raise
        except GatewayError as exc:
            return await self._refused(call, connector, exc), False
        handled, subjects, code = await self._handle(call.system, found, message)
        call = call._replace(context=replace(call.context, subjects=subjects))
        reply = self._acknowledgement(call, connector, said, handled=handled)
        await self._record(call, reply, outcome=handled.receipt.value, message=message, code=code)
        return reply, handled.receipt is not Receipt.FAILED

    async def _put_off(self, call: _Call, connector: Connector, said: InboundRequest) -> WireReply:
        """The system shall send it again: refused, it would be lost if whoever has it fails."""
        assert isinstance(connector, AcceptsInbound)
        reply = self._acknowledgement(call, connector, said, handled=Handled(Receipt.FAILED))
        await self._record(call, reply, outcome="put_off")
        return reply

    def _acknowledgement(
        self, call: _Call, connector: AcceptsInbound, said: InboundRequest, *, handled: Handled
    ) -> WireReply:
        """Under our signature where a rule protects the call."""
        reply = connector.acknowledge(said, handled)
        return call.guard.sign_reply(reply, answers=call.request, at=self._clock()) if call.guard else reply

    async def _refused(self, call: _Call, connector: Connector, exc: GatewayError) -> WireReply:
        """Unsigned: our signature stands under nothing that a stranger chose."""
        assert isinstance(connector, AcceptsInbound)
        log.warning("inbound_refused", system=call.system, code=exc.error_code)
        reply = connector.acknowledge(call.request, Handled(Receipt.REJECTED))
        await self._record(call, reply, outcome=exc.error_code)
        if isinstance(exc, TrustError):  # somebody speaks in the system's name
            facts: dict[str, str | int] = {"code": exc.error_code}
            occasion = Occasion(kind="inbound_not_trusted", about=f"system:{call.system}", facts=facts)
            await self._alarms.raise_alarm(occasion, context=call.context)
        return reply

    async def _handle(
        self, system: str, found: InboundSystem, message: Inbound
    ) -> tuple[Handled, tuple[str, ...], str]:
        """And whom the message names, and the code of the error that kept it from being handled. `FAILED` also when it
        does not fit its mapping: what cannot be told is not acknowledged."""
        handler, mappings = self._handlers.get(message.event, self._otherwise), found.mappings
        subjects: tuple[str, ...] = ()
        try:
            body = mappings.reply(message.event, message.body)
            subjects = people_in(body)
            handled = await handler(message, body, system)
            answer = mappings.request(message.event, handled.answer).body if handled.answer else {}
        except GatewayError as exc:
            log.error("inbound_not_handled", system=system, code=exc.error_code)
            return Handled(Receipt.FAILED), subjects, exc.error_code
        told = people_in(handled.answer)
        return replace(handled, answer=answer), (*subjects, *(number for number in told if number not in subjects)), ""

    # What did not prove itself leaves no body: a stranger's bytes prove nothing, may name anybody, could fill the disk.
    async def _record(
        self, call: _Call, reply: WireReply, *, outcome: str, message: Inbound | None = None, code: str = ""
    ) -> None:
        facts: dict[str, str | int] = {"http_status": reply.status, **({"code": code} if code else {})}
        is_kept = message is not None and message.event != BROUGHT_BY_A_BROWSER
        entry = Entry(
            kind=EntryKind.INBOUND,
            tenant=call.context.tenant,
            actor=f"system:{call.system}",
            operation=message.event if message else _named(call.request.path),
            outcome=outcome,
            occurred_at=self._clock(),
            trace_id=call.context.trace_id,
            system=call.system,
            reference=message.key if message else "",
            facts={**facts, **({"verified": call.guard.schemes} if is_kept and call.guard else {})},
            subjects=call.context.subjects,
            bodies=_bodies(call, reply) if is_kept else {},
        )
        await self._recorder.record(entry)


def _named(path: str) -> str:
    """What a refused call was for, if its path is one that a contract could have: else anybody could write what they
    like into the log, for ever."""
    return path if _PATH.fullmatch(path) and not _NUMBER.search(path) else "inbound"


def _bodies(call: _Call, reply: WireReply) -> dict[str, bytes]:
    """As they came and went; with their headers where signatures may stand in them (SIG-10)."""
    bodies = {"request_received": _told(call.request), "reply_sent": reply.content}
    if call.guard:
        asked = call.request
        bodies["request_received_head"] = head(asked.headers, first=f"{asked.method} {asked.path}")
        bodies["reply_sent_head"] = head(reply.headers, first=str(reply.status))
    return bodies


def _told(request: InboundRequest) -> bytes:
    """What was said: the body, or the query of a call that has none."""
    return request.content or urlencode(request.query).encode()
