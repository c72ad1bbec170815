"""What is recorded is counted: every exchange passes the recorder, so that is the one place to count at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from gateway.audit.model import Entry, EntryKind, Recorded
from gateway.audit.spool import SigningRecorder
from gateway.delivery.model import Lane
from gateway.exchange.breaker import BreakerState
from gateway.exchange.system import System

if TYPE_CHECKING:  # Prometheus' library takes long to load, and most processes are commands
    from gateway.observability.metrics import Look, Metrics

STATES = {BreakerState.CLOSED: 0, BreakerState.HALF_OPEN: 1, BreakerState.OPEN: 2}


class MeteredRecorder:
    """Implements `SigningRecorder` around another one."""

    def __init__(self, inner: SigningRecorder, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def record(self, entry: Entry) -> Recorded:
        try:
            recorded = await self._inner.record(entry)
        except Exception:
            self._metrics.unwritten.inc()
            raise
        self._metrics.entry(entry.kind.value)
        if entry.kind is EntryKind.EXCHANGE:
            took = entry.facts.get("duration_ms", 0)
            self._metrics.exchange(
                (entry.system, entry.operation, entry.outcome), seconds=took / 1000 if isinstance(took, int) else 0.0
            )
        return recorded

    async def sign(self, *, only_if_due: bool = False) -> None:
        await self._inner.sign(only_if_due=only_if_due)


class Lanes(Protocol):
    """Of the outbox."""

    async def lanes(self, tenant: str) -> Sequence[Lane]: ...


def backlog_look(outbox: Lanes, tenant: str, *, targets: Iterable[str], clock: Callable[[], datetime]) -> Look:
    """How each target's backlog stands, in this moment; one that has none stands at zero."""
    known = tuple(targets)

    async def look(metrics: Metrics) -> None:
        lanes = {lane.target: lane for lane in await outbox.lanes(tenant)}
        for target in {*known, *lanes}:
            lane = lanes.get(target)
            metrics.backlog.labels(target).set(lane.messages if lane else 0)
            metrics.held.labels(target).set(lane.held if lane else 0)
            oldest = lane.oldest if lane else None
            metrics.oldest.labels(target).set((clock() - oldest).total_seconds() if oldest else 0.0)

    return look


def breaker_look(systems: Iterable[System]) -> Look:
    """Whether this process lets calls through."""
    ways = [(system.id, line) for system in systems for line in system.lines]

    async def look(metrics: Metrics) -> None:
        for system, line in ways:
            metrics.breaker.labels(system, line.name).set(STATES[line.breaker.state])

    return look
