"""What taking in an event costs: CPU of the API and of PostgreSQL, without a socket in between.

    .venv/bin/python bench/taking.py [--batches 1 100 500] [--lines 64] [--rounds 5] [--before <another checkout>]

The whole application of one API process, everything on, is called as the server calls it, on a cluster with its usual
settings: every commit is flushed to disk before the 202. An event is two messages to the portal. With `--before` the
same file measures another checkout in turns with this one, each a process with a database of its own; medians of the
rounds are printed. `--profile FILE` writes what cProfile sees of one round of the first batch size.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, cast

import psycopg
import uvloop
from ground import Postgres, folder, now, postgres
from load import Ask, codes, in_turns, put, told, told_together
from town import Town

HERE = Path(__file__).resolve().parents[1]
SETTINGS = {
    "LIENTHONG_SYNC__RECONCILE": "[]",
    "LIENTHONG_SYNC__CATALOGUES": "[]",
    "LIENTHONG_QUOTAS__PER_MINUTE": "100000000",
    "LIENTHONG_QUOTAS__PER_DAY": "10000000000",
    "LIENTHONG_LOG_LEVEL": "WARNING",
}


@dataclass(frozen=True, kw_only=True)
class Server:
    """One API process's application."""

    app: Any
    key: str
    postgres: Postgres

    async def analyse(self) -> None:
        """As autovacuum does within a minute; plans that were made for empty tables would be measured otherwise."""
        async with await psycopg.AsyncConnection.connect(self.postgres.dsn, autocommit=True) as connection:
            await connection.execute("ANALYZE")

    async def send(self, ask: Ask) -> None:
        """As the server hands a request over, and with what it was answered."""
        head, _, _ = ask.head.partition(b"\r\n\r\n")
        line, *headers = head.split(b"\r\n")
        method, path, _ = line.decode().split(" ")
        pairs = [(name.lower(), value.strip()) for name, _, value in (each.partition(b":") for each in headers)]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": pairs,
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 7100), "state": {},
        }  # fmt: skip
        received = iter([{"type": "http.request", "body": ask.body, "more_body": False}])
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return next(received, {"type": "http.disconnect"})

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent)
        if sent[0]["status"] != 202 or (ask.events > 1 and not body.startswith(b'{"refused":0,')):
            raise SystemExit(f"{sent[0]['status']}: {body[:500].decode(errors='replace')}")

    async def told(self, asks: Sequence[Ask], *, lines: int) -> None:
        queue = iter(asks)

        async def line() -> None:
            for ask in queue:
                await self.send(ask)

        await asyncio.gather(*(line() for _ in range(lines)))


def main() -> None:
    options = _options()
    if options.serve:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(options))
        return
    trees = {"now": HERE} | ({"before": options.before.resolve()} if options.before else {})
    found: dict[tuple[str, int], list[dict[str, float]]] = {}
    workers = {name: _worker(tree, options) for name, tree in trees.items()}
    for number in range(options.rounds + 1):
        for batch in options.batches:
            for name, worker in workers.items():
                spent = _round(worker, batch)
                if number:  # the first one warms
                    found.setdefault((name, batch), []).append(spent)
    for worker in workers.values():
        worker.stdin.close()
        worker.wait()
    _print(found)


def _print(found: Mapping[tuple[str, int], list[dict[str, float]]]) -> None:
    print(f"{'':<8}{'batch':>6}{'API µs/event':>14}{'PostgreSQL':>12}{'events/s':>10}   load {os.getloadavg()[0]:.1f}")
    for (name, batch), spents in sorted(found.items(), key=lambda each: (each[0][1], each[0][0])):
        ours, theirs, rate = (median(spent[part] for spent in spents) for part in ("ours", "postgres", "rate"))
        print(f"{name:<8}{batch:>6}{ours:>14.0f}{theirs:>12.0f}{rate:>10.0f}")


def _worker(tree: Path, options: argparse.Namespace) -> Any:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, str(Path(__file__).resolve()), "--serve", "--lines", str(options.lines)]
    command += ["--dossiers", str(options.dossiers), "--steps", str(options.steps)]
    command += ["--profile", options.profile] if options.profile else []
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=tree, text=True
    )


def _round(worker: Any, batch: int) -> dict[str, float]:
    worker.stdin.write(f"{batch}\n")
    worker.stdin.flush()
    line = worker.stdout.readline()
    if not line:
        raise SystemExit("A measured process ended; what it said stands above.")
    return cast("dict[str, float]", json.loads(line))


async def _serve(options: argparse.Namespace) -> None:
    """Measure a round for each batch size that is read, each on dossiers of its own."""
    async with _server() as server:
        for series in itertools.count(1):
            line = await asyncio.to_thread(sys.stdin.readline)
            if not line:
                return
            told = await _measured(server, options, batch=int(line), series=series)
            print(json.dumps(told), flush=True)


async def _measured(server: Server, options: argparse.Namespace, *, batch: int, series: int) -> dict[str, float]:
    dossiers = codes(options.dossiers, series=series)
    await server.told([put(code, key=server.key) for code in dossiers], lines=8)
    await server.analyse()
    everything = list(in_turns(dossiers, options.steps))
    asks = (
        [told(code, number, key=server.key) for code, number in everything]
        if batch == 1
        else [told_together(everything[n : n + batch], key=server.key) for n in range(0, len(everything), batch)]
    )
    lines = options.lines if batch == 1 else 1  # a dossier's steps are told in their order
    with _profiled(options.profile if series == 2 else ""):
        theirs, ours, began = server.postgres.cpu_s(), time.process_time(), time.perf_counter()
        await server.told(asks, lines=lines)
        seconds, ours = time.perf_counter() - began, time.process_time() - ours
        theirs = server.postgres.cpu_s() - theirs
    total = len(everything)
    return {"ours": ours / total * 1e6, "postgres": theirs / total * 1e6, "rate": total / seconds}


@contextmanager
def _profiled(file: str) -> Iterator[None]:
    if not file:
        yield
        return
    profile = cProfile.Profile()
    profile.enable()
    yield
    profile.disable()
    profile.dump_stats(file)


@asynccontextmanager
async def _server() -> AsyncIterator[Server]:
    """Everything of whichever checkout this process runs in."""
    from gateway.api.app import create_app
    from gateway.bootstrap import open_gateway, prepare_state
    from gateway.clients.model import Scope
    from gateway.database import ensure_partitions, migrate
    from gateway.observability import configure_logging
    from gateway.settings import Settings

    with postgres() as on, folder() as where:
        town = Town(where / "logs", settings={"LIENTHONG_DATABASE_URL": on.dsn, **SETTINGS})
        os.environ.update(town.environment)
        settings = Settings()
        configure_logging(settings.log_level, process="bench")
        prepare_state(settings)
        await migrate(on.dsn)
        async with open_gateway(settings, on.dsn) as gateway:
            await ensure_partitions(gateway.ground.database, now=now())
            services = gateway.services
            key = await services.authenticator.issue(gateway.tenant, "bench", scopes=list(Scope))
            server = Server(app=create_app(services), key=key, postgres=on)
            with suppress(ImportError):  # an older checkout leaves the collector as it is
                import_module("gateway.cli.collector").settle()
            yield server
        town.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 100, 500], help="events in one request; 1: alone")
    parser.add_argument("--lines", type=int, default=64, help="callers that tell events one by one")
    parser.add_argument("--dossiers", type=int, default=500)
    parser.add_argument("--steps", type=int, default=4, help="events of each dossier")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--before", type=Path, help="another checkout, measured in turns with this one")
    parser.add_argument("--profile", default="", metavar="FILE")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
