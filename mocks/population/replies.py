"""What goes back over SOAP: answers and Faults (3.4, 3.7), and X-Road's errors (5).

Written as text, so that prefixes and the places of the namespace declarations are those of the contract's example.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks._kit.app import fault_of
from mocks.population.inquiry import REQUEST, SOAP
from mocks.population.register import Answer

RESPONSE = "http://www.mic.gov.vn/dancu/1.0"


def written(answer: Answer) -> bytes:
    """A verification is in the request's namespace, people are in that of QCVN 109. Note the small d of `Congdan`."""
    if answer.is_verification:
        return envelope(_element(f"dan:{answer.element}", _prefixed(answer.content, "dan")))
    attributes = {"xmlns:ns1": RESPONSE, **answer.attributes}
    return envelope(_element(f"ns1:{answer.element}", _prefixed(answer.content, "ns1"), attributes))


def envelope(content: str) -> bytes:
    """A SOAP 1.1 envelope around `content`, which is XML already."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Header xmlns:dan="{REQUEST}"/>'
        f'<soapenv:Body xmlns:dan="{REQUEST}">{content}</soapenv:Body></soapenv:Envelope>'
    ).encode()


def soap_fault(code: str, text: str, *, detail: str = "") -> bytes:
    """A SOAP 1.1 Fault; the children of Fault have no namespace."""
    parts: dict[str, Any] = {"faultcode": code, "faultstring": text, "faultactor": ""}
    return envelope(_element("soapenv:Fault", parts | ({"detail": {"faultDetail": detail}} if detail else {})))


def xroad_fault(code: str) -> Response:
    """X-Road's SOAP Fault, which comes with HTTP 200 (5.2)."""
    body = soap_fault(code or "Server.ServerProxy.NetworkError", "MOCK-XROAD fault on demand", detail=str(uuid.uuid4()))
    return Response(body, 200, media_type="text/xml")


def xroad_error(request: Request) -> Response | None:
    """The fault `xroad_error`, when it is meant for this call: X-Road's REST error (5.1), with 500 for `Server.…`, else
    400; XML when the caller accepts it, else JSON."""
    if not (fault := fault_of(request, "xroad_error")):
        return None
    kind, accept = fault.argument or "Server.ServerProxy.NetworkError", request.headers.get("accept", "")
    status = 500 if kind.lower().startswith("server.") else 400
    content = {"type": kind, "message": "MOCK-XROAD error on demand", "detail": str(uuid.uuid4())}
    headers = {"X-Road-Error": kind}
    if not any(wanted in accept.lower() for wanted in ("text/xml", "application/xml", "text/*")):
        return JSONResponse(content, status, headers=headers)
    return Response(_element("error", content), status, headers=headers, media_type="application/xml")


def _prefixed(content: Any, prefix: str) -> Any:
    """Children in the namespace of their parent, at any depth."""
    if isinstance(content, Mapping):
        return {f"{prefix}:{name}": _prefixed(item, prefix) for name, item in content.items()}
    return [_prefixed(item, prefix) for item in content] if isinstance(content, list) else content


def _element(name: str, content: object, attributes: Mapping[str, str] | None = None) -> str:
    """One element as text: a mapping is its children in order, anything else its text; empty is `<name/>`. A list is
    one element for each item."""
    if isinstance(content, list):
        return "".join(_element(name, item, attributes) for item in content)
    if isinstance(content, Mapping):
        inside = "".join(_element(child, item) for child, item in content.items())
    else:
        inside = escape(str(content or ""))
    start = name + "".join(f" {key}={quoteattr(value)}" for key, value in (attributes or {}).items())
    return f"<{start}>{inside}</{name}>" if inside else f"<{start}/>"
