"""The fields of a question, whatever carried them: which operation, which codes, which person (contract, 3.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mocks._kit.settings import Settings
from mocks.population.refusals import malformed, not_permitted

LOOKUP = "TraCuuThongTinCongDan"
VERIFY = "XacThucThongTinCongDan"
VERIFY_B = "XacThucThongTinCongDanRequest"
RELATIVES = "XacMinhThongTinNhanThan"
OPERATIONS = (LOOKUP, VERIFY, VERIFY_B, RELATIVES)
VERIFICATIONS = (VERIFY, VERIFY_B)

DATE_FORMATS = {"yyyyMMdd": "%Y%m%d", "yyyy-MM-dd": "%Y-%m-%d"}
NAME_FORMS: Mapping[str, Callable[[str], str]] = {
    "stripped": lambda name: "".join(re.findall("[A-Z0-9]", name)),
    "upper": lambda name: " ".join(name.upper().split()),
    "any": str.strip,
}
"""How a name is spelled in each form; a name that this changes is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One question about one person. `born`: `yyyyMMdd`, `yyyy` when only the year was sent, empty where none is asked
    for."""

    operation: str
    request_id: str
    officer: str
    personal_id: str
    old_card_number: str
    full_name: str
    born: str


def inquiry(texts: Mapping[str, str], operation: str, *, born: str) -> Inquiry:
    """The question in fields that were checked."""
    return Inquiry(
        operation=operation,
        request_id=texts["MaYeuCau"],
        officer=texts["MaCanBo"],
        personal_id=texts.get("SoDinhDanh", ""),
        old_card_number=texts.get("SoCMND", ""),
        full_name=texts["HoVaTen"],
        born=born,
    )


def check_codes(texts: Mapping[str, str], operation: str, settings: Settings) -> None:
    """`MaTichHop` (variant B: `MaDichVu`) is the operation's; by switch only some procedures and officers may ask."""
    number = texts["MaDichVu"] if operation == VERIFY_B else texts["MaTichHop"]
    if number != settings.table("ma_tich_hop").get(operation):
        raise malformed("MOCK-MATICHHOP", "MaTichHop is not the one of this operation")
    services, officers = settings.texts("permitted_ma_dvc"), settings.texts("permitted_officers")
    if (services and texts.get("MaDVC") not in services) or (officers and texts["MaCanBo"] not in officers):
        raise not_permitted()


def check_person(texts: Mapping[str, str], settings: Settings, *, both: bool) -> None:
    """One number of 12 or 9 digits, and a name in the agreed form. `both`: the other number may be there, empty."""
    given = [name for name in ("SoDinhDanh", "SoCMND") if texts.get(name) or (name in texts and not both)]
    if len(given) != 1:
        raise malformed("MOCK-NUMBER", "either SoDinhDanh or SoCMND, not both")
    digits = 12 if given[0] == "SoDinhDanh" else 9
    if not re.fullmatch(f"[0-9]{{{digits}}}", texts[given[0]]):
        raise malformed("MOCK-NUMBER", "SoDinhDanh has 12 digits, SoCMND has 9")
    if NAME_FORMS[settings.text("name_form")](texts["HoVaTen"]) != texts["HoVaTen"]:
        raise malformed("MOCK-NAME", f"HoVaTen is not in the agreed form, {settings.text('name_form')}")


def born(name: str, text: str, settings: Settings) -> str:
    """`NgayThangNam` in the agreed format, or `Nam`, as `yyyyMMdd` or `yyyy`."""
    form = {"NgayThangNam": DATE_FORMATS[settings.text("date_format")], "Nam": "%Y"}.get(name, "")
    try:
        day = datetime.strptime(text, form)  # noqa: DTZ007 - a date of birth has no zone
    except ValueError as exc:
        raise malformed("MOCK-BIRTH", "NgayThangNamSinh is not a date in the agreed format") from exc
    if not form or day.strftime(form) != text:
        raise malformed("MOCK-BIRTH", "NgayThangNamSinh is not a date in the agreed format")
    return text.replace("-", "")
