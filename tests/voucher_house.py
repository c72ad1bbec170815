"""A rail that answers from a script, and the house that fetches and keeps its vouchers."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from couriers import Courier, Delivered, Step, atomically
from services import NOW, ListedRecorder, ScriptedExchange

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.delivery.backoff import Backoff
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import StreamKey, StreamState
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.domain import Context
from gateway.payments.model import Bill, BillState, Money, Payment, PaymentState, Source
from gateway.receipts.memory_vouchers import MemoryVouchers
from gateway.receipts.voucher_steps import steps
from gateway.receipts.vouchers import Vouchers
from gateway.sdk import Answered, Call, Pending

PDF = b"%PDF-1.7 chung tu" + b"." * 20_000
SHA = hashlib.sha256(PDF).hexdigest()
RAIL, PAYMENT = "rail", "PAY26K7Q2M0001"
URL = "https://pp.example.vn/bl/1"
LINK = {"url": URL}
NOT_YET = Pending(reference="x", look_again_after_s=60)
PAID_AT = NOW - timedelta(seconds=40)
Answer = Step | Mapping[str, Any]


def file(content: bytes = PDF, media_type: str = "application/pdf") -> Mapping[str, Any]:
    return {"content": base64.b64encode(content).decode(), "media_type": media_type}


class Rail(Courier):
    """Answers from a script; a mapping is what the rail gave, in our vocabulary."""

    targets = (RAIL,)

    def __init__(self, *script: Answer) -> None:
        super().__init__()
        self.answers = list(script)
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        self.calls.append((call.operation, call.body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return Delivered(Answered(body={}), answer) if isinstance(answer, Mapping) else Delivered(answer)

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]


class Found:
    """A store that holds one thing."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    async def find(self, tenant: str, name: str) -> Any:
        return self.thing


class House:
    def __init__(self, *script: Answer, lacks: frozenset[str] = frozenset()) -> None:
        self.now = NOW
        self.rail = Rail(*script or ({},))
        self.outbox, self.store, self.alarms = MemoryOutbox(), MemoryVouchers(), MemoryAlarms()
        self.exchange = ScriptedExchange()
        self.exchange.lacking |= lacks
        alarms = Alarms(self.alarms, recorder=ListedRecorder(), clock=self.clock)
        self.vouchers = Vouchers(
            self.store,
            self.outbox,
            self.exchange,
            bills=Found(bill()),
            payments=Found(payment()),
            alarms=alarms,
            clock=self.clock,
        )
        self.worker = Worker(
            self.outbox,
            self.rail,
            name="w",
            atomically=atomically,
            clock=self.clock,
            policy=Policy(lease_s=60, backoff=Backoff(base_s=2, cap_s=900, uniform=lambda _, most: most)),
            follow_ups=steps(self.vouchers, self.outbox, clock=self.clock),
        )

    def clock(self) -> datetime:
        return self.now

    async def run(self, *, seconds: int = 0, step: int = 1) -> None:
        """Work for so long."""
        end = self.now + timedelta(seconds=seconds)
        await self.worker.drain()
        while self.now < end:
            self.now += timedelta(seconds=step)
            await self.worker.drain()

    async def collect(self, **changes: Any) -> None:
        await self.vouchers.due(replace(money(), **changes))

    @property
    def kept(self) -> list[tuple[str, str]]:
        return [(voucher.sha256, voucher.source) for voucher, _ in self.store.kept.values()]

    async def states(self) -> list[StreamState]:
        found = []
        for kind in ("voucher", "voucher_otherwise", "voucher_file"):
            found += [view.state for view in await self.outbox.views("H99", f"{kind}:{PAYMENT}", now=self.now)]
        return found


def bill() -> Bill:
    payer = {"full_name": "Trần Thị Mẫu", "personal_id": "099185000001", "address": "1 Phố Mẫu"}
    document = {"payer": payer, "procedure_name": "Thủ tục mẫu", "agency_id": "000.00.05.H99"}
    return Bill(
        tenant="H99",
        bill_id="B1",
        dossier_code="000.00.05.H99-261123-0007",
        amount=150_000,
        currency="VND",
        state=BillState.PAID,
        matter="m",
        beneficiary="0000111122",
        created_at=NOW,
        updated_at=NOW,
        document=document,
    )


def payment(**changes: Any) -> Payment:
    first: dict[str, Any] = {
        "tenant": "H99",
        "payment_id": PAYMENT,
        "bill_id": "B1",
        "dossier_code": "000.00.05.H99-261123-0007",
        "amount": 150_000,
        "currency": "VND",
        "state": PaymentState.PAID,
        "system": RAIL,
        "reference": PAYMENT,
        "transaction_id": "PP1",
        "paid_at": PAID_AT,
        "created_at": NOW - timedelta(minutes=5),
        "updated_at": NOW,
    }
    return Payment(**{**first, **changes})


def money() -> Money:
    return Money(
        bill=bill(),
        payment=payment(paid_at=None, transaction_id=""),
        entry_id="E1",
        amount=150_000,
        currency="VND",
        transaction_id="PP1",
        paid_at=PAID_AT,
        posted_at=NOW,
        source=Source.NOTICE,
    )
