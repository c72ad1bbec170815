"""Dossiers of a made-up province, written where the gateway writes them, so that figures are counted from tables."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from gateway.database import Database
from gateway.domain import VIETNAM, DossierStatus, local_day
from gateway.dossiers.model import DossierRecord
from gateway.dossiers.postgres import PostgresDossiers
from gateway.scores.model import Fact
from gateway.signing import Keyring

TARGET = "national_portal"
FINDINGS = {"y": "equal", "n": "different", "x": "not_shown"}
OCTOBER = date(2026, 10, 1)


def at(day: int, hour: int = 9, *, month: int = 10) -> datetime:
    """A moment of 2026 in Vietnam."""
    return datetime(2026, month, day, hour, tzinfo=VIETNAM)


def fact(number: int, **changes: Any) -> Fact:
    """A dossier as it should be: online, digitised, early, paid online, with an electronic result. `number` makes its
    code; `agency` says whose it is."""
    agency = changes.get("agency", "000.00.01.H99")
    received = changes.get("received_at", at(5))
    known: dict[str, Any] = {
        "code": f"{agency}-{local_day(received):%y%m%d}-{number:04}",
        "agency": agency,
        "procedure": "1.009999",
        "pack": "2026",
        "status": DossierStatus.RETURNED,
        "channel": "online",
        "created_at": received,
        "received_on": local_day(received),
        "received_at": received,
        "due_at": at(20, 17),
        "finished_at": at(15),
        "fee": 50_000,
        "online_payment": True,
        "components": 2,
        "digitised": 2,
        "reused": 1,
        "from_store": 1,
        "results": 1,
        "synced": "y",
    }
    return Fact(**{**known, **changes})


def document_of(fact: Fact) -> dict[str, Any]:
    """A document of which these facts are read."""
    papers = [
        {
            "digitised": place < fact.digitised,
            "reused": "component" if place < fact.reused else "no",
            "from_national_store": place < fact.from_store,
        }
        for place in range(fact.components)
    ]
    ended = "refused_at" if fact.status is DossierStatus.REFUSED else "processed_at"
    moments = {
        "received_at": fact.received_at,
        "due_at": fact.due_at,
        "apologised_at": fact.apologised_at,
        ended: fact.finished_at,
    }
    return {
        **{name: moment.isoformat() for name, moment in moments.items() if moment},
        "procedure": {"code": fact.procedure},
        "channel": fact.channel,
        "components": papers,
        "fees": [{"amount": fact.fee}] if fact.fee else [],
        "online_payment": "national_platform" if fact.online_payment else None,
        "results": [{}] * fact.results,
        "supplements": [{}] * fact.contacts,
        "applicant": {"full_name": "Trần Thị Mẫu"},
        **({"origin_code": "X1"} if fact.mirrored else {}),
    }


class ScoreHouse:
    def __init__(self, database: Database, tenant: str, *, keyring: Keyring | None = None) -> None:
        self.database = database
        self.tenant = tenant
        self.dossiers = PostgresDossiers(database, keyring or Keyring.ephemeral())

    async def take(self, facts: Sequence[Fact]) -> None:
        records = [self.record(one) for one in facts]
        if records:
            await self.dossiers.save(*records)
        for one in facts:
            if one.synced:
                await self._sync(one)
            if one.paid:
                await self._pay(one)

    def record(self, one: Fact) -> DossierRecord:
        return DossierRecord(
            tenant=self.tenant,
            code=one.code,
            version=1,
            status=one.status,
            document=document_of(one),
            last_event_at=None,
            updated_at=one.created_at,
            target=TARGET if one.synced else "",
            pack=one.pack,
        )

    async def message(self, one: Fact, *, after_s: float | None, seq: int = 1) -> None:
        """A message of its stream, acknowledged after so many seconds; None: not yet."""
        acknowledged = None if after_s is None else one.created_at + timedelta(seconds=after_s)
        await self.database.run(
            "INSERT INTO message (tenant, target, key, seq, created_at, operation, call_id, at, mapping_version, "
            "trace_id, body, acknowledged_at) VALUES (%s, %s, %s, %s, %s, 'sync_dossier', '', %s, 1, '', '', %s)",
            (self.tenant, TARGET, one.code, seq, one.created_at, one.created_at, acknowledged),  # type: ignore[arg-type]  # a row
        )

    async def rate(self, agency: str, very: int, satisfied: int, dissatisfied: int) -> None:
        await self.database.run(
            "INSERT INTO rating_month (tenant, month, procedure, agency, very_satisfied, satisfied, dissatisfied, "
            "told_at) VALUES (%s, %s, '1.009999', %s, %s, %s, %s, %s)",
            (self.tenant, OCTOBER, agency, very, satisfied, dissatisfied, at(31)),  # type: ignore[arg-type]  # a row
        )

    async def _sync(self, one: Fact) -> None:
        named = {"tenant": self.tenant, "target": TARGET, "key": one.code, "at": one.created_at}
        await self.database.run(
            "INSERT INTO stream (tenant, target, key, head, tail, created_at) "
            "VALUES (%(tenant)s, %(target)s, %(key)s, 1, 1, %(at)s)",
            named,
        )
        await self.database.run(
            "INSERT INTO ledger (tenant, target, key, finding, care, head, rounds, detail, detail_vi, checked_at) "
            "VALUES (%(tenant)s, %(target)s, %(key)s, %(finding)s, 'none', 1, 1, '', '', %(at)s)",
            {**named, "finding": FINDINGS[one.synced]},
        )

    async def _pay(self, one: Fact) -> None:
        named = {"tenant": self.tenant, "id": one.code.replace("-", "").replace(".", "")[-20:], "code": one.code}
        await self.database.run(
            "INSERT INTO bill (tenant, bill_id, dossier_code, amount, currency, state, matter, beneficiary, document, "
            "created_at, updated_at) "
            "VALUES (%(tenant)s, %(id)s, %(code)s, 1000, 'VND', 'paid', '', '', '', now(), now())",
            named,
        )
        await self.database.run(
            "INSERT INTO payment (tenant, payment_id, bill_id, dossier_code, amount, currency, state, system, "
            "reference, document, created_at, updated_at) "
            "VALUES (%(tenant)s, %(id)s, %(id)s, %(code)s, 1000, 'VND', 'paid', 's', %(id)s, '', now(), now())",
            named,
        )


def at_random(count: int, *, seed: int) -> list[Fact]:
    """Every kind of dossier, around October 2026."""
    chance = random.Random(seed)
    return [_random(number, chance) for number in range(count)]


def _random(number: int, chance: random.Random) -> Fact:
    received = datetime(2026, 9, 10, tzinfo=UTC) + timedelta(minutes=chance.randrange(60 * 24 * 70))
    status = chance.choice(list(DossierStatus))
    ended = status in {DossierStatus.REFUSED, DossierStatus.PROCESSED, DossierStatus.RETURNED}
    due = received + timedelta(hours=chance.randrange(1, 600)) if chance.random() < 0.9 else None
    finished = received + timedelta(hours=chance.randrange(-5, 600)) if ended and chance.random() < 0.95 else None
    if finished and due and chance.random() < 0.2:
        finished = due
    papers = chance.randrange(4)
    digitised = chance.randrange(papers + 1)
    reused = chance.randrange(digitised + 1)
    return fact(
        number,
        agency=chance.choice(["000.00.01.H99", "000.00.02.H99", "H99.12.03"]),
        procedure=chance.choice(["1.009999", "2.000111", ""]),
        pack=chance.choice(["2026", "2018", ""]),
        status=status,
        channel=chance.choice(["online", "counter", "post"]),
        mirrored=chance.random() < 0.1,
        received_at=received,
        due_at=due,
        finished_at=finished,
        apologised_at=due and chance.choice([None, due, due - timedelta(days=1)]),
        fee=chance.choice([0, 20_000]),
        online_payment=chance.random() < 0.3,
        paid=chance.random() < 0.3,
        components=papers,
        digitised=digitised,
        reused=reused,
        from_store=chance.randrange(reused + 1),
        results=chance.randrange(2),
        contacts=chance.randrange(4),
        synced=chance.choice(["y", "n", "x", ""]),
    )
