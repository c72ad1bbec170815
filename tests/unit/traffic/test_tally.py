"""Counting: spans, buckets and the figures that are made of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from gateway.traffic.model import CLASSES, Grain, Row, Tally
from gateway.traffic.tally import BOUNDS, add, bucket, counted, floor, moments, quantile, shared, together
from gateway.transactions.model import Fault


def test_counters_stand_in_the_order_of_the_classes_of_failures() -> None:
    assert set(CLASSES) == {fault.value for fault in Fault}


@pytest.mark.parametrize(
    ("grain", "begins"),
    [
        (Grain.MINUTE, datetime(2026, 11, 27, 18, 4, tzinfo=UTC)),
        (Grain.HOUR, datetime(2026, 11, 27, 18, tzinfo=UTC)),
        (Grain.DAY, datetime(2026, 11, 27, 17, tzinfo=UTC)),
    ],
)
def test_a_day_is_one_of_vietnam(grain: Grain, begins: datetime) -> None:
    assert floor(datetime(2026, 11, 27, 18, 4, 31, 5, tzinfo=UTC), grain) == begins


def test_bounds_grow_evenly() -> None:
    assert (BOUNDS[0], BOUNDS[-1], len(set(BOUNDS))) == (10, 81_920, len(BOUNDS))
    assert all(1.3 < high / low < 1.55 for low, high in pairwise(BOUNDS))


@pytest.mark.parametrize(("took", "place"), [(0, 0), (10, 0), (11, 1), (81_920, 26), (81_921, 27), (10**7, 27)])
def test_a_time_stands_in_the_bucket_that_ends_with_it(took: int, place: int) -> None:
    assert bucket(took) == place


def test_a_quantile_is_close_to_the_truth_and_says_when_nothing_was_measured() -> None:
    latency = [0] * (len(BOUNDS) + 1)
    for took in range(1, 1001):
        latency[bucket(took)] += 1
    assert quantile(latency, 0.5) == pytest.approx(500, rel=0.05)
    assert quantile(latency, 0.95) == pytest.approx(950, rel=0.15)
    assert quantile([], 0.5) is None
    assert quantile([0, 0], 0.5) is None


def test_behind_the_last_bound_nothing_is_made_up() -> None:
    assert quantile([0] * len(BOUNDS) + [3], 0.5) == BOUNDS[-1]


def test_tallies_of_different_length_are_added() -> None:
    one, other = Tally((1, 0, 0, 0, 0), (1,), 5), Tally((0, 0, 0, 2, 0), (0, 0, 2), 90)
    assert add(one, other) == add(other, one) == Tally((1, 0, 0, 2, 0), (1, 0, 2), 95)
    assert together([]) == Tally()


def test_success_is_of_what_reached_the_other_side() -> None:
    assert Tally((6, 5, 1, 2, 1)).success == pytest.approx(0.8)
    assert Tally((0, 3, 0, 0, 0)).success is None


def test_what_says_nothing_of_the_system_is_shared_but_in_no_figure_of_it() -> None:
    at = datetime(2026, 11, 27, 3, 4, tzinfo=UTC)
    row = Row(
        index=0,
        recorded_at=at,
        kind="exchange",
        actor="motcua",
        operation="lookup",
        system="population",
        fault="none",
        duration_ms=None,
        beside=True,
    )
    assert counted([row]) == {}
    assert [tally.total for tally in shared([row]).values()] == [1]


def test_every_moment_of_a_plot_is_there() -> None:
    since = datetime(2026, 11, 27, 3, 4, 30, tzinfo=UTC)
    found = moments(Grain.MINUTE, since, since + timedelta(minutes=3))
    assert [at.minute for at in found] == [4, 5, 6, 7]


def test_many_rows_are_counted_as_each_would_be_alone() -> None:
    begin = datetime(2026, 11, 30, 16, 58, 30, tzinfo=UTC)  # a minute and a half before a day and a month end
    rows = [
        Row(
            index=number,
            recorded_at=begin + timedelta(seconds=7 * number),
            kind=("exchange", "inbound", "act")[number % 3],
            actor=("motcua", "worker")[number % 2],
            operation="lookup",
            system=("population", "", "case:motcua")[number % 5 % 3],
            fault=CLASSES[number % 7 % len(CLASSES)],
            duration_ms=None if number % 4 == 0 else number * 37,
            beside=number % 11 == 0,
        )
        for number in range(120)
    ]
    for count in (counted, shared):
        alone = [(key, tally) for row in rows for key, tally in count([row]).items()]
        assert count(rows) == {key: together(tally for its, tally in alone if its == key) for key, _ in alone}
