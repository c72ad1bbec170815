"""JSON to XML and back, by shape. Nothing is guessed and nothing is lost: what is absent stays absent, null is
`xsi:nil`, and an empty list is an empty element (CON-03, CON-18)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

from gateway.api.bodies import read_json
from gateway.facade.shapes import TYPES, Choice, Many, Named, Place, Record, Scalar, Shape, Shapes, Simple
from gateway.sdk.errors import GatewayError, RequestError

XSI = "http://www.w3.org/2001/XMLSchema-instance"
NIL, TYPE = f"{{{XSI}}}nil", f"{{{XSI}}}type"
HINTS = frozenset({f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation"})
"""Where a sender says that its schema lies. Ours is known; nothing is ever fetched."""

Location = tuple[str | int, ...]
Complaint = Mapping[str, Any]
"""One wrong element, as `gateway.api.problems.of_validation` reads it."""

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LEXICAL: Mapping[Scalar, tuple[re.Pattern[str], str]] = {
    Scalar.WHOLE: (re.compile(r"[+-]?[0-9]{1,19}", re.ASCII), "int_parsing"),
    Scalar.NUMBER: (re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII), "number"),
    Scalar.TRUTH: (re.compile(r"true|false|1|0"), "bool_parsing"),
    Scalar.DAY: (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII), "date_parsing"),
    Scalar.MOMENT: (
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII),
        "date_parsing",
    ),
    Scalar.BYTES: (re.compile(r"[0-9A-Za-z+/\s]*={0,2}\s*", re.ASCII), "base64"),
}
_SPACE = " \t\r\n"


class Writing:
    """Writes JSON values as elements of one namespace."""

    def __init__(self, shapes: Shapes, namespace: str) -> None:
        self._shapes = shapes
        self._namespace = namespace

    def record(self, parent: etree._Element, record: Record, value: Mapping[str, Any]) -> None:
        """The parts of `value` under `parent`. `GatewayError`: a character or a field that the XML cannot carry."""
        if unknown := value.keys() - {part.name for part in record.parts}:
            raise GatewayError(f"{len(unknown)} field(s) of the answer are not in the schema.", what="not_in_schema")
        for part in record.parts:
            if part.name in value:
                place = part.place
                if isinstance(place.shape, Choice):
                    place = replace(place, shape=place.shape.beside(value))
                self._put(parent, part.name, value[part.name], place=place)

    def _put(self, parent: etree._Element, name: str, value: Any, *, place: Place) -> None:
        element = etree.SubElement(parent, f"{{{self._namespace}}}{name}")
        if value is None and place.nullable:
            element.set(NIL, "true")
            return
        match self._shapes.whole(place.shape):
            case Record() as record if isinstance(value, Mapping):
                self.record(element, record, value)
            case Many(item=item) if isinstance(value, list):
                for one in value:
                    self._put(element, "item", one, place=item)
            case Simple(scalar=scalar) if isinstance(value, TYPES[scalar]):
                element.text = _written(scalar, value)
            case Choice(branches=branches) if self._shapes.fits(place, value):
                branch = next(branch for branch in branches if self._shapes.fits(Place(branch), value))
                self._put(element, branch.name, value, place=Place(branch))
            case _:
                raise GatewayError(f"The answer's field {name} is not as the schema says.", what="not_in_schema")


def _written(scalar: Scalar, value: Any) -> str:
    if scalar is Scalar.JSON:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return _NOT_IN_XML.sub(_escaped, text)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    text = value if isinstance(value, str) else json.dumps(value)
    if _NOT_IN_XML.search(text):
        raise GatewayError(
            "The answer holds a character that XML 1.0 cannot carry. Ask for it over JSON.",
            vi="Câu trả lời có ký tự mà XML 1.0 không biểu diễn được. Hãy lấy qua giao diện JSON.",
            what="not_in_xml",
        )
    return text


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found.group())[1:-1]


class Reading:
    """Reads one wrapper. What is wrong is gathered in `complaints`, in the order of the document."""

    def __init__(self, shapes: Shapes, namespace: str) -> None:
        self._shapes = shapes
        self._namespace = namespace
        self.complaints: list[Complaint] = []

    def wrapper(self, element: etree._Element, record: Record) -> dict[str, Any]:
        """The parts of the element in a Body."""
        self._attributes(element, ())
        return self.record(element, record, ())

    def record(self, element: etree._Element, record: Record, at: Location) -> dict[str, Any]:
        """The parts that stand in `element`. An unknown, repeated or misplaced one is a complaint."""
        names = [part.name for part in record.parts]
        found: dict[str, Any] = {}
        last = -1
        for child, name in self._children(element, at):
            part = record.part(name)
            if part is None or name in found:
                self._complain("extra_forbidden" if part is None else "repeated", (*at, name))
                continue
            if names.index(name) < last:
                self._complain("misplaced", (*at, name))
            last = max(last, names.index(name))
            found[name] = self.value(child, part.place, (*at, name))
        return found

    def value(self, element: etree._Element, place: Place, at: Location) -> Any:
        """What an element says."""
        self._attributes(element, at)
        shape = self._shapes.whole(place.shape)
        if element.get(NIL, "false").strip() in {"true", "1"}:
            if len(element) or element.text:
                self._complain("nil", at)
            if not place.nullable:
                self._complain(_expected(shape), at)
            return None
        match shape:
            case Record() as record:
                return self.record(element, record, at)
            case Many(item=item):
                return self._items(element, item, at)
            case Simple(scalar=scalar):
                return self._simple(element, scalar, at)
            case Choice(branches=branches):
                return self._chosen(element, branches, at)

    def _items(self, element: etree._Element, item: Place, at: Location) -> list[Any]:
        found: list[Any] = []
        for child, name in self._children(element, at):
            if name == "item":
                found.append(self.value(child, item, (*at, len(found))))
            else:
                self._complain("extra_forbidden", (*at, name))
        return found

    def _chosen(self, element: etree._Element, branches: Sequence[Named], at: Location) -> Any:
        children = list(self._children(element, at))
        chosen = [(child, branch) for child, name in children for branch in branches if branch.name == name]
        if len(chosen) != 1 or len(children) != 1:
            self._complain("choice", at)
            return None
        ((child, branch),) = chosen
        return self.value(child, Place(branch), at)

    def _simple(self, element: etree._Element, scalar: Scalar, at: Location) -> Any:
        if len(element):
            self._complain("string_type", at)
            return None
        text = element.text or ""
        if scalar is Scalar.TEXT:
            return text
        if scalar is Scalar.JSON:
            return self._json(text, at)
        text = text.strip(_SPACE)
        pattern, kind = _LEXICAL[scalar]
        if not pattern.fullmatch(text):
            self._complain(kind, at)
            return None
        try:
            return _VALUES.get(scalar, str)(text)
        except ValueError:
            self._complain(kind, at)
            return None

    def _json(self, text: str, at: Location) -> Any:
        try:
            return read_json(text.encode())
        except RequestError:
            self._complain("json", at)
            return None

    def _children(self, element: etree._Element, at: Location) -> Iterator[tuple[etree._Element, str]]:
        if (element.text or "").strip(_SPACE) or any((child.tail or "").strip(_SPACE) for child in element):
            self._complain("mixed", at)
        for child in element:
            name = etree.QName(child)
            if name.namespace == self._namespace:
                yield child, name.localname
            else:
                self._complain("foreign", at)

    def _attributes(self, element: etree._Element, at: Location) -> None:
        if any(name not in HINTS and name not in {NIL, TYPE} for name in element.attrib):
            self._complain("attribute", at)

    def _complain(self, kind: str, at: Location) -> None:
        self.complaints.append(complaint(kind, at))


def complaint(kind: str, at: Location) -> Complaint:
    """One wrong element. `kind`: one that REST has a sentence for, or one of ours."""
    if kind not in _OWN:
        return {"type": kind, "loc": at}
    english, vietnamese = _OWN[kind]
    return {"type": "our_value", "loc": at, "ctx": {"en": english, "vi": vietnamese}}


def _expected(shape: Shape) -> str:
    """What REST would call null in its place."""
    if isinstance(shape, Simple):
        return _LEXICAL[shape.scalar][1] if shape.scalar in _LEXICAL else "string_type"
    return "list_type" if isinstance(shape, Many) else "model_type"


def _number(text: str) -> float:
    return int(text) if text.lstrip("+-").isdecimal() else float(text)


_VALUES: Mapping[Scalar, Callable[[str], Any]] = {
    Scalar.WHOLE: int,
    Scalar.NUMBER: _number,
    Scalar.BYTES: base64.b64decode,
    Scalar.TRUTH: lambda text: text in {"true", "1"},
}
_OWN: Mapping[str, tuple[str, str]] = {
    "repeated": ("The element stands here twice.", "Phần tử bị lặp."),
    "misplaced": (
        "The element stands behind one that it must precede; the order of the XSD holds.",
        "Phần tử đứng sai thứ tự so với lược đồ XSD.",
    ),
    "attribute": ("An element has an attribute that is not in the XSD.", "Có thuộc tính không được định nghĩa ở đây."),
    "nil": ("An element with xsi:nil must be empty.", "Phần tử có xsi:nil phải để trống."),
    "mixed": ("Text stands between the elements.", "Có văn bản nằm giữa các phần tử."),
    "foreign": ("An element of another namespace stands here.", "Có phần tử thuộc không gian tên khác ở đây."),
    "choice": (
        "One of the elements that the XSD offers is expected.",
        "Phải là một trong các phần tử mà XSD nêu.",
    ),
    "json": ("A JSON text is expected.", "Phải là văn bản JSON hợp lệ."),
    "number": ("A number is expected.", "Phải là số."),
    "base64": ("Base64 is expected.", "Phải là base64."),
    "form": (
        "The request does not follow the XSD.",
        "Yêu cầu không đúng lược đồ XSD.",
    ),
}
