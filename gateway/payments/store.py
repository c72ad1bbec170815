"""The ports to bills, attempts, the books and the inbox of notices. Every method joins the transaction that is open.

Rows are locked in this order, or two transactions wait for each other: the bill, then its payments.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.payments.books import BookEntry, BookLine
from gateway.payments.model import Bill, Payment, PaymentState


@dataclass(frozen=True, slots=True)
class InitTold:
    """What INIT told about an attempt. `pay_url`: empty where it told none."""

    payment: Payment
    state: PaymentState
    pay_url: str


class BillStore(Protocol):
    async def add(self, *bills: Bill) -> None: ...

    async def find(self, tenant: str, bill_id: str) -> Bill | None: ...

    async def lock(self, tenant: str, bill_id: str) -> Bill | None:
        """The bill, locked until the transaction ends."""

    async def save(self, bill: Bill) -> None:
        """Its state; what it says never changes."""

    async def of_dossier(self, tenant: str, dossier_code: str) -> Sequence[Bill]:
        """Oldest first."""

    async def lock_dossiers(self, tenant: str, codes: Sequence[str]) -> None:
        """Nobody else issues a bill for these dossiers until the transaction ends."""

    async def lock_all(self, tenant: str, bill_ids: Sequence[str], *, dossiers: Sequence[str]) -> Sequence[Bill]:
        """These bills and all of these dossiers, oldest first, locked until the transaction ends."""


class PaymentStore(Protocol):
    async def add(self, *payments: Payment) -> None: ...

    async def several(self, tenant: str, payment_ids: Sequence[str]) -> Sequence[Payment]:
        """Those of them that there are, in any order."""

    async def told(self, told: Sequence[InitTold], *, at: datetime) -> Sequence[Payment]:
        """Write what INIT told of these attempts of one tenant, and return them as they stand now, in any order. One
        that is not `created` any more keeps its state: a notice was faster, and knows more."""

    async def find(self, tenant: str, payment_id: str) -> Payment | None: ...

    async def by_reference(self, tenant: str, system: str, reference: str) -> Payment | None:
        """By what the rail calls it."""

    async def by_references(self, tenant: str, system: str, references: Sequence[str]) -> Sequence[Payment]:
        """Those of them that there are, in any order; their documents are not read."""

    async def lock(self, tenant: str, payment_id: str) -> Payment | None:
        """The payment, locked until the transaction ends."""

    async def save(self, payment: Payment) -> None: ...

    async def state_of(self, tenant: str, dossier_code: str) -> str:
        """How the fees of a dossier stand: `paid` once any attempt is, else the newest attempt's state, or `none`."""

    async def of_dossier(self, tenant: str, dossier_code: str) -> Sequence[Payment]:
        """Every attempt to pay its fees, oldest first."""

    async def of_bill(self, tenant: str, bill_id: str) -> Sequence[Payment]:
        """Every attempt to pay it, oldest first."""

    async def open_on(self, tenant: str, system: str, *, first: date, last: date) -> Sequence[Payment]:
        """Attempts of these local days that have no final state; their documents are not read."""

    async def ended_on(self, tenant: str, system: str, *, first: date, last: date) -> Sequence[Payment]:
        """Attempts of these local days that failed or expired; their documents are not read."""


class Books(Protocol):
    async def enter(self, entry: BookEntry) -> bool:
        """Write it once. False: this transaction number of the rail is in the books already, or the bill was credited
        before, or the refund was entered before; nothing was written."""

    def of_days(self, tenant: str, rail: str, *, first: date, last: date) -> AsyncIterator[Sequence[BookLine]]:
        """Every movement at a rail on these days, in pages, by day and transaction number."""

    async def sums(self, tenant: str, rail: str, *, first: date, last: date) -> Mapping[date, tuple[int, int]]:
        """How many movements a rail has on each of these days, and their sum; a day without any is not there."""

    async def balance(self, tenant: str) -> int:
        """The sum of all lines: zero, or the books are broken."""


class Inbox(Protocol):
    async def take(self, tenant: str, *, system: str, event: str, key: str, now: datetime) -> str | None:
        """Register a message. None: it is new. Otherwise what was answered to it the first time."""

    async def conclude(self, tenant: str, *, system: str, event: str, key: str, result: str) -> None:
        """Remember what a new message was answered."""
