"""How many entries a second the audit log takes, and how long one waits, for a few numbers of concurrent writers.

    .venv/bin/python bench/audit_append.py [--seconds 5] [--writers 1 8 64] [--logs 1]

An embedded cluster of its own with its usual settings: every commit is flushed to disk. One entry has two bodies of
1 kB, as an exchange has. `--logs 2` appends through two logs, as an API process and a worker do. Afterwards the whole
log is verified, bodies too, because a fast log that does not verify is worth nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from statistics import quantiles

from ground import now, postgres, tables

from gateway.audit.log import AuditLog
from gateway.audit.model import Entry, EntryKind
from gateway.audit.postgres import PostgresAudit
from gateway.audit.verify import verify
from gateway.database import Database
from gateway.signing import Keyring

BODY = b"x" * 1024


def main() -> None:
    options = _options()
    with postgres() as on:
        asyncio.run(_run(on.dsn, options))


async def _run(dsn: str, options: argparse.Namespace) -> None:
    keyring = Keyring.ephemeral()
    print(f"{'writers':>8} {'entries/s':>10} {'p50 ms':>8} {'p99 ms':>8}")
    async with tables(dsn) as database:
        for writers in options.writers:
            waits = await _append(database, keyring, writers=writers, logs=options.logs, seconds=options.seconds)
            cuts = quantiles(waits, n=100)
            print(f"{writers:>8} {len(waits) / options.seconds:>10.0f} {cuts[49]:>8.2f} {cuts[98]:>8.2f}")
        began = time.perf_counter()
        report = await verify(PostgresAudit(database), "BENCH", public_key=keyring.public_key, sealer=keyring)
        took = time.perf_counter() - began
    print(f"verified {report.size} rows and {report.bodies} bodies: {report.size / took:.0f} rows/s")
    if report.finding:
        raise SystemExit(report.finding.text)


async def _append(database: Database, keyring: Keyring, *, writers: int, logs: int, seconds: float) -> Sequence[float]:
    """The wait of every entry, in milliseconds."""
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(AuditLog(PostgresAudit(database), keyring, clock=now)) for _ in range(logs)
        ]
        end = time.perf_counter() + seconds
        each = await asyncio.gather(*(_write(opened[n % logs], until=end) for n in range(writers)))
    return [wait for waits in each for wait in waits]


async def _write(log: AuditLog, *, until: float) -> Sequence[float]:
    waits = []
    while (began := time.perf_counter()) < until:
        await log.record(_entry())
        waits.append((time.perf_counter() - began) * 1000)
    return waits


def _entry() -> Entry:
    return Entry(
        kind=EntryKind.EXCHANGE,
        tenant="BENCH",
        actor="motcua",
        operation="verify_citizen",
        outcome="answered",
        occurred_at=now(),
        trace_id="0" * 32,
        system="population",
        reference="000.00.05.H99-261123-0007",
        facts={"http_status": 200, "try": 1},
        bodies={"request_sent": BODY, "reply_received": BODY},
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--logs", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
