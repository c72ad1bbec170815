"""Reviews and verifications of the log: the same promises on memory and on PostgreSQL (SEC-07)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg.errors
import pytest
from retention_house import record
from services import CONTEXT, NOW, ListedRecorder, atomically

from gateway.audit.checks import ALIVE, Begun, Check, Ended, LogChecks
from gateway.audit.errors import AuditUnavailableError
from gateway.audit.exhibits import Source
from gateway.audit.findings import Finding
from gateway.audit.memory import MemoryAudit
from gateway.audit.memory_checks import MemoryChecks
from gateway.audit.memory_reviews import MemoryReviews
from gateway.audit.model import EntryKind
from gateway.audit.postgres import PostgresAudit
from gateway.audit.postgres_checks import PostgresChecks
from gateway.audit.postgres_reviews import PostgresReviews
from gateway.audit.reviews import Pace, Period, Review, Reviews, Verdict
from gateway.bootstrap.overseeing import remind
from gateway.sdk.errors import ConflictError, UnprocessableError
from gateway.signing import Keyring

WEEK = Period(pace=Pace.WEEK, first=date(2026, 11, 16))
REVIEW = Review(period=WEEK, at=NOW, by="operator:kiem.mau", verdict=Verdict.USUAL, words="không có gì", leaves=7)
BEGUN = Begun(whole=True, size=9, at=NOW, by="operator:kiem.mau")


class House:
    def __init__(self, on: Any, keyring: Keyring) -> None:
        self.tenant = f"T{uuid4().hex[:12].upper()}"
        self.on, self.keyring = on, keyring
        self.log: Any = PostgresAudit(on) if on else MemoryAudit()
        self.reviews: Any = PostgresReviews(on, keyring) if on else MemoryReviews(self.log)
        self.checks: Any = PostgresChecks(on) if on else MemoryChecks()
        self.recorder, self.alarms = ListedRecorder(), list[tuple[str, str]]()
        self.together: Any = on.transaction if on else atomically
        self.context = replace(CONTEXT, tenant=self.tenant, actor="operator:kiem.mau")

    async def write(self, *entries: dict[str, Any], at: Any = NOW) -> None:
        await record(self.log, self.keyring, self.tenant, at=at, entries=entries)

    def reviewing(self, recorder: Any = None) -> Reviews:
        own = recorder or self.recorder
        return Reviews(self.reviews, tenant=self.tenant, recorder=own, atomically=self.together, clock=lambda: NOW)

    def checking(self) -> LogChecks:
        async def alarm(kind: str, about: str, _: Any) -> None:
            self.alarms.append((kind, about))

        source = Source(reader=self.log, tenant=self.tenant, public_key=self.keyring.public_key, sealer=self.keyring)
        return LogChecks(
            source,
            self.checks,
            recorder=self.recorder,
            alarm=alarm,
            atomically=self.together,
            clock=lambda: NOW,
        )


class Broken:
    async def record(self, entry: Any) -> Any:
        raise AuditUnavailableError("no")


@pytest.fixture
def house(on: Any, keyring: Keyring) -> House:
    return House(on, keyring)


async def test_a_review_is_kept_as_it_was_signed_and_signed_once(house: House) -> None:
    assert await house.reviews.find(house.tenant, WEEK) is None
    assert await house.reviews.sign(house.tenant, REVIEW) == REVIEW
    assert await house.reviews.sign(house.tenant, replace(REVIEW, words="khác")) is None
    assert await house.reviews.find(house.tenant, WEEK) == REVIEW
    assert WEEK in await house.reviews.reviewed(house.tenant)
    assert not await house.reviews.reviewed("khac")


async def test_a_week_and_a_month_of_the_same_first_day_are_two(house: House) -> None:
    first = date(2026, 6, 1)
    pair = [replace(REVIEW, period=Period(pace=pace, first=first)) for pace in Pace]
    assert all([await house.reviews.sign(house.tenant, one) for one in pair])
    later = replace(REVIEW, period=WEEK)
    await house.reviews.sign(house.tenant, later)
    listed = await house.reviews.listed(house.tenant, limit=2)
    assert listed[0] == later
    assert listed[1].period == Period(pace=Pace.MONTH, first=first)


async def test_rows_are_counted_by_who_did_what_with_which_outcome(house: House) -> None:
    assert await house.reviews.begins(house.tenant) is None
    await house.write({}, {}, {"outcome": "http_403", "actor": "ke.la", "kind": EntryKind.REQUEST})
    await house.write({}, at=NOW + timedelta(days=8))
    assert await house.reviews.begins(house.tenant) == NOW
    span = {"since": NOW, "until": NOW + timedelta(days=8)}
    lines = await house.reviews.tally(house.tenant, **span, limit=9)
    assert [(line.actor, line.outcome, line.count) for line in lines][1] == ("ke.la", "http_403", 1)
    assert lines[0].count == 2
    assert len(await house.reviews.tally(house.tenant, **span, limit=1)) == 1


async def test_an_altered_row_is_counted_apart(house: House) -> None:
    await house.write({}, {})
    if house.on:
        async with house.on.transaction() as connection:
            await connection.execute("ALTER TABLE audit_leaf DISABLE TRIGGER USER")
            values = {"tenant": house.tenant}
            await connection.execute("UPDATE audit_leaf SET leaf = 'x' WHERE tenant = %(tenant)s AND index = 1", values)
            await connection.execute("ALTER TABLE audit_leaf ENABLE TRIGGER USER")
    else:
        rows = house.log.leaves[house.tenant]
        rows[1] = replace(rows[1], leaf=b"x")
    span = {"since": NOW - timedelta(days=1), "until": NOW + timedelta(days=1)}
    kinds = {line.kind: line.count for line in await house.reviews.tally(house.tenant, **span, limit=9)}
    assert kinds.pop("altered") == 1
    assert sum(kinds.values()) == 1


async def test_a_signed_review_is_a_leaf_whose_words_are_sealed(house: House) -> None:
    await house.write({}, at=WEEK.since + timedelta(days=1))
    made = await house.reviewing().sign(WEEK, verdict=Verdict.FOLLOW_UP, words=" thấy lạ ", context=house.context)
    assert (made.words, made.leaves, made.by) == ("thấy lạ", 1, "operator:kiem.mau")
    (entry,) = house.recorder.entries
    assert (entry.operation, entry.outcome, entry.reference) == ("review_log", "follow_up", "log_review:2026-W47")
    assert entry.bodies == {"words": "thấy lạ".encode()}
    with pytest.raises(ConflictError):
        await house.reviewing().sign(WEEK, verdict=Verdict.USUAL, words="x", context=house.context)


async def test_without_a_leaf_there_is_no_review(house: House) -> None:
    if not house.on:
        pytest.skip("memory has no transactions")
    with pytest.raises(AuditUnavailableError):
        await house.reviewing(Broken()).sign(WEEK, verdict=Verdict.USUAL, words="x", context=house.context)
    assert await house.reviews.find(house.tenant, WEEK) is None


@pytest.mark.parametrize(("first", "words"), [(date(2026, 11, 23), "x"), (date(2026, 11, 16), "  ")])
async def test_a_review_is_of_a_period_that_is_over_and_says_something(house: House, first: date, words: str) -> None:
    period = Period(pace=Pace.WEEK, first=first)
    with pytest.raises(UnprocessableError):
        await house.reviewing().sign(period, verdict=Verdict.USUAL, words=words, context=house.context)
    assert not house.recorder.entries


async def test_what_is_late_is_what_is_over_for_long_and_not_reviewed(house: House) -> None:
    await house.write({}, at=NOW - timedelta(days=15))
    late = await house.reviewing().late()
    assert [one.name for one in late] == ["2026-W45", "2026-W46"]
    assert "2026-W47" in {one.name for one in await house.reviewing().due()}
    await house.reviews.sign(house.tenant, replace(REVIEW, period=late[0]))
    assert [one.name for one in await house.reviewing().late()] == ["2026-W46"]


async def test_late_reviews_are_one_alarm_for_each_pace(house: House) -> None:
    """SEC-07 (part)."""
    await house.write({}, at=NOW - timedelta(days=60))
    told = list[tuple[str, str, Any]]()

    async def alarm(kind: str, about: str, facts: Any) -> None:
        told.append((kind, about, facts))

    late = await house.reviewing().late()
    assert await remind(house.reviewing(), alarm) == len(late)
    assert [(kind, about) for kind, about, _ in told] == [
        ("log_review_late", "log_review:week"),
        ("log_review_late", "log_review:month"),
    ]
    assert sum(facts["waiting"] for _, _, facts in told) == len(late)
    assert told[1][2]["oldest"] == "2026-09"


async def test_the_database_changes_no_review_and_no_ended_check(house: House) -> None:
    if not house.on:
        pytest.skip("PostgreSQL alone")
    await house.reviews.sign(house.tenant, REVIEW)
    check = await house.checks.begin(house.tenant, BEGUN)
    await house.checks.end(house.tenant, check.id, Ended(first_row=0, done=9, at=NOW))
    for change in ("UPDATE log_review SET verdict = 'follow_up'", "DELETE FROM log_review",
                   "DELETE FROM log_check", "UPDATE log_check SET finding = ''"):  # fmt: skip
        with pytest.raises(psycopg.errors.RestrictViolation):
            await house.on.run(f"{change} WHERE tenant = %(tenant)s", {"tenant": house.tenant})


async def test_one_check_runs_at_a_time_and_one_that_stopped_moving_is_over(house: House) -> None:
    check = await house.checks.begin(house.tenant, BEGUN)
    assert check.begun == BEGUN
    assert await house.checks.begin(house.tenant, BEGUN) is None
    soon = NOW + timedelta(seconds=20)
    await house.checks.move(house.tenant, replace(check, moved_at=soon, done=4, first_row=1))
    (moved,) = await house.checks.listed(house.tenant, limit=9)
    assert (moved.done, moved.first_row, moved.is_running(soon + ALIVE)) == (4, 1, True)
    assert await house.checks.begin(house.tenant, replace(BEGUN, at=soon + ALIVE)) is None
    assert await house.checks.begin(house.tenant, replace(BEGUN, at=soon + 2 * ALIVE))
    (newest, *_) = await house.checks.listed(house.tenant, limit=1)
    assert newest.id > check.id


async def test_what_a_check_found_is_kept(house: House) -> None:
    finding = Finding(index=3, text="Row 3 was altered.", text_vi="Dòng 3 đã bị sửa.")
    ended = Ended(first_row=0, done=9, at=NOW, signed=5, checkpoints=1, bodies=2, erased=1, finding=finding)
    check = await house.checks.begin(house.tenant, BEGUN)
    await house.checks.end(house.tenant, check.id, ended)
    await house.checks.move(house.tenant, replace(check, done=1))
    (kept,) = await house.checks.listed(house.tenant, limit=9)
    assert kept.ended == ended
    assert not kept.is_running(NOW)
    assert await house.checks.begin(house.tenant, BEGUN)


@pytest.mark.parametrize("whole", [True, False])
async def test_an_altered_log_is_an_alarm_and_a_leaf(house: House, whole: bool) -> None:
    await house.write({}, {}, {})
    checks = house.checking()
    await checks.begin(whole=whole, context=house.context)
    await checks.finished()
    (sound,) = await checks.listed(limit=9)
    assert sound.ended is not None
    assert sound.ended.finding is None
    assert (sound.ended.done, house.alarms) == (3, [])
    await spoil(house)
    await checks.begin(whole=whole, context=house.context)
    await checks.finished()
    found: Check = (await checks.listed(limit=1))[0]
    assert found.ended is not None
    assert found.ended.finding is not None
    assert found.ended.finding.index == 1
    assert house.alarms == [("log_altered", "row:1")]
    told = [(entry.operation, entry.outcome) for entry in house.recorder.entries]
    assert told == [("verify_log", outcome) for outcome in ("accepted", "sound", "accepted", "altered")]


async def spoil(house: House) -> None:
    """Row 1 says something else."""
    if house.on is None:
        rows = house.log.leaves[house.tenant]
        rows[1] = replace(rows[1], leaf=rows[1].leaf.replace(b"motcua", b"kekhac"))
        return
    async with house.on.transaction() as connection:
        await connection.execute("ALTER TABLE audit_leaf DISABLE TRIGGER USER")
        await connection.execute(
            "UPDATE audit_leaf SET leaf = convert_to(upper(convert_from(leaf, 'UTF8')), 'UTF8') "
            "WHERE tenant = %(tenant)s AND index = 1",
            {"tenant": house.tenant},
        )
        await connection.execute("ALTER TABLE audit_leaf ENABLE TRIGGER USER")
