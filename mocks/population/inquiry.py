"""What is asked: the SOAP envelope and its fields, read as strictly as the contract allows (3.2, 3.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

from mocks._kit.settings import Settings
from mocks.population.refusals import malformed, not_permitted

Element = ElementTree.Element

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
REQUEST = "http://dancuquocgia.bca"

LOOKUP = "TraCuuThongTinCongDan"
VERIFY = "XacThucThongTinCongDan"
OPERATIONS = (LOOKUP, VERIFY)

ORDER = (
    "MaYeuCau",
    "MaDVC",
    "MaTichHop",
    "MaCanBo",
    "MaDonVi",
    "TaiKhoan",
    "SoDienThoai",
    "SoDinhDanh",
    "SoCMND",
    "HoVaTen",
    "NgayThangNamSinh",
)
"""The order of the elements; `MaDonVi`, `TaiKhoan` and `SoDienThoai` are of one consumer's profile (S3)."""

REQUIRED = ("MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "HoVaTen", "NgayThangNamSinh")
DATE_FORMATS = {"yyyyMMdd": "%Y%m%d", "yyyy-MM-dd": "%Y-%m-%d"}
NAME_FORMS = {"stripped": r"[A-Z0-9]+", "any": r"\S(.*\S)?"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One question about one person. `born` is `yyyyMMdd`, or `yyyy` when only the year was sent."""

    operation: str
    request_id: str
    personal_id: str
    old_card_number: str
    full_name: str
    born: str


def parse(body: bytes) -> Element:
    """The document element. A document type declaration, and so every entity of the caller's, is refused unread."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise malformed("MOCK-XML", "the body is not UTF-8") from exc
    if "<!DOCTYPE" in text:
        raise malformed("MOCK-DTD", "a document type declaration is not allowed")
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - without a DTD there is nothing to expand or to fetch
    except ElementTree.ParseError as exc:
        raise malformed("MOCK-XML", "the body is not well-formed XML") from exc


def read(body: bytes, operation: str, settings: Settings) -> Inquiry:
    """The inquiry in `body`, sent to the path of `operation`. Raises `Refusal` for anything out of order."""
    wrapper = _wrapper(parse(body), operation)
    fields = _fields(wrapper)
    _check_codes(fields, operation, settings)
    _check_person(fields, settings)
    return Inquiry(
        operation=operation,
        request_id=fields["MaYeuCau"],
        personal_id=fields.get("SoDinhDanh", ""),
        old_card_number=fields.get("SoCMND", ""),
        full_name=fields["HoVaTen"],
        born=_birth(wrapper.find(f"{{{REQUEST}}}NgayThangNamSinh"), settings),
    )


def _wrapper(root: Element, operation: str) -> Element:
    """The operation's element: the only child of the only Body of a SOAP 1.1 envelope with an empty or no Header."""
    if root.tag != f"{{{SOAP}}}Envelope":
        raise malformed("MOCK-SOAP", "the root is no SOAP 1.1 Envelope")
    parts = [part.tag for part in root]
    if parts not in ([f"{{{SOAP}}}Header", f"{{{SOAP}}}Body"], [f"{{{SOAP}}}Body"]):
        raise malformed("MOCK-SOAP", "an Envelope holds a Header and one Body")
    if len(root) == 2 and (len(root[0]) or (root[0].text or "").strip()):
        raise malformed("MOCK-HEADER", "the SOAP Header must be empty")
    if len(root[-1]) != 1 or root[-1][0].tag != f"{{{REQUEST}}}{operation}":
        raise malformed("MOCK-OPERATION", f"the Body must hold one {operation} of namespace {REQUEST}")
    return root[-1][0]


def _fields(wrapper: Element) -> dict[str, str]:
    """The elements by name, in the order that the contract gives; none unknown, none twice, none missing."""
    names = [_name(child) for child in wrapper]
    if any(name not in ORDER for name in names):
        raise malformed("MOCK-ELEMENT", "an element that this operation does not have, or in another namespace")
    positions = [ORDER.index(name) for name in names]
    if len(set(positions)) != len(positions):
        raise malformed("MOCK-TWICE", "an element occurs twice")
    if positions != sorted(positions):
        raise malformed("MOCK-ORDER", "the elements are not in the order of the contract")
    fields = {name: child.text or "" for name, child in zip(names, wrapper, strict=True)}
    missing = [name for name in REQUIRED if name not in fields or not (fields[name] or name == "NgayThangNamSinh")]
    if missing:
        raise malformed("MOCK-MISSING", f"missing or empty: {', '.join(missing)}")
    if any(len(child) for name, child in zip(names, wrapper, strict=True) if name != "NgayThangNamSinh"):
        raise malformed("MOCK-ELEMENT", "an element that holds text holds other elements")
    return fields


def _check_codes(fields: dict[str, str], operation: str, settings: Settings) -> None:
    if fields["MaTichHop"] != settings.table("ma_tich_hop").get(operation):
        raise malformed("MOCK-MATICHHOP", "MaTichHop is not the one of this operation")
    permitted = settings.texts("permitted_ma_dvc")
    if permitted and fields["MaDVC"] not in permitted:
        raise not_permitted()


def _check_person(fields: dict[str, str], settings: Settings) -> None:
    if ("SoDinhDanh" in fields) == ("SoCMND" in fields):
        raise malformed("MOCK-NUMBER", "either SoDinhDanh or SoCMND, not both")
    digits, number = (12, fields["SoDinhDanh"]) if "SoDinhDanh" in fields else (9, fields["SoCMND"])
    if not re.fullmatch(f"[0-9]{{{digits}}}", number):
        raise malformed("MOCK-NUMBER", "SoDinhDanh has 12 digits, SoCMND has 9")
    if not re.fullmatch(NAME_FORMS[settings.text("name_form")], fields["HoVaTen"]):
        raise malformed("MOCK-NAME", "HoVaTen is not in the agreed form: capital letters, no marks, no spaces")


def _name(element: Element) -> str:
    """The local name of an element in the request's namespace; empty for any other."""
    space, _, local = element.tag.rpartition("}")
    return local if space == f"{{{REQUEST}" else ""


def _birth(element: Element | None, settings: Settings) -> str:
    """`NgayThangNam` in the agreed format or `Nam`, exactly one of them."""
    forms = {"NgayThangNam": DATE_FORMATS[settings.text("date_format")], "Nam": "%Y"}
    parts = [(_name(child), child.text or "") for child in (element if element is not None else ())]
    if len(parts) != 1 or parts[0][0] not in forms:
        raise malformed("MOCK-BIRTH", "NgayThangNamSinh holds either NgayThangNam or Nam")
    (name, text) = parts[0]
    form = forms[name]
    try:
        born = datetime.strptime(text, form)  # noqa: DTZ007 - a date of birth has no zone
    except ValueError as exc:
        raise malformed("MOCK-BIRTH", "NgayThangNamSinh is not a date in the agreed format") from exc
    if born.strftime(form) != text:
        raise malformed("MOCK-BIRTH", "NgayThangNamSinh is not a date in the agreed format")
    return text.replace("-", "")
