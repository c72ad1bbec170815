"""Whether one API process holds more and more, the longer it serves.

    .venv/bin/python bench/endurance.py [--requests 1000000] [--write docs] [--check]

A mix over 32 connections: citizen look-ups, enterprise look-ups, status events that are taken in, payments that are
opened; everything on, every answer looked at. What the process holds is read every few seconds. The trend is that of
the second half (Theil and Sen), in MB for 100,000 requests. `--check`: end with 1 where more than 150 MB are resident,
where there is a trend of more than 1 MB for 100,000 requests, where the last tenth holds more than 3 MB over the tenth
after the middle, or where fewer requests were done than asked for, or less than 100,000: of those no trend is told.
Interrupted, it tells what it has and leaves what was written as it is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import ground
import result
import uvloop
from comparison import asking, events, questions, running
from comparison.questions import Asking
from comparison.running import gateway_of
from comparison.subjects import Running
from curving import lasting, page
from curving.memory import held
from result import RESULTS
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

LINES = 32
EVERY_S = 3.0
"""Between two readings, about."""
MIX = (*("citizen",) * 12, *("enterprise",) * 4, *("event",) * 3, "payment")
"""Of twenty requests."""
FOREVER_S = 3600.0


class Mixed:
    """Twenty questions in turns, on and on from one reading to the next."""

    def __init__(self, key: str, event: Callable[[int], bytes]) -> None:
        self._asks = {
            "citizen": questions.citizen(key),
            "enterprise": questions.enterprise(key),
            "payment": questions.payment(key),
            "event": Asking(make=event, complaint=events.taken),
        }
        self.done = 0

    def make(self, number: int) -> bytes:
        number += self.done
        return self._asks[MIX[number * 7 % len(MIX)]].make(number)

    def complaint(self, number: int, status: int, body: bytes) -> str:
        number += self.done
        return self._asks[MIX[number * 7 % len(MIX)]].complaint(number, status, body)


def main() -> int:
    options = _options()
    with running.alone(result.say) as (_, ours):
        found = _serve(ours, options)
    if found["requests"] >= found["asked"]:
        write(found, options.write)
    print(lasting.table(found))
    verdicts = lasting.verdicts(found, most_mb=options.most, most_growth=options.growth)
    for verdict in verdicts:
        print(verdict.words)
    return 0 if not options.check or all(verdict.holds for verdict in verdicts) else 1


def write(found: dict[str, Any], folder: Path) -> None:
    result.write(folder / "endurance.json", found)
    (folder / "endurance.svg").write_text(lasting.plot(found), encoding="utf-8")
    page.fill(folder, {"endurance": lasting.table(found)})


def _serve(ours: ground.Gateway, options: argparse.Namespace) -> dict[str, Any]:
    subject = gateway_of(ours)
    told = events.Events(events.Sizes(), key=ours.key)
    told.tell_dossiers(ours.ports)
    mixed, head = Mixed(ours.key, told.one), result.head()
    began, cpu = perf_counter(), subject.cpu_s()
    samples: list[dict[str, float]] = []
    try:
        for sample in _sampled(subject, mixed, options.requests, began=began):
            samples.append(sample)
    except (KeyboardInterrupt, SystemExit):
        if not samples:
            raise
    done = int(samples[-1]["requests"])
    return {
        **head,
        "load_after": running.load_now(),
        "asked": options.requests,
        "requests": done,
        "mix": {name: MIX.count(name) / len(MIX) for name in dict.fromkeys(MIX)},
        "rate": round(done / samples[-1]["seconds"]),
        "cpu_ms": round((subject.cpu_s() - cpu) / done * 1000, 3),
        "samples": samples,
    }


def _sampled(subject: Running, mixed: Mixed, requests: int, *, began: float) -> Iterator[dict[str, float]]:
    """A reading each few seconds, until all is asked."""
    chunk, columns = 500, (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=requests)
        while mixed.done < requests:
            answers = _ask(subject.ports, mixed, min(chunk, requests - mixed.done))
            mixed.done += answers.count
            rate = answers.count / answers.seconds
            sample = _sample(subject.pids[0], mixed.done, perf_counter() - began)
            _show(progress, task, sample, rate=rate)
            chunk = max(int(rate * EVERY_S), 100)
            yield sample


def _ask(ports: Sequence[int], mixed: Mixed, most: int) -> asking.Answers:
    asked = (mixed.make, mixed.complaint)
    return uvloop.run(asking.closed_loop(ports, asked, lines=LINES, until=(FOREVER_S, most)))


def _sample(pid: int, requests: int, seconds: float) -> dict[str, float]:
    return {"requests": requests, "seconds": round(seconds, 1), **asdict(held(pid))}


def _show(progress: Progress, task: TaskID, sample: dict[str, float], *, rate: float) -> None:
    words = f"{rate:,.0f} a second, RSS {sample['rss_mb']:.0f} MB, private {sample['private_mb']:.0f} MB"
    progress.update(task, completed=sample["requests"], description=words)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--most", type=float, default=150.0, help="MB that may be resident at the end")
    parser.add_argument("--growth", type=float, default=1.0, help="MB for 100,000 requests that are no trend yet")
    parser.add_argument("--check", action="store_true", help="end with 1 where a limit does not hold")
    parser.add_argument("--write", type=Path, default=RESULTS, help="folder for endurance.json and endurance.svg")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
