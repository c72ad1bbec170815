"""What a JSON value looks like in XML, read from the JSON schemas of the API's own OpenAPI document.

A *shape* is the half of a JSON schema that decides how a value is written; the limits (lengths, patterns, bounds) are
kept beside it for the XSD, and judged by the application itself, so that REST and SOAP refuse in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.sdk.errors import ConfigurationError

JsonSchema = Mapping[str, Any]
_REF = "#/components/schemas/"
TOLD_BESIDE = "x-discriminator-beside"
"""As OpenAPI's `discriminator`, of a union whose kind the object around it names."""
_LIMITS = ("minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


class Scalar(StrEnum):
    """Simple types by the name that XML Schema gives them."""

    TEXT = "string"
    WHOLE = "long"
    NUMBER = "double"
    TRUTH = "boolean"
    DAY = "date"
    MOMENT = "dateTime"
    BYTES = "base64Binary"
    JSON = "json"
    """Free-form: the element's text is a JSON text."""


@dataclass(frozen=True, slots=True)
class Simple:
    """A value without parts. `limits` are the JSON schema's own keywords."""

    scalar: Scalar
    limits: Mapping[str, Any] = field(default_factory=dict)
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Many:
    """A list: one element that holds an `item` for each entry, so that an empty list is not an absent one."""

    item: Place
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """An object with named parts, in the order of the schema."""

    parts: tuple[Part, ...] = ()

    def part(self, name: str) -> Part | None:
        """The part of that name, if there is one."""
        return next((part for part in self.parts if part.name == name), None)


@dataclass(frozen=True, slots=True)
class Named:
    """A shape that has a name of its own in the document; `Shapes.get` knows it."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several named shapes; an element of that name says which. Where two of them look alike, the value of
    another part, `told_by`, tells them apart: `names` says which branch each of its values means."""

    branches: tuple[Named, ...]
    told_by: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def beside(self, parts: Mapping[str, Any]) -> Choice:
        """What is left of it among these parts: one branch, or none when they name none."""
        if not self.told_by:
            return self
        name = self.names.get(parts.get(self.told_by, ""))
        return Choice(tuple(branch for branch in self.branches if branch.name == name))


Shape = Simple | Many | Record | Named | Choice


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its shape, and whether null may stand there instead."""

    shape: Shape
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One named part of a record."""

    name: str
    place: Place
    required: bool = True
    description: str = ""


TYPES: Mapping[Scalar, type | tuple[type, ...]] = {
    Scalar.TEXT: str,
    Scalar.DAY: str,
    Scalar.MOMENT: str,
    Scalar.WHOLE: int,
    Scalar.NUMBER: (int, float),
    Scalar.TRUTH: bool,
    Scalar.BYTES: bytes,
    Scalar.JSON: object,
}
"""What a JSON value of each kind is here."""

_SCALARS = {"integer": Scalar.WHOLE, "number": Scalar.NUMBER, "boolean": Scalar.TRUTH}
JSON_TEXT = Simple(Scalar.JSON)


class Shapes:
    """The named shapes of a document."""

    def __init__(self, schemas: Mapping[str, JsonSchema]) -> None:
        """`ConfigurationError` when a schema says what has no shape here."""
        self._schemas = schemas
        self._found = {name: self.place(schema) for name, schema in schemas.items()}

    def get(self, named: Named) -> Shape:
        """What stands behind a name."""
        return self._found[named.name].shape

    def whole(self, shape: Shape) -> Simple | Many | Record | Choice:
        """The shape itself, behind any name."""
        while isinstance(shape, Named):
            shape = self.get(shape)
        return shape

    def used(self, places: Sequence[Place]) -> list[str]:
        """Names that are met on the way from these places, sorted."""
        met: set[str] = set()
        waiting = [place.shape for place in places]
        while waiting:
            shape = waiting.pop()
            if isinstance(shape, Named) and shape.name not in met:
                met.add(shape.name)
                waiting.append(self.get(shape))
            elif isinstance(shape, Many):
                waiting.append(shape.item.shape)
            elif isinstance(shape, Choice):
                waiting += shape.branches
            elif isinstance(shape, Record):
                waiting += [part.place.shape for part in shape.parts]
        return sorted(met)

    def fits(self, place: Place, value: Any) -> bool:
        """Whether a value has the structure of the place; its limits are not looked at."""
        shape = self.whole(place.shape)
        if value is None:
            return place.nullable or shape == JSON_TEXT
        match shape:
            case Simple(scalar=scalar, values=values):
                return isinstance(value, TYPES[scalar]) and (not values or value in values)
            case Many(item=item):
                return isinstance(value, list) and all(self.fits(item, one) for one in value)
            case Choice(branches=branches):
                return any(self.fits(Place(branch), value) for branch in branches)
            case Record(parts=parts):
                return isinstance(value, Mapping) and self._has_parts(parts, value)

    def _has_parts(self, parts: Sequence[Part], value: Mapping[str, Any]) -> bool:
        known = {part.name: part.place for part in parts}
        needed = {part.name for part in parts if part.required}
        return needed <= value.keys() <= known.keys() and all(
            self.fits(known[name], one) for name, one in value.items()
        )

    def place(self, schema: JsonSchema) -> Place:
        """The place that a schema describes."""
        if "$ref" in schema:
            return self._named(str(schema["$ref"]).removeprefix(_REF))
        branches = [branch for branch in schema.get("anyOf", schema.get("oneOf", ())) if branch]
        if branches:
            return self._union(branches, schema.get(TOLD_BESIDE, {}))
        return Place(self._shape(schema))

    def _named(self, name: str) -> Place:
        """Null is no part of a shape, so a name for "this or null" is taken apart."""
        schema = self._schemas[name]
        if not schema or "anyOf" in schema or "oneOf" in schema:
            return self.place(schema)
        return Place(Named(name))

    def _union(self, branches: Sequence[JsonSchema], told: JsonSchema) -> Place:
        """`{}` among the branches says that the application judges entries one by one; the described one is meant."""
        real = [self.place(branch) for branch in branches if branch.get("type") != "null"]
        nullable = len(real) < len(branches) or any(place.nullable for place in real)
        if len(real) == 1:
            return Place(real[0].shape, nullable)
        named = tuple(place.shape for place in real if isinstance(place.shape, Named))
        if len(named) == len(real):
            names = {value: ref.removeprefix(_REF) for value, ref in told.get("mapping", {}).items()}
            return Place(Choice(named, told.get("propertyName", ""), names), nullable)
        texts = [place.shape for place in real if isinstance(place.shape, Simple) and place.shape.scalar is Scalar.TEXT]
        return Place(Simple(Scalar.TEXT) if len(texts) == len(real) else JSON_TEXT, nullable)

    def _shape(self, schema: JsonSchema) -> Shape:
        match schema.get("type"):
            case "object" if "properties" in schema:
                return Record(tuple(self._part(name, schema) for name in schema["properties"]))
            case "array" if "items" in schema:
                return Many(self.place(schema["items"]), schema.get("minItems", 0), schema.get("maxItems"))
            case "string":
                return _text(schema)
            case "integer" | "number" | "boolean" as kind:
                return Simple(_SCALARS[kind], _limits(schema))
            case None | "object" | "array":
                return JSON_TEXT
        raise ConfigurationError(f"No XML is known for a schema of type {schema['type']}.", what="soap_schema")

    def _part(self, name: str, schema: JsonSchema) -> Part:
        own = schema["properties"][name]
        return Part(name, self.place(own), name in schema.get("required", ()), own.get("description", ""))


def _text(schema: JsonSchema) -> Simple:
    formats = {"date": Scalar.DAY, "date-time": Scalar.MOMENT, "binary": Scalar.BYTES}
    scalar = formats.get(schema.get("format", ""), Scalar.TEXT)
    values = tuple(schema.get("enum", (schema["const"],) if "const" in schema else ()))
    return Simple(scalar, _limits(schema) if scalar is Scalar.TEXT else {}, values)


def _limits(schema: JsonSchema) -> dict[str, Any]:
    return {name: schema[name] for name in _LIMITS if name in schema}
