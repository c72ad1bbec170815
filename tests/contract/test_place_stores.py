"""Agencies and places: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from gateway.places.lineage import Unit
from gateway.places.memory import MemoryPlaces
from gateway.places.postgres import PostgresPlaces

UNIT = Unit(code="MOCK-A", name="Xã Mẫu", kind="commune", valid_from=date(2004, 1, 1))
SECOND = replace(UNIT, valid_from=date(2025, 7, 1), name="Xã Mẫu mới", parent="MOCK-P", alias="000.00.12.H99")
ENDED = replace(UNIT, valid_to=date(2025, 6, 30), successors=("MOCK-A", "MOCK-B"))


@pytest.fixture
def places(on: Any) -> Any:
    return PostgresPlaces(on) if on else MemoryPlaces()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def test_units_come_back_as_they_were_saved_by_code_and_day(places: Any, tenant: str) -> None:
    """ORG-03 (part)."""
    other = replace(UNIT, code="MOCK-0")
    await places.save(tenant, [SECOND, UNIT, other])
    assert await places.all(tenant) == [other, UNIT, SECOND]
    assert await places.all(tenant + "X") == []
    await places.lock(tenant)


async def test_a_period_is_completed(places: Any, tenant: str) -> None:
    """ORG-03 (part)."""
    await places.save(tenant, [UNIT])
    await places.save(tenant, [ENDED, SECOND])
    assert await places.all(tenant) == [ENDED, SECOND]


async def test_what_is_recorded_cannot_be_rewritten(on: Any, places: Any, tenant: str) -> None:
    """ORG-03 (part): not even by a caller that forgot to compare."""
    if on is None:
        pytest.skip("memory trusts its caller")
    await places.save(tenant, [ENDED])
    await places.save(tenant, [replace(UNIT, name="Tên khác", valid_to=date(2024, 1, 1), successors=("MOCK-Z",))])
    assert await places.all(tenant) == [ENDED]
