"""What the benches stand on, opened here and nowhere else: PostgreSQL, its tables, processes of the gateway; and the
plain loops that every figure is put beside. `comparison.running` puts the canned upstream and peers around it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from comparison import machine
from comparison.machine import cpu_s

from gateway.database import Database, EmbeddedCluster, ensure_partitions, migrate, open_database

sys.path[:0] = [str(Path(__file__).parents[1] / part) for part in ("deploy/demo", "tests/e2e", "tests")]

from journey import free_ports  # noqa: E402 - found through the line above
from story import SCOPES  # noqa: E402
from town import BIN, QUICK, ROOT, Town  # noqa: E402

BENCH = {
    **{
        f"LIENTHONG_RESTRAINT__{who}__{span}": "1000000000"
        for who in ("OFFICER", "CLIENT")
        for span in ("MINUTE", "HOUR", "DAY")
    },
    "LIENTHONG_QUOTAS__PER_MINUTE": "100000000",
    "LIENTHONG_QUOTAS__PER_DAY": "10000000000",
    "LIENTHONG_SYNC__RECONCILE": "[]",
    "LIENTHONG_SYNC__CATALOGUES": "[]",
}
"""What differs from a province's gateway: one client asks more than any quota lets it. All is counted and looked at as
usual; only the limits are out of reach. And a worker that begins does no nightly comparison and takes over no code
lists: that work is once a day, and would fall into one round. Breakers, leases, pauses, checkpoints and what is logged
(into a file) are the product's."""
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / ".run" / "pycache"))
"""Processes that are started here are compiled once, as a province's are, whether `make` starts a bench or not: without
byte code a start takes twice as long."""
PAYLOAD = os.urandom(1500)
"""About what one status event leaves in the database, sealed."""


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that the cluster's own user can enter, also when we are root. From here on SIGTERM is an exit: what was
    started is ended, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    made = Path(tempfile.mkdtemp(prefix="lt-bench-"))
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@dataclass(frozen=True)
class Postgres:
    """A cluster with its usual settings: every commit is flushed to disk."""

    dsn: str
    postmaster: int

    def cpu_s(self) -> float:
        """Seconds of CPU so far, of all its processes and of those that have ended."""
        children = Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text().split()
        return cpu_s(self.postmaster, ended=True) + sum(cpu_s(int(child)) for child in children)


@contextmanager
def postgres(*, server: tuple[str, ...] = ()) -> Iterator[Postgres]:
    """Empty, and gone afterwards. `server`: settings that are not the usual ones."""
    with folder() as where:
        cluster = EmbeddedCluster(where / "pg", options=server)
        with cluster.running() as dsn:
            assert cluster.pid
            yield Postgres(dsn, cluster.pid)


@asynccontextmanager
async def tables(dsn: str, *, size: int = 10) -> AsyncIterator[Database]:
    """Those of the gateway, ready for today, over so many connections."""
    await migrate(dsn)
    async with open_database(dsn, size=size) as database:
        await ensure_partitions(database, now=now())
        yield database


@contextmanager
def gateway(
    *,
    apis: int = 1,
    workers: int = 0,
    mocks: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    cores: Collection[int] | None = None,
    server: tuple[str, ...] = (),
) -> Iterator[Gateway]:
    """`lienthong api` and `lienthong worker` as they run in a province, on a cluster with its usual settings: every
    commit is flushed to disk. Limits are those of `BENCH`. `cores`: where the API runs; the rest runs where we do.
    `server`: more settings of PostgreSQL."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres(server=server))
        where = stack.enter_context(folder())
        measured = {"LIENTHONG_METRICS__PORT": str(free_ports())}
        own = {"LIENTHONG_DATABASE_URL": database.dsn, **BENCH, **measured, **(settings or {})}
        town = Town(where / "logs", first_port=free_ports(), settings=own)
        for name in QUICK.keys() - own.keys():  # the demo's haste is not the product's
            del town.environment[name]
        stack.callback(town.stop)
        for mock in mocks:
            town.start_mock(mock)
        with machine.on(cores or os.sched_getaffinity(0)):
            town.start_api()
        for number in range(workers):
            town.start_worker(f"worker-{number + 1}")
        ports = [town.ports["gateway"], *(another_api(town, f"gateway-{number + 2}") for number in range(apis - 1))]
        yield Gateway(town=town, postgres=database, ports=ports)


def another_api(town: Town, name: str, **settings: str) -> int:
    """One more API process on the same database, and its port. `settings`: where it differs from the first."""
    port = free_ports()
    own = {**town.environment, "LIENTHONG_API__PORT": str(port), **settings}
    command = [str(BIN / "lienthong"), "api"]
    with (town.logs / f"{name}.log").open("ab") as log:
        town.processes[name] = subprocess.Popen(
            command, env=own, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    town._wait(name, f"http://127.0.0.1:{port}/readyz")
    return port


@dataclass
class Gateway:
    """A running one. `key` may do everything."""

    town: Town
    postgres: Postgres
    ports: list[int]
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.town.add_client("bench", *SCOPES)

    @property
    def dsn(self) -> str:
        return self.postgres.dsn

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU so far, by process; `postgres` is all of them."""
        found = {name: cpu_s(process.pid) for name, process in self.town.processes.items()}
        return {**found, "postgres": self.postgres.cpu_s()}


def plain_insert(dsn: str, *, rows: int, batch: int) -> float:
    """Rows a second of the plainest thing that is as durable: one table, one INSERT a batch, one commit a batch."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS plain")
        connection.execute("CREATE TABLE plain (id bigint PRIMARY KEY, done boolean NOT NULL, body bytea NOT NULL)")
        began = time.perf_counter()
        for first in range(0, rows, batch):
            ids = list(range(first, min(first + batch, rows)))
            connection.execute(
                "INSERT INTO plain SELECT unnest(%s::bigint[]), false, unnest(%s::bytea[])", (ids, [PAYLOAD] * len(ids))
            )
        return rows / (time.perf_counter() - began)


def plain_take(dsn: str, *, batch: int) -> float:
    """Rows a second of the plainest queue: SELECT … FOR UPDATE SKIP LOCKED of a batch, mark it done, commit."""
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE INDEX IF NOT EXISTS plain_left ON plain (id) WHERE NOT done")
        connection.commit()
        began, taken = time.perf_counter(), 0
        while True:
            rows = connection.execute(
                "SELECT id, body FROM plain WHERE NOT done ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED", (batch,)
            ).fetchall()
            if not rows:
                return taken / (time.perf_counter() - began)
            connection.execute("UPDATE plain SET done = true WHERE id = ANY(%s)", ([row[0] for row in rows],))
            connection.commit()
            taken += len(rows)
