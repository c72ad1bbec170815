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
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

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
        (options.write / "reconciliation.svg").write_text(plot(runs))
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


def plot(runs: Sequence[dict[str, Any]]) -> str:
    """Time and memory over the size of the month, on logarithmic axes; the dashed line is linear growth."""
    from math import log10

    width, height, left, top = 640, 300, 70, 40
    sizes = [run["payments"] for run in runs]
    lowest, highest = log10(min(sizes)) - 0.2, log10(max(sizes)) + 0.2
    values = [run["seconds"] for run in runs] + [run["peak_mb"] for run in runs]
    low, high = log10(max(min(values), 1)) - 0.3, log10(max(values)) + 0.4

    def x(size: float) -> float:
        return left + (log10(size) - lowest) / (highest - lowest) * width

    def y(value: float) -> float:
        return top + (1 - (log10(value) - low) / (high - low)) * height

    def line(name: str, colour: str, *, unit: str, below: int) -> list[str]:
        points = [(x(run["payments"]), y(run[name]), run[name]) for run in runs]
        return [
            f'<polyline points="{" ".join(f"{a:.1f},{b:.1f}" for a, b, _ in points)}" fill="none" stroke="{colour}" '
            'stroke-width="2"/>',
            *(
                f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>'
                f'<text x="{a + 8:.1f}" y="{b + below:.1f}" fill="{colour}">{value:g} {unit}</text>'
                for a, b, value in points
            ),
        ]

    first, last = runs[0], runs[-1]
    linear = first["seconds"] * last["payments"] / first["payments"]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + left + 60} {height + 100}" '
            'font-family="sans-serif" font-size="12">',
            '<rect width="100%" height="100%" fill="white"/>',
            *(
                f'<line x1="{x(size):.1f}" x2="{x(size):.1f}" y1="{top}" y2="{top + height}" stroke="#ddd"/>'
                f'<text x="{x(size):.1f}" y="{top + height + 18}" text-anchor="middle">{size:,}</text>'
                for size in sizes
            ),
            f'<line x1="{x(first["payments"]):.1f}" y1="{y(first["seconds"]):.1f}" x2="{x(last["payments"]):.1f}" '
            f'y2="{y(linear):.1f}" stroke="#b00" stroke-dasharray="4 3"/>',
            *line("seconds", "#06c", unit="s", below=16),
            *line("peak_mb", "#080", unit="MB", below=-8),
            f'<text x="{left + width / 2}" y="{top + height + 44}" text-anchor="middle">'
            "payments in the month (số giao dịch trong tháng); blue: seconds, green: peak memory, red: linear</text>",
            f'<text x="{left}" y="20">A month of 30 days closed to zero: 1 % wrong, of {len(KINDS)} kinds; all found, '
            "none invented</text>",
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    main()
