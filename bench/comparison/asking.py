"""The load generator: a closed loop over kept connections on bare sockets, which looks at every answer."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

PATIENCE_S = 60.0

Make = Callable[[int], bytes]
"""The n-th request as it goes over the wire."""
Complaint = Callable[[int, int, bytes], str]
"""Of the n-th request, from status and body of its answer: what is wrong with it; empty: nothing."""
Shed = Callable[[int, bytes], str]
"""From status and body: the code of an answer that says honestly that nothing was found out; empty: it is none. Such
answers are counted by themselves, and are neither right nor wrong."""


class WrongAnswer(Exception):  # noqa: N818 - names the fact
    """A subject answered something that is not right; there is nothing to measure then."""


@dataclass
class Answers:
    """What came back in one round. `waits` are those of right answers; `shed` counts the others by their code."""

    waits: list[float] = field(default_factory=list)
    seconds: float = 0.0
    shed: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return len(self.waits)


def joined(*parts: Answers) -> Answers:
    """Of one round that was asked in parts."""
    return Answers(
        waits=[wait for part in parts for wait in part.waits],
        seconds=sum(part.seconds for part in parts),
        shed=sum((part.shed for part in parts), Counter[str]()),
    )


@dataclass(frozen=True)
class Manner:
    """How callers behave. `pace`: so many questions a second at most, and a wait begins when one was due, whether it
    could be asked or not. `polite`: who was told `Retry-After` waits."""

    pace: float = 0.0
    polite: bool = True
    shed: Shed = lambda status, body: ""


@dataclass
class _Round:
    """What the connections of one round share."""

    make: Make
    complaint: Complaint
    began: float
    ends: float
    most: int
    done: asyncio.Future[None]
    manner: Manner
    open_lines: int = 0
    next: int = 0
    answers: Answers = field(default_factory=Answers)

    def wrong(self, words: str) -> None:
        if not self.done.done():
            self.done.set_exception(WrongAnswer(words))


class _Line(asyncio.Protocol):
    """One connection: asks, waits, looks at the answer, asks again."""

    def __init__(self, shared: _Round) -> None:
        self._shared = shared
        self._buffer = b""
        self._number, self._began = 0, 0.0
        self._is_done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._shared.open_lines += 1
        self._ask()

    def _ask(self) -> None:
        shared = self._shared
        now = time.perf_counter()
        if now >= shared.ends or shared.next >= shared.most:
            self._close()
            return
        self._number, self._began = shared.next, now
        shared.next += 1
        if shared.manner.pace:
            self._began = shared.began + self._number / shared.manner.pace
            if self._began > now:
                asyncio.get_running_loop().call_later(self._began - now, self._send)
                return
        self._send()

    def _send(self) -> None:
        self._transport.write(self._shared.make(self._number))

    def _close(self) -> None:
        shared, self._is_done = self._shared, True
        shared.open_lines -= 1
        self._transport.close()
        if not shared.open_lines and not shared.done.done():
            shared.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            self._shared.wrong(f"an answer without a length: {self._buffer[:300]!r}")
            return
        length = int(head[at + 17 :].partition(b"\r\n")[0])
        if len(self._buffer) < end + 4 + length:
            return
        body, self._buffer = self._buffer[end + 4 : end + 4 + length], b""
        self._judge(int(head[9:12]), head, body)

    def _judge(self, status: int, head: bytes, body: bytes) -> None:
        shared = self._shared
        if code := shared.manner.shed(status, body):
            shared.answers.shed[code] += 1
            left_s = max(shared.ends - time.perf_counter(), 0.0)
            pause_s = _retry_after(head) if shared.manner.polite else 0.0
            asyncio.get_running_loop().call_later(min(pause_s, left_s), self._ask)
            return
        shared.answers.waits.append(time.perf_counter() - self._began)
        if words := shared.complaint(self._number, status, body):
            shared.wrong(words)
            self._transport.close()
            return
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_done:
            self._shared.wrong("the connection was closed before the answer came")


def _retry_after(head: bytes) -> float:
    found = head.partition(b"\r\nretry-after:")[2].partition(b"\r\n")[0].strip()
    return float(found) if found.isdigit() else 0.0


async def closed_loop(
    ports: Sequence[int],
    asked: tuple[Make, Complaint],
    *,
    lines: int,
    until: tuple[float, int],
    manner: Manner = Manner(),
) -> Answers:
    """Ask over `lines` connections for `until[0]` seconds, at most `until[1]` times; what was asked is waited for."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    seconds, most = until
    shared = _Round(*asked, began=began, ends=began + seconds, most=most, done=loop.create_future(), manner=manner)
    for number in range(min(lines, most)):
        await loop.create_connection(lambda: _Line(shared), "127.0.0.1", ports[number % len(ports)])
        if shared.done.done():
            break
    await asyncio.wait_for(asyncio.shield(shared.done), seconds + PATIENCE_S)
    shared.answers.seconds = time.perf_counter() - began
    return shared.answers
