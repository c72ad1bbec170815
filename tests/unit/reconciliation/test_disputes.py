"""A rail's word that does not fit becomes a case, once, whoever tells it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from reconciling_house import DAY, RAIL, TENANT, ReconcilingHouse

from gateway.bootstrap.money import DisputeCases
from gateway.cases.model import CaseKind, Owner
from gateway.payments.model import Dispute, Source

DISPUTE = Dispute(
    tenant=TENANT,
    kind="amount_mismatch",
    rail=RAIL,
    reference="P1",
    transaction_id="T1",
    payment_id="P1",
    bill_id="B1",
    told={"amount": 149_999},
    source=Source.NOTICE,
)


async def test_a_disputed_notice_is_one_case_however_often_it_comes() -> None:
    """F07: no money is entered, and a person gets it with its lawful time."""
    house = ReconcilingHouse()
    told: list[Dispute] = []

    async def tell(dispute: Dispute) -> None:
        told.append(dispute)
        house.today += timedelta(days=1)

    for _ in range(3):
        await DisputeCases(house.cases, tell=tell, clock=house.clock)(DISPUTE)
    assert told == [DISPUTE]
    ((_, case),) = house.kept.kept
    opening = case.opening
    assert (opening.kind, opening.about, opening.owner) == (CaseKind.AMOUNT_MISMATCH, "T1", Owner.RAIL)
    assert opening.facts == {"amount": 149_999, "reference": "P1", "payment_id": "P1", "bill_id": "B1"}
    assert opening.finder == "notice"
    assert case.due_at.date() > DAY


@pytest.mark.parametrize("source", [Source.RECONCILIATION, Source.STATEMENT])
async def test_what_reconciliation_finds_has_a_case_of_its_own(source: Source) -> None:
    house = ReconcilingHouse()
    disputes = DisputeCases(house.cases, tell=pytest.fail, clock=house.clock)
    await disputes(replace(DISPUTE, source=source))
    assert house.kept.kept == []
