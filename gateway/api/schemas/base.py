"""What all schemas share: strict shapes, clean text, and descriptions in two languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError

from gateway.domain import AgencyId, DossierCode, EnterpriseCode, InvalidValueError, PersonalId, ProcedureCode, Purpose


class Received(BaseModel):
    """What callers send. Unknown fields are refused: a misspelt optional field must not vanish silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Asked(BaseModel):
    """Query parameters; what is misspelt is refused here, too."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Sent(BaseModel):
    """What we answer."""

    model_config = ConfigDict(frozen=True)


def told(english: str, vietnamese: str, **more: Any) -> Any:
    """A field's meaning, in both languages."""
    return Field(description=f"{english} — {vietnamese}", **more)


def wrong(english: str, vietnamese: str) -> PydanticCustomError:
    """A validation error with our own sentences, neither of which may hold a value."""
    return PydanticCustomError("our_value", "{en}", {"en": english, "vi": vietnamese})


def _clean(text: str) -> str:
    """NFC, trimmed, and without control characters (a NUL byte cannot be stored, others cannot be read)."""
    text = unicodedata.normalize("NFC", text).strip()
    if not text.isprintable() and any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in text):
        raise wrong("Control characters are not allowed.", "Không được chứa ký tự điều khiển.")
    if not text:
        raise wrong("The text is empty.", "Nội dung trống.")
    return text


def _well_formed(parse: Callable[[str], object]) -> AfterValidator:
    def check(text: str) -> str:
        try:
            return str(parse(text))
        except InvalidValueError as exc:
            raise wrong(str(exc), exc.message_vi) from exc

    return AfterValidator(check)


def _zoned(text: object) -> object:
    """ISO 8601 with a zone; kept as text, so that what is stored is what was said."""
    if not isinstance(text, str):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise wrong("An ISO 8601 time is expected.", "Phải là thời điểm theo ISO 8601.") from exc
    if not 1900 <= moment.year <= 2200:
        raise wrong("There is no such year in a dossier.", "Năm không hợp lệ.")
    if moment.tzinfo is None:
        raise wrong("The time needs its zone, such as +07:00.", "Thời điểm phải kèm múi giờ, ví dụ +07:00.")
    return moment.isoformat()


def _calendar_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if len(text) != 4 else str(date(int(text), 1, 1).year).zfill(4)
    except ValueError as exc:
        raise wrong("There is no such date.", "Không có ngày này.") from exc


NOT_EMPTY: dict[str, JsonValue] = {"minLength": 1}
"""Said in the document and checked by `_clean`, which counts a text of spaces as empty too."""

Name = Annotated[str, Field(max_length=200, json_schema_extra=NOT_EMPTY), AfterValidator(_clean)]
Line = Annotated[str, Field(max_length=500, json_schema_extra=NOT_EMPTY), AfterValidator(_clean)]
Text = Annotated[str, Field(max_length=4000, json_schema_extra=NOT_EMPTY), AfterValidator(_clean)]
Code = Annotated[str, Field(max_length=50, pattern=r"^[0-9A-Za-z._/-]+$")]
Moment = Annotated[str, BeforeValidator(_zoned), Field(max_length=40, json_schema_extra={"format": "date-time"})]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_calendar_date)]
BirthDate = Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$"), AfterValidator(_calendar_date)]
PersonalNumber = Annotated[str, Field(pattern=f"^(?:{PersonalId.PATTERN.pattern})$"), _well_formed(PersonalId.parse)]
EnterpriseNumber = Annotated[
    str, Field(pattern=f"^(?:{EnterpriseCode.PATTERN.pattern})$"), _well_formed(EnterpriseCode.parse)
]
DossierNumber = Annotated[
    str, Field(max_length=60, pattern=f"^(?:{DossierCode.PATTERN.pattern})$"), _well_formed(DossierCode.parse)
]
Procedure = Annotated[
    str, Field(max_length=60, pattern=f"^(?:{ProcedureCode.PATTERN.pattern})$"), _well_formed(ProcedureCode.parse)
]
Agency = Annotated[str, Field(max_length=35, pattern=r"^[0-9A-Z.]{3,35}$"), _well_formed(AgencyId.parse)]


class PurposeIn(Received):
    """Mục đích khai thác: no look-up is made without it (NĐ 47/2020 Art 35.2)."""

    dossier_code: DossierNumber = told("The dossier it is for.", "Mã hồ sơ cần tra cứu.")
    procedure_code: Procedure = told("The procedure.", "Mã thủ tục hành chính.")
    officer_id: Annotated[str, Field(max_length=50, pattern=r"^[0-9A-Za-z._@-]+$")] = told(
        "The officer's login; not a personal number.", "Tài khoản cán bộ tra cứu; không dùng số định danh."
    )
    agency_id: Agency = told("The officer's agency.", "Mã định danh cơ quan của cán bộ.")

    def purpose(self) -> Purpose:
        return Purpose(**self.model_dump())
