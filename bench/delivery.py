"""How many messages a second one worker delivers, with and without a crowd of streams that cannot move.

    .venv/bin/python bench/delivery.py [--streams 500] [--messages 4] [--held 0 100000]

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
from gateway.delivery.postgres import PostgresOutbox
from gateway.delivery.worker import Policy, Worker
from gateway.domain import Context
from gateway.sdk import Accepted, Call, Settlement
from gateway.signing import Keyring

BODY = {"MaHoSo": "000.00.05.H99-261123-0007", "filler": "x" * 1024}


@dataclass(frozen=True)
class Delivered:
    outcome: Accepted = field(default_factory=lambda: Accepted(reference="x"))
    canonical: Mapping[str, Any] = field(default_factory=dict)


class Target:
    """Takes every message at once."""

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        return Delivered()

    async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
        raise NotImplementedError

    def asks_first(self, stream: StreamKey, operation: str) -> bool:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--messages", type=int, default=4, help="of each stream")
    parser.add_argument("--held", type=int, nargs="+", default=[0, 100_000], help="streams that wait for a person")
    options = parser.parse_args()
    with folder() as where, EmbeddedCluster(where / "pg").running() as dsn:
        asyncio.run(_run(dsn, options))


async def _run(dsn: str, options: argparse.Namespace) -> None:
    await migrate(dsn)
    print(f"{'held':>8} {'enqueued/s':>11} {'delivered/s':>12} {'CPU ms/message':>15}")
    async with open_database(dsn, size=25) as database:
        await ensure_partitions(database, now=_now())
        outbox = PostgresOutbox(database, Keyring.ephemeral())
        for held in options.held:
            await _crowd(database, held)
            await _round(database, outbox, options, name=f"held{held}", held=held)


async def _round(
    database: Database, outbox: PostgresOutbox, options: argparse.Namespace, *, name: str, held: int
) -> None:
    total = options.streams * options.messages
    began = time.perf_counter()
    for number in range(options.streams):
        stream = StreamKey(tenant="BENCH", target=name, key=f"D{number}")
        await outbox.enqueue([_draft(stream, seq) for seq in range(options.messages)], now=_now())
    enqueued = total / (time.perf_counter() - began)
    worker = Worker(
        outbox, Target(), name="w", atomically=database.transaction, clock=_now, policy=Policy(), follow_ups={}
    )
    began, cpu = time.perf_counter(), time.process_time()
    while await worker.drain():
        pass
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"{held:>8} {enqueued:>11.0f} {total / seconds:>12.0f} {cpu / total * 1000:>15.2f}")


async def _crowd(database: Database, held: int) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO stream (tenant, target, key, tail, held, created_at) "
            "SELECT 'BENCH', 'portal', 'H' || n, 1, true, now() FROM generate_series(1, %s) n ON CONFLICT DO NOTHING",
            (held,),
        )


def _draft(stream: StreamKey, number: int) -> Draft:
    return Draft(
        stream=stream, operation="sync", call_id=f"C{number}", at=_now(), mapping_version=1, body=BODY, trace_id=""
    )


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
