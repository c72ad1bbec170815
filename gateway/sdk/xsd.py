"""The XML Schema inside a WSDL, compiled once. It sees what zeep does not look at: facets, and every reply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.sdk.errors import ConfigurationError
from gateway.sdk.freedom import Document, Freedom

_XS = "{http://www.w3.org/2001/XMLSchema}"
_TYPES = "{http://schemas.xmlsoap.org/wsdl/}types"
_OURS = "lienthong:"
"""Begins the names under which the parts of a WSDL find one another; no file and no host is called so."""


class Schema:
    """What a WSDL says of the elements that it declares. Safe to share between threads."""

    def __init__(self, schemas: list[Any], *, beside: Path) -> None:
        parts = {f"{_OURS}{number}": etree.tostring(schema) for number, schema in enumerate(schemas)}
        spaces: dict[str, list[str]] = {}
        for name, schema in zip(parts, schemas, strict=True):
            spaces.setdefault(schema.get("targetNamespace", ""), []).append(name)
        # An import counts once for each namespace, so the parts that share one are included together.
        joined = {f"{_OURS}of-{number}": _joined(space, spaces[space]) for number, space in enumerate(spaces)}
        parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
        parser.resolvers.add(_Parts({**parts, **joined}, beside))
        whole = etree.fromstring(_importing(dict(zip(joined, spaces, strict=True))), parser)
        try:
            self._schema = etree.XMLSchema(whole)
        except etree.XMLSchemaParseError as exc:
            raise ConfigurationError(f"The schema in {beside.name} cannot be compiled.", what="wsdl") from exc
        documents = list(_documents(schemas, beside.parent))
        self._declared = {part.name for one in documents for part in one.declared() if part.kind == f"{_XS}element"}
        self._freedom = Freedom(documents)

    def refuses(self, element: Any) -> bool:
        """Whether the element, as it stands, breaks the schema. One that the schema does not declare breaks nothing."""
        return element.tag in self._declared and not self._schema.validate(element)

    def leaves_free(self, element: Any) -> bool:
        """Whether any text may stand where this element holds one: then the next one like it need not be looked at."""
        return element.tag not in self._declared or self._freedom.holds(element)


def schema_of(wsdl: Path) -> Schema | None:
    """The schema that stands in this WSDL, with the files that it refers to; None: there is none.

    `ConfigurationError` when it cannot be compiled: a contract that cannot be checked is no contract."""
    types = etree.parse(wsdl, etree.XMLParser(no_network=True, resolve_entities=False)).getroot().find(_TYPES)
    schemas = [] if types is None else types.findall(f"{_XS}schema")
    return Schema(schemas, beside=wsdl) if schemas else None


def _documents(schemas: Iterable[Any], folder: Path) -> Iterator[Document]:
    """These schemas, and the files that they import or include."""
    waiting, seen = [(schema, schema.get("targetNamespace", "")) for schema in schemas], set[tuple[str, str]]()
    while waiting:
        schema, space = waiting.pop()
        yield Document(schema, space)
        for kind in ("import", "include"):
            for other in schema.iterfind(f"{_XS}{kind}"):
                file = other.get("schemaLocation", "")
                # What is included without a namespace of its own takes ours.
                theirs = other.get("namespace", "") if kind == "import" else space
                if file and (file, theirs) not in seen and (folder / file).is_file():
                    seen.add((file, theirs))
                    waiting.append((etree.parse(folder / file, _parser()).getroot(), theirs))


def _parser() -> Any:
    return etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)


class _Parts(etree.Resolver):
    """Hands the inline schemas to the compiler; another name is a file beside the WSDL, which zeep has looked at."""

    def __init__(self, parts: Mapping[str, bytes], wsdl: Path) -> None:
        self._parts = parts
        self._base = wsdl.resolve().as_uri()

    def resolve(self, url: str, _: object, context: Any) -> Any:  # type: ignore[override]  # the stubs forget one
        found = self._parts.get(url.rpartition("/")[2])
        return None if found is None else self.resolve_string(found, context, base_url=self._base)


def _importing(spaces: Mapping[str, str]) -> str:
    lines = "".join(
        f'<xs:import {f"namespace={chr(34)}{space}{chr(34)} " if space else ""}schemaLocation="{name}"/>'
        for name, space in spaces.items()
    )
    return _wrapped(lines, f"{_OURS}all")


def _joined(space: str, names: list[str]) -> bytes:
    return _wrapped("".join(f'<xs:include schemaLocation="{name}"/>' for name in names), space).encode()


def _wrapped(inside: str, space: str) -> str:
    target = f' targetNamespace="{space}"' if space else ""
    return f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"{target}>{inside}</xs:schema>'
