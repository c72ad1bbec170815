"""Books against the statements of the bank or the Treasury, for one day, over all rails. Pure.

A bank passes money on in the same transaction day or before 10:00 of the next one (NĐ 252/2026 Art 61), so a line may
stand on a later day; it is missing only when the account's statements reach past that day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from gateway.cases.model import CaseKind
from gateway.payments.books import BookLine, EntryKind
from gateway.reconciliation.matching import key_of_book
from gateway.reconciliation.model import Finding, StatementLine
from gateway.reconciliation.tally import Tally


class BankMatch:
    """One comparison. `take` every page of every rail's books of the days around, then `rest`."""

    def __init__(
        self,
        day: date,
        lines: Iterable[StatementLine],
        *,
        settled_by: date,
        covered: Mapping[str, date],
        skip: Collection[str] = (),
    ) -> None:
        """`lines`: from this day to `settled_by`, the day on which the money must be there. `covered`: the last day of
        each account's statements. `skip`: numbers and references that already have a finding."""
        self.day = day
        self.matched = self.not_compared = 0
        self.tally = Tally()
        self._settled_by = settled_by
        self._covered = covered
        self._skip = skip
        self._used: set[str] = set()
        self._by_name: dict[tuple[str, bool], StatementLine] = {}
        self._own: list[StatementLine] = []
        for line in lines:
            for name in filter(None, (line.transaction_id, line.reference)):
                self._by_name.setdefault((name, line.amount < 0), line)
            if line.day == day:
                self._own.append(line)
                self.tally.add(("account", line.account, "bank"), line.amount)

    def take(self, page: Sequence[BookLine]) -> Iterator[Finding]:
        for book in page:
            line = self._line_of(book)
            if line is not None:
                self._used.add(line.key)
            if line is not None and (book.day == self.day) != (line.day == self.day):
                side = "bank_late" if book.day == self.day else "bank_other_days"
                self.tally.add(("account", line.account, side), line.amount)
            if book.day != self.day:
                continue
            self.tally.book(book)
            finding = self._missing(book) if line is None else _compared(book, line)
            if finding is not None:
                yield finding
            elif line is not None:
                self.matched += 1

    def rest(self) -> Iterator[Finding]:
        """Lines of the day that no book has."""
        for line in self._own:
            if line.key in self._used or self._skip_line(line):
                continue
            facts: dict[str, str | int] = {"account": line.account, "listed_amount": line.amount}
            if line.transaction_id:
                facts["listed_transaction"] = line.transaction_id
            yield Finding(
                kind=CaseKind.STATEMENT_ONLY, key=f"line:{line.key[:32]}", reference=line.reference, facts=facts
            )

    def _line_of(self, book: BookLine) -> StatementLine | None:
        out = book.kind is EntryKind.REFUND
        by_number = self._by_name.get((book.transaction_id, out)) if book.transaction_id else None
        return by_number or self._by_name.get((book.reference, out))

    def _missing(self, book: BookLine) -> Finding | None:
        reached = self._covered.get(book.beneficiary)
        if key_of_book(book) in self._skip or reached is None or reached < self._settled_by:
            self.not_compared += 1
            return None
        facts: dict[str, str | int] = {"account": book.beneficiary, "amount": book.amount, "rail": book.rail}
        return Finding(kind=CaseKind.STATEMENT_MISSING, key=_key(book), reference=book.reference, facts=facts)

    def _skip_line(self, line: StatementLine) -> bool:
        names = {line.transaction_id, line.reference} - {""}
        return any(name in self._skip for name in names) or f"refund:{line.transaction_id}" in self._skip


def _compared(book: BookLine, line: StatementLine) -> Finding | None:
    facts: dict[str, str | int] = {"account": line.account, "rail": book.rail}
    if line.amount != book.amount:
        kind = CaseKind.AMOUNT_MISMATCH
        facts |= {"amount": book.amount, "listed_amount": line.amount}
    elif line.account != book.beneficiary:
        kind = CaseKind.ACCOUNT_MISMATCH
        facts["expected_account"] = book.beneficiary
    else:
        return None
    return Finding(kind=kind, key=_key(book), reference=book.reference, facts=facts)


def _key(book: BookLine) -> str:
    return f"{book.rail}:{key_of_book(book)}"
