"""The overview as it goes on, for browsers that stay (server-sent events).

One reader for all streams of the process: the database is asked once, however many look, and not at all while nobody
does. A stream is told what has changed and nothing else, hears a heartbeat where nothing has, and ends when its session
is over or the process ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

HEARTBEAT = ": \n\n"
OVER = "event: over\ndata: \n\n"
Events = Mapping[str, str]
"""What is shown, by name."""
Read = Callable[[], Awaitable[Mapping[str, Events]]]
"""By language."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds between readings, and between heartbeats, at which it is also asked whether a session still lasts; how
    many streams at most."""

    every_s: float
    heartbeat_s: float = 15.0
    most: int = 100


class Live:
    """The streams of one process."""

    def __init__(self, read: Read, pace: Pace) -> None:
        self._read = read
        self._pace = pace
        self._shown: Mapping[str, Events] = {}
        self._turn = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._streams = 0
        self._is_closed = False

    @property
    def is_full(self) -> bool:
        return self._is_closed or self._streams >= self._pace.most

    @property
    def streams(self) -> int:
        return self._streams

    async def stream(self, language: str, lasts: Callable[[], Awaitable[bool]]) -> AsyncIterator[str]:
        """Events until `lasts` says no, which is asked at each heartbeat. None at all where it is full."""
        if self.is_full:
            return
        self._streams += 1
        try:
            async for text in self._events(language, lasts):
                yield text
        finally:
            self._streams -= 1
            if not self._streams and self._reader is not None:
                self._reader.cancel()
                self._reader, self._shown = None, {}

    def close(self) -> None:
        """Every stream ends, and no other begins."""
        self._is_closed = True
        self._wake()

    def _wake(self) -> None:
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    async def _events(self, language: str, lasts: Callable[[], Awaitable[bool]]) -> AsyncIterator[str]:
        loop, told = asyncio.get_running_loop(), dict[str, str]()
        self._reader = self._reader or asyncio.create_task(self._keep_reading())
        beat = loop.time() + self._pace.heartbeat_s
        yield HEARTBEAT
        while not self._is_closed:
            turn = self._turn  # before anything is told: what changes meanwhile is not slept through
            for name, text in self._shown.get(language, {}).items():
                if told.get(name) != text:
                    told[name] = text
                    yield _event(name, text)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(turn.wait(), max(beat - loop.time(), 0.0))
            if loop.time() >= beat:
                try:
                    is_over = not await lasts()
                except Exception:
                    log.exception("session_not_readable")
                    return  # nobody may look on unasked; the browser comes again
                if is_over:
                    yield OVER
                    return
                yield HEARTBEAT
                beat = loop.time() + self._pace.heartbeat_s

    async def _keep_reading(self) -> None:
        while True:
            try:
                shown = await self._read()
            except Exception:
                log.exception("live_not_readable")
            else:
                is_new, self._shown = shown != self._shown, shown
                if is_new:
                    self._wake()
            await asyncio.sleep(self._pace.every_s)


def _event(name: str, text: str) -> str:
    lines = "\n".join(f"data: {line}" for line in text.splitlines())
    return f"event: {name}\n{lines}\n\n"
