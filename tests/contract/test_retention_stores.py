"""PDP-11, PDP-12: what is due is erased with proof, what is held is not, and every proof stays valid."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from pydantic import ValidationError
from retention_house import PERSON, Eyes, operator, record
from services import NOW, ListedRecorder, atomically

from gateway.audit.memory import MemoryAudit
from gateway.audit.model import EntryKind
from gateway.audit.postgres import PostgresAudit
from gateway.audit.subject import subject_digest
from gateway.audit.verify import verify
from gateway.retention.kinds import DataKind, kind_of
from gateway.retention.memory import MemoryRetention
from gateway.retention.model import Erased, Scope
from gateway.retention.nightly import ScheduledErasure
from gateway.retention.postgres import PostgresRetention
from gateway.retention.service import Retention
from gateway.retention.settings import RetentionSettings
from gateway.sdk.errors import NotAllowedError, NotFoundError, UnprocessableError
from gateway.signing import Keyring

LONG_AGO = NOW - timedelta(days=366)


class Log:
    """A log with its retention."""

    def __init__(self, on: Any, keyring: Keyring) -> None:
        self.tenant = f"T{uuid4().hex[:12].upper()}"
        self.keyring, self.recorder, self.eyes = keyring, ListedRecorder(), Eyes()
        self.audit: Any = PostgresAudit(on) if on else MemoryAudit()
        self.store: Any = PostgresRetention(on, keyring) if on else MemoryRetention(self.audit)
        together = on.transaction if on else atomically
        self.service = Retention(self.store, self.eyes, self.recorder, atomically=together, clock=lambda: NOW)
        self.dpo = operator(self.tenant)

    async def write(self, *entries: dict[str, Any], at: datetime = LONG_AGO) -> None:
        await record(self.audit, self.keyring, self.tenant, at=at, entries=entries)

    async def night(self, **settings: Any) -> Erased:
        own = RetentionSettings(**settings)
        chore = ScheduledErasure(self.store, self.recorder, tenant=self.tenant, settings=own, clock=lambda: NOW)
        return await chore()

    async def kept(self) -> list[int]:
        """Rows that still have bodies; the log is sound whatever was erased."""
        report = await verify(self.audit, self.tenant, public_key=self.keyring.public_key, sealer=self.keyring)
        assert report.sound, report.finding
        bodies = await self.audit.bodies(self.tenant, first=0, last=1000)
        assert all(body.wrapped for body in bodies)
        return sorted({body.index for body in bodies})

    @property
    def proofs(self) -> list[dict[str, Any]]:
        return [dict(entry.facts) for entry in self.recorder.entries]


@pytest.fixture
def log(on: Any, keyring: Keyring) -> Log:
    return Log(on, keyring)


class TestScheduled:
    async def test_what_is_due_is_erased_and_a_leaf_proves_it(self, log: Log) -> None:
        """PDP-11."""
        await log.write({}, {"operation": "put_dossier"}, {})
        await log.write({}, at=NOW - timedelta(days=364))
        assert await log.night() == Erased(rows=2, bodies=4, first=0, last=2)
        assert await log.kept() == [1, 3]
        assert log.proofs == [
            {
                "rows": 2,
                "bodies": 4,
                "first": 0,
                "last": 2,
                "rule": "lookups",
                "of": "exchange/verify_citizen",
                "kept_days": 365,
            }
        ]
        assert await log.night() == Erased()
        assert len(log.proofs) == 1

    async def test_the_longer_rule_of_a_provider_counts(self, log: Log) -> None:
        """SEC-14."""
        await log.write({}, {"operation": "lookup_citizen"})
        await log.night(rules={"lookup_citizen": 400, "verify_citizen": 30})
        assert await log.kept() == [1]
        await log.night(rules={"lookup_citizen": 366})
        assert await log.kept() == [1]  # recorded just 366 days ago
        await log.night()
        assert await log.kept() == []

    async def test_money_is_kept_as_long_as_accounting_documents(self, log: Log) -> None:
        await log.write({"operation": "initiate_payment"}, at=NOW - timedelta(days=3652))
        await log.write({"operation": "initiate_payment"}, at=NOW - timedelta(days=3654))
        await log.night()
        assert await log.kept() == [0]

    async def test_a_night_erases_no_more_than_it_may(self, log: Log) -> None:
        await log.write(*[{}] * 7)
        assert (await log.night(per_night=5)).rows == 5
        assert await log.kept() == [5, 6]
        await log.night(per_night=5)
        assert await log.kept() == []

    async def test_the_index_by_person_ends_on_its_own_day(self, log: Log) -> None:
        """PDP-03 (part): longer than the bodies, and then it is gone, too."""
        await log.write({"subjects": (PERSON,)})
        digest = subject_digest(PERSON, log.keyring, tenant=log.tenant)
        await log.night()
        assert [row.index for row in await log.audit.of_subject(log.tenant, digest)] == [0]
        await log.night(subjects_days=365)
        assert not await log.audit.of_subject(log.tenant, digest)
        assert log.proofs[-1] == {"rows": 1, "bodies": 0, "first": 0, "last": 0, "rule": "subjects", "kept_days": 365}

    async def test_an_error_in_between_is_proven_as_far_as_it_went(self, log: Log) -> None:
        await log.write(*[{}] * 3)
        erase, calls = log.store.erase, []

        async def once(*given: Any, **named: Any) -> Erased:
            calls.append(given)
            if len(calls) > 1:
                raise NotFoundError("The database went away.")
            done: Erased = await erase(*given, **{**named, "limit": 2})
            return done

        log.store.erase = once
        with pytest.raises(NotFoundError):
            await log.night()
        assert log.proofs[0]["rows"] == 2


class TestHolds:
    async def test_a_hold_overrides_erasure_on_schedule_and_on_request(self, log: Log) -> None:
        """PDP-11: of a dossier, of rows, of a person; and of what comes later about them."""
        held = [{"reference": "HS-1"}, {}, {"subjects": (PERSON,)}]
        await log.write(*held, {"reference": "HS-2"}, {"reference": "HS-1"})
        digest = subject_digest(PERSON, log.keyring, tenant=log.tenant)
        for scope in (Scope(reference="HS-1"), Scope(first=1, last=1), Scope(subject=digest)):
            await log.service.hold(scope, reason="Toà án yêu cầu", by=log.dpo)
        await log.night(subjects_days=365)
        assert await log.kept() == [0, 1, 2, 4]
        assert [row.index for row in await log.audit.of_subject(log.tenant, digest)] == [2]
        log.eyes.allowed.append(("erase_bodies", {"reference": "HS-1"}))
        assert await log.service.erase("HS-1", reason="Theo yêu cầu", by=log.dpo) == Erased()
        assert [await log.audit.erase_bodies(log.tenant, index) for index in (0, 1, 2)] == [0, 0, 0]
        assert await log.kept() == [0, 1, 2, 4]

    async def test_a_hold_stands_only_when_no_deletion_is_under_way(self, database: Any, keyring: Keyring) -> None:
        """Told that it stands, nobody may see what it covers vanish afterwards."""
        own = Log(database, keyring)
        await own.write({"reference": "HS-1"})
        async with database.own_transaction() as connection:
            await connection.execute("DELETE FROM audit_body_key WHERE tenant = %s", (own.tenant,))
            await connection.execute("DELETE FROM audit_body WHERE tenant = %s", (own.tenant,))
            scope = Scope(reference="HS-1")
            placing = asyncio.create_task(own.service.hold(scope, reason="Toà án yêu cầu", by=own.dpo))
            done, _ = await asyncio.wait({placing}, timeout=0.5)
            assert not done
        await placing
        await own.write({"reference": "HS-1"})
        await own.night()
        assert await own.kept() == [1]

    async def test_lifting_takes_four_eyes_and_then_it_is_erased(self, log: Log) -> None:
        """PDP-11 (part), PDP-13 (part)."""
        await log.write({"reference": "HS-1"})
        hold = await log.service.hold(Scope(reference="HS-1"), reason="Thanh tra", by=log.dpo)
        with pytest.raises(NotAllowedError):
            await log.service.lift(hold.id, reason="Xong", by=log.dpo)
        await log.night()
        assert await log.kept() == [0]
        log.eyes.allowed.append(("lift_hold", {"hold": hold.id}))
        await log.service.lift(hold.id, reason="Xong", by=log.dpo)
        with pytest.raises(NotFoundError):
            await log.service.lift(hold.id, reason="Xong", by=log.dpo)
        await log.night()
        assert await log.kept() == []
        assert not await log.service.holds(log.tenant)
        (told,) = await log.service.holds(log.tenant, everything=True)
        assert (told.reason, told.by, told.lifted_by) == ("Thanh tra", "operator:dpo.mau", "operator:dpo.mau")

    async def test_every_act_is_a_leaf_with_its_reason_sealed(self, log: Log) -> None:
        await log.write({"reference": "HS-1"})
        digest = subject_digest(PERSON, log.keyring, tenant=log.tenant)
        await log.service.hold(Scope(subject=digest), reason="Khiếu nại của công dân", by=log.dpo)
        log.eyes.allowed.append(("erase_bodies", {"reference": "HS-1"}))
        await log.service.erase("HS-1", reason="Theo yêu cầu", by=log.dpo)
        assert [(entry.operation, entry.kind) for entry in log.recorder.entries] == [
            ("place_hold", EntryKind.ADMIN),
            ("erase_bodies", EntryKind.ADMIN),
        ]
        assert log.proofs[1] == {"rows": 1, "bodies": 2, "first": 0, "last": 0, "approval": "A1"}
        told = orjson.dumps([log.proofs, [entry.reference for entry in log.recorder.entries]])
        assert digest.hex().encode() not in told
        assert log.recorder.entries[0].bodies["reason"] == "Khiếu nại của công dân".encode()

    @pytest.mark.parametrize(
        "scope",
        [
            Scope(),
            Scope(reference="HS-1", first=0, last=3),
            Scope(first=3, last=2),
            Scope(first=3),
            Scope(reference="HS-1", last=3),
            Scope(reference="HS-1", subject=b"x"),
        ],
    )
    async def test_a_hold_has_one_scope(self, log: Log, scope: Scope) -> None:
        with pytest.raises(UnprocessableError):
            await log.service.hold(scope, reason="Thanh tra", by=log.dpo)

    async def test_erasing_takes_four_eyes_for_exactly_this(self, log: Log) -> None:
        """PDP-13 (part)."""
        await log.write({"reference": "HS-1"}, {"reference": "HS-2"})
        log.eyes.allowed.append(("erase_bodies", {"reference": "HS-2"}))
        with pytest.raises(NotAllowedError):
            await log.service.erase("HS-1", reason="Theo yêu cầu", by=log.dpo)
        await log.service.erase("HS-2", reason="Theo yêu cầu", by=log.dpo)
        assert await log.kept() == [0]


@pytest.mark.parametrize("name", [name for name in RetentionSettings.model_fields if name.endswith("_days")])
def test_nothing_is_kept_for_less_than_a_year(name: str) -> None:
    """SEC-03: the configuration refuses less than 365 days."""
    assert getattr(RetentionSettings(**{name: 365}), name) == 365
    with pytest.raises(ValidationError):
        RetentionSettings(**{name: 364})


@pytest.mark.parametrize(
    ("kind", "operation", "data"),
    [
        ("exchange", "lookup_citizen", DataKind.LOOKUPS),
        ("request", "put_dossier", DataKind.DOSSIERS),
        ("inbound", "payment_result", DataKind.MONEY),
        ("inbound", "dossier_intake", DataKind.INBOUND),
        ("admin", "lift_hold", DataKind.STAFF),
        ("exchange", "brand_new", DataKind.OTHER),
    ],
)
def test_kinds_are_data(kind: str, operation: str, data: DataKind) -> None:
    assert kind_of(kind, operation) is data


def test_every_kind_has_its_days() -> None:
    each: Callable[[], RetentionSettings] = RetentionSettings
    assert set(each().kept) == set(DataKind)
