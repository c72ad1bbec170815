"""The one-stop system's side: a small HTTP client on bare sockets, so that what is measured is the gateway."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from story import VIETNAM, dossier_document, step

BEGAN = datetime(2026, 11, 2, 8, 30, tzinfo=VIETNAM)
STEPS = (2, 4, 6, 4, 6, 4, 6, 4, 9, 10)
"""Statuses after the first; each moves the dossier, so each is two messages to the portal."""


@dataclass(frozen=True)
class Ask:
    """One request as bytes, and how many events it tells."""

    head: bytes
    body: bytes
    events: int = 1


class Line:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Line:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**22)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def say(self, request: bytes) -> bytes:
        """What is answered, from its status on."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return head[9:] + await self._reader.readexactly(length)

    async def send(self, ask: Ask) -> bytes:
        answer = await self.say(ask.head + ask.body)
        status, body = int(answer[:3]), answer.partition(b"\r\n\r\n")[2]
        if status != 202 or (ask.events > 1 and not body.startswith(b'{"refused":0,')):
            raise SystemExit(f"{status}: {body.decode()}")
        return body


def put(code: str, *, key: str) -> Ask:
    return ask("PUT", f"/v1/dossiers/{code}", dossier_document(BEGAN), key=key)


def told(code: str, number: int, *, key: str) -> Ask:
    return ask("POST", f"/v1/dossiers/{code}/status-events", event(number), key=key)


def told_together(steps: Iterable[tuple[str, int]], *, key: str) -> Ask:
    items = [{"dossier_code": code, **event(number)} for code, number in steps]
    return ask("POST", "/v1/status-events", {"events": items}, key=key, events=len(items))


def event(number: int) -> dict[str, Any]:
    return step(number, STEPS[number], BEGAN + timedelta(hours=1 + number))


def codes(count: int, *, series: int = 0) -> list[str]:
    return [f"000.00.05.H99-2611{series:02d}-{number:05d}" for number in range(count)]


def in_turns(found: Iterable[str], steps: int) -> Iterator[tuple[str, int]]:
    """The first step of every dossier, then the second of every one, as a province tells them."""
    everyone = list(found)
    return itertools.chain.from_iterable(((code, number) for code in everyone) for number in range(steps))


async def closed_loop(ports: Iterable[int], asks: Iterable[Ask], *, lines: int) -> list[float]:
    """Send everything over `lines` connections, each of which waits for its answer. The wait of each, in seconds."""
    waits: list[float] = []
    queue = iter(asks)

    async def one(port: int) -> None:
        loop = asyncio.get_running_loop()
        async with Line(port) as line:
            for ask in queue:
                began = loop.time()
                await line.send(ask)
                waits.append(loop.time() - began)

    taking_turns = itertools.islice(itertools.cycle(ports), lines)
    await asyncio.gather(*(one(port) for port in taking_turns))
    return waits


def ask(method: str, path: str, document: Any, *, key: str, events: int = 1) -> Ask:
    body = orjson.dumps(document)
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {uuid.uuid4()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Ask(head.encode(), body, events)
