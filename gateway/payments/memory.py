"""Bills, payments, the books and the inbox in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from gateway.domain import local_day
from gateway.payments.books import Account, BookEntry, BookLine, EntryKind
from gateway.payments.model import OPEN, Bill, Payment, PaymentState
from gateway.payments.store import InitTold


class MemoryBills:
    def __init__(self) -> None:
        self.bills: dict[tuple[str, str], Bill] = {}

    async def add(self, *bills: Bill) -> None:
        self.bills |= {(bill.tenant, bill.bill_id): bill for bill in bills}

    async def find(self, tenant: str, bill_id: str) -> Bill | None:
        return self.bills.get((tenant, bill_id))

    async def lock(self, tenant: str, bill_id: str) -> Bill | None:
        return self.bills.get((tenant, bill_id))

    async def save(self, bill: Bill) -> None:
        held = self.bills[bill.tenant, bill.bill_id]
        self.bills[bill.tenant, bill.bill_id] = replace(held, state=bill.state, updated_at=bill.updated_at)

    async def of_dossier(self, tenant: str, dossier_code: str) -> Sequence[Bill]:
        found = [bill for bill in self.bills.values() if (bill.tenant, bill.dossier_code) == (tenant, dossier_code)]
        return sorted(found, key=lambda bill: (bill.created_at, bill.bill_id))

    async def lock_dossiers(self, tenant: str, codes: Sequence[str]) -> None:
        pass

    async def lock_all(self, tenant: str, bill_ids: Sequence[str], *, dossiers: Sequence[str]) -> Sequence[Bill]:
        found = [b for b in self.bills.values() if b.bill_id in bill_ids or b.dossier_code in dossiers]
        return sorted((b for b in found if b.tenant == tenant), key=lambda bill: (bill.created_at, bill.bill_id))


class MemoryBooks:
    """`bills` and `payments` complete what an entry says of its movement."""

    def __init__(self, bills: MemoryBills, payments: MemoryPayments) -> None:
        self._bills = bills
        self._payments = payments
        payments.books = self
        self.entries: dict[tuple[str, str], BookEntry] = {}

    async def enter(self, entry: BookEntry) -> bool:
        if any(_clash(entry, other) for other in self.entries.values() if other.tenant == entry.tenant):
            return False
        self.entries[entry.tenant, entry.entry_id] = entry
        return True

    async def of_days(self, tenant: str, rail: str, *, first: date, last: date) -> AsyncIterator[Sequence[BookLine]]:
        found = [e for e in self.entries.values() if (e.tenant, e.rail) == (tenant, rail) and first <= e.day <= last]
        if found:
            yield [self._line(entry) for entry in sorted(found, key=lambda e: (e.day, e.transaction_id, e.entry_id))]

    async def sums(self, tenant: str, rail: str, *, first: date, last: date) -> Mapping[date, tuple[int, int]]:
        found: dict[date, tuple[int, int]] = {}
        async for page in self.of_days(tenant, rail, first=first, last=last):
            for line in page:
                count, amount = found.get(line.day, (0, 0))
                found[line.day] = (count + 1, amount + line.amount)
        return found

    async def balance(self, tenant: str) -> int:
        return sum(line.amount for entry in self.entries.values() if entry.tenant == tenant for line in entry.lines)

    def _line(self, entry: BookEntry) -> BookLine:
        payment = self._payments.payments[entry.tenant, entry.payment_id]
        shared = {name: getattr(entry, name) for name in BookLine.__slots__ if name in BookEntry.__slots__}
        return BookLine(
            **shared,
            reference=payment.reference,
            dossier_code=payment.dossier_code,
            beneficiary=self._bills.bills[entry.tenant, entry.bill_id].beneficiary,
            amount=_total(entry, Account.RAIL),
            fee=-_total(entry, Account.FEE),
            charge=-_total(entry, Account.CHARGE),
        )


class MemoryPayments:
    def __init__(self) -> None:
        self.payments: dict[tuple[str, str], Payment] = {}
        self.books: MemoryBooks | None = None

    async def add(self, *payments: Payment) -> None:
        self.payments |= {(payment.tenant, payment.payment_id): payment for payment in payments}

    async def several(self, tenant: str, payment_ids: Sequence[str]) -> Sequence[Payment]:
        return [payment for name in payment_ids if (payment := await self.find(tenant, name))]

    async def told(self, told: Sequence[InitTold], *, at: datetime) -> Sequence[Payment]:
        for each in told:
            name = each.payment.tenant, each.payment.payment_id
            held = self.payments[name]
            state = each.state if held.state is PaymentState.CREATED else held.state
            self.payments[name] = replace(held, state=state, pay_url=each.pay_url or held.pay_url, updated_at=at)
        return await self.several(told[0].payment.tenant, [each.payment.payment_id for each in told])

    async def find(self, tenant: str, payment_id: str) -> Payment | None:
        payment = self.payments.get((tenant, payment_id))
        entries = self.books.entries.values() if self.books else ()
        credited = [e for e in entries if (e.tenant, e.payment_id) == (tenant, payment_id)]
        return payment and replace(payment, postings=sum(e.kind is EntryKind.COLLECTION for e in credited))

    async def by_reference(self, tenant: str, system: str, reference: str) -> Payment | None:
        found = await self.by_references(tenant, system, [reference])
        return found[0] if found else None

    async def by_references(self, tenant: str, system: str, references: Sequence[str]) -> Sequence[Payment]:
        wanted = set(references)
        ids = [p.payment_id for p in self.payments.values() if (p.tenant, p.system) == (tenant, system)]
        found = [payment for name in ids if (payment := await self.find(tenant, name))]
        return [payment for payment in found if payment.reference in wanted]

    async def lock(self, tenant: str, payment_id: str) -> Payment | None:
        return await self.find(tenant, payment_id)

    async def save(self, payment: Payment) -> None:
        self.payments[payment.tenant, payment.payment_id] = payment

    async def state_of(self, tenant: str, dossier_code: str) -> str:
        found = [p for p in self.payments.values() if (p.tenant, p.dossier_code) == (tenant, dossier_code)]
        found.sort(key=lambda payment: (payment.state == "paid", payment.created_at))
        return found[-1].state.value if found else "none"

    async def of_dossier(self, tenant: str, dossier_code: str) -> Sequence[Payment]:
        return await self._all(tenant, [p for p in self.payments.values() if p.dossier_code == dossier_code])

    async def of_bill(self, tenant: str, bill_id: str) -> Sequence[Payment]:
        return await self._all(tenant, [p for p in self.payments.values() if p.bill_id == bill_id])

    async def open_on(self, tenant: str, system: str, *, first: date, last: date) -> Sequence[Payment]:
        found = [p for p in self.payments.values() if p.system == system and p.state in OPEN]
        return await self._all(tenant, [p for p in found if first <= local_day(p.created_at) <= last])

    async def ended_on(self, tenant: str, system: str, *, first: date, last: date) -> Sequence[Payment]:
        ended = {PaymentState.FAILED, PaymentState.EXPIRED}
        found = [p for p in self.payments.values() if p.system == system and p.state in ended]
        return await self._all(tenant, [p for p in found if first <= local_day(p.created_at) <= last])

    async def _all(self, tenant: str, payments: Sequence[Payment]) -> Sequence[Payment]:
        ids = [payment.payment_id for payment in payments if payment.tenant == tenant]
        found = [payment for name in ids if (payment := await self.find(tenant, name))]
        return sorted(found, key=lambda payment: (payment.created_at, payment.payment_id))


class MemoryInbox:
    def __init__(self) -> None:
        self.results: dict[tuple[str, str, str, str], str] = {}

    async def take(self, tenant: str, *, system: str, event: str, key: str, now: datetime) -> str | None:  # noqa: ARG002
        name = (tenant, system, event, key)
        if name in self.results:
            return self.results[name]
        self.results[name] = ""
        return None

    async def conclude(self, tenant: str, *, system: str, event: str, key: str, result: str) -> None:
        self.results[tenant, system, event, key] = result


def _clash(entry: BookEntry, other: BookEntry) -> bool:
    """What the unique indexes of `0024_money.sql` forbid."""
    if entry.entry_id == other.entry_id:
        return True
    refunds = {entry.kind, other.kind} & {EntryKind.REFUND}
    if refunds:
        return entry.kind is other.kind and entry.refund_id == other.refund_id
    if (entry.rail, entry.transaction_id) == (other.rail, other.transaction_id):
        return True
    return entry.kind is other.kind is EntryKind.COLLECTION and entry.bill_id == other.bill_id


def _total(entry: BookEntry, account: Account) -> int:
    return sum(line.amount for line in entry.lines if line.account is account)
