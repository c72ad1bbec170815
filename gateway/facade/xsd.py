"""The XSD of the façade. The same document always gives the same bytes (CON-06).

Two are made. The published one says everything, with the limits of each value. The one that requests are validated
against knows no limits and misses nothing: limits and missing fields are judged by the application, so that they are
refused in the words of REST; order, names, types and null are judged here.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from gateway.facade.operations import Catalogue
from gateway.facade.patterns import xsd_pattern
from gateway.facade.shapes import Choice, Many, Named, Part, Place, Record, Scalar, Shape, Simple

XS = "http://www.w3.org/2001/XMLSchema"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
JSON_TYPE = "JsonText"
_FACETS = {
    "minLength": "minLength",
    "maxLength": "maxLength",
    "minimum": "minInclusive",
    "maximum": "maxInclusive",
    "exclusiveMinimum": "minExclusive",
    "exclusiveMaximum": "maxExclusive",
}


def published(catalogue: Catalogue, namespace: str) -> bytes:
    """The XSD for callers: every limit, and what each element means in English and Vietnamese."""
    schema = _Writer(namespace, whole=True).schema(catalogue)
    written: bytes = etree.tostring(schema, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def structure(catalogue: Catalogue, namespace: str) -> etree.XMLSchema:
    """The compiled schema that requests are validated against."""
    return etree.XMLSchema(_Writer(namespace, whole=False).schema(catalogue))


def under(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    """A new element of XML Schema."""
    return etree.SubElement(parent, f"{{{XS}}}{tag}", attrib=attributes)


@dataclass(frozen=True, slots=True)
class _Writer:
    namespace: str
    whole: bool

    def schema(self, catalogue: Catalogue) -> etree._Element:
        root = etree.Element(
            f"{{{XS}}}schema",
            attrib={"targetNamespace": self.namespace, "elementFormDefault": "qualified"},
            nsmap={"xs": XS, "tns": self.namespace},
        )
        for operation in catalogue.operations.values():
            self._record(under(root, "element", name=operation.name), operation.asks)
            self._record(under(root, "element", name=f"{operation.name}Response"), operation.answers)
        self._record(under(root, "element", name="problem"), catalogue.problem)
        for name in catalogue.shapes.used(catalogue.places):
            self._named(root, name, catalogue.shapes.get(Named(name)))
        kind = under(root, "simpleType", name=JSON_TYPE)
        self._document(kind, "A value of any form, as a JSON text — Giá trị có cấu trúc tự do, viết bằng JSON")
        under(kind, "restriction", base="xs:string")
        return root

    def _named(self, root: etree._Element, name: str, shape: Shape) -> None:
        if isinstance(shape, Simple):
            self._restricted(under(root, "simpleType", name=name), shape)
            return
        kind = under(root, "complexType", name=name)
        if isinstance(shape, Record):
            self._parts(kind, shape)
        elif isinstance(shape, Many):
            self._items(kind, shape)

    def _record(self, element: etree._Element, record: Record) -> None:
        self._parts(under(element, "complexType"), record)

    def _parts(self, kind: etree._Element, record: Record) -> None:
        sequence = under(kind, "sequence")
        for part in record.parts:
            self._part(sequence, part)

    def _part(self, sequence: etree._Element, part: Part) -> None:
        element = under(sequence, "element", name=part.name)
        if not (part.required and self.whole):
            element.set("minOccurs", "0")
        self._document(element, part.description)
        self._place(element, part.place)

    def _place(self, element: etree._Element, place: Place) -> None:
        if place.nullable:
            element.set("nillable", "true")
        match place.shape:
            case Named(name=name):
                element.set("type", f"tns:{name}")
            case Simple() as simple if self._is_plain(simple):
                element.set("type", self._base(simple))
            case Simple() as simple:
                self._restricted(under(element, "simpleType"), simple)
            case Many() as many:
                self._items(under(element, "complexType"), many)
            case Record() as record:
                self._record(element, record)
            case Choice() as choice:
                self._branches(under(element, "complexType"), choice)

    def _branches(self, kind: etree._Element, choice: Choice) -> None:
        offered = under(kind, "choice", minOccurs="1" if self.whole else "0")
        for branch in choice.branches:
            under(offered, "element", name=branch.name, type=f"tns:{branch.name}")

    def _items(self, kind: etree._Element, many: Many) -> None:
        most = "unbounded" if many.most is None or not self.whole else str(many.most)
        least = str(many.least if self.whole else 0)
        item = under(under(kind, "sequence"), "element", name="item", minOccurs=least, maxOccurs=most)
        self._place(item, many.item)

    def _is_plain(self, simple: Simple) -> bool:
        return not self.whole or not (simple.limits or simple.values)

    @staticmethod
    def _base(simple: Simple) -> str:
        return f"tns:{JSON_TYPE}" if simple.scalar is Scalar.JSON else f"xs:{simple.scalar.value}"

    def _restricted(self, kind: etree._Element, simple: Simple) -> None:
        restriction = under(kind, "restriction", base=self._base(simple))
        if not self.whole:
            return
        if (pattern := xsd_pattern(simple.limits.get("pattern", ""))) is not None:
            under(restriction, "pattern", value=pattern)
        for keyword, facet in _FACETS.items():
            if keyword in simple.limits:
                under(restriction, facet, value=_number(simple.limits[keyword]))
        for value in simple.values:
            under(restriction, "enumeration", value=value)

    def _document(self, element: etree._Element, description: str) -> None:
        if not (description and self.whole):
            return
        english, _, vietnamese = description.partition(" — ")
        annotation = under(element, "annotation")
        for language, text in (("vi", vietnamese), ("en", english)):
            if text:
                said = under(annotation, "documentation")
                said.set(XML_LANG, language)
                said.text = text


def _number(value: float) -> str:
    """JSON schemas write whole bounds as 999.0, which is no xs:long."""
    return str(int(value)) if value == int(value) else repr(value)
