"""What is counted: the same promises on memory and on PostgreSQL. Memory counts dossier by dossier (`scores.marks`),
the database all at once, and neither may be of another opinion than the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from score_house import OCTOBER, ScoreHouse, at, at_random, fact

from gateway.domain import DossierStatus
from gateway.rules.calendar import WorkingCalendar
from gateway.rules.deadlines import Law, alarms
from gateway.rules.packs import load_packs, pack_named
from gateway.scores.marks import marks_of
from gateway.scores.memory import MemoryScores
from gateway.scores.model import Count, Fact, Period, Rating, Window
from gateway.scores.postgres import PostgresScores
from gateway.scores.service import _running
from gateway.scores.store import Closing, Horizon, Warned

RUNNING = _running(load_packs())
NOVEMBER = at(3, month=11)


class House:
    def __init__(self, database: Any) -> None:
        self.tenant = f"T{uuid4().hex[:10].upper()}"
        self.store: Any = PostgresScores(database) if database else MemoryScores()
        self.written = ScoreHouse(database, self.tenant) if database else None

    async def take(self, facts: Sequence[Fact]) -> None:
        if self.written:
            await self.written.take(facts)
        else:
            self.store.facts += facts

    async def rate(self, agency: str, *people: int) -> None:
        if self.written:
            await self.written.rate(agency, *people)
        else:
            self.store.rated.append(_rating(agency, *people))


def _rating(agency: str, very: int, satisfied: int, dissatisfied: int) -> Rating:
    return Rating(
        month=OCTOBER,
        procedure="1.009999",
        agency=agency,
        very_satisfied=very,
        satisfied=satisfied,
        dissatisfied=dissatisfied,
    )


@pytest.fixture
def house(on: Any) -> House:
    return House(on)


def window(cut_off: datetime = NOVEMBER, *, period: str = "2026-10", **changes: Any) -> Window:
    whole = Window(period=Period.parse(period), cut_off=cut_off, within_s=60, running=RUNNING)
    return replace(whole, **changes)


def horizon(now: datetime, **changes: Any) -> Horizon:
    packs = {**{pack.id: pack.apology_days_before for pack in load_packs()}, "": 1}
    moments = {"handed_before": now - timedelta(days=3), "returned_before": now - timedelta(days=2)}
    whole = Horizon(now=now, before=now + timedelta(days=7), packs=packs, running=RUNNING, **moments)
    return replace(whole, **changes)


WINDOWS = [
    window(),
    window(at(17, 14)),
    window(period="2026-Q4"),
    window(period="2026"),
    window(agencies=("000.00.01.H99",)),
    window(agencies=()),
]


@pytest.mark.parametrize("asked", WINDOWS, ids=["month", "amid", "quarter", "year", "agency", "nobody"])
async def test_many_at_once_count_as_each_does_by_itself(house: House, asked: Window) -> None:
    """KPI-01, KPI-08 (part): every figure, of every kind of dossier."""
    facts = at_random(150, seed=766)
    await house.take(facts)
    expected = Counter(
        (one.agency, figure, str(mark)) for one in facts for figure, mark in marks_of(one, asked).items()
    )
    found = {(c.agency, c.figure, c.mark): c.count for c in await house.store.counts(house.tenant, asked)}
    assert found == dict(expected)


async def test_the_list_behind_a_number_is_as_long_as_it_says(house: House) -> None:
    """KPI-09: numerator, denominator and exclusions, page by page."""
    await house.take(at_random(90, seed=9))
    counts = await house.store.counts(house.tenant, window())
    for figure in {count.figure for count in counts}:
        for mark in {count.mark for count in counts if count.figure == figure}:
            listed, after = list[str](), ""
            while page := await house.store.items(house.tenant, window(), figure, marks=[mark], page=(after, 7)):
                listed += [item.code for item in page]
                after = page[-1].cursor
            assert len(listed) == len(set(listed)), (figure, mark)
            assert len(listed) == sum(c.count for c in counts if (c.figure, c.mark) == (figure, mark)), (figure, mark)
            assert listed == sorted(listed)


async def test_ratings_count_people(house: House) -> None:
    await house.rate("000.00.01.H99", 6, 3, 1)
    await house.rate("000.00.02.H99", 0, 0, 2)
    counts = await house.store.counts(house.tenant, window())
    assert [(c.agency, c.figure, c.mark, c.count) for c in counts] == [
        ("000.00.01.H99", "satisfied", "n", 1),
        ("000.00.01.H99", "satisfied", "y", 9),
        ("000.00.02.H99", "satisfied", "n", 2),
    ]
    assert [rating.very_satisfied for rating in await house.store.ratings(house.tenant, window(), limit=9)] == [6, 0]
    assert await house.store.counts(house.tenant, window(period="2026-11")) == []


async def test_how_long_it_took_is_added_up(house: House) -> None:
    await house.take([fact(1, received_at=at(5), finished_at=at(15)), fact(2, received_at=at(5), finished_at=at(6))])
    counts = await house.store.counts(house.tenant, window())
    assert sum(c.seconds for c in counts if c.figure == "handled") == 11 * 86_400


async def test_procedures_with_many_dossiers_are_found(house: House) -> None:
    """KPI-14 (part)."""
    await house.take(
        [fact(number) for number in range(3)] + [fact(9, procedure="2.000111", results=0, reused=0, from_store=0)]
    )
    (found,) = await house.store.busy(house.tenant, window(period="2026"), least=2, limit=10)
    assert (found.procedure, found.received, found.finished, found.e_results) == ("1.009999", 3, 3, 3)
    assert (found.with_papers, found.reused) == (3, 3)


@pytest.mark.parametrize("now", [at(17, 14), at(17, 0), at(3, month=11)], ids=["afternoon", "midnight", "later"])
async def test_what_is_warned_of_is_what_the_deadlines_say(house: House, now: datetime) -> None:
    """KPI-13, DOS-11 (part): the database's words and the pure rule's are the same."""
    facts = at_random(150, seed=13)
    await house.take(facts)
    expected = {}
    for one in facts:
        law = Law(pack=pack_named(load_packs(), one.pack), calendar=WorkingCalendar({}))
        is_open = one.status not in {3, 9, 10} and not one.mirrored
        near = one.due_at is not None and one.due_at < now + timedelta(days=7)
        if is_open and near and one.due_at is not None:
            said = {
                str(alarm) for alarm in alarms(one.status, one.due_at, law, apologised=bool(one.apologised_at), now=now)
            }
            expected[one.code] = said
        elif is_open and one.status is DossierStatus.SUPPLEMENT_REQUESTED:
            expected[one.code] = {"supplement_pending"}
    found = await _all_due(house, horizon(now))
    ours = {"due_later", "hand_on_late", "return_due"}
    said_by_rule = {code: kinds for code, kinds in expected.items() if kinds}
    assert {one.code: {*one.kinds} - ours for one in found if {*one.kinds} - ours} == said_by_rule
    accepted = [one for one in facts if one.status is DossierStatus.ACCEPTED and not one.mirrored and one.received_at]
    late = {one.code for one in accepted if one.channel != "online" and one.received_at <= now - timedelta(days=3)}
    assert {one.code for one in found if "hand_on_late" in one.kinds} == late
    assert {one.code for one in found if "return_due" in one.kinds} == {
        one.code for one in accepted if one.received_at <= now - timedelta(days=2)
    }
    counted = Counter((one.agency, kind) for one in found for kind in one.kinds)
    assert {(c.agency, c.kind): c.count for c in await house.store.due_counts(house.tenant, horizon(now))} == counted


async def test_one_kind_of_warning_is_listed_alone(house: House) -> None:
    now = at(17, 14)
    await house.take(at_random(100, seed=4))
    every = await _all_due(house, horizon(now))
    for kind in {kind for one in every for kind in one.kinds}:
        alone = await _all_due(house, horizon(now), kind=kind)
        assert [one.code for one in alone] == [one.code for one in every if kind in one.kinds]
    nobody = await _all_due(house, horizon(now, agencies=("000.00.09.H99",)))
    assert nobody == []


async def test_what_was_closed_stays_as_it_was(house: House) -> None:
    """KPI-05 (part)."""
    counts = [
        Count(agency="000.00.01.H99", figure="online", mark="y", count=3),
        Count(agency="", figure="online", mark="n", count=1),
    ]
    closing = Closing(period="2026-10", closed_at=NOVEMBER, closed_by="admin:mau", pack={"id": "766-1"})
    assert await house.store.closed(house.tenant, "2026-10") is None
    assert await house.store.close(house.tenant, closing, counts)
    assert not await house.store.close(house.tenant, replace(closing, closed_by="admin:khac"), [])
    assert await house.store.closed(house.tenant, "2026-10") == closing
    kept = await house.store.closed_counts(house.tenant, "2026-10", None)
    assert sorted(kept, key=lambda c: c.mark) == sorted(counts, key=lambda c: c.mark)
    assert len(await house.store.closed_counts(house.tenant, "2026-10", ("000.00.01.H99",))) == 1
    assert [one.period for one in await house.store.closings(house.tenant, limit=5)] == ["2026-10"]


async def test_agencies_are_listed_once(house: House) -> None:
    await house.take([fact(1), fact(2), fact(3, agency="000.00.02.H99")])
    await house.rate("000.00.09.H99", 1, 0, 0)
    assert await house.store.agencies(house.tenant) == ["000.00.01.H99", "000.00.02.H99", "000.00.09.H99"]


async def _all_due(house: House, asked: Horizon, *, kind: str = "") -> list[Warned]:
    found, after = list[Warned](), ""
    while page := await house.store.due(house.tenant, asked, kind=kind, page=(after, 11)):
        found += page
        after = page[-1].cursor
    return found
