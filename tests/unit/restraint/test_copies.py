"""Copies of answers: off unless a rule allows them, sealed, and never read after their time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from province import ListedRecorder
from services import CONTEXT, NOW, ScriptedExchange

from gateway.audit.model import EntryKind
from gateway.exchange.model import Exchanged
from gateway.lookups.service import Lookups
from gateway.restraint.copies import CopyingExchange
from gateway.restraint.memory_copies import MemoryCopies
from gateway.sdk import Absent, Answered, Pending, Refused, TransientRemoteError
from gateway.signing import Keyring

FIRM = {"enterprise_code": "9900000016", "purpose": {"officer_id": "canbo.mau"}}
RECORD = {"enterprise_code": "9900000016", "name": "CÔNG TY TNHH MẪU", "status": "Đang hoạt động"}
HOUR = timedelta(hours=1)


class Bench:
    def __init__(self, *kept: str, answer: Any = None) -> None:
        self.now = NOW
        self.recorder, self.store, self.keyring = ListedRecorder(), MemoryCopies(), Keyring.ephemeral()
        answers = {"lookup_enterprise": answer or (Answered(body={}), RECORD), "find_account": (Absent(), {})}
        self.registers = ScriptedExchange(**answers)
        self.exchange = CopyingExchange(
            self.registers,  # type: ignore[arg-type]  # has what copies use of an exchange
            self.store,
            self.keyring,
            kept_for=dict.fromkeys(kept, HOUR),
            recorder=self.recorder,
            clock=lambda: self.now,
        )

    async def ask(self, *, tenant: str = "H99", **changes: Any) -> Exchanged:
        context = replace(CONTEXT, tenant=tenant)
        return await self.exchange.ask("lookup_enterprise", {**FIRM, **changes}, context=context, reference="D-1")

    @property
    def calls(self) -> int:
        return len(self.registers.asked)


async def test_nothing_is_kept_unless_a_rule_says_so() -> None:
    """POP-08: online data is for immediate use."""
    bench = Bench()
    for _ in range(2):
        assert (await bench.ask()).asked_at is None
    assert (bench.calls, bench.store.kept) == (2, {})


async def test_a_copy_is_told_as_what_it_is_with_a_leaf_of_its_own() -> None:
    """POP-08, POP-12 (part): when the register was asked, and in which call, is never lost."""
    bench = Bench("lookup_enterprise")
    first = await bench.ask()
    bench.now += timedelta(minutes=59)
    again = await bench.ask()
    assert (bench.calls, first.asked_at, again.asked_at) == (1, None, NOW)
    assert (again.canonical, again.call_id, again.system) == (RECORD, first.call_id, first.system)
    (leaf,) = bench.recorder.entries
    assert (leaf.kind, leaf.operation, leaf.outcome) == (EntryKind.EXCHANGE, "lookup_enterprise", "copied")
    assert (leaf.reference, again.audit_index) == ("D-1", 0)
    facts = {"copy_of_call": "CALL1", "copy_of_leaf": 7, "asked_at": NOW.isoformat()}
    assert leaf.facts == facts
    assert leaf.purpose["dossier_code"] == CONTEXT.purpose.dossier_code  # type: ignore[union-attr]  # it has one


async def test_a_look_up_that_was_answered_from_a_copy_says_when_the_register_was_asked() -> None:
    """POP-08 (part)."""
    bench = Bench("lookup_enterprise")
    lookups = Lookups(bench.exchange, clock=lambda: bench.now, places=None)  # type: ignore[arg-type]  # not asked here
    first = await lookups.lookup_enterprise(FIRM, context=CONTEXT)
    bench.now += timedelta(minutes=30)
    again = await lookups.lookup_enterprise(FIRM, context=CONTEXT)
    assert (bench.calls, first.checked_at, again.checked_at) == (1, NOW, NOW)
    assert (again.record, again.reference, again.audit_index) == (first.record, first.reference, 0)


async def test_after_its_time_a_copy_is_never_read() -> None:
    """POP-08."""
    bench = Bench("lookup_enterprise")
    await bench.ask()
    bench.now += HOUR
    assert (await bench.ask()).asked_at is None
    assert bench.calls == 2


async def test_a_copy_of_yesterday_does_not_answer_what_is_asked_about_today() -> None:
    """POP-08 (part): registrations "of today" have other words for no day; NOW is nine o'clock in Vietnam."""
    bench = Bench("lookup_enterprise")
    bench.now += timedelta(hours=14, minutes=30)
    await bench.ask()
    bench.now += timedelta(minutes=20)
    await bench.ask()
    assert bench.calls == 1
    bench.now += timedelta(minutes=20)
    assert (await bench.ask()).asked_at is None
    assert bench.calls == 2


async def test_a_copy_whose_end_was_moved_does_not_open_and_the_register_is_asked() -> None:
    """POP-08: the end of its time is bound into what is sealed."""
    bench = Bench("lookup_enterprise")
    await bench.ask()
    ((name, copy),) = bench.store.kept.items()
    bench.store.kept[name] = replace(copy, expires_at=copy.expires_at + 24 * HOUR)
    bench.now += 2 * HOUR
    assert (await bench.ask()).asked_at is None
    assert bench.calls == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"enterprise_code": "9900000023"},
        {"purpose": {"officer_id": "canbo.khac"}},
        {"fields": ["name"]},
        {"tenant": "H98"},
    ],
)
async def test_another_question_is_asked(changes: dict[str, Any]) -> None:
    """What the system is told of officer and fields belongs to the question."""
    bench = Bench("lookup_enterprise")
    await bench.ask()
    await bench.ask(**changes)
    assert bench.calls == 2


@pytest.mark.parametrize(
    "answer",
    [
        (Absent(), {}),
        (Refused(code="E1", reason="no"), {}),
        (Pending(reference="x", look_again_after_s=1), {}),
    ],
)
async def test_only_a_clear_answer_is_kept(answer: Any) -> None:
    """POP-05 (part): neither *not found* nor a refusal is told again."""
    bench = Bench("lookup_enterprise", answer=answer)
    for _ in range(2):
        await bench.ask()
    assert (bench.calls, bench.store.kept) == (2, {})


async def test_an_error_passes_through_and_nothing_is_kept() -> None:
    bench = Bench("lookup_enterprise", answer=TransientRemoteError("down"))
    with pytest.raises(TransientRemoteError):
        await bench.ask()
    assert bench.store.kept == {}


async def test_other_operations_pass_through() -> None:
    bench = Bench("lookup_enterprise")
    for _ in range(2):
        await bench.exchange.ask("find_account", {"number": "099185000001"}, context=CONTEXT)
    assert (bench.calls, bench.store.kept) == (2, {})
    assert bench.exchange.system_for("find_account") == "system-of-find_account"
    assert bench.exchange.offers("find_account", target="s")


async def test_a_copy_shows_nothing_of_question_or_answer() -> None:
    """PDP-06 (part): sealed, under a keyed digest."""
    bench = Bench("lookup_enterprise")
    await bench.ask()
    (copy,) = bench.store.kept.values()
    assert "MẪU".encode() not in copy.sealed
    assert b"9900000016" not in copy.sealed + copy.name


async def test_whoever_stands_in_a_copy_was_looked_up_once_more() -> None:
    """PDP-03 (part)."""
    told = {**RECORD, "representative": {"personal_id": "099185000001"}}
    bench = Bench("lookup_enterprise", answer=(Answered(body={}), told))
    for _ in range(2):
        await bench.ask()
    assert [entry.subjects for entry in bench.recorder.entries] == [("099185000001",)]
