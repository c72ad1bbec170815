"""What clients called: what both stores promise."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.clients.memory_usage import MemoryUsage
from gateway.clients.model import Client
from gateway.clients.postgres_usage import PostgresUsage
from gateway.clients.usage import RightUsed, Usage, Window
from gateway.sdk.errors import TooManyRequestsError

MINUTE = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresUsage(on) if on else MemoryUsage()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


async def test_what_several_add_is_one_sum(store: Any, tenant: str) -> None:
    minute, day = Window(tenant, "a", "minute", MINUTE), Window(tenant, "a", "day", MINUTE)
    assert await store.add({minute: 2, day: 5}, []) == {minute: 2, day: 5}
    assert await store.add({minute: 0}, []) == {minute: 2}
    sums = await asyncio.gather(*(store.add({minute: 1, day: 1}, []) for _ in range(8)))
    assert max(each[minute] for each in sums) == 10
    assert max(each[day] for each in sums) == 13
    assert await store.add({}, []) == {}


async def test_the_last_day_of_each_client_and_each_right(store: Any, tenant: str) -> None:
    later = MINUTE + timedelta(days=1)
    await store.add({Window(tenant, "a", "day", MINUTE): 1, Window(tenant, "a", "minute", later): 1}, [])
    await store.add({Window(tenant, "b", "day", later): 1, Window(tenant + "X", "c", "day", later): 1}, [])
    assert await store.last_days(tenant) == {"a": MINUTE, "b": later}
    days = [date(2026, 11, 23), date(2026, 11, 20)]
    await store.add({}, [RightUsed(tenant, "a", "citizens:verify", day) for day in days])
    await store.add({}, [RightUsed(tenant, "a", "payments:read", days[1])])
    assert await store.rights(tenant) == {("a", "citizens:verify"): days[0], ("a", "payments:read"): days[1]}
    assert await store.rights(tenant + "X") == {}


async def test_what_is_over_is_forgotten_minutes_before_days(store: Any, tenant: str) -> None:
    old, young = MINUTE - timedelta(days=2), MINUTE
    for span in ("minute", "day"):
        await store.add({Window(tenant, "a", span, old): 1, Window(tenant, "b", span, young): 1}, [])
    await store.expire(minutes_before=MINUTE, days_before=old)
    assert set(await store.last_days(tenant)) == {"a", "b"}
    again = Window(tenant, "a", "minute", old)
    assert await store.add({again: 0}, []) == {again: 0}
    await store.expire(minutes_before=MINUTE, days_before=young)
    assert set(await store.last_days(tenant)) == {"b"}


async def test_two_processes_at_once_keep_a_quota_to_within_what_is_stated(store: Any, tenant: str) -> None:
    """SEC-17 (part): `limit + P * max(1, limit // 100)` and not one call more; all of the limit can be used."""
    client = Client(
        tenant=tenant,
        client_id="motcua",
        title="Một cửa",
        scopes=frozenset(),
        agencies=(),
        secret_digest=b"",
        created_at=NOW,
        per_minute=200,
    )
    gateways = [Usage(store, per_minute=1, per_day=10**6, clock=lambda: NOW) for _ in range(2)]

    async def one(gateway: Usage) -> bool:
        try:
            await gateway.count(client)
        except TooManyRequestsError:
            return False
        return True

    admitted = 0
    for _ in range(10):
        admitted += sum(await asyncio.gather(*(one(gateway) for gateway in gateways for _ in range(25))))
    assert 200 <= admitted <= 200 + 2 * 2


async def test_what_is_counted_now_is_of_these_windows_alone(store: Any, tenant: str) -> None:
    later = MINUTE + timedelta(minutes=1)
    counts = {Window(tenant, "a", "minute", MINUTE): 2, Window(tenant, "a", "minute", later): 3}
    await store.add({**counts, Window(tenant, "b", "day", MINUTE): 5, Window(tenant + "X", "a", "day", MINUTE): 7}, [])
    assert await store.now(tenant, {"minute": later, "day": MINUTE}) == {("a", "minute"): 3, ("b", "day"): 5}
