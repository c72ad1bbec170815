"""The three curves along what lies in PostgreSQL: due rows of the outbox, leaves of the log, provinces."""

from __future__ import annotations

import re
import subprocess
import time
from typing import Any

import delivery
import evidence
import uvloop
from comparison import events, machine, questions
from comparison.figures import Round
from comparison.questions import Asking
from comparison.running import gateway_of
from comparison.subjects import GATEWAY, Running
from ground import Gateway, another_api
from story import SCOPES
from town import BIN, ROOT

from curving.measuring import LINES, Plan, Report, Series, Target, ends, load, loads, rounds, spread, stage
from curving.points import point
from gateway.database import open_database
from gateway.delivery.postgres import PostgresOutbox
from gateway.signing import Keyring

TENANT = "BENCH"
"""Of what `bench/delivery.py` writes."""
STREAMS, MESSAGES = 1500, 4
IDLE_S = 5.0
SAMPLES = 200
"""Proofs of each log."""
MORE_CONNECTIONS = ("max_connections=500",)


def backlog(plan: Plan, report: Report) -> Series:
    """Due rows of a target that is dead: what an event costs that is taken in meanwhile, and what a message costs that
    is delivered to another target."""
    found: Series = {"intake": [], "delivery": []}
    there, keyring = 0, Keyring.ephemeral()
    with stage(report.say, LIENTHONG_TENANT=TENANT) as (_, target):
        told = events.Events(events.Sizes(), key=target.ours.key)
        told.tell_dossiers(target.ours.ports)
        ask = load(target.ours.ports, Asking(make=told.one, complaint=events.taken), lines=LINES)
        for due in plan.backlog:
            report.say(f"backlog: {due:,} due rows are written")
            uvloop.run(_owe(target.ours.dsn, (there, due), keyring))
            there = max(there, due)
            report.say(f"backlog: {due:,} due rows, intake")
            named = f"intake, {due:,} due" if due in ends(plan.backlog) else ""
            measured = rounds(target, ask, plan, named=named, report=report)
            found["intake"].append(point(due, measured))
            delivered = []
            for number in range(plan.rounds):
                report.say(f"backlog: {due:,} due rows, delivery")
                delivered.append(uvloop.run(_deliver(target.ours, f"{due}-{number}", keyring)))
                report.step()
            found["delivery"].append(point(due, delivered))
    return found


async def _owe(dsn: str, numbers: tuple[int, int], keyring: Keyring) -> None:
    async with open_database(dsn, size=2) as database:
        await delivery.crowd(database, numbers, sealed=keyring.seal(b"{}", purpose="outbox"))


async def _deliver(ours: Gateway, name: str, keyring: Keyring) -> Round:
    async with open_database(ours.dsn, size=10) as database:
        outbox = PostgresOutbox(database, keyring)
        size = (STREAMS, MESSAGES)
        found = await delivery.one_round(database, outbox, name=name, size=size, postgres=ours.postgres)
    return Round(STREAMS * MESSAGES, found["rate"], 0, 0, found["worker_ms"], 0, found["postgres_ms"], 0)


def log(plan: Plan, report: Report) -> Series:
    """Look-ups whose leaves go to the end of a log that was there before; and one proof out of it. Each size is the log
    of a province of its own, in one database."""
    found: Series = {"citizen": []}
    with stage(report.say) as (on, target):
        for leaves in plan.leaves:
            tenant = f"LOG{leaves}"
            report.say(f"log: {leaves:,} leaves are written")
            evidence.fill(target.ours.dsn, leaves, tenant=tenant, is_shown=False)
            proof = uvloop.run(_proof_ms(target.ours.dsn, tenant, leaves))
            report.say(f"log: {leaves:,} leaves")
            with machine.on(on.cores.subject):
                own, key = _province(target.ours, tenant)
            ask = load(own.ports, questions.citizen(key), lines=LINES)
            named = f"leaves: {leaves:,}" if leaves in ends(plan.leaves) else ""
            whole = Target(own, target.ours, target.upstream)
            measured = rounds(whole, ask, plan, named=named, report=report)
            found["citizen"].append(point(leaves, measured, proof_p50_ms=proof))
            target.ours.town.end(tenant)
    return found


async def _proof_ms(dsn: str, tenant: str, leaves: int) -> float:
    async with open_database(dsn, size=2) as database:
        found: Any = await evidence.proofs(database, tenant, size=leaves, samples=SAMPLES, is_shown=False)
    return float(found["inclusion_ms"]["p50"])


def tenants(plan: Plan, report: Report) -> Series:
    """So many provinces on one PostgreSQL, each with a process, keys and a log of its own, and as many callers in all
    as elsewhere. All cores are everybody's."""
    found: Series = {"citizen": []}
    with stage(report.say, server=MORE_CONNECTIONS, LIENTHONG_DATABASE__POOL_SIZE="5") as (on, target):
        first = gateway_of(target.ours)
        first.move(on.cores.everything)
        provinces = [(first, target.ours.key)]
        for count in plan.tenants:
            while len(provinces) < count:
                report.say(f"tenants: province {len(provinces) + 1} of {count} starts")
                provinces.append(_province(target.ours, f"T{len(provinces) + 1:02d}"))
            everybody = Running(GATEWAY, _all(provinces, "ports"), _all(provinces, "pids"))
            whole = Target(everybody, target.ours, target.upstream)
            report.say(f"tenants: {count} provinces, nobody calls")
            idle = _idle_ms(whole)
            report.say(f"tenants: {count} provinces")
            asks = [(one.ports, questions.citizen(key)) for one, key in provinces]
            callers = sum(spread(LINES, len(asks)))
            named = f"tenants: {count}" if count in ends(plan.tenants) else ""
            ask = loads(asks, lines=LINES)
            measured = rounds(whole, ask, plan, named=named, report=report, callers=callers)
            found["citizen"].append(point(count, measured, callers=callers, **idle))
    return found


def _province(ours: Gateway, tenant: str) -> tuple[Running, str]:
    """A process of its own for it, on the database of ours, and a key that it takes."""
    port = another_api(ours.town, tenant, LIENTHONG_TENANT=tenant)
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    added = subprocess.run(
        [str(BIN / "lienthong"), "clients", "add", "bench", *scopes],
        env={**ours.town.environment, "LIENTHONG_TENANT": tenant},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    key = re.search(r"lt_[A-Za-z0-9._-]+", added.stdout)
    assert key, added.stderr
    return Running(tenant, (port,), (ours.town.processes[tenant].pid,)), key[0]


def _all(provinces: list[tuple[Running, str]], name: str) -> tuple[int, ...]:
    return tuple(number for one, _ in provinces for number in getattr(one, name))


def _idle_ms(target: Target) -> dict[str, float]:
    """Milliseconds of CPU a second, when nobody calls."""
    before = target.subject.cpu_s(), target.ours.postgres.cpu_s()
    time.sleep(IDLE_S)
    after = target.subject.cpu_s(), target.ours.postgres.cpu_s()
    ours, theirs = ((late - early) * 1000 / IDLE_S for early, late in zip(before, after, strict=True))
    return {"idle_ms_s": ours, "idle_postgres_ms_s": theirs}
