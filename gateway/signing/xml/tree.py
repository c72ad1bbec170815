"""XML that somebody else wrote, read so that it means one thing only: no DTD, no entity, no comment that could split a
text, bounded in size, number and depth, and no Id twice."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from lxml import etree

from gateway.sdk.charset import xml_octets
from gateway.sdk.errors import ProtocolViolation, TrustError
from gateway.sdk.soap import LARGEST_XML, check_harmless
from gateway.signing.xml.names import WSU

DEEPEST = 60
"""Levels of elements in all. The connectors read 20 below the Body's child."""

Element = etree._Element  # the class has no public name
Index = Mapping[str, Element]
_ANNOTATED = etree.XPath("boolean(//comment() | //processing-instruction())")
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (DEEPEST + 1)})")
_IDS = etree.XPath("//@wsu:Id | //@Id | //@ID | //@xml:id", namespaces={"wsu": WSU})
"""`ID_NAMES`."""


def refuse(detail: str, vi: str, what: str = "") -> NoReturn:
    raise TrustError(detail, vi=vi, what=what)


def parsed(content: bytes) -> Element:
    """The root. `TrustError`: not XML, too large, or built to harm."""
    try:
        if len(content) > LARGEST_XML:
            refuse("The message is too large.", vi="Thông điệp quá lớn.")
        octets = xml_octets(content)
        check_harmless(octets)
        return etree.fromstring(octets, _PARSERS.parser)
    except (ProtocolViolation, etree.XMLSyntaxError) as exc:
        raise TrustError("The message is not sound XML.", vi="Thông điệp không phải XML hợp lệ.") from exc


def own(content: bytes) -> Element:
    """The root of a message that we wrote. `TrustError`: it is no XML."""
    try:
        return etree.fromstring(content, _PARSERS.parser)
    except etree.XMLSyntaxError as exc:
        raise TrustError("The message is not sound XML.", vi="Thông điệp không phải XML hợp lệ.") from exc


class _Parsers(threading.local):
    """One for each thread: lxml locks a parser that threads share."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
        )


_PARSERS = _Parsers()


def is_bare(content: bytes) -> bool:
    """Whether nothing is in it that a tag could hide in: no comment, section, document type, and no instruction but the
    XML declaration. Then what looks like a tag in the bytes is one."""
    # One byte is found much faster than two, and most messages hold none.
    if b"!" in content and b"<!" in content:
        return False
    start = content.find(b"?>") + 2 if content.startswith(b"<?xml ") else 0
    return content.find(b"?", start) < 0 or content.find(b"<?", start) < 0


def indexed(root: Element) -> Index:
    """Every element that has an Id, by it. `root`: of a whole document. `TrustError`: an Id twice, a comment, a
    processing instruction, too deep."""
    if _ANNOTATED(root):
        _annotated()
    if is_too_deep(root):
        refuse("The message is nested too deeply.", vi="Thông điệp lồng nhau quá sâu.")
    index: dict[str, Element] = {}
    values: Any = _IDS(root)  # texts that know where they stand
    for value in values:
        if value in index:
            refuse("An Id stands twice in the message.", vi="Thông điệp có hai phần tử trùng Id.")
        index[value] = value.getparent()
    return index


def is_too_deep(root: Element) -> bool:
    return bool(_TOO_DEEP(root))


def _annotated() -> NoReturn:
    # Comments are not signed (exclusive c14n drops them), and a reader may take a text to end where one stands.
    refuse(
        "A signed message holds no comments and no processing instructions.",
        vi="Thông điệp đã ký không được có chú thích hoặc chỉ thị xử lý.",
    )


def only(root: Element, name: str, *, inside: Element, what: str) -> Element:
    """The one element of this name in the whole message, which must be a child of `inside`."""
    found = list(root.iter(name))
    if len(found) != 1 or found[0].getparent() is not inside:
        refuse(
            f"The message must hold exactly one {what}, in its place.",
            vi=f"Thông điệp phải có đúng một phần tử {what}, đúng vị trí.",
        )
    return found[0]


def canonical(element: Element, *, prefixes: Sequence[str] = ()) -> bytes:
    """Exclusive c14n 1.0 without comments: what a digest is made of. `prefixes`: those that are kept whether they are
    used or not. `TrustError`: there is none, as with a namespace that is a relative address."""
    try:
        form: bytes = etree.tostring(
            element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=list(prefixes) or None
        )
    except etree.C14NError as exc:
        raise TrustError("The message has no canonical form.", vi="Thông điệp không có dạng chuẩn tắc.") from exc
    return form


def written(root: Element) -> bytes:
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content


def octets(element: Element | None) -> bytes:
    """The base64 that an element holds, lines allowed; `TrustError` when it is empty or something else."""
    return octets64("" if element is None else plain64(element))


def plain64(element: Element) -> str:
    """The text of an element that holds nothing else, without blanks."""
    return "" if len(element) else "".join((element.text or "").split())


def octets64(text: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    # The last letter may have spare bits: one value, several spellings, and only one of them is taken.
    if not value or text64(value) != text:
        refuse("A part of the signature is missing or malformed.", vi="Chữ ký thiếu thành phần hoặc sai định dạng.")
    return value


def text64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def child(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """A new last child."""
    element = etree.SubElement(parent, name, attributes)
    element.text = text
    return element
