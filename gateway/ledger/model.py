"""Findings of the daily comparison, and the figures made of them (QĐ 766/QĐ-TTg group 1, KPI-02, KPI-09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from gateway.delivery.model import StreamKey

RULE = "KPI-02/1"
"""Version of the way these figures are counted."""


class Finding(StrEnum):
    """What comparing one dossier with its copy found. Only `equal` counts as synchronised."""

    EQUAL = "equal"
    MISSING = "missing"
    """The target holds no such dossier, though it acknowledged it."""
    DIFFERENT = "different"
    """It holds another content than it acknowledged last."""
    STEPS_MISSING = "steps_missing"
    CANNOT_TELL = "cannot_tell"
    """What it shows does not decide it."""
    NOT_SHOWN = "not_shown"
    """Nothing of what was told is compared (the status of a dossier that was born at the portal, an answer to a
    question): it is in no figure, and nobody need look."""
    NOT_ASKED = "not_asked"
    """It could not be asked: no finding about the dossier, asked again in the next round."""
    HELD = "held"
    UNDER_WAY = "under_way"
    """Something is still to be delivered, so there is nothing to compare yet."""


class Care(StrEnum):
    """What is being done about a finding."""

    NONE = "none"
    REPAIRING = "repairing"
    """The gateway sends again what is missing; the target is asked first."""
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One dossier's line: everything up to message `head` was compared at `checked_at`."""

    stream: StreamKey
    finding: Finding
    care: Care = Care.NONE
    head: int
    rounds: int = 1
    """How many rounds in a row found the same trouble."""
    detail: str = ""
    detail_vi: str = ""
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One comparison of everything with one target. `ended_at` None: it was cut short."""

    target: str
    began_at: datetime
    ended_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One percentage, opened to what it is made of (KPI-09)."""

    numerator: int
    denominator: int
    excluded: int = 0
    """Not due yet, or not countable; in neither of the two."""

    @property
    def percent(self) -> float | None:
        """None when there is nothing to count."""
        return round(100 * self.numerator / self.denominator, 2) if self.denominator else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """The sync figures of the dossiers received on one day, local time."""

    day: date
    completeness: Figure
    """Dossiers present and equal at the target / dossiers received."""
    timeliness: Figure
    """Messages acknowledged within the target time / messages that were due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsynced:
    """A dossier that costs points, and why: a `Finding`, or `never_checked`."""

    code: str
    day: date
    reason: str
    detail_vi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The sync report of one target. `cut_off`: what came later is not counted."""

    target: str
    within_s: float
    cut_off: datetime
    days: Sequence[DayFigures]
    unsynced: Sequence[Unsynced]
    last_round: Round | None
    rule: str = RULE

    def total(self, name: str) -> Figure:
        figures = [getattr(day, name) for day in self.days]
        return Figure(
            numerator=sum(figure.numerator for figure in figures),
            denominator=sum(figure.denominator for figure in figures),
            excluded=sum(figure.excluded for figure in figures),
        )
