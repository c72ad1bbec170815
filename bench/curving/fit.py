"""Whether something grows: the slope of Theil and Sen, with its interval, which no single step or outlier moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

SURE = 1.96
"""Standard deviations either side of 95 %."""
MOST_POINTS = 400
"""More are thinned out evenly: the slopes of all pairs are looked at."""


@dataclass(frozen=True)
class Trend:
    """Of y by x: the slope, and what holds 95 of 100 slopes that chance would make of the same points."""

    slope: float
    low: float
    high: float

    def grows_by(self, least: float) -> bool:
        """More than `least`, and surely more than nothing."""
        return self.slope > least and self.low > 0


def trend(points: Sequence[tuple[float, float]]) -> Trend:
    """Median of the slopes of all pairs; the interval is Kendall's (Sen 1968). Of fewer than three points: none."""
    thinned = points[:: -(-len(points) // MOST_POINTS)] if points else points
    slopes = sorted(
        (late[1] - early[1]) / (late[0] - early[0])
        for number, early in enumerate(thinned)
        for late in thinned[number + 1 :]
        if late[0] != early[0]
    )
    n = len(thinned)
    if n < 3 or not slopes:
        return Trend(0.0, 0.0, 0.0)
    apart = SURE * sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(int((len(slopes) - apart) / 2), 0)
    high = min(int((len(slopes) + apart) / 2), len(slopes) - 1)
    return Trend(median(slopes), slopes[low], slopes[high])


def second_half(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """By x: what a process needs to warm up is in the first half."""
    if not points:
        return points
    middle = (points[0][0] + points[-1][0]) / 2
    return [point for point in points if point[0] >= middle]
