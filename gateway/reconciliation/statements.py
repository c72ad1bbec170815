"""Read a statement (sao kê) that a bank or the Treasury gave as CSV. Pure and strict: one bad line refuses the file."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import islice

from gateway.reconciliation.model import Statement, StatementLine
from gateway.sdk.errors import FieldProblem, UnprocessableError

FIELDS = ("day", "transaction_id", "reference", "amount", "account", "content")
"""What a line may say. `day` and `amount` must be there, and `transaction_id` or `reference`."""
DAY_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")
LARGEST = 10**15
MOST_LINES = 50_000
"""Of one file; somebody waits for it."""
MOST_PROBLEMS = 1000
"""That are told of one file."""
LONGEST_AMOUNT = 21
"""Characters, with sign and groups."""
_AMOUNT = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+|\d{1,3}(\.\d{3})+)")
_NAME = re.compile(r"[0-9A-Za-z._:/-]{1,100}")


def read_statement(content: bytes, *, account: str, columns: Mapping[str, str]) -> Statement:
    """`account`: whose statement it is. `columns`: the file's own name of each of `FIELDS`, where it is another.

    Days are ISO or dd/mm/yyyy; amounts whole đồng, in groups of three or not, out of the account negative.
    `UnprocessableError` names every line and field that is wrong, up to `MOST_PROBLEMS`, never its value.
    """
    rows = _rows(content, {field: columns.get(field, field) for field in FIELDS})
    problems: list[FieldProblem] = []
    lines = []
    for number, row in rows:
        lines.append(_line(number, row, account=account, problems=problems))
        if len(problems) >= MOST_PROBLEMS:
            break
    if problems:
        raise UnprocessableError(
            f"{len(problems)} fields of the statement are wrong; nothing was taken.",
            vi=f"Sao kê có {len(problems)} chỗ sai; chưa nhập gì.",
            what="statement",
            fields=problems,
        )
    told = keyed([line for line in lines if line is not None])
    return Statement(account=account, sha256=hashlib.sha256(content).hexdigest(), lines=told)


def _rows(content: bytes, names: Mapping[str, str]) -> Sequence[tuple[int, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
        first = text.partition("\n")[0]
        delimiter = ";" if first.count(";") > first.count(",") else ","
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [(reader.line_num, row) for row in islice(reader, MOST_LINES + 1)]
    except (UnicodeDecodeError, csv.Error) as exc:
        raise _no_statement("It is no CSV in UTF-8.", "Tệp không phải CSV (UTF-8).") from exc
    if len(rows) > MOST_LINES:
        raise _no_statement(
            f"A statement has at most {MOST_LINES} lines; split it.",
            f"Sao kê có tối đa {MOST_LINES} dòng; hãy tách tệp.",
        )
    header = reader.fieldnames or []
    lacking = [names[field] for field in ("day", "amount") if names[field] not in header]
    if not {names["transaction_id"], names["reference"]} & set(header):
        lacking.append(names["transaction_id"])
    if lacking or not rows:
        told = ", ".join(lacking) or "–"
        raise _no_statement(
            f"There are no lines, or no columns {told}; say with --column what the file calls them.",
            f"Tệp không có dòng nào, hoặc thiếu cột {told}; tên cột khác thì khai bằng --column.",
        )
    if any(header.count(name) > 1 for name in names.values()):
        raise _no_statement("A column stands twice.", "Có cột bị lặp.")
    # Narrations are written by strangers: a row with more or fewer cells may have its amount in the wrong one.
    uneven = next((number for number, row in rows if None in row or None in row.values()), None)
    if uneven is not None:
        raise _no_statement(
            f"Line {uneven} has not as many cells as the header.", f"Dòng {uneven} không đủ hoặc thừa ô so với tiêu đề."
        )
    return [(number, {field: (row.get(name) or "").strip() for field, name in names.items()}) for number, row in rows]


def _line(number: int, row: Mapping[str, str], *, account: str, problems: list[FieldProblem]) -> StatementLine | None:
    before = len(problems)

    def wrong(field: str, english: str, vietnamese: str) -> None:
        problems.append(FieldProblem(f"/{number}/{field}", english, vietnamese))

    day, amount = _day(row["day"]), _amount(row["amount"])
    if day is None:
        wrong("day", "This is no day.", "Không phải ngày (dd/mm/yyyy hoặc yyyy-mm-dd).")
    if amount is None:
        wrong("amount", "This is no amount of whole đồng.", "Không phải số tiền nguyên đồng, khác 0.")
    if row["account"] not in {"", account}:
        wrong("account", "This is another account.", "Không phải tài khoản của sao kê này.")
    for field in ("transaction_id", "reference"):
        if row[field] and not _NAME.fullmatch(row[field]):
            wrong(field, "Letters, digits and . _ : / - only.", "Chỉ gồm chữ, số và . _ : / -.")
    if not row["transaction_id"] and not row["reference"]:
        wrong("transaction_id", "Neither number nor reference.", "Không có mã giao dịch lẫn mã tham chiếu.")
    if len(problems) > before or day is None or amount is None:
        return None
    return StatementLine(
        account=account,
        day=day,
        transaction_id=row["transaction_id"],
        reference=row["reference"],
        amount=amount,
        content=row["content"],
    )


def keyed(lines: Sequence[StatementLine]) -> Sequence[StatementLine]:
    """Each line by what it says; of equal ones by which it is, so that another file with the same lines adds none."""
    seen: Counter[str] = Counter()
    told = []
    for line in lines:
        said = "|".join([line.account, line.day.isoformat(), line.transaction_id, line.reference, str(line.amount)])
        seen[said] += 1
        key = hashlib.sha256(f"{said}|{seen[said]}".encode()).hexdigest()
        told.append(
            StatementLine(
                account=line.account,
                day=line.day,
                transaction_id=line.transaction_id,
                reference=line.reference,
                amount=line.amount,
                content=line.content,
                number=seen[said],
                key=key,
            )
        )
    return told


def _day(text: str) -> date | None:
    for form in DAY_FORMS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _amount(text: str) -> int | None:
    if not _AMOUNT.fullmatch(text) or not text.isascii() or len(text) > LONGEST_AMOUNT:
        return None
    amount = int(text.replace(",", "").replace(".", ""))
    return amount if 0 < abs(amount) < LARGEST else None


def _no_statement(english: str, vietnamese: str) -> UnprocessableError:
    return UnprocessableError(english, vi=vietnamese, what="statement")
