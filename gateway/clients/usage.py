"""What clients call, counted by all processes together without asking the database at each call.

Each process keeps its own count and hands over what came together whenever that reaches a hundredth of the limit (or
after `SYNC_S`), and learns the sum. So a limit is kept to within a hundredth for each process: with P processes no more
than `limit + P * max(1, limit // 100)` calls are let through in a window.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol

import structlog

from gateway.clients.model import Client, Scope
from gateway.domain import VIETNAM, local_day
from gateway.sdk.errors import GatewayError, TooManyRequestsError

SYNC_S = 5.0
SPANS = {"minute": timedelta(minutes=1), "day": timedelta(days=1)}

log = structlog.get_logger()


class Window(NamedTuple):
    """Calls of one client in a stretch of the clock."""

    tenant: str
    client_id: str
    span: str
    began_at: datetime


Limits = tuple[tuple[Window, int], ...]
"""A client's windows, the minute and the day, with the most calls in each."""


class RightUsed(NamedTuple):
    """A client used a right on a day."""

    tenant: str
    client_id: str
    scope: str
    on: date


class UsageStore(Protocol):
    """The port to shared counts. Each method commits by itself."""

    async def add(self, counts: Mapping[Window, int], rights: Sequence[RightUsed]) -> Mapping[Window, int]:
        """Add what was counted; the sums of all processes."""

    async def now(self, tenant: str, began: Mapping[str, datetime]) -> Mapping[tuple[str, str], int]:
        """By client and span: the calls in the window of that span that began at `began[span]`, as far as the processes
        have handed them over (`SYNC_S`)."""

    async def last_days(self, tenant: str) -> Mapping[str, datetime]:
        """By client: the beginning of the last day on which it called."""

    async def rights(self, tenant: str) -> Mapping[tuple[str, str], date]:
        """By client and scope: the last day on which it was used."""

    async def expire(self, *, minutes_before: datetime, days_before: datetime) -> None:
        """Delete the windows that began before."""


@dataclass(slots=True)
class _Count:
    """`unsent`: of this process, not yet in `shared`, which is what all had when we last asked."""

    shared: int = 0
    unsent: int = 0


class Usage:
    """Counts calls and refuses what is too much."""

    def __init__(
        self, store: UsageStore, *, per_minute: int, per_day: int, clock: Callable[[], datetime], sync_s: float = SYNC_S
    ) -> None:
        self._store = store
        self._per_minute, self._per_day = per_minute, per_day
        self._clock = clock
        self._sync_after = timedelta(seconds=sync_s)
        self._counts: dict[Window, _Count] = {}
        self._rights: set[RightUsed] = set()
        self._told: set[RightUsed] = set()
        self._synced_at = clock()
        self._turn = asyncio.Lock()

    async def count(self, client: Client) -> None:
        """One call more; `TooManyRequestsError` when it is one too many, which is not counted."""
        now = self._clock()
        limits = self._limits(client, now)
        if self._are_due(limits, now):
            async with self._turn:
                if self._are_due(limits, self._clock()):
                    await self._sync(asked=[window for window, _ in limits])
        counts = [self._counts.setdefault(window, _Count()) for window, _ in limits]
        for (window, most), count in zip(limits, counts, strict=True):
            if count.shared + count.unsent >= most:
                raise _too_many(window, self._clock())
        for count in counts:
            count.unsent += 1

    def used(self, client: Client, scopes: frozenset[Scope]) -> None:
        """Remember that these rights were needed, for the yearly review."""
        today = local_day(self._clock())
        used = {RightUsed(client.tenant, client.client_id, scope.value, today) for scope in scopes}
        self._rights |= used - self._told

    async def sync(self) -> None:
        """Hand over what was counted."""
        async with self._turn:
            await self._sync()

    def _limits(self, client: Client, now: datetime) -> Limits:
        minute, day = client.per_minute, client.per_day
        most = (self._per_minute if minute is None else minute, self._per_day if day is None else day)
        return _limits(client.tenant, client.client_id, most=most, minute=now.replace(second=0, microsecond=0))

    def _are_due(self, limits: Limits, now: datetime) -> bool:
        """The first call of a window asks what the others have."""
        is_stale = now - self._synced_at >= self._sync_after
        for window, most in limits:
            count = self._counts.get(window)
            if count is None or count.unsent >= max(1, most // 100) or (is_stale and count.unsent > 0):
                return True
        return False

    async def _sync(self, asked: Collection[Window] = ()) -> None:
        """What cannot be handed over is kept, and this process goes on counting alone."""
        for window in asked:
            self._counts.setdefault(window, _Count())
        sent = {w: count.unsent for w, count in self._counts.items() if count.unsent or w in asked}
        rights = sorted(self._rights)
        try:
            sums = await self._store.add(sent, rights) if sent or rights else {}
        except GatewayError as exc:
            log.warning("usage_not_shared", code=exc.error_code)
            return
        for window, total in sums.items():
            self._counts[window].shared = total
            self._counts[window].unsent -= sent[window]
        self._rights.difference_update(rights)
        self._told.update(rights)
        self._synced_at = self._clock()
        self._forget()

    def _forget(self) -> None:
        now = self._clock()
        for window in [w for w, count in self._counts.items() if w.began_at + SPANS[w.span] < now and not count.unsent]:
            del self._counts[window]
        today = local_day(now)
        self._told = set(itertools.filterfalse(lambda right: right.on < today, self._told))


@lru_cache(maxsize=4096)
def _limits(tenant: str, client_id: str, *, most: tuple[int, int], minute: datetime) -> Limits:
    """Who calls twice in a minute is counted in the same windows."""
    began = windows_at(minute).items()
    return tuple((Window(tenant, client_id, span, at), limit) for (span, at), limit in zip(began, most, strict=True))


def windows_at(now: datetime) -> dict[str, datetime]:
    """When the minute and the day of the clock began in which `now` is."""
    minute = now.astimezone(VIETNAM).replace(second=0, microsecond=0)
    return {"minute": minute, "day": minute.replace(hour=0, minute=0)}


def _too_many(window: Window, now: datetime) -> TooManyRequestsError:
    return TooManyRequestsError(
        "This client has made all the calls that it may make in this time.",
        vi="Hệ thống này đã dùng hết số lần gọi được phép trong khoảng thời gian này.",
        retry_after_s=max(1.0, (window.began_at + SPANS[window.span] - now).total_seconds()),
    )
