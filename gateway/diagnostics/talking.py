"""What is said to a system while it is tried: the log-in of every call, one harmless call, and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from gateway.agreements.model import Permits
from gateway.diagnostics.model import Fact, Finding, Step, Verdict
from gateway.diagnostics.ways import Way
from gateway.domain import Context
from gateway.exchange.attempt import Attempt, Attempts
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.ids import new_id
from gateway.exchange.transport import Transport
from gateway.sdk import (
    Absent,
    Accepted,
    Answered,
    Call,
    GatewayError,
    NeedsAuth,
    Outcome,
    Pending,
    Refused,
    TrustError,
    WireReply,
    WireRequest,
)
from gateway.sdk.errors import Origin

AGREES = timedelta(seconds=30)
ENDURED = timedelta(seconds=300)
"""By so much two clocks may differ before signatures count as stale (SEC-05)."""


class Watched:
    """A transport that remembers whether anything was said, and by how much the clock of the newest reply was ahead."""

    def __init__(self, transport: Transport, clock: Callable[[], datetime]) -> None:
        self._transport = transport
        self._clock = clock
        self.ahead: timedelta | None = None
        self.is_used = False

    async def send(self, request: WireRequest, *, until: float | None = None) -> WireReply:
        self.is_used, began = True, self._clock()
        reply = await self._transport.send(request, until=until)
        ended = self._clock()
        if said := _date(reply.headers.get("date", "")):
            self.ahead = said - (began + (ended - began) / 2)
        return reply

    async def close(self) -> None:
        """It is another's."""


class Talking:
    """Implements `Talk`."""

    def __init__(
        self,
        way: Way,
        attempts: Attempts,
        *,
        permits: Permits,
        context: Context,
        reference: str,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        """`reference`: the id of the run, under which the leaves are found."""
        self._way = way
        self._attempts = attempts
        self._permits = permits
        self._context = context
        self._reference = reference
        self._clock = clock
        self._watched = Watched(way.line.transport, clock)
        self._system = way.alone(self._watched, Breaker(BreakerPolicy(), monotonic=monotonic))
        self._is_stale = False

    async def login(self) -> Finding:
        if not self._way.is_used:
            why = "only_tried" if self._way.is_tried else "not_used"
            return Finding(step=Step.LOGIN, verdict=Verdict.NOT_APPLICABLE, why=why)
        tokens = self._way.line.platform.tokens if self._way.line.platform else None
        if not isinstance(self._system.connector, NeedsAuth) and not (tokens and tokens.are_issued):
            return Finding(step=Step.LOGIN, verdict=Verdict.NOT_APPLICABLE, why="no_login")
        try:
            found = await self._attempts.enter(self._system, context=self._context)
        except GatewayError as exc:
            return self._failed(Step.LOGIN, exc)
        why = "session_held" if all(found.values()) else "logged_in"
        return Finding(step=Step.LOGIN, verdict=Verdict.GOOD, why=why, facts={"sessions": ", ".join(found)})

    async def call(self) -> Finding:
        probe, declared = self._way.probe, self._system.connector.manifest.probe
        if not self._way.is_used and not self._way.is_tried:
            return Finding(step=Step.CALL, verdict=Verdict.NOT_APPLICABLE, why="not_used")
        if probe is None or declared is None:
            return Finding(step=Step.CALL, verdict=Verdict.NOT_APPLICABLE, why="no_probe")
        now = self._clock()
        call = Call(operation=probe.name, body=declared.body, call_id=new_id(now), at=now)
        attempt = Attempt(
            system=self._system,
            call=call,
            context=self._context,
            reference=self._reference,
            facts={"diagnosis": self._reference, **({} if self._way.is_used else {"tried": 1})},
        )
        try:
            await self._permits.check(self._system.id, probe.name, tenant=self._context.tenant)
            outcome, _ = await self._attempts.make(attempt)
        except GatewayError as exc:
            return self._failed(Step.CALL, exc, operation=probe.name)
        return _told(outcome, operation=probe.name)

    def clock(self) -> Finding:
        if self._is_stale:
            return Finding(step=Step.CLOCK, verdict=Verdict.FAILED, why="clock_stale")
        ahead = self._watched.ahead
        if not self._watched.is_used:
            return Finding(step=Step.CLOCK, verdict=Verdict.NOT_APPLICABLE, why="nothing_said")
        if ahead is None:
            return Finding(step=Step.CLOCK, verdict=Verdict.UNKNOWN, why="clock_unsaid")
        facts = {"skew_s": round(ahead.total_seconds())}
        if abs(ahead) <= AGREES:
            return Finding(step=Step.CLOCK, verdict=Verdict.GOOD, why="clock_good", facts=facts)
        verdict = Verdict.ATTENTION if abs(ahead) <= ENDURED else Verdict.FAILED
        return Finding(step=Step.CLOCK, verdict=verdict, why="clock_off", facts=facts)

    def _failed(self, step: Step, exc: GatewayError, **facts: Fact) -> Finding:
        distrust = _distrust(exc)
        if distrust is not None and distrust.error_code == "security.stale":
            self._is_stale = True
        said: dict[str, Fact] = {"code": exc.error_code, "said": exc.detail, "said_vi": exc.detail_vi}
        why = "not_trusted" if distrust else _why(exc)
        is_unclear = exc.error_code == "partner.unsettled"
        return Finding(
            step=step, verdict=Verdict.UNKNOWN if is_unclear else Verdict.FAILED, why=why, facts={**facts, **said}
        )


_CODES: Mapping[str, str] = {
    "partner.login_refused": "login_refused",
    "partner.credentials_refused": "login_refused",
    "partner.protocol_violation": "unreadable",
    "partner.certificate": "certificate_not_believed",
    "partner.not_connected": "tcp_reset",
}
_ORIGINS: Mapping[Origin, str] = {
    Origin.PARTNER: "no_answer",
    Origin.OPERATOR: "our_settings",
    Origin.SECURITY: "not_trusted",
}


def _why(exc: GatewayError) -> str:
    return _CODES.get(exc.error_code) or _ORIGINS.get(exc.origin, "our_fault")


def _distrust(exc: BaseException | None) -> TrustError | None:
    """Of the reply, or of the one to the log-in before it."""
    while exc is not None and not isinstance(exc, TrustError):
        exc = exc.__cause__
    return exc


def _told(outcome: Outcome, *, operation: str) -> Finding:
    facts: dict[str, Fact] = {"operation": operation, "outcome": type(outcome).__name__.lower()}
    match outcome:
        case Answered() | Absent() | Accepted():
            return Finding(step=Step.CALL, verdict=Verdict.GOOD, why="answered", facts=facts)
        case Pending():
            return Finding(step=Step.CALL, verdict=Verdict.UNKNOWN, why="pending", facts=facts)
        case Refused(code=code, not_permitted=True):
            return Finding(
                step=Step.CALL, verdict=Verdict.FAILED, why="not_permitted", facts={**facts, "code": code[:64]}
            )
        case Refused(code=code):
            return Finding(step=Step.CALL, verdict=Verdict.ATTENTION, why="refused", facts={**facts, "code": code[:64]})


def _date(text: str) -> datetime | None:
    """RFC 9110, 5.6.7; None: none, or one that cannot be read."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
