"""What happens to the mock's true answer on the way: cut in half, in another encoding than its label, with a DTD in it.

The DTD faults leave the answer right in every other way, so a reader that lets a document type declaration pass is
found out: it would take the answer for good.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.datastructures import MutableHeaders

from mocks._kit.faults import Fault

Change = Callable[[MutableHeaders, bytes], bytes]
"""Gives the body to send instead of the one given; may change the headers too."""

XML_START = re.compile(rb"\s*(<\?xml[^>]*\?>)?\s*(?=<)")
LEVELS = 10
LAUGHS = "".join(f'<!ENTITY m{n + 1} "{f"&m{n};" * 10}">' for n in range(LEVELS))
"""The billion laughs: each entity is ten of the one before."""
DOCTYPES = {
    "doctype": ("<!DOCTYPE MOCK>", ""),
    "entity": ('<!DOCTYPE MOCK [<!ENTITY mock SYSTEM "file:///etc/hostname">]>', "&mock;"),
    "bomb": (f'<!DOCTYPE MOCK [<!ENTITY m0 "MOCK">{LAUGHS}]>', f"&m{LEVELS};"),
}
"""A document type declaration, and the reference that sets it off."""


def change(fault: Fault | None) -> Change | None:
    """What the fault does to an answer; None when it does nothing to it."""
    match fault:
        case Fault("truncated"):
            return lambda _, body: body[: len(body) // 2]
        case Fault("charset"):
            encoding = fault.encoding
            return lambda headers, body: _recoded(headers, body, encoding)
        case Fault(name) if name in DOCTYPES:
            declaration, reference = DOCTYPES[name]
            return lambda headers, body: _with_dtd(headers, body, (declaration, reference))
        case _:
            return None


def _recoded(headers: MutableHeaders, body: bytes, encoding: str) -> bytes:
    """The text in `encoding`, labelled UTF-8 as before."""
    headers["content-type"] = f"{headers.get('content-type', 'text/plain').partition(';')[0]}; charset=utf-8"
    return body.decode("utf-8", errors="replace").encode(encoding, errors="replace")


def _with_dtd(headers: MutableHeaders, body: bytes, dtd: tuple[str, str]) -> bytes:
    """The answer with a declaration before its root and the reference as the last thing in it.

    An answer that is no XML becomes a small XML document.
    """
    declaration, reference = (part.encode() for part in dtd)
    if not body.lstrip().startswith(b"<"):
        headers["content-type"] = "application/xml"
        body = b"<MOCK></MOCK>"
    start = XML_START.match(body)
    at = start.end() if start else 0
    last = body.rindex(b"</") if b"</" in body else len(body)
    return body[:at] + declaration + body[at:last] + reference + body[last:]
