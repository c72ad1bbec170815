"""`lienthong run`: the database, the API and the workers as processes of one supervisor; `lienthong api` with several
processes: those alone.

A process that ends is started again, after a pause that grows while it keeps ending. When the supervisor is killed,
the others go with it (each asks the kernel for that), and the next start finds nothing in its way.

Several API processes listen on one socket, which the supervisor opens and hands on: whoever is free takes the
next connection, and one that died leaves nobody waiting. Each has a seat (`cli.seat`), and only one at a time sits on
it: who takes it over frees the requests that the last one left behind.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from gateway.bootstrap import SEAT, configured_systems, database_url, prepare_state
from gateway.cli.collector import settle
from gateway.cli.output import progress
from gateway.cli.serve import LISTENING, SUPERVISOR, listen, migrated
from gateway.observability import configure_logging
from gateway.sdk import GatewayError
from gateway.settings import Settings

STOP_S = 25.0
LONGEST_PAUSE_S = 10.0

log = structlog.get_logger()


@dataclass(slots=True)
class _Part:
    """One process of ours: how it is started, the one that runs, and when it may be started again."""

    command: str
    environment: Mapping[str, str]
    listening: socket.socket | None = None
    process: subprocess.Popen[bytes] = field(init=False)
    started: float = 0.0
    pause_s: float = 0.2
    again_at: float | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "gateway.cli", self.command],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            pass_fds=[self.listening.fileno()] if self.listening else [],
        )
        self.started, self.again_at = time.monotonic(), None

    def look_after(self) -> None:
        now = time.monotonic()
        if self.process.poll() is None:
            return
        if self.again_at is None:
            self.pause_s = 0.2 if now - self.started > 30 else min(self.pause_s * 2, LONGEST_PAUSE_S)
            self.again_at = now + self.pause_s
            code = self.process.returncode
            log.error("process_ended", part=self.command, exit_code=code, again_in_s=self.pause_s)
        elif now >= self.again_at:
            self.start()


def run(settings: Settings) -> int:
    """Blocks until SIGTERM or SIGINT; 0 when everything ended in order."""
    return _supervise(settings, workers=settings.delivery.workers, name="run")


def share(settings: Settings) -> int:
    """The same for the API processes alone."""
    return _supervise(settings, workers=0, name="api")


def _supervise(settings: Settings, *, workers: int, name: str) -> int:
    configure_logging(settings.log_level, process=name)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    prepare_state(settings)
    if not configured_systems(settings):
        log.warning("no_system_configured")
    with progress.status("") as status, database_url(settings, progress=status.update) as dsn:
        asyncio.run(migrated(dsn))
        status.stop()
        shared = port_of(settings, stop) if settings.api.processes > 1 else None
        parts = _parts(settings, dsn, shared, workers=workers)
        for part in parts:
            part.start()
        progress.print(f"Liên Thông: http://{settings.api.host}:{settings.api.port}/openapi.json (Ctrl-C: dừng)")
        settle()
        while not stop.wait(0.2):
            for part in parts:
                part.look_after()
        if shared:
            shared.close()  # so that nobody waits at a door that nobody opens any more
        return _stop(parts)


def _parts(settings: Settings, dsn: str, shared: socket.socket | None, *, workers: int) -> list[_Part]:
    common = {"LIENTHONG_DATABASE_URL": dsn, SUPERVISOR: str(os.getpid())}
    apis = [_Part("api", common)]
    if shared:
        seats = range(1, settings.api.processes + 1)
        own = {**common, LISTENING: str(shared.fileno())}
        apis = [_Part("api", {**own, SEAT: str(seat)}, shared) for seat in seats]
    return [*apis, *(_Part("worker", common) for _ in range(workers))]


def port_of(settings: Settings, stop: threading.Event) -> socket.socket:
    """The processes of a supervisor that was killed may still hold it."""
    end = time.monotonic() + STOP_S
    while True:
        try:
            return listen(settings.api.host, settings.api.port)
        except GatewayError:
            if time.monotonic() > end or stop.wait(0.5):
                raise


def _stop(parts: list[_Part]) -> int:
    for part in parts:
        part.process.terminate()
    end = time.monotonic() + STOP_S
    codes = []
    for part in parts:
        try:
            codes.append(part.process.wait(max(end - time.monotonic(), 0.1)))
        except subprocess.TimeoutExpired:
            log.error("process_did_not_stop", part=part.command)
            part.process.kill()
            codes.append(part.process.wait())
    return 0 if all(code in {0, -signal.SIGTERM} for code in codes) else 1
