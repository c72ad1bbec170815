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
from typing import NamedTuple, Protocol

import structlog

from gateway.clients.model import Client, Scope
from gateway.domain import VIETNAM
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
        self._most = {"minute": per_minute, "day": per_day}
        self._clock = clock
        self._sync_after = timedelta(seconds=sync_s)
        self._counts: dict[Window, _Count] = {}
        self._rights: set[RightUsed] = set()
        self._told: set[RightUsed] = set()
        self._synced_at = clock()
        self._turn = asyncio.Lock()

    async def count(self, client: Client) -> None:
        """One call more; `TooManyRequestsError` when it is one too many, which is not counted."""
        windows = self._windows(client)
        if any(self._is_due(window, most) for window, most in windows.items()):
            async with self._turn:
                if any(self._is_due(window, most) for window, most in windows.items()):
                    await self._sync(asked=windows)
        for window, most in windows.items():
            count = self._counts.setdefault(window, _Count())
            if count.shared + count.unsent >= most:
                raise _too_many(window, self._clock())
        for window in windows:
            self._counts[window].unsent += 1

    def used(self, client: Client, scopes: frozenset[Scope]) -> None:
        """Remember that these rights were needed, for the yearly review."""
        today = self._clock().astimezone(VIETNAM).date()
        self._rights |= {
            RightUsed(client.tenant, client.client_id, scope.value, today) for scope in scopes
        } - self._told

    async def sync(self) -> None:
        """Hand over what was counted."""
        async with self._turn:
            await self._sync()

    def _windows(self, client: Client) -> dict[Window, int]:
        begins = windows_at(self._clock())
        own = {"minute": client.per_minute, "day": client.per_day}
        return {
            Window(client.tenant, client.client_id, span, begins[span]): self._most[span] if most is None else most
            for span, most in own.items()
        }

    def _is_due(self, window: Window, most: int) -> bool:
        """The first call of a window asks what the others have."""
        count = self._counts.get(window)
        if count is None:
            return True
        stale = self._clock() - self._synced_at >= self._sync_after
        return count.unsent >= max(1, most // 100) or (stale and count.unsent > 0)

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
        today = now.astimezone(VIETNAM).date()
        self._told = set(itertools.filterfalse(lambda right: right.on < today, self._told))


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
