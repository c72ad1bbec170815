"""Versions of mappings: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.mapping.memory import MemoryVersions
from gateway.mapping.postgres import PostgresVersions
from gateway.mapping.source import Source


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresVersions(on) if on else MemoryVersions()


def source(version: int, comment: str = "") -> Source:
    text = f"system: s\noperation: o\nversion: {version}\n# {comment}\n"
    return Source(system="s", operation="o", text=text, codes={"gender": "ours,theirs,label_vi\nnữ,2,Nữ\n"})


async def test_what_is_known_stays_as_it_is(store: Any) -> None:
    tenant = f"T{uuid4().hex[:12].upper()}"
    assert await store.add(tenant, source(1), at=NOW)
    assert not await store.add(tenant, source(1), at=NOW + timedelta(days=1))
    (used,) = await store.listed(tenant, "s", "o")
    assert (used.source, used.first_used_at) == (source(1), NOW)
    assert await store.digests(tenant) == {source(1).digest}


async def test_the_newest_comes_first_and_only_of_that_mapping(store: Any) -> None:
    tenant = f"T{uuid4().hex[:12].upper()}"
    for number, one in enumerate((source(1), source(1, "changed"), source(2))):
        await store.add(tenant, one, at=NOW + timedelta(hours=number))
    assert [used.source for used in await store.listed(tenant, "s", "o")] == [
        source(2),
        source(1, "changed"),
        source(1),
    ]
    assert not await store.listed(tenant, "s", "other")
    assert not await store.listed("OTHER", "s", "o")
