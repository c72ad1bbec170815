"""Stored agreements and access requests: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg.errors
import pytest
from services import NOW

from gateway.agreements.memory import MemoryAccessRequests, MemoryAgreements
from gateway.agreements.model import AccessState, Decision, Terms, Wanted
from gateway.agreements.postgres import PostgresAccessRequests, PostgresAgreements
from gateway.agreements.store import Suspension
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

TERMS = Terms(
    number="1",
    system="population",
    parties=("A", "B"),
    purpose="p",
    basis="NĐ 278/2025/NĐ-CP",
    since=date(2026, 1, 1),
    operations=("verify_citizen",),
    fields=("full_name",),
    until=date(2026, 12, 31),
    contact="phong.mau@example.vn",
    handling="xoá sau khi dùng",
)
WANTED = Wanted(agency_id="H99", application="a", purpose="p", items=("x", "y"), service="s", frequency="f")
STOPPED = Suspension(by="operator:mau", reason="sai mục đích", at=NOW)


@pytest.fixture
def agreements(on: Any, keyring: Keyring) -> Any:
    return PostgresAgreements(on, keyring) if on else MemoryAgreements()


@pytest.fixture
def requests(on: Any, keyring: Keyring) -> Any:
    return PostgresAccessRequests(on, keyring) if on else MemoryAccessRequests()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def test_an_agreement_is_found_as_it_was_registered_and_once(agreements: Any, tenant: str) -> None:
    made = await agreements.add(tenant, TERMS, by="operator:mau", now=NOW)
    assert (made.terms, made.registered_at, made.registered_by) == (TERMS, NOW, "operator:mau")
    assert await agreements.find(tenant, made.id) == made
    assert await agreements.find(f"{tenant}X", made.id) is None
    assert await agreements.add(tenant, TERMS, by="b", now=NOW) is None


async def test_it_is_found_by_system_and_operation_and_without_operations_by_each(agreements: Any, tenant: str) -> None:
    one = await agreements.add(tenant, TERMS, by="a", now=NOW)
    every = await agreements.add(tenant, replace(TERMS, number="2", operations=(), until=None), by="a", now=NOW)
    await agreements.add(tenant, replace(TERMS, number="3", system="vnpay"), by="a", now=NOW)
    assert await agreements.of(tenant, "population", "verify_citizen") == [one, every]
    assert await agreements.of(tenant, "population", "lookup_citizen") == [every]
    assert [held.terms.number for held in await agreements.listed(tenant)] == ["1", "3", "2"]


async def test_questions_that_come_together_are_each_answered(agreements: Any, tenant: str) -> None:
    one = await agreements.add(tenant, TERMS, by="a", now=NOW)
    every = await agreements.add(tenant, replace(TERMS, number="2", operations=(), until=None), by="a", now=NOW)
    asked = [("verify_citizen", "population"), ("lookup_citizen", "population"), ("pay", "vnpay")]
    found = await asyncio.gather(*(agreements.of(tenant, system, name) for name, system in [*asked, *asked]))
    assert found == [[one, every], [every], []] * 2


async def test_one_that_was_altered_is_the_trouble_of_those_alone_who_ask_about_it(
    on: Any, agreements: Any, tenant: str
) -> None:
    if on is None:
        pytest.skip("memory holds nothing sealed")
    bad = await agreements.add(tenant, replace(TERMS, number="2", system="vnpay"), by="a", now=NOW)
    good = await agreements.add(tenant, TERMS, by="a", now=NOW)
    await agreements.suspend(tenant, bad.id, STOPPED)
    await on.run(
        "UPDATE agreement SET suspended = 'altered' WHERE tenant = %(t)s AND id = %(i)s", {"t": tenant, "i": bad.id}
    )
    asked = [("vnpay", "verify_citizen"), ("population", "verify_citizen"), ("population", "look")]
    found = await asyncio.gather(*(agreements.of(tenant, *one) for one in asked), return_exceptions=True)
    assert isinstance(found[0], IntegrityError)
    assert found[1:] == [[good], []]
    async with on.transaction():
        with pytest.raises(IntegrityError):
            await agreements.of(tenant, *asked[0])


async def test_what_a_transaction_has_registered_it_sees_before_others(on: Any, agreements: Any, tenant: str) -> None:
    if on is None:
        pytest.skip("memory has no transactions")
    async with on.transaction():
        made = await agreements.add(tenant, TERMS, by="a", now=NOW)
        assert await agreements.of(tenant, "population", "verify_citizen") == [made]


async def test_its_end_moves_and_warnings_begin_anew(agreements: Any, tenant: str) -> None:
    made = await agreements.add(tenant, TERMS, by="a", now=NOW)
    told = [await agreements.tell(tenant, made.id, days=days) for days in (90, 90, 30, 90)]
    assert told == [True, False, True, False]
    later = await agreements.set_end(tenant, made.id, until=date(2027, 12, 31))
    assert (later.terms.until, later.told) == (date(2027, 12, 31), None)
    assert await agreements.tell(tenant, made.id, days=90)
    assert (await agreements.set_end(tenant, made.id, until=None)).terms.until is None
    assert await agreements.set_end(tenant, 10**9, until=None) is None


async def test_it_is_suspended_and_resumed_once_each(agreements: Any, tenant: str) -> None:
    made = await agreements.add(tenant, TERMS, by="a", now=NOW)
    assert await agreements.suspend(tenant, made.id, None) is None
    held = await agreements.suspend(tenant, made.id, STOPPED)
    assert (held.suspended_at, held.suspended_by, held.reason) == (NOW, STOPPED.by, STOPPED.reason)
    assert await agreements.suspend(tenant, made.id, STOPPED) is None
    again = await agreements.suspend(tenant, made.id, None)
    assert (again.suspended_at, again.reason) == (None, "")


async def test_an_access_request_waits_and_is_decided_once(requests: Any, agreements: Any, tenant: str) -> None:
    times = {"received_at": NOW, "due_at": NOW + timedelta(days=7)}
    later = await requests.receive(tenant, WANTED, by="a", **{**times, "due_at": NOW + timedelta(days=9)})
    made = await requests.receive(tenant, WANTED, by="a", **times)
    assert (made.wanted, made.due_at, made.state) == (WANTED, times["due_at"], AccessState.RECEIVED)
    assert await requests.listed(tenant, everything=False) == [made, later]
    agreed = await agreements.add(tenant, TERMS, by="a", now=NOW)
    decision = Decision(state=AccessState.GRANTED, by="b", reason="đủ điều kiện", at=NOW, agreement=agreed.id)
    done = await requests.decide(tenant, made.id, decision)
    assert (done.decided_by, done.reason, done.agreement) == ("b", "đủ điều kiện", agreed.id)
    assert await requests.find(tenant, made.id) == done
    assert await requests.decide(tenant, made.id, decision) is None
    assert await requests.listed(tenant, everything=False) == [later]
    assert len(await requests.listed(tenant, everything=True)) == 2
    assert await requests.find(f"{tenant}X", made.id) is None


async def test_what_was_signed_cannot_be_changed_nor_deleted_and_reasons_are_sealed(
    on: Any, agreements: Any, tenant: str
) -> None:
    if on is None:
        pytest.skip("memory has no triggers")
    made = await agreements.add(tenant, TERMS, by="a", now=NOW)
    await agreements.suspend(tenant, made.id, STOPPED)
    for statement in (
        "UPDATE agreement SET number = '9' WHERE tenant = %s",
        "DELETE FROM agreement WHERE tenant = %s",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            async with on.transaction() as connection:
                await connection.execute(statement, (tenant,))
    async with on.transaction() as connection:
        row = await (await connection.execute("SELECT * FROM agreement WHERE tenant = %s", (tenant,))).fetchone()
    assert "mục".encode() not in bytes(row["suspended"])
