"""The closed set of verbs: text, number, date, bool, code, label (each, join and first live in the engine).

A verb is made from the argument in the file and the direction; what it makes is pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from gateway.domain import VIETNAM, fold_name, to_ascii
from gateway.mapping.codes import CodeList
from gateway.mapping.model import Direction, MisfitError, Verb

_WHOLE = re.compile(r"-?[0-9]{1,30}", re.ASCII)
_DIRECTIVE = re.compile("%(.)", re.DOTALL)
_NUMBERS = {
    "Y": ("%04d", "year"),
    "m": ("%02d", "month"),
    "d": ("%02d", "day"),
    "H": ("%02d", "hour"),
    "M": ("%02d", "minute"),
    "S": ("%02d", "second"),
}
FOLDS: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "ascii": to_ascii,
    "name": fold_name,
}


class BadVerbError(Exception):
    """The argument of a verb in a mapping file makes no sense."""


def make(name: str, argument: Any, *, direction: Direction, codes: Mapping[str, CodeList]) -> Verb:
    """Compile one verb, or raise `BadVerbError`."""
    match name:
        case "text":
            return _text(argument)
        case "number":
            return _number(argument)
        case "date":
            return _date(argument, direction)
        case "bool":
            return _bool(argument, direction)
        case "code" | "label":
            if argument not in codes:
                raise BadVerbError(f"no code list {argument!r}")
            return _code(codes[argument], direction) if name == "code" else codes[argument].label
    raise BadVerbError(f"unknown verb {name!r}")


def _text(argument: Any) -> Verb:
    if not isinstance(argument, dict) or argument.keys() - {"max", "fold"} or not argument:
        raise BadVerbError("text takes {max: n, fold: name}")
    longest = argument.get("max")
    fold = FOLDS.get(argument["fold"]) if "fold" in argument else str
    if fold is None or (longest is not None and not isinstance(longest, int)):
        raise BadVerbError(f"text folds by {', '.join(FOLDS)}; max is a number")

    def apply(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise MisfitError("text is expected", "phải là văn bản")
        return fold(str(value))[:longest]

    return apply


def _number(argument: Any) -> Verb:
    if argument not in {"integer", "string"}:
        raise BadVerbError("number is integer or string")

    def apply(value: Any) -> int | str:
        text = str(value).strip()
        if isinstance(value, bool) or not _WHOLE.fullmatch(text):
            raise MisfitError("a whole number is expected", "phải là số nguyên")
        return int(text) if argument == "integer" else str(int(text))

    return apply


def _date(argument: Any, direction: Direction) -> Verb:
    if not isinstance(argument, dict) or argument.keys() != {"read", "write"}:
        raise BadVerbError("date takes {read: iso or a pattern, write: iso or a pattern}")

    written = _stamp(argument["write"])

    def apply(value: Any) -> str:
        try:
            moment = _read_date(str(value).strip(), argument["read"])
        except ValueError as exc:
            raise MisfitError("the date is not written as expected", "ngày không đúng định dạng") from exc
        if not 1000 <= moment.year <= 9998:  # other years have no four digits, or no neighbour to convert to
            raise MisfitError("there is no such year", "năm không hợp lệ")
        if written and isinstance(moment, datetime) and direction is Direction.REQUEST:
            return written(moment.astimezone(VIETNAM))
        return _write_date(moment, argument["write"], direction)

    return apply


def _read_date(text: str, pattern: str) -> date | datetime:
    if pattern != "iso":
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - their clocks say no zone: it is Viet Nam's
        return moment.replace(tzinfo=VIETNAM) if "%H" in pattern else moment.date()
    if len(text) == 10:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def _write_date(moment: date | datetime, pattern: str, direction: Direction) -> str:
    """Theirs is local time without a zone; ours says +07:00. A midnight that only fills up a date stays a date."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(VIETNAM)
        if pattern == "iso-date":
            return moment.date().isoformat()
    if pattern in {"iso", "iso-date"}:
        return moment.isoformat()
    if direction is Direction.REPLY:
        raise MisfitError("replies are written as ISO dates", "ngày trả về phải theo ISO")
    return moment.strftime(pattern)


def _stamp(pattern: str) -> Callable[[datetime], str] | None:
    """As `strftime` writes a pattern of numbers, in a third of its time; None: it is another pattern, or has a sign too
    many."""
    names = _DIRECTIVE.findall(pattern)
    if "%" in _DIRECTIVE.sub("", pattern) or len(names) < 2 or not _NUMBERS.keys() >= set(names):
        return None
    shape = _DIRECTIVE.sub(lambda found: _NUMBERS[found[1]][0], pattern)
    parts = attrgetter(*(_NUMBERS[name][1] for name in names))
    return lambda moment: shape % parts(moment)


def _bool(argument: Any, direction: Direction) -> Verb:
    """`[spelling of true, spelling of false]`; their spellings are compared without case."""
    if not isinstance(argument, list) or len(argument) != 2 or not all(isinstance(x, str) for x in argument):
        raise BadVerbError('bool takes ["true spelling", "false spelling"]')
    yes, no = str(argument[0]), str(argument[1])

    def write(value: Any) -> str:
        if not isinstance(value, bool):
            raise MisfitError("true or false is expected", "phải là true hoặc false")
        return yes if value else no

    def read(value: Any) -> bool:
        text = str(value).strip().lower()
        if text not in {yes.lower(), no.lower()}:
            raise MisfitError("neither spelling of true or false", "không phải giá trị đúng/sai đã biết")
        return text == yes.lower()

    return write if direction is Direction.REQUEST else read


def _code(codes: CodeList, direction: Direction) -> Verb:
    return codes.theirs if direction is Direction.REQUEST else codes.ours
