"""Bills, payments, the books and the inbox in PostgreSQL; payers' details are sealed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson

from gateway.database import Database, columns, queries
from gateway.database.arrays import Bytes, Flags, Kinds, Moments, Numbers, Texts, arrays
from gateway.domain import VIETNAM
from gateway.payments.books import BookEntry, BookLine, EntryKind
from gateway.payments.model import Bill, BillState, Payment, PaymentState
from gateway.payments.store import InitTold
from gateway.sdk.errors import IntegrityError
from gateway.signing.model import Sealer

SQL = queries("payments")
BILL, PAYMENT = "bill", "payment"
PAGE = 1000
BILLS: Kinds = {
    **dict.fromkeys(("tenant", "bill_id", "dossier_code"), Texts),
    "amount": Numbers,
    **dict.fromkeys(("currency", "state", "matter", "beneficiary"), Texts),
    "document": Bytes,
    **dict.fromkeys(("created_at", "updated_at"), Moments),
}
PAYMENTS: Kinds = {
    **dict.fromkeys(("tenant", "payment_id", "bill_id", "dossier_code"), Texts),
    "amount": Numbers,
    **dict.fromkeys(("currency", "state", "system", "reference", "pay_url", "transaction_id"), Texts),
    "document": Bytes,
    "excess": Flags,
    "notices": Numbers,
    **dict.fromkeys(("paid_at", "created_at", "updated_at"), Moments),
}
TOLD: Kinds = dict.fromkeys(("payment_id", "state", "pay_url"), Texts)


class PostgresBills:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, *bills: Bill) -> None:
        rows = [{**_bill_row(bill), "document": self._sealed(bill)} for bill in bills]
        await self._database.run(SQL["add_bills"], arrays(rows, BILLS))

    def _sealed(self, bill: Bill) -> bytes:
        purpose = _purpose(BILL, bill.tenant, bill.bill_id)
        return self._sealer.seal(orjson.dumps(dict(bill.document)), purpose=purpose)

    async def find(self, tenant: str, bill_id: str) -> Bill | None:
        return await self._one("find_bill", tenant, bill_id)

    async def lock(self, tenant: str, bill_id: str) -> Bill | None:
        return await self._one("lock_bill", tenant, bill_id)

    async def save(self, bill: Bill) -> None:
        values = {"tenant": bill.tenant, "bill_id": bill.bill_id, "state": bill.state.value}
        await self._database.run(SQL["save_bill"], {**values, "updated_at": bill.updated_at})

    async def of_dossier(self, tenant: str, dossier_code: str) -> Sequence[Bill]:
        cursor = await self._database.run(SQL["bills_of_dossier"], {"tenant": tenant, "code": dossier_code})
        return [self._bill(row) for row in await cursor.fetchall()]

    async def lock_dossiers(self, tenant: str, codes: Sequence[str]) -> None:
        await self._database.run(SQL["lock_dossiers"], {"tenant": tenant, "codes": Texts(codes)})

    async def lock_all(self, tenant: str, bill_ids: Sequence[str], *, dossiers: Sequence[str]) -> Sequence[Bill]:
        values = {"tenant": tenant, "ids": Texts(bill_ids), "codes": Texts(dossiers)}
        return [self._bill(row) for row in await (await self._database.run(SQL["lock_bills"], values)).fetchall()]

    async def _one(self, name: str, tenant: str, bill_id: str) -> Bill | None:
        row = await (await self._database.run(SQL[name], {"tenant": tenant, "bill_id": bill_id})).fetchone()
        return None if row is None else self._bill(row)

    def _bill(self, row: dict[str, Any]) -> Bill:
        document = _opened(self._sealer, row, purpose=_purpose(BILL, row["tenant"], row["bill_id"]))
        return Bill(**{**row, "state": BillState(row["state"]), "document": document})


class PostgresPayments:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, *payments: Payment) -> None:
        rows = [{**_row(payment), "document": self._sealed(payment)} for payment in payments]
        await self._database.run(SQL["add"], arrays(rows, PAYMENTS))

    def _sealed(self, payment: Payment) -> bytes:
        purpose = _purpose(PAYMENT, payment.tenant, payment.payment_id)
        return self._sealer.seal(orjson.dumps(dict(payment.document)), purpose=purpose)

    async def several(self, tenant: str, payment_ids: Sequence[str]) -> Sequence[Payment]:
        values = {"tenant": tenant, "payment_ids": Texts(payment_ids)}
        return [self._payment(row) for row in await (await self._database.run(SQL["several"], values)).fetchall()]

    async def told(self, told: Sequence[InitTold], *, at: datetime) -> Sequence[Payment]:
        known = {each.payment.payment_id: each.payment for each in told}
        rows = [{"payment_id": e.payment.payment_id, "state": e.state.value, "pay_url": e.pay_url} for e in told]
        values = {"tenant": told[0].payment.tenant, "at": at, **arrays(rows, TOLD)}
        after = await (await self._database.run(SQL["told"], values)).fetchall()
        return [
            replace(known[row["payment_id"]], **{**row, "state": PaymentState(row["state"]), "updated_at": at})
            for row in after
        ]

    async def find(self, tenant: str, payment_id: str) -> Payment | None:
        return await self._one("find", tenant=tenant, payment_id=payment_id)

    async def by_reference(self, tenant: str, system: str, reference: str) -> Payment | None:
        return await self._one("by_reference", tenant=tenant, system=system, reference=reference)

    async def by_references(self, tenant: str, system: str, references: Sequence[str]) -> Sequence[Payment]:
        values = {"tenant": tenant, "system": system, "references": list(references)}
        cursor = await self._database.run(SQL["by_references"], values)
        return [_unread(row) for row in await cursor.fetchall()]

    async def lock(self, tenant: str, payment_id: str) -> Payment | None:
        return await self._one("lock", tenant=tenant, payment_id=payment_id)

    async def save(self, payment: Payment) -> None:
        await self._database.run(SQL["save"], _row(payment))

    async def state_of(self, tenant: str, dossier_code: str) -> str:
        cursor = await self._database.run(SQL["state_of"], {"tenant": tenant, "code": dossier_code})
        row: Any = await cursor.fetchone()
        return str(row["state"]) if row else "none"

    async def of_dossier(self, tenant: str, dossier_code: str) -> Sequence[Payment]:
        cursor = await self._database.run(SQL["of_dossier"], {"tenant": tenant, "code": dossier_code})
        return [self._payment(row) for row in await cursor.fetchall()]

    async def of_bill(self, tenant: str, bill_id: str) -> Sequence[Payment]:
        cursor = await self._database.run(SQL["of_bill"], {"tenant": tenant, "bill_id": bill_id})
        return [self._payment(row) for row in await cursor.fetchall()]

    async def open_on(self, tenant: str, system: str, *, first: date, last: date) -> Sequence[Payment]:
        return await self._begun_on("open_on", tenant, system, first=first, last=last)

    async def ended_on(self, tenant: str, system: str, *, first: date, last: date) -> Sequence[Payment]:
        return await self._begun_on("ended_on", tenant, system, first=first, last=last)

    async def _begun_on(self, name: str, tenant: str, system: str, *, first: date, last: date) -> Sequence[Payment]:
        since = datetime.combine(first, time(), VIETNAM)
        until = datetime.combine(last + timedelta(days=1), time(), VIETNAM)
        values = {"tenant": tenant, "system": system, "since": since, "until": until}
        return [_unread(row) for row in await (await self._database.run(SQL[name], values)).fetchall()]

    async def _one(self, name: str, **values: str) -> Payment | None:
        row = await (await self._database.run(SQL[name], values)).fetchone()
        return None if row is None else self._payment(row)

    def _payment(self, row: dict[str, Any]) -> Payment:
        document = _opened(self._sealer, row, purpose=_purpose(PAYMENT, row["tenant"], row["payment_id"]))
        return Payment(**{**row, "state": PaymentState(row["state"]), "document": document})


class PostgresBooks:
    """The constraints of `0024_money.sql` refuse what does not balance, whoever writes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def enter(self, entry: BookEntry) -> bool:
        values = {name: getattr(entry, name) for name in BookEntry.__slots__ if name != "lines"}
        lines = [{"place": place, **asdict(line)} for place, line in enumerate(entry.lines, start=1)]
        async with self._database.transaction() as connection:
            if (await connection.execute(SQL["enter"], values)).rowcount == 0:
                return False
            named = {"tenant": entry.tenant, "entry_id": entry.entry_id}
            await connection.execute(SQL["enter_lines"], {**named, **columns(lines)})
        return True

    async def of_days(self, tenant: str, rail: str, *, first: date, last: date) -> AsyncIterator[Sequence[BookLine]]:
        values: dict[str, Any] = {"tenant": tenant, "rail": rail, "first": first, "last": last, "limit": PAGE}
        after_day, after, after_id = first, "", ""
        while True:
            cursor = await self._database.run(
                SQL["of_days"], {**values, "after_day": after_day, "after": after, "after_id": after_id}
            )
            page = [BookLine(**{**row, "kind": EntryKind(row["kind"])}) for row in await cursor.fetchall()]
            if page:
                yield page
            if len(page) < PAGE:
                return
            after_day, after, after_id = page[-1].day, page[-1].transaction_id, page[-1].entry_id

    async def sums(self, tenant: str, rail: str, *, first: date, last: date) -> Mapping[date, tuple[int, int]]:
        values = {"tenant": tenant, "rail": rail, "first": first, "last": last}
        rows = await (await self._database.run(SQL["sums"], values)).fetchall()
        return {row["day"]: (row["count"], row["amount"]) for row in rows}

    async def balance(self, tenant: str) -> int:
        row: Any = await (await self._database.run(SQL["balance"], {"tenant": tenant})).fetchone()
        return int(row["balance"])


class PostgresInbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, tenant: str, *, system: str, event: str, key: str, now: datetime) -> str | None:
        values = {"tenant": tenant, "system": system, "event": event, "key": key, "now": now}
        row: Any = await (await self._database.run(SQL["take"], values)).fetchone()
        return None if row["deliveries"] == 1 else str(row["result"])

    async def conclude(self, tenant: str, *, system: str, event: str, key: str, result: str) -> None:
        values = {"tenant": tenant, "system": system, "event": event, "key": key, "result": result}
        await self._database.run(SQL["conclude"], values)


def _purpose(kind: str, tenant: str, name: str) -> str:
    """So that nothing sealed can stand in another row's place."""
    return f"{kind}/{tenant}/{name}"


def _opened(sealer: Sealer, row: dict[str, Any], *, purpose: str) -> Any:
    """Documents of before 0024 were sealed to no row, and those of bills of then are copies of them."""
    try:
        return orjson.loads(sealer.unseal(row["document"], purpose=purpose))
    except IntegrityError:
        return orjson.loads(sealer.unseal(row["document"], purpose=PAYMENT))


def _bill_row(bill: Bill) -> dict[str, Any]:
    columns = {name: getattr(bill, name) for name in Bill.__slots__ if name != "document"}
    return {**columns, "state": bill.state.value}


def _row(payment: Payment) -> dict[str, Any]:
    columns = {name: getattr(payment, name) for name in Payment.__slots__ if name != "document"}
    return {**columns, "state": payment.state.value}


def _unread(row: dict[str, Any]) -> Payment:
    return Payment(**{**row, "state": PaymentState(row["state"]), "document": {}})
