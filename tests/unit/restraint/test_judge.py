"""What follows from the counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from province import DEFAULT
from services import NOW

from gateway.restraint.judge import judge, windows
from gateway.restraint.model import Finding, Look, Rates, Seen

LOOK = Look(tenant="H99", officer="H99.1/canbo.mau", client="motcua", dossier="D-1", subject=b"p", near=b"n")
OFFICER, CLIENT, DOSSIER = LOOK.parties
PATTERNS = DEFAULT.patterns
POLICY = replace(DEFAULT, client=Rates(minute=10, hour=20, day=30), officer=Rates(minute=3, hour=5, day=7))
QUIET = Seen(rates=[1] * 6)


def found(at: datetime = NOW, **seen: Any) -> Finding | None:
    return judge(LOOK, QUIET._replace(**seen), windows(LOOK, POLICY, now=at), policy=POLICY, now=at)


def test_minutes_hours_and_days_are_those_of_the_clock_in_vietnam() -> None:
    """17:30 UTC is half past midnight of the next day."""
    late = datetime(2026, 11, 23, 17, 30, 15, tzinfo=UTC)
    within = windows(LOOK, POLICY, now=late)
    assert [(w.party, w.span, w.most) for w in within] == [
        (CLIENT, "minute", 10),
        (CLIENT, "hour", 20),
        (CLIENT, "day", 30),
        (OFFICER, "minute", 3),
        (OFFICER, "hour", 5),
        (OFFICER, "day", 7),
    ]
    minute, hour, day = (w.began_at.astimezone(UTC) for w in within[:3])
    assert minute == late.replace(second=0)
    assert hour == day == late.replace(minute=0, second=0)
    assert within[2].ends_at - within[2].began_at == timedelta(days=1)


def test_what_is_within_every_limit_may_go() -> None:
    at_the_limit = {
        name: getattr(PATTERNS, name)
        for name in (
            "people_per_dossier",
            "neighbours",
            "client_neighbours",
            "dossiers_per_person",
            "questions_per_person",
            "client_questions_per_person",
        )
    }
    assert found(rates=[10, 20, 30, 3, 5, 7], people_per_hour=60, misses_per_hour=36, **at_the_limit) is None


@pytest.mark.parametrize(
    ("rates", "kind", "about", "wait"),
    [
        ([11, 1, 1, 1, 1, 1], "lookup_rate_minute", CLIENT, 60),
        ([1, 1, 1, 4, 1, 1], "lookup_rate_minute", OFFICER, 60),
        ([1, 1, 1, 4, 6, 1], "lookup_rate_hour", OFFICER, 3600),
        ([11, 21, 31, 4, 6, 1], "lookup_rate_day", CLIENT, 15 * 3600),
    ],
)
def test_of_full_windows_the_one_that_stays_full_longest_says_when_to_come_back(
    rates: list[int], kind: str, about: str, wait: float
) -> None:
    """POP-07 (part): NOW is nine o'clock in Vietnam."""
    finding = found(rates=rates)
    assert finding is not None
    assert (finding.kind, finding.about, finding.retry_after_s, finding.holds) == (kind, about, wait, ())


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("people_per_dossier", (DOSSIER, OFFICER)),
        ("people_per_hour", (OFFICER,)),
        ("neighbours", (OFFICER,)),
        ("client_neighbours", (CLIENT,)),
        ("dossiers_per_person", (OFFICER,)),
        ("questions_per_person", (OFFICER,)),
        ("client_questions_per_person", ()),
    ],
)
def test_one_too_many_is_a_search_for_people(name: str, holds: tuple[str, ...]) -> None:
    """POP-07 (part)."""
    most = getattr(PATTERNS, name)
    finding = found(**{name: most + 1})
    assert finding == Finding(kind=f"lookup_{name}", about=[CLIENT, *holds][-1], count=most + 1, most=most, holds=holds)


@pytest.mark.parametrize(
    ("seen", "about"),
    [
        ({"people_per_hour": 20, "misses_per_hour": 13}, OFFICER),
        ({"people_per_hour": 19, "misses_per_hour": 19}, ""),
        ({"people_per_hour": 20, "misses_per_hour": 12}, ""),
        ({"client_people": 300, "client_misses": 181}, CLIENT),
        ({"client_people": 299, "client_misses": 299}, ""),
    ],
)
def test_guessing_is_noticed_by_its_misses(seen: dict[str, int], about: str) -> None:
    """POP-07 (part)."""
    finding = found(**seen)
    assert (finding.about if finding else "") == about
    if finding:
        assert (finding.kind, finding.holds, finding.retry_after_s) == ("lookup_misses", (about,), None)


def test_a_pattern_is_told_before_a_rate_that_would_pass_by_itself() -> None:
    finding = found(rates=[99] * 6, neighbours=9)
    assert finding is not None
    assert (finding.kind, finding.retry_after_s) == ("lookup_neighbours", None)
