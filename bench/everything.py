"""All benches in modest sizes, one after another: what `make bench` runs.

    .venv/bin/python bench/everything.py [--parts intake delivery …] [--without compare …]
    .venv/bin/python bench/everything.py --parts compare --rounds 7 --seconds 3

With the sizes below all of it takes about 25 minutes on two cores. Where one part is named, options after it are that
part's own, instead of its sizes. What a part prints comes to the terminal and stands in `.run/bench/<part>.txt`; how
far it is comes to the terminal alone. A part that fails ends no other one: the table at the end names it, and this ends
with 1.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from comparison import machine, running
from result import RESULTS

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BROKEN_OFF = "broken off"
FEWER_THAN_LISTED = 4
"""Files of a part that the table names; of more it says how many there are."""


@dataclass(frozen=True)
class Part:
    """A program beside this file: what it tells, and with which options it is run here."""

    what: str
    sizes: str = ""


PARTS: Mapping[str, Part] = {
    "startup": Part("from the command to the first answer"),
    "steps": Part("each step of a look-up's translation, without a socket"),
    "signing": Part("signatures, beside plain loops"),
    "outbound": Part("one call out, beside httpx", "--calls 1000 --rounds 3"),
    "stores": Part("what a look-up asks of PostgreSQL"),
    "lookups": Part("each kind of look-up", "--rounds 1 --seconds 1"),
    "intake": Part("events taken in durably", "--dossiers 1000 --steps 4 --write .run/bench"),
    "delivery": Part("the queue, beside plain loops", "--streams 500 --rounds 2"),
    "lag": Part("from the 202 to the portal's acceptance", "--seconds 10 --write .run/bench"),
    "endurance": Part("a short run, without limits; whether memory grows: make bench-endurance", "--requests 20000"),
    "streams": Part("large files in and out", "--bodies 50 --megabytes 5 --write .run/bench"),
    "evidence": Part("the log and its proofs", "--leaves 20000 --large 200000 --samples 300 --write .run/bench"),
    "search": Part("the search of the console", "--rows 100000 --samples 30 --write .run/bench"),
    "reconciliation": Part("a month of money", "--sizes 5000 --write .run/bench"),
    "profiles": Part("where the CPU of a request goes", "--case citizen intake delivery --seconds 6"),
    "compare": Part("beside what a user would pick instead", "--rounds 3 --seconds 1"),
    "curves": Part(
        "what a request costs as payload, callers, backlog, log, tenants grow",
        "--rounds 1 --seconds 1 --payloads 1000 100000 1000000 --callers 1 32 1000 --backlog 0 10000 100000 "
        "--leaves 10000 100000 --tenants 1 4",
    ),
}
"""In their order: what is short comes first, so that what is missing on a machine shows within a minute."""


@dataclass(frozen=True)
class Ended:
    """A part that is over, or was broken off. `files`: what it wrote into the folder of results."""

    name: str
    failure: str
    seconds: float
    files: Sequence[str]


def main() -> int:
    names, own = _options()
    RESULTS.mkdir(parents=True, exist_ok=True)
    print(f"{len(names)} parts on {machine.words_of()}; load {running.load_now()}", flush=True)
    ended: list[Ended] = []
    for number, name in enumerate(names, 1):
        sizes = own or shlex.split(PARTS[name].sizes)
        head = f"[{number}/{len(names)}] {name}: {PARTS[name].what}"
        print(f"\n{head}\n{' ' * len(head.partition(']')[0])}  bench/{name}.py {shlex.join(sizes)}", flush=True)
        ended.append(run(name, sizes))
        if ended[-1].failure:
            print(f"{name} FAILED: {ended[-1].failure}", flush=True)
        if ended[-1].failure == BROKEN_OFF:
            break
    print("", *summary(ended, of=len(names)), sep="\n")
    return 1 if any(one.failure for one in ended) else 0


def run(name: str, sizes: Sequence[str], *, folder: Path = HERE, to: Path = RESULTS) -> Ended:
    """One part, to its end; it is ended with us."""
    command = [sys.executable, str(folder / f"{name}.py"), *sizes]
    began, clock, kept = time.time(), time.monotonic(), to / f"{name}.txt"
    told = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (
        kept.open("w", encoding="utf-8") as file,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=told) as process,
    ):
        try:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                file.write(line)
            failure = f"it ended with {code}" if (code := process.wait()) else ""
        except KeyboardInterrupt:  # which the part was told, too
            process.wait()
            failure = BROKEN_OFF
        finally:
            process.terminate()
    if not kept.stat().st_size:
        kept.unlink()
    files = sorted(file.name for file in to.iterdir() if file.stat().st_mtime >= began)
    return Ended(name, failure, time.monotonic() - clock, files)


def summary(ended: Sequence[Ended], *, of: int) -> Iterator[str]:
    """A line for each part, and one for all."""
    for one in ended:
        many = len(one.files) > FEWER_THAN_LISTED
        files = f"{len(one.files)} files" if many else ", ".join(one.files)
        yield f"{one.name:<15}{_minutes(one.seconds):>7}  {'FAILED' if one.failure else 'ok':<8}{files}"
    failed = [one.name for one in ended if one.failure]
    words = f"{len(ended)} of {of} parts in {_minutes(sum(one.seconds for one in ended))} minutes"
    yield f"{words}, FAILED: {', '.join(failed)}" if failed else f"{words}, all ok"
    yield f"Results: {RESULTS.relative_to(ROOT)}/ (what they mean: docs/performance.md, docs/curves.md)"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _options() -> tuple[list[str], list[str]]:
    """Which parts, and what else was said to the only one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--without", nargs="+", choices=PARTS, default=[])
    options, own = parser.parse_known_args()
    names = [name for name in PARTS if name in options.parts and name not in options.without]
    if own and len(names) != 1:
        parser.error(f"{shlex.join(own)}: whose is that? Name one part.")
    return names, own


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the part is ended, too
    sys.exit(main())
