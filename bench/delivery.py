"""How many messages a second one worker delivers, with and without a crowd of streams for a target that is dead.

    .venv/bin/python bench/delivery.py [--streams 2000] [--messages 4] [--blocked 0 100000] [--rounds 5] [--write docs]

An embedded cluster with its usual settings: every commit is flushed to disk. The target takes everything at once, so
what is measured is the queue: claim, one acknowledgement a message, release. CPU is this process's own. Beside it, in
the same run: the plainest loop, SELECT … FOR UPDATE SKIP LOCKED of a batch, mark it done, commit; a row is one message.
`--write`: the table of performance.md in that folder.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import result
import structlog
import uvloop
from comparison import running
from comparison.commit import origin
from curving import page
from ground import Postgres, now, plain_insert, plain_take, postgres, tables
from result import RESULTS

from gateway.database import Database
from gateway.delivery.model import Draft, StreamKey
from gateway.delivery.policy import Policy
from gateway.delivery.postgres import PostgresOutbox
from gateway.delivery.worker import Worker
from gateway.domain import Context
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.sdk import Accepted, Call, Settlement, TransientRemoteError
from gateway.signing import Keyring

BATCHES = (1, 20)
"""Rows that the plain loop takes with one commit."""
BODY = {"MaHoSo": "000.00.05.H99-261123-0007", "filler": "x" * 1024}


@dataclass(frozen=True)
class Delivered:
    outcome: Accepted = field(default_factory=lambda: Accepted(reference="x"))
    canonical: Mapping[str, Any] = field(default_factory=dict)


class Targets:
    """One takes every message at once, each in its order; the other is down, behind the breaker that every target
    has."""

    targets = ("alive", "dead")

    def __init__(self, *, until: int) -> None:
        self.left, self.done = until, asyncio.Event()
        self.told: Counter[str] = Counter()
        policy = BreakerPolicy(cool_down_s=1)
        self.breakers = {name: Breaker(policy, monotonic=time.monotonic) for name in self.targets}

    def room(self, target: str, *, most: int) -> int:
        return self.breakers[target].room(most)

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        with self.breakers[stream.target].guard():
            if stream.target == "dead":
                raise TransientRemoteError("down")
        if call.call_id != f"C{self.told[stream.key]}":
            raise SystemExit(f"{call.call_id} came as number {self.told[stream.key]} of {stream.key}.")
        self.told[stream.key] += 1
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
    options = _options()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    head = result.head()
    with postgres() as on:
        queues = uvloop.run(_queues(on, options))
        result.say("the plain loops")
        plain = {batch: _plain(on.dsn, batch, options.rounds) for batch in BATCHES}
    told = {
        **head,
        "load_after": running.load_now(),
        "options": {"rounds": options.rounds, "streams": options.streams, "messages": options.messages},
        "queues": queues,
        "plain": plain,
    }
    result.write(options.write / "delivery.json", told)
    page.fill(options.write, {"delivery": table(told)}, name=page.PERFORMANCE)
    print(table(told))


async def _queues(on: Postgres, options: argparse.Namespace) -> dict[int, dict[str, float]]:
    """By due streams of the dead target: the medians of its rounds. The very first round is thrown away."""
    size, found, there = (options.streams, options.messages), dict[int, dict[str, float]](), 0
    async with tables(on.dsn, size=25) as database:
        keyring = Keyring.ephemeral()
        outbox, sealed = PostgresOutbox(database, keyring), keyring.seal(b"{}", purpose="outbox")
        await one_round(database, outbox, name="warm", size=size, postgres=on)
        for blocked in sorted(options.blocked):
            result.say(f"{blocked:,} due dossiers of a dead target")
            await crowd(database, (there, blocked), sealed=sealed)
            there = blocked
            rounds = [
                await one_round(database, outbox, name=f"{blocked}-{number}", size=size, postgres=on)
                for number in range(options.rounds)
            ]
            found[blocked] = {figure: median(one[figure] for one in rounds) for figure in rounds[0]}
    return found


def _plain(dsn: str, batch: int, rounds: int) -> float:
    """Rows a second of the plainest loop that takes so many with a commit."""
    found = []
    for _ in range(rounds):
        plain_insert(dsn, rows=5000 * batch, batch=500)
        found.append(plain_take(dsn, batch=batch))
    return median(found)


def table(told: Mapping[str, Any]) -> str:
    options, queues, plain = told["options"], told["queues"], told["plain"]
    lines = page.provisional(told, rounds=options["rounds"])
    lines += ["| due dossiers of a dead target | delivered/s | CPU ms a message: worker, PostgreSQL |", "|---|---|---|"]
    lines += [
        f"| {blocked:,} | {one['rate']:,.0f} | {one['worker_ms']:.3f}, {one['postgres_ms']:.3f} |"
        for blocked, one in queues.items()
    ]
    lines += [
        f"| plain SELECT … FOR UPDATE SKIP LOCKED, {batch} a commit | {rate:,.0f} | |" for batch, rate in plain.items()
    ]
    rates = [one["rate"] for one in queues.values()]
    plainly = [
        f"{rates[0] / rate:.2f} times as many as the plain loop with {batch} a commit" for batch, rate in plain.items()
    ]
    behind = f"behind the most due dossiers {rates[-1] / rates[0]:.2f} of what it does without"
    messages = options["streams"] * options["messages"]
    return "\n".join(
        [
            *lines,
            "",
            f"The queue delivers {' and '.join(plainly)}; {behind}.",
            f"{origin(told)}; load {told['load_before']} before and {told['load_after']} after; "
            f"medians of {options['rounds']} rounds of {messages:,} messages.",
        ]
    )


async def one_round(
    database: Database, outbox: PostgresOutbox, *, name: str, size: tuple[int, int], postgres: Postgres
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
    began, cpu, theirs = time.perf_counter(), time.process_time(), postgres.cpu_s()
    working = asyncio.create_task(worker.run(Silence(), stop=stop))
    await targets.done.wait()
    while await _left(database):  # noqa: ASYNC110 - the last acknowledgements are other processes' to see
        await asyncio.sleep(0.001)
    seconds, cpu, theirs = time.perf_counter() - began, time.process_time() - cpu, postgres.cpu_s() - theirs
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


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=2000)
    parser.add_argument("--messages", type=int, default=4, help="of each stream")
    parser.add_argument("--blocked", type=int, nargs="+", default=[0, 100_000], help="due streams of a dead target")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", type=Path, default=RESULTS, help="folder for delivery.json, performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
