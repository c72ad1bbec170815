"""What one look-up asks of PostgreSQL, part by part: who is it, may it go, how much was that, two leaves of evidence.

    .venv/bin/python bench/stores.py [--callers 1 16 64] [--each 1500] [--rounds 3] [--json FILE]

CPU of this process and of PostgreSQL, in microseconds a look-up; an embedded cluster with its usual settings, so every
commit is flushed. The parts are those that an API process is assembled from, on uvloop as it is. `all` is one look-up
as it goes: the key, the limits, the agreement, the leaf of the exchange, the leaf of the request. Rounds go in turns;
medians are printed. Afterwards the log is verified and the look-ups are counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

import uvloop
from comparison.purpose import PURPOSE
from ground import Postgres, now, postgres, tables

from gateway.agreements.model import Terms
from gateway.agreements.postgres import PostgresAgreements
from gateway.agreements.service import Agreements
from gateway.alarms.postgres import PostgresAlarms
from gateway.alarms.service import Alarms
from gateway.audit.log import AuditLog
from gateway.audit.model import Entry, EntryKind
from gateway.audit.postgres import PostgresAudit
from gateway.audit.verify import verify
from gateway.bootstrap.lookups import policy_of
from gateway.clients.authenticate import Authenticator
from gateway.clients.model import Scope
from gateway.clients.postgres import PostgresClients
from gateway.database import Database, open_database
from gateway.domain import Context, local_day
from gateway.restraint.model import Look
from gateway.restraint.postgres import PostgresRestraint
from gateway.restraint.service import Restraint
from gateway.restraint.settings import ClientRates, OfficerRates, RestraintSettings
from gateway.restraint.subject import Subjects
from gateway.signing import Keyring

TENANT = "H99"
CONTEXT = Context(tenant=TENANT, actor="motcua", trace_id="0" * 31 + "1", traceparent="")
MANY = 2_000_000_000
SETTINGS = RestraintSettings(
    officer=OfficerRates(minute=MANY, hour=MANY, day=MANY), client=ClientRates(minute=MANY, hour=MANY, day=MANY)
)
OFFICERS = 400
"""As many people each, one dossier a person: as a province works, not as the limits forbid."""
GROUNDED = {**PURPOSE, "basis": "Nghị định 278/2025/NĐ-CP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one look-up calls; each has a number, which makes it one of its own."""

    authenticator: Authenticator
    key: str
    permits: Agreements
    restraint: Restraint
    subjects: Subjects
    log: AuditLog

    async def authenticate(self, number: int) -> None:
        client = await self.authenticator.authenticate(f"Bearer {self.key}")
        assert client.client_id == "motcua"

    async def permit(self, number: int) -> None:
        await self.permits.check("population", "verify_citizen", tenant=TENANT)

    async def admit(self, number: int) -> None:
        officer, person = number % OFFICERS, number // OFFICERS % 8
        subject, near = self.subjects.marks(TENANT, f"099{officer:06d}{person:03d}")
        look = Look(
            tenant=TENANT,
            officer=f"motcua/000.00.05.H99/canbo.{officer}",
            client="motcua",
            dossier=f"motcua/H99-{officer}-{person}",
            subject=subject,
            near=near,
            question=self.subjects.question(TENANT, {"personal_id": f"{officer}/{person}", "full_name": "Trần Mẫu"}),
        )
        assert await self.restraint.admit(look, context=CONTEXT) is False

    async def exchange(self, number: int) -> None:
        bodies = {
            "request_translated": b"t" * 250,
            "request_sent": b"s" * 1600,
            "reply_received": b"r" * 1200,
            "reply_translated": b"u" * 250,
        }
        facts: dict[str, str | int] = {
            "call_id": f"{number:026d}",
            "duration_ms": 7,
            "try": 1,
            "mapping_version": "2026.11",
            "http_status": 200,
        }
        entry = _entry(EntryKind.EXCHANGE, number, bodies=bodies, facts=facts)
        assert (await self.log.record(entry)).index is not None

    async def request(self, number: int) -> None:
        bodies = {"request": b"q" * 400, "reply": b"a" * 500}
        entry = _entry(EntryKind.REQUEST, number, bodies=bodies, facts={"http_status": 200, "source": "127.0.0.1"})
        assert (await self.log.record(entry)).index is not None

    async def whole(self, number: int) -> None:
        for part in (self.authenticate, self.admit, self.permit, self.exchange, self.request):
            await part(number)


def _entry(kind: EntryKind, number: int, *, bodies: dict[str, bytes], facts: dict[str, str | int]) -> Entry:
    return Entry(
        kind=kind,
        tenant=TENANT,
        actor="motcua",
        operation="verify_citizen",
        outcome="answered",
        occurred_at=now(),
        trace_id=f"{number:032x}",
        system="population" if kind is EntryKind.EXCHANGE else "",
        reference=f"{number:026d}",
        purpose=GROUNDED,
        facts=facts,
        subjects=("099185000001",),
        bodies=bodies,
    )


def main() -> None:
    options = _options()
    with postgres() as on, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_run(on, options))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    print(f"{'µs CPU a look-up':<18}" + "".join(f"{callers:>20}" for callers in options.callers))
    for name, columns in found.items():
        cells = [f"{each['ours']:.0f} + {each['postgres']:.0f}" for each in columns.values()]
        print(f"{name:<18}" + "".join(f"{cell:>20}" for cell in cells))
    print("this process + PostgreSQL")


async def _run(on: Postgres, options: argparse.Namespace) -> dict[str, dict[str, dict[str, float]]]:
    keyring = Keyring.ephemeral()
    async with tables(on.dsn) as database, open_database(on.dsn, size=2) as leaves:
        async with AuditLog(PostgresAudit(leaves), keyring, clock=now) as log:
            parts = await _parts(database, keyring, log)
            found = await _measured(parts, options, on)
        await _check(database, leaves, keyring)
    return found


async def _parts(database: Database, keyring: Keyring, log: AuditLog) -> Parts:
    authenticator = Authenticator(PostgresClients(database), keyring, clock=now, tenant=TENANT)
    key = await authenticator.issue(TENANT, "motcua", scopes=list(Scope), agencies=["000.00.05.H99"])
    permits = Agreements(
        PostgresAgreements(database, keyring),
        systems={"population": ("verify_citizen",)},
        required=True,
        forget=_nothing,
        clock=now,
    )
    terms = Terms(
        number="1", system="population", parties=("A", "B"), purpose="p", basis="b",
        since=local_day(now()) - timedelta(days=9), fields=("full_name",), handling="xoá sau khi dùng",
    )  # fmt: skip
    await permits.register(terms, by="bench", context=CONTEXT)
    alarms = Alarms(PostgresAlarms(database, keyring), recorder=log, clock=now)
    restraint = Restraint(PostgresRestraint(database), alarms, policy=policy_of(SETTINGS), clock=now)
    subjects = Subjects(keyring, neighbour_digits=2)
    return Parts(authenticator=authenticator, key=key, permits=permits, restraint=restraint, subjects=subjects, log=log)


async def _nothing(tenant: str, system: str) -> None:
    return None


async def _measured(parts: Parts, options: argparse.Namespace, on: Postgres) -> dict[str, dict[str, dict[str, float]]]:
    kinds: dict[str, Callable[[int], Awaitable[None]]] = {
        "authenticate": parts.authenticate,
        "permits": parts.permit,
        "admit": parts.admit,
        "leaf, exchange": parts.exchange,
        "leaf, request": parts.request,
        "all": parts.whole,
    }
    chosen = {name: call for name, call in kinds.items() if not options.only or name in options.only}
    numbers = iter(range(1, MANY))
    rounds: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for turn in range(options.rounds + 1):
        for name, call in chosen.items():
            for callers in options.callers:
                each = options.each if turn else options.each // 3
                spent = await _round(call, numbers, callers=callers, times=each, on=on)
                if turn:  # the first one warms caches and prepares statements
                    rounds.setdefault((name, callers), []).append(spent)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for (name, callers), spents in rounds.items():
        ours, theirs = (median(spent[place] for spent in spents) for place in (0, 1))
        found.setdefault(name, {})[str(callers)] = {"ours": ours, "postgres": theirs}
    return found


async def _round(
    call: Callable[[int], Awaitable[None]], numbers: object, *, callers: int, times: int, on: Postgres
) -> tuple[float, float]:
    left = iter(range(times))

    async def caller() -> None:
        for _ in left:
            await call(next(numbers))  # type: ignore[call-overload]  # an iterator, shared by all

    before, began = on.cpu_s(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(callers)))
    ours, theirs = time.process_time() - began, on.cpu_s() - before
    return ours / times * 1e6, theirs / times * 1e6


async def _check(database: Database, leaves: Database, keyring: Keyring) -> None:
    report = await verify(PostgresAudit(leaves), TENANT, public_key=keyring.public_key, sealer=keyring)
    if report.finding:
        raise SystemExit(report.finding.text)
    rows = await (await database.run("SELECT count(*) AS n FROM restraint_mark")).fetchall()
    print(
        f"verified {report.size} leaves and {report.bodies} bodies; {rows[0]['n']} marks; load {os.getloadavg()[0]:.1f}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--each", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
