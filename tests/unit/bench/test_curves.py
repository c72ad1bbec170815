"""The cost curves: how a trend, a profile, a table and a plot come from what was measured."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import curves
import drawing
import pytest
from comparison.asking import Answers, WrongAnswer
from comparison.figures import Round
from comparison.padding import padded
from curving import draw, lasting, page
from curving.bodies import PAPERS, ROUNDS, dossier, dossiers, length
from curving.fit import second_half, trend
from curving.measuring import LONGEST_S, Plan, Report, Series, lasting_s, spread
from curving.memory import summed
from curving.points import point, short
from curving.shares import OTHER, REST, part_of, rest, shares, table
from endurance import MIX, Mixed
from startup import _missing, verdict

from gateway.api.schemas.dossiers import DossierIn

ONE = Round(
    requests=100, rate=500.0, p50_ms=4.0, p99_ms=9.0, cpu_ms=2.0, upstream_cpu_ms=0.1, postgres_cpu_ms=0.5, rss_mb=80.0
)
SVG = "{http://www.w3.org/2000/svg}"
FOUND: dict[str, Any] = {
    "on": "2026-11-29",
    "machine": "2 cores of <an EPYC> & more",
    "load_before": 0.1,
    "load_after": 2.0,
    "options": {"rounds": 3, "seconds": 2.0, "warm_s": 1.0},
    "series": {
        "intake": [point(0, [ONE]), point(1_000_000, [ONE])],
        "delivery": [point(0, [Round(100, 900.0, 0, 0, 0.1, 0, 0.1, 0)])],
    },
    "profiles": {},
}


def test_a_trend_is_the_slope_whatever_a_few_steps_say() -> None:
    points = [(float(x), 100.0 + 2.0 * x) for x in range(60)]
    points[20], points[40] = (20.0, 900.0), (40.0, 0.0)
    found = trend(points)
    assert found.slope == pytest.approx(2.0)
    assert found.low <= 2.0 <= found.high
    assert found.grows_by(1.0)
    assert not found.grows_by(3.0)


def test_what_goes_up_and_down_is_no_trend() -> None:
    found = trend([(float(x), 100.0 + (x * 7919 % 13)) for x in range(100)])
    assert found.low < 0 < found.high
    assert not found.grows_by(0.0)


def test_too_few_points_have_no_trend() -> None:
    assert trend([]) == trend([(1.0, 2.0), (2.0, 9.0)])
    assert trend([(1.0, 5.0)] * 9).slope == 0.0


def test_many_points_are_thinned_and_tell_the_same() -> None:
    assert trend([(float(x), 3.0 * x) for x in range(5000)]).slope == pytest.approx(3.0)


def test_the_second_half_is_by_requests_not_by_readings() -> None:
    assert second_half([(0, 1), (1, 1), (2, 1), (60, 1), (100, 1)]) == [(60, 1), (100, 1)]


@pytest.mark.parametrize(
    ("frame", "part"),
    [
        ("sealed (gateway/audit/rows.py:33)", "audit log"),
        ("execute (psycopg/cursor_async.py:97)", "psycopg"),
        ("run (/opt/venv/lib/python3.11/site-packages/uvicorn/server.py:60)", "uvicorn and the loop"),
        ("_run_once (/usr/lib/python3.11/asyncio/base_events.py:1)", "uvicorn and the loop"),
        ("listen (gateway/new/book.py:1)", "other of the gateway"),
        ("listen (gateway/places/book.py:1)", "dossiers"),
        ("loads (json/__init__.py:346)", ""),
        ("__init__ (<string>:3)", ""),
    ],
)
def test_a_frame_belongs_to_the_part_of_its_file(frame: str, part: str) -> None:
    assert part_of(frame) == part


def test_every_package_of_the_gateway_is_somebodys_part() -> None:
    for place in (Path(__file__).parents[3] / "gateway").iterdir():
        if place.name.startswith("__"):
            continue
        file = place.name if place.suffix == ".py" else f"{place.name}/model.py"
        assert part_of(f"do (gateway/{file}:1)") not in {"", REST}, place.name


def test_what_is_nobodys_part_is_told_by_file() -> None:
    lines = [
        "run (uvicorn/server.py:60);do (/opt/site-packages/gateway/new/book.py:9);dumps (json/__init__.py:1) 30",
        "run (uvicorn/server.py:60);more (gateway/new/book.py:12) 10",
        "run (uvicorn/server.py:60) 60",
    ]
    assert rest(lines) == {"gateway/new/book.py": 0.4}


def test_a_sample_is_that_of_the_innermost_frame_that_is_somebodys() -> None:
    """Time in the standard library is that of whoever called it."""
    lines = [
        "run (uvicorn/server.py:60);answer (gateway/api/lean.py:9);dumps (json/__init__.py:1) 30",
        "run (uvicorn/server.py:60) 60",
        "thread (threading.py:1) 10",
        "not a sample",
    ]
    assert shares(lines) == {"uvicorn and the loop": 0.6, "HTTP edge": 0.3, OTHER: 0.1}
    assert shares([]) == {}


def test_the_table_of_profiles_has_a_row_for_each_part_that_matters() -> None:
    text = table({"citizen": {"audit log": 0.4, "psycopg": 0.6}, "signed": {"audit log": 0.9, "mapping": 0.001}})
    assert text.splitlines()[2:] == ["| audit log | 40.0 | 90.0 |", "| psycopg | 60.0 |  |"]


def test_answers_grow_within_what_they_are() -> None:
    firm = padded(b'{"Data":{"BusinessActivity":[{"CODE":"6201"}],"Member":[]}}', 5000)
    activities = json.loads(firm)["Data"]["BusinessActivity"]
    assert 5000 <= len(firm) < 5300
    assert activities[-1] == {"CODE": "6201"}
    assert activities[0].keys() == {"CODE", "NAME", "IS_MAIN"}
    person = padded(b'<c xmlns:ns1="urn:x"><ns1:CongDan><ns1:SoCMND/></ns1:CongDan></c>', 3000)
    assert len(ElementTree.fromstring(person)[0]) > 20
    assert padded(b"<KetQuaXacThuc/>", 5000) == b"<KetQuaXacThuc/>"
    assert padded(firm, 10) == firm


@pytest.mark.parametrize("size", [1_000, 4_000, 64_000, 256_000, 1_000_000])
def test_a_dossier_of_a_size_is_one_that_the_contract_takes(size: int) -> None:
    document = dossier(size)
    assert abs(length(document) - size) < max(0.05 * size, 700)
    assert len(document["components"]) <= PAPERS
    assert len(document["supplements"]) <= ROUNDS
    assert DossierIn.model_validate(document).supplements is not None


def test_memory_is_read_from_the_kernels_sums() -> None:
    rollup = (
        "55d0-7ffd ---p 00000000 00:00 0    [rollup]\n"
        "Rss:   2048 kB\nPss:   1536 kB\nPss_Anon:   9999 kB\nPrivate_Clean:   512 kB\nPrivate_Dirty:   512 kB\n"
    )
    assert summed(rollup) == {"rss_mb": 2.0, "pss_mb": 1.5, "private_mb": 1.0}


def test_a_table_is_put_between_its_markers_and_the_words_stay(tmp_path: Path) -> None:
    text = "Words.\n<!-- log -->\nold | table\n<!-- /log -->\nMore words.\n"
    (tmp_path / page.CURVES).write_text(text, encoding="utf-8")
    page.fill(tmp_path, {"log": "| new |\n"})
    page.fill(tmp_path, {"log": "| new |\n"})
    assert (tmp_path / page.CURVES).read_text(encoding="utf-8") == (
        "Words.\n<!-- log -->\n\n| new |\n\n<!-- /log -->\nMore words.\n"
    )
    with pytest.raises(ValueError, match="substring not found"):
        page.fill(tmp_path, {"tenants": "| new |"})
    page.fill(tmp_path / "nowhere", {"log": "| new |"})


def test_a_curve_has_a_row_for_each_point() -> None:
    lines = page.curve("backlog", FOUND).splitlines()
    assert lines[2] == "| event taken in | 0 | 4.0, 9.0 | 2.000, 0.500 | 500 | 80 |"
    assert lines[3].startswith("| event taken in | 1M |")
    assert lines[4] == "| message delivered | 0 |  | 0.100, 0.100 | 900 |  |"


def test_a_busy_machine_or_few_rounds_make_a_table_provisional() -> None:
    assert "PROVISIONAL" not in page.curve("backlog", FOUND)
    for busy in (FOUND | {"load_before": 1.6}, FOUND | {"options": {"rounds": 2, "seconds": 2.0}}):
        assert page.curve("backlog", busy).startswith("**PROVISIONAL**")
    assert lasting.table(_lasted(1_000_000, 0.0) | {"load_before": 9.0}).startswith("**PROVISIONAL**")


def test_a_p99_is_told_from_a_hundred_answers_on() -> None:
    few = FOUND | {"series": {"intake": [point(0, [replace(ONE, requests=99)])]}}
    assert "| 4.0, – |" in page.curve("backlog", few)


def test_a_round_lasts_until_there_are_answers_enough_and_no_longer_than_its_patience() -> None:
    plan = Plan(
        rounds=3, seconds=2.0, warm_s=1.0, profile_s=0, payloads=[], callers=[], backlog=[], leaves=[], tenants=[]
    )

    def lasts(rate: int, callers: int) -> float:
        return lasting_s(plan, Answers([0.01] * rate, seconds=1.0), callers=callers)

    assert lasts(1000, 32) == 2.0
    assert lasts(20, 4) == 10.0
    assert lasts(500, 1000) == 10.0
    assert lasts(0, 4) == lasts(1, 4) == LONGEST_S


def test_callers_are_as_many_as_is_said_and_everybody_has_one() -> None:
    assert spread(32, 12) == [2] * 4 + [3] * 8
    assert sum(spread(32, 12)) == 32
    assert spread(32, 34) == [1] * 34
    assert spread(1, 1) == [1]


def test_dossiers_of_all_sizes_are_told_under_codes_of_their_own() -> None:
    numbers = count()
    asks = [dossiers("key", size=size, numbers=numbers) for size in (1_000, 4_000)]
    heads = [ask.make(0).split(b" HTTP")[0] for ask in asks for _ in range(3)]
    assert len(set(heads)) == 6


def test_of_curves_the_finished_stay_when_another_gets_a_wrong_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object) -> Series:
        raise WrongAnswer("503")

    found = {"log": lambda *_: {"citizen": [point(10, [ONE])]}, "tenants": wrong, "backlog": lambda *_: FOUND["series"]}
    monkeypatch.setattr(curves, "CURVES", found)
    before = FOUND | {"series": {"citizen": [point(4, [ONE])]}, "on": "2026-01-01"}
    curves.write({"tenants": before}, tmp_path)
    monkeypatch.setattr("sys.argv", ["curves.py", "--curves", *found, "--write", str(tmp_path)])
    assert curves.measure(curves._options()) == ["tenants"]
    told = json.loads((tmp_path / "curves.json").read_text(encoding="utf-8"))
    assert told["tenants"]["on"] == "2026-01-01"
    assert told["log"]["series"]["citizen"][0]["x"] == 10
    assert "backlog" in told


def test_profiles_alone_leave_what_was_measured_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Plan] = []

    def profiled(plan: Plan, report: Report) -> Series:
        plans.append(plan)
        report.profiles["4 callers"] = {"HTTP edge": 0.5}
        return {}

    monkeypatch.setattr(curves, "CURVES", {"backlog": profiled})
    curves.write({"backlog": FOUND}, tmp_path)
    monkeypatch.setattr("sys.argv", ["curves.py", "--curves", "backlog", "--profiles-only", "--write", str(tmp_path)])
    assert curves.measure(curves._options()) == []
    told = json.loads((tmp_path / "curves.json").read_text(encoding="utf-8"))["backlog"]
    assert (told["on"], told["series"].keys()) == (FOUND["on"], FOUND["series"].keys())
    assert told["profiles"] == {"4 callers": {"HTTP edge": 0.5}}
    assert told["profiled"]["on"] > FOUND["on"]
    assert "| HTTP edge | 50.0 |" in page.curve("backlog", told)
    assert [(plan.rounds, plan.callers, plan.profile_s) for plan in plans] == [(1, [1, 1_000], curves.PROFILE_S)]


def test_the_plot_is_xml_with_a_point_for_each_figure_that_was_measured() -> None:
    root = ElementTree.fromstring(draw.plot({"backlog": FOUND}))
    assert len(root.findall(f"{SVG}circle")) == 2 * 5 + 3
    places = [float(circle.attrib["cx"]) for circle in root.findall(f"{SVG}circle")]
    assert min(places) >= draw.LEFT


def test_each_row_of_the_plot_says_when_and_where_it_was_measured() -> None:
    drawn = draw.plot({"backlog": FOUND, "log": FOUND | {"on": "2026-11-30", "machine": "another"}})
    assert "2026-11-29, 2 cores of &lt;an EPYC&gt; &amp; more, load 0.1 before" in drawn
    assert "2026-11-30, another, load 0.1 before" in drawn


def test_a_p99_is_drawn_from_a_hundred_answers_on() -> None:
    few = FOUND | {"series": {"intake": [point(0, [replace(ONE, requests=99)])]}}
    root = ElementTree.fromstring(draw.plot({"backlog": few}))
    assert len(root.findall(f"{SVG}circle")) == 4


def test_nothing_stands_a_decade_before_the_least() -> None:
    axis = drawing.along([0, 1_000, 100_000], 0, 300)
    assert axis.at(0) == 0
    assert axis.at(1_000) == pytest.approx(100)
    assert axis.at(100_000) == pytest.approx(300)


@pytest.mark.parametrize(("number", "words"), [(0, "0"), (34, "34"), (1_000, "1k"), (256_000, "256k"), (1e7, "10M")])
def test_sizes_are_told_short(number: float, words: str) -> None:
    assert short(number) == words


def _lasted(requests: int, mb_for_100k: float, start_mb: float = 120.0) -> dict[str, Any]:
    at = [requests * n // 40 for n in range(1, 41)]
    samples = [
        {
            "requests": n,
            "seconds": n / 500,
            "rss_mb": start_mb + mb_for_100k * n / 100_000,
            "pss_mb": 90.0,
            "private_mb": 80.0,
            "files": 40,
            "threads": 5,
        }
        for n in at
    ]
    head = {"on": "2026-11-29", "machine": "m & n", "load_before": 0.1, "load_after": 0.2, "rate": 500, "cpu_ms": 1.5}
    return {**head, "asked": requests, "requests": requests, "mix": {"citizen": 0.6, "event": 0.4}, "samples": samples}


LIMITS = {"most_mb": 150.0, "most_growth": 1.0}


def test_memory_that_grows_fails_and_memory_that_stays_does_not() -> None:
    def holds(found: dict[str, Any]) -> list[bool]:
        return [one.holds for one in lasting.verdicts(found, **LIMITS)]

    assert holds(_lasted(1_000_000, 0.1)) == [True, True, True, True]
    assert holds(_lasted(1_000_000, 2.0)) == [True, True, False, False]
    assert holds(_lasted(1_000_000, 0.0, 151.0)) == [False, True, True, True]


def test_a_step_that_no_trend_sees_fails() -> None:
    """Late, and by more than memory may be more at the end."""
    found = _lasted(1_000_000, 0.0)
    for sample in found["samples"][-5:]:
        sample["rss_mb"] += 3.5
    *rest, later = lasting.verdicts(found, **LIMITS)
    assert all(one.holds for one in rest)
    assert not later.holds


@pytest.mark.parametrize(("asked", "done"), [(20_000, 20_000), (1_000_000, 400_000)], ids=["short", "interrupted"])
def test_a_run_of_less_than_was_asked_for_or_too_little_does_not_hold(asked: int, done: int) -> None:
    verdicts = lasting.verdicts(_lasted(done, 0.0) | {"asked": asked}, **LIMITS)
    assert not all(one.holds for one in verdicts)
    assert f"{done:,} of {asked:,}" in verdicts[-1].words


def test_of_a_short_run_no_trend_is_told() -> None:
    text = lasting.table(_lasted(20_000, 50.0))
    assert "second half" not in text
    assert "20,000 requests are too few" in text


def test_a_long_run_is_told_and_drawn() -> None:
    found = _lasted(1_000_000, 2.0)
    assert "| resident | 120.5 | 130.5 | 140.0 | +2.00 MB" in lasting.table(found)
    root = ElementTree.fromstring(lasting.plot(found))
    assert len(root.findall(f"{SVG}polyline")) == len(lasting.DRAWN)


def test_the_mix_of_a_long_run_is_what_it_says() -> None:
    asked = Mixed("key", lambda number: b"an event").make
    of = [asked(number) for number in range(len(MIX))]
    told = [b"/v1/citizens/", b"/v1/enterprises/", b"/v1/payments", b"an event"]
    assert [sum(words in one for one in of) for words in told] == [12, 4, 1, 3]


@pytest.mark.parametrize(("seconds", "holds"), [([1.0, 2.0, 9.0], True), ([1.0, 2.1, 2.2], False)])
def test_a_start_must_be_over_in_time(seconds: list[float], holds: bool) -> None:
    starts = [{"lookup": {"wall_s": one}} for one in seconds]
    assert verdict({"starts": starts}, most_s=2.0)[0] == holds


def test_an_answer_is_read_to_its_length() -> None:
    assert _missing(b"HTTP/1.1 200 OK\r\nContent-Le") > 0
    assert _missing(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc") == 7
    assert _missing(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc") == 0
