"""The bars: what a run must not fall below, with the day and the machine on which each was recorded.

A bar names a case, a figure and the least it may be: `cpu_of_ours` against a peer is how many times a request of that
peer's costs one of ours; `our_rate_of_its` how many times faster ours come; `rate` and `p99_ms` are ours alone, and so
is `p99_of_alone`, how many times as long ours take beside the callers of a slow target, and `shed_share`, the part of
ours that were told nothing. Of waits and of that part the bar is the most. A bar that is `fixed` is an aim: recording
leaves it as it is.
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
SHARES = {"shed_share"}
AT_MOST = {"p99_ms", "p99_of_alone", *SHARES}


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
    fixed: bool = False
    """An aim, not what some run reached."""

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
    """The same bars at the height of a result; one that is fixed, or that it says nothing of, stays as it was."""
    return [bar if bar.fixed else _at_height(result, bar) for bar in bars]


def _at_height(result: Mapping[str, Any], bar: Bar) -> Bar:
    reached = _reached(result, bar)
    if not reached:
        return bar
    case, room = result["cases"][bar.case], 1 + ROOM if bar.figure in AT_MOST else 1 - ROOM
    return replace(bar, bar=float(f"{reached * room:.3g}"), on=case["on"], machine=case["machine"])


def written(bars: Sequence[Bar]) -> str:
    """As TOML. The words of a bar hold no quotation marks."""
    lines = [HEAD]
    for bar in bars:
        told = {"case": bar.case, "figure": bar.figure, "against": bar.against, "bar": bar.bar}
        told |= {"on": bar.on, "machine": bar.machine, **({"fixed": True} if bar.fixed else {})}
        lines += ["[[bar]]", *(f"{name} = {_toml(value)}" for name, value in told.items() if value != ""), ""]
    return "\n".join(lines)


def _toml(value: str | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _reached(result: Mapping[str, Any], bar: Bar) -> float | None:
    """None: nothing was measured. No wait and no ratio is nothing, so one of nothing was not measured either."""
    subjects = result.get("cases", {}).get(bar.case, {}).get("subjects", {})
    if bar.figure in RATIOS:
        found = subjects.get(bar.against, {}).get(bar.figure, {}).get("median")
    elif bar.figure in SHARES:
        found = subjects.get("gateway", {}).get(bar.figure)
    elif bar.figure in OWN_RATIOS:
        found = subjects.get("gateway", {}).get(bar.figure, {}).get("median")
    else:
        found = subjects.get("gateway", {}).get("median", {}).get(bar.figure)
    is_nothing = found is None or (found <= 0 and bar.figure in AT_MOST - SHARES)
    return None if is_nothing else float(found)
