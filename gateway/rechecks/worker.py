"""Ask again what is due, and call whoever waits for it. Two loops that do not wait for each other: a receiver that is
dead holds up no recheck, and a register that is down holds up no callback.

A worker that dies loses its lease, and whoever claims next asks again: a verification may be repeated.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from gateway.callbacks.call import IN_TIME, NO_ANSWER, PEACE_S, REFUSED, Calls
from gateway.callbacks.model import Lease
from gateway.lookups.model import Verification
from gateway.rechecks import course
from gateway.rechecks.asking import Asker
from gateway.rechecks.callback import message_of
from gateway.rechecks.course import RecheckPolicy
from gateway.rechecks.model import Recheck, RecheckOperation, RecheckState
from gateway.rechecks.store import RecheckStore
from gateway.sdk import GatewayError
from gateway.sdk.errors import IntegrityError, Origin, TooManyRequestsError

log = structlog.get_logger()

CALLS = "callback"
"""Beside the operations: the kind of work that is a callback."""
NOT_ALLOWED = "caller.not_allowed"

Work = tuple[str, Coroutine[Any, Any, None]]
Claim = Callable[[Mapping[str, int]], Awaitable[Sequence[Work]]]


class Rechecker:
    """One of any number of workers on the same rechecks of one tenant."""

    def __init__(
        self,
        store: RecheckStore,
        asker: Asker,
        calls: Calls,
        *,
        tenant: str,
        name: str,
        clock: Callable[[], datetime],
        policy: RecheckPolicy,
    ) -> None:
        """`name` tells this worker from every other one."""
        self._store = store
        self._asker = asker
        self._calls = calls
        self._tenant = tenant
        self._name = name
        self._clock = clock
        self._policy = policy
        self._claims = itertools.count(1)

    async def run(self, *, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is under way."""
        await asyncio.gather(*(self._loop(claim, stop) for claim in (self._claim_rechecks, self._claim_calls)))

    async def drain(self) -> int:
        """Do what is due now, once, and return how much that was."""
        works = [work for claim in (self._claim_rechecks, self._claim_calls) for work in await claim(Counter())]
        await asyncio.gather(*(work for _, work in works))
        return len(works)

    async def _loop(self, claim: Claim, stop: asyncio.Event) -> None:
        busy: dict[asyncio.Task[Any], str] = {}
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set():
            works = await claim(Counter(busy.values()))
            busy |= {asyncio.create_task(work): kind for kind, work in works}
            if not works:
                waiting = {stopped, *busy}
                await asyncio.wait(waiting, timeout=self._policy.poll_s, return_when=asyncio.FIRST_COMPLETED)
            busy = {task: kind for task, kind in busy.items() if not task.done()}
        await asyncio.gather(*busy)

    async def _claim_rechecks(self, busy: Mapping[str, int]) -> Sequence[Work]:
        works: list[Work] = []
        for operation in RecheckOperation:
            most = min(self._policy.at_once, self._asker.room(operation, self._policy.at_once))
            free = most - busy.get(operation, 0)
            if free > 0:
                lease = self._lease()
                found = await _claimed(self._store.claim(self._tenant, operation, lease=lease, most=free))
                works += [(operation, self._safely(self._ask, recheck, lease)) for recheck in found]
        return works

    async def _claim_calls(self, busy: Mapping[str, int]) -> Sequence[Work]:
        free = self._policy.callbacks_at_once - busy.get(CALLS, 0)
        if free <= 0:
            return []
        lease = self._lease()
        found = await _claimed(self._store.claim_calls(self._tenant, lease=lease, most=free))
        return [(CALLS, self._safely(self._call, recheck, lease)) for recheck in found]

    def _lease(self) -> Lease:
        now = self._clock()
        owner = f"{self._name}/{next(self._claims)}"
        return Lease(owner=owner, now=now, until=now + timedelta(seconds=self._policy.lease_s))

    async def _safely(self, act: Callable[[Recheck], Awaitable[Settled]], recheck: Recheck, lease: Lease) -> None:
        """Whatever goes wrong touches this one alone: its lease runs out, and it is done again."""
        try:
            with structlog.contextvars.bound_contextvars(trace_id=recheck.trace_id):
                async with asyncio.timeout(self._policy.lease_s):
                    after, found = await self._outcome(act, recheck)
                    if await self._store.settle(after, owner=lease.owner, result=found):
                        _tell(recheck, after)
                    else:
                        log.warning("recheck_lost", recheck_id=recheck.recheck_id)
        except Exception:
            log.exception("recheck_not_served", recheck_id=recheck.recheck_id)

    async def _outcome(self, act: Callable[[Recheck], Awaitable[Settled]], recheck: Recheck) -> Settled:
        """What nobody foresaw is a try that failed, too: it must not be repeated for ever."""
        try:
            return await act(recheck)
        except Exception:
            log.exception("recheck_failed", recheck_id=recheck.recheck_id)
        failed = course.unanswered if recheck.ended_at is None else course.not_called
        return failed(recheck, now=self._clock(), policy=self._policy, trouble=GatewayError.code), None

    async def _ask(self, recheck: Recheck) -> Settled:
        """How it stands after one try, and the answer if there was one."""
        now = self._clock
        try:
            request = (await self._store.contents(recheck.tenant, recheck.recheck_id)).request or {}
            if not await self._asker.may(recheck, request):
                return course.ended(recheck, RecheckState.WITHDRAWN, now=now(), trouble=NOT_ALLOWED), None
            async with asyncio.timeout(self._policy.lease_s * IN_TIME):
                found = await self._asker.ask(recheck, request)
        except GatewayError as exc:
            return self._after_error(recheck, exc), None
        except TimeoutError:
            return course.unanswered(recheck, now=now(), policy=self._policy, trouble=NO_ANSWER), None
        after = course.judged(recheck, found, now=now(), policy=self._policy)
        return after, found if after.state is RecheckState.ANSWERED else None

    def _after_error(self, recheck: Recheck, exc: GatewayError) -> Recheck:
        """A limit of ours is no answer: it waits. What would fail for ever goes to a person. The rest comes later."""
        now, policy, trouble = self._clock(), self._policy, exc.error_code
        if isinstance(exc, TooManyRequestsError):
            return course.held_back(recheck, now=now, policy=policy, trouble=trouble, wait_s=exc.retry_after_s)
        if exc.origin is Origin.CALLER or isinstance(exc, IntegrityError):
            return course.ended(recheck, RecheckState.GIVEN_UP, now=now, trouble=trouble)
        return course.unanswered(recheck, now=now, policy=policy, trouble=trouble)

    async def _call(self, recheck: Recheck) -> Settled:
        if not await self._asker.knows(recheck):
            return course.never_called(recheck, trouble=NOT_ALLOWED), None
        try:
            async with asyncio.timeout(self._policy.lease_s * IN_TIME):
                await self._calls.call(message_of(recheck))
        except TimeoutError:
            return course.not_called(recheck, now=self._clock(), policy=self._policy, trouble=NO_ANSWER), None
        except GatewayError as exc:
            now, policy, wait_s = self._clock(), self._policy, exc.retry_after_s
            if exc.error_code != REFUSED:
                until = now + timedelta(seconds=PEACE_S)
                await self._store.postpone_calls(recheck.tenant, recheck.client_id, until=until)
            return course.not_called(recheck, now=now, policy=policy, trouble=exc.error_code, wait_s=wait_s), None
        return course.called(recheck), None


Settled = tuple[Recheck, Verification | None]
"""How a recheck stands next, and the result that is stored with it."""


async def _claimed(claiming: Awaitable[Sequence[Recheck]]) -> Sequence[Recheck]:
    try:
        return await claiming
    except Exception:
        log.exception("rechecks_not_readable")
        return []


def _tell(before: Recheck, after: Recheck) -> None:
    """One line of the log for each try; it names no person."""
    said = {"recheck_id": after.recheck_id, "operation": after.operation.value}
    if before.ended_at is not None:
        state, tries = after.callback.value, after.callback_tries
        log.info("recheck_called", **said, state=state, tries=tries, code=after.callback_trouble)
    elif after.state is RecheckState.GIVEN_UP:
        log.warning("recheck_given_up", **said, tries=after.tries, code=after.trouble)
    else:
        log.info("recheck_asked", **said, state=after.state.value, tries=after.tries, code=after.trouble)
