"""How long after the 202 a status event has been accepted by the portal, at a rate that does not wait for us.

    .venv/bin/python bench/lag.py [--rate 200] [--seconds 30] [--batch 1] [--apis 1] [--workers 1] [--write docs/]

The whole way with everything on: HTTP API, PostgreSQL with its usual settings, worker, real HTTP
to the mock portal, whose log-in, rules and state file are on. An event counts as accepted when the portal's answer to
its step has been acknowledged, which is a little later than the acceptance itself. Load and mock share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import drawing
import psycopg
import result
from ground import Gateway, gateway
from load import STEPS, Ask, Line, closed_loop, codes, in_turns, put, told, told_together

LIMIT_S = 1.0
"""What 95 of 100 events may take at 200 events a second."""
PATIENCE_S = 120.0
EACH = 4
"""Steps of one dossier."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=200, help="events a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--batch", type=int, default=1, help="events in one request")
    parser.add_argument("--apis", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--write", type=Path, help="folder for delivery-lag.json and delivery-lag.svg")
    options = parser.parse_args()
    with gateway(apis=options.apis, workers=options.workers, mocks=("national_portal",)) as running:
        figures, lags = _run(running, options)
    print(json.dumps(figures, indent=1))
    if options.write:
        (options.write / "delivery-lag.json").write_text(json.dumps(figures, indent=1) + "\n")
        (options.write / "delivery-lag.svg").write_text(plot(lags, figures))


def _run(running: Gateway, options: argparse.Namespace) -> tuple[dict[str, Any], list[float]]:
    total = options.rate * options.seconds
    dossiers = codes(-(-total // EACH))
    asyncio.run(closed_loop(running.ports, [put(code, key=running.key) for code in dossiers], lines=8))
    _wait(running, "sync_dossier", len(dossiers))
    steps = list(in_turns(dossiers, min(EACH, len(STEPS))))[:total]
    asks = [_ask(steps[n : n + options.batch], running.key) for n in range(0, total, options.batch)]
    head, before = result.head(), running.cpu()
    answered, late = asyncio.run(_open_loop(running.ports, asks, rate=options.rate / options.batch))
    answered = [at for at, ask in zip(answered, asks, strict=True) for _ in range(ask.events)]
    accepted = _wait(running, "report_progress", total)
    spent = {name: round((value - before[name]) / total * 1000, 2) for name, value in running.cpu().items()}
    taken: dict[str, list[float]] = defaultdict(list)
    for (code, _), at in zip(steps, answered, strict=True):
        taken[code].append(at)
    lags = sorted(end - at for code in taken for at, end in zip(taken[code], accepted[code], strict=True))
    figures = {
        "rate_offered": options.rate,
        "rate_taken": round(total / (max(answered) - min(answered))),
        "events": total,
        "in_one_request": options.batch,
        "lag_s": {
            name: round(lags[int(len(lags) * part)], 3) for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        },
        "told_late_s_p95": round(sorted(late)[int(len(late) * 0.95)], 3),
        "cpu_ms_per_event": spent,
        "apis": options.apis,
        "workers": options.workers,
        "cores": os.cpu_count(),
        **head,
    }
    return figures, lags


def _ask(steps: Sequence[tuple[str, int]], key: str) -> Ask:
    return told(*steps[0], key=key) if len(steps) == 1 else told_together(steps, key=key)


async def _open_loop(ports: Sequence[int], asks: Sequence[Ask], *, rate: float) -> tuple[list[float], list[float]]:
    """Send request n at n / rate, whatever became of the ones before. When each was answered, and how late it was told
    because all lines were busy."""
    began, queue = time.time() + 0.5, iter(enumerate(asks))
    answered, late = [0.0] * len(asks), [0.0] * len(asks)

    async def one(port: int) -> None:
        async with Line(port) as line:
            for number, ask in queue:
                due = began + number / rate
                if (early := due - time.time()) > 0:
                    await asyncio.sleep(early)
                late[number] = time.time() - due
                await line.send(ask)
                answered[number] = time.time()

    await asyncio.gather(*(one(ports[n % len(ports)]) for n in range(64)))
    return answered, late


def _wait(running: Gateway, operation: str, count: int) -> dict[str, list[float]]:
    """Until so many messages are acknowledged: when, of each dossier in order."""
    found: dict[str, list[datetime]] = defaultdict(list)
    end = time.monotonic() + PATIENCE_S
    with psycopg.connect(running.dsn, autocommit=True) as connection:
        connection.execute("SET search_path TO lienthong, public")
        question = "SELECT count(*) FROM message WHERE operation = %s AND acknowledged_at IS NOT NULL"
        while connection.execute(question, (operation,)).fetchone() != (count,):
            if time.monotonic() > end:
                raise SystemExit("The portal has not accepted everything in time.")
            time.sleep(0.5)
        told = connection.execute(
            "SELECT key, acknowledged_at FROM message WHERE operation = %s ORDER BY key, seq", (operation,)
        )
        for code, at in told:
            found[code].append(at)
    return {code: [at.timestamp() for at in moments] for code, moments in found.items()}


def plot(lags: Sequence[float], figures: Mapping[str, Any]) -> str:
    """Which part of the events was accepted within which time, on a logarithmic axis."""
    left, top, width, height = 60, 92, 640, 300
    frame = drawing.Frame(
        drawing.Axis(0.001, max(10.0, lags[-1]), left, width), drawing.linear(1.0, top + height, -height)
    )
    curve = [(lags[int((len(lags) - 1) * n / 400)], n / 400) for n in range(401)]
    p95, must = lags[int(len(lags) * 0.95)], frame.across.at(LIMIT_S)
    asked = (
        f"{figures['events']:,} status events, {figures['rate_offered']} a second offered, "
        f"{figures['in_one_request']} in a request; red: {LIMIT_S:g} s"
    )
    title = "From the 202 to the portal's acceptance (từ 202 tới khi Cổng nhận)"
    drawn = [
        *drawing.head(left, title, asked, drawing.measured(figures)),
        *drawing.columns(frame.across, (top, top + height), dict.fromkeys(frame.across.marks(), "")),
        *frame.grid(frame.across.marks(), {part: f"{part:.0%}" for part in (0, 0.25, 0.5, 0.75, 0.95, 1)}),
        drawing.limit((must, top), (must, top + height)),
        frame.curve(curve, drawing.OURS),
        *frame.dots([(p95, 0.95)], drawing.OURS, drawing.OURS),
        drawing.text(frame.across.at(p95) + 8, frame.up.at(0.95) + 18, f"p95 {p95:.2f} s", **drawing.HALO),
        drawing.text(left + width, top + height + 33, "seconds, logarithmic", fill=drawing.AXIS, text_anchor="end"),
    ]
    return drawing.svg(left + width + 30, top + height + 46, drawn)


if __name__ == "__main__":
    main()
