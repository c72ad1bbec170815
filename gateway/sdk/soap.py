"""SOAP 1.1 as a codec. zeep knows the WSDL and writes the envelope; no socket is ever opened from here.

Replies are read with lxml directly: no DTD, no entity, no network, and only plain text in plain elements comes out.
What could cost much time or memory is refused by counting before anything is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.transports import Transport

from gateway.sdk.charset import UTF_8_LABELS, decoded_xml
from gateway.sdk.errors import ConfigurationError, ProtocolViolation

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
DEEPEST = 20
"""Levels of elements below the Body's child, or below the root."""
LARGEST_XML = 20_000_000
"""Bytes."""
MOST_TAGS = 200_000
"""Opening, closing and empty ones together. A tag of four bytes becomes a node of more than a hundred."""
MOST_ATTRIBUTES = 10_000
"""Of the whole document, declarations of namespaces among them, which are looked up for each element."""
_DECLARED = re.compile(r"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]*)["']""")


@dataclass(frozen=True, slots=True)
class SoapFault:
    """The other side's Fault: `code` without its prefix, and its sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SoapBody:
    """The one element of a Body. `value`: its text, or its children by local name; repeated ones become a list.
    `attributes`: its own, by local name; those of its children are in no contract."""

    namespace: str
    name: str
    value: Any = field(repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)


class SoapContract:
    """One WSDL. Thread-safe after construction; parsing takes some milliseconds, so make it once."""

    def __init__(self, wsdl: Path) -> None:
        """`ConfigurationError` when the file is not a WSDL, or refers to anything outside its folder."""
        try:
            self._client = zeep.Client(str(wsdl), transport=_LocalTransport(wsdl.parent), settings=_settings())
            self._service = self._client.service
        except (ZeepError, etree.XMLSyntaxError, OSError, ValueError) as exc:
            raise ConfigurationError(f"{wsdl.name} cannot be used as a WSDL.", what="wsdl") from exc

    def write(self, operation: str, values: Mapping[str, Any]) -> bytes:
        """The envelope with an empty Header. The WSDL decides the order of elements, not `values`.

        `ProtocolViolation` when the values do not fit the WSDL: nothing is sent that breaks the contract.
        """
        try:
            envelope = self._client.create_message(self._service, operation, **values)
        except (ZeepError, TypeError, ValueError) as exc:
            raise ProtocolViolation(f"The request does not fit the contract of {operation}.") from exc
        envelope.insert(0, etree.Element(f"{{{ENVELOPE}}}Header"))
        written: bytes = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
        return written


def read_soap(content: bytes) -> SoapBody | SoapFault:
    """The Body's only child. `ProtocolViolation`: not XML, not SOAP 1.1, or built to harm."""
    envelope = _parse(content)
    bodies = envelope.findall(f"{{{ENVELOPE}}}Body")
    if envelope.tag != f"{{{ENVELOPE}}}Envelope" or len(bodies) != 1 or len(bodies[0]) != 1:
        _broken("The answer is not a SOAP 1.1 envelope with one body.")
    child = bodies[0][0]
    if child.tag == f"{{{ENVELOPE}}}Fault":
        code = (child.findtext("faultcode") or "").strip()
        return SoapFault(code.rpartition(":")[2], (child.findtext("faultstring") or "").strip())
    return _body(child)


def read_xml(content: bytes) -> SoapBody:
    """A document that stands for itself, not in an envelope. `ProtocolViolation`: not XML, or built to harm."""
    return _body(_parse(content))


def _body(element: etree._Element) -> SoapBody:
    name = etree.QName(element)
    attributes = {etree.QName(key).localname: str(value) for key, value in element.attrib.items()}
    return SoapBody(name.namespace or "", name.localname, _value(element, DEEPEST), attributes)


def _parse(content: bytes) -> etree._Element:
    if len(content) > LARGEST_XML:
        _broken("The answer is too large.")
    text = decoded_xml(content)
    check_harmless(text)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as exc:
        raise ProtocolViolation("The answer is not well-formed XML.") from exc


def check_harmless(text: str) -> None:
    """Counts what stands in the text, also in CDATA and comments: an honest answer comes nowhere near."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        _broken("The answer declares a document type.")
    if text.count("<") > MOST_TAGS or text.count("=") > MOST_ATTRIBUTES:
        _broken("The answer has too many elements or attributes.")
    declared = _DECLARED.match(text)
    # .NET writes utf-16 into what it then sends as UTF-8; bytes that were read as UTF-8 cannot be UTF-16.
    if declared and declared[1].lower() not in UTF_8_LABELS | {"utf-16"}:
        raise ProtocolViolation("The answer declares another encoding than UTF-8.", what="wrong_charset")


def _value(element: etree._Element, depth: int) -> Any:
    if depth == 0:
        _broken("The answer is nested too deeply.")
    if not len(element):
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in element:
        if not isinstance(child.tag, str):
            _broken("The answer holds an entity.")
        name, value = etree.QName(child).localname, _value(child, depth - 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _settings() -> zeep.Settings:
    return zeep.Settings(strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True)


def _broken(detail: str) -> NoReturn:
    raise ProtocolViolation(detail)


class _LocalTransport(Transport):
    """Loads the files beside the WSDL and nothing else; a WSDL that imports from the network fails at start-up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        super().__init__(cache=None)

    def load(self, url: str) -> bytes:
        path = Path(url).resolve()
        if "://" in url or path.parent != self._folder:
            raise ConfigurationError("A WSDL may only refer to files beside it.", what="wsdl")
        return path.read_bytes()

    def post(self, *_: object) -> NoReturn:
        raise ConfigurationError("The SOAP codec does not send.", what="wsdl")

    get = post
