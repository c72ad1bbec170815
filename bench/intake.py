"""How many status events a second the HTTP API takes in durably, one by one and in batches.

    .venv/bin/python bench/intake.py [--apis 1 2] [--dossiers 2000] [--steps 6] [--batches 1 10 100 500] [--lines 64]
                                     [--rounds 1] [--write docs]

`lienthong api` as a province runs it: keys, audit leaves, sealing, two messages enqueued for each event, and every
commit flushed to disk before the 202. The load generator and PostgreSQL share the machine's cores with it. Beside it,
in the same run: a plain loop that does nothing but INSERT rows of the same size, in batches, one commit each. With
`--write` the medians of the rounds are written as `intake.json` into a folder, and into its `performance.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median
from typing import Any

import result
from comparison import running
from comparison.commit import origin
from comparison.figures import cut
from comparison.table import waits_of
from curving import page
from ground import Gateway, gateway, plain_insert
from load import Ask, closed_loop, codes, in_turns, put, told, told_together

HEAD = (
    "API processes",
    "events in a request",
    "callers",
    "events/s",
    "p50, p99 of a request, ms",
    "CPU an event: API, PostgreSQL",
    "of plain",
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """Of one round, or the medians of several. Milliseconds; CPU is that of an event."""

    requests: int
    rate: float
    p50_ms: float
    p99_ms: float
    api: float
    postgres: float


@dataclass(frozen=True, kw_only=True)
class Size:
    """What is measured: API processes, events in a request, and how many callers wait for an answer at a time."""

    apis: int
    batch: int
    lines: int

    @classmethod
    def of(cls, options: argparse.Namespace, *, apis: int, batch: int) -> Size:
        """As many callers as there may be without two requests with an event of the same dossier on their way."""
        most = min(options.lines, options.dossiers // 2 // batch)
        return cls(apis=apis, batch=batch, lines=max(1, most // apis) * apis)


def main() -> None:
    options = _options()
    head = result.head()
    rows: list[dict[str, Any]] = []
    print(" | ".join(HEAD))
    for apis in options.apis:
        with gateway(apis=apis) as ours:
            plain = {batch: _plain(ours, batch) for batch in options.batches}
            for series, batch in enumerate(options.batches):
                size = Size.of(options, apis=apis, batch=batch)
                rounds = [
                    _round(ours, options, size, series=1 + number * len(options.batches) + series)
                    for number in range(options.rounds)
                ]
                rows.append({**asdict(size), **asdict(_medians(rounds)), "plain": plain[batch]})
                print(_line(rows[-1]))
    if options.write:
        _write(options, {**head, "rows": rows})


def _round(ours: Gateway, options: argparse.Namespace, size: Size, *, series: int) -> Found:
    dossiers = codes(options.dossiers, series=series)
    asyncio.run(closed_loop(ours.ports, [put(code, key=ours.key) for code in dossiers], lines=8))
    shares = [dossiers[n :: size.apis] for n in range(size.apis)]
    asks = [_asks(share, options.steps, batch=size.batch, key=ours.key) for share in shares]
    total = options.dossiers * options.steps
    before, began = ours.cpu(), time.perf_counter()
    waits = asyncio.run(_tell(ours.ports, asks, lines=size.lines // size.apis))
    took, after = time.perf_counter() - began, ours.cpu()
    spent = {name: (after[name] - before[name]) / total * 1000 for name in after}
    return Found(
        requests=len(waits),
        rate=total / took,
        p50_ms=cut(waits, 0.5) * 1000,
        p99_ms=cut(waits, 0.99) * 1000,
        api=sum(value for name, value in spent.items() if name.startswith("gateway")),
        postgres=spent["postgres"],
    )


def _medians(rounds: Sequence[Found]) -> Found:
    return Found(**{name: median(getattr(one, name) for one in rounds) for name in (f.name for f in fields(Found))})


def _line(row: dict[str, Any]) -> str:
    cells = (
        f"{row['apis']}",
        f"{row['batch']}",
        f"{row['lines']}",
        f"{row['rate']:,.0f}",
        waits_of(row),
        f"{row['api']:.2f}, {row['postgres']:.2f} ms",
        f"{row['rate'] / row['plain']:.2f} of {row['plain']:,.0f}/s",
    )
    return f"| {' | '.join(cells)} |"


def _write(options: argparse.Namespace, found: dict[str, Any]) -> None:
    """`intake.json`, and the table of the page."""
    found |= {"load_after": running.load_now(), "rounds": options.rounds}
    result.write(options.write / "intake.json", found)
    page.fill(options.write, {"intake": "\n".join(_table(found))}, name="performance.md")


def _table(found: dict[str, Any]) -> Iterator[str]:
    yield from page.provisional(found, rounds=found["rounds"])
    yield f"| {' | '.join(HEAD)} |"
    yield "|---" * len(HEAD) + "|"
    yield from map(_line, found["rows"])
    yield ""
    loads = f"load {found['load_before']} before and {found['load_after']} after"
    yield f"{origin(found)}; {loads}; medians of {found['rounds']} rounds."


def _asks(dossiers: Sequence[str], steps: int, *, batch: int, key: str) -> list[Ask]:
    everything = list(in_turns(dossiers, steps))
    if batch == 1:
        return [told(code, number, key=key) for code, number in everything]
    return [told_together(everything[n : n + batch], key=key) for n in range(0, len(everything), batch)]


async def _tell(ports: Sequence[int], asks: Sequence[Sequence[Ask]], *, lines: int) -> list[float]:
    shares = zip(ports, asks, strict=True)
    waits = await asyncio.gather(*(closed_loop([port], share, lines=lines) for port, share in shares))
    return [wait for share in waits for wait in share]


def _plain(ours: Gateway, batch: int) -> float:
    return plain_insert(ours.dsn, rows=2000 if batch == 1 else 20_000, batch=batch)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--apis", type=int, nargs="+", default=[1, 2], help="API processes")
    parser.add_argument("--dossiers", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=6, help="events of each dossier")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 10, 100, 500], help="events in one request")
    parser.add_argument("--lines", type=int, default=64, help="callers at the most, of all processes")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--write", type=Path, help="folder for intake.json, such as docs, whose page is filled")
    return parser.parse_args()


if __name__ == "__main__":
    main()
