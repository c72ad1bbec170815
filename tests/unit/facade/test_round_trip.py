"""JSON to XML to JSON is the identity, for every request and every answer that the API's own document describes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from envelopes import ENVELOPE, JSON_VALUE, OPERATIONS, request, values
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from operations import DOCUMENT
from province import NAMESPACE, contract

from gateway.facade.convert import Reading, Writing
from gateway.facade.operations import Operation, Parameter
from gateway.facade.patterns import xsd_pattern
from gateway.facade.requests import read_request
from gateway.facade.shapes import TOLD_BESIDE, Choice, Named, Part, Place, Record, Scalar, Shapes, Simple
from gateway.sdk import GatewayError

SAID = {
    said["operationId"]: said
    for path, methods in DOCUMENT["paths"].items()
    for said in methods.values()
    if not path.startswith("/v1/admin/")
}
"""Of clients; staff speak no SOAP."""
BODIES = {
    name: said["requestBody"]["content"]["application/json"]["schema"]
    for name, said in SAID.items()
    if "application/json" in said.get("requestBody", {}).get("content", {}) and name != "put_file"
}
REPLIES = {
    name: next(answer for status, answer in sorted(said["responses"].items()) if status.startswith("2"))
    for name, said in SAID.items()
    if name not in {"get_file_content", "get_receipt_file", "get_voucher_file"}
}
PUBLISHED = etree.XMLSchema(etree.fromstring(contract().xsd))
PHASES = [phase for phase in Phase if phase is not Phase.shrink]
quick = settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=PHASES
)


def reading(content: bytes, operation: Operation, *, side: str) -> Any:
    """The value of the wrapper in an envelope; nothing in it may be wrong."""
    wrapper = etree.fromstring(content)[0][0]
    assert contract().follows(wrapper)
    found = Reading(contract().catalogue.shapes, NAMESPACE)
    value = found.wrapper(wrapper, operation.asks if side == "asks" else operation.answers)
    assert found.complaints == []
    return value


@pytest.mark.parametrize("name", sorted(BODIES))
@quick
@given(data=st.data())
def test_a_request_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    """CON-03, CON-18: null, absent and empty stay what they are, and texts keep every character."""
    value = {"request": data.draw(values(BODIES[name]))}
    value |= {parameter.part.name: "text" for parameter in OPERATIONS[name].parameters}
    assert reading(request(name, value), OPERATIONS[name], side="asks") == value


@pytest.mark.parametrize("name", sorted(BODIES))
@quick
@given(data=st.data())
def test_a_request_reaches_the_application_as_the_same_json(name: str, data: st.DataObject) -> None:
    """CON-03: method, address, headers and body are those of REST."""
    body = data.draw(values(BODIES[name]))
    operation = OPERATIONS[name]
    outside = {parameter.part.name: "so-1" for parameter in operation.parameters}
    asked = read_request(request(name, {**outside, "request": body}), contract(), action="")
    assert asked.refusal is None
    assert json.loads(asked.content) == body
    path = re.sub(r"\{\w+\}", "so-1", operation.path)
    assert (asked.method, asked.path, asked.query) == (operation.method, path, b"")
    assert dict(asked.headers) == {_header(one): b"so-1" for one in operation.parameters if one.where == "header"}


def _header(parameter: Parameter) -> bytes:
    return parameter.name.lower().encode()


@pytest.mark.parametrize("name", sorted(REPLIES))
@quick
@given(data=st.data())
def test_an_answer_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    """CON-03, CON-18."""
    value = {"result": data.draw(values(REPLIES[name]["content"]["application/json"]["schema"]))}
    content = contract().answers.response(name, value)
    assert reading(content, OPERATIONS[name], side="answers") == value


@pytest.mark.parametrize("name", sorted(REPLIES))
def test_the_example_of_an_answer_follows_the_published_xsd(name: str) -> None:
    """CON-04: with every limit."""
    schema = REPLIES[name]["content"]["application/json"]["schema"]
    (example_, *_) = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["examples"]
    wrapper = etree.fromstring(contract().answers.response(name, {"result": example_}))[0][0]
    assert PUBLISHED.validate(wrapper), PUBLISHED.error_log


@pytest.mark.parametrize("name", sorted(BODIES))
def test_the_example_of_a_request_follows_the_published_xsd(name: str) -> None:
    """CON-04."""
    (example_, *_) = DOCUMENT["components"]["schemas"][BODIES[name]["$ref"].rpartition("/")[2]]["examples"]
    outside = {one.part.name: SAID_EXAMPLES.get(one.name, "K-1") for one in OPERATIONS[name].parameters}
    outside |= {
        parameter["name"]: parameter["schema"]["examples"][0]
        for parameter in SAID[name].get("parameters", ())
        if parameter["in"] == "path"
    }
    wrapper = etree.fromstring(request(name, {**outside, "request": example_}))[0][0]
    assert PUBLISHED.validate(wrapper), PUBLISHED.error_log


SAID_EXAMPLES = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}


@quick
@given(value=JSON_VALUE)
@example(value="\x00\x01\x0b\x1f\ufffe\uffff\ud800")
@example(value={"": [None, [], {}, "", 0, -0.0, 1e-9]})
def test_free_form_is_carried_whole_even_what_xml_cannot_say(value: Any) -> None:
    """CON-18: it is a JSON text, and JSON can escape what XML cannot carry."""
    shapes = Shapes({"Any": {"type": "object", "properties": {"free": {}}}})
    element = etree.Element(f"{{{NAMESPACE}}}x")
    Writing(shapes, NAMESPACE).record(element, shapes.whole(shapes._named("Any").shape), {"free": value})
    text = etree.fromstring(etree.tostring(element))[0].text
    assert json.loads(text) == value


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_a_character_that_xml_cannot_carry_is_refused_and_not_mangled(character: str) -> None:
    """CON-18."""
    value = {"result": {"id": f"a{character}b"}}
    with pytest.raises(GatewayError, match="cannot carry") as caught:
        contract().answers.response("get_payment", value)
    assert caught.value.error_code == "ours.not_in_xml"


@pytest.mark.parametrize("value", [{"id": 5}, {"amount": "5"}, {"stray": 1}, {"notices": "no list"}, {"amount": None}])
def test_an_answer_outside_its_schema_is_refused_and_not_guessed(value: Any) -> None:
    with pytest.raises(GatewayError) as caught:
        contract().answers.response("get_payment", {"result": value})
    assert caught.value.error_code == "ours.not_in_schema"


BRANCHES: dict[str, Any] = {
    "Dog": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "barks": {"type": "boolean"}},
        "required": ["name", "barks"],
    },
    "Cat": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "lives": {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        },
        "required": ["name"],
    },
}


class TestShapes:
    def test_what_no_operation_has_today_has_its_shape_too(self) -> None:
        """Unions of texts are texts; other unions and free objects are JSON texts; null is apart."""
        shapes = Shapes({})
        text, number = {"type": "string"}, {"type": "number"}
        assert shapes.place({"anyOf": [text, {"type": "string", "maxLength": 3}]}).shape == Simple(Scalar.TEXT)
        assert shapes.place({"oneOf": [text, number, {"type": "null"}]}) == Place(Simple(Scalar.JSON), nullable=True)
        assert shapes.place({"type": "object", "additionalProperties": text}).shape == Simple(Scalar.JSON)
        assert shapes.place({"anyOf": [number, {}]}).shape == Simple(Scalar.NUMBER)

    @pytest.mark.parametrize("nullable", [False, True])
    def test_one_of_several_named_shapes_says_which_it_is(self, nullable: bool) -> None:
        """CON-18: an element of the branch's name, and an XSD choice."""
        shapes = Shapes(BRANCHES)
        union = [{"$ref": f"#/components/schemas/{name}"} for name in ("Dog", "Cat")]
        place = shapes.place({"anyOf": [*union, *([{"type": "null"}] if nullable else [])]})
        assert place == Place(Choice((Named("Dog"), Named("Cat"))), nullable)
        record = Record((Part("pet", place),))
        for value in (
            {"name": "Mực", "barks": True},
            {"name": "Miu", "lives": [9, None]},
            *([None] if nullable else []),
        ):
            element = etree.Element(f"{{{NAMESPACE}}}x")
            Writing(shapes, NAMESPACE).record(element, record, {"pet": value})
            found = Reading(shapes, NAMESPACE)
            assert found.record(element, record, ()) == {"pet": value}
            assert found.complaints == []
        with pytest.raises(GatewayError):
            Writing(shapes, NAMESPACE).record(etree.Element("x"), record, {"pet": {"name": "Vẹt", "talks": True}})

    def test_two_that_look_alike_are_told_apart_by_what_stands_beside_them(self) -> None:
        """CON-18: and a value that is not of the named kind is refused, whichever other it may fit."""
        shapes = Shapes({**BRANCHES, "Hound": BRANCHES["Dog"]})
        union = [{"$ref": f"#/components/schemas/{name}"} for name in ("Dog", "Hound", "Cat")]
        mapping = {name.lower(): f"#/components/schemas/{name}" for name in ("Dog", "Hound", "Cat")}
        place = shapes.place({"anyOf": union, TOLD_BESIDE: {"propertyName": "kind", "mapping": mapping}})
        record = Record((Part("kind", Place(Simple(Scalar.TEXT))), Part("pet", place)))
        pet = {"name": "Mực", "barks": True}
        element = etree.Element(f"{{{NAMESPACE}}}x")
        Writing(shapes, NAMESPACE).record(element, record, {"kind": "hound", "pet": pet})
        assert etree.QName(element[1][0]).localname == "Hound"
        for kind in ("cat", "bird"):
            with pytest.raises(GatewayError):
                Writing(shapes, NAMESPACE).record(etree.Element("x"), record, {"kind": kind, "pet": pet})

    @pytest.mark.parametrize("inner", ["", "<Bird/>", "<Dog/><Cat/>", "<Dog/><Dog/>", "<Dog/><x/>"])
    def test_none_or_two_of_them_is_a_complaint(self, inner: str) -> None:
        shapes = Shapes(BRANCHES)
        found = Reading(shapes, NAMESPACE)
        element = etree.fromstring(f'<x xmlns="{NAMESPACE}"><pet>{inner}</pet></x>')
        found.record(element, Record((Part("pet", Place(Choice((Named("Dog"), Named("Cat"))))),)), ())
        assert [one["loc"] for one in found.complaints] == [("pet",)]

    @pytest.mark.parametrize("value", [0, 1, -1.5, 1e300, 2.5e-7])
    def test_numbers_keep_their_value_and_kind(self, value: float) -> None:
        shapes = Shapes({"N": {"type": "object", "properties": {"n": {"type": "number"}}}})
        record = shapes.whole(shapes._named("N").shape)
        element = etree.Element(f"{{{NAMESPACE}}}x")
        Writing(shapes, NAMESPACE).record(element, record, {"n": value})
        found = Reading(shapes, NAMESPACE).record(element, record, ())
        assert found == {"n": value}
        assert type(found["n"]) is type(value)


def _patterns(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_patterns, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
    return own.union(*map(_patterns, schema.values()))


PATTERNS = sorted(_patterns(DOCUMENT))


def matches(pattern: str, text: str) -> bool:
    """Whether libxml2 takes the text for the pattern."""
    xs = "http://www.w3.org/2001/XMLSchema"
    schema = etree.fromstring(
        f'<s:schema xmlns:s="{xs}"><s:element name="x"><s:simpleType><s:restriction base="s:string"><s:pattern/>'
        "</s:restriction></s:simpleType></s:element></s:schema>"
    )
    schema.find(f".//{{{xs}}}pattern").set("value", pattern)
    element = etree.Element("x")
    element.text = text
    return bool(etree.XMLSchema(schema).validate(element))


class TestPatterns:
    @pytest.mark.parametrize("pattern", PATTERNS)
    @settings(max_examples=20, deadline=None, derandomize=True)
    @given(data=st.data())
    def test_each_pattern_says_the_same_in_xsd(self, pattern: str, data: st.DataObject) -> None:
        """CON-04: what the one takes the other takes, and the reverse."""
        translated = xsd_pattern(pattern)
        assert translated is not None
        text = data.draw(st.from_regex(pattern, fullmatch=True).filter(lambda text: text.isprintable()))
        assert matches(translated, text)
        changed = data.draw(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12))
        assert matches(translated, changed) == bool(re.fullmatch(pattern[1:-1], changed))

    @pytest.mark.parametrize(
        "pattern", ["abc", "^a|b$", "^(?=a)b$", r"^\bword$", "^a^b$", r"^[[:alpha:]]$", "^(a", r"^\p{L}$", "^a--$|", ""]
    )
    def test_what_an_xsd_would_read_otherwise_is_left_to_the_application(self, pattern: str) -> None:
        assert xsd_pattern(pattern) is None


def test_envelopes_of_tests_are_soap_1_1() -> None:
    assert etree.fromstring(request("list_catalogues", {})).tag == f"{{{ENVELOPE}}}Envelope"
