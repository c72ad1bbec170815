"""Packs and calendars as data: dated, comparable, never guessed, and replaceable by a province."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import VIETNAM, DossierStatus
from gateway.rules.deadlines import Alarm, Fact, Law, alarms, due
from gateway.rules.packs import Clock, compare, load_calendar, load_packs, pack_on
from gateway.sdk.errors import ConfigurationError

PACKS = load_packs()
LAW = Law(pack=PACKS[-1], calendar=load_calendar())


@pytest.mark.parametrize(
    ("day", "pack"),
    [
        (date(2018, 6, 21), "2018"),
        (date(2025, 7, 1), "2018"),
        (date(2026, 1, 1), "2018"),
        (date(2026, 6, 30), "2018"),
        (date(2026, 7, 1), "2026"),
        (date(2027, 1, 1), "2026"),
    ],
)
def test_each_day_has_the_pack_in_force(day: date, pack: str) -> None:
    """ORG-05 (part): the boundaries."""
    assert pack_on(PACKS, day).id == pack


def test_before_the_first_pack_nothing_is_guessed() -> None:
    with pytest.raises(ConfigurationError):
        pack_on(PACKS, date(2018, 6, 20))


def test_a_pack_of_the_future_is_loaded_and_not_in_force(tmp_path: Path) -> None:
    """ORG-11."""
    said = Path("gateway/rules/packs/2026.yaml").read_text()
    (tmp_path / "2026.yaml").write_text(said)
    future = said.replace('id: "2026"', 'id: "2027"').replace(
        "effective_from: 2026-07-01", "effective_from: 2027-03-01"
    )
    (tmp_path / "2027.yaml").write_text(future.replace("most_reschedules: 1", "most_reschedules: 0"))
    packs = load_packs(tmp_path)
    assert pack_on(packs, date(2026, 11, 24)).id == "2026"
    assert pack_on(packs, date(2027, 3, 1)).id == "2027"
    assert compare(*packs)["most_reschedules"] == (1, 0)


def test_what_changes_between_two_packs_is_told_by_name() -> None:
    changes = compare(*PACKS)
    assert changes["paper_receipts_until"] == (None, date(2026, 12, 31))
    assert "cut_off" not in changes


def test_every_status_has_its_clock_in_every_pack() -> None:
    """STA-07."""
    for pack in PACKS:
        assert set(pack.clock) == set(DossierStatus)
        runs = {status for status, clock in pack.clock.items() if clock is Clock.RUNS}
        assert runs == {DossierStatus.ACCEPTED, DossierStatus.IN_PROCESS}


def test_a_year_without_a_calendar_is_an_error_that_names_the_file() -> None:
    with pytest.raises(ConfigurationError, match=r"2031\.yaml"):
        LAW.calendar.after(date(2030, 12, 31), 1)


def test_a_province_replaces_a_year_and_half_days_close_at_noon(tmp_path: Path) -> None:
    (tmp_path / "2026.yaml").write_text(
        "{year: 2026, confirmed: true, rest: [2026-11-25], work: [], half: [2026-11-24]}"
    )
    calendar = load_calendar(tmp_path)
    assert calendar.years[2026].confirmed
    assert calendar.after(date(2026, 11, 24), 1) == date(2026, 11, 26)
    assert calendar.closes(date(2026, 11, 24)).time().isoformat() == "11:30:00"
    assert calendar.is_working(date(2025, 11, 25))


@given(
    days=st.lists(st.integers(0, 20), min_size=2, max_size=6).map(sorted),
    limit=st.integers(1, 30),
)
def test_a_supplement_never_makes_the_result_due_earlier(days: list[int], limit: int) -> None:
    """DOS-10 (part)."""
    statuses = [DossierStatus.ACCEPTED, DossierStatus.SUPPLEMENT_REQUESTED, DossierStatus.IN_PROCESS] * 2
    facts = [
        Fact(status=status, at=datetime(2026, 9, 3 + day, 9, tzinfo=VIETNAM))
        for status, day in zip(statuses, days, strict=False)
    ]
    found = due(facts, limit, LAW)
    assert found is not None
    assert list(found.before) == sorted(found.before)
    assert all(before <= found.at for before in found.before)


def test_nothing_is_due_before_the_dossier_is_accepted() -> None:
    filed = Fact(status=DossierStatus.FILED, at=datetime(2026, 11, 23, 9, tzinfo=VIETNAM))
    assert due([filed], 5, LAW) is None


def test_alarms_tell_overdue_from_due_today_and_from_a_pending_supplement() -> None:
    """KPI-13 (part), KPI-08 (part)."""
    due_at = datetime(2026, 11, 24, 17, tzinfo=VIETNAM)

    def told(status: int, hour: int, day: int = 24) -> list[Alarm]:
        now = datetime(2026, 11, day, hour, tzinfo=VIETNAM)
        return alarms(DossierStatus(status), due_at, LAW, apologised=True, now=now)

    assert told(4, 8) == [Alarm.DUE_TODAY]
    assert told(4, 18) == [Alarm.OVERDUE]
    assert told(4, 20, day=23) == [Alarm.DUE_SOON]
    assert told(5, 18) == [Alarm.SUPPLEMENT_PENDING]
    assert told(9, 18) == []
