"""Dossier codes: each is given out once, on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from services import CONTEXT, NOW, ScriptedExchange, atomically

from gateway.domain import Context
from gateway.numbering.memory import MemoryNumbering
from gateway.numbering.model import OWN, CodeRequest, IssuedCode
from gateway.numbering.postgres import PostgresNumbering
from gateway.numbering.service import Numbering
from gateway.sdk import Answered, ProtocolViolation

AGENCY, DAY = "000.00.05.H99", date(2026, 11, 23)
MANY = 10_000


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresNumbering(on) if on else MemoryNumbering()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def issued(code: str, agency: str = AGENCY) -> IssuedCode:
    return IssuedCode(code=code, agency=agency, source=OWN)


def numbering(on: Any, store: Any, *, exchange: Any = None) -> Numbering:
    return Numbering(
        store,
        exchange=exchange or ScriptedExchange(),
        upstream=exchange is not None,
        atomically=on.transaction if on else atomically,
        clock=lambda: NOW,
    )


def asked(key: bytes, agency: str = AGENCY) -> CodeRequest:
    return CodeRequest(agency=agency, procedure="1.009999", received_on=None, key=key)


def context(tenant: str) -> Context:
    return Context(tenant=tenant, actor="motcua", trace_id=CONTEXT.trace_id, traceparent=CONTEXT.traceparent)


async def test_each_agency_and_day_counts_by_itself(store: Any, tenant: str) -> None:
    """COD-01 (part)."""
    assert [await store.next_serial(tenant, AGENCY, DAY, key=b"1") for _ in range(3)] == [1, 2, 3]
    assert await store.next_serial(tenant, "H99.12", DAY, key=b"1") == 1
    assert await store.next_serial(tenant, AGENCY, date(2026, 11, 24), key=b"1") == 1
    assert await store.next_serial(tenant + "X", AGENCY, DAY, key=b"1") == 1


async def test_a_code_is_claimed_once_and_its_request_is_answered_again(store: Any, tenant: str) -> None:
    """COD-03 (part)."""
    assert await store.earlier(tenant, b"1") is None
    assert await store.claim(tenant, issued("C1"), key=b"1", now=NOW)
    assert not await store.claim(tenant, issued("C1", "H99.12"), key=b"2", now=NOW)
    assert not await store.claim(tenant, issued("C2"), key=b"1", now=NOW)  # its request has a code
    assert await store.earlier(tenant, b"1") == issued("C1")
    assert await store.next_serial(tenant, AGENCY, DAY, key=b"1") == issued("C1")
    assert await store.next_serial(tenant, AGENCY, DAY, key=b"2") == 1
    assert await store.earlier(tenant, b"2") is None
    assert await store.claim(tenant + "X", issued("C1"), key=b"1", now=NOW)


async def test_ten_thousand_at_once_get_ten_thousand_codes_and_none_is_skipped(
    on: Any, store: Any, tenant: str
) -> None:
    """DOS-02 (part), COD-01: the serial goes on with a fifth digit after 9999."""
    office, room = numbering(on, store), asyncio.Semaphore(50)

    async def accept(number: int) -> str:
        async with room:
            return (await office.issue(asked(str(number).encode()), context=context(tenant))).code

    codes = await asyncio.gather(*(accept(number) for number in range(MANY)))
    expected = {f"{AGENCY}-261123-{number:04d}" for number in range(1, MANY + 1)}
    assert set(codes) == expected
    assert len(codes) == MANY
    assert f"{AGENCY}-261123-10000" in expected


async def test_the_same_request_gets_the_same_code(on: Any, store: Any, tenant: str) -> None:
    office = numbering(on, store)
    first = await office.issue(asked(b"1"), context=context(tenant))
    assert await office.issue(asked(b"1"), context=context(tenant)) == first
    second = await office.issue(asked(b"2"), context=context(tenant))
    assert (first.code[-4:], second.code[-4:]) == ("0001", "0002")


async def test_a_number_that_was_rolled_back_is_given_again(on: Any, store: Any, tenant: str) -> None:
    """DOS-02 (part): none is skipped silently."""
    if on is None:
        pytest.skip("memory has no transactions")

    async def fail() -> None:
        async with on.transaction():
            assert await store.next_serial(tenant, AGENCY, DAY, key=b"1") == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (await numbering(on, store).issue(asked(b"1"), context=context(tenant))).code.endswith("-0001")


async def test_a_code_that_a_dossier_has_already_is_passed_over(on: Any, store: Any, tenant: str) -> None:
    """COD-03 (part): a one-stop system that numbered by itself in the morning."""
    taken = f"{AGENCY}-261123-0001"
    if on is None:
        store.in_use.add((tenant, taken))
    else:
        async with on.transaction() as connection:
            await connection.execute(
                "INSERT INTO dossier (tenant, code, version, status, document, updated_at, created_at) "
                "VALUES (%s, %s, 1, 2, ''::bytea, now(), now())",
                (tenant, taken),
            )
    assert (await numbering(on, store).issue(asked(b"1"), context=context(tenant))).code.endswith("-0002")


async def test_a_code_from_above_is_never_given_to_two_agencies(on: Any, store: Any, tenant: str) -> None:
    """COD-03: a duplicate across two agencies is rejected."""
    above = ScriptedExchange(next_dossier_code=(Answered(body={}), {"code": "G09.20-20260609-0092637"}))
    office = numbering(on, store, exchange=above)
    got = await office.issue(asked(b"1"), context=context(tenant))
    assert (got.code, got.source) == ("G09.20-20260609-0092637", "s")
    assert await office.issue(asked(b"1"), context=context(tenant)) == got
    with pytest.raises(ProtocolViolation) as refused:
        await office.issue(asked(b"2", "H99.12"), context=context(tenant))
    assert refused.value.error_code == "partner.code_issued_twice"
