"""How long a process of the API takes from its start to its first answers, and how much memory it then holds.

    .venv/bin/python bench/start.py [--rounds 7] [--requests 20000] [--before <another checkout>]

`lienthong api` as a province runs it, with metrics, on a migrated database and before the mock of the population
database. Wall and CPU from exec to the first probe that is answered (asked every 5 ms), and to the first citizen who is
looked up; resident memory, and what of it is nobody else's (PSS), then and, with `--requests`, after so many look-ups
more. With `--before` another checkout starts in turns with this one; medians of the rounds are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median

import httpx
import orjson
from ground import cpu_s, gateway  # which finds the tests' folders
from journey import FAST, free_ports
from load import Line
from lookups import CITIZEN

from gateway.api.door import PROBES

HERE = Path(__file__).resolve().parents[1]
PROBE = min(PROBES)
LINES = 16


@dataclass(frozen=True)
class Figures:
    """Of one start: seconds since exec, seconds of CPU, and MB."""

    probe_s: float
    probe_cpu_s: float
    lookup_s: float
    lookup_cpu_s: float
    rss_mb: float
    pss_mb: float
    later_rss_mb: float
    later_pss_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=0, help="look-ups after the first one, in each round")
    parser.add_argument("--before", type=Path, help="another checkout, started in turns with this one")
    options = parser.parse_args()
    trees = {"now": HERE} | ({"before": options.before.resolve()} if options.before else {})
    found: dict[str, list[Figures]] = {name: [] for name in trees}
    with gateway(mocks=("population",), settings=FAST) as running:
        for number in range(options.rounds + 1):
            for name, tree in trees.items():
                figures = _start(tree, running.town.environment, running.key, requests=options.requests)
                if number:  # the first compiles
                    found[name].append(figures)
    print(f"{'medians':<16}" + "".join(f"{name:>10}" for name in found))
    for field in fields(Figures):
        middle = [median(getattr(each, field.name) for each in rounds) for rounds in found.values()]
        print(f"{field.name:<16}" + "".join(f"{value:>10.2f}" for value in middle))


def _start(tree: Path, environment: dict[str, str], key: str, *, requests: int) -> Figures:
    port = free_ports()
    own = {**environment, "LIENTHONG_API__PORT": str(port), "PYTHONPATH": str(tree)}
    began = time.perf_counter()
    with _process(own, tree) as pid:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            while not _is_up(client):
                time.sleep(0.005)
            probe_s, probe_cpu_s = time.perf_counter() - began, cpu_s(pid)
            answer = client.post("/v1/citizens/verification", json=CITIZEN, headers={"Authorization": f"Bearer {key}"})
            lookup_s, lookup_cpu_s = time.perf_counter() - began, cpu_s(pid)
            if answer.json().get("verdict") != "match":
                raise SystemExit(answer.text)
        memory = _memory(pid)
        asyncio.run(_ask(port, key, requests))
        return Figures(probe_s, probe_cpu_s, lookup_s, lookup_cpu_s, *memory, *_memory(pid))


@contextmanager
def _process(environment: dict[str, str], tree: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "gateway.cli", "api"]
    with subprocess.Popen(command, env=environment, cwd=tree, stderr=subprocess.DEVNULL) as process:
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)


def _is_up(client: httpx.Client) -> bool:
    try:
        return client.get(PROBE).status_code == 200
    except httpx.TransportError:
        return False


async def _ask(port: int, key: str, requests: int) -> None:
    body = orjson.dumps(CITIZEN)
    head = (
        f"POST /v1/citizens/verification HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    asked, left = head.encode() + body, iter(range(requests))

    async def line() -> None:
        async with Line(port) as kept:
            for _ in left:
                answer = await kept.say(asked)
                if b'"verdict":"match"' not in answer:
                    raise SystemExit(answer.decode())

    await asyncio.gather(*(line() for _ in range(LINES)))


def _memory(pid: int) -> tuple[float, float]:
    """Resident, and with shared pages counted by share."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    found = {name: int(value.split()[0]) / 1024 for name, _, value in (line.partition(":") for line in lines)}
    return found["Rss"], found["Pss"]


if __name__ == "__main__":
    main()
