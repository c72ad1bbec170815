"""SOAP 1.1 envelopes: read as strictly as the standard allows, and written with what every old client can read.

Nothing is resolved, fetched or expanded. Limits are checked before the tree is built, so that a small document cannot
become a large one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from gateway.facade.convert import Writing
from gateway.facade.operations import Catalogue
from gateway.sdk.errors import RequestError

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
NEXT_ACTOR = "http://schemas.xmlsoap.org/soap/actor/next"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

DEEPEST = 40
MOST_ELEMENTS = 100_000
MOST_ATTRIBUTES = 32
"""Of one start tag, declarations of namespaces included. Envelopes of real clients have about ten."""

_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["']""")
_SPACE = " \t\r\n"
_XML_SPACE = b" \t\r\n"


def read(content: bytes) -> etree._Element:
    """The one element of the Body. `RequestError`: not UTF-8, not XML, not SOAP 1.1, or built to harm."""
    root = _parse(_utf8(content))
    name = etree.QName(root)
    if name.localname == "Envelope" and name.namespace != ENVELOPE:
        raise other_version()
    parts = [etree.QName(child) for child in root]
    if name.localname != "Envelope" or any(part.namespace != ENVELOPE for part in parts):
        raise _not_soap()
    if [part.localname for part in parts] not in (["Body"], ["Header", "Body"]):
        raise _not_soap()
    if any((text or "").strip(_SPACE) for text in (root.text, *(child.tail for child in root), root[-1].text)):
        raise _not_soap()
    for header in root[0] if len(root) == 2 else ():
        _must_not_bind(header)
    body = root[-1]
    if len(body) != 1 or (body[0].tail or "").strip(_SPACE):
        raise _not_soap()
    return body[0]


def _utf8(content: bytes) -> bytes:
    """Without its byte-order mark. A declared encoding must be the true one: who reads bytes must not have to guess."""
    plain = content.removeprefix(b"\xef\xbb\xbf")
    declared = _DECLARED.match(plain)
    try:
        plain.decode()
    except UnicodeDecodeError as exc:
        raise _encoding() from exc
    if declared and declared[1].lower() not in {b"utf-8", b"utf8"}:
        raise _encoding()
    return plain


def _parse(content: bytes) -> etree._Element:
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        # First only counted: nothing is kept of it, so a bomb costs its own bytes and no more.
        etree.fromstring(content, etree.XMLParser(target=_Limits(), encoding="utf-8", **options))
        root = etree.fromstring(
            content, etree.XMLParser(remove_comments=True, remove_pis=True, encoding="utf-8", **options)
        )
    except etree.XMLSyntaxError as exc:
        raise RequestError(
            "The body is not well-formed XML.", vi="Nội dung không phải XML hợp lệ.", what="malformed_xml"
        ) from exc
    if root.getroottree().docinfo.internalDTD is not None or any(not isinstance(one.tag, str) for one in root.iter()):
        raise _harmful("a document type or an entity")
    return root


class _Limits:
    """A parser target that counts, and stops the parser when it is enough."""

    def __init__(self) -> None:
        self._depth = self._elements = 0

    def start(self, tag: str | bytes, attrib: Mapping[Any, Any], nsmap: Mapping[Any, Any] | None = None) -> None:  # noqa: ARG002 - lxml's
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST or self._elements > MOST_ELEMENTS:
            raise _harmful("too many elements, or too deep ones")
        if len(attrib) + len(nsmap or ()) > MOST_ATTRIBUTES:
            raise _harmful("too many attributes")

    def end(self, tag: str | bytes) -> None:  # noqa: ARG002 - lxml's
        self._depth -= 1

    def doctype(self, *_: object) -> None:
        raise _harmful("a document type")

    def pi(self, *_: object) -> None:
        raise _harmful("a processing instruction")

    def data(self, data: str | bytes) -> None:
        """Text costs what it weighs, and the whole has been weighed already."""

    def comment(self, text: str | bytes) -> None:
        """Allowed anywhere, and says nothing."""

    def close(self) -> None:
        """Nothing is kept."""


def _must_not_bind(header: etree._Element) -> None:
    """SOAP 1.1, 4.2: no block is known here, so none may insist; what is for another actor is not ours to judge."""
    actor = header.get(f"{{{ENVELOPE}}}actor", "").strip()
    if actor in {"", NEXT_ACTOR} and header.get(f"{{{ENVELOPE}}}mustUnderstand", "0").strip() != "0":
        raise RequestError(
            "A header block with mustUnderstand is not known here.",
            vi="Có phần tử Header mang mustUnderstand mà cổng không hỗ trợ.",
            what="must_understand",
        )


def other_version() -> RequestError:
    """Not SOAP 1.1."""
    return RequestError(
        f"Send SOAP 1.1: an envelope of the namespace {ENVELOPE}, as text/xml.",
        vi=f"Chỉ hỗ trợ SOAP 1.1: phong bì thuộc không gian tên {ENVELOPE}, gửi dạng text/xml.",
        what="soap_version",
    )


def _encoding() -> RequestError:
    return RequestError("Send UTF-8, and declare no other encoding.", vi="Chỉ nhận mã hoá UTF-8.", what="malformed_xml")


def _not_soap() -> RequestError:
    return RequestError(
        "A SOAP 1.1 envelope with one Body, and one element in it, is expected.",
        vi="Cần một phong bì SOAP 1.1 có đúng một Body, trong đó có đúng một phần tử.",
        what="malformed_soap",
    )


def _harmful(what: str) -> RequestError:
    return RequestError(
        f"The XML holds {what}, which no request needs.",
        vi="XML có thành phần không được phép (DTD, thực thể, chỉ thị xử lý) hoặc vượt giới hạn.",
        what="harmful_xml",
    )


@dataclass(frozen=True, slots=True)
class Answers:
    """Writes what is sent back."""

    catalogue: Catalogue
    namespace: str

    @property
    def _writing(self) -> Writing:
        return Writing(self.catalogue.shapes, self.namespace)

    def response(self, operation: str, value: dict[str, Any]) -> bytes:
        """The response element of an operation, in its envelope."""
        envelope, body = self._envelope()
        element = etree.SubElement(body, f"{{{self.namespace}}}{operation}Response")
        self._writing.record(element, self.catalogue.operations[operation].answers, value)
        return _bytes(envelope)

    def fault(self, problem: dict[str, Any]) -> bytes:
        """A problem document as a Fault: the sentences are those of REST, in Vietnamese, and `detail` says all of it.

        SOAP 1.1, 4.4: a fault that lies in the envelope or its header has no `detail`; its code stands in the text."""
        code = _FAULT_CODES.get(problem["code"])
        envelope, body = self._envelope()
        fault = etree.SubElement(body, f"{{{ENVELOPE}}}Fault")
        by_status = "Server" if problem["status"] >= 500 else "Client"
        etree.SubElement(fault, "faultcode").text = f"soap:{code or by_status}"
        said = etree.SubElement(fault, "faultstring")
        said.set("{http://www.w3.org/XML/1998/namespace}lang", "vi")
        said.text = f"{problem['title']}: {problem['detail']}" + (f" ({problem['code']})" if code else "")
        if code is None:
            detail = etree.SubElement(fault, "detail")
            element = etree.SubElement(detail, f"{{{self.namespace}}}problem")
            self._writing.record(element, self.catalogue.problem, problem)
        return _bytes(envelope)

    def _envelope(self) -> tuple[etree._Element, etree._Element]:
        envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE, "xsi": XSI, "tns": self.namespace})
        return envelope, etree.SubElement(envelope, f"{{{ENVELOPE}}}Body")


_FAULT_CODES = {"caller.must_understand": "MustUnderstand", "caller.soap_version": "VersionMismatch"}


def _bytes(envelope: etree._Element) -> bytes:
    written: bytes = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
    return written
