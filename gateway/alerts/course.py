"""What becomes of a rule and of a telling, as pure functions.

calm ──bad for `for_s`──► raised ──good for `for_s`──► calm

Between the thresholds nothing changes, and what is not known changes nothing: it only ends the count of seconds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from gateway.alerts.model import Happened, Rule, Standing, Telling, TellingState

LADDER_S = (5.0, 30.0, 300.0, 1800.0, 3600.0)
"""Seconds before the second, third … try; the last step repeats for as long as the receiver exists."""


def step(rule: Rule, standing: Standing, value: float | None, *, now: datetime) -> tuple[Standing, Happened | None]:
    """How it stands now, and what is to be told."""
    if value is None:
        return replace(standing, since=None), None
    is_beyond = rule.is_good(value) if standing.is_raised else rule.is_bad(value)
    if not is_beyond:
        return _still(rule, replace(standing, since=None), now=now)
    since = standing.since or now
    if now - since < timedelta(seconds=rule.for_s):
        return _still(rule, replace(standing, since=since), now=now)
    if standing.is_raised:
        told = Happened.RECOVERED if standing.is_told else None
        return replace(standing, is_raised=False, since=None, is_told=False), told
    return _still(rule, replace(standing, is_raised=True, since=None, is_told=False), now=now)


def _still(rule: Rule, standing: Standing, *, now: datetime) -> tuple[Standing, Happened | None]:
    """What is raised and was not told, is told once the quiet is over; what flaps meanwhile is told once."""
    is_quiet = standing.told_at is not None and now - standing.told_at < timedelta(seconds=rule.quiet_s)
    if not standing.is_raised or standing.is_told or is_quiet:
        return standing, None
    return replace(standing, is_told=True, told_at=now), Happened.RAISED


def arrived(telling: Telling) -> Telling:
    return replace(telling, state=TellingState.TOLD, tries=telling.tries + 1, trouble="", due=None)


def dropped(telling: Telling) -> Telling:
    return replace(telling, state=TellingState.DROPPED, due=None)


def not_arrived(telling: Telling, *, now: datetime, trouble: str, wait_s: float | None = None) -> Telling:
    """Later again, however often."""
    pause = max(LADDER_S[min(telling.tries, len(LADDER_S) - 1)], wait_s or 0.0)
    return replace(telling, tries=telling.tries + 1, trouble=trouble, due=now + timedelta(seconds=pause))
