"""What goes back in place of the mock's answer. The call is then not processed.

What depends on the caller's format follows its `Accept`: JSON when that names JSON and no XML, else XML.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from xml.sax.saxutils import escape

from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from mocks._kit.faults import BIG_BYTES, DEEP_LEVELS, Fault

HTML_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1>MOCK-HTML</body></html>"
GARBAGE = b"\x00\xff\xfeMOCK-GARBAGE {<[\x80"
WSO2_SPACE = "http://wso2.org/apimanager/security"
CHUNK = 65_536


def reply(fault: Fault | None, accept: str) -> Response | None:
    """The answer that the fault puts in place of the mock's; None when it is another kind of fault."""
    match fault:
        case Fault("unavailable", retry_after):
            headers = {"Retry-After": retry_after} if retry_after else {}
            return Response("MOCK-UNAVAILABLE", 503, headers=headers, media_type="text/plain")
        case Fault("error"):
            return Response("MOCK-ERROR", 500, media_type="text/plain")
        case Fault("garbage"):
            return Response(GARBAGE, 200, media_type="application/octet-stream")
        case Fault("html"):
            return HTMLResponse(HTML_PAGE, 502)
        case Fault("empty"):
            return Response(b"", 200)
        case _:
            return _formatted(fault, wants_json=wants_json(accept)) if fault else None


def _formatted(fault: Fault, *, wants_json: bool) -> Response | None:
    """Those that are made of JSON or XML."""
    kind = "application/json" if wants_json else "application/xml"
    match fault:
        case Fault("json_error"):
            told = {"error": "MOCK-JSON-ERROR", "message": "a JSON error, whatever was asked for"}
            return JSONResponse(told, fault.status(500))
        case Fault("xml_fault"):
            body = wso2_xml("900900", "Unclassified Authentication Failure", "MOCK-XML-FAULT whatever was asked for")
            return Response(body, fault.status(500), media_type="application/xml")
        case Fault("big"):
            return StreamingResponse(_big(fault.count(BIG_BYTES), wants_json=wants_json), media_type=kind)
        case Fault("deep"):
            return Response(_deep(fault.count(DEEP_LEVELS), wants_json=wants_json), media_type=kind)
        case _:
            return None


def wants_json(accept: str) -> bool:
    """Whether an `Accept` header names JSON and no XML."""
    return "json" in accept.lower() and "xml" not in accept.lower()


def wso2_xml(code: str, message: str, description: str) -> str:
    """A fault of an old WSO2 API gateway (contract, 2, last item)."""
    parts = (("code", code), ("message", message), ("description", description))
    inside = "".join(f"<ams:{name}>{escape(text)}</ams:{name}>" for name, text in parts)
    return f'<ams:fault xmlns:ams="{WSO2_SPACE}">{inside}</ams:fault>'


async def _big(size: int, *, wants_json: bool) -> AsyncIterator[bytes]:
    """A well-formed document of exactly `size` bytes (of its frame at least), a piece at a time."""
    start, end = (b'{"MOCK-BIG":"', b'"}') if wants_json else (b"<MOCK-BIG>", b"</MOCK-BIG>")
    yield start
    left = max(0, size - len(start) - len(end))
    while left:
        piece = min(left, CHUNK)
        yield b"A" * piece
        left -= piece
    yield end


def _deep(levels: int, *, wants_json: bool) -> bytes:
    """A document nested so deep, and otherwise well-formed."""
    return b"[" * levels + b"]" * levels if wants_json else b"<a>" * levels + b"</a>" * levels
