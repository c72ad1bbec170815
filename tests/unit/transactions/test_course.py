"""Whose fault it was at the end, and what comes next."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from services import NOW

from gateway.audit.log import AuditLog
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry, EntryKind
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import Draft, StreamKey
from gateway.delivery.troubles import of_operator
from gateway.sdk.errors import NotFoundError
from gateway.signing import Keyring
from gateway.transactions.course import MOST_STEPS, Courses, decisive
from gateway.transactions.indexer import Indexer
from gateway.transactions.memory import MemoryTransactions
from gateway.transactions.memory_relations import MemoryRelations
from gateway.transactions.model import Fault, Waiting, WaitingKind, WaitingState
from gateway.transactions.sentences import Next

TENANT, TRACE = "H99", "c" * 32


def entry(**fields: Any) -> Entry:
    told: dict[str, Any] = {
        "kind": EntryKind.EXCHANGE,
        "tenant": TENANT,
        "actor": "motcua",
        "operation": "sync_dossier",
        "outcome": "accepted",
        "occurred_at": NOW,
        "trace_id": TRACE,
        "system": "national_portal",
        "reference": "H99-1",
    }
    return Entry(**{**told, **fields})


def draft(stream: StreamKey) -> Draft:
    return Draft(stream=stream, operation="sync_dossier", call_id="C1", at=NOW, mapping_version=1, body={})


class Place:
    """Where courses are read."""

    def __init__(self) -> None:
        self.audit, self.relations = MemoryAudit(), MemoryRelations()
        self.store = store = MemoryTransactions()
        indexer = Indexer(store, self.audit, tenant=TENANT, atomically=nullcontext, clock=lambda: NOW)
        self.outbox = MemoryOutbox()
        self.courses = Courses(
            self.audit, store, self.relations, indexer=indexer, outbox=self.outbox, clock=lambda: NOW
        )

    async def record(self, *entries: Entry) -> None:
        async with AuditLog(self.audit, Keyring.ephemeral(), clock=lambda: NOW) as log:
            for one in entries:
                await log.record(one)


@pytest.fixture
def place() -> Place:
    return Place()


async def test_the_last_exchange_decides_and_not_what_was_noticed_after_it(place: Place) -> None:
    await place.record(
        entry(kind=EntryKind.REQUEST, operation="put_dossier", outcome="answered"),
        entry(outcome="partner.no_answer"),
        entry(operation="login", outcome="answered"),
        entry(outcome="refused", facts={"refusal_code": "E7", "duration_ms": 1500}),
        entry(kind=EntryKind.ALARM, operation="raise_alarm", outcome="dossier_held"),
        entry(kind=EntryKind.ADMIN, operation="console_transaction"),
    )
    course = await place.courses.of_trace(TENANT, TRACE)
    assert [step.row.index for step in course.steps] == [0, 1, 2, 3, 4, 5]
    assert course.verdict.fault is Fault.PARTNER_BUSINESS
    assert (course.decided_by.refusal, course.decided_by.began_at) == ("E7", NOW - timedelta(seconds=1.5))


async def test_a_way_that_is_only_tried_does_not_decide(place: Place) -> None:
    await place.record(
        entry(operation="verify_citizen", outcome="answered"),
        entry(operation="verify_citizen", outcome="partner.no_answer", facts={"shadow_of": "C1"}),
    )
    course = await place.courses.of_trace(TENANT, TRACE)
    assert course.verdict.fault is Fault.NONE
    assert course.decided_by.row.outcome == "answered"


async def test_of_a_paused_system_no_time_is_promised(place: Place) -> None:
    stream = StreamKey(tenant=TENANT, target="national_portal", key="H99-1")
    await place.outbox.enqueue([draft(stream)], now=NOW)
    await place.record(entry(outcome="partner.no_answer"))
    assert [step.state for step in (await place.courses.of_trace(TENANT, TRACE)).next] == [WaitingState.DUE]
    await place.outbox.pause(TENANT, "national_portal", now=NOW)
    assert [step.state for step in (await place.courses.of_trace(TENANT, TRACE)).next] == [WaitingState.PAUSED]


async def test_what_is_held_is_not_said_to_be_sent_again_by_itself(place: Place) -> None:
    stream = StreamKey(tenant=TENANT, target="national_portal", key="H99-1")
    await place.outbox.enqueue([draft(stream)], now=NOW)
    await place.outbox.stop(stream, of_operator())
    await place.record(entry(outcome="partner.no_answer"))
    course = await place.courses.of_trace(TENANT, TRACE)
    assert (course.verdict.fault, course.verdict.next) == (Fault.PARTNER_TECHNICAL, Next.HELD.value)


async def test_where_staff_alone_acted_that_is_the_course(place: Place) -> None:
    await place.record(entry(kind=EntryKind.ADMIN, operation="release", outcome="answered"))
    course = await place.courses.of_trace(TENANT, TRACE)
    assert course.verdict.fault is Fault.NONE
    assert decisive(course.steps) is course.steps[0]


async def test_what_waits_in_trouble_is_how_it_stands_though_the_request_went_well(place: Place) -> None:
    await place.record(entry(kind=EntryKind.REQUEST, operation="create_recheck", outcome="answered"))
    later, soon = NOW + timedelta(hours=1), NOW + timedelta(minutes=1)
    place.relations.waits[TENANT] = [
        Waiting(kind=WaitingKind.RECHECK, state=WaitingState.DUE, reference="H99-1", to="verify_citizen", at=later),
        Waiting(
            kind=WaitingKind.CALLBACK,
            state=WaitingState.DUE,
            reference="H99-1",
            to="motcua",
            at=soon,
            tries=2,
            trouble="partner.callback_refused",
        ),
    ]
    course = await place.courses.of_trace(TENANT, TRACE)
    assert [step.at for step in course.next] == [soon, later]
    assert course.verdict.fault is Fault.CALLER


async def test_a_reference_leads_over_traces_and_to_what_it_is_also_called(place: Place) -> None:
    place.relations.leads[f"{TENANT}/H99-1"] = ["PAY1"]
    await place.record(
        entry(trace_id="d" * 32),
        entry(kind=EntryKind.ADMIN, operation="console_transactions_about", trace_id="9" * 32),
        entry(reference="PAY1", trace_id="e" * 32),
        entry(reference="H99-2", trace_id="f" * 32),
    )
    course = await place.courses.about(TENANT, "H99-1")
    assert [step.row.trace_id[0] for step in course.steps] == ["d", "e"]
    assert course.references == ("H99-1", "PAY1")
    with pytest.raises(NotFoundError):
        await place.courses.about(TENANT, "H99-9")
    with pytest.raises(NotFoundError):
        await place.courses.of_trace(TENANT, "0" * 32)


async def test_steps_that_are_not_read_in_yet_are_told_of(place: Place) -> None:
    await place.record(entry())
    assert (await place.courses.about(TENANT, "H99-1")).behind == 0
    await place.record(entry(outcome="partner.no_answer"))
    place.store.taken.add(TENANT)
    course = await place.courses.about(TENANT, "H99-1")
    assert (len(course.steps), course.behind) == (1, 1)


async def test_of_many_steps_the_newest_are_kept(place: Place) -> None:
    await place.record(*[entry()] * (MOST_STEPS + 5))
    course = await place.courses.of_trace(TENANT, TRACE)
    assert (len(course.steps), course.is_cut) == (MOST_STEPS, True)
    assert course.steps[-1].row.index == MOST_STEPS + 4
