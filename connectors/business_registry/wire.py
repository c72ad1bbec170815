"""How their values are read in every reply: texts, lists of one, amounts, dates (contract, sections 4.2 to 4.4).

Fields that we do not read are ignored, missing ones are empty: the registry adds and omits without notice. A value of
another type than is documented is not read at all. Codes are no public lists, so they stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway.domain import VIETNAM, EnterpriseCode
from gateway.sdk import ProtocolViolation

Model = TypeVar("Model", bound=BaseModel)

_AMOUNT = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,10})?", re.ASCII)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].+)?", re.ASCII)
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.ASCII)


def listed(value: Any) -> Any:
    """A list of one may arrive as its only item, an empty one as null or blank."""
    if value is None or value == "":
        return []
    return [item for item in value if item is not None] if isinstance(value, list) else [value]


def _text(value: Any) -> Any:
    """Numbers where a text is documented, and null for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else value
    return str(value)


def _object(value: Any) -> Any:
    return None if value == "" else value


def _amount(value: Any) -> Any:
    """A number, or its digits as a text; whole ones stay whole."""
    if value == "":
        return None
    if isinstance(value, str) and _AMOUNT.fullmatch(value.strip()):
        value = float(value) if "." in value else int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Whole = Annotated[int, Field(strict=True)]
_Broken = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Text = Annotated[
    Annotated[str, Field(strict=True)] | Annotated[str, BeforeValidator(_text)], Field(union_mode="left_to_right")
]
"""Nearly every value is one, and then no Python is run for it."""
Amount = Annotated[_Whole | _Broken | None, BeforeValidator(_amount)]
Count = Annotated[_Whole | None, BeforeValidator(_amount)]
Block = BeforeValidator(_object)
Listed = BeforeValidator(listed)


class Wire(BaseModel):
    """Base of everything that is read from them."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True)


def read(model: type[Model], document: Any) -> Model:
    """The document as `model`. `ProtocolViolation` names the fields that do not fit, never a value."""
    try:
        return model.model_validate(document)
    except ValidationError as exc:
        fields = ", ".join(sorted({_named(error["loc"]) for error in exc.errors()}))
        raise ProtocolViolation(f"The answer does not have the shape of the contract at {fields}.") from exc


def _named(place: tuple[int | str, ...]) -> str:
    """The innermost field; `int`, `str` or a validator only say as what it was tried."""
    fields = (part for part in reversed(place) if isinstance(part, str) and part.isidentifier())
    return next((field for field in fields if field not in {"int", "float", "str"}), "")


def renamed(record: BaseModel, names: Mapping[str, str]) -> dict[str, Any]:
    """Our names for theirs."""
    return {ours: getattr(record, theirs) for ours, theirs in names.items()}


def dated(record: BaseModel, names: Mapping[str, str], *, slashed: bool) -> dict[str, str]:
    """Dates as `YYYY-MM-DD`. One that cannot be read stays as it is under `<name>_text`: no date is made up.

    `slashed`: `dd/MM/yyyy` is documented for this reply (4.2); for the other (4.4) only ISO is known to be meant."""
    found: dict[str, str] = {}
    for ours, theirs in names.items():
        text = getattr(record, theirs).strip()
        day = _day(text, slashed=slashed)
        if day is not None:
            found[ours] = day.isoformat()
        elif text:
            found[f"{ours}_text"] = text
    return found


def _day(text: str, *, slashed: bool) -> date | None:
    try:
        day = _slashed_day(text) if slashed and "/" in text else _iso_day(text)
    except (ValueError, OverflowError):
        return None
    return day if day and 1000 <= day.year <= 9998 else None


def _slashed_day(text: str) -> date | None:
    parts = _SLASHED.fullmatch(text)
    return date(int(parts[3]), int(parts[2]), int(parts[1])) if parts else None


def _iso_day(text: str) -> date | None:
    """A moment with a zone is the day that it was in Viet Nam; one without a zone is local already."""
    if not _ISO.fullmatch(text):
        return None
    if len(text) == 10:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return (moment.astimezone(VIETNAM) if moment.tzinfo else moment).date()


def same_code(asked: str, told: str) -> bool:
    """With or without the dash. A code that came as a number has lost its leading zeros, and is no code any more."""
    asked, told = plain(asked), plain(told)
    shortened = told.isdecimal() and not EnterpriseCode.PATTERN.fullmatch(told)
    return told == asked or (shortened and told.zfill(len(asked)) == asked)


def plain(code: str) -> str:
    return code.replace("-", "").strip()


def said(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that say something."""
    return [record for record in records if not is_silent(record)]


def is_silent(value: Any) -> bool:
    """Nothing is said: null, blank, or lists and objects of nothing else."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, list):
        return all(map(is_silent, value))
    return value is None or (isinstance(value, Mapping) and all(map(is_silent, value.values())))
