"""Receipts put together as the gateway puts them, on any store: what the tests of them share."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

from services import NOW, ListedRecorder, atomically

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.domain import local_day
from gateway.payments.model import Bill, BillState, Money, Payment, PaymentState, Source
from gateway.receipts.issuing import Issuing, Watch
from gateway.receipts.model import Content, Receipt, ReceiptKind, Refunded, Series
from gateway.receipts.ranges import fresh_range, series_of
from gateway.receipts.sandbox import made_up_pkcs12
from gateway.receipts.service import Receipts
from gateway.receipts.settings import ReceiptsSettings, Unit, Units
from gateway.receipts.signature import Seal, of_pkcs12
from gateway.rules.packs import load_packs, pack_on

AGENCY = "000.00.05.H99"
UNIT = Unit(
    agency_id=AGENCY, name="UBND XÃ VÍ DỤ", tax_code="9900000018", address="1 Phố Mẫu, tỉnh Ví Dụ", letters="AA"
)
LINES = (
    {"kind": "fee", "code": "P01", "name": "Phí thẩm định", "amount": 120_000},
    {"kind": "charge", "code": "L01", "name": "Lệ phí cấp giấy", "amount": 30_000},
)
PAYER = {"full_name": "Trần Thị Mẫu", "personal_id": "099185000001", "address": "1 Phố Mẫu", "province": "Tỉnh Ví Dụ"}


class Hands:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class PlainSigner:
    """Signs with a word, and not at all while it is `broken`."""

    def __init__(self) -> None:
        self.broken: Exception | None = None
        self.signed = 0

    async def sign(self, pdf: bytes, *, unit: Unit, at: datetime) -> bytes:
        if self.broken:
            raise self.broken
        self.signed += 1
        return pdf + f"%signed by {unit.agency_id} at {at.isoformat()}".encode()


class Noted:
    """Implements `Issued`."""

    def __init__(self) -> None:
        self.seen: list[tuple[Receipt, Content]] = []
        self.broken: Exception | None = None
        self.enough: tuple[int, asyncio.Event] | None = None
        """After so many, set it."""

    async def __call__(self, receipt: Receipt, content: Content) -> None:
        if self.broken:
            raise self.broken
        self.seen.append((receipt, content))
        if self.enough and len(self.seen) == self.enough[0]:
            self.enough[1].set()


class ReceiptHouse:
    """Everything of one tenant."""

    def __init__(
        self,
        store: Any,
        *,
        tenant: str = "H99",
        settings: ReceiptsSettings | None = None,
        made_up: bool = False,
        signer: Any = None,
        transaction: Callable[[], AbstractAsyncContextManager[object]] = atomically,
    ) -> None:
        self.store, self.tenant = store, tenant
        self.clock, self.signer, self.noted = Hands(), signer or PlainSigner(), Noted()
        self.recorder, self.alarm_store = ListedRecorder(), MemoryAlarms()
        self.alarms = Alarms(self.alarm_store, recorder=self.recorder, clock=self.clock)
        self.packs = load_packs()
        self.receipts = Receipts(store, packs=self.packs, clock=self.clock)
        self.issuing = Issuing(
            store,
            self.signer,
            units=Units(settings or ReceiptsSettings(units=(UNIT,), low=2), made_up=made_up),
            packs=self.packs,
            watch=Watch(recorder=self.recorder, alarms=self.alarms),
            on_issued=[self.noted],
            atomically=transaction,
            clock=self.clock,
        )
        self.transaction = transaction

    def series(self, unit: Unit = UNIT) -> Series:
        return series_of(unit, tenant=self.tenant, on=local_day(self.clock()))

    async def register(self, first: int, last: int, unit: Unit = UNIT) -> None:
        day = local_day(self.clock())
        fresh = fresh_range(self.series(unit), (first, last), pack=pack_on(self.packs, day), now=self.clock())
        async with self.transaction():
            await self.store.add_range(fresh)

    async def collect(self, number: int = 1, **changes: Any) -> None:
        async with self.transaction():
            await self.receipts.due(money(self.tenant, number, **changes))

    async def refund(self, refund_id: str, number: int = 1, **parts: int) -> None:
        told = Refunded(
            tenant=self.tenant,
            payment_id=payment_id(number),
            refund_id=refund_id,
            parts={ReceiptKind(name): amount for name, amount in parts.items()},
            reason="hồ sơ được rút",
            at=self.clock(),
        )
        async with self.transaction():
            await self.receipts.adjust(told)

    async def issue(self) -> int:
        return await self.issuing.issue_due(self.tenant, most=10_000)

    async def of(self, number: int = 1) -> Sequence[Receipt]:
        return await self.store.of_payment(self.tenant, payment_id(number))

    async def alarms_raised(self) -> list[tuple[str, str]]:
        found = await self.alarm_store.listed(self.tenant, everything=True, limit=100)
        return [(alarm.occasion.kind, alarm.occasion.about) for alarm in reversed(found)]


def payment_id(number: int) -> str:
    return f"P{number:05d}"


def money(tenant: str = "H99", number: int = 1, **changes: Any) -> Money:
    """What a payer of two lines paid; `changes`: `lines`, `paid_at`, `agency_id`, `payer`."""
    lines = changes.get("lines", LINES)
    paid_at = changes.get("paid_at", NOW)
    amount = sum(line["amount"] for line in lines)
    times = {"created_at": NOW, "updated_at": NOW}
    document = {
        "lines": list(lines),
        "payer": changes.get("payer", PAYER),
        "agency_id": changes.get("agency_id", AGENCY),
        "procedure_name": "Cấp giấy xác nhận ví dụ",
    }
    bill = Bill(
        tenant=tenant,
        bill_id=f"B{number:05d}",
        dossier_code=f"{AGENCY}-261123-{number:04d}",
        amount=amount,
        currency="VND",
        state=BillState.PAID,
        matter="",
        beneficiary="0000111122",
        document=document,
        **times,
    )
    payment = Payment(
        tenant=tenant,
        payment_id=payment_id(number),
        bill_id=bill.bill_id,
        dossier_code=bill.dossier_code,
        amount=amount,
        currency="VND",
        state=PaymentState.PAID,
        system="payment",
        reference=payment_id(number),
        **times,
    )
    return Money(
        bill=bill,
        payment=payment,
        entry_id=f"E{number}",
        amount=amount,
        currency="VND",
        transaction_id=f"GD{number}",
        paid_at=paid_at,
        posted_at=changes.get("posted_at", paid_at),
        source=Source.NOTICE,
    )


@functools.cache
def seal(name: str = UNIT.name, tax_code: str = UNIT.tax_code) -> Seal:
    """A key of RSA takes a while to make."""
    made = made_up_pkcs12(name=name, tax_code=tax_code, now=datetime(2026, 11, 1, tzinfo=UTC))
    return of_pkcs12(made, None)


def other_unit(agency_id: str, **changes: Any) -> Unit:
    return UNIT.model_copy(update={"agency_id": agency_id, **changes})
