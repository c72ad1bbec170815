"""The rail's word about a day: its own list; where it has none, its answer about each open attempt and a sample of the
ended ones; where it cannot be asked either, the statement lines that carry its references."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from gateway.domain import Context, local_day
from gateway.exchange.model import Exchange
from gateway.payments.books import EntryKind
from gateway.payments.model import Payment, Source
from gateway.payments.store import Books, PaymentStore
from gateway.reconciliation.model import LOOK_BACK_DAYS, RailSays, RemoteLine, StatementLine, View
from gateway.reconciliation.store import StatementStore
from gateway.sdk import ConfigurationError, GatewayError, ProtocolViolation

LIST, QUERY = "list_transactions", "query_payment"
NO_LIST = "operator.no_transaction_list"
PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OurSide:
    """What is compared."""

    books: Books
    payments: PaymentStore
    statements: StatementStore


class RailViews:
    """`sample`: of payments that ended, one in so many is asked about where the rail has no list."""

    def __init__(self, ours: OurSide, exchange: Exchange, *, clock: Callable[[], datetime], sample: int) -> None:
        self._ours = ours
        self._exchange = exchange
        self._clock = clock
        self._sample = sample

    async def of(self, rail: str, day: date, *, context: Context) -> RailSays:
        """`GatewayError` when the rail should have answered and did not: then there is nothing to compare with."""
        try:
            if self._exchange.offers(LIST, target=rail):
                return await self._listed(rail, day, context=context)
        except ConfigurationError as exc:
            if exc.error_code != NO_LIST:
                raise
        if self._exchange.offers(QUERY, target=rail):
            return await self._asked(rail, day, context=context)
        return await self._on_statements(rail, day, context=context)

    async def _listed(self, rail: str, day: date, *, context: Context) -> RailSays:
        """The days beside it matter as far as they have come: money of 23:59:58 may stand on the next list."""
        today = local_day(self._clock())
        beside = [day - timedelta(days=1), *(day + timedelta(days=n) for n in range(1, LOOK_BACK_DAYS + 1))]
        around: list[RemoteLine] = []
        lines = await self._list(rail, day, context=context)
        for other in beside:
            if other <= today:
                around += await self._list(rail, other, context=context)
        return RailSays(rail=rail, view=View.LIST, lines=lines, around=around)

    async def _list(self, rail: str, day: date, *, context: Context) -> Sequence[RemoteLine]:
        exchanged = await self._exchange.ask(LIST, {"day": day.isoformat()}, context=context, target=rail)
        told = exchanged.canonical
        lines = [_remote(line, day) for line in told.get("lines", ())]
        _check_complete(told, lines)
        return lines

    async def _asked(self, rail: str, day: date, *, context: Context) -> RailSays:
        first = day - timedelta(days=LOOK_BACK_DAYS)
        asked: set[str] = set()
        lines = []
        attempts = await self._ours.payments.open_on(context.tenant, rail, first=first, last=day)
        ended = await self._ours.payments.ended_on(context.tenant, rail, first=day, last=day)  # money may come late
        for attempt in [*attempts, *ended, *await self._sampled(rail, day, context=context)]:
            told = await self.ask(attempt, context=context)
            if told is None or attempt.reference in asked:
                continue
            asked.add(attempt.reference)
            if told:
                lines.append(_answered(told, attempt, day))
        waits = {attempt.reference for attempt in attempts}  # its own day may be closed, and is not compared again then
        late = [line for line in lines if line.listed_on < day and line.reference in waits]
        of_day = [line for line in lines if line.listed_on == day]
        around = [line for line in lines if line.listed_on != day and line not in late]
        return RailSays(rail=rail, view=View.QUERY, lines=[*of_day, *late], around=around, asked=asked)

    async def ask(self, attempt: Payment, *, context: Context) -> Mapping[str, Any] | None:
        """What the rail says of one attempt; empty: nothing final; None: it could not be asked."""
        question = {"reference": attempt.reference, "initiated_at": attempt.created_at.isoformat()}
        if attempt.transaction_id:
            question["transaction_id"] = attempt.transaction_id
        try:
            exchanged = await self._exchange.ask(
                QUERY, question, context=context, reference=attempt.payment_id, target=attempt.system
            )
        except GatewayError:
            return None
        return exchanged.canonical

    async def _sampled(self, rail: str, day: date, *, context: Context) -> Sequence[Payment]:
        found: list[Payment] = []
        async for page in self._ours.books.of_days(context.tenant, rail, first=day, last=day):
            chosen = [
                line.reference
                for line in page
                if line.kind is not EntryKind.REFUND and zlib.crc32(line.reference.encode()) % self._sample == 0
            ]
            if chosen:
                found += await self._ours.payments.by_references(context.tenant, rail, chosen)
        return found

    async def _on_statements(self, rail: str, day: date, *, context: Context) -> RailSays:
        """The bank's day is all that is known of when: what the books have on another day is late there."""
        lines: list[RemoteLine] = []
        last = day + timedelta(days=LOOK_BACK_DAYS)
        async for page in self._ours.statements.of_days(context.tenant, first=day, last=last):
            for part in _pages([line for line in page if line.reference], PAGE):
                references = [line.reference for line in part]
                known = await self._ours.payments.by_references(context.tenant, rail, references)
                ours = {payment.reference for payment in known}
                lines += [_stated(line) for line in part if line.reference in ours]
        of_day = [line for line in lines if line.listed_on == day]
        around = [line for line in lines if line.listed_on != day]
        asked = {line.reference for line in lines}
        return RailSays(rail=rail, view=View.STATEMENT, lines=of_day, around=around, asked=asked)


def _check_complete(told: Mapping[str, Any], lines: Sequence[RemoteLine]) -> None:
    """A list that was cut short must not make money look lost."""
    count, total = told.get("count", len(lines)), told.get("total")
    if count != len(lines) or (total is not None and total != sum(line.amount for line in lines)):
        raise ProtocolViolation(
            "The list of transactions does not add up to its own count and total.",
            vi="Danh sách giao dịch không khớp số dòng và tổng tiền ghi trong chính nó",
            what="list_incomplete",
        )


def _remote(line: Mapping[str, Any], day: date) -> RemoteLine:
    return RemoteLine(
        transaction_id=str(line.get("transaction_id") or ""),
        reference=str(line.get("reference") or ""),
        refund=line.get("kind") == "refund",
        status=str(line["status"]),
        amount=int(line["amount"]),
        currency=str(line.get("currency") or "VND"),
        listed_on=day,
        paid_at=str(line.get("paid_at") or ""),
        account=str(line.get("beneficiary_account") or ""),
        bank_code=str(line.get("bank_code") or ""),
    )


def _answered(told: Mapping[str, Any], attempt: Payment, day: date) -> RemoteLine:
    """The day of an answer is that of its payment, so it is never late."""
    paid_at = str(told.get("paid_at") or "")
    on = local_day(datetime.fromisoformat(paid_at)) if paid_at else local_day(attempt.paid_at or attempt.created_at)
    return _remote({**told, "reference": attempt.reference}, on if told["status"] == "paid" else day)


def _stated(line: StatementLine) -> RemoteLine:
    return RemoteLine(
        transaction_id=line.transaction_id,
        reference=line.reference,
        refund=line.amount < 0,
        amount=abs(line.amount),
        listed_on=line.day,
        account=line.account,
        source=Source.STATEMENT,
    )


def _pages(lines: Sequence[StatementLine], size: int) -> Iterable[Sequence[StatementLine]]:
    return (lines[start : start + size] for start in range(0, len(lines), size))
