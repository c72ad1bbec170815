"""Reconciliation with the platform's own connector, before its mock: the list of a day as it comes over the line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from reconciling_house import RAIL, TENANT, ReconcilingHouse, kinds, moment
from services import CONTEXT
from systems import Bench, bench, examples

from gateway.domain import Context
from gateway.exchange.model import Exchanged
from gateway.payments.model import Source
from gateway.reconciliation.model import View
from gateway.sdk import Answered, ProtocolViolation, WireRequest

DAY = date(2026, 8, 1)
OPENING = next(example for example in examples("payment") if example.name == "init")
REFERENCE = OPENING.sends["MaThamChieu"]


class MockedPlatform:
    """An exchange whose one system is the platform's connector before a fresh mock."""

    def __init__(self, **settings: Any) -> None:
        self.system: Bench = bench("payment", **settings)

    def offers(self, operation: str, *, target: str) -> bool:
        return operation in {"list_transactions", "query_payment"}

    async def ask(
        self, operation: str, canonical: Mapping[str, Any], *, context: Context, reference: str = "", target: str = ""
    ) -> Exchanged:
        body = self.system.mappings.request(operation, canonical).body
        outcome = await self.system.ask(self.system.call(operation, body))
        told = self.system.mappings.reply(operation, outcome.body) if isinstance(outcome, Answered) else {}
        return Exchanged(system=target, outcome=outcome, call_id="C", audit_index=0, canonical=told)

    async def control(self, path: str, body: Any) -> Any:
        url = f"{self.system.settings.base_url}/_mock/{path}"
        reply = await self.system.transport.send(WireRequest(method="POST", url=url, content=json.dumps(body).encode()))
        return json.loads(reply.content)

    async def paid_there(self, at: str) -> Mapping[str, Any]:
        """The payer pays, and the notice of it is lost."""
        body = self.system.mappings.request("initiate_payment", OPENING.given).body
        await self.system.ask(self.system.call("initiate_payment", body))
        facts: Mapping[str, Any] = await self.control(
            f"transactions/{REFERENCE}", {"action": "pay", "copies": 0, "at": at}
        )
        return facts


async def _house(**settings: Any) -> tuple[ReconcilingHouse, MockedPlatform]:
    platform = MockedPlatform(**settings)
    house = ReconcilingHouse(platform)
    house.today = DAY + timedelta(days=1)
    await house.attempt(REFERENCE, at=moment("14:30:05", DAY))
    name = (TENANT, f"B{REFERENCE}")
    house.bills.bills[name] = replace(house.bills.bills[name], beneficiary=OPENING.given["beneficiary"]["account"])
    return house, platform


async def test_f30_a_payment_whose_notice_was_lost_is_found_on_the_platforms_list() -> None:
    """F30, F29: entered with the platform's own time, two seconds to midnight."""
    house, platform = await _house()
    await platform.paid_there("20260801235958")
    report = await house.reconciliation.reconcile(DAY, RAIL, context=CONTEXT)
    assert (report.day.view, list(kinds(report).values()), report.clean) == (View.LIST, ["remote_only"], True)
    ((_, entry),) = house.books.entries.items()
    assert (entry.day, entry.source, entry.occurred_at) == (DAY, Source.RECONCILIATION, moment("23:59:58", DAY))
    again = await house.reconciliation.reconcile(DAY, RAIL, context=CONTEXT)
    assert (kinds(again), again.day.totals) == (kinds(report), report.day.totals)


async def test_a_refund_that_nobody_here_asked_for_is_a_case() -> None:
    """F34, PAY-16."""
    house, platform = await _house()
    await platform.paid_there("20260801143142")
    refund = {"MaThamChieu": REFERENCE, "SoTien": 50_000, "at": "20260801235959"}
    await platform.control("refunds", refund)
    report = await house.reconciliation.reconcile(DAY, RAIL, context=CONTEXT)
    assert sorted(kinds(report).values()) == ["refund_mismatch", "remote_only"]


@pytest.mark.parametrize("damage", ["count", "total", "checksum"])
async def test_a_damaged_list_enters_nothing(damage: str) -> None:
    house, platform = await _house(mock={"recon_damage": damage})
    await platform.paid_there("20260801143142")
    with pytest.raises(ProtocolViolation):
        await house.reconciliation.reconcile(DAY, RAIL, context=CONTEXT)
    assert house.books.entries == {}


async def test_a_platform_without_a_list_is_asked_about_each_open_attempt() -> None:
    """PAY-08."""
    house, platform = await _house(transactions_path="")
    await platform.paid_there("20260801143142")
    report = await house.reconciliation.reconcile(DAY, RAIL, context=CONTEXT)
    assert (report.day.view, list(kinds(report).values())) == (View.QUERY, ["remote_only"])
