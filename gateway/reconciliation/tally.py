"""Control totals, counted while the lines go by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.payments.books import BookLine, EntryKind
from gateway.reconciliation.model import RemoteLine, Total

KIND_PARTS = ("fee", "charge", "owed")


class Tally:
    """Counts and sums by (group, name, side)."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, str], list[int]] = {}

    def add(self, name: tuple[str, str, str], amount: int) -> None:
        """`name`: its group, its own, and its side."""
        held = self._sums.setdefault(name, [0, 0])
        held[0] += 1
        held[1] += amount

    def book(self, line: BookLine) -> None:
        """One movement of the books: by rail, by the account that it went to, and what it was for."""
        if line.kind is EntryKind.REFUND:
            self.add(("refunds", line.rail, "books"), line.amount)
        else:
            self.add(("rail", line.rail, "books"), line.amount)
        self.add(("account", line.beneficiary, "books"), line.amount)
        owed = line.amount - line.fee - line.charge
        for name, part in zip(KIND_PARTS, (line.fee, line.charge, owed), strict=True):
            if part:
                self.add(("kind", name, "books"), part)

    def remote(self, rail: str, line: RemoteLine, *, side: str, account: str = "") -> None:
        """One line of the rail. Its own word about the account comes first, then what the books expect."""
        amount = -line.amount if line.refund else line.amount
        self.add(("refunds" if line.refund else "rail", rail, side), amount)
        self.add(("account", line.account or account, side), amount)

    def move(self, name: tuple[str, str, str], to: str, amount: int) -> None:
        """It was counted under another name of its group."""
        group, _, side = name
        held = self._sums[name]
        held[0] -= 1
        held[1] -= amount
        if held == [0, 0]:
            del self._sums[name]
        self.add((group, to, side), amount)

    def books_only(self, name: str) -> tuple[int, int]:
        """Count and sum that the books have at a rail, refunds included."""
        pairs = [self._sums.get((group, name, "books"), [0, 0]) for group in ("rail", "refunds")]
        return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)

    def totals(self) -> Sequence[Total]:
        return tuple(
            Total(group=group, name=name, side=side, count=count, amount=amount)
            for (group, name, side), (count, amount) in sorted(self._sums.items())
        )


def together(*tallies: Iterable[Total]) -> Sequence[Total]:
    """Several days or rails as one."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for total in (total for tally in tallies for total in tally):
        held = sums.setdefault((total.group, total.name, total.side), [0, 0])
        held[0] += total.count
        held[1] += total.amount
    return [
        Total(group=group, name=name, side=side, count=held[0], amount=held[1])
        for (group, name, side), held in sorted(sums.items())
    ]
