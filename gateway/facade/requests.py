"""From the bytes of a SOAP request to the HTTP request of the same operation. Pure."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from lxml import etree

from gateway.api import problems
from gateway.facade import envelope
from gateway.facade.contract import Contract
from gateway.facade.convert import Complaint, Location, Reading, complaint
from gateway.facade.operations import CONTENT, CONTENT_TYPE, JSON, REQUEST, Operation
from gateway.sdk.errors import NotFoundError, RequestError

Header = tuple[bytes, bytes]
NO_SUCH_PLACE = "string_pattern_mismatch"
"""Of a part of the path: REST answers 404, since an address that is none names nothing."""
_NO_STEP = frozenset({"", ".", ".."})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One HTTP request of the API. `refusal`: why it must not be carried out, although its operation is known."""

    operation: str = ""
    method: str = "POST"
    path: str
    query: bytes = b""
    headers: tuple[Header, ...] = ()
    media_type: str = JSON
    content: bytes = field(default=b"", repr=False)
    refusal: RequestError | None = None


def read_request(content: bytes, contract: Contract, *, action: str) -> Asked:
    """`RequestError` when it does not say which operation it means; anything else that is wrong is a `refusal`."""
    element = envelope.read(content)
    operation = _operation(element, contract)
    said = action.strip().strip('"')
    if said and said != contract.action(operation.name):
        raise RequestError(
            "SOAPAction names another operation than the Body.",
            vi="SOAPAction không khớp với phần tử trong Body.",
            what="soap_action",
        )
    reading = Reading(contract.catalogue.shapes, contract.namespace)
    values = reading.wrapper(element, operation.asks)
    complaints = [_as_in_rest(one, operation) for one in (*reading.complaints, *_unroutable(operation, values))]
    if not complaints and not contract.follows(element):
        complaints = [complaint("form", ("body",))]
    if complaints:
        refusal = problems.of_validation(complaints)
        return Asked(operation=operation.name, method=operation.method, path=operation.path, refusal=refusal)
    return _asked(operation, values)


def _operation(element: etree._Element, contract: Contract) -> Operation:
    name = etree.QName(element)
    operation = contract.catalogue.operations.get(name.localname)
    if operation is None or name.namespace != contract.namespace:
        raise NotFoundError(
            "The element in the Body names no operation of this service; see ?wsdl.",
            vi="Phần tử trong Body không phải thao tác nào của dịch vụ này; xem ?wsdl.",
            what="unknown_operation",
        )
    return operation


def _unroutable(operation: Operation, values: Mapping[str, Any]) -> Iterable[Complaint]:
    """A part of the path that would lead to another operation, or to none."""
    for parameter in operation.parameters:
        if parameter.where == "path":
            name = parameter.part.name
            if name not in values:
                yield complaint("missing", (name,))
            elif "/" in str(values[name]) or str(values[name]) in _NO_STEP:
                yield complaint(NO_SUCH_PLACE, (name,))


def _as_in_rest(one: Complaint, operation: Operation) -> Complaint:
    """With the place where REST would look for it, so that the pointer is the same."""
    location: Location = one["loc"]
    if location[:1] == (REQUEST,):
        return {**one, "loc": ("body", *location[1:])}
    outside = {parameter.part.name: (parameter.where, parameter.name) for parameter in operation.parameters}
    where, name = outside.get(str(location[0]) if location else "", ("path", ""))
    if where == "path" and one["type"] != NO_SUCH_PLACE:
        return {**one, "loc": ("body", *location)}
    return {**one, "loc": (where, name, *location[1:])}


def _asked(operation: Operation, values: Mapping[str, Any]) -> Asked:
    path = operation.path
    query: list[tuple[str, str]] = []
    headers: list[Header] = []
    for parameter in operation.parameters:
        if parameter.part.name not in values:
            continue
        text = _text(values[parameter.part.name])
        if parameter.where == "path":
            path = path.replace(f"{{{parameter.name}}}", text)
        elif parameter.where == "query":
            query.append((parameter.name, text))
        else:
            headers.append((parameter.name.lower().encode(), text.encode()))
    is_file = CONTENT in values
    return Asked(
        operation=operation.name,
        method=operation.method,
        path=path,
        query=urllib.parse.urlencode(query).encode(),
        headers=tuple(headers),
        media_type=values.get(CONTENT_TYPE, JSON),
        content=values[CONTENT] if is_file else orjson.dumps(values[REQUEST]) if REQUEST in values else b"",
    )


def _text(value: Any) -> str:
    """As it stands in an address."""
    return str(value).lower() if isinstance(value, bool) else str(value)
