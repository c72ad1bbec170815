"""The bars: what a run must not fall below. Two kinds stand apart in `bars.toml`.

A `[[bar]]` is the best that was reached, with its day and machine: nothing but something better moves it, or somebody
who says why. Machines are noisy, so a run holds it that comes within a fifth; within two fifths where the ratio is of
another machine, for what fits a large cache and what fits a small one do not grow dearer alike. An `[[aim]]` is what
was asked for and is met: there is no room around it, and no run moves it.

Each names a case and a figure: `cpu_of_ours` against a peer is how many times a request of that peer's costs one of
ours; `our_rate_of_its` how many times faster ours come; `rate` and `p99_ms` are ours alone, and so is `p99_of_alone`,
how many times as long ours take beside the callers of a slow target, and `shed_share`, the part of ours that were told
nothing. Of waits and of that part less is better. Rates and milliseconds are those of a machine, and its bars are held
there alone; ratios and aims everywhere.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

HEAD = """\
# What a run must not fall below: `make bench-check`. An aim was asked for and is met; it is held as it stands. A bar
# is the best that was reached (`bench/compare.py --record`); a run may stay a fifth behind: rounds differ by as much.
# Where a ratio is of another machine it is two fifths.
"""
ROOM, ROOM_ELSEWHERE = 0.2, 0.4
"""On the bar's own machine, and on another one. On one half as fast as where the bars were reached, ratios of the same
code were up to 0.39 less (30 November 2026)."""
LEAST_ROUNDS = 3
"""Of fewer the median is luck, and no bar."""
RATIOS = {"cpu_of_ours", "our_rate_of_its"}
OWN_RATIOS = {"p99_of_alone"}
SHARES = {"shed_share"}
OF_A_MACHINE = {"rate", "p99_ms"}
AT_MOST = {"p99_ms", "p99_of_alone", *SHARES}


@dataclass(frozen=True)
class Bar:
    """One entry of `bars.toml`."""

    case: str
    figure: str
    bar: float
    against: str = ""
    """A peer, where the figure is a ratio."""
    on: str = ""
    machine: str = ""
    lowered: str = ""
    """From what, and why; empty: it never was."""
    asked: str = ""
    """Of an aim: what was asked for."""

    @property
    def words(self) -> str:
        return f"{self.case}: {self.figure}{f' against {self.against}' if self.against else ''}"

    def limit(self, *, elsewhere: bool = False) -> float:
        """With the room that is left to a run."""
        room = 0.0 if self.asked else ROOM_ELSEWHERE if elsewhere else ROOM
        return self.bar * (1 + room if self.figure in AT_MOST else 1 - room)

    @property
    def is_of_a_machine(self) -> bool:
        return self.figure in OF_A_MACHINE and not self.asked

    def is_from(self, machine: str) -> bool:
        """A new kernel is no other machine. An aim is from everywhere."""
        return bool(self.asked) or _hardware(self.machine) == _hardware(machine)


class Lowering(NamedTuple):
    """A case whose bars go down to what a result reached, and why."""

    case: str = ""
    why: str = ""


NOTHING = Lowering()


@dataclass(frozen=True)
class Verdict:
    """A bar and what the run reached; None: the run does not say. `elsewhere`: it is another machine's bar."""

    bar: Bar
    reached: float | None
    elsewhere: bool = False

    @property
    def limit(self) -> float:
        return self.bar.limit(elsewhere=self.elsewhere)

    @property
    def is_apart(self) -> bool:
        return self.elsewhere and self.bar.is_of_a_machine and self.reached is not None

    @property
    def holds(self) -> bool:
        if self.reached is None or self.is_apart:
            return self.is_apart
        return self.reached < self.limit if self.bar.figure in AT_MOST else self.reached >= self.limit

    @property
    def words(self) -> str:
        bar = self.bar
        sign = "under" if bar.figure in AT_MOST else "at least"
        reached = "nothing: it was not measured" if self.reached is None else f"{_three(self.reached):g}"
        state = "apart" if self.is_apart else "holds" if self.holds else "FAILS"
        room = "two fifths" if self.elsewhere else "a fifth"
        whose = bar.asked or f"{room} from {bar.bar:g} ({bar.on}, {bar.machine})"
        return f"{state}  {bar.words}: {reached}; {sign} {_three(self.limit):g}: {whose}"


def read(path: Path) -> list[Bar]:
    """Aims first."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Bar(**line) for line in (*found.get("aim", ()), *found.get("bar", ()))]


def check(result: Mapping[str, Any], bars: Sequence[Bar]) -> list[Verdict]:
    """Every bar against a result. What was not measured, or whose peer was absent, does not hold."""
    return [
        Verdict(bar, _reached(result, bar), elsewhere=not bar.is_from(_case(result, bar).get("machine", "")))
        for bar in bars
    ]


def recorded(result: Mapping[str, Any], bars: Sequence[Bar], lowering: Lowering = NOTHING) -> list[Bar]:
    """The best of the bars and a result; and bars of its machine, where there were none of it yet."""
    found = [bar if bar.asked else _best(result, bar, lowering) for bar in bars]
    there = {_key(bar, bar.machine) for bar in found}
    new = {_key(bar, machine): bar for bar in found if (machine := _case(result, bar).get("machine", ""))}
    return [
        *found,
        *(
            _at(replace(bar, lowered=""), _case(result, bar), reached)
            for key, bar in new.items()
            if key not in there and not bar.asked and (reached := _lasting(result, bar))
        ),
    ]


def _best(result: Mapping[str, Any], bar: Bar, lowering: Lowering) -> Bar:
    case, reached = _case(result, bar), _lasting(result, bar)
    if not reached or (bar.is_of_a_machine and not bar.is_from(case["machine"])):
        return bar
    is_better = reached < bar.bar if bar.figure in AT_MOST else reached > bar.bar
    if is_better:
        return _at(replace(bar, lowered=""), case, reached)
    if bar.case != lowering.case:
        return bar
    return replace(_at(bar, case, reached), lowered=f"from {bar.bar:g} of {bar.on}: {lowering.why}")


def _at(bar: Bar, case: Mapping[str, Any], reached: float) -> Bar:
    return replace(bar, bar=_three(reached), on=case["on"], machine=case["machine"])


def _lasting(result: Mapping[str, Any], bar: Bar) -> float | None:
    """What was reached in rounds enough."""
    rounds = _case(result, bar).get("options", {}).get("rounds", 0)
    return _reached(result, bar) if rounds >= LEAST_ROUNDS else None


def _key(bar: Bar, machine: str) -> tuple[str, ...]:
    """Of bars with the same key there is one."""
    return (bar.case, bar.figure, bar.against, _hardware(machine) if bar.figure in OF_A_MACHINE else "")


def _three(value: float) -> float:
    """Its first three digits."""
    return float(f"{value:.3g}")


def _hardware(machine: str) -> str:
    return machine.partition(", Linux")[0]


def written(bars: Sequence[Bar]) -> str:
    """As TOML."""
    lines = [HEAD]
    for bar in sorted(bars, key=lambda bar: not bar.asked):
        told = {name: value for name, value in asdict(bar).items() if value != ""}
        lines += ["[[aim]]" if bar.asked else "[[bar]]", *(f"{name} = {_toml(told[name])}" for name in told), ""]
    return "\n".join(lines)


def _toml(value: str | float) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else f"{value:g}"


def _case(result: Mapping[str, Any], bar: Bar) -> Mapping[str, Any]:
    found: Mapping[str, Any] = result.get("cases", {}).get(bar.case, {})
    return found


def _reached(result: Mapping[str, Any], bar: Bar) -> float | None:
    """None: nothing was measured. No wait and no ratio is nothing, so one of nothing was not measured either."""
    subjects = _case(result, bar).get("subjects", {})
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
