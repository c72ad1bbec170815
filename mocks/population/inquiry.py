"""What is asked over SOAP: the envelope and its fields, read as strictly as the contract allows (3.2, 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from mocks._kit.settings import Settings
from mocks.population import fields
from mocks.population.fields import LOOKUP, RELATIVES, VERIFY, VERIFY_B, Inquiry
from mocks.population.refusals import malformed

Element = ElementTree.Element

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
REQUEST = "http://dancuquocgia.bca"
PROFILE = ("MaDonVi", "TaiKhoan", "SoDienThoai")
"""Of one consumer's profile (S3): after `MaCanBo`, before the number; otherwise left out."""


@dataclass(frozen=True, slots=True)
class Message:
    """The elements of one operation in their order; those `optional` may be missing. All hold text but a `nested`
    birth date."""

    namespace: str
    order: tuple[str, ...]
    optional: tuple[str, ...]
    nested: bool = False


_NUMBERS = ("SoDinhDanh", "SoCMND")
_A = Message(
    REQUEST,
    ("MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", *PROFILE, *_NUMBERS, "HoVaTen", "NgayThangNamSinh"),
    (*PROFILE, *_NUMBERS),
    nested=True,
)
MESSAGES = {
    LOOKUP: _A,
    VERIFY: _A,
    VERIFY_B: Message(REQUEST, ("MaYeuCau", "MaDichVu", "MaCanBo", *_NUMBERS, "HoVaTen"), _NUMBERS),
    RELATIVES: Message(
        "http://gtel.vn/qldc",
        ("MaYeuCau", "MaDVC", "MaTichHop", "MaDonVi", "MaCanBo", *_NUMBERS, "HoVaTen", "NgayThangNamSinh"),
        _NUMBERS,
    ),
}
"""MOCK-NAMESPACE-B: of variant B no source names a namespace. MOCK-NUMBERS: of B and of XacMinhThongTinNhanThan the
page lists both numbers and not which may be missing, so one may be missing or empty."""


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
    message = MESSAGES[operation]
    wrapper = _wrapper(parse(body), f"{{{message.namespace}}}{operation}")
    texts = _texts(wrapper, message)
    if settings.flag("require_profile") and message is _A and not all(texts.get(name) for name in PROFILE):
        raise malformed("MOCK-PROFILE", f"missing or empty: {', '.join(PROFILE)}")
    fields.check_codes(texts, operation, settings)
    fields.check_person(texts, settings, both=not message.nested)
    return fields.inquiry(texts, operation, born=_born(wrapper, texts, message, settings=settings))


def _wrapper(root: Element, wanted: str) -> Element:
    """The operation's element: the only child of the only Body of a SOAP 1.1 envelope with an empty or no Header."""
    if root.tag != f"{{{SOAP}}}Envelope":
        raise malformed("MOCK-SOAP", "the root is no SOAP 1.1 Envelope")
    parts = [part.tag for part in root]
    if parts not in ([f"{{{SOAP}}}Header", f"{{{SOAP}}}Body"], [f"{{{SOAP}}}Body"]):
        raise malformed("MOCK-SOAP", "an Envelope holds a Header and one Body")
    if len(root) == 2 and (len(root[0]) or (root[0].text or "").strip()):
        raise malformed("MOCK-HEADER", "the SOAP Header must be empty")
    if len(root[-1]) != 1 or root[-1][0].tag != wanted:
        raise malformed("MOCK-OPERATION", f"the Body must hold one {wanted}")
    return root[-1][0]


def _texts(wrapper: Element, message: Message) -> dict[str, str]:
    """The elements by name, in the order that the contract gives; none unknown, none twice, none missing."""
    names = [_name(child, message.namespace) for child in wrapper]
    if any(name not in message.order for name in names):
        raise malformed("MOCK-ELEMENT", "an element that this operation does not have, or in another namespace")
    positions = [message.order.index(name) for name in names]
    if len(set(positions)) != len(positions):
        raise malformed("MOCK-TWICE", "an element occurs twice")
    if positions != sorted(positions):
        raise malformed("MOCK-ORDER", "the elements are not in the order of the contract")
    parents = {"NgayThangNamSinh"} if message.nested else set()
    if any(len(child) for name, child in zip(names, wrapper, strict=True) if name not in parents):
        raise malformed("MOCK-ELEMENT", "an element that holds text holds other elements")
    texts = {name: child.text or "" for name, child in zip(names, wrapper, strict=True)}
    required = [name for name in message.order if name not in message.optional]
    missing = [name for name in required if name not in texts or not (texts[name] or name in parents)]
    if missing:
        raise malformed("MOCK-MISSING", f"missing or empty: {', '.join(missing)}")
    return texts


def _born(wrapper: Element, texts: dict[str, str], message: Message, *, settings: Settings) -> str:
    """`NgayThangNam` or `Nam`, exactly one; in one text MOCK-BIRTH-TEXT, ours: four digits are a year."""
    if not message.nested:
        told = texts.get("NgayThangNamSinh", "")
        return fields.born("Nam" if len(told) == 4 else "NgayThangNam", told, settings) if told else ""
    element = wrapper.find(f"{{{message.namespace}}}NgayThangNamSinh")
    parts = [(_name(child, message.namespace), child.text or "") for child in (() if element is None else element)]
    if len(parts) != 1:
        raise malformed("MOCK-BIRTH", "NgayThangNamSinh holds either NgayThangNam or Nam")
    return fields.born(*parts[0], settings)


def _name(element: Element, namespace: str) -> str:
    """The local name of an element in the request's namespace; empty for any other."""
    space, _, local = element.tag.rpartition("}")
    return local if space == f"{{{namespace}" else ""
