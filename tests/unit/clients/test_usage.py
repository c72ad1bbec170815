"""Quotas: kept across processes to within what is stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from services import NOW

from gateway.clients.memory_usage import MemoryUsage
from gateway.clients.model import Client, Scope
from gateway.clients.usage import RightUsed, Usage, Window
from gateway.sdk.errors import ConfigurationError, TooManyRequestsError

CLIENT = Client(
    tenant="H99",
    client_id="motcua",
    title="Một cửa",
    scopes=frozenset({Scope.CITIZENS}),
    agencies=(),
    secret_digest=b"",
    created_at=NOW,
)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class CountedStore(MemoryUsage):
    """Says how often it was asked; `away`: it does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.away = False

    async def add(self, counts: Mapping[Window, int], rights: Sequence[RightUsed]) -> Mapping[Window, int]:
        self.asked += 1
        if self.away:
            raise ConfigurationError("away")
        return await super().add(counts, rights)


def usage(store: MemoryUsage, clock: Clock, *, per_minute: int = 10**6, per_day: int = 10**6) -> Usage:
    return Usage(store, per_minute=per_minute, per_day=per_day, clock=clock)


async def let_through(found: Usage, client: Client, *, tries: int) -> int:
    admitted = 0
    for _ in range(tries):
        try:
            await found.count(client)
        except TooManyRequestsError:
            continue
        admitted += 1
    return admitted


async def test_one_call_too_many_waits_until_the_minute_is_over() -> None:
    clock = Clock()
    clock.now += timedelta(seconds=20)
    found = usage(MemoryUsage(), clock, per_minute=5)
    assert await let_through(found, CLIENT, tries=5) == 5
    with pytest.raises(TooManyRequestsError) as raised:
        await found.count(CLIENT)
    assert (raised.value.error_code, raised.value.retry_after_s) == ("caller.too_many_requests", 40.0)
    clock.now += timedelta(seconds=40)
    assert await let_through(found, CLIENT, tries=6) == 5


async def test_a_client_has_its_own_numbers_and_others_theirs() -> None:
    found = usage(MemoryUsage(), Clock(), per_minute=5)
    assert await let_through(found, replace(CLIENT, per_minute=2), tries=9) == 2
    assert await let_through(found, replace(CLIENT, client_id="khac", per_minute=7), tries=9) == 7
    assert await let_through(found, replace(CLIENT, client_id="nua", per_day=3), tries=9) == 3


@pytest.mark.parametrize(("most", "processes"), [(10, 2), (100, 2), (1000, 2), (1000, 4)])
async def test_processes_together_keep_a_limit_to_within_a_hundredth_each(most: int, processes: int) -> None:
    """SEC-17 (part). Whether they take turns, or one was silent while the others used it up."""
    for in_turns in (True, False):
        store, clock = MemoryUsage(), Clock()
        gateways = [usage(store, clock, per_minute=most) for _ in range(processes)]
        for each in gateways:
            await each.count(CLIENT)
        admitted = processes
        rounds = [1] * (2 * most) if in_turns else [2 * most]
        for tries in rounds:
            for each in gateways:
                admitted += await let_through(each, CLIENT, tries=tries)
        assert most <= admitted <= most + processes * max(1, most // 100)


async def test_the_database_is_asked_once_for_many_calls() -> None:
    store = CountedStore()
    found = usage(store, Clock(), per_minute=10_000)
    assert await let_through(found, CLIENT, tries=10_000) == 10_000
    assert store.asked <= 102


async def test_what_was_counted_is_handed_over_after_a_while_too() -> None:
    store, clock = MemoryUsage(), Clock()
    found = usage(store, clock)
    await let_through(found, CLIENT, tries=3)
    clock.now += timedelta(seconds=6)
    await found.count(CLIENT)
    assert max(store.counts.values()) == 3
    await found.sync()
    assert set(store.counts.values()) == {4}


async def test_while_the_database_is_away_each_process_counts_alone() -> None:
    store = CountedStore()
    found = usage(store, Clock(), per_minute=50)
    store.away = True
    assert await let_through(found, CLIENT, tries=60) == 50
    store.away = False
    await found.sync()
    assert {window.span: n for window, n in store.counts.items()} == {"minute": 50, "day": 50}


async def test_which_right_was_used_on_which_day_is_kept_once() -> None:
    """SEC-12 (part): what the yearly review takes away is what nobody used."""
    store, clock = CountedStore(), Clock()
    found = usage(store, clock)
    for _ in range(3):
        found.used(CLIENT, frozenset({Scope.CITIZENS}))
        await found.sync()
    assert store.asked == 1
    clock.now += timedelta(days=1)
    found.used(CLIENT, frozenset({Scope.CITIZENS}))
    await found.sync()
    assert await store.rights("H99") == {("motcua", "citizens:verify"): clock.now.date()}
    assert await store.rights("H98") == {}
