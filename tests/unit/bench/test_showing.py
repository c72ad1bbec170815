"""The table and the plot of a made-up result."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import compare
from comparison import plot, slow_target, table
from comparison.cases import CASES
from comparison.figures import Round, compared
from comparison.machine import Cores
from comparison.subjects import GATEWAY, TITLES

ONE = Round(
    requests=1000,
    rate=1500.0,
    p50_ms=4.0,
    p99_ms=9.0,
    cpu_ms=0.5,
    upstream_cpu_ms=0.1,
    postgres_cpu_ms=0.25,
    rss_mb=140.0,
    answers=1000,
    load_cpu_ms=0.125,
)
PEER = replace(ONE, rate=150.0, cpu_ms=6.0, postgres_cpu_ms=0.0)
ROUNDS = {GATEWAY: [ONE, replace(ONE, cpu_ms=0.6)], "naive_async": [PEER, PEER]}
HEAD: dict[str, Any] = {
    "on": "2026-11-29",
    "commit": "0123456789abcdef+changes",
    "machine": "2 cores of <an EPYC> & more",
    "cores": {"subject": [0], "others": [1], "apart": True},
    "load_before": 0.1,
    "load_after": 2.0,
    "options": {"rounds": 2, "seconds": 2.0, "warm_s": 1.0},
}
RESULT: dict[str, Any] = {
    "cases": {
        "citizen": {
            **HEAD,
            "title": "Citizen look-up",
            "work": "REST → SOAP → REST",
            "lines": 32,
            "shown": "cpu_ms",
            "subjects": compared(ROUNDS, ours=GATEWAY),
            "absent": {"nginx": "nginx is not | installed\nhere"},
        }
    },
}


def test_the_table_has_a_row_for_everybody_and_names_who_was_absent() -> None:
    text = table.markdown(RESULT)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 3
    assert all(row.count("|") == 9 for row in rows)
    assert "absent: nginx is not / installed here" in rows[-1]
    assert "| 0.550 (+0.25) |" in rows[2]
    assert "11.0 (10.0–12.0)" in rows[3]


def test_the_table_says_on_what_it_was_measured() -> None:
    text = table.markdown(RESULT)
    assert "2026-11-29, 0123456789+changes, 2 cores" in text
    assert "core 0; load, upstream and PostgreSQL on 1." in text


def test_where_nothing_was_pinned_the_table_says_no_core() -> None:
    anywhere = copy.deepcopy(RESULT)
    anywhere["cases"]["citizen"]["cores"] = Cores(frozenset({0}), frozenset({1})).told(
        subject_anywhere=True, others_anywhere=True
    )
    text = table.markdown(anywhere)
    assert "Everything ran on all cores," in text
    assert "core 0" not in text
    told = compare._told(CASES["slow"], {}, {}, cores=Cores(frozenset({0}), frozenset({1})))
    anywhere["cases"]["citizen"]["cores"] = told["cores"]
    assert "core 0 and 1; load, upstream and PostgreSQL on 1." in table.markdown(anywhere)


def test_the_table_tells_what_the_others_cost_where_that_is_known() -> None:
    rows = [line for line in table.markdown(RESULT).splitlines() if line.startswith("|")]
    assert rows[2].endswith("| 140 | 0.100, 0.125 |")
    rounds = {GATEWAY: [replace(ONE, load_cpu_ms=0.0)], "direct": [replace(ONE, load_cpu_ms=0.0, upstream_cpu_ms=0.0)]}
    subjects = compared(rounds, ours=GATEWAY)
    case = {**RESULT["cases"]["citizen"], "subjects": subjects}
    rows = [line for line in table.markdown({"cases": {"citizen": case}}).splitlines() if line.startswith("|")]
    assert rows[2].endswith("| 0.100, – |")
    assert rows[3].endswith("|  |")


def test_where_nobody_was_apart_the_table_says_so() -> None:
    alone = copy.deepcopy(RESULT)
    alone["cases"]["citizen"]["cores"] = {"subject": [0], "others": [0], "apart": False}
    assert "one core for everything" in table.markdown(alone)


def test_the_terminal_has_one_line_a_case() -> None:
    line = table.terminal("citizen", RESULT["cases"]["citizen"])
    assert "\n" not in line
    assert "naive_async ×11.0" in line
    assert "nginx absent" in line


def test_the_plot_is_xml_with_a_bar_for_everybody_that_was_measured() -> None:
    root = ElementTree.fromstring(plot.plot(RESULT))
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{space}rect")) == 1 + 2
    texts = [text.text for text in root.iter(f"{space}text")]
    assert TITLES[GATEWAY] in texts
    assert "absent" in texts


def test_a_case_whose_point_is_the_rate_is_plotted_by_it() -> None:
    result = copy.deepcopy(RESULT)
    case = result["cases"]["citizen"]
    case["shown"] = "rate"
    case["subjects"] = compared({GATEWAY: [ONE], "plain_20": [replace(PEER, cpu_ms=0.0)]}, ours=GATEWAY)
    drawn = plot.plot(result)
    assert "Citizen look-up: a second; longer is better" in drawn
    assert ">1,500<" in drawn


def test_what_costs_so_many_times_as_much_has_a_bar_so_many_times_as_long() -> None:
    root = ElementTree.fromstring(plot.plot(RESULT))
    ours, theirs = (float(bar.get("width", "0")) for bar in root.findall("{http://www.w3.org/2000/svg}rect")[1:])
    assert round(theirs / ours, 1) == round(6.0 / 0.55, 1)


def test_no_p99_of_few_answers_is_drawn_nor_does_it_stretch_the_axis() -> None:
    rounds = {GATEWAY: [ONE], "naive_threads": [replace(PEER, answers=16, p99_ms=64_131.0)]}
    case = {**RESULT["cases"]["citizen"], "shown": "p99_ms", "subjects": compared(rounds, ours=GATEWAY)}
    drawn = plot.plot({"cases": {"slow_target": case}})
    assert "p99, ms; shorter is better" in drawn
    assert "– (fewer than 100 answers)" in drawn
    assert "64,131" not in drawn
    assert ">10<" not in drawn


def test_cases_of_other_days_say_so_each() -> None:
    case = RESULT["cases"]["citizen"]
    later = {**case, "on": "2026-12-24"}
    assert plot.plot({"cases": {"citizen": case, "signed": case}}).count("2026-11-29, 2 cores") == 1
    drawn = plot.plot({"cases": {"citizen": case, "signed": later}})
    assert "2026-11-29, 2 cores of &lt;an EPYC&gt; &amp; more, load 0.1 before and 2.0 after" in drawn
    assert "2026-12-24, 2 cores" in drawn


def test_a_p99_of_few_answers_is_not_told() -> None:
    case = RESULT["cases"]["citizen"]
    few = compared({GATEWAY: [replace(ONE, answers=99)]}, ours=GATEWAY)
    assert "| 4.0, – |" in table.markdown({"cases": {"citizen": {**case, "subjects": few}}})


def test_a_case_that_was_not_measured_stays_with_its_day_and_load(tmp_path: Path) -> None:
    later = {**RESULT["cases"]["citizen"], "on": "2026-12-24", "load_before": 0.3}
    compare.write(RESULT["cases"] | {"signed": later}, tmp_path)
    compare.write({"citizen": later}, tmp_path)
    compare.write({"signed": RESULT["cases"]["citizen"]}, tmp_path)
    found = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))["cases"]
    assert [(name, case["on"]) for name, case in found.items()] == [("citizen", "2026-12-24"), ("signed", "2026-11-29")]
    text = (tmp_path / "comparison.md").read_text(encoding="utf-8")
    assert "2026-12-24, 0123456789+changes, 2 cores" in text
    assert "2026-11-29, 0123456789+changes, 2 cores" in text


def test_a_result_of_old_gives_each_case_its_day() -> None:
    bare = {name: value for name, value in RESULT["cases"]["citizen"].items() if name not in HEAD}
    assert compare.merged({**HEAD, "cases": {"citizen": bare}}, {}) == RESULT["cases"]


def test_beside_a_slow_target_the_table_says_how_waits_grew_and_what_its_callers_were_told() -> None:
    slower = replace(ONE, p99_ms=18.0, shed=3)
    found = slow_target.Found(alone=[ONE, ONE], beside=[slower, ONE])
    found.outcomes.update({"undetermined partner.circuit_open": 1200, "answered": 0})
    case = slow_target.told({GATEWAY: found}, {"by_hand": "not here"})
    assert case["subjects"][GATEWAY]["p99_of_alone"] == {"median": 1.5, "least": 1.0, "greatest": 2.0}
    result = {"cases": {"slow_target": {**HEAD, **case}}}
    text = table.markdown(result)
    assert "| 4.0, 9.0 | 4.0, 13.5 | 1.00 (1.00–1.00), 1.50 (1.00–2.00) |" in text
    assert "1,200 × undetermined partner.circuit_open |" in text
    assert " and 2 shed |" in text
    assert "beside the slow target ×1.50" in table.terminal("slow_target", case)
    ElementTree.fromstring(plot.plot(result))
