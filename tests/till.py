"""Bills, payments and the books in memory, wired as the gateway wires them, with every consequence noted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from gateway.payments.asking import Asking
from gateway.payments.beneficiaries import Beneficiaries, Beneficiary
from gateway.payments.bills import Bills
from gateway.payments.memory import MemoryBills, MemoryBooks, MemoryPayments
from gateway.payments.model import Dispute, Money
from gateway.payments.opening import PaymentOpening
from gateway.payments.service import Payments
from gateway.payments.settling import Settling


class NotedConsequences:
    """Implements `Consequences`."""

    def __init__(self) -> None:
        self.collections: list[Money] = []
        self.excesses: list[Money] = []
        self.disputes: list[Dispute] = []

    async def collected(self, money: Money) -> None:
        self.collections.append(money)

    async def exceeded(self, money: Money) -> None:
        self.excesses.append(money)

    async def disputed(self, dispute: Dispute) -> None:
        self.disputes.append(dispute)


class Till:
    """`open` it with what the house has."""

    service: Payments
    bills_service: Bills
    settling: Settling
    asking: Asking

    def __init__(self, outbox: Any, *, beneficiaries: tuple[Beneficiary, ...] = ()) -> None:
        self.outbox = outbox
        self.bills, self.payments = MemoryBills(), MemoryPayments()
        self.books = MemoryBooks(self.bills, self.payments)
        self.followed = NotedConsequences()
        self._beneficiaries = Beneficiaries(beneficiaries)

    def open(
        self,
        recorder: Any,
        *,
        exchange: Any,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        own: dict[str, Any] = {"atomically": atomically, "clock": clock}
        self.asking = Asking(self.outbox, exchange, clock=clock)
        self.bills_service = Bills(
            self.bills, self.payments, beneficiaries=self._beneficiaries, recorder=recorder, **own
        )
        opening = PaymentOpening(self.payments, self.bills_service, asking=self.asking, exchange=exchange, **own)
        self.service = Payments(self.payments, opening=opening, asking=self.asking, exchange=exchange)
        self.settling = Settling(
            self.bills, self.payments, self.books, asking=self.asking, consequences=self.followed, **own
        )
