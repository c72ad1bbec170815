"""Kept procedures and what was taken in last: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import CONTEXT as ANY
from services import NOW, Clock, ScriptedExchange

from gateway.feedback.memory import MemoryFeedback
from gateway.feedback.postgres import PostgresFeedback
from gateway.procedures.memory import MemoryProcedures
from gateway.procedures.model import Pin, ProcedureVersion, digest_of
from gateway.procedures.postgres import PostgresProcedures
from gateway.procedures.service import Procedures
from gateway.sdk import Answered

DOCUMENT = {"code": "1.009999", "name": "Cấp giấy", "ways": [{"channel": "2", "times": []}], "id": 17, "kind": None}


@pytest.fixture
def procedures(on: Any) -> Any:
    return PostgresProcedures(on) if on else MemoryProcedures()


@pytest.fixture
def feedback(on: Any) -> Any:
    return PostgresFeedback(on) if on else MemoryFeedback()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def kept(tenant: str, **changes: Any) -> ProcedureVersion:
    first = ProcedureVersion(
        tenant=tenant,
        code="1.009999",
        version=1,
        digest=digest_of(DOCUMENT),
        document=DOCUMENT,
        fetched_at=NOW,
        confirmed_at=NOW,
    )
    return replace(first, **changes)


class TestProcedures:
    async def test_every_version_is_found_as_it_was_told(self, procedures: Any, tenant: str) -> None:
        """DOS-23 (part)."""
        first, second = kept(tenant), kept(tenant, version=2, document={"name": "Khác"}, digest="2")
        assert await procedures.newest(tenant, first.code) is None
        await procedures.add(first)
        await procedures.add(second)
        assert await procedures.newest(tenant, first.code) == second
        assert await procedures.version(tenant, first.code, 1) == first
        assert await procedures.version(tenant, first.code, 3) is None
        assert await procedures.versions(tenant, first.code) == [second, first]
        assert await procedures.versions(tenant + "X", first.code) == []
        assert digest_of((await procedures.version(tenant, first.code, 1)).document) == first.digest

    async def test_confirming_moves_one_version_forwards_only(self, procedures: Any, tenant: str) -> None:
        first, second = kept(tenant), kept(tenant, version=2)
        await procedures.add(first)
        await procedures.add(second)
        for hours in (2, 1):
            await procedures.confirm(second, at=NOW + timedelta(hours=hours))
        assert await procedures.versions(tenant, first.code) == [
            replace(second, confirmed_at=NOW + timedelta(hours=2)),
            first,
        ]

    async def test_the_first_pin_of_a_dossier_stays(self, procedures: Any, tenant: str) -> None:
        """DOS-23 (part)."""
        early, late = "H99.01-261124-0001", "H99.01-261124-0002"
        await procedures.pin(tenant, early, "1.009999", at=NOW)
        await procedures.add(kept(tenant))
        await procedures.add(kept(tenant, version=2))
        for dossier in (early, late):
            await procedures.pin(tenant, dossier, "1.009999", at=NOW + timedelta(hours=1))
        pin = Pin(tenant=tenant, dossier=early, code="1.009999", version=None, taken_at=NOW)
        assert await procedures.pinned(tenant, early) == pin
        assert await procedures.pinned(tenant, late) == replace(
            pin, dossier=late, version=2, taken_at=NOW + timedelta(hours=1)
        )
        assert await procedures.pinned(tenant + "X", early) is None
        await procedures.pin(tenant, "H99.01-261124-0003", "2.000111", at=NOW)
        assert await procedures.codes(tenant) == ["1.009999", "2.000111"]
        assert await procedures.codes(tenant + "X") == []

    async def test_many_readers_at_once_keep_one_version(self, on: Any, procedures: Any, tenant: str) -> None:
        if on is None:
            pytest.skip("memory has no transactions")
        exchange = ScriptedExchange(read_procedure=(Answered(body={}), {"items": [DOCUMENT]}))
        service = Procedures(procedures, exchange=exchange, atomically=on.transaction, clock=Clock())  # type: ignore[arg-type]
        context = replace(ANY, tenant=tenant)
        await asyncio.gather(*(service.read("1.009999", context=context) for _ in range(5)))
        assert [version.version for version in await procedures.versions(tenant, "1.009999")] == [1]


class TestFeedback:
    async def test_the_same_content_is_new_once_per_key(self, feedback: Any, tenant: str) -> None:
        async def take(key: str, digest: bytes, owner: str = tenant) -> bool:
            return bool(await feedback.take(owner, key, digest, now=NOW))

        said = [("answer:1", b"a"), ("answer:1", b"a"), ("answer:2", b"a"), ("answer:1", b"b"), ("answer:1", b"a")]
        assert [await take(*one) for one in said] == [True, False, True, True, True]
        assert await take("answer:1", b"a", owner=tenant + "X")

    async def test_of_many_at_once_one_is_new(self, feedback: Any, tenant: str) -> None:
        taken = await asyncio.gather(*(feedback.take(tenant, "answer:1", b"a", now=NOW) for _ in range(5)))
        assert sum(taken) == 1
