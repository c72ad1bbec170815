"""Statistics of the comparison: medians, cuts, ratios within a round."""

from __future__ import annotations

from dataclasses import replace

import pytest
from comparison.figures import Ratio, Round, compared, cut, middle, ratio, shed_share

ONE = Round(
    requests=1000, rate=500.0, p50_ms=4.0, p99_ms=9.0, cpu_ms=2.0, upstream_cpu_ms=0.1, postgres_cpu_ms=0.0, rss_mb=80.0
)


def test_a_cut_is_a_wait_that_was_measured_and_so_many_others_do_not_exceed() -> None:
    waits = [n / 1000 for n in range(1, 101)]
    assert cut(waits, 0.5) == 0.051
    assert cut(waits, 0.99) == 0.1
    assert cut([0.7], 0.99) == 0.7


def test_the_median_of_each_figure_is_its_own() -> None:
    rounds = [replace(ONE, cpu_ms=1.0, rate=900.0), replace(ONE, cpu_ms=9.0, rate=300.0), replace(ONE, cpu_ms=2.0)]
    assert middle(rounds)["cpu_ms"] == 2.0
    assert middle(rounds)["rate"] == 500.0


def test_ratios_are_taken_round_by_round_so_that_a_slow_minute_hurts_nobody() -> None:
    """Both were ten times slower in the second round; the ratio is the same."""
    assert ratio([6.0, 60.0, 6.6], [1.0, 10.0, 1.0]) == Ratio(6.0, 6.0, 6.6)


def test_a_round_without_a_figure_is_left_out_of_the_ratio() -> None:
    assert ratio([0.0, 4.0], [1.0, 2.0]) == Ratio(2.0, 2.0, 2.0)
    assert ratio([0.0], [1.0]) == Ratio(0.0, 0.0, 0.0)


def test_every_peer_is_told_in_terms_of_ours() -> None:
    found = compared({"gateway": [ONE], "naive": [replace(ONE, cpu_ms=8.0, rate=125.0)]}, ours="gateway")
    assert found["naive"]["cpu_of_ours"]["median"] == pytest.approx(4.0)
    assert found["naive"]["our_rate_of_its"]["median"] == pytest.approx(4.0)
    assert "cpu_of_ours" not in found["gateway"]


def test_the_share_that_was_sent_away_is_of_all_answers_of_all_rounds() -> None:
    rounds = [replace(ONE, shed=0, answers=100), replace(ONE, shed=300, answers=100)]
    assert shed_share(rounds) == 0.6
    assert compared({"gateway": rounds}, ours="gateway")["gateway"]["shed_share"] == 0.6
    assert shed_share([replace(ONE, shed=5)]) == 1.0
    assert shed_share([ONE]) is None


def test_without_ours_there_is_nothing_to_compare_with() -> None:
    assert "cpu_of_ours" not in compared({"naive": [ONE]}, ours="gateway")["naive"]
