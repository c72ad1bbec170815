"""SOAP 1.1 as a codec. zeep knows the WSDL and writes the envelope; no socket is ever opened from here.

Replies are read with lxml directly: no DTD, no entity, no network, and only plain text in plain elements comes out.
What could cost much time or memory is refused by counting before anything is parsed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import structlog
from lxml import etree
from zeep.exceptions import Error as ZeepError

from gateway.sdk.charset import UTF_8_LABELS, xml_octets
from gateway.sdk.errors import ProtocolViolation
from gateway.sdk.templates import Names, Template, compiled, flat
from gateway.sdk.wsdl import opened

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
DEEPEST = 20
"""Levels of elements below the Body's child, or below the root."""
LARGEST_XML = 20_000_000
"""Bytes."""
MOST_TAGS = 200_000
"""Opening, closing and empty ones together. A tag of four bytes becomes a node of more than a hundred."""
MOST_ATTRIBUTES = 10_000
"""Of the whole document, declarations of namespaces among them, which are looked up for each element."""
MOST_TEMPLATES = 64
"""Of one contract. Sets of fields come from code and settings, so there are a few; more would be a mistake."""
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]*)["']""")

_ENVELOPE, _BODY, _FAULT = (f"{{{ENVELOPE}}}{name}" for name in ("Envelope", "Body", "Fault"))
_DECLARABLE = UTF_8_LABELS | {"utf-16"}
_READER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
"""For what others wrote. A parser keeps nothing of what it has read, and lets one thread in at a time."""
_OWN = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
"""For what we wrote ourselves."""
log = structlog.get_logger()


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


def in_a_thread(work: Callable[[], None]) -> None:
    """Beside the event loop. Two of them at once do no harm."""
    threading.Thread(target=work, name="envelopes").start()


@dataclass(frozen=True, slots=True)
class _Known:
    """A template, and whether any text in it fits the schema: if not, each envelope is looked at."""

    template: Template
    is_free: bool


class SoapContract:
    """One WSDL. Thread-safe after construction; parsing takes some milliseconds, so make it once.

    zeep is the authority on every envelope, and slow. Of each operation and set of fields a template is made that
    writes as zeep does (`gateway.sdk.templates`): at the start, where a connector says what it is going to ask
    (`prepare`); else beside the caller who asks first, and zeep writes until it is there.
    """

    def __init__(self, wsdl: Path, *, beside: Callable[[Callable[[], None]], None] = in_a_thread) -> None:
        """`beside`: what has some milliseconds of work done where nobody waits for it. `ConfigurationError` when the
        file is not a WSDL, or refers to anything outside its folder."""
        self._envelope, self._schema = opened(wsdl)
        self._beside = beside
        self._known: dict[tuple[str, Names], _Known | None] = {}
        """None: zeep writes these, for now or for good."""
        self._warned: set[str] = set()

    def prepare(self, operation: str, values: Mapping[str, Any]) -> None:
        """For the start: makes a template for values with these names; what they are does not matter. Where there can
        be none, a warning says so now."""
        found = flat(values)
        if found is None:
            self._warn(operation)
        elif self._is_new(operation, found[0]):
            self._learn(operation, found[0])

    def write(self, operation: str, values: Mapping[str, Any]) -> bytes:
        """The envelope with an empty Header. The WSDL decides the order of elements, not `values`.

        `ProtocolViolation` when the values do not fit the WSDL or its schema: nothing is sent that breaks the contract.
        """
        found = flat(values)
        known = self._known.get((operation, found[0])) if found else None
        content = known.template.fill(found[1]) if known and found else None
        if content is None:
            content = self._by_zeep(operation, values)
            self._check(operation, content)
            if found is None:
                self._warn(operation)
            elif self._is_new(operation, found[0]):
                try:
                    self._beside(partial(self._learn, operation, found[0]))
                except RuntimeError:  # no thread can be started now; what zeep wrote holds all the same
                    self._known.pop((operation, found[0]), None)
                    self._warn(operation)
        elif known and not known.is_free:
            self._check(operation, content)
        return content

    def refuses(self, element: etree._Element) -> bool:
        """Whether an element breaks the contract's schema, where there is one that declares it."""
        return self._schema is not None and self._schema.refuses(element)

    def _by_zeep(self, operation: str, values: Mapping[str, Any]) -> bytes:
        try:
            envelope = self._envelope(operation, **values)
        except (ZeepError, TypeError, ValueError) as exc:
            raise ProtocolViolation(f"The request does not fit the contract of {operation}.") from exc
        envelope.insert(0, etree.Element(f"{{{ENVELOPE}}}Header"))
        written: bytes = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
        return written

    def _check(self, operation: str, content: bytes) -> None:
        if not self._fits(content):
            raise ProtocolViolation(f"The request does not fit the schema of {operation}.")

    def _fits(self, content: bytes) -> bool:
        return self._schema is None or not any(map(self.refuses, _body_of(content)))

    def _is_new(self, operation: str, names: Names) -> bool:
        """Whether somebody has to learn this set of fields: of those who ask, one is told so."""
        if (operation, names) in self._known:
            return False
        if len(self._known) >= MOST_TEMPLATES:
            self._warn(operation)
            return False
        self._known[operation, names] = None
        return True

    def _learn(self, operation: str, names: Names) -> None:
        """Some thirty envelopes by zeep: three to five milliseconds."""
        try:
            if made := compiled(names, lambda values: self._by_zeep(operation, values)):
                template, written = made
                self._known[operation, names] = _Known(template, is_free=self._leaves_free(written))
        except ProtocolViolation:
            pass  # zeep says the same to whoever asks for it
        except Exception:
            log.exception("envelope_not_learned", operation=operation)
        if self._known[operation, names] is None:
            self._warn(operation)

    def _leaves_free(self, written: Sequence[bytes]) -> bool:
        """Whether the schema says of any envelope what it says of these, which differ in their texts alone: that it
        fits. The schema itself has to say so; that all of these fit would prove nothing of other texts."""
        schema = self._schema
        if schema is None:
            return True
        return all(map(schema.leaves_free, _body_of(written[0]))) and all(map(self._fits, written))

    def _warn(self, operation: str) -> None:
        if operation not in self._warned:
            self._warned.add(operation)
            log.warning("envelopes_are_not_prepared", operation=operation)


def read_soap(content: bytes, contract: SoapContract | None = None) -> SoapBody | SoapFault:
    """The Body's only child. `ProtocolViolation`: not XML, not SOAP 1.1, or built to harm, or, where a `contract` is
    given, an element that breaks its schema. Elements that the schema does not declare are left to the reader."""
    envelope = _parse(content)
    bodies = [child for child in envelope if child.tag == _BODY]
    if envelope.tag != _ENVELOPE or len(bodies) != 1 or len(bodies[0]) != 1:
        _broken("The answer is not a SOAP 1.1 envelope with one body.")
    child = bodies[0][0]
    if child.tag == _FAULT:
        code = (child.findtext("faultcode") or "").strip()
        return SoapFault(code.rpartition(":")[2], (child.findtext("faultstring") or "").strip())
    if contract is not None and contract.refuses(child):
        raise ProtocolViolation(
            "The answer breaks the schema of its contract.",
            vi="Câu trả lời không đúng lược đồ của đặc tả",
            what="breaks_schema",
        )
    return _body(child)


def _body_of(content: bytes) -> etree._Element:
    """Of an envelope of ours."""
    return etree.fromstring(content, _OWN)[-1]


def read_xml(content: bytes) -> SoapBody:
    """A document that stands for itself, not in an envelope. `ProtocolViolation`: not XML, or built to harm."""
    return _body(_parse(content))


def _body(element: etree._Element) -> SoapBody:
    namespace, _, name = element.tag.rpartition("}")
    attributes = {_local(str(key)): str(value) for key, value in element.items()}
    return SoapBody(namespace[1:], name, _value(element, DEEPEST), attributes)


def _parse(content: bytes) -> etree._Element:
    if len(content) > LARGEST_XML:
        _broken("The answer is too large.")
    octets = xml_octets(content)
    check_harmless(octets)
    try:
        return etree.fromstring(octets, _READER)
    except etree.XMLSyntaxError as exc:
        raise ProtocolViolation("The answer is not well-formed XML.") from exc


def check_harmless(octets: bytes) -> None:
    """Of UTF-8. Counts what stands in the text, also in CDATA and comments: an honest answer comes nowhere near."""
    # One byte is found much faster than two, and most answers hold none.
    if b"!" in octets and (b"<!DOCTYPE" in octets or b"<!ENTITY" in octets):
        _broken("The answer declares a document type.")
    is_long = len(octets) > min(MOST_TAGS, MOST_ATTRIBUTES)  # a shorter one cannot hold so many
    if is_long and (octets.count(b"<") > MOST_TAGS or octets.count(b"=") > MOST_ATTRIBUTES):
        _broken("The answer has too many elements or attributes.")
    declared = _DECLARED.match(octets)
    # .NET writes utf-16 into what it then sends as UTF-8; bytes that were read as UTF-8 cannot be UTF-16.
    if declared and declared[1].decode().lower() not in _DECLARABLE:
        raise ProtocolViolation("The answer declares another encoding than UTF-8.", what="wrong_charset")


def _value(element: etree._Element, depth: int) -> Any:
    if not len(element):
        return (element.text or "").strip()
    if depth == 1:
        _broken("The answer is nested too deeply.")
    found: dict[str, Any] = {}
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            _broken("The answer holds an entity.")
        value = _value(child, depth - 1) if len(child) else (child.text or "").strip()
        name = tag[tag.rfind("}") + 1 :]
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _local(tag: str) -> str:
    return tag[tag.rfind("}") + 1 :]


def _broken(detail: str) -> NoReturn:
    raise ProtocolViolation(detail)
