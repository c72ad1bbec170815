"""How many messages a second one worker delivers, with and without a crowd of streams for a target that is dead.

    .venv/bin/python bench/delivery.py [--streams 500] [--messages 4] [--blocked 0 100000]

An embedded cluster with its usual settings: every commit is flushed to disk. The target takes everything at once, so
what is measured is the queue: claim, one acknowledgement a message, release. CPU is this process's own.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from audit_append import folder

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

    def __init__(self) -> None:
        policy = BreakerPolicy(cool_down_s=1)
        self.breakers = {name: Breaker(policy, monotonic=time.monotonic) for name in self.targets}

    def room(self, target: str, *, most: int) -> int:
        return self.breakers[target].room(most)

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        with self.breakers[stream.target].guard():
            if stream.target == "dead":
                raise TransientRemoteError("down")
        return Delivered()

    async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
        raise NotImplementedError

    def most_together(self, stream: StreamKey, operation: str) -> int:
        return 1

    def asks_first(self, stream: StreamKey, operation: str) -> bool:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--messages", type=int, default=4, help="of each stream")
    parser.add_argument("--blocked", type=int, nargs="+", default=[0, 100_000], help="due streams of a dead target")
    options = parser.parse_args()
    with folder() as where, EmbeddedCluster(where / "pg").running() as dsn:
        asyncio.run(_run(dsn, options))


async def _run(dsn: str, options: argparse.Namespace) -> None:
    await migrate(dsn)
    print(f"{'blocked':>8} {'enqueued/s':>11} {'delivered/s':>12} {'CPU ms/message':>15}")
    async with open_database(dsn, size=25) as database:
        await ensure_partitions(database, now=_now())
        keyring = Keyring.ephemeral()
        outbox, sealed = PostgresOutbox(database, keyring), keyring.seal(b"{}", purpose="outbox")
        rates = []
        for blocked in options.blocked:
            await _crowd(database, blocked, sealed=sealed)
            rates.append(await _round(database, outbox, options, blocked=blocked))
    print(f"ratio of the last to the first: {rates[-1] / rates[0]:.2f}")


async def _round(database: Database, outbox: PostgresOutbox, options: argparse.Namespace, *, blocked: int) -> float:
    total = options.streams * options.messages
    began = time.perf_counter()
    for number in range(options.streams):
        stream = StreamKey(tenant="BENCH", target="alive", key=f"{blocked}/{number}")
        await outbox.enqueue([_draft(stream, seq) for seq in range(options.messages)], now=_now())
    enqueued = total / (time.perf_counter() - began)
    worker = Worker(
        outbox, Targets(), name="w", atomically=database.transaction, clock=_now, policy=Policy(), follow_ups={}
    )
    began, cpu = time.perf_counter(), time.process_time()
    while await _left(database):
        await worker.drain()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"{blocked:>8} {enqueued:>11.0f} {total / seconds:>12.0f} {cpu / total * 1000:>15.2f}")
    return total / seconds


async def _left(database: Database) -> bool:
    async with database.transaction() as connection:
        found = await connection.execute("SELECT 1 FROM stream WHERE target = 'alive' AND due IS NOT NULL LIMIT 1")
        return bool(await found.fetchone())


async def _crowd(database: Database, blocked: int, *, sealed: bytes) -> None:
    """Each with a message, due since a minute ago."""
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO stream (tenant, target, key, tail, due, created_at) SELECT 'BENCH', 'dead', 'X' || n, 1, "
            "now() - interval '1 minute', now() FROM generate_series(1, %s) n ON CONFLICT DO NOTHING",
            (blocked,),
        )
        await connection.execute(
            "INSERT INTO message (tenant, target, key, seq, created_at, operation, call_id, at, mapping_version, "
            "trace_id, body) SELECT 'BENCH', 'dead', 'X' || n, 1, now(), 'sync', 'X', now(), 1, '', %s "
            "FROM generate_series(1, %s) n",
            (sealed, blocked),
        )
        await connection.execute("ANALYZE stream")


def _draft(stream: StreamKey, number: int) -> Draft:
    return Draft(
        stream=stream, operation="sync", call_id=f"C{number}", at=_now(), mapping_version=1, body=BODY, trace_id=""
    )


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
