"""The worker that tells what is to be told, again and again until it is taken, and leaves a leaf of each try."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from gateway.alarms.model import AlarmService, Occasion
from gateway.alerts import course
from gateway.alerts.channels import Way
from gateway.alerts.model import Channel, Receiver, Telling
from gateway.alerts.store import AlertStore
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.callbacks.model import Lease
from gateway.observability import own_context
from gateway.sdk.errors import GatewayError

AT_ONCE = 4
LEASE_S = 120.0
IN_TIME_S = 90.0
"""A try is given up in time for its end to be written."""
ALARM_AFTER = 5
"""Tries after which a person is told on the console: an alarm that nobody hears is none."""

log = structlog.get_logger()


class Teller:
    """One of any number on the same tellings of one tenant. `name` tells it from every other one."""

    def __init__(
        self,
        store: AlertStore,
        ways: Mapping[Channel, Way],
        *,
        tenant: str,
        name: str,
        alarms: AlarmService,
        recorder: Recorder,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._ways = ways
        self._tenant = tenant
        self._name = name
        self._alarms = alarms
        self._recorder = recorder
        self._clock = clock
        self._claims = itertools.count(1)

    async def step(self) -> int:
        """Tell what is due, once; how much that was."""
        now = self._clock()
        lease = Lease(owner=f"{self._name}/{next(self._claims)}", now=now, until=now + timedelta(seconds=LEASE_S))
        due = await self._store.claim(self._tenant, lease, most=AT_ONCE)
        if due:
            receivers = {receiver.id: receiver for receiver in await self._store.receivers(self._tenant)}
            await asyncio.gather(*(self._tell(one, receivers.get(one.receiver_id), owner=lease.owner) for one in due))
        return len(due)

    async def _tell(self, telling: Telling, receiver: Receiver | None, *, owner: str) -> None:
        """Whatever goes wrong touches this one alone: its lease runs out, and it is told again."""
        try:
            after, outcome = await self._outcome(telling, receiver)
            await self._recorder.record(self._entry(after, receiver, outcome=outcome))
            await self._store.settle(self._tenant, after, owner=owner)
            if after.tries == ALARM_AFTER and after.trouble:
                await self._warn(after)
        except Exception:
            log.exception("alert_not_told", event_id=telling.event_id)

    async def _outcome(self, telling: Telling, receiver: Receiver | None) -> tuple[Telling, str]:
        if receiver is None:
            return course.dropped(telling), "no_receiver"
        try:
            async with asyncio.timeout(IN_TIME_S):
                await self._ways[receiver.channel].send(telling, receiver)
        except TimeoutError:
            return course.not_arrived(telling, now=self._clock(), trouble="partner.no_answer"), "partner.no_answer"
        except GatewayError as exc:
            trouble = exc.error_code
            after = course.not_arrived(telling, now=self._clock(), trouble=trouble, wait_s=exc.retry_after_s)
            return after, trouble
        return course.arrived(telling), "answered"

    async def _warn(self, telling: Telling) -> None:
        facts: dict[str, str | int] = {"code": telling.trouble, "tries": telling.tries}
        occasion = Occasion(kind="alert_not_told", about=f"receiver:{telling.receiver_id}", facts=facts)
        await self._alarms.raise_alarm(occasion, context=own_context(self._tenant))

    def _entry(self, telling: Telling, receiver: Receiver | None, *, outcome: str) -> Entry:
        return Entry(
            kind=EntryKind.EXCHANGE,
            tenant=self._tenant,
            actor="worker",
            operation="tell_alert",
            outcome=outcome,
            occurred_at=self._clock(),
            trace_id=own_context(self._tenant).trace_id,
            system=f"receiver:{telling.receiver_id}",
            reference=telling.event_id,
            facts={
                "try": telling.tries,
                "channel": receiver.channel if receiver else "",
                "news": telling.news.happened,
            },
        )
