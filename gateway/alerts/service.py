"""Rules and receivers, and who is told what when the figures change. Each change and each piece of news is a leaf, in
one transaction with what it tells of (SEC-04)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.alerts import checks, course
from gateway.alerts.figures import Read
from gateway.alerts.model import OF_NO_SYSTEM, Figures, Happened, Metric, News, Receiver, Rule, Standing, Telling
from gateway.alerts.store import AlertStore
from gateway.audit.acts import Act
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.observability import own_context
from gateway.sdk.errors import NotFoundError

CALM = Standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`systems`: those that a rule may name. `mails`: whether mail can be sent at all."""

    every: timedelta
    keep: timedelta
    systems: tuple[str, ...]
    mails: bool


class Alerts:
    """The console, the command line and the worker call it; whether somebody may is decided before."""

    def __init__(
        self,
        store: AlertStore,
        read: Read,
        *,
        policy: Policy,
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._read = read
        self._policy = policy
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock
        self._next: datetime | None = None

    async def rules(self, tenant: str) -> Sequence[Rule]:
        return await self._store.rules(tenant)

    async def receivers(self, tenant: str) -> Sequence[Receiver]:
        return await self._store.receivers(tenant)

    async def raised(self, tenant: str) -> Sequence[tuple[int, str]]:
        """What is bad now: rule and subject."""
        return [key for key, standing in (await self._store.standings(tenant)).items() if standing.is_raised]

    async def tellings(self, tenant: str, *, limit: int) -> Sequence[Telling]:
        return await self._store.tellings(tenant, limit=limit)

    async def add_rule(self, rule: Rule, *, context: Context) -> int:
        """`UnprocessableError`: thresholds that are the wrong way round, an unknown system or receiver."""
        known = {receiver.id for receiver in await self._store.receivers(context.tenant)}
        checks.check_rule(rule, systems=self._policy.systems, receivers=known)
        async with self._atomically():
            number = await self._store.add_rule(context.tenant, rule)
            await self._record("add_alert_rule", f"rule:{number}", _facts(rule), context=context)
        return number

    async def switch_rule(self, rule_id: int, *, is_on: bool, context: Context) -> None:
        async with self._atomically():
            if not await self._store.switch_rule(context.tenant, rule_id, is_on=is_on):
                raise _no_rule()
            await self._record("switch_alert_rule", f"rule:{rule_id}", {"is_on": int(is_on)}, context=context)

    async def remove_rule(self, rule_id: int, *, context: Context) -> None:
        async with self._atomically():
            if not await self._store.remove_rule(context.tenant, rule_id):
                raise _no_rule()
            await self._record("remove_alert_rule", f"rule:{rule_id}", {}, context=context)

    async def add_receiver(self, receiver: Receiver, *, context: Context) -> int:
        """`UnprocessableError`: no address, or mail without a mail server. Its leaf does not name the address."""
        checks.check_receiver(receiver, mails=self._policy.mails)
        async with self._atomically():
            number = await self._store.add_receiver(context.tenant, receiver)
            facts: dict[str, str | int] = {"channel": receiver.channel}
            await self._record("add_alert_receiver", f"receiver:{number}", facts, context=context)
        return number

    async def remove_receiver(self, receiver_id: int, *, context: Context) -> None:
        """What it was still to be told is dropped."""
        async with self._atomically():
            if not await self._store.remove_receiver(context.tenant, receiver_id):
                raise _no_receiver()
            await self._record("remove_alert_receiver", f"receiver:{receiver_id}", {}, context=context)

    async def test(self, receiver_id: int, *, context: Context) -> None:
        """Send something that says that it only tries."""
        if receiver_id not in {receiver.id for receiver in await self._store.receivers(context.tenant)}:
            raise _no_receiver()
        async with self._atomically():
            news = News(happened=Happened.TEST, at=self._clock())
            await self._store.enqueue(context.tenant, [self._telling(news, receiver_id)])
            await self._record("test_alert", f"receiver:{receiver_id}", {}, context=context)

    async def step(self, tenant: str) -> int:
        """Look at the rules, if it is time and nobody else does. How much there is to tell."""
        now = self._clock()
        if self._next is not None and now < self._next:
            return 0
        self._next = now + self._policy.every
        figures = await self._read(tenant)
        async with self._atomically():
            if not await self._store.turn(tenant):
                return 0
            await self._store.forget(tenant, before=now - self._policy.keep)
            return await self._evaluate(tenant, figures, now=now)

    async def _evaluate(self, tenant: str, figures: Figures, *, now: datetime) -> int:
        standings = await self._store.standings(tenant)
        everyone = [receiver.id for receiver in await self._store.receivers(tenant)]
        told = 0
        for rule in [rule for rule in await self._store.rules(tenant) if rule.is_on]:
            for subject in subjects(rule, self._policy.systems):
                before = standings.get((rule.id, subject), CALM)
                value = _value(figures, rule.metric, subject)
                to = [number for number in everyone if not rule.receivers or number in rule.receivers]
                after, happened = course.step(rule, before, value, now=now)
                if happened is Happened.RAISED and not to:  # whoever becomes its receiver later is told then
                    after, happened = replace(after, is_told=False, told_at=before.told_at), None
                if after != before:
                    await self._store.stand(tenant, (rule.id, subject), after)
                if happened is not None:
                    await self._announce(tenant, _news(rule, subject, value, happened=happened, at=now), to=to)
                    told += len(to)
        return told

    async def _announce(self, tenant: str, news: News, *, to: Sequence[int]) -> None:
        await self._store.enqueue(tenant, [self._telling(news, number) for number in to])
        facts: dict[str, str | int] = {
            "metric": str(news.metric),
            "subject": news.subject,
            "value": str(news.value),
            "threshold": str(news.threshold),
            "receivers": len(to),
        }
        await self._recorder.record(
            Entry(
                kind=EntryKind.ALARM,
                tenant=tenant,
                actor="worker",
                operation="alert",
                outcome=news.happened,
                occurred_at=news.at,
                trace_id=own_context(tenant).trace_id,
                facts=facts,
            )
        )

    def _telling(self, news: News, receiver_id: int) -> Telling:
        now = self._clock()
        event_id = f"AL{secrets.token_hex(9).upper()}"
        return Telling(event_id=event_id, receiver_id=receiver_id, news=news, created_at=now, due=now)

    async def _record(self, operation: str, reference: str, facts: dict[str, str | int], *, context: Context) -> None:
        await self._recorder.record(
            Act(
                operation=operation,
                reference=reference,
                facts=facts,
            ).entry(context, at=self._clock())
        )


def subjects(rule: Rule, systems: Sequence[str]) -> Sequence[str]:
    """What a rule is looked at for."""
    return (rule.subject,) if rule.subject or rule.metric in OF_NO_SYSTEM else tuple(systems)


def _value(figures: Figures, metric: Metric, subject: str) -> float | None:
    """Of a kind of alarm that nobody has raised, none waits."""
    return figures.get((metric, subject), 0.0 if metric is Metric.ALARMS else None)


def _news(rule: Rule, subject: str, value: float | None, *, happened: Happened, at: datetime) -> News:
    threshold = rule.raise_at if happened is Happened.RAISED else rule.clear_at
    return News(
        happened=happened, at=at, rule=rule.name, metric=rule.metric, subject=subject, value=value, threshold=threshold
    )


def _facts(rule: Rule) -> dict[str, str | int]:
    return {
        "metric": rule.metric,
        "subject": rule.subject,
        "raise_at": str(rule.raise_at),
        "clear_at": str(rule.clear_at),
        "for_s": rule.for_s,
        "quiet_s": rule.quiet_s,
        "receivers": len(rule.receivers),
    }


def _no_rule() -> NotFoundError:
    return NotFoundError("There is no such rule.", vi="Không có quy tắc này.")


def _no_receiver() -> NotFoundError:
    return NotFoundError("There is no such receiver.", vi="Không có nơi nhận này.")
