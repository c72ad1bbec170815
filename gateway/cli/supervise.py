"""`lienthong run`: the database, the API and the workers as processes of one supervisor.

A process that ends is started again, after a pause that grows while it keeps ending. When the supervisor is killed,
the others go with it (each asks the kernel for that), and the next start finds nothing in its way.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import structlog

from gateway.bootstrap import configured_systems, database_url, prepare_state
from gateway.cli.output import progress
from gateway.cli.serve import SUPERVISOR
from gateway.database import migrate
from gateway.observability import configure_logging
from gateway.settings import Settings

STOP_S = 25.0
LONGEST_PAUSE_S = 10.0

log = structlog.get_logger()


@dataclass(slots=True)
class _Part:
    """One process, and when it may be started again."""

    command: str
    process: subprocess.Popen[bytes]
    started: float
    pause_s: float = 0.2
    again_at: float | None = None


def run(settings: Settings) -> int:
    """Blocks until SIGTERM or SIGINT; 0 when everything ended in order."""
    configure_logging(settings.log_level, process="run")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    prepare_state(settings)
    if not configured_systems(settings):
        log.warning("no_system_configured")
    with progress.status("") as status, database_url(settings, progress=status.update) as dsn:
        asyncio.run(migrate(dsn))
        status.stop()
        environment = {**os.environ, "LIENTHONG_DATABASE_URL": dsn, SUPERVISOR: str(os.getpid())}
        parts = [_start(command, environment) for command in ["api", *["worker"] * settings.delivery.workers]]
        progress.print(f"Liên Thông: http://{settings.api.host}:{settings.api.port}/openapi.json (Ctrl-C: dừng)")
        while not stop.wait(0.2):
            for part in parts:
                _look_after(part, environment)
        return _stop(parts)


def _start(command: str, environment: dict[str, str]) -> _Part:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "gateway.cli", command], env=environment, stdin=subprocess.DEVNULL
    )
    return _Part(command, process, time.monotonic())


def _look_after(part: _Part, environment: dict[str, str]) -> None:
    now = time.monotonic()
    if part.process.poll() is None:
        return
    if part.again_at is None:
        part.pause_s = 0.2 if now - part.started > 30 else min(part.pause_s * 2, LONGEST_PAUSE_S)
        part.again_at = now + part.pause_s
        log.error("process_ended", part=part.command, exit_code=part.process.returncode, again_in_s=part.pause_s)
    elif now >= part.again_at:
        fresh = _start(part.command, environment)
        part.process, part.started, part.again_at = fresh.process, fresh.started, None


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
