"""Money that comes at the same time, in the composed gateway on a real database."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from operations import BODIED
from pydantic import SecretStr
from services import CONTEXT

from gateway.bootstrap import Gateway, open_gateway
from gateway.bootstrap.clock import utc_now
from gateway.domain import DossierStatus
from gateway.payments.books import EntryKind
from gateway.payments.model import Bill, Payment, PaymentState, Source
from gateway.refunds.model import Approval, Proof, RefundWay, Wanted
from gateway.sdk import GatewayError
from gateway.settings import Settings

BILL: Any = next(operation.body for operation in BODIED if operation.name == "issue_bill")
DOSSIER: Any = next(operation.body for operation in BODIED if operation.name == "put_dossier")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture
async def gateway(database_url: str, state: Path) -> AsyncIterator[Gateway]:
    settings = Settings(sandbox=True, database_url=SecretStr(database_url), state=state)
    async with open_gateway(settings, database_url) as opened:
        yield opened


async def waiting_for_fees(gateway: Gateway, code: str, *, asked_at: str = "2026-11-23T11:00:00+07:00") -> None:
    document = {**DOSSIER, "status": 1}
    await gateway.able.dossiers.put(code, document, context=CONTEXT)
    for status, at in ((2, "2026-11-23T10:00:00+07:00"), (6, asked_at)):
        event = {"event_id": f"e{status}", "officer_name": "Lê Văn Thử", "status": status, "at": at, "content": "x"}
        (taken,) = await gateway.able.dossiers.add_events([(code, event)], context=CONTEXT)
        assert not isinstance(taken, Exception)


async def billed(gateway: Gateway, code: str, name: str) -> dict[str, Any]:
    """What the portal says once this bill was paid there."""
    lines = [{**line, "name": name} for line in BILL["lines"]]
    bill = await gateway.able.till.bills.issue(
        {**BILL, "dossier_code": code, "lines": lines}, bill_id=name, context=CONTEXT
    )
    return {
        "reference": f"PORTAL{name}",
        "status": "paid",
        "amount": bill.amount,
        "currency": "VND",
        "transaction_id": f"GD{name}",
        "dossier_code": code,
        "lookup_id": bill.lookup_id,
    }


def attempt(bill: Bill, reference: str) -> Payment:
    return Payment(
        tenant=bill.tenant,
        payment_id=f"P{bill.bill_id}",
        bill_id=bill.bill_id,
        dossier_code=bill.dossier_code,
        amount=bill.amount,
        currency=bill.currency,
        state=PaymentState.UNKNOWN,
        system="national_portal",
        reference=reference,
        created_at=bill.created_at,
        updated_at=bill.updated_at,
        document=bill.document,
    )


async def settled(gateway: Gateway, result: dict[str, Any], *, source: Source = Source.PUSH) -> str:
    handled = await gateway.able.till.settling.settle(
        result, tenant=gateway.tenant, rail="national_portal", source=source
    )
    return str(handled.receipt)


async def test_two_bills_of_a_dossier_paid_at_once_move_it_on(gateway: Gateway) -> None:
    """PAY-02: whichever commits last sees that nothing is unpaid any more."""
    for number in range(12):
        code = f"000.00.05.H99-261123-1{number:03d}"
        await waiting_for_fees(gateway, code)
        results = [await billed(gateway, code, f"B{number}X{which}") for which in range(2)]
        for which, result in enumerate(results):  # the attempts are known: each result finds its own bill
            bill = await gateway.stores.bills.find(gateway.tenant, f"B{number}X{which}")
            assert bill is not None
            await gateway.stores.payments.add(attempt(bill, result["reference"]))
        await asyncio.gather(*(settled(gateway, result) for result in results))
        record = await gateway.stores.dossiers.find(gateway.tenant, code)
        assert record is not None
        assert record.status is DossierStatus.IN_PROCESS, number


async def test_as_many_wrong_results_as_there_are_connections_are_all_answered(gateway: Gateway) -> None:
    """PAY-05: a case has its leaf in the audit log, which is written beside the transaction that is open."""
    code = "000.00.05.H99-261123-2000"
    results = [{**await billed(gateway, code, f"C{number}"), "amount": 1} for number in range(24)]
    async with asyncio.timeout(120):
        receipts = await asyncio.gather(*(settled(gateway, result) for result in results), return_exceptions=True)
    assert set(receipts) == {"rejected"}


async def test_a_one_stop_system_whose_clock_is_ahead_keeps_no_paid_dossier_waiting(gateway: Gateway) -> None:
    """PAY-02: its step would come after ours, which would then be a late one."""
    code = "000.00.05.H99-261123-3000"
    await waiting_for_fees(gateway, code, asked_at=(utc_now() + timedelta(minutes=2)).isoformat())
    assert await settled(gateway, await billed(gateway, code, "D1")) == "recorded"
    record = await gateway.stores.dossiers.find(gateway.tenant, code)
    assert record is not None
    assert record.status is DossierStatus.IN_PROCESS


async def test_everything_at_once_leaves_every_dong_in_one_place(gateway: Gateway) -> None:
    """PAY-06, PAY-16: two rails and the portal, repeats, queries, cancellations and refunds of the same few bills."""
    order = random.Random(7)
    till = gateway.able.till
    came: dict[str, int] = {}
    acts: list[Callable[[], Awaitable[object]]] = []
    for number in range(5):
        name, code = f"F{number}", f"000.00.05.H99-261123-500{number}"
        await waiting_for_fees(gateway, code)
        result = await billed(gateway, code, name)
        bill = await gateway.stores.bills.find(gateway.tenant, name)
        assert bill is not None
        for rail in ("payment", "vnpay"):
            begun = replace(attempt(bill, f"{rail}{name}".upper()), payment_id=f"{rail}{name}".upper(), system=rail)
            await gateway.stores.payments.add(begun)
            told = {**result, "reference": begun.reference, "transaction_id": f"T{rail}{name}"}
            came[told["transaction_id"]] = bill.amount
            for source in (Source.NOTICE, Source.QUERY, Source.NOTICE):
                acts.append(partial(till.settling.settle, told, tenant=gateway.tenant, rail=rail, source=source))
            acts.append(partial(give_back, gateway, begun.payment_id, bill.amount))
        came[result["transaction_id"]] = bill.amount
        acts += [partial(settled, gateway, result) for _ in range(3)]
        acts.append(partial(till.bills.cancel, name, exempt=number % 2 == 0, reason="x", context=CONTEXT))
    order.shuffle(acts)
    done = await asyncio.gather(*(act() for act in acts), return_exceptions=True)
    assert not [problem for problem in done if isinstance(problem, Exception) and not isinstance(problem, GatewayError)]
    entered: dict[str, int] = {}
    credited: Counter[str] = Counter()
    for rail in ("payment", "vnpay", "national_portal"):
        async for page in gateway.stores.books.of_days(
            gateway.tenant, rail, first=date(2020, 1, 1), last=date(2099, 1, 1)
        ):
            for line in page:
                if line.kind is not EntryKind.REFUND and line.transaction_id in came:
                    entered[line.transaction_id] = entered.get(line.transaction_id, 0) + line.amount
                    credited[line.bill_id] += line.kind is EntryKind.COLLECTION
    assert entered == came
    assert set(credited.values()) <= {0, 1}
    assert await gateway.stores.books.balance(gateway.tenant) == 0


async def give_back(gateway: Gateway, payment_id: str, amount: int) -> None:
    refunds = gateway.able.till.refunding.service
    wanted = Wanted(
        refund_id=f"R{payment_id}",
        payment_id=payment_id,
        amount=amount,
        refundable=amount,
        reason="x",
        requested_by="canbo.mau",
        decision_number="1",
        decision_day=date(2026, 11, 23),
        way=RefundWay.BY_HAND,
    )
    await refunds.request(wanted, context=CONTEXT)
    await refunds.approve(wanted.refund_id, Approval(approved_by="chutich.mau"), context=CONTEXT)
    proof = Proof(recorded_by="ketoan.mau", document_number=f"UNC-{payment_id}", paid_at=utc_now())
    await refunds.record(wanted.refund_id, proof, context=CONTEXT)
