"""What the way from the socket to the service call and back costs: everything but the national system and PostgreSQL.

    .venv/bin/python bench/door.py [--requests 4000] [--lines 16] [--rounds 3] [--profile FILE] [--before <checkout>]

One process serves the application as `lienthong api` does (uvicorn, the front, the door, the edge, authentication,
quota, validation, metrics); look-ups are answered from a can, stores are in memory, and leaves are counted instead of
prepared. CPU is that of this process, in turns: `lean`, as a province runs it; `before`, the same of another checkout;
`plain`, through FastAPI alone; `bare`, uvicorn with an application that answers every question with the same bytes.
Every answer is looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import uvloop
from comparison.machine import cpu_s
from comparison.purpose import PURPOSE
from curving.memory import status_mb
from ground import now  # which finds the tests' folders
from journey import free_ports
from load import Line
from province import Province
from steps import CITIZEN
from story import VIETNAM, dossier_document

from gateway.api.app import create_app
from gateway.api.door import Door as Threshold
from gateway.api.peer import Front
from gateway.audit.model import Entry, Recorded
from gateway.cli.listening import Server, config_of
from gateway.cli.serve import listen
from gateway.domain import Verdict
from gateway.lookups.model import Found, Verification
from gateway.observability.metrics import Metrics
from gateway.settings import Settings

SAID: dict[str, Any] = {
    "verdict": Verdict.MATCH,
    "system": "population",
    "reference": "MIV3KZ6P01A2B3C4D5E6",
    "audit_index": 12,
    "explanation": "The register confirms these details.",
    "explanation_vi": "Cơ sở dữ liệu xác nhận thông tin này.",
}
FIRM = {"enterprise_code": "9900000016", "purpose": PURPOSE}
RECORD = {"full_name": "TRẦN THỊ MẪU", "permanent_address": {"province_code": "92", "commune_code": "31507"}}
BEGAN = now().replace(microsecond=0).astimezone(VIETNAM)
ASKS: dict[str, tuple[str, str, Any, bytes]] = {
    "verification": ("POST", "/v1/citizens/verification", CITIZEN, b'"verdict":"match"'),
    "record": (
        "POST",
        "/v1/citizens/lookup",
        {**CITIZEN, "fields": ["full_name", "permanent_address"]},
        b'"permanent_address"',
    ),
    "enterprise": ("POST", "/v1/enterprises/lookup", FIRM, b'"verdict":"match"'),
    "health": ("GET", "/healthz", None, b"alive"),
    "refused": ("POST", "/v1/citizens/verification", {**CITIZEN, "gender": "3"}, b"invalid_fields"),
    "dossier": ("PUT", "/v1/dossiers/000.00.05.H99-261123-0007", dossier_document(BEGAN), b'"version"'),
}


KINDS = ("lean", "before", "plain", "bare")
HERE = Path(__file__).resolve().parents[1]
ALL = b" ".join(ask[3] for ask in ASKS.values()).ljust(500)
"""What is expected of any of them, as long as an answer is."""


class Canned:
    """Answers every look-up at once."""

    async def verify_citizen(self, _: Any, **__: Any) -> Verification:
        compared = ("personal_id", "full_name", "birth_date")
        return Verification(**SAID, checked_at=now(), compared=compared, compared_by="register")

    async def lookup_citizen(self, _: Any, **__: Any) -> Found:
        return Found(**SAID, checked_at=now(), record=RECORD)

    async def lookup_enterprise(self, _: Any, **__: Any) -> Found:
        return Found(**SAID, checked_at=now(), record={"enterprise_code": "9900000016", "name": "CÔNG TY MẪU"})


class Counted:
    """A recorder that counts."""

    index = 0

    async def record(self, _: Entry) -> Recorded:
        self.index += 1
        return Recorded(index=self.index, leaf_hash=b"")


async def bare(_: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(ALL))]})
    await send({"type": "http.response.body", "body": ALL})


def application(*, lean: bool) -> tuple[Any, str]:
    """As `gateway.cli.application` puts it together, without the façade and the pages, and a key for it."""
    province = Province(max_body_bytes=1_048_576)
    services: Any = replace(province.services, lookups=Canned(), recorder=Counted(), metrics=Metrics())
    return Front(Threshold(create_app(services, lean=lean), most=1000), clock=now), province.key


def serve(options: argparse.Namespace) -> None:
    """The measured process: it says its key, and serves until it is told to stop."""
    app, key = (bare, "key") if options.serve == "bare" else application(lean=options.serve != "plain")
    server = Server(config_of(Settings.model_validate({"api": {"port": options.port}}), app))
    profile = cProfile.Profile() if options.profile else None

    async def serving() -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.handle_exit, signal.SIGTERM, None)
        listening = listen("127.0.0.1", options.port)
        print(key, flush=True)
        await server.serve(sockets=[listening])

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if profile:
            profile.enable()
        runner.run(serving())
    if profile:
        profile.disable()
        profile.dump_stats(options.profile)


@contextmanager
def door(kind: str, options: argparse.Namespace, port: int) -> Iterator[Door]:
    more = ["--profile", options.profile] if options.profile else []
    command = [sys.executable, __file__, "--serve", kind, "--port", str(port), *more]
    tree = options.before if kind == "before" else HERE
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        try:
            yield Door(process.pid, port, process.stdout.readline().decode().strip())
        finally:
            process.terminate()


@dataclass(frozen=True)
class Door:
    pid: int
    port: int
    key: str

    def ask(self, name: str, *, requests: int, lines: int) -> float:
        """Milliseconds of CPU a request."""
        before = cpu_s(self.pid)
        asyncio.run(self._ask(name, requests=requests, lines=lines))
        return (cpu_s(self.pid) - before) / requests * 1000

    async def _ask(self, name: str, *, requests: int, lines: int) -> None:
        method, path, document, expected = ASKS[name]
        body = orjson.dumps(document) if document else b""
        kind = "Content-Type: application/json\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {self.key}\r\n{kind}"
        asked = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        left = iter(range(requests))

        async def line() -> None:
            async with Line(self.port) as kept:
                for _ in left:
                    answer = await kept.say(asked)
                    if expected not in answer:
                        raise SystemExit(answer.decode())

        await asyncio.gather(*(line() for _ in range(lines)))

    def memory(self) -> int:
        """Resident, in MB."""
        return int(status_mb(self.pid))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--lines", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=ASKS, default=list(ASKS))
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    parser.add_argument("--before", type=Path, help="another checkout")
    parser.add_argument("--profile", default="", help="write a cProfile of the measured process there")
    parser.add_argument("--serve", default="", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.before is None:
        options.kinds = [kind for kind in options.kinds if kind != "before"]
    if options.serve:
        serve(options)
    else:
        measure(options)


def measure(options: argparse.Namespace) -> None:
    with ExitStack() as stack:
        doors = {kind: stack.enter_context(door(kind, options, free_ports())) for kind in options.kinds}
        found: dict[tuple[str, str], list[float]] = {(name, kind): [] for name in options.only for kind in doors}
        for name, kind in found:
            doors[kind].ask(name, requests=200, lines=options.lines)  # warm
        memory = {kind: doors[kind].memory() for kind in doors}
        for _ in range(options.rounds):
            for (name, kind), figures in found.items():
                figures.append(doors[kind].ask(name, requests=options.requests, lines=options.lines))
        print(f"{'CPU ms a request':<18}" + "".join(f"{kind:>8}" for kind in doors))
        for name in options.only:
            print(f"{name:<18}" + "".join(f"{median(found[name, kind]):>8.3f}" for kind in doors))
        print(f"{'RSS MB, warm':<18}" + "".join(f"{memory[kind]:>8}" for kind in doors))
        print(f"{'RSS MB, at the end':<18}" + "".join(f"{doors[kind].memory():>8}" for kind in doors))


if __name__ == "__main__":
    main()
