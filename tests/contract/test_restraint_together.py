"""Look-ups that are counted together are told what they would have been told one by one: random days of a province are
played against the function that counted one look-up, as migration 19 made it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest
from province import DEFAULT
from services import NOW

from gateway.database.pool import OPTIONS
from gateway.database.queries import SQL
from gateway.restraint.judge import HOUR, windows
from gateway.restraint.model import Look, Seen
from gateway.restraint.postgres import PostgresRestraint

MADE = (SQL / "migrations" / "0019_restraint.sql").read_text()
FUNCTION = MADE[MADE.index("CREATE FUNCTION admit_lookup(") :].replace("admit_lookup", "pg_temp.admit_lookup", 1)
ONE = "SELECT pg_temp.admit_lookup(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)::text"
TABLES = {
    "restraint_mark": "officer, dossier, subject, near, client, first_at, last_at, missed",
    "restraint_question": "client, subject, officer, question, first_at",
    "restraint_count": "party, span, began_at, n",
    "restraint_block": "party, until_at",
}


class OneByOne:
    """As it was: one look-up a call."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def admit(self, look: Look, now: datetime) -> Seen:
        within = windows(look, DEFAULT, now=now)
        spans = [[getattr(window, name) for window in within] for name in ("party", "span", "began_at")]
        person = (look.tenant, look.officer, look.client, look.dossier, look.subject, look.near, look.question)
        row = self._connection.execute(ONE, (*person, now, *spans, within[HOUR].began_at)).fetchone()
        return Seen(**orjson.loads(row[0]))  # type: ignore[index]  # a call has one result

    def left(self, table: str, tenant: str) -> list[Any]:
        columns = TABLES[table]
        return self._connection.execute(
            f"SELECT {columns} FROM {table} WHERE tenant = %s ORDER BY {columns}", (tenant,)
        ).fetchall()


@pytest.fixture
def one_by_one(on: Any, database_url: str) -> Iterator[OneByOne]:
    if on is None:
        pytest.skip("memory counts one by one")
    with psycopg.connect(database_url, autocommit=True, options=OPTIONS) as connection:
        connection.execute(FUNCTION)
        yield OneByOne(connection)


class Province:
    """The same happens twice: to tenants whose look-ups are counted one by one, and to others together."""

    def __init__(self, store: PostgresRestraint, one_by_one: OneByOne, chance: random.Random) -> None:
        self._store, self._one_by_one, self._chance = store, one_by_one, chance
        name = uuid4().hex[:12].upper()
        self._twins = {f"T{name}{part}": f"U{name}{part}" for part in "XY"}
        self._now = NOW
        self._asked: list[tuple[Look, datetime]] = []

    async def lives(self) -> None:
        """A stretch of time; whatever is told differs in nothing."""
        happens = (self._look, self._look, self._look, self._note, self._block, self._lift, self._wait, self._sweep)
        await self._chance.choice(happens)()

    def left(self) -> tuple[list[Any], list[Any]]:
        alone, together = (
            [self._one_by_one.left(table, tenant) for table in TABLES for tenant in tenants]
            for tenants in (self._twins, self._twins.values())
        )
        return alone, together

    async def _look(self) -> None:
        moments = [self._now + timedelta(seconds=self._chance.choice((0, 0, 0, 1, -1))) for _ in range(12)]
        tried = [(self._someone(), moment) for moment in moments[: self._chance.choice((1, 2, 5, 12))]]
        alone = [self._one_by_one.admit(look, now) for look, now in tried]
        together = await asyncio.gather(*(self._together(look, now) for look, now in tried))
        assert together == alone, tried
        self._asked += tried

    async def _together(self, look: Look, now: datetime) -> Seen:
        return await self._store.admit(self._twin(look), windows(look, DEFAULT, now=now), now=now)

    async def _note(self) -> None:
        for look, at in self._chance.choices(self._asked, k=4) if self._asked else ():
            missed, hour = self._chance.random() < 0.7, windows(look, DEFAULT, now=at)[HOUR].began_at
            for each in (look, self._twin(look)):
                await self._store.missed(each, missed=missed, hour=hour)

    async def _block(self) -> None:
        if self._chance.random() < 0.5:
            return
        look, until = self._someone(), self._now + timedelta(minutes=self._chance.choice((0, 5, 600)))
        party = self._chance.choice(look.parties)
        for each in (look, self._twin(look)):
            await self._store.block(each.tenant, [party], until=until)

    async def _lift(self) -> None:
        look = self._someone()
        lifted = [await self._store.lift(one.tenant, one.parties, now=self._now) for one in (look, self._twin(look))]
        assert lifted[0] == lifted[1]

    async def _wait(self) -> None:
        self._now += self._chance.choice((timedelta(seconds=20), timedelta(minutes=25), timedelta(hours=9)))

    async def _sweep(self) -> None:
        before = self._now - timedelta(hours=self._chance.choice((20, 40)))
        for tenants in self._twins.items():
            swept = [await self._store.sweep(tenant, before=before) for tenant in tenants]
            assert swept[0] == swept[1]

    def _someone(self) -> Look:
        """Few of each, so that they meet."""
        pick = self._chance.choice
        client, person = pick(("motcua", "motcua", "khac")), pick(range(8))
        look = Look(
            tenant=pick([*self._twins]),
            officer=f"{client}/H99.1/canbo.{pick(range(3))}",
            client=client,
            dossier=f"{client}/D-{pick(range(4))}",
            subject=f"person-{person}".encode(),
            near=f"near-{person // 4}".encode(),
            question=f"question-{pick(range(3))}".encode(),
        )
        nobody: Sequence[dict[str, Any]] = [{"subject": None, "near": None, "question": None}]
        return replace(look, **pick([{}, {}, {}, {}, {"near": None, "question": None}, *nobody]))

    def _twin(self, look: Look) -> Look:
        return replace(look, tenant=self._twins[look.tenant])


@pytest.mark.parametrize("seed", range(4))
async def test_look_ups_together_are_told_what_they_would_be_told_one_by_one(
    on: Any, one_by_one: OneByOne, seed: int
) -> None:
    """POP-07 (part): counts, patterns and misses, across blocks, lifts, nights and what is forgotten."""
    province = Province(PostgresRestraint(on), one_by_one, random.Random(seed))
    for _ in range(120):
        await province.lives()
    alone, together = province.left()
    assert together == alone
    assert all(alone[at] for at in range(0, 8, 2))  # something was left of each kind
