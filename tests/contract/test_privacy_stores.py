"""Stored requests of persons and breaches: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg.errors
import pytest
from services import NOW

from gateway.privacy.memory import MemoryBreaches, MemoryRequests
from gateway.privacy.model import Opening, Outcome, Person, Place, RequestKind, RequestState, StartPoint
from gateway.privacy.postgres import PostgresBreaches, PostgresRequests
from gateway.privacy.store import Received
from gateway.signing import Keyring

PERSON = Person(number="099000000013", name="Nguyễn Văn Mẫu", contact="mau@example.vn", words="xin được xoá")
RECEIVED = Received(
    kind=RequestKind.ERASE,
    person=PERSON,
    subject=b"s" * 32,
    third_party=True,
    received_at=NOW,
    answer_due=NOW + timedelta(days=2),
    done_due=NOW + timedelta(days=20),
    by="operator:baove.mau",
)
STEP = Outcome(state=RequestState.ANSWERED, by="operator:baove.mau", reason="đang xử lý", at=NOW)
OPENING = Opening(
    from_at=NOW - timedelta(days=2),
    to_at=NOW - timedelta(days=1),
    discovered_at=NOW,
    counts_from=StartPoint.HAPPENED,
    words="khoá bị lộ",
)


@pytest.fixture
def requests(on: Any, keyring: Keyring) -> Any:
    return PostgresRequests(on, keyring) if on else MemoryRequests()


@pytest.fixture
def breaches(on: Any, keyring: Keyring) -> Any:
    return PostgresBreaches(on, keyring) if on else MemoryBreaches()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def test_a_request_is_found_as_it_came_and_the_person_apart(requests: Any, tenant: str) -> None:
    made = await requests.receive(tenant, RECEIVED)
    assert (made.kind, made.subject, made.third_party) == (RequestKind.ERASE, b"s" * 32, True)
    assert (made.state, made.done_due, made.registered_by) == (RequestState.RECEIVED, RECEIVED.done_due, RECEIVED.by)
    assert await requests.find(tenant, made.id) == made
    assert await requests.person(tenant, made.id) == PERSON
    assert await requests.find(f"{tenant}X", made.id) is None
    assert await requests.person(f"{tenant}X", made.id) is None


async def test_each_step_is_taken_once(requests: Any, tenant: str) -> None:
    made = await requests.receive(tenant, RECEIVED)
    answered = await requests.answer(tenant, made.id, STEP)
    assert (answered.state, answered.answered_at, answered.handled_by, answered.reason) == (
        RequestState.ANSWERED, NOW, STEP.by, "đang xử lý",
    )  # fmt: skip
    assert await requests.answer(tenant, made.id, STEP) is None
    later = NOW + timedelta(days=40)
    extended = await requests.extend(tenant, made.id, STEP, done_due=later)
    assert (extended.extended_at, extended.done_due) == (NOW, later)
    assert await requests.extend(tenant, made.id, STEP, done_due=later) is None
    done = replace(STEP, state=RequestState.DONE, erased=3, held=1, kept=2)
    ended = await requests.end(tenant, made.id, done)
    assert (ended.state, ended.ended_at, ended.erased, ended.held, ended.kept) == (RequestState.DONE, NOW, 3, 1, 2)
    assert await requests.end(tenant, made.id, done) is None
    assert await requests.extend(tenant, made.id, STEP, done_due=later) is None


async def test_ended_without_an_answer_it_was_answered_then(requests: Any, tenant: str) -> None:
    made = await requests.receive(tenant, RECEIVED)
    ended = await requests.end(tenant, made.id, replace(STEP, state=RequestState.REFUSED))
    assert ended.answered_at == NOW


async def test_open_requests_are_listed_by_their_due_time(requests: Any, tenant: str) -> None:
    late = await requests.receive(tenant, RECEIVED)
    soon = await requests.receive(tenant, replace(RECEIVED, done_due=NOW))
    assert await requests.listed(tenant, everything=False, limit=9) == [soon, late]
    await requests.end(tenant, soon.id, replace(STEP, state=RequestState.DONE))
    assert await requests.listed(tenant, everything=False, limit=9) == [late]
    assert len(await requests.listed(tenant, everything=True, limit=9)) == 2
    assert len(await requests.listed(tenant, everything=True, limit=1)) == 1


async def test_a_breach_is_opened_notified_and_closed_once(breaches: Any, tenant: str) -> None:
    due = NOW + timedelta(hours=72)
    made = await breaches.open(tenant, OPENING, due_at=due, by="a", now=NOW)
    assert (made.opening, made.due_at, made.registered_at, made.registered_by) == (OPENING, due, NOW, "a")
    assert await breaches.find(tenant, made.id) == made
    assert await breaches.find(f"{tenant}X", made.id) is None
    told = await breaches.notify(tenant, made.id, by="b", late_reason="mất điện", now=NOW)
    assert (told.notified_at, told.handled_by, told.late_reason) == (NOW, "b", "mất điện")
    assert await breaches.notify(tenant, made.id, by="b", late_reason="", now=NOW) is None
    assert await breaches.listed(tenant, everything=False) == [told]
    closed = await breaches.close(tenant, made.id, by="c", measures="đổi khoá", now=NOW)
    assert (closed.closed_at, closed.measures) == (NOW, "đổi khoá")
    assert await breaches.close(tenant, made.id, by="c", measures="x", now=NOW) is None
    assert await breaches.listed(tenant, everything=False) == []
    assert await breaches.listed(tenant, everything=True) == [closed]


async def test_nothing_is_deleted_and_what_people_wrote_is_sealed(
    on: Any, requests: Any, breaches: Any, tenant: str
) -> None:
    """PDP-08 (part): a person is stored sealed, with a keyed digest."""
    if on is None:
        pytest.skip("memory has no triggers")
    made = await requests.receive(tenant, RECEIVED)
    await requests.end(tenant, made.id, replace(STEP, state=RequestState.DONE))
    await breaches.open(tenant, OPENING, due_at=NOW, by="a", now=NOW)
    for statement in (
        "DELETE FROM data_request WHERE tenant = %s",
        "UPDATE data_request SET erased = 9 WHERE tenant = %s",
        "DELETE FROM breach WHERE tenant = %s",
        "UPDATE breach SET due_at = now() WHERE tenant = %s",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            async with on.transaction() as connection:
                await connection.execute(statement, (tenant,))
    for table in ("data_request", "breach"):
        async with on.transaction() as connection:
            row = await (await connection.execute(f"SELECT * FROM {table} WHERE tenant = %s", (tenant,))).fetchone()
        shown = repr({name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()})
        assert not [text for text in (PERSON.number, "Nguyễn", "mau@example.vn", "khoá bị") if text in shown]


async def test_requests_are_read_on_behind_one_of_them(requests: Any, tenant: str) -> None:
    """Several are due at the same time: none is left out, none told twice."""
    made = [
        await requests.receive(tenant, replace(RECEIVED, done_due=NOW + timedelta(days=day))) for day in (3, 1, 1, 2, 1)
    ]
    due = sorted(made, key=lambda one: (one.done_due, one.id))
    seen, after = list[int](), None
    while page := await requests.listed(tenant, everything=False, limit=2, after=after):
        seen += [one.id for one in page]
        after = Place(page[-1].done_due, page[-1].id)
    assert seen == [one.id for one in due]
