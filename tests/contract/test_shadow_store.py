"""What was tried: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.shadow.memory import MemoryShadow
from gateway.shadow.model import Comparison, How
from gateway.shadow.postgres import PostgresShadow


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresShadow(on) if on else MemoryShadow()


@pytest.fixture
def one() -> Comparison:
    return Comparison(
        tenant=f"T{uuid4().hex[:12].upper()}",
        at=NOW,
        system="population",
        operation="lookup_citizen",
        used="direct",
        tried="ndop",
        call_id="CALL1",
        how=How.SAME,
    )


async def test_comparisons_are_counted_by_how_they_came_out(store: Any, one: Comparison) -> None:
    differs = replace(one, how=How.DIFFERS, fields=("birth_date", "gender.code"))
    for comparison in (one, one, differs, replace(differs, fields=("birth_date",)), replace(one, how=How.WORSE)):
        await store.add(comparison)
    found = {(count.how, count.count): dict(count.fields) for count in await store.counts(one.tenant, since=NOW)}
    assert found == {
        (How.SAME, 2): {},
        (How.DIFFERS, 2): {"birth_date": 2, "gender.code": 1},
        (How.WORSE, 1): {},
    }


async def test_older_ones_and_those_of_others_are_not_counted(store: Any, one: Comparison) -> None:
    await store.add(replace(one, at=NOW - timedelta(days=1)))
    await store.add(replace(one, tenant="OTHER"))
    assert list(await store.counts(one.tenant, since=NOW)) == []


async def test_the_newest_that_were_not_the_same_come_first(store: Any, one: Comparison) -> None:
    await store.add(one)
    for minute, name in enumerate(("A", "B", "C")):
        late = NOW + timedelta(minutes=minute)
        await store.add(replace(one, at=late, call_id=name, how=How.DIFFERS, fields=("x",)))
    found = await store.differing(one.tenant, since=NOW, most=2)
    assert [(comparison.call_id, comparison.fields) for comparison in found] == [("C", ("x",)), ("B", ("x",))]
