"""How many messages a second one worker delivers, with and without a crowd of streams for a target that is dead.

    .venv/bin/python bench/delivery.py [--streams 500] [--messages 4] [--blocked 0 100000]

An embedded cluster with its usual settings: every commit is flushed to disk. The target takes everything at once, so
what is measured is the queue: claim, one acknowledgement a message, release. CPU is this process's own. Beside it, in
the same run: the plainest loop, SELECT … FOR UPDATE SKIP LOCKED of a batch, mark it done, commit; a row is one message.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
import uvloop
from ground import database_cpu, folder, now, plain_insert, plain_take

from gateway.database import Database, EmbeddedCluster, ensure_partitions, migrate, open_database
from gateway.delivery.model import Draft, StreamKey
from gateway.delivery.policy import Policy
from gateway.delivery.postgres import PostgresOutbox
from gateway.delivery.worker import Worker
from gateway.domain import Context
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.sdk import Accepted, Call, Settlement, TransientRemoteError
from gateway.signing import Keyring

BODY = {"MaHoSo": "000.00.05.H99-261123-0007", "filler": "x" * 1024}


@dataclass(frozen=True)
class Delivered:
    outcome: Accepted = field(default_factory=lambda: Accepted(reference="x"))
    canonical: Mapping[str, Any] = field(default_factory=dict)


class Targets:
    """One takes every message at once; the other is down, behind the breaker that every target has."""

    targets = ("alive", "dead")

    def __init__(self, *, until: int) -> None:
        self.left, self.done = until, asyncio.Event()
        policy = BreakerPolicy(cool_down_s=1)
        self.breakers = {name: Breaker(policy, monotonic=time.monotonic) for name in self.targets}

    def room(self, target: str, *, most: int) -> int:
        return self.breakers[target].room(most)

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        with self.breakers[stream.target].guard():
            if stream.target == "dead":
                raise TransientRemoteError("down")
        self.left -= 1
        if not self.left:
            self.done.set()
        return Delivered()

    async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
        raise NotImplementedError

    def most_together(self, stream: StreamKey, operation: str) -> int:
        return 1

    def asks_first(self, stream: StreamKey, operation: str) -> bool:
        return False


class Silence:
    """A bell that never rings: everything is there already."""

    async def wait(self, timeout_s: float) -> None:
        await asyncio.sleep(timeout_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--messages", type=int, default=4, help="of each stream")
    parser.add_argument("--blocked", type=int, nargs="+", default=[0, 100_000], help="due streams of a dead target")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with folder() as where:
        cluster = EmbeddedCluster(where / "pg")
        with cluster.running() as dsn:
            uvloop.run(_run(dsn, cluster.pid or 0, options))
            for batch in (1, 20):
                plain_insert(dsn, rows=5000 * batch, batch=500)
                print(f"plain SKIP LOCKED loop, {batch:>2} rows a commit: {plain_take(dsn, batch=batch):.0f} rows/s")


async def _run(dsn: str, postmaster: int, options: argparse.Namespace) -> None:
    await migrate(dsn)
    print(f"{'blocked':>8} {'enqueued/s':>11} {'delivered/s':>12} {'CPU ms/message: worker, postgres':>34}")
    async with open_database(dsn, size=25) as database:
        await ensure_partitions(database, now=now())
        keyring = Keyring.ephemeral()
        outbox, sealed = PostgresOutbox(database, keyring), keyring.seal(b"{}", purpose="outbox")
        rates, there = [], 0
        for blocked in options.blocked:
            await crowd(database, (there, blocked), sealed=sealed)
            there = max(there, blocked)
            size = (options.streams, options.messages)
            found = await one_round(database, outbox, name=str(blocked), size=size, postmaster=postmaster)
            print(
                f"{blocked:>8} {found['enqueued']:>11.0f} {found['rate']:>12.0f} {found['worker_ms']:>24.2f}, "
                f"{found['postgres_ms']:.2f}"
            )
            rates.append(found["rate"])
    print(f"ratio of the last to the first: {rates[-1] / rates[0]:.2f}")


async def one_round(
    database: Database, outbox: PostgresOutbox, *, name: str, size: tuple[int, int], postmaster: int
) -> dict[str, float]:
    """Enqueue `size` (streams, messages of each) and deliver all of it. `name` is that of no other round."""
    count, messages = size
    total = count * messages
    began = time.perf_counter()
    streams = [StreamKey(tenant="BENCH", target="alive", key=f"{name}/{n}") for n in range(count)]
    for first in range(0, count, 100):
        drafts = [_draft(stream, seq) for stream in streams[first : first + 100] for seq in range(messages)]
        await outbox.enqueue(drafts, now=now())
    enqueued = total / (time.perf_counter() - began)
    async with database.transaction() as connection:  # as autovacuum does within a minute
        await connection.execute("ANALYZE stream, message")
    targets, stop = Targets(until=total), asyncio.Event()
    worker = Worker(
        outbox, targets, name=f"w{name}", atomically=database.transaction, clock=now, policy=Policy(), follow_ups={}
    )
    began, cpu, theirs = time.perf_counter(), time.process_time(), database_cpu(postmaster)
    working = asyncio.create_task(worker.run(Silence(), stop=stop))
    await targets.done.wait()
    while await _left(database):  # noqa: ASYNC110 - the last acknowledgements are other processes' to see
        await asyncio.sleep(0.001)
    seconds, cpu, theirs = time.perf_counter() - began, time.process_time() - cpu, database_cpu(postmaster) - theirs
    stop.set()
    await working
    return {
        "enqueued": enqueued,
        "rate": total / seconds,
        "worker_ms": cpu / total * 1000,
        "postgres_ms": theirs / total * 1000,
    }


async def _left(database: Database) -> bool:
    async with database.transaction() as connection:
        found = await connection.execute("SELECT 1 FROM stream WHERE target = 'alive' AND due IS NOT NULL LIMIT 1")
        return bool(await found.fetchone())


async def crowd(database: Database, numbers: tuple[int, int], *, sealed: bytes) -> None:
    """Those after the first number, up to the last. Each with a message, due since a minute ago."""
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO stream (tenant, target, key, tail, due, created_at) SELECT 'BENCH', 'dead', 'X' || n, 1, "
            "now() - interval '1 minute', now() FROM generate_series(%s + 1, %s) n",
            numbers,
        )
        await connection.execute(
            "INSERT INTO message (tenant, target, key, seq, created_at, operation, call_id, at, mapping_version, "
            "trace_id, body) SELECT 'BENCH', 'dead', 'X' || n, 1, now(), 'sync', 'X', now(), 1, '', %s "
            "FROM generate_series(%s + 1, %s) n",
            (sealed, *numbers),
        )
        await connection.execute("ANALYZE stream")


def _draft(stream: StreamKey, number: int) -> Draft:
    return Draft(
        stream=stream, operation="sync", call_id=f"C{number}", at=now(), mapping_version=1, body=BODY, trace_id=""
    )


if __name__ == "__main__":
    main()
