"""What a process did is told in numbers, and of nobody (PDP-15, PER-01 (part))."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from province import Province
from services import CONTEXT, NOW, PURPOSE

from gateway.api.app import create_app
from gateway.api.door import Door
from gateway.api.room import Room
from gateway.audit.errors import AuditUnavailableError
from gateway.audit.model import Entry, EntryKind, Recorded
from gateway.cli.application import refused_look
from gateway.delivery.model import Lane
from gateway.exchange.breaker import BreakerState
from gateway.observability.metrics import Metrics, MetricsPage
from gateway.traffic.metered import MeteredRecorder, backlog_look, breaker_look

PERSON = "099185000001"
ASKED = {
    "personal_id": PERSON,
    "full_name": "Trần Thị Mẫu",
    "birth_date": "1985-06-15",
    "purpose": PURPOSE.facts(),
}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


async def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """By name and the values of the labels, in the order of their names; those of ours."""
    text = (await metrics.text()).decode()
    return dict(_samples(text))


def _samples(text: str) -> Iterator[tuple[tuple[str, ...], float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith("lienthong"):
                yield (sample.name, *(value for _, value in sorted(sample.labels.items()))), sample.value


async def test_each_request_is_counted_by_operation_and_outcome(metrics: Metrics) -> None:
    province = Province()
    app = create_app(replace(province.services, metrics=metrics))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        assert (await http.post("/v1/citizens/verification", json=ASKED)).status_code == 401
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/v1/nowhere/mau")).status_code == 404
    found = await samples(metrics)
    assert found["lienthong_requests_total", "verify_citizen", "caller.not_authenticated"] == 1
    assert found["lienthong_requests_total", "alive", "answered"] == 1
    assert found["lienthong_requests_total", "no_such_operation", "caller.not_found"] == 1
    assert found["lienthong_request_seconds_count", "verify_citizen"] == 1
    told = (await metrics.text()).decode()
    assert not any(word in told for word in (PERSON, "nowhere"))


class Outbox:
    """One target's lane."""

    async def lanes(self, tenant: str) -> Sequence[Lane]:
        since = NOW - timedelta(seconds=60)
        return [
            Lane(
                target="national_portal",
                waiting=3,
                claimed=0,
                held=2,
                messages=7,
                oldest=since,
                paused=False,
                rate=None,
            )
        ]


class Inner:
    """Writes, or does not."""

    def __init__(self) -> None:
        self.fails = False
        self.signed = 0

    async def record(self, entry: Entry) -> Recorded:
        if self.fails:
            raise AuditUnavailableError("The log is gone.")
        return Recorded(index=1, leaf_hash=b"")

    async def sign(self, *, only_if_due: bool = False) -> None:
        self.signed += 1


def exchanged(outcome: str) -> Entry:
    return Entry(
        kind=EntryKind.EXCHANGE,
        tenant=CONTEXT.tenant,
        actor=CONTEXT.actor,
        operation="verify_citizen",
        outcome=outcome,
        occurred_at=NOW,
        trace_id=CONTEXT.trace_id,
        system="population",
        facts={"duration_ms": 70},
        subjects=(PERSON,),
        bodies={"request_sent": PERSON.encode()},
    )


async def test_each_exchange_is_counted_when_it_is_evidence_and_what_was_not_written_by_itself(
    metrics: Metrics,
) -> None:
    inner = Inner()
    recorder = MeteredRecorder(inner, metrics)
    for outcome in ("answered", "answered", "partner.unavailable"):
        await recorder.record(exchanged(outcome))
    inner.fails = True
    with pytest.raises(AuditUnavailableError):
        await recorder.record(exchanged("answered"))
    await recorder.sign()
    found = await samples(metrics)
    assert found["lienthong_exchanges_total", "verify_citizen", "answered", "population"] == 2
    assert found["lienthong_exchanges_total", "verify_citizen", "partner.unavailable", "population"] == 1
    assert found["lienthong_exchange_seconds_bucket", "0.05", "population"] == 0
    assert found["lienthong_exchange_seconds_bucket", "0.1", "population"] == 3
    assert (found["lienthong_audit_entries_total", "exchange"], found["lienthong_audit_unwritten_total",]) == (3, 1)
    assert inner.signed == 1
    assert PERSON not in (await metrics.text()).decode()


async def test_backlog_and_breakers_are_read_when_they_are_asked_for(metrics: Metrics) -> None:
    province = Province()
    province.systems["population"].breaker._opened_at = province.systems["population"].breaker._monotonic()
    assert province.systems["population"].breaker.state is BreakerState.OPEN
    outbox = Outbox()
    metrics.looks += [
        backlog_look(outbox, "H99", targets=["national_portal", "payment"], clock=lambda: NOW),
        breaker_look(province.systems.values()),
    ]
    found = await samples(metrics)
    assert found["lienthong_backlog_messages", "national_portal"] == 7
    assert found["lienthong_held_streams", "national_portal"] == 2
    assert found["lienthong_backlog_oldest_seconds", "national_portal"] == 60
    assert found["lienthong_backlog_messages", "payment"] == 0
    assert found["lienthong_breaker", "population", "direct"] == 2
    assert found["lienthong_breaker", "national_portal", "direct"] == 0


async def test_the_page_is_the_only_one_there_and_has_prometheus_own_type(metrics: Metrics) -> None:
    transport = httpx.ASGITransport(MetricsPage(metrics))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        page = await http.get("/metrics")
        assert page.headers["content-type"].startswith("text/plain; version=")
        assert "process_cpu_seconds_total" in page.text or "lienthong_requests" in page.text
        assert (await http.get("/")).status_code == 404
        assert (await http.post("/metrics")).status_code == 404


async def test_what_cannot_be_read_hides_nothing_else(metrics: Metrics) -> None:
    async def fails(_: Metrics) -> None:
        raise ConnectionError

    metrics.looks.append(fails)
    metrics.unwritten.inc()
    found = await samples(metrics)
    assert (found["lienthong_audit_unwritten_total",], found["lienthong_looks_failed_total",]) == (1, 1)


async def test_whom_the_door_refused_is_counted(metrics: Metrics) -> None:
    async def nobody(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError

    door = Door(nobody, most=0)
    metrics.looks.append(refused_look(door, Room(door, most=0, each=0, streams=lambda _: False)))
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        assert (await http.post("/v1/x")).status_code == 503
    assert (await samples(metrics))["lienthong_refused_busy",] == 1
