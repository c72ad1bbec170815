"""Books against the rail's word, for one day of one rail. Pure: whoever calls it reads the books page by page.

The rail's lines of the day stand in a dictionary and the books stream by once, so time is linear and memory is a day's.
A line is matched by its transaction number; what is left over on both sides is matched by reference. Money belongs to
the day of the books (the rail's own time of payment in UTC+7); a line of another day's list is late, not missing (F29).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.cases.model import CaseKind
from gateway.payments.books import BookLine, EntryKind
from gateway.reconciliation.model import Finding, RailSays, RemoteLine, key_of
from gateway.reconciliation.tally import Tally

PAID = {"paid", "refunded"}
"""What a rail says of money that moved."""
AS_ENTERED = {CaseKind.LATE, CaseKind.DUPLICATE_PAID}
"""What was so when the rail's word was entered. Anything else means that it says something else now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What earlier comparisons found. `settled`: keys whose finding stands (the money was entered by one of them);
    `closed`: the days that are history, with the keys of what was found on them."""

    settled: Collection[str] = ()
    closed: Mapping[date, Collection[str]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Rest:
    """What is left when all books went by: lines of the day that the rail does not show, and lines of the rail that no
    book has."""

    local: list[BookLine]
    remote: list[RemoteLine]


class DayMatch:
    """One comparison. `take` every page of the books of the days around, then `rest`."""

    def __init__(self, day: date, says: RailSays, *, known: Known | None = None) -> None:
        self.day = day
        self.rail = says.rail
        self.matched = self.not_compared = 0
        self.tally = Tally()
        self.loose: dict[str, RemoteLine] = {}
        """What no book had when all of them had gone by."""
        self._known = known or Known()
        self._asked = says.asked
        self._own: dict[str, RemoteLine] = {}
        self._twice: list[RemoteLine] = []
        for line in says.lines:
            if self._own.setdefault(line.key, line) is not line:
                self._twice.append(line)
        self._first = {line.key: self._own[line.key] for line in self._twice}
        self._around = {line.key: line for line in says.around}
        self._met: set[str] = set()
        self._local: list[BookLine] = []

    def take(self, page: Sequence[BookLine]) -> Iterator[Finding]:
        """What this page of the books is wrong about."""
        for book in page:
            key = key_of_book(book)
            own = self._own.pop(key, None)
            if key in self._around:
                self._met.add(key)
            if book.day == self.day:
                other = self._around.get(key)
                yield from self._of_the_day(book, own or other)
                if own is not None and other is not None and {own.status, other.status} <= PAID:
                    yield _again(other)
            elif own is not None:
                yield from self._of_another_day(book, own)

    def rest(self) -> tuple[Sequence[Finding], Rest]:
        """Lines of one payment under two numbers, a failed payment that we hold for paid; and the remainder."""
        left = [*self._own.values(), *self._twice]
        by_reference: dict[tuple[str, bool], list[RemoteLine]] = {}
        for line in left:
            by_reference.setdefault((line.reference, line.refund), []).append(line)
        found, local, taken = [], [], set[int]()
        for book in self._local:
            lines = by_reference.get((book.reference, book.kind is EntryKind.REFUND))
            if not lines or not book.reference:
                local.append(book)
                continue
            line = lines.pop(0)
            taken.add(id(line))
            self._count(line, "rail", book)
            finding = _under_another_number(book, line)
            self.matched += finding is None
            found += [finding] if finding else []
        remote = []
        for line in left:
            if id(line) in taken or line.status not in PAID:
                continue
            self._count(line, "rail")
            if self._is_again(line):
                found.append(_again(line))
            else:
                self.loose[line.key] = line
                remote.append(line)
        return found, Rest(local=local, remote=[*remote, *self._added_since()])

    def place(self, book: BookLine) -> None:
        """One line of the rail was entered into the books meanwhile: now its account and its day are known."""
        line = self.loose.pop(key_of_book(book), None)
        if line is None:
            return
        if not line.account and not line.refund:
            self.tally.move(("account", "", "rail"), book.beneficiary, line.amount)
        if book.day != self.day:
            self._count(line, "rail_other_days", book)

    def _added_since(self) -> Iterator[RemoteLine]:
        """What the rail has put on the list of a day that is closed, so that no later run of that day sees it."""
        for key, line in self._around.items():
            if line.listed_on > self.day or line.status not in PAID or key in self._met or key in self._known.settled:
                continue
            found = self._known.closed.get(line.listed_on)
            if found is not None and key not in found:
                yield line

    def _is_again(self, line: RemoteLine) -> bool:
        """The same money under the same number once more. With another amount it is compared as any other."""
        first = self._first.get(line.key)
        return first is not None and first is not line and first.amount == line.amount and not line.refund

    def _of_the_day(self, book: BookLine, line: RemoteLine | None) -> Iterator[Finding]:
        if line is None:
            if self._asked is None or book.reference in self._asked:
                self._local.append(book)
            elif key_of_book(book) not in self._known.settled:
                self.not_compared += 1
            return
        self._count(line, "rail" if line.listed_on == self.day else "rail_late", book)
        finding = compare(book, line)
        if line.key in self._known.settled and (finding is None or finding.kind in AS_ENTERED):
            return
        if finding is None:
            self.matched += 1
        else:
            yield finding

    def _of_another_day(self, book: BookLine, line: RemoteLine) -> Iterator[Finding]:
        """Its own day's comparison looks at this day's list, too; unless that day is closed and did not see it."""
        self._count(line, "rail", book)
        self._count(line, "rail_other_days", book)
        seen = self._known.closed.get(book.day)
        if seen is None or line.key in seen or line.key in self._known.settled:
            return
        finding = compare(book, line) or _late(book, line)
        yield Finding(
            kind=finding.kind, key=finding.key, reference=finding.reference, facts=finding.facts, linked_day=book.day
        )

    def _count(self, line: RemoteLine, side: str, book: BookLine | None = None) -> None:
        if line.status in PAID:
            self.tally.remote(self.rail, line, side=side, account=book.beneficiary if book else "")


def compare(book: BookLine, line: RemoteLine) -> Finding | None:
    """One movement on both sides: None where they agree, the day included. The gravest difference names it."""
    refund = book.kind is EntryKind.REFUND
    facts: dict[str, str | int] = {}
    kind = None
    if book.day != line.listed_on:
        kind = CaseKind.LATE
        facts |= {"day": book.day.isoformat(), "listed_on": line.listed_on.isoformat()}
    if book.kind is EntryKind.EXCESS:
        kind = CaseKind.DUPLICATE_PAID
        facts |= {"amount": book.amount}
    if line.account and not refund and line.account != book.beneficiary:
        kind = CaseKind.ACCOUNT_MISMATCH
        facts |= {"expected_account": book.beneficiary, "account": line.account}
    if line.reference and line.reference != book.reference:
        kind = CaseKind.TRANSACTION_DIFFERS
        facts |= {"listed_reference": line.reference}
    if line.status not in PAID:
        kind = CaseKind.REFUND_MISMATCH if refund else CaseKind.STATUS_MISMATCH
        facts |= {"status": line.status, "amount": abs(book.amount)}
    if line.currency != book.currency:
        kind = CaseKind.CURRENCY_MISMATCH
        facts |= {"currency": book.currency, "listed_currency": line.currency}
    if line.amount != abs(book.amount):
        kind = CaseKind.REFUND_MISMATCH if refund else CaseKind.AMOUNT_MISMATCH
        facts |= {"amount": abs(book.amount), "listed_amount": line.amount}
    return Finding(kind=kind, key=key_of_book(book), reference=book.reference, facts=facts) if kind else None


def key_of_book(book: BookLine) -> str:
    return key_of(book.transaction_id or book.reference, refund=book.kind is EntryKind.REFUND)


def _again(line: RemoteLine) -> Finding:
    """The rail has the same transaction on its lists once more."""
    facts: dict[str, str | int] = {"listed_amount": line.amount, "listed_on": line.listed_on.isoformat()}
    return Finding(kind=CaseKind.DUPLICATE_PAID, key=f"again:{line.key}", reference=line.reference, facts=facts)


def _late(book: BookLine, line: RemoteLine) -> Finding:
    facts: dict[str, str | int] = {"day": book.day.isoformat(), "listed_on": line.listed_on.isoformat()}
    return Finding(kind=CaseKind.LATE, key=key_of_book(book), reference=book.reference, facts=facts)


def _under_another_number(book: BookLine, line: RemoteLine) -> Finding | None:
    """The same payment, but not the same transaction. A rail may number refunds anew, so those agree by reference."""
    refund = book.kind is EntryKind.REFUND
    facts: dict[str, str | int] = {"amount": abs(book.amount), "listed_amount": line.amount}
    if refund and line.status in PAID and line.amount == abs(book.amount):
        return None
    if refund:
        kind = CaseKind.REFUND_MISMATCH
    elif line.status not in PAID:
        kind, facts = CaseKind.STATUS_MISMATCH, {"amount": book.amount, "status": line.status}
    else:
        kind = CaseKind.TRANSACTION_DIFFERS
        facts["listed_transaction"] = line.transaction_id
    return Finding(kind=kind, key=key_of_book(book), reference=book.reference, facts=facts)
