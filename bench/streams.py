"""How much memory one API process takes for many large files at once.

    .venv/bin/python bench/streams.py [--bodies 200] [--megabytes 20] [--write docs/]

A real `lienthong api`, everything on, on a cluster with its usual settings. So many callers hand a file over at once:
each sends all but its last bytes, waits until all have come so far, and only then ends; so all bodies are in progress
at once, with everything of them sent. Then all are read back at once: each reader takes the first bytes and waits until
every other has them, too. Digests are compared both ways. What counts is how much the process' resident memory grows
over what it was before, at the worst moment (VmRSS twenty times a second, and the kernel's own VmHWM).
MB of memory are of 2^20 bytes, those of the files of 10^6.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import drawing
import result
from comparison import machine
from curving.memory import status_mb
from evidence import bar
from ground import Gateway, gateway

LIMIT_MB = 50
"""What the process may grow by (issue 8), of 2^20 bytes."""
EVERY_S = 0.05
BLOCK = os.urandom(1_000_003)
"""Nothing repeats within what a process could keep for itself."""
PIECE = 65_536
HELD_BACK = 1_000
"""Bytes that nobody sends until all are so far."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bodies", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=20)
    parser.add_argument("--write", type=Path, help="folder for streams.json and streams.svg")
    options = parser.parse_args()
    with gateway() as running:
        pid = running.town.processes["gateway"].pid
        meter = Meter(pid)
        asyncio.run(handed_over_and_read(running, meter, bodies=2, size=options.megabytes * 1_000_000))  # it warms
        figures = asyncio.run(
            handed_over_and_read(running, meter, bodies=options.bodies, size=options.megabytes * 1_000_000)
        )
    shown = {name: value for name, value in figures.items() if name != "points"}
    print(json.dumps(shown, indent=1))
    if options.write:
        (options.write / "streams.json").write_text(json.dumps(figures, separators=(",", ":")) + "\n")
        (options.write / "streams.svg").write_text(plot(figures))
    if figures["growth_mb"] >= LIMIT_MB:
        sys.exit(f"It grew by more than {LIMIT_MB} MB.")


@dataclass
class Meter:
    """Reads /proc. `points`: seconds since it began, and MB (2^20)."""

    pid: int
    points: list[tuple[float, float]] = field(default_factory=list)

    def now_mb(self, what: str = "VmRSS") -> float:
        return status_mb(self.pid, what)

    @contextlib.asynccontextmanager
    async def running(self) -> Any:
        """The kernel forgets its own mark first, so that it is of this run alone."""
        self._forget()
        self.points, began, over = [], time.monotonic(), threading.Event()

        def look() -> None:
            while not over.wait(EVERY_S if self.points else 0):
                self.points.append((round(time.monotonic() - began, 2), round(self.now_mb(), 1)))

        looking = threading.Thread(target=look)  # the loop is busy with sending
        looking.start()
        try:
            yield lambda: round(time.monotonic() - began, 1)
        finally:
            over.set()
            looking.join()

    def _forget(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def highest_mb(self) -> float:
        return max([self.now_mb("VmHWM"), *(mb for _, mb in self.points)])


async def handed_over_and_read(running: Gateway, meter: Meter, *, bodies: int, size: int) -> dict[str, Any]:
    head, before = result.head(), meter.now_mb()
    cpu = running.cpu()
    callers = [Caller(running.ports[0], running.key, number, size, bodies) for number in range(bodies)]
    marks: dict[str, float] = {}
    with bar("megabytes") as progress:
        task = progress.add_task("", total=2 * bodies * size // 1_000_000)
        moved = 0

        def came(count: int) -> None:
            nonlocal moved
            moved += count
            progress.update(task, completed=moved // 1_000_000)

        async with meter.running() as clock:
            gate = Gate(bodies)
            taking = [asyncio.create_task(one.hand_over(gate, came)) for one in callers]
            await gate.opened.wait()
            marks["all_sent_s"] = clock()
            await asyncio.gather(*taking)
            marks["all_taken_s"] = clock()
            gate = Gate(bodies)
            await asyncio.gather(*(one.read_back(gate, came) for one in callers))
            marks["all_read_s"] = clock()
            highest = meter.highest_mb()
    spent = {name: round(value - cpu[name], 1) for name, value in running.cpu().items()}
    return {
        "bodies": bodies,
        "megabytes_each": size / 1e6,
        "before_mb": round(before, 1),
        "highest_mb": round(highest, 1),
        "growth_mb": round(highest - before, 1),
        "after_mb": round(meter.now_mb(), 1),
        "limit_mb": LIMIT_MB,
        **marks,
        "cpu_s": spent,
        **head,
        "cores": len(machine.cores().everything),
        "points": thinned(meter.points),
    }


def thinned(points: Sequence[tuple[float, float]], most: int = 400) -> list[tuple[float, float]]:
    """As many as a picture can show, none of the highest left out."""
    step = -(-len(points) // most)
    return [max(points[at : at + step], key=lambda point: point[1]) for at in range(0, len(points), step)]


class Gate:
    """Opens when all have come to it."""

    def __init__(self, count: int) -> None:
        self._missing = count
        self.opened = asyncio.Event()

    async def arrive(self) -> None:
        self._missing -= 1
        if not self._missing:
            await asyncio.sleep(1)  # so that what lies there with all of them open is seen
            self.opened.set()
        await self.opened.wait()


@dataclass
class Caller:
    """One file, handed over and read on a connection each."""

    port: int
    key: str
    number: int
    size: int
    bodies: int

    def __post_init__(self) -> None:
        self._id = uuid.uuid4()
        self._digest = ""

    async def hand_over(self, gate: Gate, came: Callable[[int], None]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=PIECE)
        writer.write(
            self._head("PUT", "", f"Content-Type: application/pdf\r\nContent-Length: {self.size}\r\n"
            "Content-Disposition: attachment; filename*=UTF-8''to-khai.pdf\r\n")
        )  # fmt: skip
        digest, left = hashlib.sha256(), self.size
        for piece in self._pieces():
            if left <= HELD_BACK:
                await gate.arrive()
            digest.update(piece)
            left -= len(piece)
            writer.write(piece)
            await writer.drain()
            came(len(piece))
        self._digest = digest.hexdigest()
        head, body = await self._answer(reader)
        if not head.startswith(b"HTTP/1.1 201") or json.loads(body)["sha256"] != self._digest:
            raise SystemExit(f"{head[:60]!r} {body!r}")
        writer.close()

    async def read_back(self, gate: Gate, came: Callable[[int], None]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=PIECE)
        writer.write(self._head("GET", "/content", ""))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        digest, got = hashlib.sha256(), 0
        while got < self.size:
            piece = await reader.read(PIECE)
            if not piece:
                raise SystemExit(f"The answer ended after {got} bytes.")
            if not got:
                await gate.arrive()
            digest.update(piece)
            got += len(piece)
            came(len(piece))
        if digest.hexdigest() != self._digest:
            raise SystemExit("What was read is not what was handed over.")
        writer.close()

    def _pieces(self) -> Iterator[bytes]:
        """The file, in such pieces that the last one is what is held back. No two files are alike."""
        left, at = self.size - HELD_BACK, self.number * 4_099
        while left:
            at %= len(BLOCK)
            piece = BLOCK[at : at + min(left, PIECE)]
            left, at = left - len(piece), at + len(piece)
            yield piece
        yield bytes(HELD_BACK)

    def _head(self, method: str, what: str, more: str) -> bytes:
        return (
            f"{method} /v1/files/{self._id}{what} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {self.key}\r\n"
            f"{more}\r\n"
        ).encode()

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return head, await reader.readexactly(length)


def plot(figures: dict[str, Any]) -> str:
    """Resident memory over time, and the line that it must stay under."""
    left, top, width, height = 62, 96, 640, 250
    points, most = figures["points"], figures["before_mb"] + figures["limit_mb"]
    frame = drawing.Frame(
        drawing.linear(points[-1][0], left, width),
        drawing.linear(max(most, figures["highest_mb"]) * 1.15, top + height, -height),
    )
    marks = {"all sent": ("all_sent_s", "end"), "all taken in": ("all_taken_s", "start")}
    title = (
        f"{figures['bodies']} files of {figures['megabytes_each']:g} MB at once through one API process: "
        f"it grew by {figures['growth_mb']:g} MB"
    )
    note = f"resident memory of lienthong api, MB; red: {figures['limit_mb']} MB more than before"
    drawn = [*drawing.head(left, title, note, drawing.measured(figures))]
    drawn += frame.grid(frame.across.marks())
    for words, (name, side) in marks.items():
        x = frame.across.at(figures[name])
        drawn.append(drawing.line((x, top), (x, top + height), stroke=drawing.AXIS))
        drawn.append(drawing.text(x, top - 6, f"{words}, {figures[name]:g} s", text_anchor=side))
    drawn += [
        drawing.limit((left, frame.up.at(most)), (left + width, frame.up.at(most))),
        frame.curve(points, drawing.OURS),
        drawing.text(left + width, top + height + 33, "seconds", fill=drawing.AXIS, text_anchor="end"),
    ]
    return drawing.svg(left + width + 30, top + height + 46, drawn)


if __name__ == "__main__":
    main()
