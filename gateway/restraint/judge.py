"""What follows from the counts. Pure: the same counts, the same finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from gateway.domain import VIETNAM
from gateway.restraint.model import Finding, Look, Patterns, Policy, Rates, Seen, Window

SPANS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
HOUR = 1
"""Place of the client's hour among the windows; the client's people and misses are counted in the same hour."""


def windows(look: Look, policy: Policy, *, now: datetime) -> tuple[Window, ...]:
    """The client's minute, hour and day, then the officer's."""
    officer, client, _ = look.parties
    minute = now.replace(second=0, microsecond=0)
    return _windows(client, policy.client, minute) + _windows(officer, policy.officer, minute)


def judge(look: Look, seen: Seen, within: Sequence[Window], *, policy: Policy, now: datetime) -> Finding | None:
    """A pattern before a rate: a rate passes by itself, a pattern waits for a person. None: it may go."""
    return next(_patterns(look, seen, policy.patterns), None) or _rate(seen, within, now)


@lru_cache(maxsize=4096)
def _windows(party: str, rates: Rates, minute: datetime) -> tuple[Window, ...]:
    """Whoever looks up twice in a minute is counted in the same ones."""
    most = {"minute": rates.minute, "hour": rates.hour, "day": rates.day}
    return tuple(
        Window(party=party, span=span, began_at=began, ends_at=began + SPANS[span], most=most[span])
        for span, began in _begins(minute)
    )


@lru_cache(maxsize=4)
def _begins(minute: datetime) -> tuple[tuple[str, datetime], ...]:
    """When the windows began in which that minute is, by the clock of the country."""
    local = minute.astimezone(VIETNAM)
    hour = local.replace(minute=0)
    return ("minute", local), ("hour", hour), ("day", hour.replace(hour=0))


def _patterns(look: Look, seen: Seen, most: Patterns) -> Iterator[Finding]:
    officer, client, dossier = look.parties
    for name, holds in (
        ("people_per_dossier", (dossier, officer)),
        ("people_per_hour", (officer,)),
        ("neighbours", (officer,)),
        ("client_neighbours", (client,)),
        ("dossiers_per_person", (officer,)),
        ("questions_per_person", (officer,)),
        ("client_questions_per_person", ()),  # of that person no more is told today; the client goes on
    ):
        count, limit = getattr(seen, name), getattr(most, name)
        if count > limit:
            about = holds[-1] if holds else client
            yield Finding(kind=f"lookup_{name}", about=about, count=count, most=limit, holds=holds)
    for party, misses, people, least in (
        (officer, seen.misses_per_hour, seen.people_per_hour, most.misses_from),
        (client, seen.client_misses, seen.client_people, most.client_misses_from),
    ):
        if people >= least and misses > people * most.miss_share:
            yield Finding(
                kind="lookup_misses", about=party, count=misses, most=int(people * most.miss_share), holds=(party,)
            )


def _rate(seen: Seen, within: Sequence[Window], now: datetime) -> Finding | None:
    """Of several that are full the one that stays so for longest."""
    full = [(window, count) for window, count in zip(within, seen.rates, strict=True) if count > window.most]
    if not full:
        return None
    window, count = max(full, key=lambda pair: pair[0].ends_at)
    wait = (window.ends_at - now).total_seconds()
    return Finding(
        kind=f"lookup_rate_{window.span}", about=window.party, count=count, most=window.most, retry_after_s=wait
    )
