"""What staff do about the data of persons, each act with its leaf in one transaction: no evidence, no act. What a
person wrote goes into the leaf's sealed bodies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.audit.model import Entry, EntryKind
from gateway.audit.spool import SigningRecorder
from gateway.observability import own_context
from gateway.operators.model import Operator
from gateway.privacy.model import (
    Breach,
    BreachService,
    Opening,
    Person,
    PersonRequest,
    RequestKind,
    RequestService,
)
from gateway.privacy.pack import BreachPacks, Scope


class Step(StrEnum):
    """What can be done with a request; the value is how the log calls it."""

    ANSWER = "answer_data_request"
    EXTEND = "extend_data_request"
    FINISH = "finish_data_request"
    REFUSE = "refuse_data_request"


class PrivacyActs:
    """Used by the command line and the console; the API's edge writes the leaf of each call itself."""

    def __init__(
        self,
        requests: RequestService,
        breaches: BreachService,
        packs: BreachPacks,
        *,
        recorder: SigningRecorder,
        atomically: Callable[[], AbstractAsyncContextManager[Any]],
        clock: Callable[[], datetime],
    ) -> None:
        self._requests = requests
        self._breaches = breaches
        self._packs = packs
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def receive(
        self, kind: RequestKind, person: Person, *, third_party: bool = False, by: Operator
    ) -> PersonRequest:
        async with self._atomically():
            made = await self._requests.receive(kind, person, by=by.actor, tenant=by.tenant, third_party=third_party)
            await self._record("receive_data_request", made.reference, by=by, facts={"kind": kind.value})
        return made

    async def person(self, request_id: int, *, by: Operator) -> Person:
        """Who asks. The leaf comes first, and is about that person, too."""
        held = await self._requests.find(by.tenant, request_id)
        person = await self._requests.person(by.tenant, request_id)
        entry = self._entry("get_data_subject", held.reference, by=by)
        await self._recorder.record(replace(entry, subjects=(person.number,)))
        return person

    async def take(self, step: Step, request_id: int, *, reason: str, by: Operator) -> PersonRequest:
        """The errors are those of `RequestService`."""
        async with self._atomically():
            done = await self._step(step, request_id, reason=reason, by=by)
            facts: dict[str, str | int] = {"state": done.state.value, "erased": done.erased, "kept": done.kept}
            await self._record(step.value, done.reference, by=by, facts=facts, bodies={"reason": reason.encode()})
        return done

    async def open_breach(self, opening: Opening, *, by: Operator) -> Breach:
        made = self._breaches.open(opening, by=by.actor, tenant=by.tenant)
        return await self._of_breach("open_breach", made, by=by, wrote={"words": opening.words.encode()})

    async def notify_breach(self, breach_id: int, *, late_reason: str = "", by: Operator) -> Breach:
        done = self._breaches.notify(by.tenant, breach_id, by=by.actor, late_reason=late_reason)
        return await self._of_breach("notify_breach", done, by=by, wrote={"late_reason": late_reason.encode()})

    async def close_breach(self, breach_id: int, *, measures: str, by: Operator) -> Breach:
        done = self._breaches.close(by.tenant, breach_id, by=by.actor, measures=measures)
        return await self._of_breach("close_breach", done, by=by, wrote={"measures": measures.encode()})

    async def pack(self, scope: Scope, *, breach_id: int, by: Operator) -> bytes:
        """The breach pack (ZIP), which takes an approval for exactly this scope. `breach_id` 0: of no breach in the
        register."""
        breach = await self._breaches.find(by.tenant, breach_id) if breach_id else None
        await self._recorder.sign()
        pack = await self._packs.make(scope, breach=breach, by=by)
        await self._record("breach_pack", f"breach:{breach_id}", by=by, facts=scope.parameters)
        return pack

    def _step(self, step: Step, request_id: int, *, reason: str, by: Operator) -> Awaitable[PersonRequest]:
        requests, tenant = self._requests, by.tenant
        match step:
            case Step.ANSWER:
                return requests.answer(tenant, request_id, by=by.actor, reason=reason)
            case Step.EXTEND:
                return requests.extend(tenant, request_id, by=by.actor, reason=reason)
            case Step.FINISH:
                return requests.finish(tenant, request_id, by=by, reason=reason)
            case Step.REFUSE:
                return requests.refuse(tenant, request_id, by=by.actor, reason=reason)

    async def _of_breach(
        self, operation: str, step: Awaitable[Breach], *, by: Operator, wrote: Mapping[str, bytes]
    ) -> Breach:
        async with self._atomically():
            done = await step
            facts: dict[str, str | int] = {"due": done.due_at.isoformat()}
            await self._record(operation, done.reference, by=by, facts=facts, bodies=wrote)
        return done

    async def _record(self, operation: str, reference: str, *, by: Operator, **said: Mapping[str, Any]) -> None:
        await self._recorder.record(self._entry(operation, reference, by=by, **said))

    def _entry(self, operation: str, reference: str, *, by: Operator, **said: Mapping[str, Any]) -> Entry:
        return Entry(
            kind=EntryKind.ADMIN,
            tenant=by.tenant,
            actor=by.actor,
            operation=operation,
            outcome="answered",
            occurred_at=self._clock(),
            trace_id=own_context(by.tenant).trace_id,
            reference=reference,
            facts=said.get("facts", {}),
            bodies=said.get("bodies", {}),
        )
