"""The seat of an API process: nobody else sits on it until the last request of whoever sat there before has its end.

The port alone does not prove that: a server that is told to stop closes its socket first, and then finishes what is
under way. So each process holds a lock on a file of its seat for as long as it lives; the kernel gives it back.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import time
from pathlib import Path

from gateway.bootstrap import SEAT
from gateway.sdk import GatewayError
from gateway.settings import Settings

LONGEST_S = 30.0
"""A little longer than a process may take to stop."""


async def sit(settings: Settings) -> int:
    """Wait until the seat is free, and take it until the process ends: its requests are then ours to free. The file
    that holds it. `GatewayError`: somebody stays on it."""
    descriptor, end = os.open(_file(settings), os.O_RDWR | os.O_CREAT, 0o600), time.monotonic() + LONGEST_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if time.monotonic() > end:
                os.close(descriptor)
                raise GatewayError(
                    "The process that served this port before does not end.",
                    vi="Tiến trình phục vụ cổng này trước đó chưa dừng hẳn.",
                    what="seat",
                ) from exc
            await asyncio.sleep(0.1)
        else:
            return descriptor


def _file(settings: Settings) -> Path:
    """Of this machine: others may share the folder."""
    own, seat = settings.api, os.environ.get(SEAT, "1")
    name = f"{socket.gethostname()}-{own.host}-{own.port}-{seat}".replace("/", "_")
    return settings.state / f"api-{name}.lock"
