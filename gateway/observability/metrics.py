"""Số đo of one process in Prometheus' text format: counts, times, and what is read at the moment of the question.

Labels are names of ours alone (operations, systems, outcomes, error codes), never what anybody sent (PDP-15), so there
are a few hundred series however much is called.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

TIMES_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of what is counted together."""
PATH = "/metrics"
log = structlog.get_logger()

Look = Callable[["Metrics"], Awaitable[None]]


class Metrics:
    """One registry. What is counted is counted where it happens; `looks` are called before each answer, for what is not
    counted but stands somewhere, such as a backlog."""

    def __init__(self) -> None:
        self._all = CollectorRegistry()
        own: Any = {"registry": self._all}
        timed: Any = {**own, "buckets": TIMES_S}
        self.looks: list[Look] = []
        ProcessCollector(**own)
        PlatformCollector(**own)
        self.process = Gauge("lienthong_process", "Which process this is: api or worker.", ["process"], **own)
        self.requests = Counter("lienthong_requests", "Requests answered.", ["operation", "outcome"], **own)
        self.request_seconds = Histogram(
            "lienthong_request_seconds", "From the head of a request to its leaf.", ["operation"], **timed
        )
        self.exchanges = Counter(
            "lienthong_exchanges", "Attempts at national systems.", ["system", "operation", "outcome"], **own
        )
        self.exchange_seconds = Histogram("lienthong_exchange_seconds", "How long attempts took.", ["system"], **timed)
        self.entries = Counter("lienthong_audit_entries", "Entries of the audit log.", ["kind"], **own)
        self.unwritten = Counter("lienthong_audit_unwritten", "Entries that were not written.", **own)
        self.refused = Gauge("lienthong_refused_busy", "Requests so far that were refused unread.", **own)
        self.unseen = Counter("lienthong_looks_failed", "Figures that could not be read for this page.", **own)
        self.breaker = Gauge("lienthong_breaker", "0 closed, 1 half open, 2 open.", ["system", "way"], **own)
        self.backlog = Gauge("lienthong_backlog_messages", "Messages not delivered yet.", ["target"], **own)
        self.held = Gauge("lienthong_held_streams", "Streams that wait for a person.", ["target"], **own)
        self.oldest = Gauge(
            "lienthong_backlog_oldest_seconds", "Age of the oldest message not delivered.", ["target"], **own
        )
        # which series a name means is looked up once; there are a few hundred, and none is ever taken away
        self._requested, self._took = cache(self.requests.labels), cache(self.request_seconds.labels)
        self._exchanged, self._exchange_took = cache(self.exchanges.labels), cache(self.exchange_seconds.labels)
        self._entered = cache(self.entries.labels)

    def request(self, operation: str, outcome: str, *, seconds: float) -> None:
        self._requested(operation, outcome).inc()
        self._took(operation).observe(seconds)

    def exchange(self, names: Sequence[str], *, seconds: float) -> None:
        """`names`: system, operation, outcome."""
        self._exchanged(*names).inc()
        self._exchange_took(names[0]).observe(seconds)

    def entry(self, kind: str) -> None:
        self._entered(kind).inc()

    async def text(self) -> bytes:
        """The exposition, in Prometheus' text format 0.0.4 or newer."""
        for look in self.looks:
            try:
                await look(self)
            except Exception:  # the rest is needed most when something fails
                self.unseen.inc()
                log.exception("metrics_not_looked_at")
        return generate_latest(self._all)


class MetricsPage:
    """The one page, as an ASGI application. It says nothing of people, but much of the province's work, and asks nobody
    who they are: it listens where `metrics.host` says."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer = Response(b"", status_code=404)
        if scope["path"] == PATH and scope["method"] in {"GET", "HEAD"}:
            answer = Response(await self._metrics.text(), headers={"content-type": CONTENT_TYPE_LATEST})
        await answer(scope, receive, send)
