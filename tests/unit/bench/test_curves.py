"""The cost curves: how a trend, a profile, a table and a plot come from what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from comparison.figures import Round
from comparison.padding import padded
from curving import draw, lasting, page
from curving.bodies import PAPERS, ROUNDS, dossier, length
from curving.fit import second_half, trend
from curving.memory import summed
from curving.points import point, short
from curving.shares import OTHER, part_of, shares, table
from endurance import MIX, Mixed
from startup import _missing

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
    "options": {"rounds": 2, "seconds": 2.0, "warm_s": 1.0},
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
        ("listen (gateway/places/book.py:1)", "other of the gateway"),
        ("loads (json/__init__.py:346)", ""),
        ("__init__ (<string>:3)", ""),
    ],
)
def test_a_frame_belongs_to_the_part_of_its_file(frame: str, part: str) -> None:
    assert part_of(frame) == part


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
    (tmp_path / page.NAME).write_text(text, encoding="utf-8")
    page.fill(tmp_path, {"log": "| new |\n"})
    page.fill(tmp_path, {"log": "| new |\n"})
    assert (tmp_path / page.NAME).read_text(encoding="utf-8") == (
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


def test_the_plot_is_xml_with_a_point_for_each_figure_that_was_measured() -> None:
    root = ElementTree.fromstring(draw.plot({"backlog": FOUND}))
    assert len(root.findall(f"{SVG}circle")) == 2 * 4 + 2
    places = [float(circle.attrib["cx"]) for circle in root.findall(f"{SVG}circle")]
    assert min(places) >= draw.LEFT


def test_nothing_stands_a_decade_before_the_least() -> None:
    axis = draw.along([0, 1_000, 100_000], 0, 300)
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
    return {**head, "requests": requests, "mix": {"citizen": 0.6, "event": 0.4}, "samples": samples}


def test_memory_that_grows_fails_and_memory_that_stays_does_not() -> None:
    limits = {"most_mb": 150.0, "most_growth": 1.0}
    assert [one.holds for one in lasting.verdicts(_lasted(1_000_000, 0.1), **limits)] == [True, True]
    assert [one.holds for one in lasting.verdicts(_lasted(1_000_000, 2.0), **limits)] == [True, False]
    assert [one.holds for one in lasting.verdicts(_lasted(1_000_000, 0.0, 151.0), **limits)] == [False, True]


def test_of_a_short_run_no_trend_is_told() -> None:
    _, trend_of_it = lasting.verdicts(_lasted(20_000, 50.0), most_mb=150.0, most_growth=1.0)
    assert trend_of_it.holds
    assert "not told" in trend_of_it.words


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


def test_an_answer_is_read_to_its_length() -> None:
    assert _missing(b"HTTP/1.1 200 OK\r\nContent-Le") > 0
    assert _missing(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc") == 7
    assert _missing(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc") == 0
