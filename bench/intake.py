"""How many status events a second the HTTP API takes in durably, one by one and in batches.

    .venv/bin/python bench/intake.py [--apis 1 2] [--dossiers 200] [--steps 4] [--batches 1 100 500] [--lines 32]

`lienthong api` as a province runs it: keys, audit leaves, sealing, two messages enqueued for each event, and every
commit flushed to disk before the 202. The load generator and PostgreSQL share the machine's cores with it. Beside it,
in the same run: a plain loop that does nothing but INSERT rows of the same size, in batches, one commit each.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from statistics import median, quantiles

from ground import Gateway, gateway, plain_insert
from load import Ask, closed_loop, codes, in_turns, put, told, told_together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--apis", type=int, nargs="+", default=[1, 2], help="API processes")
    parser.add_argument("--dossiers", type=int, default=500)
    parser.add_argument("--steps", type=int, default=4, help="events of each dossier")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 100, 500], help="events in one request; 1: alone")
    parser.add_argument("--lines", type=int, default=32, help="connections that tell events one by one")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    print(
        f"{'apis':>4} {'batch':>6} {'events/s':>9} {'p50 ms':>8} {'p99 ms':>8}  CPU ms/event: api, postgres   of plain"
    )
    for apis in options.apis:
        with gateway(apis=apis) as running:
            plain = {batch: _plain(running, batch) for batch in options.batches}
            for batch in options.batches:
                _measure(running, options, apis=apis, batch=batch, plain=plain[batch])


def _measure(running: Gateway, options: argparse.Namespace, *, apis: int, batch: int, plain: float) -> None:
    rates = []
    for number in range(options.rounds):
        dossiers = codes(options.dossiers, series=1 + number * len(options.batches) + options.batches.index(batch))
        asyncio.run(closed_loop(running.ports, [put(code, key=running.key) for code in dossiers], lines=8))
        shares = [dossiers[n::apis] for n in range(apis)]
        asks = [_asks(share, options.steps, batch=batch, key=running.key) for share in shares]
        total = options.dossiers * options.steps
        before, began = running.cpu(), time.perf_counter()
        waits = asyncio.run(_tell(running.ports, asks, lines=options.lines // apis if batch == 1 else 1))
        took, after = time.perf_counter() - began, running.cpu()
        rates.append(total / took)
        spent = {name: (after[name] - before[name]) / total * 1000 for name in after}
        cuts = quantiles([wait * 1000 for wait in waits], n=100) if len(waits) > 1 else [waits[0] * 1000] * 99
        api = sum(value for name, value in spent.items() if name.startswith("gateway"))
        waited = f"{cuts[49]:>8.1f} {cuts[98]:>8.1f}  {api:>12.2f}, {spent['postgres']:.2f}"
        print(f"{apis:>4} {batch:>6} {rates[-1]:>9.0f} {waited} {rates[-1] / plain:>17.3f} of {plain:.0f}/s")
    if len(rates) > 1:
        print(f"{apis:>4} {batch:>6} {median(rates):>9.0f} median")


def _asks(dossiers: Sequence[str], steps: int, *, batch: int, key: str) -> list[Ask]:
    everything = list(in_turns(dossiers, steps))
    if batch == 1:
        return [told(code, number, key=key) for code, number in everything]
    return [told_together(everything[n : n + batch], key=key) for n in range(0, len(everything), batch)]


async def _tell(ports: Sequence[int], asks: Sequence[Sequence[Ask]], *, lines: int) -> list[float]:
    shares = zip(ports, asks, strict=True)
    waits = await asyncio.gather(*(closed_loop([port], share, lines=lines) for port, share in shares))
    return [wait for share in waits for wait in share]


def _plain(running: Gateway, batch: int) -> float:
    return plain_insert(running.dsn, rows=2000 if batch == 1 else 20_000, batch=batch)


if __name__ == "__main__":
    main()
