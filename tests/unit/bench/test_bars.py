"""`make bench-check` on made-up results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from comparison import bars
from comparison.bars import Bar
from comparison.subjects import GATEWAY, TITLES

ROOT = Path(__file__).parents[3]
TOLD = {"on": "2026-11-29", "machine": "two cores"}
NOW = {"on": "2026-12-01", "machine": "three cores"}
AGAINST = Bar("citizen", "cpu_of_ours", 10.0, **TOLD, against="naive_async")
RATE = Bar("slow", "rate", 1000.0, **TOLD)
WAIT = Bar("slow", "p99_ms", 250.0, **TOLD)
SHED = Bar("slow", "shed_share", 0.001, **TOLD, fixed=True)


def result(
    *, ratio: float = 10.0, rate: float = 1000.0, p99: float = 250.0, shed: float | None = 0.0
) -> dict[str, Any]:
    return {
        "cases": {
            "citizen": {**NOW, "subjects": {"naive_async": {"cpu_of_ours": {"median": ratio, "least": 1.0}}}},
            "slow": {
                **NOW,
                "subjects": {GATEWAY: {"median": {"rate": rate, "p99_ms": p99}, "shed_share": shed}},
            },
        },
    }


def test_what_reaches_its_bar_holds() -> None:
    assert all(verdict.holds for verdict in bars.check(result(), [AGAINST, RATE, WAIT]))


@pytest.mark.parametrize(
    ("fallen", "bar"),
    [(result(ratio=9.9), AGAINST), (result(rate=999.0), RATE), (result(p99=251.0), WAIT)],
    ids=["a ratio", "a rate", "a wait that is longer"],
)
def test_what_falls_below_its_bar_fails_and_says_so(fallen: dict[str, Any], bar: Bar) -> None:
    [verdict] = bars.check(fallen, [bar])
    assert not verdict.holds
    assert verdict.words.startswith("FAILS")
    assert "two cores" in verdict.words


def test_a_peer_that_was_absent_holds_no_bar() -> None:
    [verdict] = bars.check(result(), [Bar("citizen", "cpu_of_ours", 0.1, **TOLD, against="by_hand")])
    assert not verdict.holds
    assert "not measured" in verdict.words


def test_a_recorded_bar_leaves_a_fifth_and_names_day_and_machine() -> None:
    above, _, most = bars.recorded(result(ratio=20.0, p99=100.0), [AGAINST, RATE, WAIT])
    assert (above.bar, above.on, above.machine) == (16.0, "2026-12-01", "three cores")
    assert most.bar == 120.0


def test_a_slow_target_may_make_the_waits_of_others_so_many_times_longer_and_no_more() -> None:
    bar = Bar("slow_target", "p99_of_alone", 1.2, **TOLD)
    for reached, holds in ((1.2, True), (1.21, False)):
        found = {"cases": {"slow_target": {"subjects": {GATEWAY: {"p99_of_alone": {"median": reached}}}}}}
        [verdict] = bars.check(found, [bar])
        assert (verdict.holds, verdict.reached) == (holds, reached)


def test_what_a_result_says_nothing_of_keeps_its_bar() -> None:
    assert bars.recorded({"cases": {}}, [RATE]) == [RATE]


def test_a_gateway_that_answers_a_few_and_sends_the_rest_away_fails() -> None:
    for shed, holds in ((0.0, True), (0.001, True), (0.002, False), (None, False)):
        [verdict] = bars.check(result(shed=shed), [SHED])
        assert verdict.holds == holds


@pytest.mark.parametrize("nothing", [0.0, -1.0])
def test_a_wait_of_nothing_was_not_measured(nothing: float) -> None:
    [verdict] = bars.check(result(p99=nothing), [WAIT])
    assert not verdict.holds
    assert verdict.reached is None


def test_a_ratio_of_nothing_was_not_measured() -> None:
    found = {"cases": {"slow_target": {"subjects": {GATEWAY: {"p99_of_alone": {"median": 0.0}}}}}}
    [verdict] = bars.check(found, [Bar("slow_target", "p99_of_alone", 1.2, **TOLD)])
    assert not verdict.holds


def test_recording_leaves_an_aim_as_it_is() -> None:
    aim = replace(WAIT, fixed=True)
    assert bars.recorded(result(p99=100.0), [aim, SHED]) == [aim, SHED]


def test_bars_come_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "bars.toml"
    file.write_text(bars.written([AGAINST, RATE, WAIT, SHED]), encoding="utf-8")
    assert bars.read(file) == [AGAINST, RATE, WAIT, SHED]


def test_the_bars_of_the_repository_name_subjects_and_figures_that_there_are() -> None:
    found = bars.read(ROOT / "bench/bars.toml")
    assert found
    for bar in found:
        assert bar.figure in bars.RATIOS | bars.AT_MOST | {"rate"}
        assert (bar.against in TITLES) == (bar.figure in bars.RATIOS), bar.words
