"""The marks of look-ups: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from province import DEFAULT
from services import NOW

from gateway.database import open_database
from gateway.restraint.judge import HOUR, windows
from gateway.restraint.memory import MemoryRestraint
from gateway.restraint.model import Look, Seen
from gateway.restraint.postgres import PostgresRestraint

OFFICER = "motcua/H99.1/canbo.mau"
HOUR_LATER = NOW + timedelta(hours=1)
DAY_LATER = NOW + timedelta(days=1)


@pytest.fixture
def store(on: Any) -> Any:
    return PostgresRestraint(on) if on else MemoryRestraint()


@pytest.fixture
def look() -> Look:
    return Look(
        tenant=f"T{uuid4().hex[:12].upper()}",
        officer=OFFICER,
        client="motcua",
        dossier="D-1",
        subject=b"person-1",
        near=b"near",
        question=b"question-1",
    )


async def admit(store: Any, look: Look, at: Any = NOW) -> Seen:
    seen: Seen = await store.admit(look, windows(look, DEFAULT, now=at), now=at)
    return seen


async def miss(store: Any, look: Look, at: Any = NOW, *, missed: bool = True) -> None:
    await store.missed(look, missed=missed, hour=windows(look, DEFAULT, now=at)[HOUR].began_at)


def of(look: Look, number: int, **changes: Any) -> Look:
    return replace(look, subject=f"person-{number}".encode(), **changes)


async def test_each_look_up_counts_itself_in_every_window(store: Any, look: Look) -> None:
    assert list((await admit(store, look)).rates) == [1] * 6
    assert list((await admit(store, look)).rates) == [2] * 6
    assert list((await admit(store, replace(look, officer="H99.1/khac"))).rates) == [3, 3, 3, 1, 1, 1]
    assert list((await admit(store, replace(look, client="khac"))).rates) == [1, 1, 1, 3, 3, 3]
    assert list((await admit(store, look, NOW + timedelta(minutes=1))).rates) == [1, 4, 4, 1, 4, 4]
    assert list((await admit(store, replace(look, tenant=look.tenant + "X"))).rates) == [1] * 6


async def test_repeats_for_the_same_dossier_are_one_person(store: Any, look: Look) -> None:
    """POP-07 (part): who asks the same again for the same dossier does not search."""
    for _ in range(5):
        seen = await admit(store, look)
    assert list(seen.rates) == [5] * 6
    counted = (seen.people_per_dossier, seen.people_per_hour, seen.neighbours, seen.dossiers_per_person)
    assert counted == (1, 1, 1, 1)
    assert (seen.client_neighbours, seen.client_people) == (1, 1)


async def test_a_repeat_after_a_day_is_no_person_of_today(store: Any, look: Look) -> None:
    """What was asked in vain while a register was down is asked again in one go: no search (POP-10)."""
    for number in range(3):
        await admit(store, of(look, number))
    for number in range(3):
        seen = await admit(store, of(look, number), DAY_LATER)
    counted = (seen.people_per_hour, seen.neighbours, seen.client_neighbours, seen.dossiers_per_person)
    assert (counted, seen.people_per_dossier) == ((0, 0, 0, 0), 3)


async def test_people_are_counted_by_officer_and_by_dossier(store: Any, look: Look) -> None:
    await admit(store, look)
    await admit(store, of(look, 2, dossier="D-2"))
    seen = await admit(store, of(look, 3, near=None))
    assert (seen.people_per_hour, seen.people_per_dossier, seen.neighbours) == (3, 2, 0)
    other = await admit(store, of(look, 4, officer="H99.1/khac"))
    assert (other.people_per_hour, other.people_per_dossier, other.neighbours) == (1, 3, 1)
    assert (other.client_neighbours, other.client_people) == (3, 4)
    elsewhere = await admit(store, of(look, 5, officer="H99.1/khac", client="khac"))
    assert (elsewhere.neighbours, elsewhere.client_neighbours, elsewhere.client_people) == (2, 1, 1)


async def test_an_hour_later_the_people_of_before_no_longer_count_and_a_day_later_nothing(
    store: Any, look: Look
) -> None:
    await admit(store, look)
    seen = await admit(store, of(look, 2), HOUR_LATER)
    assert (seen.people_per_hour, seen.neighbours, seen.people_per_dossier) == (1, 2, 2)
    assert seen.client_people == 1
    seen = await admit(store, of(look, 3), DAY_LATER)
    assert (seen.people_per_hour, seen.neighbours, seen.people_per_dossier) == (1, 2, 3)


async def test_one_person_under_many_dossiers_is_counted_by_officer(store: Any, look: Look) -> None:
    for number in range(3):
        seen = await admit(store, replace(look, dossier=f"D-{number}"))
    assert (seen.dossiers_per_person, seen.people_per_hour) == (3, 1)
    assert (await admit(store, replace(look, officer="H99.1/khac"))).dossiers_per_person == 1


async def test_different_questions_about_a_person_are_counted_by_officer_and_by_client(store: Any, look: Look) -> None:
    """POP-07 (part): whatever the dossier, each question once."""

    async def ask(number: int, at: Any = NOW, **changes: Any) -> tuple[int, int]:
        seen = await admit(store, replace(look, question=f"question-{number}".encode(), **changes), at)
        return seen.questions_per_person, seen.client_questions_per_person

    assert [await ask(1), await ask(1), await ask(2, dossier="D-2")] == [(1, 1), (1, 1), (2, 2)]
    assert await ask(2, officer="motcua/H99.1/khac") == (1, 2)
    assert await ask(3, officer="motcua/H99.1/khac") == (2, 3)
    assert await ask(4, client="khac") == (1, 1)
    assert await ask(5, subject=b"person-2") == (1, 1)
    assert await ask(6, tenant=look.tenant + "X") == (1, 1)
    assert await ask(7, DAY_LATER) == (1, 1)
    await store.block(look.tenant, [look.parties[0]], until=DAY_LATER + timedelta(seconds=1))
    assert await ask(8, DAY_LATER + timedelta(seconds=2)) == (1, 2)


async def test_a_look_up_about_nobody_counts_for_the_rate_alone(store: Any, look: Look) -> None:
    for _ in range(2):
        seen = await admit(store, replace(look, subject=None, near=None, question=None))
    assert seen == Seen(rates=[2] * 6)


async def test_misses_are_counted_once_each_and_forgotten_when_the_answer_fits(store: Any, look: Look) -> None:
    await miss(store, look)  # before any mark: nothing to note
    assert not (await admit(store, look)).missed_before
    for _ in range(3):
        await miss(store, look)
    seen = await admit(store, look)
    assert (seen.missed_before, seen.misses_per_hour, seen.client_misses) == (True, 1, 1)
    await admit(store, of(look, 2))
    await miss(store, of(look, 2))
    await miss(store, look, missed=False)
    seen = await admit(store, look)
    assert (seen.missed_before, seen.misses_per_hour, seen.client_misses) == (False, 1, 2)
    assert (await admit(store, look, HOUR_LATER)).client_misses == 0


async def test_a_blocked_party_is_told_so_and_not_counted(store: Any, look: Look) -> None:
    for party, other in zip(look.parties, ({"officer": "x"}, {"client": "x"}, {"dossier": "x"}), strict=True):
        mine = replace(look, tenant=look.tenant + party[0])
        await store.block(mine.tenant, [party], until=HOUR_LATER)
        assert await admit(store, mine) == Seen(blocked=party)
        assert (await admit(store, replace(mine, **other))).blocked == ""
        assert (await admit(store, replace(mine, tenant=look.tenant))).blocked == ""
        assert (await admit(store, mine, HOUR_LATER)).blocked == ""


async def test_a_block_that_stands_is_not_shortened(store: Any, look: Look) -> None:
    await store.block(look.tenant, [look.parties[0]], until=DAY_LATER)
    await store.block(look.tenant, [look.parties[0]], until=HOUR_LATER)
    assert (await admit(store, look, HOUR_LATER + timedelta(minutes=1))).blocked == look.parties[0]


async def test_whoever_is_freed_begins_anew(store: Any, look: Look) -> None:
    """What led to the block does not lead to the next one at once."""
    for number in range(4):
        await admit(store, of(look, number))
        await miss(store, of(look, number))
    await store.block(look.tenant, look.parties, until=DAY_LATER)
    moment = NOW + timedelta(minutes=5)
    assert sorted(await store.lift(look.tenant, [*look.parties, "officer:nobody"], now=moment)) == sorted(look.parties)
    assert list(await store.lift(look.tenant, look.parties, now=moment)) == []
    seen = await admit(store, of(look, 9), moment + timedelta(seconds=1))
    assert (seen.blocked, seen.people_per_hour, seen.people_per_dossier) == ("", 1, 1)
    assert (seen.neighbours, seen.client_neighbours, seen.misses_per_hour) == (1, 1, 0)
    assert (seen.client_people, seen.client_misses) == (1, 0)


async def test_what_is_old_is_forgotten(store: Any, look: Look) -> None:
    """PDP-11 (part)."""
    await admit(store, look)
    await store.block(look.tenant, [look.parties[1]], until=NOW + timedelta(seconds=1))
    assert await store.sweep(look.tenant, before=NOW - timedelta(days=1)) == 0
    assert await store.sweep(look.tenant + "X", before=DAY_LATER) == 0
    assert await store.sweep(look.tenant, before=DAY_LATER) == 1 + 1 + 7 + 1
    seen = await admit(store, look)
    assert (list(seen.rates), seen.people_per_dossier) == ([1] * 6, 1)


@pytest.fixture
async def processes(on: Any, database_url: str) -> AsyncIterator[list[Any]]:
    """Three stores, each with connections of its own, as in three processes."""
    if on is None:
        yield [MemoryRestraint()] * 3
        return
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_database(database_url, size=4)) for _ in range(3)]
        yield [PostgresRestraint(database) for database in opened]


async def test_of_many_at_once_in_several_processes_each_gets_a_count_of_its_own(
    processes: list[Any], look: Look
) -> None:
    """POP-07 (part): two processes cannot both let the last one through."""
    looks = [(processes[number % 3], of(look, number)) for number in range(30)]
    seen = await asyncio.gather(*(admit(store, one) for store, one in looks))
    for counts in (
        [one.rates[0] for one in seen],
        [one.people_per_hour for one in seen],
        [one.people_per_dossier for one in seen],
        [one.neighbours for one in seen],
        [one.client_neighbours for one in seen],
        [one.client_people for one in seen],
    ):
        assert sorted(counts) == list(range(1, 31))
    guesses = [(processes[n % 3], replace(look, question=f"guess-{n}".encode())) for n in range(30)]
    seen = await asyncio.gather(*(admit(store, one) for store, one in guesses))
    assert sorted(one.questions_per_person for one in seen) == list(range(2, 32))


async def test_a_look_up_stands_although_what_is_under_way_fails(on: Any, store: Any, look: Look) -> None:
    if on is None:
        pytest.skip("memory has no transactions")

    async def fail() -> None:
        async with on.transaction():
            await admit(store, look)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert (await admit(store, look)).rates[0] == 2


async def test_look_ups_that_come_together_see_each_other_in_turn(store: Any, look: Look) -> None:
    """People of one officer, of two tenants at once: as if each had waited for the one before."""
    other = replace(look, tenant=look.tenant + "X")
    mixed = [of((look, other)[n % 2], n // 2) for n in range(24)]
    seen = await asyncio.gather(*(admit(store, one) for one in mixed))
    for own in (seen[::2], seen[1::2]):
        assert [one.rates[3] for one in own] == list(range(1, 13))
        assert [one.people_per_dossier for one in own] == list(range(1, 13))
        assert [one.client_people for one in own] == list(range(1, 13))


async def test_some_of_those_that_come_together_are_blocked_or_about_nobody(store: Any, look: Look) -> None:
    nobody, blocked = replace(look, subject=None, near=None, question=None), replace(look, officer="motcua/H99.1/khac")
    await store.block(look.tenant, [blocked.parties[0]], until=HOUR_LATER)
    seen = await asyncio.gather(*(admit(store, one) for one in (look, blocked, nobody, look)))
    assert seen[1] == Seen(blocked=blocked.parties[0])
    assert seen[2] == Seen(rates=[2] * 6)
    assert [list(one.rates) for one in (seen[0], seen[3])] == [[1] * 6, [3] * 6]


async def test_a_name_that_cannot_be_stored_stops_nobody_elses_look_up(on: Any, store: Any, look: Look) -> None:
    if on is None:
        pytest.skip("memory takes any name")
    bad = replace(look, officer="canbo\x00")
    seen = await asyncio.gather(*(admit(store, one) for one in (look, bad, look)), return_exceptions=True)
    assert isinstance(seen[1], psycopg.DataError)
    assert [one.rates[0] for one in (seen[0], seen[2]) if isinstance(one, Seen)] == [1, 2]


async def test_a_look_up_is_one_round_trip(on: Any, look: Look) -> None:
    if on is None:
        pytest.skip("memory has no round trips")

    class Counting:
        statements = 0

        async def run_alone(self, *arguments: Any) -> Any:
            self.statements += 1
            return await on.run_alone(*arguments)

    counting = Counting()
    await admit(PostgresRestraint(counting), look)  # type: ignore[arg-type]  # the one method that it uses
    assert counting.statements == 1
