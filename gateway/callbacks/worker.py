"""Call whoever is to be told something. A worker that dies loses its lease, and the event is told again: a receiver may
hear it twice, under the same id.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from gateway.callbacks import course
from gateway.callbacks.call import IN_TIME, NO_ANSWER, PEACE_S, REFUSED, Calls
from gateway.callbacks.course import CallPolicy
from gateway.callbacks.model import Audience, Event, Lease, Message
from gateway.callbacks.store import EventStore
from gateway.sdk import GatewayError

log = structlog.get_logger()

NOT_ALLOWED = "caller.not_allowed"


class Messenger:
    """One of any number of workers on the same events of one tenant."""

    def __init__(
        self,
        store: EventStore,
        calls: Calls,
        audience: Audience,
        *,
        tenant: str,
        name: str,
        clock: Callable[[], datetime],
        policy: CallPolicy,
    ) -> None:
        """`name` tells this worker from every other one."""
        self._store = store
        self._calls = calls
        self._audience = audience
        self._tenant = tenant
        self._name = name
        self._clock = clock
        self._policy = policy
        self._claims = itertools.count(1)

    async def run(self, *, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is under way."""
        busy: set[asyncio.Task[None]] = set()
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set():
            lease = self._lease()
            found = await self._claim(lease, most=self._policy.at_once - len(busy))
            busy |= {asyncio.create_task(self._tell(event, lease)) for event in found}
            if not found:
                waiting = {stopped, *busy}
                await asyncio.wait(waiting, timeout=self._policy.poll_s, return_when=asyncio.FIRST_COMPLETED)
            busy = {task for task in busy if not task.done()}
        await asyncio.gather(*busy)

    async def drain(self) -> int:
        """Tell what is due now, once, and return how much that was."""
        lease = self._lease()
        found = await self._claim(lease, most=self._policy.at_once)
        await asyncio.gather(*(self._tell(event, lease) for event in found))
        return len(found)

    def _lease(self) -> Lease:
        now, owner = self._clock(), f"{self._name}/{next(self._claims)}"
        return Lease(owner=owner, now=now, until=now + timedelta(seconds=self._policy.lease_s))

    async def _claim(self, lease: Lease, *, most: int) -> Sequence[Event]:
        if most <= 0:
            return []
        try:
            return await self._store.claim(self._tenant, lease=lease, most=most)
        except Exception:
            log.exception("events_not_readable")
            return []

    async def _tell(self, event: Event, lease: Lease) -> None:
        """Whatever goes wrong touches this one alone: its lease runs out, and it is told again."""
        said = {"event_id": event.event_id, "client_id": event.client_id, "event_type": event.type.value}
        try:
            with structlog.contextvars.bound_contextvars(trace_id=event.trace_id):
                after = await self._outcome(event)
                if await self._store.settle(after, owner=lease.owner):
                    log.info("event_told", **said, state=after.state.value, tries=after.tries, code=after.trouble)
                else:
                    log.warning("event_lost", **said)
        except Exception:
            log.exception("event_not_told", **said)

    async def _outcome(self, event: Event) -> Event:
        """How it stands after one try."""
        if event.client_id not in await self._audience.of(event.tenant, event.agency_id):
            return course.given_up(event, trouble=NOT_ALLOWED)
        try:
            async with asyncio.timeout(self._policy.lease_s * IN_TIME):
                await self._calls.call(_message(event))
        except TimeoutError:
            return course.not_arrived(event, now=self._clock(), policy=self._policy, trouble=NO_ANSWER)
        except GatewayError as exc:
            now = self._clock()
            if exc.error_code != REFUSED:
                until = now + timedelta(seconds=PEACE_S)
                await self._store.postpone(event.tenant, event.client_id, until=until)
            trouble, wait_s = exc.error_code, exc.retry_after_s
            return course.not_arrived(event, now=now, policy=self._policy, trouble=trouble, wait_s=wait_s)
        return course.arrived(event)


def _message(event: Event) -> Message:
    return Message(
        tenant=event.tenant,
        client_id=event.client_id,
        message_id=event.event_id,
        body=event.body,
        trace_id=event.trace_id,
        reference=event.reference,
        facts={"event_id": event.event_id, "event_type": event.type.value, "try": event.tries + 1},
    )
