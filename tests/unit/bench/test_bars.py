"""`make bench-check` on made-up results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from comparison import bars
from comparison.bars import Bar, Lowering
from comparison.subjects import GATEWAY, TITLES

ROOT = Path(__file__).parents[3]
TOLD = {"on": "2026-11-29", "machine": "two cores, Linux 6"}
NOW: dict[str, Any] = {"on": "2026-12-01", "machine": "two cores, Linux 7", "options": {"rounds": 3}}
AGAINST = Bar("citizen", "cpu_of_ours", 10.0, **TOLD, against="naive_async")
RATE = Bar("slow", "rate", 1000.0, **TOLD)
WAIT = Bar("slow", "p99_ms", 250.0, **TOLD)
AIM = Bar("slow", "p99_ms", 250.0, asked="under 250 ms")
SHED = Bar("slow", "shed_share", 0.001, asked="nobody is sent away")


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
    ("fallen", "held", "bar"),
    [
        (result(ratio=7.99), result(ratio=8.0), AGAINST),
        (result(rate=799.0), result(rate=800.0), RATE),
        (result(p99=300.0), result(p99=299.0), WAIT),
        (result(p99=250.0), result(p99=249.9), AIM),
    ],
    ids=["a ratio", "a rate", "a wait that is longer", "an aim has no room"],
)
def test_a_run_may_stay_a_fifth_behind_the_best_and_no_more(
    fallen: dict[str, Any], held: dict[str, Any], bar: Bar
) -> None:
    [verdict] = bars.check(held, [bar])
    assert verdict.holds
    [verdict] = bars.check(fallen, [bar])
    assert not verdict.holds
    assert verdict.words.startswith("FAILS")
    assert (bar.machine or bar.asked) in verdict.words


def elsewhere(found: dict[str, Any]) -> dict[str, Any]:
    cases = {name: {**case, "machine": "eight cores, Linux 7"} for name, case in found["cases"].items()}
    return {"cases": cases}


def test_rates_and_waits_of_another_machine_are_not_held_and_ratios_and_aims_are() -> None:
    slow = elsewhere(result(ratio=1.0, rate=1.0, p99=900.0))
    verdicts = bars.check(slow, [AGAINST, RATE, WAIT, AIM])
    assert [verdict.holds for verdict in verdicts] == [False, True, True, False]
    assert verdicts[1].words.startswith("apart")


@pytest.mark.parametrize(("ratio", "holds"), [(6.0, True), (5.99, False)])
def test_a_ratio_of_another_machine_may_stay_two_fifths_behind(ratio: float, holds: bool) -> None:
    [verdict] = bars.check(elsewhere(result(ratio=ratio)), [AGAINST])
    assert verdict.holds == holds
    assert "two fifths from 10" in verdict.words


def test_what_was_not_measured_on_another_machine_does_not_hold() -> None:
    [verdict] = bars.check(elsewhere({"cases": {"slow": {**NOW, "subjects": {}}}}), [RATE])
    assert not verdict.holds


def test_a_peer_that_was_absent_holds_no_bar() -> None:
    [verdict] = bars.check(result(), [Bar("citizen", "cpu_of_ours", 0.1, **TOLD, against="by_hand")])
    assert not verdict.holds
    assert "not measured" in verdict.words


def test_the_best_that_was_reached_is_the_bar_with_its_day_and_machine() -> None:
    ratio, rate, wait = bars.recorded(result(ratio=20.04, rate=1234.0, p99=100.0), [AGAINST, RATE, WAIT])
    assert (ratio.bar, rate.bar, wait.bar) == (20.0, 1230.0, 100.0)
    assert (ratio.on, ratio.machine) == ("2026-12-01", "two cores, Linux 7")


def test_a_worse_result_moves_no_bar() -> None:
    worse = result(ratio=9.9, rate=999.0, p99=251.0)
    assert bars.recorded(worse, [AGAINST, RATE, WAIT]) == [AGAINST, RATE, WAIT]


def test_a_bar_goes_down_only_for_a_case_that_is_named_and_the_file_says_why() -> None:
    worse = result(ratio=9.0, rate=900.0)
    against, rate = bars.recorded(worse, [AGAINST, RATE], Lowering("citizen", 'it asks "twice" now'))
    assert (against.bar, against.on) == (9.0, "2026-12-01")
    assert against.lowered == 'from 10 of 2026-11-29: it asks "twice" now'
    assert rate == RATE
    assert bars.recorded(result(p99=260.0), [AIM], Lowering("slow", "because")) == [AIM]


def test_a_bar_that_went_up_again_tells_no_more_why_it_was_down() -> None:
    [against] = bars.recorded(result(ratio=20.0), [replace(AGAINST, lowered="from 12: because")])
    assert (against.bar, against.lowered) == (20.0, "")


def test_the_median_of_few_rounds_is_no_bar() -> None:
    lucky = result(ratio=90.0)
    lucky["cases"]["citizen"]["options"] = {"rounds": 2}
    assert bars.recorded(lucky, [AGAINST]) == [AGAINST]


def test_a_machine_that_has_no_bars_yet_gets_its_own_and_ratios_are_shared() -> None:
    found = bars.recorded(elsewhere(result(ratio=11.0, rate=90.0)), [AGAINST, RATE, SHED])
    assert [(bar.figure, bar.bar, bar.machine) for bar in found if not bar.asked] == [
        ("cpu_of_ours", 11.0, "eight cores, Linux 7"),
        ("rate", 1000.0, "two cores, Linux 6"),
        ("rate", 90.0, "eight cores, Linux 7"),
    ]
    assert bars.recorded(elsewhere(result(ratio=11.0, rate=90.0)), found) == found


def test_a_slow_target_may_make_the_waits_of_others_so_many_times_longer_and_no_more() -> None:
    bar = Bar("slow_target", "p99_of_alone", 1.2, asked="less than a fifth")
    for reached, holds in ((1.19, True), (1.2, False)):
        found = {"cases": {"slow_target": {"subjects": {GATEWAY: {"p99_of_alone": {"median": reached}}}}}}
        [verdict] = bars.check(found, [bar])
        assert (verdict.holds, verdict.reached) == (holds, reached)


def test_what_a_result_says_nothing_of_keeps_its_bar() -> None:
    assert bars.recorded({"cases": {}}, [RATE]) == [RATE]


def test_a_gateway_that_answers_a_few_and_sends_the_rest_away_fails() -> None:
    for shed, holds in ((0.0, True), (0.0009, True), (0.001, False), (None, False)):
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
    assert bars.recorded(result(p99=100.0), [AIM, SHED]) == [AIM, SHED]


def test_bars_come_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "bars.toml"
    lowered = replace(AGAINST, lowered='from 12: "because"')
    file.write_text(bars.written([lowered, RATE, WAIT, SHED]), encoding="utf-8")
    assert bars.read(file) == [SHED, lowered, RATE, WAIT]


def test_the_bars_of_the_repository_name_subjects_and_figures_that_there_are() -> None:
    found = bars.read(ROOT / "bench/bars.toml")
    assert found
    for bar in found:
        assert bar.figure in bars.RATIOS | bars.AT_MOST | {"rate"}
        assert (bar.against in TITLES) == (bar.figure in bars.RATIOS), bar.words
        assert bool(bar.asked) != bool(bar.on and bar.machine), bar.words


def test_each_peer_that_the_enterprise_names_has_a_bar() -> None:
    held = {(bar.case, bar.against) for bar in bars.read(ROOT / "bench/bars.toml")}
    assert held >= {("enterprise", "by_hand"), ("citizen", "naive_async"), ("signed", "bare"), ("payment", "by_hand")}
