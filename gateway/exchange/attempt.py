"""One attempt: log in if need be, prepare, send, interpret, and write the evidence before anybody learns the result.

What a connector answers alone passes no breaker and no platform, and leaves its leaf all the same."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from gateway.alarms.model import AlarmService, Occasion
from gateway.audit.recorder import Recorder
from gateway.domain import Context, local_day
from gateway.exchange.breaker import NO_TIME
from gateway.exchange.deadline import no_time, within
from gateway.exchange.grants import Grants
from gateway.exchange.lines import LOGIN, Line, choose
from gateway.exchange.logins import Door, LogIns
from gateway.exchange.places import Places
from gateway.exchange.signed_files import SignedFiles
from gateway.exchange.system import System
from gateway.exchange.trail import Trail
from gateway.observability import continue_trace
from gateway.platforms import Platform
from gateway.sdk import (
    Call,
    GatewayError,
    Grant,
    NeedsAuth,
    Outcome,
    ProtocolViolation,
    TransientRemoteError,
    TrustError,
    Unsettled,
    WireReply,
    WireRequest,
)
from gateway.sdk.platform_check import check_platform

Translate = Callable[[Outcome], Mapping[str, Any]]
"""An outcome in our vocabulary; empty of one that has nothing to tell. `ProtocolViolation` when it does not fit."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is attempted, for whom, and how its answer is understood."""

    system: System
    call: Call
    context: Context
    reference: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    translate: Translate | None = None


class Attempts:
    """Makes attempts at every configured system and records each."""

    def __init__(
        self,
        recorder: Recorder,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        alarms: AlarmService | None = None,
        callers: Places | None = None,
    ) -> None:
        """`alarms`: told when a reply is not to be trusted. `callers`: how many may wait for systems; None: all."""
        self.callers = callers or Places()
        self._lines = Places()
        self._recorder = recorder
        self._alarms = alarms
        self._clock = clock
        self._monotonic = monotonic
        self._log_ins = LogIns(recorder, clock=clock, monotonic=monotonic)
        self._recording: set[asyncio.Task[object]] = set()
        self._signed_files = SignedFiles()

    async def make(self, attempt: Attempt, *, tried: int = 0) -> tuple[Outcome, int | None]:
        """The outcome and the index of its leaf. Whatever is raised was recorded first, but for an attempt that was not
        made, since nobody waits for it any more. `tried`: which try of several it may be; 0: the only one."""
        system, call, context = attempt.system, attempt.call, attempt.context
        self._check_time(context)
        line = system.line(call.operation, on=local_day(self._clock()))
        trail = Trail(
            system=system.id,
            call=call,
            context=context,
            reference=attempt.reference,
            started=self._monotonic(),
            monotonic=self._monotonic,
            facts=_facts(attempt, line, tried=tried),
        )
        try:
            alone = system.answers_alone
            if alone is not None and (made := alone.answer(call)) is not None:
                outcome = made
                trail.made(outcome)
            else:
                with line.breaker.guard(left_s=self.left_s(context)), self._lines.one(line, most=system.most_at_once):
                    outcome = await self._converse(system, line, call, trail=trail)
            if attempt.translate and (canonical := attempt.translate(outcome)):
                trail.understood(canonical)
        except GatewayError as exc:
            exc.call_id, exc.audit_index = call.call_id, await self._record(trail, exc.error_code)
            await self._warn(system, exc, context=context)
            await line.breaker.turn(exc, left_s=self.left_s(context))
            raise
        except asyncio.CancelledError:
            # Nobody waits any more, but bytes may have left: the leaf is written all the same.
            task = asyncio.create_task(self._record(trail, "ours.cancelled"))
            self._recording.add(task)
            task.add_done_callback(self._recording.discard)
            raise
        return outcome, await self._record(trail, trail.judged(outcome))

    def now_s(self) -> float:
        """On the clock by which attempts are timed."""
        return self._monotonic()

    def left_s(self, context: Context) -> float:
        """Seconds for which somebody waits for the answer."""
        return math.inf if context.until is None else context.until - self._monotonic()

    def _check_time(self, context: Context) -> None:
        """Before there is anything to record: nothing is attempted for whom nobody waits."""
        if self.left_s(context) <= 0:
            raise no_time(TransientRemoteError)

    def token_left_s(self, issuer: str) -> float | None:
        """Seconds for which this process still uses the token or session of `issuer`; None: it holds none."""
        return self._log_ins.left_s(issuer)

    async def enter(self, system: System, *, context: Context) -> Mapping[str, bool]:
        """Log in where a call of this system would first: at the platform on its way, then at the system. By the name
        of who issues it, whether there was a grant already, which is used then: nobody is logged out for a test. Raises
        what the log-in raised; each log-in is a leaf."""
        line = system.line("", on=local_day(self._clock()))
        found: dict[str, bool] = {}
        if line.platform and (tokens := self._tokens(line, line.platform, context)):
            found[line.platform.name] = tokens.held is not None
            await tokens.current()
        if (issuer := system.needs_auth) and not system.is_tried:
            sessions = self._sessions(system, line, issuer, context=context)
            found[system.id] = sessions.held is not None
            await sessions.current()
        return found

    async def finish(self) -> None:
        """Wait for the leaves of cancelled attempts, and of log-ins that nobody waits for any more."""
        await asyncio.gather(*self._recording, self._log_ins.finish(), return_exceptions=True)

    async def _record(self, trail: Trail, outcome: str) -> int | None:
        return (await self._recorder.record(trail.entry(outcome, at=self._clock()))).index

    async def _warn(self, system: System, exc: GatewayError, *, context: Context) -> None:
        """Somebody speaks in the system's name, or its keys have changed: a person must look (SIG-09)."""
        distrust = _distrust(exc)
        if self._alarms is not None and distrust is not None:
            facts: dict[str, str | int] = {"code": distrust.error_code}
            occasion = Occasion(kind="reply_not_trusted", about=f"system:{system.id}", facts=facts)
            await self._alarms.raise_alarm(occasion, context=context)

    async def _converse(self, system: System, line: Line, call: Call, *, trail: Trail) -> Outcome:
        issuer = system.needs_auth
        if issuer is None:
            return _interpret(system, call, await self._send(system, line, call, trail=trail))
        if system.is_tried:
            return await self._look_in(system, line, call, trail=trail)
        sessions = self._sessions(system, line, issuer, context=trail.context)
        grant = sessions.held
        if grant is None:
            grant = await within(self.left_s(trail.context), sessions.current())
        entered = replace(call, grant=grant)
        reply = await self._send(system, line, entered, trail=trail)
        if issuer.rejects_grant(reply):
            entered = replace(call, grant=await within(self.left_s(trail.context), sessions.renewed(grant)))
            reply = await self._send(system, line, entered, trail=trail)
        return _interpret(system, entered, reply)

    async def _look_in(self, system: System, line: Line, call: Call, *, trail: Trail) -> Outcome:
        """With the session that there is: another log-in could end it, or lock the account that others need."""
        grant = self._log_ins.held(system.id)
        if grant is None:
            raise TransientRemoteError("There is no session, and a way that is only tried opens none.")
        call = replace(call, grant=grant)
        return _interpret(system, call, await self._send(system, line, call, trail=trail))

    async def _send(self, system: System, line: Line, call: Call, *, trail: Trail) -> WireReply:
        """The reply, verified where a rule protects it. Signed anew each time: a signature ages, what it signs does
        not. A file goes out as it is read, unless it is signed: a signature is over all of it."""
        is_idempotent = system.operations[call.operation].idempotent
        guard = system.safeguard(call.operation, on=local_day(self._clock()))
        request = system.connector.prepare(call)
        is_whole = bool(guard and request.file)
        async with self._signed_files.room(system.id, is_needed=is_whole, left_s=self.left_s(trail.context)):
            if guard:
                request = guard.sign(await request.whole(), at=self._clock())
            trail.sent(request, signed=guard.schemes if guard else "")
            try:
                reply = await self._carry(
                    line, _traced(request, trail.context), call_id=call.call_id, context=trail.context
                )
                trail.received(reply)
                if line.platform:
                    check_platform(reply, idempotent=is_idempotent)
                if guard:
                    reading = guard.read(reply, answers=request, at=self._clock())  # it may ask who is revoked
                    reply = await within(self.left_s(trail.context), reading, kind=Unsettled)
                    trail.verified(guard.schemes_of_replies)
            except Unsettled as exc:
                if is_idempotent:
                    what = "no_time" if exc.error_code == NO_TIME else "no_answer"
                    raise TransientRemoteError(
                        "No answer came in time.", vi="Hệ thống quốc gia không trả lời kịp", what=what
                    ) from exc
                raise
            return reply

    async def _carry(self, line: Line, request: WireRequest, *, call_id: str, context: Context) -> WireReply:
        """Over the platform, with its token; once more with another one when it says that this does not count."""
        platform, to = line.platform, line.to
        if platform is None or to is None:
            return await line.transport.send(request, until=context.until)
        tokens = self._tokens(line, platform, context)
        grant = (tokens.held or await within(self.left_s(context), tokens.current())) if tokens else None
        carried = platform.carry(request, to, call_id=call_id, grant=grant)
        reply = await line.transport.send(carried, until=context.until)
        if tokens and grant and platform.rejects_token(reply):
            grant = await within(self.left_s(context), tokens.renewed(grant))
            carried = platform.carry(request, to, call_id=call_id, grant=grant)
            reply = await line.transport.send(carried, until=context.until)
        return reply

    def _tokens(self, line: Line, platform: Platform, context: Context) -> Grants | None:
        tokens = platform.tokens
        if tokens is None or not tokens.are_issued:
            return None

        async def knock() -> WireReply:
            return await line.for_log_ins.transport.send(tokens.login())

        def read(reply: WireReply) -> Grant:
            return tokens.grant(reply, now=self._clock())

        return self._log_ins.at(f"platform:{platform.name}", Door(knock, read, context))

    def _sessions(self, system: System, line: Line, connector: NeedsAuth, *, context: Context) -> Grants:
        """By the way that a rule names for `login`, or else by that of the call."""
        named = [rule for rule in system.rules if LOGIN in rule.operations]
        way = choose(named, LOGIN, on=local_day(self._clock())) or line
        guard = system.safeguard(LOGIN, on=local_day(self._clock()))

        async def knock() -> WireReply:
            request = guard.sign(connector.login(), at=self._clock()) if guard else connector.login()
            reply = await self._carry(way.for_log_ins, request, call_id="LOGIN", context=replace(context, until=None))
            if way.platform:
                check_platform(reply, idempotent=True)
            return await guard.read(reply, answers=request, at=self._clock()) if guard else reply

        return self._log_ins.at(system.id, Door(knock, connector.grant, context))


def _distrust(exc: BaseException | None) -> TrustError | None:
    """Of the reply itself, or of the one to the log-in before it."""
    while exc is not None and not isinstance(exc, TrustError | Unsettled):
        exc = exc.__cause__
    return exc if isinstance(exc, TrustError) else None


def _facts(attempt: Attempt, line: Line, *, tried: int) -> dict[str, str | int]:
    facts = {"try": tried, **attempt.facts} if tried else {**attempt.facts}
    if line.platform:
        facts["over"] = line.name
    return facts


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
    headers = {**request.headers, "traceparent": continue_trace(context.trace_id).traceparent}
    if context.tracestate:
        headers["tracestate"] = context.tracestate
    return request.headed(headers)
