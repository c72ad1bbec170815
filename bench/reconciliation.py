"""How long it takes to close a month of payments to zero, and how much memory, as the month grows.

    .venv/bin/python bench/reconciliation.py [--sizes 5000 50000 500000] [--write docs/]

Books, statements and findings in PostgreSQL with its usual settings; the rail's lists are generated, one payment in a
hundred wrong, of every kind. A month is reconciled as it is in a province: each day on two mornings, then with the
bank, then closed. Each size runs in a process of its own; if what was found is not what was seeded, this ends with 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import drawing
import result
from ground import postgres, tables
from money_house import BANK_AFTER, MoneyHouse
from money_month import KINDS, ListingRail, Month, fill

from gateway.observability import configure_logging

FIRST = date(2026, 11, 1)
TENANT = "BENCH"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 50_000, 500_000], help="payments in the month")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, help="folder for reconciliation.json and reconciliation.svg")
    options = parser.parse_args()
    if options.one:
        with postgres() as on:
            print(json.dumps(asyncio.run(_one(on.dsn, options.one))))
        return
    head = result.head()
    runs = [_apart(size) for size in options.sizes]
    figures = {**head, "runs": runs, "days": 30, "wrong": 0.01, "cores": os.cpu_count()}
    print(json.dumps(figures, indent=1))
    if options.write:
        (options.write / "reconciliation.json").write_text(json.dumps(figures, indent=1) + "\n")
        (options.write / "reconciliation.svg").write_text(plot(figures))
    if any(run["found"] < run["wrong"] or run["invented"] for run in runs):
        sys.exit("what was found is not what was seeded")


def _apart(size: int) -> dict[str, Any]:
    """In a process of its own, whose peak of memory is its own."""
    command = [sys.executable, __file__, "--one", str(size)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    run: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return run


class TimedRail(ListingRail):
    """Generating a list is the rail's time, not ours."""

    spent = 0.0

    async def ask(self, operation: str, canonical: Any, **told: Any) -> Any:
        began = time.perf_counter()
        answer = await super().ask(operation, canonical, **told)
        self.spent += time.perf_counter() - began
        return answer


async def _one(dsn: str, size: int) -> dict[str, Any]:
    configure_logging("CRITICAL", process="bench")
    month = Month(first=FIRST, payments=size)
    async with tables(dsn, size=4) as database:
        house = MoneyHouse(database, month, tenant=TENANT, rail=TimedRail(month))
        began = time.perf_counter()
        await fill(database, month, tenant=TENANT, seal=lambda told: house.keyring.seal(told, purpose="payment"))
        _say(size, f"filled in {time.perf_counter() - began:.0f} s")
        began, mornings = time.perf_counter(), month.days + BANK_AFTER

        def seen(day: date) -> None:
            done = (day - FIRST).days
            if done % 5 == 0:
                _say(size, f"morning {done} of {mornings}, {time.perf_counter() - began:.0f} s")

        await house.whole_month(seen)
        spent, rail = time.perf_counter() - began, house.rail.spent
        found, truth = await house.found(), month.truth()
    return {
        "payments": size,
        "seconds": round(spent - rail, 1),
        "seconds_of_the_generated_rail": round(rail, 1),
        "a_day_s": round((spent - rail) / month.days, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "wrong": len(truth),
        "found": len(found.items() & truth.items()),
        "invented": len(found.items() - truth.items()),
    }


def _say(size: int, text: str) -> None:
    print(f"{size:,} payments: {text}", file=sys.stderr, flush=True)


def plot(figures: Mapping[str, Any]) -> str:
    """Time and memory beside each other over the size of the month: they have no axis in common."""
    runs = figures["runs"]
    wrong, found, invented = (sum(run[name] for run in runs) for name in ("wrong", "found", "invented"))
    notes = (
        f"{figures['wrong']:.0%} wrong, of {len(KINDS)} kinds: {found:,} of {wrong:,} found, {invented:,} invented; "
        "all axes are logarithmic; dashed: linear growth",
        drawing.measured(figures),
    )
    first, last = runs[0], runs[-1]
    linear = [(first["payments"], first["seconds"])]
    linear.append((last["payments"], first["seconds"] * last["payments"] / first["payments"]))
    return drawing.svg(
        860,
        390,
        [
            *drawing.head(56, f"A month of {figures['days']} days closed to zero", *notes),
            *_panel(runs, "seconds", "seconds of ours", left=56, dashed=linear),
            *_panel(runs, "peak_mb", "peak of resident memory, MB", left=486),
        ],
    )


def _panel(
    runs: Sequence[Mapping[str, Any]], name: str, title: str, *, left: int, dashed: drawing.Points = ()
) -> Iterator[str]:
    top, width, height = 108, 320, 230
    points = [(run["payments"], run[name]) for run in runs]
    sizes, values = zip(*points, strict=True)
    heights = drawing.upright([*values, *(value for _, value in dashed)], top, height)
    frame = drawing.Frame(drawing.along(sizes, left, width), heights)
    yield drawing.text(left, top - 12, title, font_weight="bold")
    yield from frame.grid({size: f"{size:,}" for size in sizes})
    yield drawing.text(left + width, top + height + 33, "payments in the month (số giao dịch trong tháng)",
        fill=drawing.AXIS, text_anchor="end")  # fmt: skip
    if dashed:
        yield frame.curve(dashed, drawing.LIMIT, dash="4 3")
    yield frame.curve(points, drawing.OURS)
    yield from frame.dots(points, drawing.OURS, drawing.OURS)
    for size, value in points:
        yield drawing.text(frame.across.at(size) + 7, frame.up.at(value) + 16, f"{value:g}", **drawing.HALO)


if __name__ == "__main__":
    main()
