"""What drifted, what is believed, and what waits for a code: nothing is guessed, nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services import CONTEXT, NOW, Clock, ScriptedExchange, atomically

from gateway.catalogues.memory import MemoryCatalogues
from gateway.catalogues.model import UnknownCode, drift, is_believable
from gateway.catalogues.nightly import takeovers
from gateway.catalogues.service import UNKNOWN_CODE, Catalogues
from gateway.chores.nightly import run_due
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import StreamState, Trouble, Verdict
from gateway.dossiers.memory import MemoryDossiers
from gateway.sdk import Absent, Answered, ProtocolViolation, TransientRemoteError

CODES = st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from(["một", "hai"]), max_size=8)
OTHER = Trouble(code="partner.refused", detail="no", detail_vi="không")


@settings(deadline=None)
@given(before=CODES, after=CODES)
def test_a_drift_leads_from_the_old_list_to_the_new_one_and_names_nothing_else(
    before: dict[str, str], after: dict[str, str]
) -> None:
    """COD-12 (part)."""
    found = drift(before, after)
    new = {**before, **found.added, **{code: name for code, (_, name) in found.changed.items()}}
    assert {code: name for code, name in new.items() if code not in found.vanished} == after
    assert found.is_empty is (before == after)
    assert all(before[code] == old != new for code, (old, new) in found.changed.items())


@pytest.mark.parametrize(
    ("before", "after", "believed"),
    [
        ("", "A", True), ("AB", "A", True), ("AB", "AC", True), ("ABC", "A", False), ("AB", "CD", False),
        ("AB", "", False), ("", "", False),
    ],
)  # fmt: skip
def test_a_list_that_lost_more_than_half_of_itself_is_not_believed(before: str, after: str, believed: bool) -> None:
    """COD-12 (part)."""
    assert is_believable(dict.fromkeys(before, "x"), dict.fromkeys(after, "x")) is believed


class House:
    """Catalogues over memory, with a portal whose lists the test sets."""

    def __init__(self) -> None:
        self.lists, self.outbox, self.clock = MemoryCatalogues(), MemoryOutbox(), Clock()
        self.portal = ScriptedExchange()
        self.catalogues = Catalogues(
            self.lists,
            self.outbox,
            exchange=self.portal,
            atomically=atomically,
            clock=self.clock,
            find=MemoryDossiers().find,
        )

    async def sync(self, codes: str, *, name: str = "fields", believe: bool = False) -> Any:
        items = [{"code": code, "name": f"Tên {code}"} for code in codes]
        self.portal.answers[f"list_{name}"] = (Answered(body={}), {"items": items})
        return await self.catalogues.sync(name, context=CONTEXT, believe=believe)

    async def put(self, number: int, field: str = "", procedure: str = "", **more: Any) -> list[UnknownCode]:
        """A version of dossier D1, enqueued and checked as the intake does it."""
        document: Mapping[str, Any] = {"field": {"code": field}, "procedure": {"code": procedure}, "n": number, **more}
        draft = self.portal.draft("sync_dossier", document, key="D1", context=CONTEXT)
        await self.outbox.enqueue([draft], now=self.clock())
        return list(await self.catalogues.check(draft, document))

    async def step(self, number: int) -> None:
        draft = self.portal.draft("sync_dossier", {"n": number}, key="D1", context=CONTEXT)
        await self.outbox.enqueue([replace(draft, operation="report_progress")], now=self.clock())

    async def view(self) -> Any:
        [view] = await self.outbox.views("H99", "D1", now=self.clock())
        return view

    async def claimed(self) -> list[tuple[str, int]]:
        target = self.portal.system_for("sync_dossier")
        claims = await self.outbox.claim(owner="w", now=self.clock(), lease_s=60, room={target: 9})
        return [(message.operation, message.body["n"]) for claim in claims for message in claim.messages]


@pytest.fixture
def house() -> House:
    return House()


async def test_an_unknown_code_holds_the_dossier_and_the_officer_reads_which(house: House) -> None:
    """COD-12 (part): quarantined, not guessed; its steps wait with it."""
    await house.sync("AB")
    assert await house.put(1, "Z") == [UnknownCode("fields", "Z")]
    await house.step(2)
    view = await house.view()
    assert (view.state, view.trouble.code, view.tail) == (StreamState.HELD, UNKNOWN_CODE, 2)
    assert "fields Z" in view.trouble.detail
    assert "Danh mục của Cổng không có: fields Z" in view.trouble.detail_vi
    assert await house.claimed() == []


async def test_the_sync_that_brings_the_code_lets_go_everything_in_order(house: House) -> None:
    """COD-12 (part): nothing is lost, and the target is asked before anything is sent."""
    await house.sync("AB")
    await house.put(1, "Z")
    await house.step(2)
    await house.sync("ABC")
    assert (await house.view()).state is StreamState.HELD
    await house.sync("ABCZ")
    view = await house.view()
    assert (view.state, view.unsettled) == (StreamState.READY, True)
    assert await house.claimed() == [("sync_dossier", 1), ("report_progress", 2)]


async def test_a_corrected_version_stands_for_all_that_wait_and_no_step_is_replaced(house: House) -> None:
    """COD-12 (part)."""
    await house.sync("AB")
    await house.put(1, "A")
    await house.step(2)
    await house.put(3, "Y")
    await house.step(4)
    assert await house.put(5, "Z") == [UnknownCode("fields", "Z")]
    assert "fields Y" not in (await house.view()).trouble.detail
    assert await house.put(6, "B") == []
    assert await house.claimed() == [
        ("sync_dossier", 6), ("report_progress", 2), ("sync_dossier", 6), ("report_progress", 4), ("sync_dossier", 6),
        ("sync_dossier", 6),
    ]  # fmt: skip


async def test_a_code_that_an_earlier_version_named_is_not_waited_for(house: House) -> None:
    await house.sync("AB")
    await house.put(1, "Y")
    await house.put(2, "Z")
    await house.sync("ABZ")
    assert await house.claimed() == [("sync_dossier", 2), ("sync_dossier", 2)]


async def test_what_is_held_for_another_reason_stays_held(house: House) -> None:
    await house.sync("AB")
    await house.put(1, "Z")
    stream = (await house.view()).stream
    await house.outbox.release(stream, Verdict.UNKNOWN, now=NOW)
    await house.outbox.stop(stream, OTHER)
    await house.sync("ABZ")
    view = await house.view()
    assert (view.state, view.trouble) == (StreamState.HELD, OTHER)
    assert await house.lists.waiting("H99", limit=9) == []


async def test_what_a_person_let_go_is_not_held_again_by_a_sync(house: House) -> None:
    await house.sync("AB")
    await house.put(1, "Z")
    await house.outbox.release((await house.view()).stream, Verdict.UNKNOWN, now=NOW)
    await house.sync("ABC")
    assert (await house.view()).state is StreamState.READY


async def test_a_catalogue_never_taken_over_says_nothing(house: House) -> None:
    """COD-12 (part)."""
    assert await house.put(1, "Z", "1.000001") == []
    await house.sync("A")
    assert await house.put(2, "A", "1.000001") == []
    assert (await house.view()).state is StreamState.READY


async def test_a_procedure_is_known_by_its_national_code_whoever_published_it(house: House) -> None:
    """COD-08 (part)."""
    house.portal.answers["list_procedures"] = (
        Answered(body={}),
        {"items": [{"code": "1.009999", "name": "Thủ tục"}]},
    )
    await house.catalogues.sync("procedures", context=CONTEXT)
    for code in ("1.009999", "1.009999.H99", "1.009999.000.00.00.H99"):
        assert await house.put(1, procedure=code) == []
    assert await house.put(2, procedure="1.009998.H99") == [UnknownCode("procedures", "1.009998")]


async def test_a_list_of_provincial_copies_holds_the_procedures_that_they_are_copies_of(house: House) -> None:
    """COD-08 (part): and of a copy and the national entry, in whatever order, the national one gives the name."""
    copies = ["1.009999.H99", "1.009999", "1.009999.000.00.00.H98", "3.000181.000.00.00.H99", " 1.009998 "]
    for order in (copies, copies[::-1]):
        items = [{"code": code, "name": f"Tên {code.strip()}"} for code in order]
        house.portal.answers["list_procedures"] = (Answered(body={}), {"items": items})
        found = await house.catalogues.sync("procedures", context=CONTEXT)
    assert found.drift.is_empty
    version, entries = await house.catalogues.entries("procedures", on=NOW.date(), context=CONTEXT)
    assert (version, entries) == (
        1,
        {"1.009999": "Tên 1.009999", "3.000181": "Tên 3.000181.000.00.00.H99", "1.009998": "Tên 1.009998"},
    )
    for code in ("1.009999.H99", "3.000181.000.00.00.H99", "1.009998"):
        assert await house.put(1, procedure=code) == []


async def test_a_dossier_received_while_its_code_was_in_force_is_not_held_later(house: House) -> None:
    """COD-12 (part): an old dossier does not stop because its procedure was abolished since."""
    await house.sync("AB")
    house.clock.now += timedelta(days=3)
    await house.sync("A")
    assert await house.put(1, "B", received_at=NOW.isoformat()) == []
    late = (NOW + timedelta(days=4)).isoformat()
    assert await house.put(2, "B", received_at=late) == [UnknownCode("fields", "B")]


async def test_a_list_that_is_empty_or_cannot_be_read_leaves_the_old_one(house: House) -> None:
    """COD-12 (part)."""
    await house.sync("AB")
    for answer in ((Absent(), {}), TransientRemoteError("busy"), ProtocolViolation("no list")):
        house.portal.answers["list_fields"] = answer  # type: ignore[assignment]  # each is one of the script's kinds
        with pytest.raises((ProtocolViolation, TransientRemoteError)):
            await house.catalogues.sync("fields", context=CONTEXT)
    assert set(await house.lists.lock("H99", "fields")) == {"A", "B"}


async def test_a_list_that_shrank_by_more_than_half_waits_for_a_person(house: House) -> None:
    """COD-12 (part)."""
    await house.sync("ABCD")
    refused = await house.sync("A")
    assert (refused.applied, refused.version, len(refused.drift.vanished)) == (False, 1, 3)
    assert await house.put(1, "B") == []
    believed = await house.sync("A", believe=True)
    assert (believed.applied, believed.version) == (True, 2)
    house.clock.now += timedelta(days=1)
    assert await house.put(2, "B") == [UnknownCode("fields", "B")]


class Chores:
    """Every chore is due, once."""

    def __init__(self) -> None:
        self.done: dict[str, date | None] = {}

    async def take(self, tenant: str, name: str, *, day: date, now: datetime, lease_s: float) -> bool:
        return self.done.setdefault(name, None) is None

    async def finish(self, tenant: str, name: str, *, day: date) -> None:
        self.done[name] = day

    async def give_up(self, tenant: str, name: str) -> None:
        self.done[name] = None


async def test_one_list_that_fails_does_not_keep_the_others_from_being_taken(house: House) -> None:
    """COD-12 (part): nightly."""
    house.portal.answers |= {
        "list_fields": TransientRemoteError("busy"),
        "list_procedures": (Answered(body={}), {"items": [{"code": "1.009999", "name": "Thủ tục"}]}),
    }
    due = takeovers(house.catalogues, ["fields", "procedures"], tenant="H99", at=time(1))
    chores = Chores()
    assert await run_due(chores, due, tenant="H99", now=NOW) == ["catalogue procedures"]
    await house.sync("A")
    assert await run_due(chores, due, tenant="H99", now=NOW) == ["catalogue fields"]
    assert [view.catalogue for view in await house.lists.views("H99")] == ["fields", "procedures"]
