"""The CSV that the province makes from its catalogues: read, checked against what is known, and compared. Pure.

One row is one period of a code: `code,name,kind,valid_from,valid_to,parent,alias,successors` (successors by `;`). Every
problem names its line and field. What is on record is never rewritten: a row may add a period, end one, say what
followed it, or give an alias that was empty.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from gateway.domain import AgencyId
from gateway.places.lineage import DAY, KINDS, Lineage, Unit
from gateway.sdk.errors import FieldProblem, UnprocessableError

COLUMNS = tuple(field.name for field in fields(Unit))
REQUIRED = ("code", "name", "kind", "valid_from")
CODE = re.compile(r"[0-9A-Z][0-9A-Z._-]{0,34}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an import would do. An entry of `changed` is (as recorded, as it will be)."""

    added: tuple[Unit, ...]
    changed: tuple[tuple[Unit, Unit], ...]
    unchanged: int

    @property
    def saved(self) -> tuple[Unit, ...]:
        return (*self.added, *(new for _, new in self.changed))


class _Told:
    """What is wrong, with its place."""

    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []

    def add(self, where: str, english: str, vietnamese: str) -> None:
        self.problems.append(FieldProblem(f"/{where}", english, vietnamese))

    def check(self) -> None:
        if self.problems:
            count = len(self.problems)
            raise UnprocessableError(
                f"{count} problem(s) in the file; nothing was taken over.",
                vi=f"Tệp có {count} lỗi; chưa nhận dòng nào.",
                what="places_file",
                fields=self.problems,
            )


def read(text: str) -> Mapping[int, Unit]:
    """Units by their line. `UnprocessableError` names every line and field that cannot be read."""
    told, found = _Told(), {}
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restkey="…")
    columns = set(reader.fieldnames or ())
    if columns - set(COLUMNS) or not columns >= set(REQUIRED):
        told.add("1", f"The columns are {', '.join(COLUMNS)}.", f"Các cột phải là {', '.join(COLUMNS)}.")
        told.check()
    try:
        for row in reader:
            if unit := _unit(row, f"{reader.line_num}", told):
                found[reader.line_num] = unit
    except csv.Error:
        told.add(
            f"{reader.line_num + 1}",
            "From here on it is no CSV; is a quotation mark left open?",
            "Từ dòng này không đọc được CSV; có thể còn dấu ngoặc kép chưa đóng.",
        )
    told.check()
    return found


def plan(known: Sequence[Unit], rows: Mapping[int, Unit]) -> Plan:
    """What the rows change. `UnprocessableError` when they rewrite history, or do not hold together."""
    told = _Told()
    recorded = {unit.key: unit for unit in known}
    merged, lines = dict(recorded), {}
    for line, unit in rows.items():
        if unit.key in lines:
            told.add(
                f"{line}/valid_from", "This period stands twice in the file.", "Thời kỳ này có hai dòng trong tệp."
            )
        lines[unit.key] = str(line)
        if (old := recorded.get(unit.key)) and (name := _rewritten(old, unit)):
            told.add(f"{line}/{name}", "It is recorded otherwise; end the period and begin another one.",
                     "Đã ghi khác; hãy kết thúc thời kỳ cũ và bắt đầu thời kỳ mới.")  # fmt: skip
        merged[unit.key] = _joined(old, unit) if old else unit
    told.check()
    _check_together(tuple(merged.values()), lines, told)
    told.check()
    changed = tuple((old, merged[key]) for key, old in recorded.items() if merged[key] != old)
    added = tuple(unit for key, unit in merged.items() if key not in recorded)
    return Plan(added=added, changed=changed, unchanged=len(lines) - len(added) - len(changed))


def _unit(row: Mapping[str, str], line: str, told: _Told) -> Unit | None:
    text = {name: unicodedata.normalize("NFC", row.get(name) or "").strip() for name in COLUMNS}
    before = len(told.problems)
    if "…" in row:
        told.add(line, "There are more fields than columns.", "Nhiều trường hơn số cột.")
    for name in REQUIRED:
        if not text[name]:
            told.add(f"{line}/{name}", "A value is required.", "Bắt buộc phải có.")
    codes = [code.strip() for code in text["successors"].split(";") if code.strip()]
    for name, values in (("code", [text["code"]]), ("parent", [text["parent"]]), ("successors", codes),
                         ("alias", [text["alias"]])):  # fmt: skip
        if any(value and not CODE.fullmatch(value) for value in values):
            told.add(f"{line}/{name}", "A code has up to 35 of 0-9, A-Z, '.', '_', '-'.",
                     "Mã gồm tối đa 35 ký tự 0-9, A-Z, '.', '_', '-'.")  # fmt: skip
    if text["kind"] and text["kind"] not in KINDS:
        told.add(f"{line}/kind", f"One of {', '.join(KINDS)}.", f"Một trong: {', '.join(KINDS)}.")
    days = {name: _day(text[name], f"{line}/{name}", told) for name in ("valid_from", "valid_to")}
    began = days["valid_from"]
    if len(told.problems) > before or began is None:
        return None
    return Unit(
        code=text["code"],
        name=text["name"],
        kind=text["kind"],
        valid_from=began,
        valid_to=days["valid_to"],
        parent=text["parent"],
        alias=text["alias"],
        successors=tuple(dict.fromkeys(codes)),
    )


def _day(text: str, where: str, told: _Told) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or len(text) != 10 or not 1900 <= day.year <= 2200:
        told.add(where, "A day reads YYYY-MM-DD.", "Ngày có dạng YYYY-MM-DD.")
        return None
    return day


def _rewritten(old: Unit, new: Unit) -> str:
    """The first field that says something else than is on record; leaving out what is recorded says nothing."""
    for name in COLUMNS:
        before, after = getattr(old, name), getattr(new, name)
        same = set(before) == set(after) if name == "successors" else before == after
        if before and after and not same:
            return name
    return ""


def _joined(old: Unit, new: Unit) -> Unit:
    return replace(old, **{name: getattr(old, name) or getattr(new, name) for name in COLUMNS})


def _check_together(units: Sequence[Unit], lines: Mapping[tuple[str, date], str], told: _Told) -> None:
    lineage, last = Lineage(units), dict[str, Unit]()
    aliases: dict[str, list[Unit]] = {}
    for unit in sorted(units, key=lambda unit: unit.key):
        where = lines.get(unit.key, f"recorded/{unit.code}")
        if unit.valid_to and unit.valid_to < unit.valid_from:
            told.add(f"{where}/valid_to", "It ends before it begins.", "Kết thúc trước khi bắt đầu.")
            continue
        if (earlier := last.get(unit.code)) and earlier.overlaps(unit):
            told.add(f"{where}/valid_from", "Two periods of this code overlap.", "Hai thời kỳ của mã này chồng nhau.")
        if unit.alias and any(
            other.code != unit.code and other.overlaps(unit) for other in aliases.get(unit.alias, ())
        ):
            told.add(f"{where}/alias", "Another body has this alias.", "Cơ quan khác đã dùng mã đối chiếu này.")
        last[unit.code] = unit
        aliases.setdefault(unit.alias, []).append(unit)
        for name, english, vietnamese in _unfit(unit, lineage):
            told.add(f"{where}/{name}", english, vietnamese)


def _unfit(unit: Unit, lineage: Lineage) -> Iterator[tuple[str, str, str]]:
    if unit.successors and unit.valid_to is None:
        yield "successors", "What is in force has no successor yet.", "Mã còn hiệu lực thì chưa có mã kế thừa."
    for code in unit.successors:
        if (day := unit.day_after) and lineage.period(code, day) is None:
            yield (
                "successors",
                f"{code} is not in force on the day after.",
                f"{code} không có hiệu lực vào ngày kế tiếp.",
            )
    if unit.alias and lineage.period(unit.alias, unit.valid_from):
        yield "alias", "It is the code of another body.", "Mã này là mã của cơ quan khác."
    elif unit.alias and _same_form(unit.code, unit.alias):
        yield "alias", "Both are ids of the same form.", "Hai mã cùng một dạng."
    if unit.parent and not _is_covered(unit, lineage):
        yield "parent", "The parent is not in force all the time.", "Cấp trên không có hiệu lực suốt thời kỳ này."
    elif unit.parent and _goes_round(unit, lineage):
        yield "parent", "It is its own parent.", "Quan hệ cấp trên đi vòng tròn."


def _same_form(code: str, alias: str) -> bool:
    both = [AgencyId(text) for text in (code, alias) if AgencyId.PATTERN.fullmatch(text)]
    return len(both) == 2 and both[0].is_old_form == both[1].is_old_form


def _is_covered(unit: Unit, lineage: Lineage) -> bool:
    """Whether periods of the parent's code, one after the other, cover the unit's."""
    day, end = unit.valid_from, unit.valid_to or date.max
    while parent := lineage.period(unit.parent, day):
        if parent.valid_to is None or parent.valid_to >= end:
            return True
        day = parent.valid_to + DAY
    return False


def _goes_round(unit: Unit, lineage: Lineage) -> bool:
    seen, above = {unit.code}, lineage.period(unit.parent, unit.valid_from)
    while above:
        if above.code in seen:
            return True
        seen.add(above.code)
        above = lineage.period(above.parent, unit.valid_from) if above.parent else None
    return False
