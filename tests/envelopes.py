"""SOAP messages for tests, and JSON values by schema."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
from hypothesis import strategies as st
from lxml import etree
from operations import SCHEMAS
from province import NAMESPACE, Province, contract

from gateway.facade.convert import Writing
from gateway.facade.operations import Operation
from gateway.facade.shapes import TOLD_BESIDE, Choice, Place

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
OPERATIONS: Mapping[str, Operation] = contract().catalogue.operations


def enveloped(inner: str, *, header: str = "", after: str = "") -> bytes:
    """An envelope around the Body's content, as text."""
    return (
        f'<s:Envelope xmlns:s="{ENVELOPE}" xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{header}<s:Body>{inner}</s:Body>{after}</s:Envelope>"
    ).encode()


def request(operation: str, value: Mapping[str, Any]) -> bytes:
    """A request whose wrapper says `value`."""
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope")
    wrapper = etree.SubElement(etree.SubElement(envelope, f"{{{ENVELOPE}}}Body"), f"{{{NAMESPACE}}}{operation}")
    Writing(contract().catalogue.shapes, NAMESPACE).record(wrapper, OPERATIONS[operation].asks, value)
    written: bytes = etree.tostring(envelope)
    return written


XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n\r")
)
MOMENT = st.datetimes(
    datetime.fromisoformat("1900-01-01"),
    timezones=st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes))),
).map(lambda moment: moment.isoformat())
JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FREE = st.dictionaries(st.text(max_size=5), JSON_VALUE, max_size=3)


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """JSON values of a schema's own structure: null, absent and empty wherever they may be. Limits of texts and
    numbers are left out, so that far more is tried than the application would take."""
    if "$ref" in schema:
        return _named(schema["$ref"].rpartition("/")[2])
    branches = [branch for branch in schema.get("anyOf", ()) if branch]
    if branches:
        return st.one_of([values(branch) for branch in branches])
    match schema.get("type"):
        case "object" if "properties" in schema:
            parts = {name: values(part) for name, part in schema["properties"].items()}
            required = {name: parts.pop(name) for name in schema.get("required", ())}
            return st.fixed_dictionaries(required, optional=parts).filter(functools.partial(_tells_truly, schema))
        case "array":
            return st.lists(values(schema["items"]), max_size=3)
        case "string":
            return _texts(schema)
        case "integer":
            return st.integers(-(2**63), 2**63 - 1)
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    assert schema.get("type") in {None, "object"}, schema
    return FREE


def _tells_truly(schema: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    """Whether each union whose kind stands beside it is of that kind."""
    shapes = contract().catalogue.shapes
    told = [name for name, part in schema["properties"].items() if TOLD_BESIDE in part and value.get(name)]
    for name in told:
        shape = shapes.place(schema["properties"][name]).shape
        assert isinstance(shape, Choice)
        if not shapes.fits(Place(shape.beside(value)), value[name]):
            return False
    return True


@functools.cache
def _named(name: str) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: values(SCHEMAS[name]))


def _texts(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("format") == "date":
        return st.dates().map(lambda day: day.isoformat())
    return MOMENT if schema.get("format") == "date-time" else XML_TEXT


def problem_of(answer: bytes) -> dict[str, Any]:
    """What the `detail` of a Fault says, as the JSON problem document."""
    envelope = etree.fromstring(answer)
    element = envelope.find(f".//{{{NAMESPACE}}}problem")
    assert element is not None, answer
    return json.loads(json.dumps(_plain(element)))


def _plain(element: etree._Element) -> Any:
    names = [etree.QName(child).localname for child in element]
    if not names:
        return int(element.text) if etree.QName(element).localname in {"status", "retry_after"} else element.text
    if set(names) == {"item"}:
        return [_plain(child) for child in element]
    return {name: _plain(child) for name, child in zip(names, element, strict=True)}


VERIFY = (
    "<verify_citizen><request><personal_id>099185000001</personal_id><full_name>Trần Thị Mẫu</full_name>"
    "<birth_date>1985-06-15</birth_date><purpose><dossier_code>000.00.05.H99-261123-0007</dossier_code>"
    "<procedure_code>1.009999</procedure_code><officer_id>canbo.mau</officer_id><agency_id>000.00.05.H99</agency_id>"
    "</purpose></request></verify_citizen>"
)


@dataclass(frozen=True)
class Soap:
    """Posts to `/soap`."""

    http: httpx.AsyncClient
    province: Province

    async def post(self, content: bytes, **headers: str) -> httpx.Response:
        given = {
            "Content-Type": "text/xml; charset=utf-8",
            **{name.replace("_", "-"): v for name, v in headers.items()},
        }
        return await self.http.post("/soap", content=content, headers=given)

    async def refused(self, content: bytes, **headers: str) -> dict[str, object]:
        """The problem of a request that must be refused, with nothing done for it."""
        before = self.province.stored
        answer = await self.post(content, **headers)
        shows_no_key = "authorization" not in answer.request.headers
        is_stranger = shows_no_key and answer.headers["x-http-status"] == "401"
        assert answer.status_code == (401 if is_stranger else 500), answer.text
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        assert self.province.stored == before
        return problem_of(answer.content)

    async def verify(self, **headers: str) -> httpx.Response:
        return await self.post(enveloped(VERIFY), **headers)
