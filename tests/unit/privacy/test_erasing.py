"""An erasure of one person's records: four eyes, a term of law and a hold first, proofs stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from privacy_house import MINE, OFFICER, OTHER, TENANT, ListedApprovals, Records
from services import NOW, ListedRecorder

from gateway.audit.errors import AuditUnavailableError
from gateway.audit.memory import MemoryAudit
from gateway.privacy.erasing import ACT, LogErasure
from gateway.privacy.log import Seen
from gateway.privacy.model import Erased
from gateway.sdk.errors import NotAllowedError

REFERENCE = "data_request:7"


class HeldRows(MemoryAudit):
    """Rows that a legal hold covers lose no body."""

    def __init__(self) -> None:
        super().__init__()
        self.held: set[int] = set()
        self.broken = -1

    async def erase_bodies(self, tenant: str, index: int) -> int:
        if index == self.broken:
            raise AuditUnavailableError("Away.")
        return 0 if index in self.held else await super().erase_bodies(tenant, index)


class House:
    def __init__(self, *, days: int) -> None:
        self.log = HeldRows()
        self.records, self.approvals, self.recorder = Records(self.log), ListedApprovals(), ListedRecorder()

        def term(leaf: Seen) -> timedelta:
            return timedelta(days=9999 if leaf.operation == "initiate_payment" else days)

        self.erasure = LogErasure(
            self.records.index,
            self.log,
            approvals=self.approvals,
            term=term,
            recorder=self.recorder,
            clock=lambda: NOW + timedelta(days=400),
        )

    async def erase(self) -> Erased:
        return await self.erasure.erase(TENANT, self.records.subject(TENANT, MINE), reference=REFERENCE, by=OFFICER)

    def allow(self) -> None:
        self.approvals.allowed.append((ACT, {"reference": REFERENCE}, OFFICER.login))

    async def fill(self) -> None:
        async with self.records.audit:
            await self.records.note(MINE, bodies={"reply_received": b"a"})
            await self.records.note(OTHER, bodies={"reply_received": b"b"})
            await self.records.note(MINE, operation="initiate_payment", bodies={"reply_received": b"c"})
            await self.records.note(MINE)
            await self.records.note(MINE, bodies={"reply_received": b"d"})


async def test_what_no_law_and_no_hold_keeps_is_erased_and_the_rest_is_counted() -> None:
    """PDP-11 (part), PDP-08 (part)"""
    house = House(days=365)
    await house.fill()
    house.log.held = {4}
    house.allow()
    done = await house.erase()
    assert (done.erased, done.held, done.kept) == (1, 1, 1)
    assert "thời hạn của luật" in done.kept_reason
    assert "lệnh giữ" in done.kept_reason
    assert [body.index for body in house.log.sealed[TENANT]] == [1, 2, 4]
    assert [await house.records.proofs.holds(TENANT, row) for row in house.log.leaves[TENANT]] == [True] * 5
    (entry,) = house.recorder.entries
    assert (entry.operation, entry.reference, dict(entry.facts)) == (
        "erase_person", REFERENCE, {"erased": 1, "held": 1, "kept": 1},
    )  # fmt: skip


async def test_without_another_operators_word_nothing_is_erased() -> None:
    """PDP-13 (part)"""
    house = House(days=365)
    await house.fill()
    with pytest.raises(NotAllowedError):
        await house.erase()
    assert len(house.log.sealed[TENANT]) == 4


async def test_where_the_law_keeps_everything_there_is_nothing_to_allow() -> None:
    """PDP-11 (part)"""
    house = House(days=5000)
    await house.fill()
    done = await house.erase()
    assert (done.erased, done.held, done.kept) == (0, 0, 3)
    assert "thời hạn của luật" in done.kept_reason


async def test_an_error_in_between_is_proven_as_far_as_it_went() -> None:
    """PDP-11 (part): what is gone is gone, and the log says so."""
    house = House(days=365)
    await house.fill()
    house.log.broken = 0  # the older one, which comes last
    house.allow()
    with pytest.raises(AuditUnavailableError):
        await house.erase()
    (entry,) = house.recorder.entries
    assert (entry.operation, entry.outcome, entry.facts["erased"]) == ("erase_person", "ours.audit_unavailable", 1)
