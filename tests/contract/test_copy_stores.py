"""Copies of answers: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.restraint.copies import Copy
from gateway.restraint.memory_copies import MemoryCopies
from gateway.restraint.postgres_copies import PostgresCopies

END = NOW + timedelta(hours=1)
JUST_BEFORE = END - timedelta(microseconds=1)


@pytest.fixture
def copies(on: Any) -> Any:
    return PostgresCopies(on) if on else MemoryCopies()


@pytest.fixture
def copy() -> Copy:
    return Copy(
        tenant=f"T{uuid4().hex[:12].upper()}",
        name=b"question",
        system="business_registry",
        operation="lookup_enterprise",
        asked_at=NOW,
        expires_at=END,
        sealed=b"sealed",
    )


async def test_a_copy_is_found_until_its_time_is_over(copies: Any, copy: Copy) -> None:
    """POP-08."""
    await copies.keep(copy)
    assert await copies.find(copy.tenant, copy.name, now=JUST_BEFORE) == copy
    assert await copies.find(copy.tenant, copy.name, now=END) is None
    assert await copies.find(copy.tenant + "X", copy.name, now=NOW) is None
    assert await copies.find(copy.tenant, b"another", now=NOW) is None


async def test_a_newer_copy_takes_its_place(copies: Any, copy: Copy) -> None:
    await copies.keep(copy)
    newer = replace(copy, sealed=b"newer", asked_at=END, expires_at=END + timedelta(hours=1), system="other")
    await copies.keep(newer)
    assert await copies.find(copy.tenant, copy.name, now=END) == newer


async def test_copies_are_deleted_at_their_end_and_on_demand(copies: Any, copy: Copy) -> None:
    """CON-17 (part): what was kept of one system is gone when its agreement ends."""
    await copies.keep(copy)
    await copies.keep(replace(copy, name=b"q2", system="population"))
    await copies.keep(replace(copy, name=b"q3", expires_at=END + timedelta(hours=1)))
    await copies.keep(replace(copy, tenant=copy.tenant + "X"))
    assert await copies.expire(copy.tenant, now=JUST_BEFORE) == 0
    assert await copies.clear(copy.tenant, system="population") == 1
    assert await copies.expire(copy.tenant, now=END) == 1
    assert await copies.clear(copy.tenant) == 1
    assert await copies.clear(copy.tenant) == 0
    assert await copies.find(copy.tenant + "X", copy.name, now=NOW) is not None
