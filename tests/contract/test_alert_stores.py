"""Rules, receivers and tellings: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.alerts.course import arrived, not_arrived
from gateway.alerts.memory import MemoryAlerts
from gateway.alerts.model import Channel, Happened, Metric, News, Receiver, Rule, Standing, Telling, TellingState
from gateway.alerts.postgres import PostgresAlerts
from gateway.callbacks.model import Lease
from gateway.signing import Keyring

RULE = Rule(name="Giữ", metric=Metric.HELD, raise_at=10, clear_at=3.5, for_s=60, quiet_s=600, receivers=(4, 2))
HOOK = Receiver(name="Trực", channel=Channel.WEBHOOK, address="https://tinh.example.vn/tin", secret=b"\x00secret")
NEWS = News(
    happened=Happened.RAISED, at=NOW, rule="Giữ", metric=Metric.HELD, subject="population", value=12, threshold=10
)


@pytest.fixture
def alerts(on: Any, keyring: Keyring) -> Any:
    return PostgresAlerts(on, keyring) if on else MemoryAlerts()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def telling(receiver: int, number: int = 1) -> Telling:
    return Telling(event_id=f"AL{number}", receiver_id=receiver, news=NEWS, created_at=NOW, due=NOW)


def lease(owner: str, *, later_s: float = 0) -> Lease:
    now = NOW + timedelta(seconds=later_s)
    return Lease(owner=owner, now=now, until=now + timedelta(seconds=60))


async def test_rules_are_found_as_they_were_added(alerts: Any, tenant: str) -> None:
    number = await alerts.add_rule(tenant, RULE)
    assert await alerts.rules(tenant) == [replace(RULE, id=number)]
    assert await alerts.rules(tenant + "X") == []
    assert not await alerts.remove_rule(tenant + "X", number)
    assert await alerts.remove_rule(tenant, number)
    assert await alerts.rules(tenant) == []


async def test_switching_a_rule_forgets_how_it_stood(alerts: Any, tenant: str) -> None:
    number = await alerts.add_rule(tenant, RULE)
    standing = Standing(is_raised=True, since=None, told_at=NOW, is_told=True)
    await alerts.stand(tenant, (number, "population"), standing)
    await alerts.stand(tenant, (number, "population"), replace(standing, since=NOW))
    assert await alerts.standings(tenant) == {(number, "population"): replace(standing, since=NOW)}
    assert await alerts.switch_rule(tenant, number, is_on=False)
    assert [rule.is_on for rule in await alerts.rules(tenant)] == [False]
    assert await alerts.standings(tenant) == {}
    assert not await alerts.switch_rule(tenant, number + 1000, is_on=True)


async def test_a_removed_rule_stands_nowhere(alerts: Any, tenant: str) -> None:
    number = await alerts.add_rule(tenant, RULE)
    await alerts.stand(tenant, (number, ""), Standing(is_raised=True))
    await alerts.remove_rule(tenant, number)
    assert await alerts.standings(tenant) == {}


async def test_receivers_keep_their_secret(alerts: Any, tenant: str) -> None:
    number = await alerts.add_receiver(tenant, HOOK)
    assert await alerts.receivers(tenant) == [replace(HOOK, id=number)]
    assert not await alerts.remove_receiver(tenant + "X", number)
    assert await alerts.remove_receiver(tenant, number)
    assert await alerts.receivers(tenant) == []


async def test_addresses_and_secrets_are_sealed(on: Any, alerts: Any, tenant: str) -> None:
    if on is None:
        pytest.skip("memory holds nothing after the process")
    await alerts.add_receiver(tenant, HOOK)
    async with on.transaction() as connection:
        row = await (await connection.execute("SELECT * FROM alert_receiver WHERE tenant = %s", (tenant,))).fetchone()
    assert b"example" not in bytes(row["sealed"])


async def test_what_is_due_is_lent_once_and_of_each_receiver_in_order(alerts: Any, tenant: str) -> None:
    await alerts.enqueue(tenant, [telling(1, 1), telling(1, 2), telling(2, 3)])
    first = await alerts.claim(tenant, lease("a"), most=9)
    assert {one.event_id for one in first} == {"AL1", "AL3"}
    assert first[0].news == NEWS
    assert await alerts.claim(tenant, lease("b"), most=9) == []
    done = next(one for one in first if one.event_id == "AL1")
    assert not await alerts.settle(tenant, arrived(done), owner="b")
    assert await alerts.settle(tenant, arrived(done), owner="a")
    assert [one.event_id for one in await alerts.claim(tenant, lease("b"), most=9)] == ["AL2"]


async def test_a_worker_that_died_loses_what_it_was_lent(alerts: Any, tenant: str) -> None:
    await alerts.enqueue(tenant, [telling(1)])
    (held,) = await alerts.claim(tenant, lease("a"), most=9)
    (again,) = await alerts.claim(tenant, lease("b", later_s=61), most=9)
    assert again.event_id == held.event_id
    assert not await alerts.settle(tenant, arrived(held), owner="a")


async def test_what_did_not_arrive_waits_for_its_time(alerts: Any, tenant: str) -> None:
    await alerts.enqueue(tenant, [telling(1)])
    (held,) = await alerts.claim(tenant, lease("a"), most=9)
    await alerts.settle(tenant, not_arrived(held, now=NOW, trouble="partner.no_answer"), owner="a")
    assert await alerts.claim(tenant, lease("a", later_s=4), most=9) == []
    (again,) = await alerts.claim(tenant, lease("a", later_s=5), most=9)
    assert (again.tries, again.trouble) == (1, "partner.no_answer")


async def test_old_news_is_forgotten_and_what_waits_is_kept(alerts: Any, tenant: str) -> None:
    await alerts.enqueue(tenant, [telling(1, 1), telling(2, 2)])
    held = await alerts.claim(tenant, lease("a"), most=1)
    await alerts.settle(tenant, arrived(held[0]), owner="a")
    await alerts.forget(tenant, before=NOW)
    assert len(await alerts.tellings(tenant, limit=9)) == 2
    await alerts.forget(tenant, before=NOW + timedelta(seconds=1))
    (left,) = await alerts.tellings(tenant, limit=9)
    assert left.state is TellingState.WAITING


async def test_one_process_evaluates_at_a_time(on: Any, alerts: Any, tenant: str) -> None:
    if on is None:
        pytest.skip("memory is one process")
    turned, over = asyncio.Event(), asyncio.Event()

    async def evaluate() -> bool:
        async with on.transaction():
            mine = bool(await alerts.turn(tenant))
            turned.set()
            await over.wait()
        return mine

    first = asyncio.create_task(evaluate())
    await turned.wait()
    async with on.transaction():
        assert not await alerts.turn(tenant)
    over.set()
    assert await first
