"""Rà soát nhật ký: somebody looks at what the log says of each week and of each month, and signs that they did (SEC-07;
QCVN 12:2026 3.9.2.1.11 weekly, 3.5.2.2.10 monthly for data access). The signature is a leaf."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NoReturn, Protocol

from gateway.audit.acts import Act
from gateway.audit.model import Entry
from gateway.audit.recorder import Recorder
from gateway.domain import VIETNAM, Context, local_day
from gateway.sdk.errors import ConflictError, FieldProblem, NotFoundError, UnprocessableError

MOST_COUNTED = 5000
"""Lines of one tally: who did what with which outcome."""


class Pace(StrEnum):
    """How often."""

    WEEK = "week"
    MONTH = "month"


GRACE = {Pace.WEEK: timedelta(days=7), Pace.MONTH: timedelta(days=14)}
"""From the end of a period until its review is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A week from Monday, or a calendar month, in Vietnam's time. `first`: its first day."""

    pace: Pace
    first: date

    @property
    def after(self) -> date:
        """The first day that is no longer of it."""
        if self.pace is Pace.WEEK:
            return self.first + timedelta(days=7)
        return (self.first + timedelta(days=31)).replace(day=1)

    @property
    def since(self) -> datetime:
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=VIETNAM)

    @property
    def until(self) -> datetime:
        return datetime(self.after.year, self.after.month, self.after.day, tzinfo=VIETNAM)

    @property
    def name(self) -> str:
        """`2026-W48` or `2026-11`."""
        year, week, _ = self.first.isocalendar()
        return f"{year}-W{week:02}" if self.pace is Pace.WEEK else f"{self.first:%Y-%m}"

    @property
    def late_from(self) -> date:
        """The day from which a review that is missing is late."""
        return self.after + GRACE[self.pace]


class Verdict(StrEnum):
    """Kết luận của người rà soát."""

    USUAL = "usual"
    FOLLOW_UP = "follow_up"
    """Something was found that somebody must follow up; the words say what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Một lần rà soát, đã ký. `leaves`: how many rows of the log the period has."""

    period: Period
    at: datetime
    by: str
    verdict: Verdict
    words: str = field(repr=False)
    leaves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How often somebody did something with that outcome. `kind` is `altered` for rows that are no longer what was
    hashed."""

    kind: str
    actor: str
    operation: str
    outcome: str
    count: int


class ReviewStore(Protocol):
    """Reviews are kept for good: the port has no verb to change one."""

    async def begins(self, tenant: str) -> datetime | None:
        """When the log began; None: it is empty."""

    async def tally(self, tenant: str, *, since: datetime, until: datetime, limit: int) -> Sequence[Counted]:
        """Of the rows recorded from `since` to before `until`; most first."""

    async def sign(self, tenant: str, review: Review) -> Review | None:
        """Joins the transaction that is open. None: the period was reviewed before."""

    async def find(self, tenant: str, period: Period) -> Review | None: ...

    async def reviewed(self, tenant: str) -> Collection[Period]: ...

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Review]:
        """Newest period first."""


class Reviews:
    """Of one tenant's log."""

    def __init__(
        self,
        store: ReviewStore,
        *,
        tenant: str,
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[Any]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def due(self) -> Sequence[Period]:
        """Periods that are over and that nobody reviewed, by the day on which they are late."""
        begins = await self._store.begins(self._tenant)
        if begins is None:
            return []
        reviewed = await self._store.reviewed(self._tenant)
        return due(local_day(begins), local_day(self._clock()), reviewed=reviewed)

    async def late(self) -> Sequence[Period]:
        today = local_day(self._clock())
        return [period for period in await self.due() if today >= period.late_from]

    async def tally(self, period: Period) -> Sequence[Counted]:
        """What the reviewer is shown."""
        return await self._store.tally(self._tenant, since=period.since, until=period.until, limit=MOST_COUNTED)

    async def find(self, period: Period) -> Review | None:
        return await self._store.find(self._tenant, period)

    async def listed(self, *, limit: int) -> Sequence[Review]:
        return await self._store.listed(self._tenant, limit=limit)

    async def sign(self, period: Period, *, verdict: Verdict, words: str, context: Context) -> Review:
        """Once. `UnprocessableError`: it is not over, or nothing was written; `ConflictError`: it was reviewed before.
        No evidence, no review."""
        if not words.strip():
            problem = FieldProblem("/words", "Say what you looked at.", "Phải ghi đã xem gì, thấy gì.")
            raise UnprocessableError(problem.detail, vi=problem.detail_vi, what="reason_missing", fields=[problem])
        if local_day(self._clock()) < period.after:
            raise UnprocessableError("This period is not over yet.", vi="Kỳ này chưa kết thúc.", what="review_early")
        leaves = sum(line.count for line in await self.tally(period))
        made = Review(
            period=period, at=self._clock(), by=context.actor, verdict=verdict, words=words.strip(), leaves=leaves
        )
        async with self._atomically():
            review = await self._store.sign(self._tenant, made) or _before()
            await self._recorder.record(_entry(review, context))
        return review


def period_of(pace: Pace, day: date) -> Period:
    """The period that `day` is of."""
    first = day - timedelta(days=day.weekday()) if pace is Pace.WEEK else day.replace(day=1)
    return Period(pace=pace, first=first)


def named(pace: Pace, name: str) -> Period:
    """The period called `2026-W48` or `2026-11`. `NotFoundError`: none is called so."""
    try:
        year, _, part = name.partition("-")
        if pace is Pace.WEEK:
            period = Period(pace=pace, first=date.fromisocalendar(int(year), int(part.removeprefix("W")), 1))
        else:
            period = Period(pace=pace, first=date(int(year), int(part), 1))
    except (ValueError, OverflowError):
        raise NotFoundError("There is no such period.", vi="Không có kỳ rà soát này.") from None
    if period.name != name or not 2000 <= period.first.year <= 9000:
        raise NotFoundError("There is no such period.", vi="Không có kỳ rà soát này.")
    return period


def due(since: date, today: date, *, reviewed: Collection[Period]) -> list[Period]:
    """Periods of both paces from the day `since` that are over on `today` and not reviewed, soonest late first."""
    ended = [period for pace in Pace for period in _ended(pace, since, today)]
    return sorted((period for period in ended if period not in reviewed), key=lambda one: (one.late_from, one.pace))


def _ended(pace: Pace, since: date, today: date) -> Iterator[Period]:
    period = period_of(pace, since)
    while period.after <= today:
        yield period
        period = period_of(pace, period.after)


def _entry(review: Review, context: Context) -> Entry:
    period = review.period
    return Act(
        operation="review_log",
        outcome=review.verdict.value,
        reference=f"log_review:{period.name}",
        facts={"since": period.first.isoformat(), "until": period.after.isoformat(), "rows": review.leaves},
        bodies={"words": review.words.encode()},
    ).entry(context, at=review.at)


def _before() -> NoReturn:
    raise ConflictError("This period was reviewed before.", vi="Kỳ này đã được rà soát.", what="reviewed")
