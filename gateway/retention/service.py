"""Hold, lift and erase, each of them evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from gateway.approvals.model import Approvals
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.observability import continue_trace
from gateway.operators.model import Operator
from gateway.retention.model import Erased, Hold, Placed, Scope
from gateway.retention.store import RetentionStore
from gateway.sdk.errors import NotFoundError, UnprocessableError


class Retention:
    """What staff do by hand. Lifting a hold and erasing take four eyes (`Approvals`)."""

    def __init__(
        self,
        store: RetentionStore,
        approvals: Approvals,
        recorder: Recorder,
        *,
        atomically: Callable[[], AbstractAsyncContextManager[Any]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._approvals = approvals
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def hold(self, scope: Scope, *, reason: str, by: Operator) -> Hold:
        """Nothing in `scope` is erased from now on. `UnprocessableError`: it names none or several."""
        if not scope.is_one or not reason.strip():
            raise UnprocessableError(
                "A hold names one reference, one range of rows or one person, and a reason.",
                vi="Lệnh giữ phải nêu một mã tham chiếu, một khoảng dòng hoặc một người, kèm lý do.",
                what="hold_scope",
            )
        placed = Placed(scope=scope, reason=reason, by=by.actor, at=self._clock())
        # The leaf comes after, and not within: while a hold is placed nothing is written to the log.
        hold = await self._store.place(by.tenant, placed)
        await self._record("place_hold", by, facts=_facts(hold), reason=reason)
        return hold

    async def lift(self, hold_id: int, *, reason: str, by: Operator) -> Hold:
        """`NotFoundError`: none of that number stands; `NotAllowedError`: nobody allowed it."""
        if not any(hold.id == hold_id for hold in await self._store.holds(by.tenant, everything=False)):
            raise _no_such_hold()
        approval = await self._approvals.use("lift_hold", {"hold": hold_id}, by=by)
        async with self._atomically():
            hold = await self._store.lift(by.tenant, hold_id, by=by.actor, now=self._clock())
            if hold is None:
                raise _no_such_hold()
            await self._record("lift_hold", by, facts={**_facts(hold), "approval": approval.id}, reason=reason)
        return hold

    async def holds(self, tenant: str, *, everything: bool = False) -> Sequence[Hold]:
        return await self._store.holds(tenant, everything=everything)

    async def erase(self, reference: str, *, reason: str, by: Operator) -> Erased:
        """The bodies of every row of `reference` that no hold covers; `NotAllowedError`: nobody allowed it."""
        approval = await self._approvals.use("erase_bodies", {"reference": reference}, by=by)
        async with self._atomically():
            erased = await self._store.erase_reference(by.tenant, reference)
            facts = {**erased.facts(), "approval": approval.id}
            await self._record("erase_bodies", by, facts=facts, reason=reason, reference=reference)
        return erased

    async def _record(
        self, operation: str, by: Operator, *, facts: Mapping[str, str | int], reason: str, reference: str = ""
    ) -> None:
        entry = Entry(
            kind=EntryKind.ADMIN,
            tenant=by.tenant,
            actor=by.actor,
            operation=operation,
            outcome="answered",
            occurred_at=self._clock(),
            trace_id=continue_trace("").trace_id,
            reference=reference,
            facts=facts,
            bodies={"reason": reason.encode()},
        )
        await self._recorder.record(entry)


def _facts(hold: Hold) -> dict[str, str | int]:
    """Of a person not even the digest: the leaf outlives the index."""
    scope = hold.scope
    facts: dict[str, str | int] = {"hold": hold.id}
    if scope.first is not None and scope.last is not None:
        facts |= {"first": scope.first, "last": scope.last}
    elif scope.reference:
        facts |= {"about": scope.reference}
    return facts


def _no_such_hold() -> NotFoundError:
    return NotFoundError("No hold of that number stands.", vi="Không có lệnh giữ dữ liệu nào mang số này.")
