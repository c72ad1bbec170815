"""Stored dossiers and the inbox: the same promises on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.domain import DossierStatus
from gateway.dossiers.memory import MemoryDossiers
from gateway.dossiers.model import DossierRecord
from gateway.dossiers.postgres import PostgresDossiers
from gateway.dossiers.store import EventRecord, ParkedEvent
from gateway.payments.memory import MemoryInbox
from gateway.payments.postgres import PostgresInbox
from gateway.signing import Keyring

DOCUMENT = {"applicant": {"full_name": "Trần Thị Mẫu"}, "amount": 9_999_999_999_999, "list": [1, None, "ộ"]}
BIG = 9_999_999_999_999


@pytest.fixture
def dossiers(on: Any, keyring: Keyring) -> Any:
    return PostgresDossiers(on, keyring) if on else MemoryDossiers()


@pytest.fixture
def inbox(on: Any) -> Any:
    return PostgresInbox(on) if on else MemoryInbox()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def dossier(tenant: str, **changes: Any) -> DossierRecord:
    first = DossierRecord(
        tenant=tenant,
        code="H99.01-261124-0001",
        version=1,
        status=DossierStatus.ACCEPTED,
        document=DOCUMENT,
        last_event_at=None,
        updated_at=NOW,
    )
    return replace(first, **changes)


class TestDossiers:
    async def test_a_dossier_is_found_as_it_was_stored(self, dossiers: Any, tenant: str) -> None:
        assert await dossiers.find(tenant, dossier(tenant).code) is None
        await dossiers.save(dossier(tenant))
        assert await dossiers.find(tenant, dossier(tenant).code) == dossier(tenant)
        assert await dossiers.find(tenant + "X", dossier(tenant).code) is None

    async def test_the_next_version_replaces_the_one_before(self, dossiers: Any, tenant: str) -> None:
        await dossiers.save(dossier(tenant))
        second = dossier(tenant, version=2, status=DossierStatus.IN_PROCESS, last_event_at=NOW, document={"a": 1})
        await dossiers.save(second)
        assert await dossiers.lock(tenant, second.code) == second

    async def test_steps_that_move_dossiers_on_leave_the_rows_that_whole_versions_leave(
        self, on: Any, dossiers: Any, tenant: str
    ) -> None:
        """Facts, dates and all: the narrow statement is held against the whole one."""
        first = {"received_at": NOW.isoformat(), "due_at": NOW.isoformat(), "fees": [{"amount": 9}], "channel": "post"}
        last = {**first, "processed_at": (NOW + timedelta(days=1)).isoformat()}
        moved = {"version": 2, "last_event_at": NOW, "updated_at": NOW + timedelta(days=1)}
        rows = []
        for owner, is_whole in ((tenant, True), (tenant + "A", False)):
            made = [dossier(owner, code=f"H99.01-261124-000{n}", document=first, pack="p") for n in range(3)]
            await dossiers.save(*made)
            done = replace(made[0], status=DossierStatus.PROCESSED, document=last, **moved)
            late = replace(made[1], version=2, updated_at=NOW + timedelta(days=1))
            await (dossiers.save(done, late) if is_whole else dossiers.advance(owner, [done, late], []))
            found = [await dossiers.find(owner, each.code) for each in made]
            assert found == [done, late, made[2]]
            rows.append([replace(each, tenant="") for each in found])
            if on is not None:
                stored = await on.run("SELECT * FROM dossier WHERE tenant = %(owner)s ORDER BY code", {"owner": owner})
                rows[-1] = [{**row, "tenant": "", "document": b""} for row in await stored.fetchall()]
        assert rows[0] == rows[1]

    async def test_an_event_is_found_by_its_id_in_its_dossier_only(self, dossiers: Any, tenant: str) -> None:
        """DOS-16."""
        record = dossier(tenant)
        event = EventRecord(
            event_id="b-1", status=DossierStatus.IN_PROCESS, occurred_at=NOW - timedelta(days=1), document=DOCUMENT
        )
        await dossiers.save(record)
        await dossiers.advance(tenant, [record], [(record, event)])
        event = replace(event, version=record.version)
        later = replace(record, version=2)
        await dossiers.advance(tenant, [later], [(later, replace(event, event_id="b-2", document={}))])
        asked = [(record.code, "b-1"), (record.code, "b-3")]
        assert await dossiers.recalled(tenant, asked) == ({(record.code, "b-1"): event}, [])
        assert await dossiers.recalled(tenant + "X", asked) == ({}, [])

    @pytest.mark.parametrize("is_whole", [True, False])
    async def test_an_event_is_still_found_when_a_clock_that_is_behind_comes_after(
        self, dossiers: Any, tenant: str, *, is_whole: bool
    ) -> None:
        """Or it would be taken twice."""
        record = dossier(tenant)
        later = replace(record, version=2, updated_at=NOW + timedelta(days=3))
        event = EventRecord(event_id="b-1", status=DossierStatus.IN_PROCESS, occurred_at=NOW, document=DOCUMENT)
        await dossiers.save(record)
        await dossiers.advance(tenant, [later], [(later, event)])
        last = replace(record, version=3)
        await (dossiers.save(last) if is_whole else dossiers.advance(tenant, [last], []))
        told, _ = await dossiers.recalled(tenant, [(record.code, "b-1")])
        assert set(told) == {(record.code, "b-1")}
        found = await dossiers.find(tenant, record.code)
        assert (found.version, found.updated_at) == (3, later.updated_at)

    async def test_the_history_says_what_each_step_changed(self, dossiers: Any, tenant: str) -> None:
        """DOS-16."""
        record = dossier(tenant)
        first = EventRecord(
            event_id="b-1",
            status=DossierStatus.IN_PROCESS,
            previous=DossierStatus.ACCEPTED,
            occurred_at=NOW,
            document=DOCUMENT,
        )
        late = replace(first, event_id="b-0", previous=None, late=True, occurred_at=NOW - timedelta(days=1))
        await dossiers.save(record)
        second = replace(record, version=2)
        await dossiers.advance(tenant, [second], [(record, first), (second, late)])
        assert await dossiers.events(tenant, record.code) == [replace(first, version=1), replace(late, version=2)]
        assert await dossiers.events(tenant + "X", record.code) == []

    async def test_a_parked_step_stays_on_record_whatever_becomes_of_it(self, dossiers: Any, tenant: str) -> None:
        """STA-04."""
        code = dossier(tenant).code
        event = EventRecord(
            event_id="b-1", status=DossierStatus.PROCESSED, occurred_at=NOW - timedelta(days=1), document=DOCUMENT
        )
        parked = ParkedEvent(code=code, event=event, why_code="w", why="it waits", why_vi="đang chờ", parked_at=NOW)
        await dossiers.park(tenant, parked)
        other = replace(parked, event=replace(event, event_id="b-2"), parked_at=NOW + timedelta(hours=1))
        await dossiers.park(tenant, other)
        await dossiers.park(tenant, replace(parked, why_vi="vẫn chờ", parked_at=NOW + timedelta(hours=2)))
        assert await dossiers.parked(tenant) == [replace(parked, why_vi="vẫn chờ"), other]
        assert await dossiers.parked(tenant, limit=1) == [replace(parked, why_vi="vẫn chờ")]
        assert await dossiers.parked(tenant, code="X") == []
        assert await dossiers.parked(tenant, after=(NOW, code, parked.event.event_id)) == [other]
        assert await dossiers.parked(tenant, after=(other.parked_at, code, "b-2")) == []
        assert await dossiers.settle(tenant, code, "b-1", settled_as="dismissed", now=NOW)
        assert not await dossiers.settle(tenant, code, "b-1", settled_as="applied", now=NOW)
        assert await dossiers.parked(tenant, code=code) == [other]
        told, known = await dossiers.recalled(tenant, [(code, "b-1"), (code, "b-9")])
        settled = replace(parked, why_vi="vẫn chờ", settled_as="dismissed")
        assert (told, sorted(known, key=lambda one: one.parked_at)) == ({}, [settled, other])
        assert await dossiers.recalled(tenant, [("X", "b-1")]) == ({}, [])
        assert await dossiers.recalled(tenant + "X", [(code, "b-1")]) == ({}, [])

    async def test_open_dossiers_are_found_by_their_due_moment(self, dossiers: Any, tenant: str) -> None:
        """KPI-13 (part)."""
        due = {"due_at": "2026-11-24T17:00:00+07:00"}
        await dossiers.save(
            dossier(tenant, document={**due, "apologised_at": "2026-11-23T08:00:00+07:00"}, pack="2026")
        )
        await dossiers.save(dossier(tenant, code="H99.01-261124-0002", document=due, status=DossierStatus.RETURNED))
        await dossiers.save(dossier(tenant, code="H99.01-261124-0003", document={}))
        moment = datetime.fromisoformat(due["due_at"])
        [found] = await dossiers.due(tenant, before=moment + timedelta(seconds=1), limit=9)
        assert (found.code, found.due_at, found.apologised, found.pack) == (dossier(tenant).code, moment, True, "2026")
        assert await dossiers.due(tenant, before=moment, limit=9) == []
        soon = moment + timedelta(seconds=1)
        assert await dossiers.due(tenant, before=soon, after=(moment, ""), limit=9) == [found]
        assert await dossiers.due(tenant, before=soon, after=(moment, found.code), limit=9) == []

    async def test_the_rule_pack_of_the_first_version_stays(self, dossiers: Any, tenant: str) -> None:
        """ORG-05 (part)."""
        await dossiers.save(dossier(tenant, pack="2018"))
        await dossiers.save(dossier(tenant, pack="2026", version=2))
        assert (await dossiers.find(tenant, dossier(tenant).code)).pack == "2018"

    async def test_the_target_of_the_first_version_stays(self, dossiers: Any, tenant: str) -> None:
        """SYN-10 (part)."""
        await dossiers.save(dossier(tenant, target="national_portal"))
        await dossiers.save(dossier(tenant, target="portal_adapter", version=2))
        assert (await dossiers.find(tenant, dossier(tenant).code)).target == "national_portal"

    async def test_two_writers_of_one_dossier_wait_for_each_other(self, on: Any, dossiers: Any, tenant: str) -> None:
        """Also when there is no row yet to lock."""
        if on is None:
            pytest.skip("memory has no transactions")

        async def write() -> None:
            async with on.transaction():
                held = await dossiers.lock(tenant, dossier(tenant).code)
                await asyncio.sleep(0)
                await dossiers.save(dossier(tenant, version=held.version + 1 if held else 1))

        await asyncio.gather(*(write() for _ in range(5)))
        assert (await dossiers.find(tenant, dossier(tenant).code)).version == 5

    async def test_what_people_wrote_is_sealed(self, on: Any, dossiers: Any, tenant: str) -> None:
        """PDP-06 (part): sealed at rest."""
        if on is None:
            pytest.skip("memory holds nothing after the process")
        await dossiers.save(dossier(tenant))
        async with on.transaction() as connection:
            row = await (
                await connection.execute("SELECT document FROM dossier WHERE tenant = %s", (tenant,))
            ).fetchone()
        assert "Mẫu".encode() not in bytes(row["document"])


class TestInbox:
    async def test_a_message_is_new_once_and_then_answered_as_before(self, inbox: Any, tenant: str) -> None:
        message: dict[str, Any] = {"system": "payment", "event": "payment_result", "key": "P1/T1/00"}
        assert await inbox.take(tenant, **message, now=NOW) is None
        await inbox.conclude(tenant, **message, result="recorded")
        assert await inbox.take(tenant, **message, now=NOW) == "recorded"
        for other in ({"system": "portal"}, {"event": "tax"}, {"key": "P2"}):
            assert await inbox.take(tenant, **{**message, **other}, now=NOW) is None
        assert await inbox.take(tenant + "X", **message, now=NOW) is None
