"""What a request costs as one thing grows: payload, callers, backlog, log, tenants.

    .venv/bin/python bench/curves.py [--curves payload concurrency …] [--rounds 3] [--seconds 2] [--profile]
        [--profiles-only] [--leaves 10000 … 10000000] [--write docs]

`lienthong api` with everything on, a canned upstream, PostgreSQL with its usual settings: every commit is flushed to
disk. CPU is that of all API processes, and of PostgreSQL; every answer is looked at. Each curve is written as it is
done; one that is not asked for stays as it was, and so does one in which an answer was wrong: it ends with 1. A round
lasts until there are enough answers to tell a p99 of, 20 seconds at the most. `--profile`: py-spy looks at both ends of
each curve, after what is measured, and its samples are told by part of the code; `--profiles-only` adds that to what
was measured before. `--write`: curves.json and curves.svg, and the tables of curves.md where that is.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import result
import structlog
from comparison import asking, running
from curving import draw, measuring, page, stores
from curving.measuring import Plan, Report, Series, ends
from result import RESULTS
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

CURVES: Mapping[str, Callable[[Plan, Report], Series]] = {
    "payload": measuring.payload,
    "concurrency": measuring.concurrency,
    "backlog": stores.backlog,
    "log": stores.log,
    "tenants": stores.tenants,
}

SIZES: Mapping[str, list[int]] = {
    "payloads": [1_000, 4_000, 16_000, 64_000, 256_000, 1_000_000],
    "callers": [1, 4, 16, 64, 256, 1_000],
    "backlog": [0, 1_000, 10_000, 100_000, 1_000_000],
    "leaves": [10_000, 100_000, 1_000_000],
    "tenants": [1, 4, 12, 34],
}
"""Points of each curve; 10 million leaves take minutes to write, and some GB."""
PROFILE_S = 8.0


def main() -> int:
    options = _options()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))  # the dead target's
    return 1 if measure(options) else 0


def measure(options: argparse.Namespace) -> list[str]:
    """Each curve that is asked for; it is written and told on the terminal as it is done. Those that were not finished,
    because an answer was wrong or did not come."""
    plan = _plan(options)
    unfinished: list[str] = []
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=sum(_steps(plan, name) for name in options.curves))
        for name in options.curves:
            report = Report(
                say=lambda words: progress.update(task, description=words), step=lambda: progress.advance(task)
            )
            head = {
                **result.head(),
                "options": {"rounds": plan.rounds, "seconds": plan.seconds, "warm_s": plan.warm_s},
            }
            try:
                series = CURVES[name](plan, report)
            except (asking.WrongAnswer, TimeoutError) as exc:
                unfinished.append(name)
                progress.console.print(f"{name}: left: {exc or 'no answer'}", highlight=False, markup=False)
                continue
            found = {**head, "load_after": running.load_now(), "series": series}
            if options.profiles_only:
                found = result.kept(options.write / "curves.json").get(name, found)
            if report.profiles or not options.profiles_only:  # where py-spy is absent, those of before stay
                found |= {"profiles": report.profiles, "profiled": head}
            write({name: found}, options.write)
            progress.console.print(page.curve(name, found), highlight=False, soft_wrap=True, markup=False)
    return unfinished


def write(found: Mapping[str, Any], folder: Path) -> None:
    """Curves that were not measured this time stay as they were."""
    latest = folder / "curves.json"
    curves = result.kept(latest) | dict(found)
    curves = {name: curves[name] for name in CURVES if name in curves}
    result.write(latest, curves)
    (folder / "curves.svg").write_text(draw.plot(curves), encoding="utf-8")
    page.fill(folder, {name: page.curve(name, one) for name, one in curves.items()})


def _steps(plan: Plan, name: str) -> int:
    points = {
        "payload": 3 * len(plan.payloads),
        "concurrency": len(plan.callers),
        "backlog": 2 * len(plan.backlog),
        "log": len(plan.leaves),
        "tenants": len(plan.tenants),
    }
    return points[name] * plan.rounds


def _plan(options: argparse.Namespace) -> Plan:
    return Plan(
        rounds=options.rounds,
        seconds=options.seconds,
        warm_s=options.warm,
        profile_s=options.profile,
        **{name: sorted(getattr(options, name)) for name in SIZES},
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--curves", nargs="+", choices=list(CURVES), default=list(CURVES))
    for name, sizes in SIZES.items():
        parser.add_argument(f"--{name}", type=int, nargs="+", default=sizes)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="of a round, at the least")
    parser.add_argument("--warm", type=float, default=1.5, help="seconds before the first round of a point")
    parser.add_argument(
        "--profile",
        type=float,
        nargs="?",
        const=PROFILE_S,
        default=0.0,
        help="seconds of py-spy at both ends",
    )
    parser.add_argument(
        "--profiles-only", action="store_true", help="a round at both ends for py-spy; what was measured before stays"
    )
    parser.add_argument("--write", type=Path, default=RESULTS, help="folder for curves.json, curves.svg, curves.md")
    options = parser.parse_args()
    if options.profiles_only:
        options.rounds, options.profile = 1, options.profile or PROFILE_S
        for name in SIZES:
            setattr(options, name, sorted(ends(getattr(options, name))))
    return options


if __name__ == "__main__":
    sys.exit(main())
