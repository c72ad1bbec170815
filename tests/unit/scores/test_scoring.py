"""Points, bands, what is not measured, and what one dossier is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from score_house import at, fact

from gateway.domain import DossierStatus
from gateway.places.lineage import Lineage, Unit
from gateway.rules.calendar import WorkingCalendar
from gateway.rules.deadlines import Law, forward_by, return_ineligible_by
from gateway.rules.packs import load_calendar, load_packs, pack_named
from gateway.scores.marks import marks_of, total_time
from gateway.scores.model import Count, Figure, Period, Window, figure_of
from gateway.scores.packs import Scorecard, load_scorecards, scorecard_on
from gateway.scores.ranking import ranked
from gateway.scores.scopes import Scope, scopes_of
from gateway.scores.scoring import Card, score
from gateway.scores.store import Warned
from gateway.scores.warnings import handed_before, returned_before, turns_of
from gateway.sdk.errors import ConfigurationError, UnprocessableError

SMALL = """
id: mau-1
title: Bộ chỉ số mẫu
effective_from: 2026-01-01
source: Văn bản mẫu
groups:
  - {id: one, vi: Một, en: One, points: 60, indicators: [
      {id: time, vi: Đúng hạn, en: On time, points: 40, figure: on_time, target: 0.8},
      {id: unseen, vi: Chưa thấy, en: Unseen, points: 20, unknown_vi: không thấy, unknown_en: unseen}]}
  - {id: two, vi: Hai, en: Two, points: 40, indicators: [
      {id: net, vi: Mạng, en: Net, points: 40, figure: online, ours: false}]}
bands:
  - {from: 90, vi: Xuất sắc, en: Excellent, ours: false}
  - {from: 50, vi: Vừa, en: Middling, ours: true}
  - {from: 0, vi: Yếu, en: Weak, ours: false}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Scorecard:
    (tmp_path / "mau.yaml").write_text(SMALL, encoding="utf-8")
    return load_scorecards(tmp_path)[-1]


def counts(agency: str = "A", **figures: tuple[int, int, int]) -> list[Count]:
    return [
        Count(agency=agency, figure=figure, mark=mark, count=count)
        for figure, three in figures.items()
        for mark, count in zip("ynx", three, strict=True)
    ]


def card(pack: Scorecard, told: list[Count]) -> Card:
    period = Period.parse("2026-10")
    return Card(pack=pack, period=period, scope="", cut_off=at(31), groups=score(pack, told), counts=told)


def test_points_are_a_share_of_the_target_and_never_more_than_all(pack: Scorecard) -> None:
    """KPI-01 (part)."""
    half = card(pack, counts(on_time=(2, 2, 9), online=(1, 2, 0)))
    assert [one.points for one in half.scored] == [Decimal("25.00"), None, Decimal("13.33")]
    full = card(pack, counts(on_time=(9, 1, 0)))
    assert full.scored[0].points == 40, "90 % of a target of 80 %"


def test_what_is_not_measured_is_not_scaled_away(pack: Scorecard) -> None:
    """KPI-01, KPI-09 (part): a total says of how many points it is, and between which totals the truth lies."""
    found = card(pack, counts(on_time=(8, 2, 0), online=(1, 3, 0)))
    assert (found.points, found.measured, found.at_most) == (Decimal("50.00"), 80, Decimal("70.00"))
    assert found.band is not None
    assert found.band.vi == "Vừa", "whatever the 20 unseen points are"
    assert card(pack, counts(on_time=(8, 2, 0))).band is None, "40 to 100"


def test_nothing_to_count_is_neither_nought_nor_good(pack: Scorecard) -> None:
    empty = card(pack, [])
    assert [one.points for one in empty.scored] == [None, None, None]
    assert (empty.points, empty.measured, empty.at_most) == (0, 0, 100)
    assert empty.mean_seconds is None
    assert Figure(id="", numerator=0, denominator=0).share is None


def test_one_dossier_is_worth_what_the_numbers_of_today_say(pack: Scorecard) -> None:
    """KPI-13 (part): repaired, it is in the numerator; not finished yet, it will be in both or in the denominator."""
    one = card(pack, counts(online=(1, 3, 0))).scored[2]
    assert one.one == Decimal(10)
    assert one.at_stake == Decimal(8)
    assert one.lost == Decimal("30.00")
    assert card(pack, counts(on_time=(9, 1, 0))).scored[0].one == 0, "its points are full already"
    assert card(pack, counts(online=(4, 0, 0))).scored[2].one is None


def test_the_shipped_card_has_the_official_groups_and_says_what_is_ours() -> None:
    """KPI-01: 18, 20, 22, 22, 18; excellent from 90, weak below 50; everything else is marked as our reading."""
    (shipped,) = load_scorecards()
    assert [int(group.points) for group in shipped.groups] == [18, 20, 22, 22, 18]
    assert shipped.points == 100
    paid = shipped.indicator("paid_online")
    assert paid is not None
    assert paid.points == 10
    assert all(one.ours for group in shipped.groups for one in group.indicators)
    assert {band.vi: band.ours for band in shipped.bands} == {
        "Xuất sắc": False,
        "Tốt": True,
        "Khá": True,
        "Trung bình": True,
        "Yếu": False,
    }
    named = {str(points): shipped.band(Decimal(points)) for points in ("90", "89.99", "50", "49.99")}
    assert {points: band.vi for points, band in named.items() if band} == {
        "90": "Xuất sắc",
        "89.99": "Tốt",
        "50": "Trung bình",
        "49.99": "Yếu",
    }
    assert all(
        one.unknown_vi and one.unknown_en for group in shipped.groups for one in group.indicators if not one.figure
    )


def test_a_card_of_the_province_is_in_force_from_its_day_on(pack: Scorecard, tmp_path: Path) -> None:
    """ORG-05 (part)."""
    packs = load_scorecards(tmp_path)
    assert scorecard_on(packs, date(2025, 12, 1)).id == "766-1"
    assert scorecard_on(packs, date(2026, 1, 1)).id == pack.id
    assert scorecard_on(packs, date(2020, 1, 1)).id == "766-1"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (SMALL.replace("points: 20", "points: 21"), "add up"),
        (SMALL.replace("figure: online", "figure: luck"), "no such figure"),
        (SMALL.replace("{id: net", "{id: time"), "twice"),
        (SMALL.replace("{from: 50", "{from: 95"), "highest down"),
        (SMALL + "more: 1\n", "more"),
        ("{", "YAML"),
    ],
)
def test_a_card_that_does_not_hold_together_is_refused(tmp_path: Path, wrong: str, told: str) -> None:
    (tmp_path / "sai.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told):
        load_scorecards(tmp_path)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_is_a_month_a_quarter_or_a_year(text: str, since: date, until: date) -> None:
    """KPI-05 (part)."""
    period = Period.parse(text)
    assert (period.since, period.until) == (since, until)
    assert period.begins.utcoffset() == period.ends.utcoffset()
    assert (period.ends - period.begins).days == (until - since).days + 1


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-Q5", "26-10", "2026-1", "", "2026-10 ", "١٢٣٤"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(UnprocessableError):
        Period.parse(text)


WINDOW = Window(period=Period.parse("2026-10"), cut_off=at(5, month=11), within_s=60, running=("2026:2", "2026:4"))


def test_the_edges_of_a_month_are_vietnams() -> None:
    first, last = at(1, 0), at(31, 23)
    for moment, counted in [(first, True), (last, True), (at(1, 0, month=11), False), (at(30, 23, month=9), False)]:
        one = fact(1, received_at=at(2, month=9), finished_at=moment)
        assert ("on_time" in marks_of(one, WINDOW)) is counted, moment
        assert ("online" in marks_of(fact(1, received_at=moment, finished_at=None), WINDOW)) is counted, moment
    assert marks_of(fact(1, created_at=at(6, month=11)), WINDOW) == {}, "it came after the cut-off"
    assert marks_of(fact(1), replace(WINDOW, agencies=("X",))) == {}


def test_the_moment_that_is_due_is_on_time_and_the_next_is_late() -> None:
    """DOS-12 (part): a refusal after the due moment is late, as any other end is."""
    due = at(20, 17)
    assert [total_time(due + timedelta(seconds=s), due) for s in (-1, 0, 1)] == [1, 1, 0]
    assert total_time(at(19, 23), due) == 2
    assert total_time(None, due) is None
    assert total_time(due, None) is None
    refused = fact(1, status=DossierStatus.REFUSED, finished_at=due + timedelta(seconds=1), due_at=due)
    assert marks_of(refused, WINDOW)["on_time"] == "n"
    assert "e_result" not in marks_of(refused, WINDOW)


def test_a_clock_that_stands_still_is_not_overdue() -> None:
    """KPI-08 (part)."""
    open_ = {"finished_at": None, "due_at": at(20)}
    assert marks_of(fact(1, status=DossierStatus.IN_PROCESS, **open_), WINDOW)["open_in_time"] == "n"
    for status in (DossierStatus.SUPPLEMENT_REQUESTED, DossierStatus.STOPPED, DossierStatus.PAYMENT_REQUESTED):
        assert "open_in_time" not in marks_of(fact(1, status=status, **open_), WINDOW)
    ended_later = fact(1, received_at=at(2), finished_at=at(2, month=11), due_at=at(20))
    marks = marks_of(ended_later, WINDOW)
    assert marks["open_in_time"] == "n", "at the end of October it was open"
    assert "on_time" not in marks, "it counts as finished in November"


def test_what_another_system_answers_for_is_in_no_figure_of_the_province() -> None:
    """KPI-08, SYN-11 (part)."""
    assert marks_of(fact(1, mirrored=True, synced="x"), WINDOW) == {"synced": "x", "mirrored": "y"}


def test_an_agency_counts_for_whatever_it_stands_below() -> None:
    """KPI-01: by its id, and by the places that it lies in; after a merger by the new commune, too."""
    units = [
        Unit(code="X1", name="Xã Mẫu", kind="commune", valid_from=date(2025, 7, 1)),
        Unit(code="H99.12.03", name="UBND Xã Mẫu", kind="agency", valid_from=date(2025, 7, 1), parent="X1"),
    ]
    found = {scope.code: scope for scope in scopes_of(["", "H99.12.03", "H99.12.04", "000.00.05.H99"], Lineage(units))}
    assert set(found) == {"H99", "H99.12", "H99.12.03", "H99.12.04", "X1", "000.00.00.H99", "000.00.05.H99"}
    assert found["X1"] == Scope(code="X1", name="Xã Mẫu", agencies=("H99.12.03",))
    assert found["H99.12"].agencies == ("H99.12.03", "H99.12.04")
    assert found["H99.12.03"].name == "UBND Xã Mẫu"


def test_the_cards_of_agencies_add_up_to_that_of_the_province(pack: Scorecard) -> None:
    told = [*counts("A", online=(3, 1, 0)), *counts("B", online=(1, 3, 2))]
    rows = ranked(card(pack, told), [Scope(code="A", agencies=("A",)), Scope(code="P", agencies=("A", "B"))])
    assert [row.card.points for row in rows] == [Decimal("30.00"), Decimal("20.00")]
    assert figure_of(rows[1].card.counts, "online") == Figure(id="online", numerator=4, denominator=8, excluded=2)


def test_an_apology_is_due_from_the_day_before(pack: Scorecard) -> None:
    """DOS-11, T5: due on the 20th, from the 19th at nought o'clock; who and until when is said by role."""
    warned = Warned(
        code="X",
        agency="A",
        procedure="",
        status=DossierStatus.IN_PROCESS,
        due_at=at(20, 17),
        apologised=False,
        pack="2026",
        kinds=("apology_missing", "due_later"),
    )
    rule = pack_named(load_packs(), "2026")
    apology, result = turns_of(warned, rule, card(pack, counts(on_time=(1, 1, 0))), now=at(18, 9))
    assert (apology.by, apology.points) == (at(19, 0), None), "no indicator of this card is about apologies"
    assert "Thủ trưởng" in apology.who_vi
    assert result.by == at(20, 17)
    assert result.points is not None
    assert round(result.points, 6) == Decimal("16.666667"), "40 x 1/3 / 80 %"
    assert turns_of(warned, rule, card(pack, []), now=at(19, 9))[0].by is None, "it is late already"


def moments(first: int, days: int) -> list[datetime]:
    return [at(first, 0) + timedelta(minutes=30 * step, seconds=1) for step in range(48 * days)]


@pytest.mark.parametrize("now", [at(16, 18), at(19, 7), at(19, 9), at(17, 12), at(14, 16)], ids=str)
def test_what_should_have_been_handed_on_is_what_the_rule_says_of_each(now: datetime) -> None:
    """DOS-08 (part): 15:00, the start of the next working day, and a week-end between."""
    law = Law(pack=pack_named(load_packs(), "2026"), calendar=load_calendar())
    threshold = handed_before(now, law)
    assert threshold is not None
    for received in moments(8, 11):
        if received < now:
            assert (received <= threshold) is (forward_by(received, law) < now), received


def test_paper_of_a_friday_evening_waits_until_monday_begins() -> None:
    """DOS-08 (part), T1, T2: 16 October 2026 is a Friday."""
    law = Law(pack=pack_named(load_packs(), "2026"), calendar=load_calendar())
    assert handed_before(at(16, 18), law) == at(16, 15), "after office hours: what came by 15:00"
    assert handed_before(at(19, 7), law) == at(16, 15), "Monday before work begins: no more than that"
    monday = handed_before(at(19, 9), law)
    assert monday is not None
    assert monday > at(18, 23), "and then the week-end's, too"


def test_what_may_not_qualify_is_told_of_on_the_second_working_day() -> None:
    """DOS-09 (part), T3: received on Monday, told of on Wednesday, back by the end of Thursday."""
    law = Law(pack=pack_named(load_packs(), "2026"), calendar=load_calendar())
    received = at(12, 9)
    assert return_ineligible_by(received, law) == at(15, 17)
    told = {day: returned_before(at(day, 0), law) for day in (13, 14, 15)}
    assert [bool(moment and received <= moment) for moment in told.values()] == [False, True, True]


def test_without_a_calendar_nothing_is_guessed() -> None:
    law = Law(pack=pack_named(load_packs(), "2026"), calendar=WorkingCalendar({}))
    assert handed_before(at(16), law) is None
    assert returned_before(at(16), law) is None
