"""SEC-07: which periods wait, when their review is late, and what a reviewer is shown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.digest import digest
from gateway.audit.reviews import Counted, Pace, Period, due, named, period_of
from gateway.sdk.errors import NotFoundError

DAYS = st.dates(date(2001, 1, 1), date(2100, 1, 1))


@given(st.sampled_from(Pace), DAYS)
def test_every_day_is_of_just_one_period_which_its_name_finds(pace: Pace, day: date) -> None:
    period = period_of(pace, day)
    assert period.first <= day < period.after
    assert period_of(pace, period.after).first == period.after
    assert named(pace, period.name) == period


@pytest.mark.parametrize(
    ("pace", "name"),
    [(Pace.WEEK, "2026-11"), (Pace.WEEK, "2026-W54"), (Pace.MONTH, "2026-1"), (Pace.MONTH, "2026-W01"),
     (Pace.WEEK, ""), (Pace.MONTH, "9999-12"), (Pace.WEEK, "2026-W1")],
)  # fmt: skip
def test_what_is_no_period_is_not_found(pace: Pace, name: str) -> None:
    with pytest.raises(NotFoundError):
        named(pace, name)


def test_a_period_starts_and_ends_at_midnight_in_vietnam() -> None:
    week = named(Pace.WEEK, "2026-W48")
    assert (week.first, week.after) == (date(2026, 11, 23), date(2026, 11, 30))
    assert week.since.isoformat() == "2026-11-23T00:00:00+07:00"
    assert week.until.isoformat() == "2026-11-30T00:00:00+07:00"


def test_periods_that_are_over_wait_until_they_are_reviewed_soonest_late_first() -> None:
    waiting = due(date(2026, 10, 28), date(2026, 11, 16), reviewed=())
    assert [one.name for one in waiting] == ["2026-W44", "2026-10", "2026-W45", "2026-W46"]
    assert [one.late_from for one in waiting] == sorted(one.late_from for one in waiting)
    left = due(date(2026, 10, 28), date(2026, 11, 16), reviewed={waiting[0], waiting[1]})
    assert [one.name for one in left] == ["2026-W45", "2026-W46"]


@given(DAYS, st.integers(0, 200))
def test_nothing_waits_that_is_not_over(since: date, days: int) -> None:
    today = since + timedelta(days=days)
    assert all(one.after <= today for one in due(since, today, reviewed=()))


def counted(**said: str) -> Counted:
    told = {"kind": "request", "actor": "motcua", "operation": "lookup_citizen", "outcome": "answered", **said}
    return Counted(**told, count=2)


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        (counted(kind="altered", actor="", operation="", outcome=""), "altered"),
        (counted(outcome="http_403"), "refused"),
        (counted(kind="exchange", outcome="refused"), "refused"),
        (counted(kind="admin", operation="log_in", outcome="refused"), "log_ins"),
        (counted(kind="admin", operation="login_locked", outcome="locked"), "locked"),
        (counted(kind="admin", operation="use_approval", outcome="used"), "opened"),
        (counted(kind="admin", operation="unseal_bodies"), "opened"),
        (counted(kind="admin", operation="read_voucher_file"), "opened"),
        (counted(kind="admin", operation="place_hold"), "acts"),
        (counted(kind="alarm", operation="raise_alarm", outcome="log_altered"), "alarms"),
        (counted(kind="admin", operation="console_evidence"), "read"),
    ],
)
def test_a_line_stands_under_what_it_is_a_sign_of(line: Counted, sign: str) -> None:
    found = {one.sign.id: one for one in digest([line], Pace.WEEK)}
    assert found[sign].lines == [line]
    assert found[sign].count == 2


def test_what_is_ordinary_is_no_sign() -> None:
    assert not any(one.count for one in digest([counted()], Pace.WEEK))
    assert not any(one.count for one in digest([counted(kind="admin", operation="log_in")], Pace.WEEK))


def test_the_month_looks_at_who_asked_for_data() -> None:
    line = counted(kind="exchange")
    assert {one.sign.id for one in digest([line], Pace.MONTH) if one.count} == {"asked"}
    assert "acts" not in {one.sign.id for one in digest([line], Pace.MONTH)}


def test_a_review_is_late_after_its_grace() -> None:
    assert Period(pace=Pace.WEEK, first=date(2026, 11, 23)).late_from == date(2026, 12, 7)
    assert Period(pace=Pace.MONTH, first=date(2026, 11, 1)).late_from == date(2026, 12, 15)
