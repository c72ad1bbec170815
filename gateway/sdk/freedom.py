"""Which elements of a schema may hold any text, read from the schema itself: `xs:string` or `xs:normalizedString`, or
a type derived from one of them without a facet. What is built in a way that is not understood here is not free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_XS = "{http://www.w3.org/2001/XMLSchema}"
_ANY_TEXT = {f"{_XS}string", f"{_XS}normalizedString"}
_MODELS = {f"{_XS}{name}" for name in ("sequence", "choice", "all")}
_OF_ATTRIBUTES = {f"{_XS}{name}" for name in ("attribute", "attributeGroup", "anyAttribute")}
_BINDS_VALUES = {f"{_XS}{name}" for name in ("unique", "key", "keyref")}


@dataclass(frozen=True, slots=True)
class Document:
    """`root`: an `xs:schema`. `space`: of what it declares; one that names none takes that of whoever includes it."""

    root: Any
    space: str

    def declared(self) -> Iterator[Part]:
        """What has a name of its own."""
        return (part for part in Part(self.root, self).inside if part.node.get("name"))


@dataclass(frozen=True, slots=True)
class Part:
    """A node of a schema document."""

    node: Any
    document: Document

    @property
    def kind(self) -> str:
        return str(self.node.tag)

    @property
    def name(self) -> str:
        """As an element of a message is called, if this declares one."""
        space, root = self.document.space, self.document.root
        is_local = self.node.getparent() is not root
        form = self.node.get("form") or root.get("elementFormDefault")
        return named("" if is_local and form != "qualified" else space, self.node.get("name", ""))

    @property
    def inside(self) -> list[Part]:
        """Its children, what is only said about them left out."""
        said = (child for child in self.node if isinstance(child.tag, str) and child.tag != f"{_XS}annotation")
        return [Part(child, self.document) for child in said]

    def refers(self, attribute: str) -> str:
        """The name that an attribute holds, with its namespace; empty: there is none."""
        prefix, _, local = self.node.get(attribute, "").rpartition(":")
        # Without a prefix and a default it is in no namespace, unless the document takes that of whoever includes it.
        absent = "" if self.document.root.get("targetNamespace") else self.document.space
        space = self.node.nsmap.get(prefix or None, absent)
        return named(space, local) if local else ""


class Freedom:
    """Of the documents that make up one schema."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._parts: dict[tuple[str, str], Part | None] = {}
        for part in (part for document in documents for part in document.declared()):
            key = (part.kind, named(part.document.space, part.node.get("name")))
            self._parts[key] = None if key in self._parts else part  # twice: who knows which one counts

    def holds(self, element: Any) -> bool:
        """Whether the schema says of this element the same as now, whatever text its innermost elements hold."""
        return self._is_free(element, self._parts.get((f"{_XS}element", element.tag)))

    def _is_free(self, element: Any, declared: Part | None) -> bool:
        if declared is None or declared.node.get("fixed") is not None or element.attrib or element.tail:
            return False
        if any(part.kind in _BINDS_VALUES for part in declared.inside):
            return False
        if not len(element):
            return self._is_any_text(declared)
        return not element.text and self._are_free(element, self._children(declared))

    def _are_free(self, element: Any, declared: Sequence[Part | None]) -> bool:
        """Its children."""
        by_name: dict[str, list[Part]] = {}
        for part in declared:
            if part is None:
                return False
            by_name.setdefault(part.name, []).append(part)
        return all(
            child.tag in by_name and all(self._is_free(child, part) for part in by_name[child.tag]) for child in element
        )

    def _is_any_text(self, part: Part) -> bool:
        """`part`: an element, or a restriction."""
        attribute = "base" if part.kind == f"{_XS}restriction" else "type"
        given = part.refers(attribute)
        kind = self._parts.get((f"{_XS}simpleType", given)) if given else _only(part, "simpleType")
        if given in _ANY_TEXT or kind is None:
            return given in _ANY_TEXT
        restriction = _only(kind, "restriction")
        return restriction is not None and not restriction.inside and self._is_any_text(restriction)

    def _children(self, part: Part) -> Sequence[Part | None]:
        """The elements that may stand in this one; None among them: others, too."""
        given = part.refers("type")
        kind = self._parts.get((f"{_XS}complexType", given)) if given else _only(part, "complexType")
        return [None] if kind is None else list(self._within(kind))

    def _within(self, model: Part) -> Iterator[Part | None]:
        for part in model.inside:
            if part.kind in _MODELS:
                yield from self._within(part)
            elif part.kind == f"{_XS}element":
                ref = part.refers("ref")
                yield self._parts.get((part.kind, ref)) if ref else part
            elif part.kind == f"{_XS}complexContent" and (extension := _only(part, "extension")):
                base = self._parts.get((f"{_XS}complexType", extension.refers("base")))
                yield from [None] if base is None else self._within(base)
                yield from self._within(extension)
            elif part.kind not in _OF_ATTRIBUTES:
                yield None


def named(space: str, name: str) -> str:
    return f"{{{space}}}{name}" if space else name


def _only(part: Part, kind: str) -> Part | None:
    """What stands in it, if that is all."""
    inside = part.inside
    return inside[0] if len(inside) == 1 and inside[0].kind == f"{_XS}{kind}" else None
