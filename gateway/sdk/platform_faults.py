"""What a platform between us and a system says of itself: faults of WSO2, errors of an X-Road security server.

Pure functions over a reply. They tell a platform's fault from an answer of the system behind it, and what it calls for.
Contract page population_and_business, section 2 (WSO2) and section 5 (X-Road); the platforms' own public documents.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.sdk.errors import ProtocolViolation
from gateway.sdk.soap import ENVELOPE, SoapFault, read_soap, read_xml
from gateway.sdk.wire import WireReply

LARGEST_FAULT = 64 * 1024
"""Bytes. A longer body is no fault of a platform: theirs are a few sentences."""
LONGEST_TEXT = 200
WSO2_NAMESPACES = "http://wso2.org/apimanager"


_IN_WSO2 = (b"apimanager", b'"fault"', b'"code"')
_IN_XROAD = (b"Fault", b"error", b'"type"')
"""Without one of these words a body is no fault of theirs, and need not be parsed to know it."""
_IN_WSO2_WELL, _IN_XROAD_WELL = (b'"fault"',), (b"Fault",)
"""Of these, where the status says that all is well: JSON of WSO2's is wrapped then, and X-Road's is a SOAP Fault."""


class Meaning(StrEnum):
    """What a platform's fault calls for."""

    OUTAGE = "outage"
    """Something on the way, or behind the platform, does not work now: the same request may succeed later."""
    REFUSED_ACCESS = "refused_access"
    """The platform does not let us in: a token, a subscription, an agreement."""
    OUR_REQUEST = "our_request"
    """The platform cannot carry what we sent: an address, a method, a header. It fails until somebody changes it."""


@dataclass(frozen=True, slots=True)
class Wso2Fault:
    """`code`: WSO2's number, such as 900901. `message`: its sentence, for a person, at most 200 characters."""

    code: int
    message: str = field(repr=False)
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class XRoadError:
    """`code`: as it was spelled, with nothing in it but letters, digits, `.` and `_`. `message`: for a person, at most
    200 characters. `detail`: X-Road's id of the fault, when it gave one."""

    code: str
    message: str = field(repr=False)
    detail: str = field(repr=False)
    meaning: Meaning


WSO2_MEANINGS: Mapping[int, Meaning] = {
    700700: Meaning.OUTAGE,  # the API is blocked for a time
    **dict.fromkeys(range(900800, 900808), Meaning.OUTAGE),  # throttled
    **dict.fromkeys(range(900900, 900906), Meaning.REFUSED_ACCESS),  # the token or its owner does not count
    900906: Meaning.OUR_REQUEST,  # no resource of that name
    900907: Meaning.OUTAGE,  # the API is blocked for a time
    **dict.fromkeys(range(900908, 900911), Meaning.REFUSED_ACCESS),  # no subscription, no scope
    **dict.fromkeys(range(101500, 101600), Meaning.OUTAGE),  # the way from WSO2 to the system
    **dict.fromkeys(range(303000, 303300), Meaning.OUTAGE),  # the system behind it is suspended
}
"""Codes of WSO2 API Manager (its pages "Error handling", 3.2 and 4.5). Another code: what the HTTP status says."""

XROAD_MEANINGS: Mapping[str, Meaning] = {
    **dict.fromkeys(
        (
            "servicefailed", "servicedisabled", "networkerror", "ioerror", "httperror", "internalerror",
            "databaseerror", "outdatedglobalconf", "globalconfoutdated", "servicemissingurl", "timestampingfailed",
            "loggingfailed", "signer",
        ),
        Meaning.OUTAGE,
    ),
    **dict.fromkeys(("accessdenied", "sslauthenticationfailed"), Meaning.REFUSED_ACCESS),
    **dict.fromkeys(
        (
            "badrequest", "unknownservice", "unknownmember", "invalidrequest", "invalidsoap", "missingsoap",
            "missingheader", "missingheaderfield", "missingbody", "invalidbody", "missingrest", "invalidrest",
            "invalidcontenttype", "invalidsoapaction", "invalidhttpmethod", "invalidsecurityserver",
        ),
        Meaning.OUR_REQUEST,
    ),
}  # fmt: skip
"""Parts of a dotted code, folded (contract 5.3). The first known part decides: `ServiceFailed.MissingBody` is the
service's own failure. Where no part is known, the prefix does."""
XROAD_PREFIXES = ("server.clientproxy", "server.serverproxy", "signer.")


def wso2_fault(reply: WireReply) -> Wso2Fault | None:
    """The WSO2 gateway's own fault, in XML (releases before 4) or JSON, with whatever HTTP status; None: not one."""
    is_markup = _is_markup(reply.content)
    words = _IN_WSO2 if is_markup or reply.status >= 400 else _IN_WSO2_WELL
    if len(reply.content) > LARGEST_FAULT or not _mentions(reply.content, words):
        return None
    said = _wso2_xml(reply.content) if is_markup else _wso2_json(reply)
    number = str(said.get("code", "")).strip()
    if not (number.isascii() and number.isdecimal() and len(number) == 6):
        return None
    code = int(number)
    return Wso2Fault(code, _text(said.get("message")), WSO2_MEANINGS.get(code) or _by_status(reply.status))


def xroad_error(reply: WireReply) -> XRoadError | None:
    """The security server's own error: its header, a body in JSON or XML, or a SOAP Fault, also with HTTP 200.

    None: whatever this is, the system behind X-Road said it (contract 5.1). Without the header a body counts only with
    an HTTP error and a full X-Road code, since an adapter in between may have dropped the header.
    """
    header = reply.headers.get("x-road-error", "")
    words = _IN_XROAD if header or reply.status >= 400 else _IN_XROAD_WELL
    is_one = len(reply.content) <= LARGEST_FAULT and _mentions(reply.content, words)
    if not header and not is_one:
        return None
    said = _xroad_body(reply.content) if is_one else {}
    told = _code(said.get("type"))
    if said.get("is_soap"):
        is_fault = is_xroad_code(told)
    else:
        is_fault = reply.status >= 400 and fold(told).startswith((*XROAD_PREFIXES, "client."))
    if not header and not is_fault:
        return None
    code = _code(header) or told or "unknown"
    return XRoadError(code, _text(said.get("message")), _text(said.get("detail")), xroad_meaning(code))


def is_xroad_code(code: str) -> bool:
    """Whether the code of a SOAP Fault is one of a security server. `Server` alone and `Client.Something` are anybody's
    (SOAP 1.1, 4.4.1): beside `Client` stands a part that is known."""
    told = fold(code)
    by_whom, _, what = told.partition(".")
    return told.startswith(XROAD_PREFIXES) or (
        by_whom == "client" and any(part in XROAD_MEANINGS for part in what.split("."))
    )


def xroad_meaning(code: str) -> Meaning:
    """What a dotted code calls for, in either generation's spelling. An unknown one: by its prefix; the security
    server's own troubles begin with `Server` or `Signer`."""
    parts = fold(code).split(".")
    known = next((XROAD_MEANINGS[part] for part in parts if part in XROAD_MEANINGS), None)
    outage = parts[0] in {"server", "signer"}
    return known or (Meaning.OUTAGE if outage else Meaning.OUR_REQUEST)


def fold(code: str) -> str:
    """For comparing codes: version 8 spells `service_failed` what version 7 spells `ServiceFailed` (contract 5.3)."""
    return code.replace("_", "").lower()


def _mentions(content: bytes, words: tuple[bytes, ...]) -> bool:
    for word in words:  # noqa: SIM110 - every reply comes by here, and a generator costs more than the search
        if word in content:
            return True
    return False


def _by_status(status: int) -> Meaning:
    if status in {401, 403}:
        return Meaning.REFUSED_ACCESS
    return Meaning.OUTAGE if status >= 500 or status == 429 else Meaning.OUR_REQUEST


def _wso2_xml(content: bytes) -> Mapping[str, Any]:
    """`<fault>` in one of WSO2's namespaces."""
    try:
        document = read_xml(content)
    except ProtocolViolation:
        return {}
    is_fault = document.name == "fault" and document.namespace.startswith(WSO2_NAMESPACES)
    return document.value if is_fault and isinstance(document.value, Mapping) else {}


def _wso2_json(reply: WireReply) -> Mapping[str, Any]:
    """`{"fault": {…}}`, or its inside alone (releases from 4), which counts only with an HTTP error."""
    document = _object(reply.content)
    wrapped = document.get("fault")
    if isinstance(wrapped, Mapping):
        return wrapped
    return document if reply.status >= 400 and {"code", "message", "description"} <= document.keys() else {}


def _xroad_body(content: bytes) -> Mapping[str, Any]:
    """`type`, `message` and `detail` of whichever form it is; nothing when it is none."""
    if not _is_markup(content):
        return {name: value for name, value in _object(content).items() if name in {"type", "message", "detail"}}
    try:
        document = read_xml(content)
        if document.namespace == ENVELOPE:
            fault = read_soap(content)
            return {"type": fault.code, "message": fault.text, "is_soap": True} if isinstance(fault, SoapFault) else {}
    except ProtocolViolation:
        return {}
    return document.value if document.name == "error" and isinstance(document.value, Mapping) else {}


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, Mapping) else {}


def _is_markup(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _text(value: Any) -> str:
    """One line, and not a long one: it is somebody else's text."""
    return " ".join(value.split())[:LONGEST_TEXT] if isinstance(value, str) else ""


def _code(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in "._"))[:80]
