"""A dossier's journey and what the portal must hold in the end."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import loopback
from story import JOURNEY, VIETNAM, Caller, dossier_document, step
from town import OFFSETS, Town

FAST = {
    "LIENTHONG_DELIVERY__LEASE_S": "2",
    "LIENTHONG_DELIVERY__POLL_S": "0.2",
    "LIENTHONG_DELIVERY__SETTLE_AFTER_S": "0.2",
    "LIENTHONG_DELIVERY__BACKOFF_BASE_S": "0.1",
    "LIENTHONG_DELIVERY__BACKOFF_CAP_S": "0.5",
    "LIENTHONG_BREAKER__COOL_DOWN_S": "0.5",
    **{
        f"LIENTHONG_RESTRAINT__{who}__{span}": "1000000"  # these tests ask as long as a system is down
        for who in ("OFFICER", "CLIENT")
        for span in ("MINUTE", "HOUR", "DAY")
    },
    "LIENTHONG_QUOTAS__PER_MINUTE": "1000000",
    "LIENTHONG_QUOTAS__PER_DAY": "100000000",
}
BEGAN = datetime(2026, 11, 23, 8, 30, tzinfo=VIETNAM)
BLOCK = max(OFFSETS.values()) + 1


def free_ports() -> int:
    """The first of as many free ports as a town needs, below those that the kernel hands out by itself; nobody else
    who asks here is given any of them while this process lives. A town listens only later, so a socket of UDP, which
    nobody closes, stands for the block: two processes would find the same ports free."""
    for _ in range(1000):
        first = 20_000 + BLOCK * random.randrange(10_000 // BLOCK)
        block = socket.socket(type=socket.SOCK_DGRAM)
        try:
            block.bind(("127.0.0.1", first))
            with ExitStack() as stack:
                for offset in OFFSETS.values():
                    stack.enter_context(socket.create_server(("127.0.0.1", first + offset)))
        except OSError:
            block.close()
            continue
        block.detach()
        return first
    raise OSError("no free ports")


def send(caller: Caller, code: str) -> None:
    """Everything that the one-stop system tells of one dossier; each is taken in durably."""
    assert caller.send("PUT", f"/v1/dossiers/{code}", dossier_document(BEGAN)).status_code == 202
    for number, status in enumerate(JOURNEY[1:], 1):
        event = step(number, status, BEGAN + timedelta(hours=number))
        taken = caller.send("POST", f"/v1/dossiers/{code}/status-events", event)
        assert taken.status_code == 202, taken.text


def arrive(caller: Caller, code: str, *, seconds: float = 120) -> Any:
    """The dossier's sync view once everything is delivered, or when the time is over."""
    return until(lambda: caller.json("GET", f"/v1/dossiers/{code}/sync"), lambda view: view.get("complete"), seconds)


def until(read: Callable[[], Any], enough: Callable[[Any], bool], seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while not enough(value := read()) and time.monotonic() < end:
        time.sleep(0.05)
    return value


def held(town: Town, code: str) -> tuple[list[int], list[int]]:
    """At the portal: the status of every stored version, and of every progress step, in order of arrival."""
    found = loopback.get(f"{town.mock_url('national_portal')}/_mock/dossiers/{code}").json()
    versions = [int(version["dossier"]["TrangThaiHoSo"]) for version in found["versions"]]
    return versions, [int(step["TrangThai"]) for step in found["steps"]]


def received(town: Town) -> int:
    """How many calls the portal has seen."""
    return int(loopback.get(f"{town.mock_url('national_portal')}/_mock/health").json()["requests"])


def plan(town: Town, system: str, fault: str, *, times: int | None = 1, contains: str = "") -> None:
    body = {"fault": fault, "times": times, "contains": contains}
    loopback.post(f"{town.mock_url(system)}/_mock/faults", json=body).raise_for_status()


def forget_faults(town: Town, system: str) -> None:
    loopback.delete(f"{town.mock_url(system)}/_mock/faults")
