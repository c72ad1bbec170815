"""From rounds to figures: medians over the rounds, and ratios to the gateway with their spread.

A ratio is taken within a round, between neighbours on the same machine in the same minute; then over the rounds its
median, least and greatest. Above 1 the gateway is cheaper, or faster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Round:
    """One round of one subject. CPU is in milliseconds for each request."""

    requests: int
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    upstream_cpu_ms: float
    postgres_cpu_ms: float
    rss_mb: float
    shed: int = 0
    """Answers that said honestly that nothing was found out; they are in none of the other figures."""
    answers: int = 0
    """Right ones, each with a wait; where a request has many events there are fewer of them than `requests`."""
    load_cpu_ms: float = 0.0
    """Of the process that asks; 0: not known."""


@dataclass(frozen=True)
class Ratio:
    """Of a peer to the gateway, or the other way round, over the rounds."""

    median: float
    least: float
    greatest: float


def cut(waits: Sequence[float], part: float) -> float:
    """The wait that `part` of all waits do not exceed."""
    found = sorted(waits)
    return found[min(len(found) - 1, int(len(found) * part))]


def middle(rounds: Sequence[Round]) -> dict[str, float]:
    """The median of each figure, by itself."""
    names = asdict(rounds[0])
    return {name: float(median(getattr(one, name) for one in rounds)) for name in names}


def shed_share(rounds: Sequence[Round]) -> float | None:
    """Of all answers in all rounds, those that said nothing: a fast few must not hide that the rest were sent away.
    None: there was no answer at all."""
    shed, right = sum(one.shed for one in rounds), sum(one.answers for one in rounds)
    return shed / (shed + right) if shed + right else None


def ratio(above: Sequence[float], below: Sequence[float]) -> Ratio:
    """Round by round; a round that one of them did not finish is left out."""
    found = [a / b for a, b in zip(above, below, strict=False) if a > 0 and b > 0]
    if not found:
        return Ratio(0.0, 0.0, 0.0)
    return Ratio(float(median(found)), min(found), max(found))


def compared(rounds: Mapping[str, Sequence[Round]], *, ours: str) -> dict[str, dict[str, Any]]:
    """For each subject of a case its medians; beside them what a request costs there in terms of ours."""
    found: dict[str, dict[str, Any]] = {}
    for name, its in rounds.items():
        found[name] = {"rounds": [asdict(one) for one in its], "median": middle(its), "shed_share": shed_share(its)}
        if name == ours or ours not in rounds:
            continue
        our = rounds[ours]
        found[name]["cpu_of_ours"] = asdict(ratio([one.cpu_ms for one in its], [one.cpu_ms for one in our]))
        whole = [one.cpu_ms + one.postgres_cpu_ms for one in our]
        found[name]["cpu_of_ours_with_postgres"] = asdict(ratio([one.cpu_ms for one in its], whole))
        found[name]["our_rate_of_its"] = asdict(ratio([one.rate for one in our], [one.rate for one in its]))
    return found
