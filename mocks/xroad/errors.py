"""X-Road's errors as a consumer gets them: the REST form, the SOAP Fault with HTTP 200, both generations of codes.

Source: contract page `population_and_business.md`, 5.1 to 5.3. Where the page does not say which error a rule of the
mock answers with, it is our choice from the page's list.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from xml.sax.saxutils import escape

from starlette.responses import JSONResponse, Response

GENERATIONS = ("dotted", "snake")
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DEFAULT = "Server.ServerProxy.NetworkError"
XML_WANTED = ("text/xml", "application/xml", "text/*")
SPELLED_OTHERWISE = {"outdated_global_conf": "global_conf_outdated"}
"""Version 8 turns this one round."""


def spelled(code: str, generation: str) -> str:
    """`Server.ServerProxy.AccessDenied` as version 8 spells it when `generation` is `snake`.

    The prefix (`Server.ClientProxy`, …) is written together in small letters, the rest with underscores.
    """
    if generation == "dotted":
        return code
    return ".".join(_small(part) for part in code.split("."))


def _small(part: str) -> str:
    if part.endswith("Proxy"):
        return part.lower()
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", part).lower()
    return SPELLED_OTHERWISE.get(snake, snake)


def rest_error(code: str, accept: str, message: str = "MOCK-XROAD error on demand") -> Response:
    """500 for `Server.…`, else 400; `X-Road-Error`; XML when the caller accepts it, else JSON."""
    status = 500 if code.lower().startswith("server.") else 400
    told = {"type": code, "message": message, "detail": str(uuid.uuid4())}
    headers = {"X-Road-Error": code}
    if any(wanted in accept.lower() for wanted in XML_WANTED):
        return Response(f"<error>{_elements(told)}</error>", status, headers=headers, media_type="application/xml")
    return JSONResponse(told, status, headers=headers)


def soap_fault(code: str) -> Response:
    """The SOAP 1.1 Fault of the SOAP mode, which comes with HTTP 200."""
    parts = _elements({"faultcode": code, "faultstring": "MOCK-XROAD fault on demand", "faultactor": ""})
    detail = f"<detail><faultDetail>{uuid.uuid4()}</faultDetail></detail>"
    fault = f"<soapenv:Fault>{parts}{detail}</soapenv:Fault>"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Body>{fault}</soapenv:Body></soapenv:Envelope>'
    )
    return Response(body, 200, media_type="text/xml")


def _elements(parts: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in parts.items())
