"""One point of a curve: medians of the rounds, and the spread of what is plotted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from comparison.figures import Round, middle

SHOWN = ("p50_ms", "p99_ms", "cpu_ms", "postgres_cpu_ms", "rate", "rss_mb")
SPREAD = ("p99_ms", "cpu_ms", "postgres_cpu_ms")


def point(x: float, rounds: Sequence[Round], **more: float) -> dict[str, Any]:
    """`x`: where it stands on the curve. `more`: figures that only this curve has. `requests`: of a round."""
    middles = middle(rounds)
    figures = {"requests": int(middles["requests"]), **{name: round(middles[name], 4) for name in SHOWN}}
    spread = {name: [round(min(found), 4), round(max(found), 4)] for name, found in _by_name(rounds).items()}
    return {"x": x, **figures, "spread": spread, **{name: round(value, 3) for name, value in more.items()}}


def _by_name(rounds: Sequence[Round]) -> Mapping[str, list[float]]:
    return {name: [getattr(one, name) for one in rounds] for name in SPREAD}


def short(x: float) -> str:
    """1000 as 1k, a million as 1M; smaller ones as they are."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if x >= size:
            return f"{x / size:g}{unit}"
    return f"{x:g}"
