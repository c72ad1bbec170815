"""Several API processes share one port: any of them serves, one that dies is started again, and all end in order."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder

from gateway.cli import supervise
from gateway.sdk import GatewayError
from gateway.settings import Settings

PURPOSE = {
    "dossier_code": "000.00.05.H99-261124-0001",
    "procedure_code": "1.009999",
    "officer_id": "canbo.mau",
    "agency_id": "000.00.05.H99",
}
ASKED = json.dumps(
    {"personal_id": "099185000001", "full_name": "Trần Thị Mẫu", "birth_date": "1985-06-15", "purpose": PURPOSE}
).encode()
WAIT_S = 60.0


@dataclass
class Served:
    """A supervisor with its processes."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def ask(self, path: str) -> int:
        """On a connection of its own; the status, or 0 when nobody listens."""
        try:
            with self.connect() as line:
                line.sendall(f"GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n".encode())
                return int(line.recv(100)[9:12] or 0)
        except ConnectionError:
            return 0


def is_read(served: Served, line: socket.socket) -> bool:
    """Whether a process has taken in all that was sent on the line: the kernel holds nothing of it any more."""
    ends = f":{served.port:04X}", f":{line.getsockname()[1]:04X}"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    found = [row for row in rows if (row[1][-5:], row[2][-5:]) == ends]
    return bool(found) and all(row[4].endswith(":00000000") for row in found)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def lienthong(database_url: str, state: Path) -> Run:
    return typed(database_url, state)


@contextmanager
def api(database_url: str, state: Path, *, processes: int = 2) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG_")}
    own = {
        "LIENTHONG_DATABASE_URL": database_url,
        "LIENTHONG_STATE": str(state),
        "LIENTHONG_SANDBOX": "true",
        "LIENTHONG_API__PORT": str(port),
        "LIENTHONG_API__PROCESSES": str(processes),
    }
    process = subprocess.Popen([sys.executable, "-m", "gateway.cli", "api"], env={**ours, **own})
    served = Served(process, port)
    try:
        until(lambda: served.ask("/readyz") == 200)
        yield served
    finally:
        process.kill()
        process.wait()


def all_ready(served: Served) -> bool:
    """Each of them alone answers, while the other stands still."""
    for still in served.children:
        os.kill(still, signal.SIGSTOP)
        try:
            if [served.ask("/healthz") for _ in range(5)] != [200] * 5:
                return False
        except TimeoutError:
            return False
        finally:
            os.kill(still, signal.SIGCONT)
    return len(served.children) == 2


def test_each_of_two_serves_and_one_that_is_killed_comes_again(database_url: str, state: Path) -> None:
    with api(database_url, state) as served:
        first = served.children
        assert len(first) == 2
        until(lambda: all_ready(served))
        os.kill(first[0], signal.SIGKILL)
        assert [served.ask("/healthz") for _ in range(10)] == [200] * 10  # nobody is kept waiting by the dead
        until(lambda: len(served.children) == 2 and first[0] not in served.children)
        assert first[1] in served.children
        until(lambda: all_ready(served))


def test_what_is_under_way_is_answered_before_all_end_and_the_log_is_signed(
    lienthong: Run, database_url: str, state: Path
) -> None:
    key = lienthong("clients", "add", "motcua", "--scope", "citizens:verify").stdout.strip()
    with api(database_url, state) as served, served.connect() as line:
        head = f"POST /v1/citizens/verification HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(ASKED)}\r\n\r\n"
        line.sendall(head.encode() + ASKED[:-1])
        until(lambda: is_read(served, line))  # it is under way
        served.process.terminate()
        until(lambda: served.ask("/healthz") == 0)
        line.sendall(ASKED[-1:])
        assert line.recv(100).startswith(b"HTTP/1.1 200 OK")
        assert served.process.wait(WAIT_S) == 0
    with psycopg.connect(database_url) as connection:
        size = connection.execute("SELECT size FROM lienthong.audit_head").fetchone()
        signed = connection.execute("SELECT max(size) FROM lienthong.audit_checkpoint").fetchone()
    assert size == signed


def test_a_request_that_died_with_its_process_is_freed_by_whoever_takes_its_seat(
    database_url: str, state: Path
) -> None:
    """And by nobody else: what the other has under way is its own."""
    place = socket.gethostname() + ":127.0.0.1:"
    with psycopg.connect(database_url, autocommit=True) as connection, api(database_url, state) as served:
        until(lambda: all_ready(served))
        for seat in ("", "/2"):
            connection.execute(
                "INSERT INTO lienthong.idempotency"
                " (tenant, client_id, key_digest, fingerprint, started_at, expires_at, holder)"
                " VALUES ('H99', 'motcua', sha256(%s), sha256(%s), now(), now() + interval '1 day', %s)",
                (seat.encode(), b"x", f"{place}{served.port}{seat}"),
            )
        second = max(served.children)
        os.kill(second, signal.SIGKILL)
        held = "SELECT holder FROM lienthong.idempotency WHERE answer IS NULL"
        until(lambda: len(connection.execute(held).fetchall()) == 1)
        left = connection.execute(held).fetchall()
        assert left in ([(f"{place}{served.port}",)], [(f"{place}{served.port}/2",)])


def test_the_port_of_another_program_is_told_and_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "STOP_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings.model_validate({"api": {"port": taken.getsockname()[1], "processes": 2}})
        with pytest.raises(GatewayError) as caught:
            supervise.port_of(settings, threading.Event())
    assert caught.value.error_code == "ours.port"
