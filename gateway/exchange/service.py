"""Carry one message: translate, attempt, translate back. Implements `Exchange` and the worker's `Courier`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache, partial

import tenacity

from gateway.agreements.model import Permits
from gateway.delivery.model import Draft, StreamKey
from gateway.domain import Context, local_day
from gateway.exchange.attempt import Attempt, Attempts
from gateway.exchange.breaker import NO_ROOM, NO_TIME
from gateway.exchange.ids import new_id
from gateway.exchange.model import Exchanged, FileSource
from gateway.exchange.routes import Route, choose, offering
from gateway.exchange.shadows import Shadows, Used
from gateway.exchange.system import System
from gateway.sdk import (
    Accepted,
    Answered,
    Attachment,
    Call,
    CannotTell,
    ConfigurationError,
    GatewayError,
    Outcome,
    SendNow,
    Settlement,
    TransientRemoteError,
)

WAIT = tenacity.wait_random_exponential(multiplier=0.1, max=2.0)
_CANNOT_ASK = CannotTell(
    reason="This system offers no way to ask whether the message arrived.",
    reason_vi="Hệ thống này không có cách tra cứu bản tin đã tới hay chưa; cần cán bộ đối chiếu.",
)
LONGEST_S = 25.0
"""A caller waits; no try begins later than this after the first."""


class GatewayExchange:
    """The systems and the way to them. `routes` decides, by operation, where several systems offer it."""

    def __init__(
        self,
        systems: Mapping[str, System],
        attempts: Attempts,
        *,
        clock: Callable[[], datetime],
        routes: Mapping[str, Sequence[Route]],
        files: FileSource | None = None,
        shadows: Shadows | None = None,
        permits: Permits | None = None,
        wait: tenacity.wait.wait_base = WAIT,
    ) -> None:
        self.systems = systems
        self._attempts = attempts
        self._clock = clock
        self._routes = routes
        self._files = files
        self._shadows = shadows
        self._permits = permits
        self._wait = wait
        self._offering = cache(partial(offering, systems))

    def system_for(self, operation: str, *, on: date | None = None, procedure: str = "") -> str:
        found, usual = self._offering(operation)
        rules = self._routes.get(operation)
        chosen = choose(rules, on=on or local_day(self._clock()), procedure=procedure) if rules else None
        if chosen in found:
            return str(chosen)
        if usual and chosen is None:
            return usual
        problem = "Several systems offer" if len(found) > 1 else "No configured system offers"
        raise ConfigurationError(
            f"{problem} {operation}; set routes.{operation}.",
            vi=f"Chưa xác định được hệ thống phục vụ {operation}; hãy đặt routes.{operation}.",
            what="route",
        )

    async def ask(
        self,
        operation: str,
        canonical: Mapping[str, object],
        *,
        context: Context,
        reference: str = "",
        target: str = "",
    ) -> Exchanged:
        system = self._configured(target or self.system_for(operation))
        await self._check_permitted(system, operation, context=context)
        mapped = system.mappings.request(operation, canonical)
        now = self._clock()
        call = Call(operation=operation, body=mapped.body, call_id=new_id(now), at=now)

        def used(told: Outcome | GatewayError) -> None:
            if self._shadows is not None and system.rules:
                self._shadows.follow(Used(system=system, call=call, context=context, reference=reference, told=told))

        answer = _Told(system, operation)
        attempt = Attempt(
            system=system,
            call=call,
            context=context,
            reference=reference,
            facts={"mapping_version": mapped.version},
            translate=answer.translate,
        )
        try:
            with self._attempts.callers.one(system.id):
                outcome, index = await self._persist(attempt)
        except GatewayError as exc:
            if exc.error_code != NO_ROOM:  # that says nothing of the way in use, and there is too much to do already
                used(exc)
            raise
        used(outcome)
        return answer.exchanged(call, outcome, index=index)

    def draft(
        self, operation: str, canonical: Mapping[str, object], *, key: str, context: Context, target: str = ""
    ) -> Draft:
        system = self._configured(target or self.system_for(operation))
        mapped = system.mappings.request(operation, canonical)
        now = self._clock()
        return Draft(
            stream=StreamKey(tenant=context.tenant, target=system.id, key=key),
            operation=operation,
            call_id=new_id(now),
            at=now,
            mapping_version=mapped.version,
            body=mapped.body,
            trace_id=context.trace_id,
        )

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Exchanged:
        system = self._target(stream)
        await self._check_permitted(system, call.operation, context=context)
        if system.operations[call.operation].sends_file:
            call = replace(call, file=await self._file(stream.tenant, call))
        told = _Told(system, call.operation)
        attempt = Attempt(
            system=system,
            call=call,
            context=context,
            reference=stream.key,
            facts={"messages": len(call.parts) + 1} if call.parts else {},
            translate=told.translate,
        )
        outcome, index = await self._attempts.make(attempt)
        return told.exchanged(call, outcome, index=index)

    async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
        system = self._target(stream)
        if connector := system.reconciles:
            asked = connector.question(call)
            if not isinstance(asked, Call):
                return asked
            await self._check_permitted(system, asked.operation, context=context)
            question = replace(asked, call_id=new_id(self._clock()), at=self._clock())
            answer, _ = await self._persist(_question(system, question, stream, context=context))
            return connector.settle(call, answer)
        if system.operations[call.operation].idempotent:
            return SendNow(call=call)
        return _CANNOT_ASK

    async def compare(self, stream: StreamKey, calls: Sequence[Call], *, context: Context) -> Sequence[Settlement]:
        """What became of each of `calls`, all of which were answered once. Each question is put once, however many
        calls it is about."""
        system = self._target(stream)
        connector = system.reconciles
        if connector is None:
            return [_CANNOT_ASK for _ in calls]
        answers: dict[tuple[str, str], Outcome] = {}
        settlements: list[Settlement] = []
        for call in calls:
            asked = connector.question(call)
            if not isinstance(asked, Call):
                settlements.append(asked)
                continue
            await self._check_permitted(system, asked.operation, context=context)
            question = replace(asked, call_id=new_id(self._clock()), at=self._clock())
            name = question.operation, repr(question.body)
            if name not in answers:
                answers[name], _ = await self._persist(_question(system, question, stream, context=context))
            settlements.append(connector.settle(call, answers[name]))
        return settlements

    def replaces(self, stream: StreamKey, operation: str) -> bool:
        return self._target(stream).operations[operation].replaces

    def compares(self, stream: StreamKey, operation: str) -> bool:
        return self._target(stream).operations[operation].compared

    @property
    def operations(self) -> frozenset[str]:
        """What can be asked of any configured system."""
        return frozenset(name for system in self.systems.values() for name in system.operations)

    def token_left_s(self, system: str) -> float | None:
        """Seconds for which this process still uses its token or session there; None: it holds none."""
        return self._attempts.token_left_s(system)

    @property
    def targets(self) -> Sequence[str]:
        return list(self.systems)

    def room(self, target: str, *, most: int, operation: str = "") -> int:
        """How many at a time its breaker lets through now, up to `most`; of one operation, on the way that it takes."""
        return self.systems[target].line(operation, on=local_day(self._clock())).breaker.room(most)

    def most_together(self, stream: StreamKey, operation: str) -> int:
        batches = self._target(stream).batches
        return batches.most_together(operation) if batches else 1

    def asks_first(self, stream: StreamKey, operation: str) -> bool:
        return self._target(stream).operations[operation].ask_first

    async def _persist(self, attempt: Attempt) -> tuple[Outcome, int | None]:
        """Repeat an idempotent operation within the caller's patience; each try is an exchange of its own."""
        settings, operation = attempt.system.settings, attempt.system.operations[attempt.call.operation]
        began_s = self._attempts.now_s()
        try:
            return await self._attempts.make(attempt, tried=1)
        except TransientRemoteError as exc:
            if settings.tries == 1 or not operation.idempotent or not _worth_another_try(exc):
                raise
            failed = exc
        longest_s = min(LONGEST_S - (self._attempts.now_s() - began_s), self._attempts.left_s(attempt.context))
        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(settings.tries) | tenacity.stop_before_delay(longest_s),
            wait=self._wait,
            retry=tenacity.retry_if_exception(_worth_another_try),
            reraise=True,
        )
        async for round_ in retrying:
            with round_:
                number = round_.retry_state.attempt_number
                if number == 1:  # it was made, before anybody knew that there would be others
                    raise failed
                return await self._attempts.make(attempt, tried=number)
        raise AssertionError  # pragma: no cover - tenacity returns or raises

    async def _file(self, tenant: str, call: Call) -> Attachment:
        if self._files is None:
            raise ConfigurationError("This process has no access to stored files.", what="no_files")
        return await self._files.file(tenant, call.body["file"])

    def offers(self, operation: str, *, target: str) -> bool:
        return operation in self._configured(target).offered

    async def _check_permitted(self, system: System, operation: str, *, context: Context) -> None:
        if self._permits is not None:
            await self._permits.check(system.id, operation, tenant=context.tenant)

    def _target(self, stream: StreamKey) -> System:
        return self._configured(stream.target)

    def _configured(self, target: str) -> System:
        system = self.systems.get(target)
        if system is None:
            raise ConfigurationError(
                f"No system {target} is configured; its messages wait.",
                vi=f"Chưa cấu hình hệ thống {target}; bản tin của hệ thống này đang chờ.",
                what="system_missing",
            )
        return system


def _question(system: System, call: Call, stream: StreamKey, *, context: Context) -> Attempt:
    return Attempt(system=system, call=call, context=context, reference=stream.key, facts={"mapping_version": 0})


class _Told:
    """What a system told, in our vocabulary: translated once, before its leaf is written."""

    def __init__(self, system: System, operation: str) -> None:
        self._system = system
        self._operation = operation
        self._canonical: Mapping[str, object] = {}

    def translate(self, outcome: Outcome) -> Mapping[str, object]:
        """`ProtocolViolation` when the answer does not fit the mapping."""
        if isinstance(outcome, Answered | Accepted):
            self._canonical = self._system.mappings.reply(self._operation, outcome.body)
        return self._canonical

    def exchanged(self, call: Call, outcome: Outcome, *, index: int | None) -> Exchanged:
        return Exchanged(
            system=self._system.id, outcome=outcome, call_id=call.call_id, audit_index=index, canonical=self._canonical
        )


def _worth_another_try(exc: BaseException) -> bool:
    """A system that named its own time is not asked again at once; nor is one that the breaker keeps from us, or for
    whose answer nobody waits any more."""
    return isinstance(exc, TransientRemoteError) and exc.retry_after_s is None and exc.error_code != NO_TIME
