"""JSON schema patterns as XSD patterns, where both mean the same. Otherwise nothing: the application judges alone."""

from __future__ import annotations

import re

from lxml import etree

_TOKEN = re.compile(r"\\(?P<escaped>.)|(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<group>\(\?:)|(?P<plain>.)", re.DOTALL)
_SAME_IN_BOTH = frozenset(".*+?()[]{}|\\^$-/snrtd")
"""What may stand behind a backslash. An XSD knows `\\d` and `\\s`, too, though of other alphabets as well."""


def xsd_pattern(pattern: str) -> str | None:
    """The XSD's own words, which match the whole text by themselves; None where they would say something else."""
    if len(pattern) < 2 or not pattern.startswith("^") or not pattern.endswith("$"):
        return None
    written, depth = [], 0
    for token in _TOKEN.finditer(pattern[1:-1]):
        text = _token(token)
        depth += {"(": 1, ")": -1}.get(token.group(), 1 if token.group("group") else 0)
        if text is None or (token.group() == "|" and depth == 0):
            return None
        written.append(text)
    found = "".join(written)
    return found if _taken(found) else None


def _token(token: re.Match[str]) -> str | None:
    if token.group("escaped"):
        escaped = token.group("escaped")
        if escaped not in _SAME_IN_BOTH:
            return None
        return escaped if escaped in "/$" else token.group()
    if token.group("class"):
        return _class(token.group("class"))
    if token.group("group"):
        return "("
    # Anchors inside, and (?= (?! (?P …, have no counterpart; a `?` behind `(` came here as plain text.
    return None if token.group() in {"^", "$"} else token.group()


def _class(text: str) -> str | None:
    """In an XSD a bare `[` inside a class begins a subtraction, and a bare `-` stands first or last only."""
    inner = text[2:-1] if text.startswith("[^") else text[1:-1]
    return None if "[" in inner.replace("\\[", "") or "--" in inner else text


def _taken(pattern: str) -> bool:
    """Whether libxml2, by which requests are validated and most clients read schemas, takes it."""
    schema = etree.Element("{http://www.w3.org/2001/XMLSchema}schema")
    kind = etree.SubElement(schema, "{http://www.w3.org/2001/XMLSchema}simpleType", name="t")
    restriction = etree.SubElement(
        kind,
        "{http://www.w3.org/2001/XMLSchema}restriction",
        base="xs:string",
        nsmap={"xs": "http://www.w3.org/2001/XMLSchema"},
    )
    etree.SubElement(restriction, "{http://www.w3.org/2001/XMLSchema}pattern", value=pattern)
    try:
        etree.XMLSchema(schema)
    except etree.XMLSchemaParseError:
        return False
    return True
