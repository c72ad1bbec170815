"""How long `lienthong api` takes from the command to the first answer.

    .venv/bin/python bench/startup.py [--starts 7] [--write docs] [--check] [--most 2.0]

On a database that runs and has its tables, with byte code that was compiled before: one start is thrown away. From the
exec of the command on: when `/healthz` is first answered, when `/readyz` says yes, and when the first citizen look-up
is answered, against the canned upstream; CPU of the process up to there, and what it then holds. Medians, with the
least and the greatest. `--check`: end with 1 where the median of the first look-up takes longer than `--most` seconds.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import ground
import result
from comparison import machine, questions, running
from comparison.commit import origin
from comparison.machine import cpu_s
from curving import page
from curving.memory import held
from journey import free_ports
from result import RESULTS
from rich.console import Console
from rich.progress import track
from town import BIN, ROOT

PATIENCE_S = 60.0
NAP_S = 0.002
STEPS = {
    "health": "first answer of `/healthz`",
    "ready": "`/readyz` says yes",
    "lookup": "first citizen look-up answered",
}
FIGURES = {"wall_s": "s", "cpu_s": "s of CPU", "rss_mb": "MB resident", "private_mb": "MB private"}


def main() -> int:
    options = _options()
    head = result.head()
    with running.alone(result.say) as (stage, ours):
        everything = stage.cores.everything
        ours.town.end("gateway")
        with machine.on(everything):
            _start(ours)  # compiles
            console = Console(stderr=True)
            starts = [_start(ours) for _ in track(range(options.starts), "starting", console=console, transient=True)]
    found = {**head, "load_after": running.load_now(), "starts": starts}
    result.write(options.write / "startup.json", found)
    page.fill(options.write, {"startup": table(found)})
    print(table(found))
    holds, words = verdict(found, most_s=options.most)
    print(words)
    return 0 if holds or not options.check else 1


def verdict(found: dict[str, Any], *, most_s: float) -> tuple[bool, str]:
    """Whether the first look-up is answered in time, in a line."""
    middle = median(one["lookup"]["wall_s"] for one in found["starts"])
    holds = middle <= most_s
    return holds, f"{'holds' if holds else 'FAILS'}  first look-up after {middle:.2f} s; at most {most_s:g} s"


def _start(ours: ground.Gateway) -> dict[str, dict[str, float]]:
    """One start, from the exec to the first look-up, and the end of the process."""
    port = free_ports()
    environment = {**ours.town.environment, "LIENTHONG_API__PORT": str(port)}
    asked = questions.citizen(ours.key)
    began = time.perf_counter()
    process = subprocess.Popen([str(BIN / "lienthong"), "api"], env=environment, cwd=ROOT, start_new_session=True)

    def until(request: bytes, is_right: Callable[[int, bytes], bool]) -> dict[str, float]:
        end = began + PATIENCE_S
        while time.perf_counter() < end and process.poll() is None:
            answer = _answer(port, request)
            if answer and is_right(*answer):
                wall, memory = time.perf_counter() - began, held(process.pid)
                figures = (wall, cpu_s(process.pid, ended=True), memory.rss_mb, memory.private_mb)
                return {name: round(value, 3) for name, value in zip(FIGURES, figures, strict=True)}
            time.sleep(NAP_S)
        raise SystemExit("The gateway did not come up.")

    try:
        return {
            "health": until(questions.request("GET", "/healthz", {}), lambda status, _: status == 200),
            "ready": until(questions.request("GET", "/readyz", {}), lambda status, _: status == 200),
            "lookup": until(asked.make(0), lambda status, body: not asked.complaint(0, status, body)),
        }
    finally:
        process.terminate()
        process.wait(30)


def _answer(port: int, request: bytes) -> tuple[int, bytes] | None:
    """Status and body; None while nobody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
            connection.sendall(request)
            told = b""
            while (room := _missing(told)) and (more := connection.recv(room)):
                told += more
    except OSError:
        return None
    head, _, body = told.partition(b"\r\n\r\n")
    return (int(head[9:12]), body) if head[9:12].isdigit() else None


def _missing(told: bytes) -> int:
    """Bytes that may still come: all, until the head says how many they are."""
    head, ends, body = told.partition(b"\r\n\r\n")
    if not ends:
        return 65536
    at = head.lower().find(b"content-length:")
    length = int(head[at + 15 :].partition(b"\r\n")[0]) if at >= 0 else 0
    return max(length - len(body), 0)


def table(found: dict[str, Any]) -> str:
    """Medians, with the least and the greatest."""
    lines = page.provisional(found, rounds=len(found["starts"]))
    lines += ["| | " + " | ".join(FIGURES.values()) + " |", "|---" * (len(FIGURES) + 1) + "|"]
    for step, words in STEPS.items():
        cells = [_spread([one[step][name] for one in found["starts"]]) for name in FIGURES]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    lines += [
        "",
        f"{origin(found)}; medians of {len(found['starts'])} starts, in brackets the least and the "
        f"greatest; load {found['load_before']} before and {found['load_after']} after.",
    ]
    return "\n".join(lines)


def _spread(values: Sequence[float]) -> str:
    digits = 2 if max(values) < 20 else 0
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--write", type=Path, default=RESULTS, help="folder for startup.json")
    parser.add_argument("--most", type=float, default=2.0, help="seconds to the first look-up")
    parser.add_argument("--check", action="store_true", help="end with 1 where it takes longer")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
