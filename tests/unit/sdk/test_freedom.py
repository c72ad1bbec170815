"""Which texts a schema leaves free is read from the schema. What the probes of a template hold proves nothing."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from small_contracts import ANSWER, SPACE, contract, refuses, schema

from gateway.sdk.xsd import schema_of

UNUSUAL = "ỹ"
"""In no probe."""
NONE_OF_IT = (
    f'<xs:simpleType name="NoneOfIt"><xs:restriction base="xs:string"><xs:pattern value="[^{UNUSUAL}]*"/>'
    "</xs:restriction></xs:simpleType>"
)
NAMED = '<xs:simpleType name="Named"><xs:restriction base="{base}">{facets}</xs:restriction></xs:simpleType>'


def ask(inside: str, *, more: str = "", element: str = "") -> str:
    """`more`: types beside it; `element`: what else stands in the declaration of `Ask`."""
    asked = f'<xs:element name="Ask"><xs:complexType><xs:sequence>{inside}</xs:sequence></xs:complexType>{element}'
    return schema(f"{more}{asked}</xs:element>{ANSWER}")


CODE = '<xs:element name="code" type="{}"/>'
INLINE = '<xs:element name="code"><xs:simpleType>{}</xs:simpleType></xs:element>'
NESTED = '<xs:element name="code"><xs:complexType><xs:choice>{}</xs:choice></xs:complexType></xs:element>'
BASED = (
    '<xs:complexType name="Base"><xs:sequence><xs:element name="a" type="{}"/></xs:sequence></xs:complexType>'
    '<xs:complexType name="More"><xs:complexContent><xs:extension base="e:Base"><xs:sequence>'
    '<xs:element name="b" type="{}"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>'
)
FORBIDS: dict[str, tuple[str, dict[str, Any]]] = {
    "a pattern": (ask(CODE.format("e:NoneOfIt"), more=NONE_OF_IT), {"code": UNUSUAL}),
    "a pattern further up": (
        ask(CODE.format("e:Named"), more=NONE_OF_IT + NAMED.format(base="e:NoneOfIt", facets="")),
        {"code": UNUSUAL},
    ),
    "a pattern in its place": (
        ask(INLINE.format(f'<xs:restriction base="xs:string"><xs:pattern value="[^{UNUSUAL}]*"/></xs:restriction>')),
        {"code": UNUSUAL},
    ),
    "a pattern under a type": (
        ask(CODE.format("e:More"), more=NONE_OF_IT + BASED.format("xs:string", "e:NoneOfIt")),
        {"code": {"a": "a", "b": UNUSUAL}},
    ),
    "a pattern of what it refers to": (
        ask('<xs:element ref="e:code"/>', more=NONE_OF_IT + CODE.format("e:NoneOfIt")),
        {"code": UNUSUAL},
    ),
    "a pattern within": (
        ask(NESTED.format('<xs:element name="a" type="e:NoneOfIt"/>'), more=NONE_OF_IT),
        {"code": {"a": UNUSUAL}},
    ),
    "no two alike": (
        ask(
            '<xs:element name="code" type="xs:string"/><xs:element name="note" type="xs:string"/>',
            element='<xs:unique name="u"><xs:selector xpath="*"/><xs:field xpath="."/></xs:unique>',
        ),
        {"code": UNUSUAL, "note": UNUSUAL},
    ),
}


@pytest.mark.parametrize(("asked", "values"), FORBIDS.values(), ids=FORBIDS)
def test_a_letter_that_no_probe_holds_is_forbidden_all_the_same(
    tmp_path: Path, asked: str, values: dict[str, Any]
) -> None:
    made = contract(tmp_path, asked)
    fits = {**_spelled(values), **({"note": "another"} if "note" in values else {})}
    for _ in range(3):
        assert not refuses(made, **fits)
        assert refuses(made, **values)


def test_neither_is_any_other_character(tmp_path: Path) -> None:
    """One pattern for each letter of Vietnamese, some of which the probes hold, and for a sign that they all hold."""
    letters = {unicodedata.normalize("NFC", f"{base}{mark}") for base in "aeiouyAEIOUY" for mark in "̣̀́̃̉"}
    for letter in sorted({*letters, "đ", "Đ", "~", "\u00a0"}):
        pattern = f'<xs:restriction base="xs:string"><xs:pattern value="[^{letter}]*"/></xs:restriction>'
        made = contract(tmp_path, ask(INLINE.format(pattern)))
        made.prepare("Ask", {"code": "-"})
        assert refuses(made, code=f"x{letter}"), letter
        assert not refuses(made, code="x")


LOCAL = '<xs:element name="{}" type="{}"/>'
FREE = {
    "string": ask(CODE.format("xs:string")),
    "normalizedString": ask(CODE.format("xs:normalizedString")),
    "a name for it": ask(CODE.format("e:Named"), more=NAMED.format(base="xs:string", facets="")),
    "explained": ask(
        CODE.format("e:Named"), more=NAMED.format(base="xs:string", facets="<xs:annotation/>") + "<!-- so -->"
    ),
    "in its place": ask(INLINE.format('<xs:restriction base="xs:string"/>')),
    "referred to": ask('<xs:element ref="e:code"/>', more=CODE.format("xs:string")),
    "with attributes that may be missing": ask(
        '<xs:element name="code"><xs:complexType><xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence>'
        '<xs:attribute name="b" type="xs:int"/></xs:complexType></xs:element>'
    ),
    "a type that extends another": ask(CODE.format("e:More"), more=BASED.format("xs:string", "xs:string")),
    "in any order": ask(NESTED.replace("choice", "all").format(LOCAL.format("a", "xs:string"))),
    "a choice": ask(NESTED.format(LOCAL.format("a", "xs:string") + LOCAL.format("b", "xs:int"))),
}
BOUND = {
    **{name: asked for name, (asked, _) in FORBIDS.items()},
    "another type": ask(CODE.format("xs:token")),
    "any type": ask('<xs:element name="code"/>'),
    "a value that is given": ask('<xs:element name="code" type="xs:string" fixed="x"/>'),
    "a length": ask(CODE.format("e:Named"), more=NAMED.format(base="xs:string", facets='<xs:maxLength value="99"/>')),
    "white space": ask(
        CODE.format("e:Named"), more=NAMED.format(base="xs:string", facets='<xs:whiteSpace value="collapse"/>')
    ),
    "a list": ask(INLINE.format('<xs:list itemType="xs:string"/>')),
    "one of several": ask(INLINE.format('<xs:union memberTypes="xs:string xs:int"/>')),
    "with an attribute of its own": ask(
        '<xs:element name="code"><xs:complexType><xs:simpleContent><xs:extension base="xs:string"/>'
        "</xs:simpleContent></xs:complexType></xs:element>"
    ),
    "beside anything": ask(
        NESTED.format(f'{LOCAL.format("a", "xs:string")}<xs:any namespace="##other" processContents="lax"/>')
    ),
    "a restricted type": ask(
        CODE.format("e:Less"),
        more=BASED.format("xs:string", "xs:string")
        + '<xs:complexType name="Less"><xs:complexContent><xs:restriction base="e:Base"><xs:sequence>'
        '<xs:element name="a" type="xs:string"/></xs:sequence></xs:restriction></xs:complexContent></xs:complexType>',
    ),
    "twice under one name, once bound": ask(
        CODE.format("e:Two"),
        more='<xs:complexType name="Two"><xs:sequence><xs:element name="a" type="xs:string"/>'
        '<xs:element name="a" type="xs:string" fixed="x"/></xs:sequence></xs:complexType>',
    ),
}
"""None of these is understood to be free."""


def leaves_free(folder: Path, asked: str) -> bool:
    """Of a message with every element that could be in it."""
    contract(folder, asked)
    made = schema_of(folder / "x.wsdl")
    assert made is not None
    inside = "<code><a>x</a></code>" if 'name="a"' in asked else "<code>x</code>"
    inside = inside.replace("</a>", "</a><b>x</b>") if "e:More" in asked else inside
    inside = inside.replace("</a>", "</a><a>x</a>") if "e:Two" in asked else inside
    inside += "<note>y</note>" if 'name="note"' in asked else ""
    element = etree.fromstring(f'<Ask xmlns="{SPACE}">{inside}</Ask>')
    assert not made.refuses(element)
    return made.leaves_free(element)


@pytest.mark.parametrize("asked", FREE.values(), ids=FREE)
def test_plain_texts_are_free(tmp_path: Path, asked: str) -> None:
    assert leaves_free(tmp_path, asked)


@pytest.mark.parametrize("asked", BOUND.values(), ids=BOUND)
def test_whatever_is_not_plain_is_not_free(tmp_path: Path, asked: str) -> None:
    assert not leaves_free(tmp_path, asked)


def test_what_came_from_a_file_counts_as_what_stands_here(tmp_path: Path) -> None:
    begin = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    (tmp_path / "own.xsd").write_text(f"{begin}>{NONE_OF_IT}{NAMED.format(base='xs:string', facets='')}</xs:schema>")
    (tmp_path / "other.xsd").write_text(
        f'{begin} xmlns:o="urn:other" targetNamespace="urn:other">{NONE_OF_IT}'
        f"{NAMED.format(base='xs:string', facets='')}</xs:schema>"
    )
    files = '<xs:include schemaLocation="own.xsd"/><xs:import namespace="urn:other" schemaLocation="other.xsd"/>'
    for space in ("e", "o"):
        code = f'<xs:element name="code" type="{space}:{{}}" xmlns:o="urn:other"/>'
        assert leaves_free(tmp_path, ask(code.format("Named"), more=files))
        assert not leaves_free(tmp_path, ask(code.format("NoneOfIt"), more=files))


def _spelled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _spelled(value) if isinstance(value, dict) else "x" for name, value in values.items()}
