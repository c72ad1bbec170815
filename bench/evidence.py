"""How fast the log takes leaves, what disk a leaf costs, how long it takes to verify a log, and to prove one leaf of a
large one.

    .venv/bin/python bench/evidence.py [--leaves 1000000] [--large 10000000] [--write docs/]

An embedded cluster of its own with its usual settings: every commit is flushed to disk. An entry has two bodies of
1 kB, as an exchange has; many writers wait for their own leaf each. The large log is made by COPY, with its tiles,
because only proofs are measured on it; each proof is verified against the root.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import random
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import psycopg
import result
from ground import now, postgres, tables
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.audit import tiles, tree
from gateway.audit.log import AuditLog
from gateway.audit.model import Entry, EntryKind
from gateway.audit.postgres import PostgresAudit
from gateway.audit.proofs import Prover
from gateway.audit.tiles import WIDTH
from gateway.audit.verify import verify
from gateway.database import Database
from gateway.signing import Keyring

BODY = b"x" * 1024
TABLES = ("audit_leaf", "audit_body", "audit_tile", "audit_checkpoint")
EVERY = 20
"""Points of the plot."""


def main() -> None:
    options = _options()
    with postgres() as on:
        figures = asyncio.run(_run(on.dsn, options))
    print(json.dumps(figures, indent=1))
    if options.write:
        (options.write / "evidence.json").write_text(json.dumps(figures, indent=1) + "\n")
        (options.write / "evidence.svg").write_text(plot(figures))
        print(table(figures))


async def _run(dsn: str, options: argparse.Namespace) -> dict[str, Any]:
    keyring = Keyring.ephemeral()
    head = result.head()
    async with tables(dsn, size=4) as database:
        figures: dict[str, Any] = {
            **head,
            "cores": os.cpu_count(),
            "append": await _append(database, keyring, options),
            "verify": await _verify(database, keyring, bodies=options.bodies),
            "proofs": [await proofs(database, "BENCH", size=options.leaves, samples=options.samples)],
        }
        if options.large:
            head = fill(dsn, options.large)
            figures["proofs"].append(await proofs(database, "LARGE", size=options.large, samples=options.samples))
            assert (await PostgresAudit(database).head("LARGE")).frontier.root() == head
    figures["load_after"] = round(os.getloadavg()[0], 1)
    return figures


def bar(what: str, *, is_shown: bool = True) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        refresh_per_second=1,
        disable=not is_shown,
    )


async def _append(database: Database, keyring: Keyring, options: argparse.Namespace) -> dict[str, Any]:
    """Every writer waits for its leaf before it writes the next."""
    left = iter(range(options.leaves))
    waits, points, began = list[float](), list[tuple[int, float]](), time.perf_counter()
    with bar("appending") as progress:
        task = progress.add_task("", total=options.leaves)

        async def write(log: AuditLog) -> None:
            for number in left:
                asked = time.perf_counter()
                await log.record(_entry(number))
                waits.append(time.perf_counter() - asked)
                progress.advance(task)
                if len(waits) % max(options.leaves // EVERY, 1) == 0:
                    points.append((len(waits), round(time.perf_counter() - began, 2)))

        async with AuditLog(PostgresAudit(database), keyring, clock=now) as log:
            await asyncio.gather(*(write(log) for _ in range(options.writers)))
    took = time.perf_counter() - began
    cuts = quantiles(waits, n=100)
    return {
        "leaves": options.leaves,
        "writers": options.writers,
        "bodies": 2,
        "seconds": round(took, 1),
        "per_s": round(options.leaves / took),
        "wait_p50_ms": round(cuts[49] * 1000, 1),
        "wait_p99_ms": round(cuts[98] * 1000, 1),
        "bytes_per_leaf": await _disk(database, options.leaves),
        "points": points,
    }


async def _disk(database: Database, leaves: int) -> dict[str, int]:
    """With indexes, by table; partitions counted."""
    found = {}
    async with database.own_transaction() as connection:
        for name in TABLES:
            rows = await connection.execute(
                "SELECT sum(pg_total_relation_size(relid))::bigint AS n FROM pg_partition_tree(%s::regclass)", (name,)
            )
            size = (await rows.fetchone() or {})["n"]
            if not size:
                rows = await connection.execute("SELECT pg_total_relation_size(%s::regclass) AS n", (name,))
                size = (await rows.fetchone() or {})["n"]
            found[name] = round(size / leaves)
    return found


async def _verify(database: Database, keyring: Keyring, *, bodies: bool) -> dict[str, Any]:
    store, began = PostgresAudit(database), time.perf_counter()
    sealer = keyring if bodies else None
    report = await verify(store, "BENCH", public_key=keyring.public_key, sealer=sealer)
    took = time.perf_counter() - began
    if report.finding:
        raise SystemExit(report.finding.text)
    return {
        "rows": report.size,
        "bodies_opened": report.bodies,
        "seconds": round(took, 1),
        "per_s": round(report.size / took),
    }


async def proofs(database: Database, tenant: str, *, size: int, samples: int, is_shown: bool = True) -> dict[str, Any]:
    """Inclusion and consistency of random leaves and sizes, each verified outside the clock."""
    store, chance = PostgresAudit(database), random.Random(20261129)
    prover, head = Prover(store, tenant), await store.head(tenant)
    root, taken, grown = head.frontier.root(), list[float](), list[float]()
    with bar(f"proving, {size:,} leaves", is_shown=is_shown) as progress:
        for _ in progress.track(range(samples)):
            index = chance.randrange(size)
            began = time.perf_counter()
            proof = await prover.inclusion(index, size)
            taken.append((time.perf_counter() - began) * 1000)
            (row,) = await store.span(tenant, first=index, last=index)
            assert tree.verify_inclusion(row.leaf_hash, index=index, size=size, proof=proof, root=root)
            old = chance.randrange(1, size)
            began = time.perf_counter()
            proof = await prover.consistency(old, size)
            grown.append((time.perf_counter() - began) * 1000)
            roots = {"old_root": await prover.root(old), "new_root": root}
            assert tree.verify_consistency(old, size, proof=proof, **roots)
    return {"leaves": size, "samples": samples, "inclusion_ms": _cuts(taken), "consistency_ms": _cuts(grown)}


def _cuts(values: list[float]) -> dict[str, float]:
    cuts = quantiles(values, n=100)
    return {"p50": round(cuts[49], 2), "p99": round(cuts[98], 2), "max": round(max(values), 2)}


def fill(dsn: str, leaves: int, *, tenant: str = "LARGE", is_shown: bool = True) -> bytes:
    """A log of so many small leaves with its tiles; its root. Leaves are cut off where a tile is."""
    at, peaks = now(), tree.Frontier()
    levels: list[list[bytes]] = [[] for _ in range(tiles.TOP + 1)]
    made: list[tuple[int, int, bytes, bytes]] = []

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal peaks
        with bar("copying", is_shown=is_shown) as progress:
            for number in progress.track(range(leaves), total=leaves):
                leaf = b'{"index":%d}' % number
                digest = hashlib.sha256(b"\x00" + leaf).digest()
                peaks = peaks.append(digest)
                _tile(levels, made, digest, number + 1)
                yield tenant, number, at, leaf, digest, "", ""

    with psycopg.connect(dsn, autocommit=True, options="-c search_path=lienthong,public") as connection:
        connection.execute("SET synchronous_commit = off")
        with connection.transaction():
            _copy(connection, "audit_leaf (tenant, index, recorded_at, leaf, leaf_hash, reference, trace_id)", rows())
            full = ((tenant, *tile) for tile in made)
            _copy(connection, "audit_tile (tenant, level, index, hashes, root)", full)
            connection.execute(
                "INSERT INTO audit_head (tenant, size, peaks, last_hash, signed_size, tiled) "
                "VALUES (%s, %s, %s, '', 0, %s)",
                (tenant, leaves, b"".join(peaks.peaks), leaves - leaves % WIDTH),
            )
        connection.execute("ANALYZE")
    return peaks.root()


def _tile(levels: list[list[bytes]], made: list[Any], digest: bytes, size: int) -> None:
    levels[0].append(digest)
    level = 0
    while len(hashes := levels[level]) == WIDTH:
        root = tiles.fold(hashes)
        made.append((level, (size >> 8 * (level + 1)) - 1, b"".join(hashes), root))
        levels[level + 1].append(root)
        levels[level], level = [], level + 1


def _copy(connection: psycopg.Connection[Any], what: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with connection.cursor().copy(f"COPY {what} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _entry(number: int, at: datetime | None = None) -> Entry:
    return Entry(
        kind=EntryKind.EXCHANGE,
        tenant="BENCH",
        actor="motcua",
        operation="verify_citizen",
        outcome="answered",
        occurred_at=at or now(),
        trace_id=f"{number:032x}",
        system="population",
        reference=f"000.00.05.H99-261123-{number % 10_000:04d}",
        facts={"http_status": 200, "try": 1},
        bodies={"request_sent": BODY, "reply_received": BODY},
    )


def table(figures: dict[str, Any]) -> str:
    """The same in Markdown."""
    append, checked = figures["append"], figures["verify"]
    disk = append["bytes_per_leaf"]
    lines = [
        "| | |",
        "|---|---|",
        f"| appended | {append['leaves']:,} leaves in {append['seconds']:,} s: **{append['per_s']:,}/s** |",
        f"| wait of a writer, {append['writers']} at once | p50 {append['wait_p50_ms']} ms, "
        f"p99 {append['wait_p99_ms']} ms |",
        f"| disk a leaf | {sum(disk.values()):,} bytes, of which leaf {disk['audit_leaf']:,}, bodies "
        f"{disk['audit_body']:,}, tiles {disk['audit_tile']:,} |",
        f"| verified | {checked['rows']:,} rows and {checked['bodies_opened']:,} bodies in {checked['seconds']:,} s: "
        f"{checked['per_s']:,}/s |",
    ]
    for proof in figures["proofs"]:
        for name in ("inclusion", "consistency"):
            cuts = proof[f"{name}_ms"]
            lines.append(f"| {name} proof, {proof['leaves']:,} leaves | p50 {cuts['p50']} ms, p99 {cuts['p99']} ms |")
    lines.append(f"| load of the machine before and after | {figures['load_before']}, {figures['load_after']} |")
    return "\n".join(lines)


def plot(figures: dict[str, Any]) -> str:
    """Leaves over time, and beside it the times of proofs."""
    width, height, left, top, right = 420, 240, 80, 50, 600
    append = figures["append"]
    points = [(0, 0.0), *append["points"]]
    most_s, most_n = max(points[-1][1], append["seconds"]), append["leaves"]
    line = " ".join(f"{left + s / most_s * width:.1f},{top + height - n / most_n * height:.1f}" for n, s in points)
    goal = min(most_s, most_n / 5000)
    bars = [
        (f"{proof['leaves']:,}", f"{name} {cut}", proof[f"{name}_ms"][cut])
        for proof in figures["proofs"]
        for name in ("inclusion", "consistency")
        for cut in ("p50", "p99")
    ]
    high = max(5.0, *(value for _, _, value in bars))
    step = height / len(bars)
    drawn = []
    for number, (leaves, name, value) in enumerate(bars):
        y = top + number * step
        colour = "#06c" if "p50" in name else "#69c"
        x = value / high * 200
        beside = right + max(x, 5 / high * 200) + 8
        drawn.append(
            f'<rect x="{right}" y="{y:.1f}" width="{x:.1f}" height="{step * 0.7:.1f}" fill="{colour}"/>'
            f'<text x="{beside:.1f}" y="{y + step * 0.55:.1f}">{value:g} ms, {name}, {leaves}</text>'
        )
    limit = right + 5 / high * 200
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1060 {height + 130}" font-family="sans-serif" '
            'font-size="12">',
            '<rect width="100%" height="100%" fill="white"/>',
            f'<path d="M{left},{top} V{top + height} H{left + width}" fill="none" stroke="#999"/>',
            f'<text x="{left}" y="{top - 18}">Leaves over seconds: {append["per_s"]:,} a second, each flushed; '
            "red: 5,000 a second</text>",
            f'<text x="{left - 8}" y="{top + 5}" text-anchor="end">{most_n:,}</text>',
            f'<text x="{left + width}" y="{top + height + 18}" text-anchor="end">{most_s:,.0f} s</text>',
            f'<line x1="{left}" y1="{top + height}" x2="{left + goal / most_s * width:.1f}" '
            f'y2="{top + height - goal * 5000 / most_n * height:.1f}" stroke="#b00" stroke-dasharray="4 3"/>',
            f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>',
            f'<text x="{right}" y="{top - 18}">Time of one proof by leaves of the log; red: 5 ms</text>',
            *drawn,
            f'<line x1="{limit:.1f}" x2="{limit:.1f}" y1="{top - 6}" y2="{top + height}" stroke="#b00" '
            'stroke-dasharray="4 3"/>',
            f'<text x="{left}" y="{top + height + 50}">{figures["on"]}, {figures["cores"]} cores, load '
            f"{figures['load_before']} before and {figures['load_after']} after; two bodies of 1 kB a leaf; "
            f"{append['writers']} writers</text>",
            "</svg>",
            "",
        ]
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leaves", type=int, default=1_000_000, help="appended through the log")
    parser.add_argument("--large", type=int, default=10_000_000, help="of the log for proofs; 0: none")
    parser.add_argument("--writers", type=int, default=256)
    parser.add_argument("--samples", type=int, default=2000, help="proofs of each log")
    parser.add_argument("--bodies", action="store_true", help="open every body when verifying")
    parser.add_argument("--write", type=Path, help="folder for evidence.json and evidence.svg")
    return parser.parse_args()


if __name__ == "__main__":
    main()
