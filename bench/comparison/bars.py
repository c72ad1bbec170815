"""The bars: what a run must not fall below, with the day and the machine on which each was recorded.

A bar names a case, a figure and the least it may be: `cpu_of_ours` against a peer is how many times a request of that
peer's costs one of ours; `our_rate_of_its` how many times faster ours come; `rate` and `p99_ms` are ours alone, and so
is `p99_of_alone`, how many times as long ours take beside the callers of a slow target. Of waits the bar is the most.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HEAD = """\
# What a run must not fall below: `make bench-check`. Each bar was recorded with `bench/compare.py --record` from the
# result of that day on that machine, a fifth under the median (over it, where it is a most): rounds differ by as much.
"""
ROOM = 0.2
RATIOS = {"cpu_of_ours", "our_rate_of_its"}
OWN_RATIOS = {"p99_of_alone"}
AT_MOST = {"p99_ms", "p99_of_alone"}


@dataclass(frozen=True)
class Bar:
    """One line of `bars.toml`."""

    case: str
    figure: str
    bar: float
    on: str
    machine: str
    against: str = ""
    """A peer, where the figure is a ratio."""

    @property
    def words(self) -> str:
        return f"{self.case}: {self.figure}{f' against {self.against}' if self.against else ''}"


@dataclass(frozen=True)
class Verdict:
    """A bar and what the run reached; None: the run does not say."""

    bar: Bar
    reached: float | None

    @property
    def holds(self) -> bool:
        if self.reached is None:
            return False
        is_at_most = self.bar.figure in AT_MOST
        return self.reached <= self.bar.bar if is_at_most else self.reached >= self.bar.bar

    @property
    def words(self) -> str:
        sign = "at most" if self.bar.figure in AT_MOST else "at least"
        reached = "nothing: it was not measured" if self.reached is None else f"{self.reached:.3g}"
        state = "holds" if self.holds else "FAILS"
        return f"{state}  {self.bar.words}: {reached}; {sign} {self.bar.bar:g} ({self.bar.on}, {self.bar.machine})"


def read(path: Path) -> list[Bar]:
    return [Bar(**line) for line in tomllib.loads(path.read_text(encoding="utf-8"))["bar"]]


def check(result: Mapping[str, Any], bars: Sequence[Bar]) -> list[Verdict]:
    """Every bar against a result. What was not measured, or whose peer was absent, does not hold."""
    return [Verdict(bar, _reached(result, bar)) for bar in bars]


def recorded(result: Mapping[str, Any], bars: Sequence[Bar]) -> list[Bar]:
    """The same bars at the height of a result; one that it says nothing of stays as it was."""
    found = []
    for bar in bars:
        reached = _reached(result, bar)
        room = 1 + ROOM if bar.figure in AT_MOST else 1 - ROOM
        new = (
            {"bar": float(f"{reached * room:.3g}"), "on": result["on"], "machine": result["machine"]} if reached else {}
        )
        found.append(replace(bar, **new))
    return found


def written(bars: Sequence[Bar]) -> str:
    """As TOML. The words of a bar hold no quotation marks."""
    lines = [HEAD]
    for bar in bars:
        told = {"case": bar.case, "figure": bar.figure, "against": bar.against, "bar": bar.bar}
        told |= {"on": bar.on, "machine": bar.machine}
        lines += ["[[bar]]", *(f"{name} = {_toml(value)}" for name, value in told.items() if value != ""), ""]
    return "\n".join(lines)


def _toml(value: str | float) -> str:
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _reached(result: Mapping[str, Any], bar: Bar) -> float | None:
    subjects = result.get("cases", {}).get(bar.case, {}).get("subjects", {})
    if bar.figure in RATIOS:
        found = subjects.get(bar.against, {}).get(bar.figure, {}).get("median")
    elif bar.figure in OWN_RATIOS:
        found = subjects.get("gateway", {}).get(bar.figure, {}).get("median")
    else:
        found = subjects.get("gateway", {}).get("median", {}).get(bar.figure)
    return None if found is None else float(found)
