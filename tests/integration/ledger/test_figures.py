"""The sync figures, counted by the database from what was taken in, delivered and compared."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.chores.nightly import Chore, run_due
from gateway.chores.postgres import PostgresChores
from gateway.database import Database
from gateway.delivery.model import Draft, StreamKey
from gateway.delivery.postgres import PostgresOutbox
from gateway.domain import DossierStatus
from gateway.dossiers.model import DossierRecord
from gateway.dossiers.postgres import PostgresDossiers
from gateway.ledger.model import Care, Figure, Finding, Line, Round
from gateway.ledger.postgres import PostgresLedger
from gateway.ledger.store import Period
from gateway.signing import Keyring

KEYRING = Keyring.ephemeral()
DAY = date(2026, 11, 23)


class House:
    def __init__(self, database: Database) -> None:
        self.tenant = f"T{uuid4().hex[:10].upper()}"
        self.outbox = PostgresOutbox(database, KEYRING)
        self.dossiers = PostgresDossiers(database, KEYRING)
        self.ledger = PostgresLedger(database)
        self.chores = PostgresChores(database)
        self.cut_off = NOW + timedelta(hours=1)

    def stream(self, code: str) -> StreamKey:
        return StreamKey(tenant=self.tenant, target="portal", key=code)

    async def receive(self, code: str, *, received: str = "2026-11-23T08:00:00+07:00", target: str = "portal") -> None:
        record = DossierRecord(
            target=target,
            tenant=self.tenant,
            code=code,
            version=1,
            status=DossierStatus.ACCEPTED,
            document={"received_at": received},
            last_event_at=None,
            updated_at=NOW,
        )
        await self.dossiers.save(record)
        stream = self.stream(code)
        draft = Draft(stream=stream, operation="sync", call_id=code, at=NOW, mapping_version=1, body={"code": code})
        await self.outbox.enqueue([draft], now=NOW)

    async def deliver(self, *codes: str, after_s: float) -> None:
        for claim in await self.outbox.claim(owner=uuid4().hex, now=NOW, lease_s=60, room={"portal": 99}):
            if claim.stream.tenant == self.tenant and claim.stream.key in codes:
                assert await self.outbox.acknowledge(claim, seq=1, now=NOW + timedelta(seconds=after_s))
            await self.outbox.give_back(claim, now=NOW)

    async def note(self, code: str, finding: Finding, *, head: int = 1, care: Care = Care.NONE) -> None:
        line = Line(stream=self.stream(code), finding=finding, care=care, head=head, checked_at=NOW, detail_vi="lý do")
        await self.ledger.note(line)

    def period(self, **changes: Any) -> Period:
        whole = Period(target="portal", since=DAY, until=DAY, within_s=60, cut_off=self.cut_off)
        return replace(whole, **changes)


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_only_what_is_there_equal_and_whole_counts_as_synchronised(house: House) -> None:
    """KPI-02, KPI-09: numerator, denominator, and the very dossiers that are missing from it."""
    for number in range(1, 7):
        await house.receive(f"D{number}")
    await house.deliver("D1", "D2", "D3", "D4", "D5", after_s=1)
    await house.note("D1", Finding.EQUAL)
    await house.note("D2", Finding.MISSING)
    await house.note("D4", Finding.EQUAL)
    await house.outbox.enqueue(
        [Draft(stream=house.stream("D4"), operation="s", call_id="x", at=NOW, mapping_version=1, body={})], now=NOW
    )
    await house.note("D5", Finding.EQUAL, head=0)  # compared before the last message was delivered
    [day] = await house.ledger.days(house.tenant, house.period())
    assert (day.day, day.completeness) == (DAY, Figure(numerator=1, denominator=6))
    assert day.completeness.percent == 16.67
    unsynced = await house.ledger.unsynced(house.tenant, house.period(), limit=10)
    assert {(found.code, found.reason) for found in unsynced} == {
        ("D2", "missing"),
        ("D3", "never_checked"),
        ("D4", "under_way"),
        ("D5", "never_checked"),
        ("D6", "under_way"),
    }
    assert len(unsynced) == day.completeness.denominator - day.completeness.numerator


async def test_a_message_is_in_time_when_it_was_acknowledged_within_the_target(house: House) -> None:
    """KPI-02: late, never, and not due yet are three things."""
    for code in ("D1", "D2", "D3"):
        await house.receive(code)
    await house.deliver("D1", after_s=60)
    await house.deliver("D2", after_s=61)
    [day] = await house.ledger.days(house.tenant, house.period())
    assert day.timeliness == Figure(numerator=1, denominator=3)
    [early] = await house.ledger.days(house.tenant, house.period(cut_off=NOW + timedelta(seconds=30)))
    assert early.timeliness == Figure(numerator=1, denominator=2, excluded=1)


async def test_a_dossier_counts_for_the_local_day_of_its_reception(house: House) -> None:
    await house.receive("D1", received="2026-11-22T17:30:00+00:00")
    await house.receive("D2", received="2026-11-23T23:30:00+07:00")
    await house.receive("D3", received="2026-11-24T00:30:00+07:00")
    days = await house.ledger.days(house.tenant, house.period(until=DAY + timedelta(days=1)))
    assert [(day.day, day.completeness.denominator) for day in days] == [(DAY, 2), (DAY + timedelta(days=1), 1)]


async def test_nothing_received_is_no_percentage(house: House) -> None:
    assert await house.ledger.days(house.tenant, house.period()) == []
    assert Figure(numerator=0, denominator=0).percent is None


async def test_questions_and_ratings_are_not_counted_as_messages_about_dossiers(house: House) -> None:
    await house.receive("D1")
    await house.deliver("D1", after_s=1)
    told = Draft(stream=house.stream("answer:1"), operation="a", call_id="A", at=NOW, mapping_version=1, body={})
    await house.outbox.enqueue([told], now=NOW)
    [day] = await house.ledger.days(house.tenant, house.period())
    assert (day.timeliness, day.completeness.denominator) == (Figure(numerator=1, denominator=1), 1)


async def test_a_replayed_message_is_not_counted_twice(house: House) -> None:
    await house.receive("D1")
    await house.deliver("D1", after_s=1)
    again = Draft(
        stream=house.stream("D1"), operation="sync", call_id="D1", at=NOW, mapping_version=1, body={}, again=True
    )
    await house.outbox.enqueue([again], now=NOW)
    [day] = await house.ledger.days(house.tenant, house.period())
    assert day.timeliness.denominator == 1


async def test_a_line_is_replaced_and_troubles_are_listed(house: House) -> None:
    await house.note("D2", Finding.CANNOT_TELL, care=Care.PERSON)
    await house.note("D1", Finding.DIFFERENT, care=Care.REPAIRING)
    found = await house.ledger.troubles(house.tenant, "portal", limit=9)
    assert [(line.stream.key, line.care) for line in found] == [("D1", Care.REPAIRING), ("D2", Care.PERSON)]
    [second] = await house.ledger.troubles(house.tenant, "portal", after="D1", limit=9)
    assert second.stream.key == "D2"
    await house.note("D1", Finding.EQUAL)
    assert (await house.ledger.line(house.stream("D1"))).finding is Finding.EQUAL  # type: ignore[union-attr]
    assert [line.stream.key for line in await house.ledger.troubles(house.tenant, "portal", limit=9)] == ["D2"]


async def test_the_last_round_is_one_that_went_through(house: House) -> None:
    assert await house.ledger.last_round(house.tenant, "portal") is None
    done = Round(target="portal", began_at=NOW, ended_at=NOW + timedelta(minutes=1), counts={"equal": 3})
    await house.ledger.record(house.tenant, replace(done, ended_at=None, counts={}))
    await house.ledger.record(house.tenant, done)
    await house.ledger.record(house.tenant, Round(target="portal", began_at=NOW + timedelta(hours=1)))
    assert await house.ledger.last_round(house.tenant, "portal") == done


class TestChores:
    """Once a day, whichever process comes first."""

    at_three = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)  # 03:00 of the 24th, local time

    async def test_one_of_many_does_it(self, house: House) -> None:
        done: list[str] = []

        async def work() -> None:
            done.append("x")

        chore = Chore(name="c", at=self.at_three.time().replace(hour=2), do=work)
        await asyncio.gather(*(self.run(house, chore) for _ in range(5)))
        assert done == ["x"]
        await self.run(house, chore, later=timedelta(hours=10))
        assert done == ["x"]
        await self.run(house, chore, later=timedelta(days=1))
        assert done == ["x", "x"]

    async def test_not_before_its_hour(self, house: House) -> None:
        async def work() -> None:
            raise AssertionError

        assert await self.run(house, Chore(name="c", at=self.at_three.time().replace(hour=4), do=work)) == []

    async def test_one_that_fails_is_tried_again(self, house: House) -> None:
        tried: list[int] = []

        async def work() -> None:
            tried.append(1)
            if len(tried) == 1:
                raise ConnectionError

        chore = Chore(name="c", at=self.at_three.time().replace(hour=2), do=work)
        assert await self.run(house, chore) == []
        assert await self.run(house, chore) == ["c"]

    async def test_one_whose_process_died_is_done_after_its_lease(self, house: House) -> None:
        day = self.at_three.date() + timedelta(days=1)
        assert await house.chores.take(house.tenant, "c", day=day, now=self.at_three, lease_s=60)
        assert not await house.chores.take(house.tenant, "c", day=day, now=self.at_three, lease_s=60)
        later = self.at_three + timedelta(seconds=61)
        assert await house.chores.take(house.tenant, "c", day=day, now=later, lease_s=60)

    async def run(self, house: House, chore: Chore, *, later: timedelta = timedelta(0)) -> list[str]:
        return await run_due(house.chores, (chore,), tenant=house.tenant, now=self.at_three + later)


async def test_dossiers_of_another_target_and_those_it_never_shows_are_in_no_figure(house: House) -> None:
    """KPI-02 (part), KPI-09 (part): what is left out is said."""
    for code in ("D1", "D2"):
        await house.receive(code)
    await house.receive("D3", target="adapter")
    await house.deliver("D1", "D2", after_s=1)
    await house.note("D1", Finding.EQUAL)
    await house.note("D2", Finding.NOT_SHOWN)
    [day] = await house.ledger.days(house.tenant, house.period())
    assert day.completeness == Figure(numerator=1, denominator=1, excluded=1)
    assert await house.ledger.unsynced(house.tenant, house.period(), limit=10) == []
