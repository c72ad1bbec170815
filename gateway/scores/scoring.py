"""From counts to a card: points, what can be measured here, what is unknown, and what one dossier is worth. Pure.

Points are `points x share / target`, at most all of them, to two decimals. What is not measured gives no points and is
never scaled away: a card says how many of its points can be measured here, and between which totals the truth lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from gateway.scores.model import Count, Figure, Period, figure_of
from gateway.scores.packs import Band, Group, Indicator, Scorecard

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One indicator. `figure` None: it cannot be measured here. `points` None: nothing is known, or there was nothing
    to count."""

    indicator: Indicator
    figure: Figure | None
    points: Decimal | None

    @property
    def lost(self) -> Decimal:
        return Decimal() if self.points is None else self.indicator.points - self.points

    @property
    def one(self) -> Decimal | None:
        """What one more that is as it should be would add now."""
        if self.figure is None or not self.figure.lacking:
            return None
        better = Figure(id="", numerator=self.figure.numerator + 1, denominator=self.figure.denominator)
        return _exact(self.indicator, better) - _exact(self.indicator, self.figure)

    @property
    def at_stake(self) -> Decimal:
        """What lies between one more that ends well and one more that does not."""
        known = self.figure or Figure(id="", numerator=0, denominator=0)
        total = known.denominator + 1
        good = Figure(id="", numerator=known.numerator + 1, denominator=total)
        return _exact(self.indicator, good) - _exact(
            self.indicator, Figure(id="", numerator=known.numerator, denominator=total)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupScore:
    group: Group
    scored: Sequence[Scored]

    @property
    def points(self) -> Decimal:
        return sum((one.points for one in self.scored if one.points is not None), Decimal())

    @property
    def measured(self) -> Decimal:
        """Of how many points that is."""
        return sum((one.indicator.points for one in self.scored if one.points is not None), Decimal())


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Phiếu điểm of a province, an agency or a place in one period, as counted at `cut_off`. `closed_at`: it was frozen
    then. `rule`: version of the counting; `pack` of the scoring."""

    pack: Scorecard
    period: Period
    scope: str
    cut_off: datetime
    groups: Sequence[GroupScore]
    counts: Sequence[Count]
    closed_at: datetime | None = None

    @property
    def points(self) -> Decimal:
        return sum((group.points for group in self.groups), Decimal())

    @property
    def measured(self) -> Decimal:
        return sum((group.measured for group in self.groups), Decimal())

    @property
    def at_most(self) -> Decimal:
        """If everything that cannot be measured here were full."""
        return self.points + self.pack.points - self.measured

    @property
    def band(self) -> Band | None:
        """None while what is not measured could change it."""
        lowest, highest = self.pack.band(self.points), self.pack.band(self.at_most)
        return lowest if lowest == highest else None

    @property
    def scored(self) -> list[Scored]:
        return [one for group in self.groups for one in group.scored]

    def figure(self, name: str) -> Figure:
        return figure_of(self.counts, name)

    @property
    def mean_seconds(self) -> float | None:
        """From reception to result, of those that were finished in the period."""
        handled = [count for count in self.counts if count.figure == "handled" and count.mark == "y"]
        total = sum(count.count for count in handled)
        return sum(count.seconds for count in handled) / total if total else None


def score(pack: Scorecard, counts: Sequence[Count]) -> list[GroupScore]:
    return [GroupScore(group=group, scored=[_scored(one, counts) for one in group.indicators]) for group in pack.groups]


def _scored(indicator: Indicator, counts: Sequence[Count]) -> Scored:
    figure = figure_of(counts, indicator.figure) if indicator.figure else None
    points = _exact(indicator, figure).quantize(CENT, ROUND_HALF_UP) if figure and figure.denominator else None
    return Scored(indicator=indicator, figure=figure, points=points)


def _exact(indicator: Indicator, figure: Figure) -> Decimal:
    if not figure.denominator:
        return Decimal()
    share = Decimal(figure.numerator) / figure.denominator / Decimal(str(indicator.target))
    return indicator.points * min(share, Decimal(1))
