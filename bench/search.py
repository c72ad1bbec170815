"""How fast a transaction is found, over a year of a province.

    .venv/bin/python bench/search.py [--rows 5000000] [--samples 300] [--plans] [--write docs/]

An embedded cluster of its own with its usual settings. The rows are made without their indexes, which are made
afterwards as the migration says. Each question then goes the way of the console's page: the service, the indexer
that is asked whether there is something new, the resolving of the code, the statement. Parameters are drawn anew each
time. `--plans`: how PostgreSQL reads each page (EXPLAIN ANALYZE, BUFFERS).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import drawing
import psycopg
import result
from ground import now, postgres, tables
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.audit.postgres import PostgresAudit
from gateway.database import Database, ensure_partitions
from gateway.database.queries import SQL
from gateway.transactions.indexer import Indexer
from gateway.transactions.model import Found, Wanted
from gateway.transactions.postgres import PostgresTransactions
from gateway.transactions.postgres_relations import PostgresRelations
from gateway.transactions.service import Search, Transactions
from gateway.transactions.statement import Question

TENANT = "H99"
DAYS = 365
MUST_MS = 300
INDEX = re.compile(r"^CREATE INDEX (transaction_\w+) .*?;$", re.M | re.S)

FILL = """
INSERT INTO transaction (tenant, index, recorded_at, kind, actor, operation, system, outcome, fault, reference,
    trace_id, call_id, duration_ms)
SELECT %(tenant)s, i, %(since)s::timestamptz + i * %(step)s::interval, (%(kinds)s::text[])[k],
    CASE WHEN h %% 1000 < 600 THEN 'motcua' WHEN h %% 1000 < 900 THEN 'worker' WHEN h %% 1000 < 990 THEN 'portal'
         ELSE 'operator:nv.' || h %% 40 END,
    (%(operations)s::text[])[k], (%(systems)s::text[])[k], (%(outcomes)s::text[])[f], (%(faults)s::text[])[f],
    'H99-261123-' || lpad((i / 8)::text, 7, '0'), md5((i / 3)::text),
    CASE WHEN (%(kinds)s::text[])[k] = 'exchange' THEN 'C' || i ELSE '' END, 20 + h %% 900
FROM (SELECT i, abs(hashint8(i)) AS h FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS i) AS r
CROSS JOIN LATERAL (SELECT width_bucket((h / 1000) %% 100, %(least_kinds)s::int[]) AS k,
    width_bucket((h / 100000) %% 10000, %(least_faults)s::int[]) AS f) AS n
"""
MIX = (
    (0, "exchange", "verify_citizen", "population"),
    (30, "request", "verify_citizen", ""),
    (45, "exchange", "sync_dossier", "national_portal"),
    (65, "exchange", "report_progress", "national_portal"),
    (80, "exchange", "query_payment", "payment"),
    (88, "inbound", "payment_result", "payment"),
    (94, "exchange", "lookup_enterprise", "business_registry"),
    (99, "admin", "console_transactions", ""),
)
"""From which hundredth on."""
FAULTS = (
    (0, "ours.unexpected", "ours"),
    (10, "http_422", "caller"),
    (60, "refused", "partner_business"),
    (200, "partner.no_answer", "partner_technical"),
    (600, "answered", "none"),
)
"""From which ten-thousandth on."""
AT_ONCE = 250_000
CODE = "'H99-261123-' || lpad(i::text, 7, '0')"
MONEY = (
    "INSERT INTO bill (tenant, bill_id, dossier_code, amount, currency, state, matter, beneficiary, document,"
    f" created_at, updated_at) SELECT %(tenant)s, 'B' || i, {CODE}, 1000, 'VND', 'paid', '', '', '', now(), now()"
    " FROM generate_series(1, %(count)s) AS i",
    "INSERT INTO payment (tenant, payment_id, dossier_code, amount, currency, state, system, transaction_id,"
    f" document, created_at, updated_at, bill_id, reference) SELECT %(tenant)s, 'P' || i, {CODE}, 1000, 'VND',"
    f" 'paid', 'payment', 'BANK' || i, '', now(), now(), 'B' || i, {CODE} FROM generate_series(1, %(count)s) AS i",
    f"INSERT INTO stream (tenant, target, key, created_at, known) SELECT %(tenant)s, 'national_portal', {CODE}, now(),"
    " CASE WHEN i %% 4 = 0 THEN jsonb_build_object('dossier', 'DVCQG' || i) ELSE '{}' END"
    " FROM generate_series(1, %(count)s) AS i",
)


@dataclass(frozen=True)
class Bench:
    """What is asked, and how much there is of it."""

    service: Transactions
    store: PostgresTransactions
    rows: int
    money: int
    since: datetime
    until: datetime
    calls: list[int]

    def dossier(self) -> str:
        return f"H99-261123-{random.randrange(self.rows // 8):07d}"

    def call(self) -> str:
        return f"C{random.choice(self.calls)}"

    def trace(self) -> str:
        return hashlib.md5(str(random.randrange(self.rows) // 3).encode()).hexdigest()

    def moment(self) -> datetime:
        return self.since + (self.until - self.since) * random.random()


class Nobody:
    """No leaf of a search is wanted here."""

    async def record(self, entry: object) -> None:
        raise AssertionError


def main() -> None:
    options = _options()
    random.seed(1)
    with postgres() as on:
        figures = asyncio.run(_run(on.dsn, options))
    print(table(figures))
    if options.write:
        (options.write / "search.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
        (options.write / "search.svg").write_text(plot(figures))


async def _run(dsn: str, options: argparse.Namespace) -> dict[str, Any]:
    head, until = result.head(), now()
    since = until - timedelta(days=DAYS)
    async with tables(dsn, size=6) as database:
        for month in range(0, DAYS, 80):
            await ensure_partitions(database, now=since + timedelta(days=month))
        filled = _fill(dsn, options.rows, since=since)
        bench = _bench(database, options.rows, since=since, until=until, calls=_calls(dsn))
        figures: dict[str, Any] = {
            **head,
            "rows": options.rows,
            "days": DAYS,
            "cores": os.cpu_count(),
            **filled,
            "kinds": {},
        }
        for name, ask in KINDS.items():
            figures["kinds"][name] = await _measure(bench, ask, samples=options.samples)
        figures["at_once"] = await _at_once(bench, samples=options.samples)
        if options.plans:
            figures["plans"] = {name: await _plan(dsn, question) for name, question in _questions(bench).items()}
            for name, lines in figures["plans"].items():
                print(f"\n-- {name}", *lines, sep="\n")
    figures["load_after"] = round(os.getloadavg()[0], 1)
    return figures


def _fill(dsn: str, rows: int, *, since: datetime) -> dict[str, Any]:
    """Rows first, indexes then: the sizes are those of a table that grew, but for the fill of its pages."""
    statements = {
        found[1]: found[0] for found in INDEX.finditer((SQL / "migrations/0038_transaction_search.sql").read_text())
    }
    began = time.perf_counter()
    with psycopg.connect(dsn, autocommit=True, options="-c search_path=lienthong,public") as connection:
        for name in statements:
            connection.execute(f"DROP INDEX {name}")
        step = timedelta(days=DAYS) / rows
        values = {"tenant": TENANT, "since": since, "step": step, **_arrays()}
        with bar("filling") as progress:
            for first in progress.track(range(0, rows, AT_ONCE)):
                connection.execute(FILL, {**values, "first": first, "last": min(first + AT_ONCE, rows) - 1})
        for statement in statements.values():
            connection.execute(statement)
        for statement in MONEY:
            connection.execute(statement, {"tenant": TENANT, "count": rows // 50})
        connection.execute("VACUUM (ANALYZE)")
        sizes = connection.execute(
            "SELECT sum(pg_table_size(relid)), sum(pg_indexes_size(relid)) FROM pg_partition_tree('transaction')"
        ).fetchone()
    assert sizes
    return {
        "fill_s": round(time.perf_counter() - began),
        "table_mb": round(int(sizes[0]) / 2**20),
        "indexes_mb": round(int(sizes[1]) / 2**20),
    }


def _arrays() -> dict[str, list[Any]]:
    least_kinds, kinds, operations, systems = (list(column) for column in zip(*MIX, strict=True))
    least_faults, outcomes, faults = (list(column) for column in zip(*FAULTS, strict=True))
    return {
        "least_kinds": least_kinds,
        "kinds": kinds,
        "operations": operations,
        "systems": systems,
        "least_faults": least_faults,
        "outcomes": outcomes,
        "faults": faults,
    }


def bar(what: str) -> Progress:
    return Progress(TextColumn(what), BarColumn(), TimeRemainingColumn(), console=Console(stderr=True))


def _bench(database: Database, rows: int, *, since: datetime, until: datetime, calls: list[int]) -> Bench:
    store = PostgresTransactions(database)
    indexer = Indexer(
        store, PostgresAudit(database), tenant=TENANT, atomically=database.transaction, clock=lambda: until
    )
    service = Transactions(
        store,
        PostgresRelations(database),
        indexer=indexer,
        subjects=None,  # type: ignore[arg-type]  # nobody is searched by number here
        digest=lambda tenant, number: b"",
        recorder=Nobody(),  # type: ignore[arg-type]
        clock=lambda: until,
    )
    return Bench(service, store, rows=rows, money=rows // 50, since=since, until=until, calls=calls)


def _calls(dsn: str) -> list[int]:
    """Some leaves that are exchanges."""
    with psycopg.connect(dsn, options="-c search_path=lienthong,public") as connection:
        rows = connection.execute(
            "SELECT index FROM transaction TABLESAMPLE SYSTEM (1) WHERE kind = 'exchange' LIMIT 5000"
        ).fetchall()
    return [row[0] for row in rows]


Ask = Callable[[Bench], Awaitable[Found]]


def _by_code(code: Callable[[Bench], str]) -> Ask:
    async def ask(bench: Bench) -> Found:
        found = (await bench.service.search(TENANT, Search(code=code(bench), wanted=Wanted(looks=False)))).found
        assert found.rows
        return found

    return ask


def _by_words(since: Callable[[Bench], datetime | None] = lambda _: None, **words: str) -> Ask:
    async def ask(bench: Bench) -> Found:
        wanted = Wanted(since=since(bench), equal=words, looks=False)
        return (await bench.service.search(TENANT, Search(wanted=wanted))).found

    return ask


async def _an_hour(bench: Bench) -> Found:
    since = bench.moment()
    wanted = Wanted(since=since, until=since + timedelta(hours=1), equal={"fault": "partner_technical"}, looks=False)
    return (await bench.service.search(TENANT, Search(wanted=wanted))).found


async def _page_ten(bench: Bench) -> Found:
    """Nine pages on: the place is a moment, however far back."""
    wanted = Wanted(since=bench.since, equal={"fault": "partner_business"}, looks=False)
    found = (await bench.service.search(TENANT, Search(wanted=wanted))).found
    for _ in range(9):
        found = (await bench.service.search(TENANT, Search(wanted=wanted, before=found.onward))).found
    return found


async def _of_person(bench: Bench) -> Found:
    indexes = [random.randrange(bench.rows) for _ in range(50)]
    return Found(rows=tuple(await bench.store.at(TENANT, indexes)))


def _whole(bench: Bench) -> datetime:
    return bench.since


KINDS: Mapping[str, Ask] = {
    "newest": _by_words(),
    "dossier": _by_code(Bench.dossier),
    "trace": _by_code(Bench.trace),
    "call": _by_code(Bench.call),
    "bank's number": _by_code(lambda bench: f"BANK{random.randint(1, bench.money)}"),
    "portal's number": _by_code(lambda bench: f"DVCQG{random.randint(1, bench.money // 4) * 4}"),
    "rare fault, 30 days": _by_words(fault="ours"),
    "rare fault, a year": _by_words(_whole, fault="ours"),
    "fault, system": _by_words(fault="partner_technical", system="population"),
    "fault, system, operation": _by_words(
        fault="partner_business", system="national_portal", operation="report_progress"
    ),
    "system, operation, actor": _by_words(system="national_portal", operation="sync_dossier", actor="portal"),
    "rare actor, a year": _by_words(_whole, actor="operator:nv.7", fault="partner_business"),
    "an hour of some day": _an_hour,
    "ten pages back": _page_ten,
    "nothing in common, a year": _by_words(_whole, system="payment", operation="verify_citizen"),
    "50 leaves of a person": _of_person,
}
"""`ten pages back` is ten questions one after the other."""


async def _measure(bench: Bench, ask: Ask, *, samples: int) -> dict[str, Any]:
    waits, rows, cut = list[float](), 0, False
    for _ in range(samples):
        began = time.perf_counter()
        found = await ask(bench)
        waits.append((time.perf_counter() - began) * 1000)
        rows, cut = len(found.rows), found.is_cut
    return {**_cuts(waits), "rows": rows, "cut": cut}


async def _at_once(bench: Bench, *, samples: int) -> dict[str, Any]:
    """Four people, each with a mix of all kinds."""
    waits = list[float]()

    async def person() -> None:
        for _ in range(samples):
            ask = random.choice([ask for name, ask in KINDS.items() if name != "ten pages back"])
            began = time.perf_counter()
            await ask(bench)
            waits.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(person() for _ in range(4)))
    return {"people": 4, **_cuts(waits)}


def _cuts(waits: list[float]) -> dict[str, float]:
    cuts = quantiles(waits, n=100)
    return {
        "p50": round(cuts[49], 1),
        "p95": round(cuts[94], 1),
        "p99": round(cuts[98], 1),
        "max": round(max(waits), 1),
    }


def _questions(bench: Bench) -> dict[str, tuple[Question, str]]:
    """One of each way to drive a search, with its driver."""
    month = bench.until - timedelta(days=30)
    asked = {
        "newest": (Wanted(since=month), ""),
        "dossier": (Wanted(references=(bench.dossier(),)), "reference"),
        "dossier and its payments": (Wanted(references=(bench.dossier(), "P7", "B7")), "references"),
        "trace": (Wanted(equal={"trace_id": bench.trace()}), "trace_id"),
        "rare fault, a year": (Wanted(since=bench.since, equal={"fault": "ours"}), "fault"),
        "fault, system": (
            Wanted(since=month, equal={"fault": "partner_technical", "system": "population"}),
            "fault",
        ),
        "nothing in common, a year": (
            Wanted(since=bench.since, equal={"system": "payment", "operation": "verify_citizen"}),
            "system",
        ),
    }
    return {name: (Question(TENANT, replace(wanted, looks=False)), driver) for name, (wanted, driver) in asked.items()}


async def _plan(dsn: str, asked: tuple[Question, str]) -> list[str]:
    question, driver = asked
    statement = question.page(driver, limit=51)
    options = "-c search_path=lienthong,public -c jit=off -c plan_cache_mode=force_custom_plan"
    async with await psycopg.AsyncConnection.connect(dsn, options=options) as connection:
        text = "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + statement.text
        lines = [row[0] for row in await (await connection.execute(text, statement.values)).fetchall()]
    return list(_without_empty(lines))


def _without_empty(lines: list[str]) -> Iterator[str]:
    """Without the months in which nothing was found."""
    deep: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if deep is not None and indent > deep:
            continue
        is_empty = "Scan" in line and ("rows=0 " in line or "never executed" in line) and " on transaction_" in line
        deep = indent if is_empty else None
        if not is_empty:
            yield line


def table(figures: dict[str, Any]) -> str:
    head = f"{figures['rows']:,} rows, {figures['table_mb']} MB and {figures['indexes_mb']} MB of indexes"
    rows = [
        f"| {name} | {kind['p50']:g} | {kind['p95']:g} | {kind['p99']:g} | {kind['rows']}{' (cut)' * kind['cut']} |"
        for name, kind in figures["kinds"].items()
    ]
    mixed = figures["at_once"]
    rows.append(f"| all, four people at once | {mixed['p50']:g} | {mixed['p95']:g} | {mixed['p99']:g} | |")
    return "\n".join([head, "", "| question | p50 ms | p95 ms | p99 ms | rows |", "|---|---|---|---|---|", *rows])


def plot(figures: dict[str, Any]) -> str:
    """p50 and p95 of each kind, in figures where no line crosses them; red: the time that it must keep."""
    kinds = {**figures["kinds"], "all, four at once": figures["at_once"]}
    left, top, row, width = 190, 92, 22, 560
    across = drawing.linear(max(MUST_MS * 1.1, *(kind["p95"] for kind in kinds.values())), left, width)
    bottom, limit = top + len(kinds) * row, across.at(MUST_MS)
    title = f"Search over {figures['rows']:,} transactions: ms until it is found"
    drawn = [
        *drawing.head(14, title, f"dark: p50, pale: p95; red: {MUST_MS} ms", drawing.measured(figures)),
        *drawing.columns(across, (top - 6, bottom), across.marks()),
        drawing.text(left + width + 70, top - 10, "p50, p95 ms", fill=drawing.PALE, text_anchor="end"),
    ]
    for number, (name, kind) in enumerate(kinds.items()):
        y = top + number * row
        drawn += [
            drawing.text(left - 8, y + 11, name, text_anchor="end"),
            drawing.bar((left, y), kind["p95"] / across.high * width, "#9cf"),
            drawing.bar((left, y), kind["p50"] / across.high * width, drawing.OURS),
            drawing.text(left + width + 70, y + 11, f"{kind['p50']:.0f}, {kind['p95']:.0f}", text_anchor="end"),
        ]
    drawn.append(drawing.limit((limit, top - 6), (limit, bottom)))
    return drawing.svg(left + width + 84, bottom + 28, drawn)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--samples", type=int, default=100, help="questions of each kind")
    parser.add_argument("--plans", action="store_true", help="print how PostgreSQL reads each page")
    parser.add_argument("--write", type=Path, help="folder for search.json and search.svg")
    return parser.parse_args()


if __name__ == "__main__":
    main()
