"""What people type into forms, read: moments, rows, personal numbers, files. Errors never repeat what was typed."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError
from starlette.datastructures import UploadFile

from gateway.approvals.service import may_be_personal
from gateway.domain import VIETNAM, InvalidValueError, PersonalId
from gateway.sdk.errors import FieldProblem, RequestError, TooLargeError, UnprocessableError

MOST_ROWS = 1000
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+~-]{0,199}")
"""As our own codes are written."""
NAMELY = re.compile(r"[^!-?A-~]")
"""What no code holds, and names and addresses of e-mail do: blanks, accents, @."""


def _vietnams(at: datetime) -> datetime:
    """Vietnam's time, unless it says a zone. `ValueError`: in no year that anybody here means."""
    if not 2000 <= at.year < 2100:
        raise PydanticCustomError("datetime_year", "the year is none of 2000 to 2099")
    return (at if at.tzinfo else at.replace(tzinfo=VIETNAM)).astimezone(VIETNAM)


EMPTY = BeforeValidator(lambda said: None if said == "" else said)
"""On a form's field: left empty, it says nothing."""
Moment = Annotated[datetime, AfterValidator(_vietnams)]
"""A form's field, as a browser writes it: `2026-11-24T10:00` in Vietnam's time."""
KnownDay = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]
Day = Annotated[KnownDay | None, EMPTY]


def moment(text: str, pointer: str) -> datetime:
    """The same, of a text."""
    try:
        return _vietnams(datetime.fromisoformat(text.strip()))
    except ValueError:
        raise _wrong(pointer, "This is not a time.", "Thời điểm không đúng, ví dụ đúng: 2026-11-24T10:00.") from None


def moment_or_none(text: str, pointer: str) -> datetime | None:
    return moment(text, pointer) if text.strip() else None


def local(at: datetime) -> str:
    """As a browser's field for a moment wants it: Vietnam's time without its zone, seconds where there are any."""
    return at.astimezone(VIETNAM).replace(tzinfo=None).isoformat(timespec="seconds")


def place(text: str) -> tuple[datetime, str] | None:
    """Where a list goes on: behind this moment, and of those of one moment behind this name. Nothing: at its beginning.
    `RequestError`: no address of ours says this."""
    at, _, name = text.partition("~")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not name:
        raise RequestError("This page of the list does not exist.", vi="Không có trang này của danh sách.")
    return found, name


def placed(at: datetime, name: object) -> str:
    """As `place` reads it."""
    return f"{at.isoformat()}~{name}"


def rows(text: str, pointer: str = "/rows") -> tuple[int, ...]:
    """`12, 15-20` is 12, 15, 16 and so on. At most `MOST_ROWS`."""
    found = list[int]()
    for part in text.replace(",", " ").split():
        first, dash, last = part.partition("-")
        ends = (first, last) if dash else (first, first)
        if not all(end.isascii() and end.isdigit() and len(end) <= 16 for end in ends) or int(ends[0]) > int(ends[1]):
            raise _wrong(pointer, "Rows are written 12, 15-20.", "Số dòng ghi như 12, 15-20.")
        if int(ends[1]) - int(ends[0]) + len(found) >= MOST_ROWS:
            raise _wrong(pointer, f"At most {MOST_ROWS} rows.", f"Tối đa {MOST_ROWS} dòng.")
        found.extend(range(int(ends[0]), int(ends[1]) + 1))
    return tuple(found)


def written(found: tuple[int, ...]) -> str:
    """The other way round, in runs: `12, 15-20`."""
    runs = list[list[int]]()
    for row in sorted({*found}):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def person(text: str, pointer: str = "/personal_id") -> str:
    """A personal number."""
    try:
        return str(PersonalId.parse(text.strip()))
    except InvalidValueError:
        raise _wrong(pointer, "This is not a personal number.", "Số định danh không hợp lệ.") from None


def reference(text: str, pointer: str = "/reference") -> str:
    """What stands in addresses and leaves: never what looks like a personal number."""
    said = text.strip()
    if may_be_personal(said) or "\0" in said:
        raise _wrong(
            pointer,
            "This looks like a personal number: it is not searched for here.",
            "Giống số định danh cá nhân: không tìm bằng số định danh ở đây.",
        )
    if NAMELY.search(said):
        raise _wrong(pointer, "A code has no blanks, accents or @.", "Mã không có dấu cách, dấu tiếng Việt hay @.")
    return said


async def content(file: UploadFile | None, *, most: int) -> bytes:
    """Of a file that was chosen; empty: none was."""
    if file is None:
        return b""
    read = await file.read(most + 1)
    if len(read) > most:
        raise TooLargeError(f"The file is larger than {most} bytes.", vi=f"Tệp lớn hơn {most} byte.")
    return read


def _wrong(pointer: str, english: str, vietnamese: str) -> UnprocessableError:
    problem = FieldProblem(pointer, english, vietnamese)
    return UnprocessableError(english, vi=vietnamese, what="invalid_fields", fields=[problem])
