"""One circuit breaker per national system, so that a system that is down costs nobody a timeout.

closed ──failures within the window──► open ──cool-down──► half open ──a probe succeeds──► closed
                                         ▲                     └── a probe fails ──┐
                                         └─────────────────────────────────────────┘
Half open lets `permits` probes through at once and no more: a system that just came back is not flooded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from gateway.sdk import TransientRemoteError, Unsettled

NO_TIME, NO_ROOM = "partner.no_time", "partner.no_room"
"""Whoever asked waits no longer, though the system may still answer in its own time; more ask than it is asked at a
time. Both say something of the callers, nothing of the system."""


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


class Breaker:
    """Not shared between processes: each learns for itself within `failures` calls."""

    def __init__(self, policy: BreakerPolicy, *, monotonic: Callable[[], float]) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._failed: deque[float] = deque(maxlen=policy.failures)
        self._opened_at: float | None = None
        self._probes = 0

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

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let one call through, or raise `TransientRemoteError` (`partner.circuit_open`) at once. Only technical
        failures count; a refusal is an answer."""
        probing = self._admit()
        try:
            yield
        except (TransientRemoteError, Unsettled) as exc:
            if exc.error_code not in {NO_TIME, NO_ROOM}:
                self._failure()
            raise
        except Exception:
            self._success(probing)
            raise
        else:
            self._success(probing)
        finally:
            self._probes -= probing

    def _admit(self) -> bool:
        state = self.state
        if state is BreakerState.CLOSED:
            return False
        if state is BreakerState.OPEN or self._probes >= self._policy.permits:
            raise TransientRemoteError(
                "The system has not been answering; it is left in peace for a moment.",
                vi="Hệ thống quốc gia đang không phản hồi; tạm ngừng gọi trong giây lát",
                what="circuit_open",
                retry_after_s=max(self._remaining(), 1.0),
            )
        self._probes += 1
        return True

    def _remaining(self) -> float:
        opened = self._opened_at if self._opened_at is not None else -self._policy.cool_down_s
        return opened + self._policy.cool_down_s - self._monotonic()

    def _failure(self) -> None:
        now = self._monotonic()
        self._failed.append(now)
        full = len(self._failed) == self._policy.failures and now - self._failed[0] <= self._policy.window_s
        if full or self._opened_at is not None:
            self._opened_at = now

    def _success(self, probing: bool) -> None:
        """A success that set out before the breaker opened does not close it."""
        if probing:
            self._opened_at = None
            self._failed.clear()
