"""Axes and their marks, and the pictures that are drawn from results of old and of now."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import drawing
import lag
import pytest
import reconciliation
import search
import streams
from repository import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / f"docs/{name}.json").read_text(encoding="utf-8"))
    return found


def words(drawn: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("high", "marks"),
    [
        (2.2, ["0", "0.5", "1", "1.5", "2"]),
        (4839.0, ["0", "1,000", "2,000", "3,000", "4,000"]),
        (0.9, ["0", "0.2", "0.4", "0.6", "0.8"]),
        (1.0, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
    ],
)
def test_a_linear_axis_has_round_marks_and_no_more_than_fit(high: float, marks: list[str]) -> None:
    assert [*drawing.linear(high, 0, 100).marks().values()] == marks


def test_a_logarithmic_axis_has_more_marks_where_it_has_few_decades() -> None:
    assert [*drawing.Axis(0.1, 1000, 0, 100).marks().values()] == ["0.1", "1", "10", "100", "1,000"]
    assert [*drawing.Axis(10, 100, 0, 100).marks().values()] == ["10", "20", "50", "100"]


def test_twice_as_much_is_twice_as_far_or_as_far_again() -> None:
    axis = drawing.linear(8, 10, 80)
    assert [axis.at(value) for value in (0, 2, 4)] == [10, 30, 50]
    axis = drawing.Axis(1, 1000, 10, 300)
    assert [axis.at(value) for value in (0, 1, 10, 100)] == pytest.approx([10, 10, 110, 210])


def test_what_a_result_does_not_say_is_left_out() -> None:
    assert drawing.measured({"cores": 2}) == "2 cores"
    now = {"on": "2026-11-30", "machine": "an EPYC", "cores": 2, "load_before": 0.5, "load_after": 1.0}
    assert drawing.measured(now) == "2026-11-30, an EPYC, load 0.5 before and 1.0 after"


def test_seconds_and_memory_have_a_panel_each_and_growth_is_drawn_beside_seconds_alone() -> None:
    found = of("reconciliation")
    drawn = reconciliation.plot(found)
    lines = ElementTree.fromstring(drawn).findall(f"{SVG}polyline")
    assert [line.get("stroke") for line in lines] == [drawing.LIMIT, drawing.OURS, drawing.OURS]
    figures = {f"{run[name]:g}" for run in found["runs"] for name in ("seconds", "peak_mb")}
    assert {"seconds of ours", "peak of resident memory, MB", *figures} <= set(words(drawn))


def test_memory_over_time_has_marks_of_both() -> None:
    found = of("streams")
    told = words(streams.plot(found | {"all_sent_s": 30.5, "points": [(0.5, 160.0), (95.0, 170.0)], "highest_mb": 170}))
    assert {"0", "20", "80", "seconds", "100", "all sent, 30.5 s"} <= set(told)


def test_each_kind_of_search_has_its_figures() -> None:
    found = of("search")
    told = words(search.plot(found))
    assert found["kinds"].keys() <= set(told)
    assert f"{found['at_once']['p50']:.0f}, {found['at_once']['p95']:.0f}" in told


def test_the_lag_is_told_at_95_of_100() -> None:
    told = words(lag.plot([number / 1000 for number in range(1, 1001)], of("delivery-lag")))
    assert {"p95 0.95 s", "95%", "0.001", "10"} <= set(told)
