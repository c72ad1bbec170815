"""Quarterly settlement of fees between the one-stop and the agencies (PAY-17), made of the books."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.payments.store import BillStore, Books
from gateway.sdk.errors import IntegrityError, UnprocessableError

PARTS = ("fee", "charge", "owed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What an agency is due of one kind on one account. `owed`: money that goes back to payers."""

    agency: str
    beneficiary: str
    kind: str
    count: int
    amount: int


def quarter(text: str) -> tuple[date, date]:
    """`2026Q4`: its first and last day. `UnprocessableError` for anything else."""
    found = re.fullmatch(r"(20\d\d)Q([1-4])", text)
    if found is None:
        raise UnprocessableError("A quarter is written 2026Q4.", vi="Quý phải ghi như 2026Q4.", what="quarter")
    year, number = int(found[1]), int(found[2])
    after = date(year + number // 4, number % 4 * 3 + 1, 1)
    return date(year, number * 3 - 2, 1), after - timedelta(days=1)


async def settlement(
    books: Books, bills: BillStore, *, tenant: str, rails: Sequence[str], days: tuple[date, date]
) -> Sequence[Settled]:
    """By agency, account and kind. `IntegrityError`: the parts are not what moved at the rails."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    moved = 0
    for rail in rails:
        async for page in books.of_days(tenant, rail, first=days[0], last=days[1]):
            for line in page:
                moved += line.amount
                bill = await bills.find(tenant, line.bill_id)
                agency = bill.agency_id if bill else ""
                parts = (line.fee, line.charge, line.amount - line.fee - line.charge)
                for kind, part in zip(PARTS, parts, strict=True):
                    if part:
                        held = sums.setdefault((agency, line.beneficiary, kind), [0, 0])
                        held[0] += 1
                        held[1] += part
    if sum(held[1] for held in sums.values()) != moved:
        raise IntegrityError("The settlement does not add up to the books.", vi="Quyết toán không khớp sổ cái.")
    return [
        Settled(agency=agency, beneficiary=account, kind=kind, count=held[0], amount=held[1])
        for (agency, account, kind), held in sorted(sums.items())
    ]


def as_csv(rows: Sequence[Settled]) -> str:
    """With a last line that adds everything up."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("agency", "beneficiary", "kind", "count", "amount"))
    writer.writerows((row.agency, row.beneficiary, row.kind, row.count, row.amount) for row in rows)
    writer.writerow(("TOTAL", "", "", sum(row.count for row in rows), sum(row.amount for row in rows)))
    return text.getvalue()
