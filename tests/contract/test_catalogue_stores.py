"""Code lists and their quarantine: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.catalogues.memory import MemoryCatalogues
from gateway.catalogues.model import Sync, UnknownCode, drift
from gateway.catalogues.postgres import PostgresCatalogues
from gateway.delivery.model import StreamKey

DAY = date(2026, 11, 23)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def catalogues(on: Any) -> Any:
    return PostgresCatalogues(on) if on else MemoryCatalogues()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def take(
    catalogues: Any, tenant: str, after: Mapping[str, str], *, at: datetime = NOW, applied: bool = True
) -> int:
    before = await catalogues.lock(tenant, "fields")
    sync = Sync(catalogue="fields", at=at, applied=applied, drift=drift(before, after))
    version: int = await catalogues.record(tenant, sync)
    return version


async def unknown(catalogues: Any, tenant: str, code: str, since: date = DAY, until: date = DAY) -> bool:
    asked = [UnknownCode("fields", code)]
    stream = StreamKey(tenant=tenant, target="portal", key="none")
    found, waits = await catalogues.examine(stream, asked, since=since, until=until)
    assert found in ([], asked)
    assert not waits
    return bool(found)


async def test_a_list_never_taken_over_says_nothing(catalogues: Any, tenant: str) -> None:
    """COD-12 (part)."""
    assert not await unknown(catalogues, tenant, "A")
    assert await catalogues.views(tenant) == []
    assert await catalogues.version(tenant, "fields", on=DAY) == 0


async def test_each_applied_change_is_a_version_and_the_old_days_keep_theirs(catalogues: Any, tenant: str) -> None:
    """COD-11 (part): nothing that a list said is overwritten."""
    assert await take(catalogues, tenant, {"A": "một", "B": "hai"}) == 1
    assert await take(catalogues, tenant, {"A": "một", "B": "hai"}, at=NOW + timedelta(hours=1)) == 1
    assert await take(catalogues, tenant, {"A": "một mới", "C": "ba"}, at=NOW + timedelta(days=1)) == 2
    assert await catalogues.entries(tenant, "fields", on=DAY) == {"A": "một", "B": "hai"}
    assert await catalogues.entries(tenant, "fields", on=NEXT) == {"A": "một mới", "C": "ba"}
    assert await catalogues.entries(tenant, "fields", on=DAY - timedelta(days=1)) == {}
    versions = [await catalogues.version(tenant, "fields", on=DAY + timedelta(days=n)) for n in (-1, 0, 1, 9)]
    assert versions == [0, 1, 2, 2]
    [view] = await catalogues.views(tenant)
    assert (view.version, view.codes, view.changed_at) == (2, 2, NOW + timedelta(days=1))


async def test_the_reports_tell_what_changed_and_leave_out_quiet_nights(catalogues: Any, tenant: str) -> None:
    """COD-12 (part): the nightly diff report."""
    await take(catalogues, tenant, {"A": "một", "B": "hai"})
    await take(catalogues, tenant, {"A": "một", "B": "hai"}, at=NOW + timedelta(days=1))
    await take(catalogues, tenant, {"A": "khác"}, at=NOW + timedelta(days=2))
    newest, first = await catalogues.reports(tenant, limit=9)
    assert (newest.drift.changed, newest.drift.vanished, newest.version) == ({"A": ("một", "khác")}, {"B": "hai"}, 2)
    assert first.drift.added == {"A": "một", "B": "hai"}
    assert await catalogues.reports(tenant, limit=1) == [newest]
    [view] = await catalogues.views(tenant)
    assert view.looked_at == NOW + timedelta(days=2)


async def test_a_look_that_was_not_believed_is_reported_and_changes_nothing(catalogues: Any, tenant: str) -> None:
    """COD-12 (part)."""
    await take(catalogues, tenant, {"A": "một", "B": "hai"})
    assert await take(catalogues, tenant, {}, at=NOW + timedelta(days=1), applied=False) == 1
    assert await catalogues.lock(tenant, "fields") == {"A": "một", "B": "hai"}
    [refused, _] = await catalogues.reports(tenant, limit=9)
    assert (refused.applied, refused.version, set(refused.drift.vanished)) == (False, 1, {"A", "B"})


async def test_a_code_that_vanished_is_known_to_what_was_received_while_it_was_in_force(
    catalogues: Any, tenant: str
) -> None:
    """COD-12 (part)."""
    await take(catalogues, tenant, {"A": "một", "B": "hai"})
    await take(catalogues, tenant, {"A": "một"}, at=NOW + timedelta(days=5))
    later = DAY + timedelta(days=9)
    assert not await unknown(catalogues, tenant, "B", since=DAY + timedelta(days=4), until=later)
    assert await unknown(catalogues, tenant, "B", since=DAY + timedelta(days=5), until=later)
    assert not await unknown(catalogues, tenant, "A", since=DAY - timedelta(days=99), until=later)
    assert await unknown(catalogues, tenant, "Z", since=DAY, until=later)
    assert not await unknown(catalogues, tenant + "X", "Z")


async def test_a_code_that_comes_and_goes_on_one_day_comes_back(catalogues: Any, tenant: str) -> None:
    await take(catalogues, tenant, {"A": "một", "B": "hai"})
    await take(catalogues, tenant, {"A": "một"}, at=NOW + timedelta(hours=1))
    assert await unknown(catalogues, tenant, "B")
    await take(catalogues, tenant, {"A": "một", "B": "hai lần"}, at=NOW + timedelta(hours=2))
    assert await catalogues.entries(tenant, "fields", on=DAY) == {"A": "một", "B": "hai lần"}
    assert await catalogues.version(tenant, "fields", on=DAY) == 3


async def test_a_stream_is_freed_when_the_last_of_its_codes_is_known(catalogues: Any, tenant: str) -> None:
    """COD-12 (part): quarantine."""
    stream = StreamKey(tenant=tenant, target="portal", key="D1")
    other = StreamKey(tenant=tenant, target="portal", key="D2")
    await take(catalogues, tenant, {"A": "một"})
    await catalogues.quarantine(stream, [UnknownCode("fields", "B"), UnknownCode("fields", "C")], now=NOW)
    await catalogues.quarantine(other, [UnknownCode("fields", "Z")], now=NOW + timedelta(hours=1))
    waiting = await catalogues.waiting(tenant, limit=9)
    assert [(w.stream.key, w.unknown.code) for w in waiting] == [("D1", "B"), ("D1", "C"), ("D2", "Z")]
    assert len(await catalogues.waiting(tenant, limit=1)) == 1
    await take(catalogues, tenant, {"A": "một", "B": "hai"}, at=NOW + timedelta(days=1))
    assert await catalogues.freed(tenant) == []
    await take(catalogues, tenant, {"A": "một", "B": "hai", "C": "ba"}, at=NOW + timedelta(days=2))
    assert await catalogues.freed(tenant) == [stream]
    assert await catalogues.freed(tenant) == []
    assert await catalogues.examine(stream, [], since=DAY, until=DAY) == ([], False)
    assert await catalogues.examine(other, [], since=DAY, until=DAY) == ([], True)
    await catalogues.leave(other)
    await catalogues.leave(other)
    assert await catalogues.examine(other, [], since=DAY, until=DAY) == ([], False)
    assert await catalogues.waiting(tenant, limit=9) == []


async def test_two_looks_at_once_make_two_versions_that_follow_each_other(
    on: Any, catalogues: Any, tenant: str
) -> None:
    if on is None:
        pytest.skip("memory has no transactions")
    import asyncio

    async def look(number: int) -> None:
        async with on.transaction():
            before = await catalogues.lock(tenant, "fields")
            after = {**before, f"C{number}": "x"}
            await asyncio.sleep(0)
            at = NOW + timedelta(seconds=number)
            await catalogues.record(tenant, Sync(catalogue="fields", at=at, applied=True, drift=drift(before, after)))

    await asyncio.gather(*(look(number) for number in range(4)))
    assert set(await catalogues.lock(tenant, "fields")) == {"C0", "C1", "C2", "C3"}
    assert sorted(sync.version for sync in await catalogues.reports(tenant, limit=9)) == [1, 2, 3, 4]
