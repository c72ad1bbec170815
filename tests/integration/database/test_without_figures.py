"""What the planner does for intake and delivery where it has no figures of the tables: on a new server, and in the
first minutes of a month, whose partitions are new. No statement of theirs reads more because there is more.

What is counted is PostgreSQL's own: blocks of our tables and indexes that a statement looked at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from postgres import fresh_database
from psycopg import Rollback
from services import NOW

from gateway.database import Database, open_database, queries
from gateway.database.connection import PREPARED_AT
from gateway.delivery.model import Claim, Draft, Past, PastSearch, StreamKey, Trouble, Verdict
from gateway.delivery.postgres import PostgresOutbox
from gateway.delivery.rows import Told
from gateway.domain import DossierStatus
from gateway.dossiers.model import DossierRecord
from gateway.dossiers.postgres import PostgresDossiers
from gateway.dossiers.store import EventRecord, ParkedEvent
from gateway.scores.model import Period, Window
from gateway.scores.postgres import PostgresScores
from gateway.scores.store import Horizon
from gateway.signing import Keyring

TENANT, TARGET = "H99", "portal"
FEW, MANY = 100, 4000
"""Dossiers. Each has a stream of four messages, four steps and one that is parked."""
AT_A_TIME = 20
MOST_TIMES = 3
"""What may grow: the depth of the indexes, and what the acts before have left there."""
MOST_OF_DAYS = 60
MOST_OF_AN_AGENCY = 150
DOSSIERS_OF_AGENCIES = """
INSERT INTO dossier (tenant, code, version, status, document, last_event_at, created_at, updated_at, facts, agency,
    procedure, channel, received_at, received_on, finished_at, target, pack)
SELECT 'H99', 'D' || n, 1, CASE WHEN n % 20 = 0 THEN 4 ELSE 9 END, decode(repeat('ab', 600), 'hex'), at, at, at, 1,
    'A' || n % 250, 'P', 'online', at, at::date, CASE WHEN n % 20 > 0 THEN at + interval '1 day' END, 'portal', ''
FROM generate_series(1, 8000) n,
    LATERAL (SELECT timestamptz '2026-01-01 12:00+07' + n * interval '40 minutes' AS at) t"""
LOOKED_AT = """
SELECT sum(pg_stat_get_xact_blocks_fetched(oid))::bigint AS blocks FROM pg_class
WHERE relnamespace = 'lienthong'::regnamespace AND relkind IN ('r', 'i')"""


class Town:
    """Its stores, and the claims of a worker that has the first dossiers in hand."""

    def __init__(self, database: Database) -> None:
        keyring = Keyring.ephemeral()
        self.database = database
        self.outbox = PostgresOutbox(database, keyring)
        self.dossiers = PostgresDossiers(database, keyring)
        self.count = 0

    async def grow(self, count: int) -> None:
        while self.count < count:
            codes = [f"D{number}" for number in range(self.count, self.count + 100)]
            drafts = [draft(code, number) for code in codes for number in range(4)]
            await self.outbox.enqueue(drafts, now=NOW)
            await self.dossiers.save(*(record(code) for code in codes))
            for number in range(1, 5):
                told = [(record(code, version=number + 1), step(f"e{number}")) for code in codes]
                await self.dossiers.advance(TENANT, [one for one, _ in told], told)
            await self.dossiers.park(TENANT, *(parked(code) for code in codes))
            self.count += 100

    @property
    def named(self) -> list[str]:
        """Dossiers from everywhere."""
        return [f"D{number}" for number in range(0, self.count, self.count // AT_A_TIME)]


def draft(code: str, number: int) -> Draft:
    stream = StreamKey(tenant=TENANT, target=TARGET, key=code)
    return Draft(
        stream=stream,
        operation="sync",
        call_id=f"C{number}",
        at=NOW,
        mapping_version=1,
        body={"n": number},
        trace_id="",
    )


def record(code: str, *, version: int = 1) -> DossierRecord:
    return DossierRecord(
        tenant=TENANT,
        code=code,
        version=version,
        status=DossierStatus(4),
        document={"code": code},
        last_event_at=NOW,
        updated_at=NOW,
        target=TARGET,
    )


def step(event_id: str) -> EventRecord:
    return EventRecord(event_id=event_id, status=DossierStatus(4), occurred_at=NOW, document={"event_id": event_id})


def parked(code: str) -> ParkedEvent:
    return ParkedEvent(code=code, event=step("p1"), why_code="x", why="x", why_vi="x", parked_at=NOW)


Act = Callable[[Town, list[Claim]], Awaitable[Any]]


async def each(act: Callable[[Claim], Awaitable[Any]], claims: list[Claim]) -> None:
    for claim in claims:
        await act(claim)


async def acknowledged(town: Town, claims: list[Claim]) -> None:
    told = [Told(claim, seq=1, now=NOW, last=False, learned="{}") for claim in claims]
    assert await town.outbox._acknowledge(told) == [True] * AT_A_TIME


async def held_and_released(town: Town, claims: list[Claim], verdict: Verdict) -> None:
    for claim in claims:
        assert await town.outbox.intend(claim, seq=2)
        assert await town.outbox.hold(claim, TROUBLE)
        assert await town.outbox.release(claim.stream, verdict, now=NOW)


async def advanced(town: Town, _: list[Claim]) -> None:
    told = [(record(code, version=9), step("e9")) for code in town.named]
    await town.dossiers.advance(TENANT, [one for one, _ in told], told)


def sent_again(town: Town) -> Callable[[Claim], Awaitable[Any]]:
    """What was delivered; nothing of these was, but it is looked for."""
    told: dict[str, Any] = {"operation": "sync", "at": NOW, "mapping_version": 1, "superseded": False, "tail": 4}
    return lambda claim: town.outbox.replay(Past(stream=claim.stream, seq=2, **told), now=NOW)


TROUBLE = Trouble(code="partner.busy", detail="busy", detail_vi="bận")
ACTS: dict[str, Act] = {
    "taken in": lambda town, _: town.outbox.enqueue([draft(code, 5) for code in town.named], now=NOW),
    "claimed": lambda town, _: town.outbox.claim(owner="w2", now=NOW, lease_s=60, room={TARGET: AT_A_TIME}),
    "acknowledged": acknowledged,
    "tried again": lambda town, claims: each(
        lambda claim: town.outbox.retry(claim, TROUBLE, due=NOW, unsettled=True), claims
    ),
    "given back": lambda town, claims: each(lambda claim: town.outbox.give_back(claim, now=NOW), claims),
    "released": lambda town, claims: held_and_released(town, claims, Verdict.MISSING),
    "arrived": lambda town, claims: held_and_released(town, claims, Verdict.ARRIVED),
    "replaced": lambda town, claims: held_and_released(town, claims, Verdict.REPLACED),
    "sent again": lambda town, claims: each(sent_again(town), claims),
    "stuck": lambda town, claims: each(lambda claim: town.outbox.stuck(claim.stream), claims),
    "first": lambda town, claims: each(lambda claim: town.outbox.first(claim.stream), claims),
    "history": lambda town, claims: each(lambda claim: town.outbox.history(claim.stream), claims),
    "views": lambda town, claims: each(lambda claim: town.outbox.views(TENANT, claim.stream.key, now=NOW), claims),
    "locked": lambda town, _: town.dossiers.lock_all(TENANT, town.named),
    "locked one": lambda town, _: town.dossiers.lock(TENANT, "D7"),
    "found": lambda town, _: town.dossiers.find(TENANT, "D7"),
    "recalled": lambda town, _: town.dossiers.recalled(TENANT, [(code, "e3") for code in town.named]),
    "histories": lambda town, _: town.dossiers.histories(TENANT, town.named),
    "saved": lambda town, _: town.dossiers.save(*(record(code, version=7) for code in town.named)),
    "advanced": advanced,
    "parked": lambda town, _: town.dossiers.park(TENANT, *(parked(code) for code in town.named)),
    "settled": lambda town, _: town.dossiers.settle(TENANT, "D7", "p1", settled_as="applied", now=NOW),
}


@pytest.fixture(params=["force_custom_plan", "force_generic_plan"])
async def town(request: pytest.FixtureRequest, postgresql: str, _template: str) -> AsyncIterator[Town]:
    """`param`: how a plan is made; PostgreSQL chooses between the two by what they seem to cost."""
    with fresh_database(postgresql, template=_template) as dsn:
        async with open_database(dsn, size=1) as database:
            async with database.transaction() as connection:
                await connection.execute(f"SET plan_cache_mode = {request.param}")
            yield Town(database)


async def looked_at(town: Town, act: Act) -> int:
    """Blocks, at a time at which the statements are prepared."""
    blocks = 0
    for _ in range(PREPARED_AT + 1):
        async with town.database.transaction():
            claims = await town.outbox.claim(owner="w1", now=NOW, lease_s=60, room={TARGET: AT_A_TIME})
            assert len(claims) == AT_A_TIME
            before = await _blocks(town.database)
            await act(town, [*claims])
            blocks = await _blocks(town.database) - before
            raise Rollback
    return blocks


async def _blocks(database: Database) -> int:
    return int((await (await database.run(LOOKED_AT)).fetchall())[0]["blocks"])


async def test_no_statement_of_intake_or_delivery_reads_more_because_there_is_more(town: Town) -> None:
    """Also by a plan that was made while there was little. Indexes get deeper; nothing grows as the tables do."""
    await town.grow(FEW)
    few = {name: await looked_at(town, act) for name, act in ACTS.items()}
    await town.grow(MANY)
    many = {name: await looked_at(town, act) for name, act in ACTS.items()}
    assert {name: blocks for name, blocks in many.items() if blocks > MOST_TIMES * few[name]} == {}


async def test_the_figures_of_days_are_still_read_by_their_indexes(town: Town) -> None:
    ago = NOW - timedelta(days=2)
    await town.outbox.enqueue([draft(f"OLD{number}", 1) for number in range(5)], now=ago)
    await town.grow(MANY)
    async with town.database.transaction() as connection:
        await connection.execute("ANALYZE stream, message, dossier")
    days = {"since": ago - timedelta(hours=1), "until": ago + timedelta(hours=1)}
    asked: dict[str, Act] = {
        "tally": lambda town, _: town.outbox.tally(TENANT, TARGET, **days),
        "delivered": lambda town, _: town.outbox.delivered(TENANT, PastSearch(target=TARGET, limit=9, **days)),
        "agencies": lambda town, _: town.database.run(queries("scores")["agencies"], {"tenant": TENANT}),
    }
    blocks = {name: await looked_at(town, act) for name, act in asked.items()}
    assert {name: count for name, count in blocks.items() if count > MOST_OF_DAYS} == {}


@pytest.mark.parametrize("town", ["auto"], indirect=True)
async def test_what_concerns_one_agency_is_found_by_its_index(town: Town) -> None:
    async with town.database.transaction() as connection:
        await connection.execute(DOSSIERS_OF_AGENCIES)
        await connection.execute("ANALYZE dossier")
    scores, one = PostgresScores(town.database), ("A7",)
    period = Period(since=date(2026, 2, 1), until=date(2026, 2, 28), name="2026-02")
    window = Window(period=period, cut_off=period.ends, within_s=60, running=(":4",), agencies=one)
    horizon = Horizon(now=NOW, before=NOW, packs={"": 3}, running=(":4",), agencies=one)
    asked: dict[str, Callable[[], Awaitable[Any]]] = {
        "counts": lambda: scores.counts(TENANT, window),
        "busy": lambda: scores.busy(TENANT, window, least=1, limit=9),
        "due": lambda: scores.due_counts(TENANT, horizon),
    }
    blocks = {}
    for name, ask in asked.items():
        async with town.database.transaction():
            before = await _blocks(town.database)
            assert await ask() is not None
            blocks[name] = await _blocks(town.database) - before
    assert {name: count for name, count in blocks.items() if count > MOST_OF_AN_AGENCY} == {}
