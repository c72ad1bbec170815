"""The nine indicators of TT 01/2018/TT-VPCP, point by point; the decree's list; the plan's targets; the file."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import jsonschema_rs
import pytest
from score_house import at, fact

from gateway.rules.limits import officer_class
from gateway.rules.packs import load_packs
from gateway.scores import indicators
from gateway.scores.export import COLUMNS, as_csv, as_json, document
from gateway.scores.indicators import nine
from gateway.scores.marks import marks_of
from gateway.scores.measures import of_224, of_1565
from gateway.scores.model import Busy, Count, Fact, Figure, Period, Window
from gateway.scores.packs import load_scorecards
from gateway.scores.scoring import Card, score
from gateway.scores.words import FIGURES

SCHEMA = json.loads((Path(indicators.__file__).parent / "schema.json").read_text(encoding="utf-8"))
RUNNING = tuple(f"{pack.id}:{status}" for pack in load_packs() for status in (2, 4))
WINDOW = Window(period=Period.parse("2026-10"), cut_off=at(5, month=11), within_s=60, running=RUNNING)


def counted(*facts: Fact) -> list[Count]:
    marks = [(one.agency, figure, mark) for one in facts for figure, mark in marks_of(one, WINDOW).items()]
    return [Count(agency=a, figure=f, mark=m, count=1, seconds=60.0 * (f == "handled")) for a, f, m in marks]


def share(numerator: int, denominator: int) -> Figure:
    return Figure(id="", numerator=numerator, denominator=denominator)


def test_indicators_1_and_2_shorter_equal_longer() -> None:
    """KPI-03 (part)."""
    assert [indicators.time_points(difference) for difference in (-1, 0, 1)] == [2, 1, 0]


def test_indicators_3_and_4_none_one_more() -> None:
    """KPI-03 (part)."""
    assert [indicators.contact_points(times) for times in (0, 1, 2, 7)] == [2, 1, 0, 0]


def test_indicator_5_everything_received_and_a_fifth_decided_at_the_one_stop() -> None:
    """KPI-03 (part)."""
    some, all_ = Fraction(99, 100), Fraction(1)
    asked = [(all_, Fraction(20, 100)), (all_, Fraction(19, 100)), (some, Fraction(1, 2))]
    assert [indicators.one_stop_points(received, decided) for received, decided in asked] == [2, 1, 0]


def test_indicator_6_posted_and_electronic() -> None:
    """KPI-03 (part)."""
    ways = [(True, True), (True, False), (False, True), (False, False)]
    assert [indicators.publicity_points(posted=p, electronic=e) for p, e in ways] == [2, 1, 1, 0]


def test_indicator_7_early_on_time_or_somebody_complained() -> None:
    """KPI-03 (part): of a late dossier without a complaint the rule says nothing, and nothing is made up."""
    assert [indicators.attitude_points(time, complained=False) for time in (2, 1, 0)] == [2, 1, None]
    assert indicators.attitude_points(2, complained=True) == 0


@pytest.mark.parametrize(
    ("answered", "of", "points"), [(0, 0, 2), (100, 100, 2), (99, 100, 1), (90, 100, 1), (89, 100, 0), (899, 1000, 0)]
)
def test_indicator_8_all_90_per_cent_less(answered: int, of: int, points: int) -> None:
    """KPI-03 (part): the boundaries of 100 % and 90 %."""
    assert indicators.complaint_points(share(answered, of), dragging=False) == points
    assert indicators.complaint_points(share(answered, of), dragging=True) == 0


@pytest.mark.parametrize(
    ("online", "services", "late", "points"),
    [(30, 20, 0, 2), (29, 20, 0, 1), (30, 19, 0, 1), (15, 1, 0, 1), (14, 90, 0, 0), (90, 90, 1, 0), (90, 0, 0, 0)],
)
def test_indicator_9_thirty_and_fifteen_per_cent_and_none_late(
    online: int, services: int, late: int, points: int
) -> None:
    """KPI-03 (part): the boundaries of 30 % and 15 %."""
    assert indicators.online_points(share(online, 100), services=Fraction(services, 100), late=late) == points


@pytest.mark.parametrize(
    ("points", "mean"), [("495/100", "5.0"), ("194/100", "1.9"), ("195/100", "2.0"), ("7/6", "1.2")]
)
def test_a_mean_has_one_decimal(points: str, mean: str) -> None:
    """KPI-04, T16."""
    assert str(indicators.mean_points(Fraction(points))) == mean


def test_classes_begin_at_their_boundaries() -> None:
    """KPI-04: officers at 5 and 3.5, bodies at 15, 12, 9 and 6."""
    assert [officer_class(Decimal(p)) for p in ("5", "4.9", "3.5", "3.4")] == ["full", "fair", "fair", "low"]
    at_boundaries = [("18", "15", "14.9"), ("12", "11.9"), ("9", "8.9"), ("6", "5.9")]
    assert [[indicators.body_class(Decimal(p))[0] for p in pair] for pair in at_boundaries] == [
        ["excellent", "excellent", "good"],
        ["good", "fair"],
        ["fair", "average"],
        ["average", "weak"],
    ]


def test_the_nine_of_a_month() -> None:
    """KPI-04, KPI-03 (part): two indicators are counted by dossiers; what is not known is not added up (Art 15.4.b)."""
    found = nine(
        counted(
            fact(1),
            fact(2, contacts=1, finished_at=at(20)),
            fact(3, contacts=5, finished_at=at(25)),
            fact(4, due_at=None),
        )
    )
    by = {line.id: line for line in found.lines}
    assert len(found.lines) == 9
    assert (by["total_time"].points, by["total_time"].dossiers, by["total_time"].excluded) == (Decimal("1.0"), 3, 1)
    assert (by["contacts"].points, by["contacts"].dossiers) == (Decimal("1.3"), 4)
    assert by["online"].points == 0, "an online dossier was late, so it is nought whatever else is true"
    assert [line.id for line in found.known] == ["total_time", "contacts", "online"]
    assert found.points == Decimal("2.3")
    assert all(line.why_vi for line in found.lines if line.points is None)
    assert found.body is None, "2.3 to 14.3"
    assert found.officers is None, "2.3 to 8.3"


def test_more_than_nought_for_online_is_not_claimed() -> None:
    """KPI-03 (part): how many procedures are offered online is not known here."""
    (line,) = [line for line in nine(counted(fact(1))).lines if line.id == "online"]
    assert line.points is None
    assert "thủ tục" in line.why_vi
    (few,) = [
        line for line in nine(counted(*(fact(n, channel="counter") for n in range(9)))).lines if line.id == "online"
    ]
    assert few.points == 0


def test_the_decree_has_each_letter_measured_or_said_unknown() -> None:
    """KPI-06: from events, not typed in."""
    lines = of_224(counted(fact(1), fact(2, channel="counter", finished_at=at(25))))
    letters = [line.source.rpartition(".")[2] for line in lines]
    assert letters == ["a", "b", "b", "b", "c", "đ", "e", "g"]
    measured = {line.id: line.figure for line in lines if line.figure}
    assert measured["online"] == Figure(id="online", numerator=1, denominator=2)
    assert measured["on_time"] == Figure(id="on_time", numerator=1, denominator=2)
    assert all(line.why_vi and line.why_en for line in lines if line.figure is None)


def test_targets_of_the_plan_are_reached_or_not_or_unknown() -> None:
    """KPI-14: satisfaction from 95 %, results and reuse at 100 %."""
    busy = [Busy(procedure="1.009999", received=1000, finished=10, e_results=10, with_papers=9, reused=8)]
    rated = [Count(agency="A", figure="satisfied", mark=mark, count=count) for mark, count in (("y", 95), ("n", 5))]
    assert [line.is_reached for line in of_1565(rated, busy)] == [True, True, False]
    assert of_1565([], [])[0].is_reached is None
    assert [line.target for line in of_1565(rated, busy)] == [0.95, 1.0, 1.0]


def told(*facts: Fact) -> dict[str, object]:
    (pack,) = load_scorecards()
    counts = counted(*facts)
    card = Card(
        pack=pack, period=WINDOW.period, scope="", cut_off=WINDOW.cut_off, groups=score(pack, counts), counts=counts
    )
    busy = [Busy(procedure="1.009999", received=1000, finished=10, e_results=10, with_papers=9, reused=8)]
    return document(card, nine(counts), [*of_224(counts), *of_1565(counts, busy)])


@pytest.mark.parametrize("facts", [[], [fact(1)], [fact(1), fact(2, finished_at=at(25), contacts=2)]])
def test_the_file_is_as_its_schema_says(facts: list[Fact]) -> None:
    """KPI-07."""
    jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True).validate(json.loads(as_json(told(*facts))))


def test_the_schema_refuses_another_shape() -> None:
    """KPI-07: it is a promise, so it must be able to be broken."""
    validator = jsonschema_rs.Draft202012Validator(SCHEMA)
    whole = json.loads(as_json(told(fact(1))))
    for wrong in ({**whole, "points": "61"}, {**whole, "more": 1}, {**whole, "period": "10/2026"}):
        assert not validator.is_valid(wrong)


def test_lines_for_spreadsheets_hold_every_figure() -> None:
    """KPI-07: what is unknown is an empty place."""
    text = as_csv(told(fact(1)))
    assert text.startswith("\ufeffperiod,scope,")
    lines = list(csv.DictReader(io.StringIO(text[1:])))
    assert tuple(lines[0]) == COLUMNS
    assert len(lines) == 14 + 9 + 8 + 3
    by = {(line["set"], line["indicator"]): line for line in lines}
    assert by["QĐ 766/QĐ-TTg", "published"]["points"] == ""
    assert by["QĐ 766/QĐ-TTg", "on_time"]["numerator"] == "1"
    assert by["TT 01/2018/TT-VPCP", "total_time"]["points"] == "2.0"
    assert by["NĐ 224/2026", "on_time"]["share"] == "1.0"


def test_every_figure_says_what_it_is_made_of() -> None:
    """KPI-09 (part): in both languages."""
    figures = {
        figure
        for one in (fact(1), fact(2, mirrored=True), fact(3, finished_at=at(25)))
        for figure in marks_of(one, WINDOW)
    }
    assert figures - {"handled"} <= set(FIGURES)
    for words in FIGURES.values():
        for pair in (words.name, words.numerator, words.denominator, words.excluded, words.no):
            assert all(pair)
