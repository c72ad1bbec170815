"""One circuit breaker per national system, so that a system that is down costs nobody a timeout.

closed ──failures within the window──► open ──cool-down──► half open ──a probe succeeds──► closed
                                         ▲                     └── a probe fails ──┐
                                         └─────────────────────────────────────────┘
Half open lets `permits` probes through at once and no more: a system that just came back is not flooded. A probe whose
caller had no time for its answer judges nothing; whoever would wait no longer than that has seats apart, so that
impatient callers never keep the breaker from finding out.

Who is refused is told at once, as long as few are. A crowd that asks again and again would spend on refusals what the
calls to all other systems need; so more than `refusals_per_s` take turns. Each that waits for its turn holds a place at
the door, which is everybody's: more than `max_in_turn` are told at once again.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from gateway.sdk import GatewayError, RemoteError, TransientRemoteError, TrustError, Unsettled

NO_TIME, NO_ROOM = "partner.no_time", "partner.no_room"
"""Whoever asked waits no longer, though the system may still answer in its own time; more ask than it is asked at a
time. Both say something of the callers, nothing of the system."""
CIRCUIT_OPEN = "partner.circuit_open"
LONGEST_TURN_S = 10.0
"""For an answer a caller waits about as long, as systems are usually set."""


class BreakerState(StrEnum):
    """What the breaker does with the next call."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    failures: int = 5
    window_s: float = 30.0
    cool_down_s: float = 15.0
    permits: int = 2
    refusals_per_s: float = 20.0
    max_in_turn: int = 200


class Turns:
    """When each of many is told: as many as come in a second usually at once, those beyond in their order, and nobody
    waits for longer than `LONGEST_TURN_S`."""

    def __init__(self, per_s: float, *, monotonic: Callable[[], float]) -> None:
        self._each_s = 1.0 / per_s
        self._monotonic = monotonic
        self._next = -math.inf

    def wait_s(self) -> float:
        """Takes the next turn: in so many seconds."""
        now = self._monotonic()
        turn = max(self._next, now - 1.0) + self._each_s
        if turn > now + LONGEST_TURN_S:
            return LONGEST_TURN_S
        self._next = turn
        return max(turn - now, 0.0)


class Breaker:
    """Not shared between processes: each learns for itself within `failures` calls."""

    def __init__(
        self,
        policy: BreakerPolicy,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._sleep = sleep
        self._turns = Turns(policy.refusals_per_s, monotonic=monotonic)
        self._in_turn = 0
        self._failed: deque[float] = deque(maxlen=policy.failures)
        self._opened_at: float | None = None
        self._probes = {True: 0, False: 0}
        self._in_vain_s = 0.0
        """For so long somebody's probe waited, and that was too short."""

    @property
    def state(self) -> BreakerState:
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._remaining() > 0 else BreakerState.HALF_OPEN

    def room(self, most: int) -> int:
        """How many calls at a time it lets through now, up to `most`."""
        match self.state:
            case BreakerState.CLOSED:
                return most
            case BreakerState.HALF_OPEN:
                return min(most, self._policy.permits)
        return 0

    async def turn(self, refused: GatewayError, *, left_s: float = math.inf) -> None:
        """Returns when it is told: at once, unless nothing was sent since the system is kept from us, and many are told
        so. `left_s`: for how long somebody waits for it, from now on."""
        if refused.error_code not in {CIRCUIT_OPEN, NO_ROOM} or self._in_turn >= self._policy.max_in_turn:
            return
        wait_s = min(self._turns.wait_s(), left_s)
        if wait_s <= 0:
            return
        self._in_turn += 1
        try:
            await self._sleep(wait_s)
        finally:
            self._in_turn -= 1

    @contextmanager
    def guard(self, *, left_s: float = math.inf) -> Iterator[None]:
        """Let one call through, or raise `TransientRemoteError` (`partner.circuit_open`) at once. Only technical
        failures count; a refusal is an answer. What is wrong with us (a file that cannot be read, a setting) says
        nothing of the system, and judges nothing. `left_s`: for how long somebody waits for it."""
        is_short = left_s <= self._in_vain_s
        probing = self._admit(is_short)
        try:
            yield
        except (TransientRemoteError, Unsettled) as exc:
            if exc.error_code not in {NO_TIME, NO_ROOM}:
                self._failure()
            elif exc.error_code == NO_TIME and probing:
                self._in_vain_s = max(self._in_vain_s, left_s)
            raise
        except (RemoteError, TrustError):  # it said something, whatever that was
            self._success(probing)
            raise
        else:
            self._success(probing)
        finally:
            self._probes[is_short] -= probing

    def _admit(self, is_short: bool) -> bool:
        state = self.state
        if state is BreakerState.CLOSED:
            return False
        if state is BreakerState.OPEN or self._probes[is_short] >= self._policy.permits:
            raise TransientRemoteError(
                "The system has not been answering; it is left in peace for a moment.",
                vi="Hệ thống quốc gia đang không phản hồi; tạm ngừng gọi trong giây lát",
                what="circuit_open",
                retry_after_s=max(self._remaining(), 1.0),
            )
        self._probes[is_short] += 1
        return True

    def _remaining(self) -> float:
        opened = self._opened_at if self._opened_at is not None else -self._policy.cool_down_s
        return opened + self._policy.cool_down_s - self._monotonic()

    def _failure(self) -> None:
        now = self._monotonic()
        self._failed.append(now)
        full = len(self._failed) == self._policy.failures and now - self._failed[0] <= self._policy.window_s
        if full or self._opened_at is not None:
            self._opened_at, self._in_vain_s = now, 0.0

    def _success(self, probing: bool) -> None:
        """A success that set out before the breaker opened does not close it."""
        if probing:
            self._opened_at, self._in_vain_s = None, 0.0
            self._failed.clear()
