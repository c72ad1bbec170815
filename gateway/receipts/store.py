"""The port to receipts and their numbers. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.receipts.model import Content, NumberRange, PaperReceipt, Receipt, ReceiptState, Series, Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What kept receipts from being issued: of one, or of a whole unit. `code` is that of an error."""

    tenant: str
    code: str
    receipt_id: str = ""
    unit: str = ""


class NumberStore(Protocol):
    async def turn(self, tenant: str, unit: str) -> None:
        """Nobody else gives a number of this unit, or registers a range for it, until the transaction ends."""

    async def add_range(self, fresh: NumberRange) -> None:
        """`ConflictError`: a number of it is in another range of the series already, or the unit has given higher
        numbers and would go back."""

    async def ranges_of(self, series: Series) -> Sequence[NumberRange]:
        """Lowest first."""

    async def give(self, taken: NumberRange, number: int) -> None:
        """The number after the last given is now given."""

    async def ranges(self, tenant: str) -> Sequence[NumberRange]:
        """All of them, by unit and symbol."""


class ReceiptStore(NumberStore, Protocol):
    async def add(self, receipt: Receipt, content: Content) -> bool:
        """False: it is due, or issued, already."""

    async def find(self, tenant: str, receipt_id: str) -> Receipt | None: ...

    async def of_payment(self, tenant: str, payment_id: str) -> Sequence[Receipt]:
        """By due time."""

    async def by_code(self, tenant: str, lookup_code: str) -> Receipt | None: ...

    async def content(self, tenant: str, receipt_id: str) -> Content | None:
        """`IntegrityError` when what is stored was altered."""

    async def file(self, tenant: str, receipt_id: str) -> bytes | None:
        """The signed PDF of an issued one."""

    async def next_due(self, tenant: str, *, now: datetime) -> Receipt | None:
        """The one that has been due longest, locked until the transaction ends; others get another one. One that
        adjusts comes after what it adjusts."""

    async def issue(self, signed: Signed) -> None: ...

    async def supersede(self, tenant: str, receipt_id: str, state: ReceiptState) -> None:
        """An issued one is adjusted or cancelled."""

    async def postpone(self, trouble: Trouble, *, until: datetime) -> None:
        """Do not try before then."""

    async def hurry(self, tenant: str, *, now: datetime) -> int:
        """Try all that are due now. How many there were to wait."""

    async def listed(self, tenant: str, *, state: ReceiptState | None, limit: int) -> Sequence[Receipt]:
        """Newest first."""

    async def trouble(self, tenant: str, receipt_id: str) -> str:
        """Code of what kept it from being issued, empty when nothing did."""

    async def add_paper(self, paper: PaperReceipt) -> bool:
        """False: this number was recorded before."""
