"""A month of payments as three sides tell it, with discrepancies whose true names are known.

Every day is made from its own seed, so a day can be made again and a month needs no memory. Shared by the tests and by
`bench/reconciliation.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import orjson

from gateway.domain import VIETNAM, Context
from gateway.exchange.model import Exchanged
from gateway.reconciliation.model import OpenRefund, StatementLine
from gateway.reconciliation.statements import keyed
from gateway.sdk import Answered, Pending

RAIL = "vnpay"
ACCOUNTS = ("3511000000001", "3511000000002", "3521000000003")
RAIL_KINDS = (
    "local_only", "remote_only", "amount_mismatch", "status_mismatch", "duplicate_paid", "late", "refund_pending",
    "refund_mismatch", "account_mismatch", "unknown_reference", "transaction_differs", "currency_mismatch",
)  # fmt: skip
BANK_KINDS = ("statement_missing", "statement_only")
KINDS = RAIL_KINDS + BANK_KINDS
PAID_HERE = {"", "local_only", "amount_mismatch", "late", "refund_pending", "refund_mismatch", "account_mismatch",
             "transaction_differs", "currency_mismatch", "statement_missing", "duplicate_paid", "refunded"}  # fmt: skip


@dataclass
class Day:
    """One day of each side. `spilled`: what the rail puts on the next day's list. `truth`: (rail, key) to kind."""

    day: date
    bills: list[dict[str, Any]] = field(default_factory=list)
    payments: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    spilled: list[dict[str, Any]] = field(default_factory=list)
    statement: list[StatementLine] = field(default_factory=list)
    """Of money of this day; some of it stands on the next day's statement."""
    refunds: list[OpenRefund] = field(default_factory=list)
    truth: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Month:
    """`payments` over `days` from `first` on; one in `1 / share` is wrong, of every kind in turn."""

    first: date
    payments: int
    days: int = 30
    share: float = 0.01
    seed: int = 20261101

    def all_days(self) -> Iterator[date]:
        return (self.first + timedelta(days=n) for n in range(self.days))

    def of(self, day: date) -> Day:
        return _made(self, day)

    def rails_list(self, day: date) -> list[dict[str, Any]]:
        """What the rail lists under a day."""
        return [*self.of(day - timedelta(days=1)).spilled, *self.of(day).lines]

    def statement_of(self, day: date) -> Mapping[str, Sequence[StatementLine]]:
        """The statement of a day, by account."""
        near = [*self.of(day - timedelta(days=1)).statement, *self.of(day).statement]
        found = {account: [line for line in near if (line.account, line.day) == (account, day)] for account in ACCOUNTS}
        return {account: keyed(lines) for account, lines in found.items() if lines}

    def truth(self) -> dict[tuple[date, str, str], str]:
        return {(day, *name): kind for day in self.all_days() for name, kind in self.of(day).truth.items()}

    def refunds_of(self, day: date) -> Sequence[OpenRefund]:
        """What we asked the rail to give back and heard nothing of."""
        return _refunds(self, day)


@lru_cache(maxsize=64)
def _refunds(month: Month, day: date) -> Sequence[OpenRefund]:
    return tuple(month.of(day).refunds)


@lru_cache(maxsize=8)
def _listed(month: Month, day: date) -> bytes:
    """As it comes over the line: a made day is large."""
    return orjson.dumps(month.rails_list(day))


@lru_cache(maxsize=3)
def _made(month: Month, day: date) -> Day:
    number = (day - month.first).days
    made = Day(day=day)
    if not 0 <= number < month.days:
        return made
    count = month.payments // month.days + (number < month.payments % month.days)
    before = number * (month.payments // month.days) + min(number, month.payments % month.days)
    chance = random.Random(month.seed + number)
    every = round(1 / month.share)
    for place in range(before, before + count):
        wrong, turn = place % every == 7, place // every
        kind = (
            KINDS[turn % len(KINDS)]
            if wrong
            else ("refunded" if place % 97 == 5 else "failed" if place % 61 == 5 else "")
        )
        _Maker(made, place, chance, kind).make()
    return made


class _Maker:
    """One payment on every side."""

    def __init__(self, made: Day, place: int, chance: random.Random, kind: str) -> None:
        self.made = made
        self.kind = kind
        self.name = f"P{place:012d}"
        self.transaction = f"T{place:012d}"
        self.account = ACCOUNTS[place % len(ACCOUNTS)]
        self.charge = chance.choice((0, 10_000, 30_000))
        self.fee = (
            chance.choice((20_000, 150_000, 3_000_000_000)) if place % 50 == 0 else chance.randrange(1, 500) * 1000
        )
        second = 86_398 if kind == "late" else chance.randrange(86_400)
        self.at = datetime.combine(made.day, time(), VIETNAM) + timedelta(seconds=second)
        self.banked = made.day + timedelta(days=1 if chance.random() < 0.2 else 0)

    @property
    def amount(self) -> int:
        return self.fee + self.charge

    def make(self) -> None:
        kind = self.kind
        if kind == "statement_only":
            self._bank(self.amount, reference=f"X{self.name}", own_day=True)
        elif kind == "unknown_reference":
            self._line(reference=f"Z{self.name}")
            self._bank(self.amount, reference=f"Z{self.name}")
            self._is(self.transaction)
        else:
            self._ours(kind)

    def _ours(self, kind: str) -> None:
        paid = kind in PAID_HERE
        state = {"remote_only": "opened", "status_mismatch": "failed", "failed": "failed"}.get(kind, "paid")
        self._bill("paid" if paid else "unpaid")
        self._payment(state)
        if paid:
            self._entry()
        if kind == "failed":
            self._line(status="failed")
        elif kind == "duplicate_paid":
            self._duplicate()
        elif kind in {"refund_pending", "refund_mismatch", "refunded"}:
            self._refund()
        else:
            self._wrong_line()
        if kind not in {"failed", "statement_missing", "local_only"}:
            self._bank(self.amount)

    def _wrong_line(self) -> None:
        changes: dict[str, dict[str, Any]] = {
            "amount_mismatch": {"amount": self.amount + 1000},
            "account_mismatch": {"beneficiary_account": "9999999999999"},
            "transaction_differs": {"transaction_id": f"D{self.name}"},
            "currency_mismatch": {"currency": "USD"},
        }
        if self.kind == "late":
            self.made.spilled.append(self._told())
        elif self.kind != "local_only":
            self._line(**changes.get(self.kind, {}))
        if self.kind == "statement_missing":
            self.made.truth["bank", f"{RAIL}:{self.transaction}"] = self.kind
        elif self.kind in RAIL_KINDS:
            self._is(self.transaction)

    def _duplicate(self) -> None:
        """A second attempt at the same bill, which expired here and was paid there."""
        self._line()
        first, second = self.name, f"Q{self.name[1:]}"
        self.made.payments.append({**self.made.payments[-1], "payment_id": second, "reference": second,
                                   "state": "expired", "transaction_id": "", "paid_at": None})  # fmt: skip
        self._line(reference=second, transaction_id=f"U{first}")
        self._bank(self.amount, reference=second)
        self._is(f"U{first}")

    def _refund(self) -> None:
        number = f"R{self.name}"
        self._line()
        self._line(transaction_id=number, kind="refund", status="refunded")
        self._bank(-self.amount, transaction_id=number)
        if self.kind == "refunded":
            self._entry(kind="refund", transaction_id=number, refund_id=number, sign=-1)
            return
        if self.kind == "refund_pending":
            self.made.refunds.append(OpenRefund(reference=self.name, refund_id=number, amount=self.amount))
        self._is(f"refund:{number}")

    def _is(self, key: str) -> None:
        self.made.truth[RAIL, key] = self.kind

    def _bill(self, state: str) -> None:
        self.made.bills.append({"bill_id": self.name, "dossier_code": f"H99.01-{self.name}", "amount": self.amount,
                                "state": state, "beneficiary": self.account, "at": self.at})  # fmt: skip
        self.made.bills[-1]["lines"] = [
            {"kind": name, "code": name, "name": name, "amount": part}
            for name, part in (("fee", self.fee), ("charge", self.charge))
            if part
        ]

    def _payment(self, state: str) -> None:
        paid = state == "paid"
        self.made.payments.append({"payment_id": self.name, "bill_id": self.name, "dossier_code": f"H99.01-{self.name}",
                                   "amount": self.amount, "state": state, "reference": self.name, "at": self.at,
                                   "transaction_id": self.transaction if paid else "",
                                   "paid_at": self.at if paid else None})  # fmt: skip

    def _entry(self, kind: str = "collection", *, transaction_id: str = "", refund_id: str = "", sign: int = 1) -> None:
        parts = [("rail", RAIL, sign * self.amount), ("fee", self.account, -sign * self.fee)]
        parts += [("charge", self.account, -sign * self.charge)] if self.charge else []
        self.made.entries.append({"entry_id": f"{kind}:{self.name}", "kind": kind, "bill_id": self.name,
                                  "transaction_id": transaction_id or self.transaction, "payment_id": self.name,
                                  "refund_id": refund_id, "day": self.made.day, "at": self.at,
                                  "lines": parts})  # fmt: skip

    def _told(self, **changes: Any) -> dict[str, Any]:
        return {"transaction_id": self.transaction, "reference": self.name, "kind": "payment", "status": "paid",
                "amount": self.amount, "currency": "VND", "paid_at": self.at.isoformat(),
                "beneficiary_account": self.account, **changes}  # fmt: skip

    def _line(self, **changes: Any) -> None:
        self.made.lines.append(self._told(**changes))

    def _bank(self, amount: int, *, reference: str = "", transaction_id: str = "", own_day: bool = False) -> None:
        line = StatementLine(
            account=self.account,
            day=self.made.day if own_day else self.banked,
            transaction_id=transaction_id,
            reference=reference or ("" if transaction_id else self.name),
            amount=amount,
        )
        if own_day:
            line = keyed([line])[0]
            self.made.truth["bank", f"line:{line.key[:32]}"] = self.kind
        self.made.statement.append(line)


class ListingRail:
    """The exchange to a rail that lists its days and answers no question with an end."""

    def __init__(self, month: Month) -> None:
        self.month = month
        self.listed = 0

    def offers(self, operation: str, *, target: str) -> bool:
        return operation in {"list_transactions", "query_payment"}

    async def ask(
        self,
        operation: str,
        canonical: Mapping[str, Any],
        *,
        context: Context,
        reference: str = "",
        target: str = "",
    ) -> Exchanged:
        if operation == "query_payment":
            outcome: Any = Pending(reference=reference, look_again_after_s=3600)
            return Exchanged(system=target, outcome=outcome, call_id="C", audit_index=0)
        lines = orjson.loads(_listed(self.month, date.fromisoformat(canonical["day"])))
        self.listed += 1
        told = {"lines": lines, "count": len(lines), "total": sum(line["amount"] for line in lines)}
        return Exchanged(system=target, outcome=Answered(body={}), call_id="C", audit_index=0, canonical=told)


async def fill(database: Any, month: Month, *, tenant: str, seal: Any) -> None:
    """Bills, attempts and the books of the whole month, into the tables of `0024_money.sql`."""
    for day in month.all_days():
        made = month.of(day)
        async with database.transaction() as connection, connection.cursor() as cursor:
            for table, rows in _tables(made, seal):
                columns = ", ".join(("tenant", *rows[0]))
                async with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        await copy.write_row((tenant, *row.values()))
    async with database.transaction() as connection:  # a bulk load is no day's work: what autovacuum would learn
        await connection.execute("ANALYZE bill, payment, book_entry, book_line")


def _tables(made: Day, seal: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows by table. A bill's document names its agency: one for each account."""
    nothing, days = seal(b"{}"), {"created_at", "updated_at"}
    yield (
        "bill",
        [
            {
                **{name: bill[name] for name in ("bill_id", "dossier_code", "amount", "state", "beneficiary")},
                "currency": "VND",
                "matter": "",
                "document": seal(orjson.dumps({"lines": bill["lines"], "agency_id": f"H99.{bill['beneficiary'][-1]}"})),
                **dict.fromkeys(days, bill["at"]),
            }
            for bill in made.bills
        ],
    )
    yield (
        "payment",
        [
            {
                **{name: value for name, value in one.items() if name != "at"},
                "currency": "VND",
                "system": RAIL,
                "document": nothing,
                **dict.fromkeys(days, one["at"]),
            }
            for one in made.payments
        ],
    )
    yield (
        "book_entry",
        [
            {
                **{name: value for name, value in entry.items() if name not in {"at", "lines"}},
                "rail": RAIL,
                "currency": "VND",
                "source": "notice",
                **dict.fromkeys(("occurred_at", "posted_at"), entry["at"]),
            }
            for entry in made.entries
        ],
    )
    yield (
        "book_line",
        [
            {"entry_id": entry["entry_id"], "place": place, "account": account, "party": party, "amount": amount}
            for entry in made.entries
            for place, (account, party, amount) in enumerate(entry["lines"], start=1)
        ],
    )
