"""The one function that enters money into the books, whoever tells of it (PAY-06, PAY-08; payment contract, section 8).

One transaction: the result is compared with what was asked, the entry is written once, the attempt and the bill move,
and what follows is put into outboxes. A notice is acknowledged after the commit: what we said "yes" to is in the books.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from gateway.exchange.ids import encoded
from gateway.payments.asking import Asking
from gateway.payments.books import EntryKind, entry_of
from gateway.payments.differing import AMBIGUOUS, AMOUNT, TRANSACTION, UNKNOWN, Difference, difference
from gateway.payments.model import OPEN, Bill, BillState, Consequences, Dispute, Money, Payment, PaymentState, Source
from gateway.payments.store import BillStore, Books, PaymentStore
from gateway.payments.told import Told
from gateway.sdk import Handled, Receipt

TOLD_BY_THE_RAIL = {Source.NOTICE, Source.PUSH}
OLDEST, NEWEST = timedelta(hours=72), timedelta(minutes=5)
"""No rail signs the moment of delivery, so an old notice may be a replay: outside of this the rail is asked first."""

CLAIMABLE = re.compile(r"[0-9A-Za-z._/-]{1,50}", re.ASCII)
"""A reference that is put down on somebody's mere word: it will lie open, so it is no name and no endless text."""
MOST_CLAIMED = 5
"""Attempts at one bill that began elsewhere by a mere word. A proof of a later one begins its own."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matter:
    """One result with what it is about, locked."""

    told: Told
    bill: Bill
    payment: Payment
    source: Source


class Settling:
    """`settle` is the only way into the books for money that comes in."""

    def __init__(
        self,
        bills: BillStore,
        payments: PaymentStore,
        books: Books,
        *,
        asking: Asking,
        consequences: Consequences,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._bills = bills
        self._payments = payments
        self._books = books
        self._asking = asking
        self._consequences = consequences
        self._atomically = atomically
        self._clock = clock

    async def settle(self, result: Mapping[str, Any], *, tenant: str, rail: str, source: Source) -> Handled:
        """Take a rail's canonical result in. Joins the transaction that is open.

        `RECORDED`, or `DUPLICATE` for what is known; `REJECTED` with a reason, and a case for a person, when it does
        not fit: then no money was entered."""
        told = Told.of(result, rail=rail)
        async with self._atomically():
            matter = await self._matter(told, tenant=tenant, source=source)
            if isinstance(matter, Difference):
                return await self._dispute(matter, told, tenant=tenant, source=source)
            if source in TOLD_BY_THE_RAIL:
                matter = replace(matter, payment=replace(matter.payment, notices=matter.payment.notices + 1))
                await self._payments.save(matter.payment)
            wrong = difference(told, matter.bill, matter.payment)
            if wrong:
                return await self._dispute(wrong, told, tenant=tenant, source=source, matter=matter)
            if matter.payment.state is PaymentState.PAID:
                return Handled(Receipt.DUPLICATE)
            return await self._take(matter)

    async def claim(self, result: Mapping[str, Any], *, tenant: str, rail: str) -> Payment | None:
        """Somebody says without proof that a bill was paid elsewhere: the attempt is put down, so that a proof finds
        it, and no money is entered. None: it fits no bill, or no single one,
        or one of which that was said often enough."""
        told = Told.of(result, rail=rail)
        if not CLAIMABLE.fullmatch(told.reference):
            return None
        async with self._atomically():
            known = await self._payments.by_reference(tenant, rail, told.reference)
            if known is not None:
                return known
            bill = await self._bill_of(told, tenant=tenant)
            again = await self._payments.by_reference(tenant, rail, told.reference)
            if again is not None or isinstance(bill, Difference):
                return again
            attempts = await self._payments.of_bill(tenant, bill.bill_id)
            claimed = sum(attempt.reference != attempt.payment_id for attempt in attempts)
            return await self._begun_elsewhere(told, bill) if claimed < MOST_CLAIMED else None

    async def _take(self, matter: _Matter) -> Handled:
        told, payment = matter.told, matter.payment
        match told.status:
            case "paid" if self._is_fresh(matter):
                return await self._enter(matter)
            case "failed" | "expired":
                await self._save(payment, state=PaymentState(told.status))
            case "pending":
                await self._save(payment, state=PaymentState.PENDING if payment.state in OPEN else payment.state)
            case _:  # an old notice, or a code whose meaning is not public: never a failure, but a reason to ask now
                await self._ask(matter)
        return Handled(Receipt.RECORDED)

    async def _ask(self, matter: _Matter) -> None:
        """Where the rail cannot be asked, a person must, about money that somebody says was paid."""
        asked = await self._asking.again(matter.payment)
        if not asked and matter.told.status == "paid":
            log.warning("payment_notice_old", payment_id=matter.payment.payment_id)
            await self._consequences.disputed(_dispute("unproven", matter.told, matter=matter, source=matter.source))

    def _is_fresh(self, matter: _Matter) -> bool:
        if matter.source not in TOLD_BY_THE_RAIL or matter.told.paid_at is None:
            return True
        age = self._clock() - matter.told.paid_at
        return -NEWEST <= age <= OLDEST

    async def _enter(self, matter: _Matter) -> Handled:
        told, bill, now = matter.told, matter.bill, self._clock()
        kind = EntryKind.COLLECTION if bill.state is BillState.UNPAID else EntryKind.EXCESS
        paid_at = told.paid_at or now
        if paid_at > now + NEWEST:  # no comparison of days would see money of a day that has not come
            log.warning("payment_from_the_future", payment_id=matter.payment.payment_id, source=matter.source.value)
            paid_at = now
        payment = replace(
            matter.payment,
            state=PaymentState.PAID,
            transaction_id=told.transaction_id,
            paid_at=paid_at,
            excess=kind is EntryKind.EXCESS,
            updated_at=now,
        )
        money = Money(
            bill=bill,
            payment=payment,
            entry_id=f"{kind.value}:{payment.payment_id}",
            amount=payment.amount,
            currency=payment.currency,
            transaction_id=told.transaction_id,
            paid_at=paid_at,
            posted_at=now,
            source=matter.source,
        )
        if not await self._books.enter(entry_of(money, kind=kind)):
            return await self._dispute(TRANSACTION, told, tenant=bill.tenant, source=matter.source, matter=matter)
        await self._payments.save(payment)
        await self._follow(money, kind)
        return Handled(Receipt.RECORDED)

    async def _follow(self, money: Money, kind: EntryKind) -> None:
        """The bill moves, and the other ways to pay it are closed; money that still comes on them is owed back."""
        bill = money.bill
        if kind is EntryKind.EXCESS:
            log.error("payment_excess", payment_id=money.payment.payment_id, source=money.source.value)
            if bill.state is BillState.PAID:
                await self._bills.save(replace(bill, state=BillState.OVERPAID, updated_at=money.posted_at))
            await self._consequences.exceeded(money)
            return
        await self._bills.save(replace(bill, state=BillState.PAID, updated_at=money.posted_at))
        for other in await self._payments.of_bill(bill.tenant, bill.bill_id):
            if other.payment_id != money.payment.payment_id and other.state in OPEN:
                await self._save(other, state=PaymentState.EXPIRED)
        await self._consequences.collected(money)

    async def _matter(self, told: Told, *, tenant: str, source: Source) -> _Matter | Difference:
        """The attempt and its bill, locked: the bill first. One that began at the portal is begun here by its proof."""
        known = await self._payments.by_reference(tenant, told.rail, told.reference)
        if known is not None:
            return await self._locked(known, told, source=source)
        found = await self._bill_of(told, tenant=tenant)
        again = await self._payments.by_reference(tenant, told.rail, told.reference)  # its twin may have been faster
        if again is not None:
            return await self._locked(again, told, source=source)
        if isinstance(found, Difference):
            return found
        payment = await self._begun_elsewhere(told, found)
        return _Matter(
            told=told, bill=found, payment=payment, source=Source.PUSH if source is Source.NOTICE else source
        )

    async def _locked(self, known: Payment, told: Told, *, source: Source) -> _Matter | Difference:
        bill = await self._bills.lock(known.tenant, known.bill_id)
        payment = await self._payments.lock(known.tenant, known.payment_id)
        if bill is None or payment is None:
            return UNKNOWN
        return _Matter(told=told, bill=bill, payment=payment, source=source)

    async def _bill_of(self, told: Told, *, tenant: str) -> Bill | Difference:
        """The one bill of the dossier that this money can be for: the one that was named, else an unpaid one over
        exactly this amount, else the paid one over it (it was paid twice). Of several nobody can tell (trap 16); the
        amount tells those apart that were issued in one second and so bear one name."""
        if not told.dossier_code or not told.reference:
            return UNKNOWN
        bills = await self._bills.of_dossier(tenant, told.dossier_code)
        named = [bill for bill in bills if bill.lookup_id == told.lookup_id]
        named = [bill for bill in named if bill.amount == told.amount] or named
        due = [bill for bill in bills if bill.state is BillState.UNPAID]
        same = named or [bill for bill in due if bill.amount == told.amount]
        if not same and not due:
            same = [bill for bill in bills if bill.amount == told.amount and bill.state is not BillState.CANCELLED][-1:]
        if len(same) == 1:
            return await self._bills.lock(tenant, same[0].bill_id) or UNKNOWN
        if same:
            return AMBIGUOUS
        return AMOUNT if due else UNKNOWN

    async def _begun_elsewhere(self, told: Told, bill: Bill) -> Payment:
        now = self._clock()
        payment = Payment(
            tenant=bill.tenant,
            payment_id=name_of(told.rail, told.reference),
            bill_id=bill.bill_id,
            dossier_code=bill.dossier_code,
            amount=bill.amount,
            currency=bill.currency,
            state=PaymentState.UNKNOWN,
            system=told.rail,
            reference=told.reference,
            created_at=now,
            updated_at=now,
            document={**bill.document, "voucher_url": told.voucher_url} if told.voucher_url else bill.document,
        )
        await self._payments.add(payment)
        return payment

    async def _save(self, payment: Payment, *, state: PaymentState) -> None:
        await self._payments.save(replace(payment, state=state, updated_at=self._clock()))

    async def _dispute(
        self, wrong: Difference, told: Told, *, tenant: str, source: Source, matter: _Matter | None = None
    ) -> Handled:
        log.error("payment_differs", kind=wrong.kind, payment_id=matter and matter.payment.payment_id, source=source)
        dispute = _dispute(wrong.kind, told, matter=matter, source=source)
        await self._consequences.disputed(replace(dispute, tenant=tenant))
        return Handled(Receipt.REJECTED, reason=wrong.reason)


def name_of(rail: str, reference: str) -> str:
    """Our id of an attempt that began elsewhere: the same reference, the same id. 20 characters `[0-9A-Z]`."""
    number = int.from_bytes(hashlib.sha256(f"{rail}/{reference}".encode()).digest(), "big")
    return "N" + encoded(number, 19)


def _dispute(kind: str, told: Told, *, matter: _Matter | None, source: Source) -> Dispute:
    return Dispute(
        tenant=matter.bill.tenant if matter else "",
        kind=kind,
        rail=told.rail,
        reference=told.reference,
        transaction_id=told.transaction_id,
        payment_id=matter.payment.payment_id if matter else "",
        bill_id=matter.bill.bill_id if matter else "",
        told=told.facts,
        source=source,
    )
