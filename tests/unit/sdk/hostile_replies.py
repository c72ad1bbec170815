"""Replies that mean harm, read one after the other in a process of their own: what came of each, and what it cost.

Run as a script; prints one JSON object. `test_hostile_replies.py` judges it.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator

from gateway.sdk import ProtocolViolation, WireReply, strict_object
from gateway.sdk.platform_faults import wso2_fault, xroad_error
from gateway.sdk.replies import json_object, soap_body
from gateway.sdk.soap import ENVELOPE

MB = 1_000_000
LARGE = 5 * MB
"""What the transport lets through unless a province sets another limit."""


def envelope(body: str, prolog: str = "") -> str:
    return f'{prolog}<s:Envelope xmlns:s="{ENVELOPE}"><s:Body><r>{body}</r></s:Body></s:Envelope>'


def doctype(inside: str) -> str:
    return f"<!DOCTYPE r [{inside}]>"


def filled(unit: str, size: int = LARGE) -> str:
    return unit * (size // len(unit))


def laughs() -> str:
    chain = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return envelope("&l9;", doctype('<!ENTITY l0 "ha">' + chain))


def xml() -> Iterator[tuple[str, str]]:
    """Name and document; those whose name begins with `ok` are to be read."""
    yield "billion laughs", laughs()
    yield "quadratic blow-up", envelope(filled("&a;", MB), doctype(f'<!ENTITY a "{filled("a", MB)}">'))
    yield "external file", envelope("&a;", doctype('<!ENTITY a SYSTEM "file:///etc/passwd">'))
    yield "external address", envelope("&a;", doctype(f'<!ENTITY a SYSTEM "{LISTENER}">'))
    yield "parameter entity", envelope("", doctype(f'<!ENTITY % a SYSTEM "{LISTENER}"> %a;'))
    yield "external subset", envelope("", f'<!DOCTYPE r SYSTEM "{LISTENER}">')
    yield "document type alone", envelope("1", "<!DOCTYPE r>")
    yield "100,000 levels", envelope("<a>" * 100_000 + "</a>" * 100_000)
    yield "100,000 levels left open", envelope("<a>" * 100_000)
    yield "a million siblings", envelope(filled("<a/>"))
    yield "a million comments", envelope(filled("<!---->"))
    yield "a million sections", envelope(filled("<![CDATA[]]>"))
    yield "a million attributes", envelope("<a " + " ".join(f'a{n}=""' for n in range(MB)) + "/>")
    yield "a million namespaces", envelope("<a " + " ".join(f'xmlns:a{n}="u"' for n in range(MB // 3)) + "/>")
    yield "a text beyond the parser's limit", envelope(filled("a", 12 * MB))
    yield "50 MB", envelope(filled("<a>1</a>", 50 * MB))
    yield "cut off", envelope("1")[:-9]
    yield "ok: as many siblings as may be", envelope(filled("<a/>", 790_000))
    yield "ok: as many attributes as may be", envelope("<a " + " ".join(f'a{n}=""' for n in range(9_900)) + "/>")
    spaces = " ".join(f'xmlns:a{n}="u{n}"' for n in range(9_900))
    yield "ok: as many namespaces as may be", envelope(f"<a {spaces}>" + filled("<a7:b/>", 600_000) + "</a>")
    yield "ok: one long text", envelope(filled("ộ", LARGE // 3))
    yield "ok: character references", envelope(filled("&#7897;"))
    yield "ok: an inclusion", envelope(f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{LISTENER}"/>')


def documents() -> Iterator[tuple[str, str]]:
    """JSON; those whose name begins with `ok` are to be read."""
    yield "100,000 arrays", '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    yield "100,000 objects", '{"a":' * 100_000 + "1" + "}" * 100_000
    yield "arrays left open", '{"a":' + filled("[")
    yield "33 levels", '{"a":' + "[" * 33 + "]" * 33 + "}"
    yield "a million arrays", '{"a":[' + filled("[],") + "1]}"
    yield "a million objects", '{"a":[' + filled('{"a":1},') + "1]}"
    yield "a million fields", "{" + ",".join(f'"{n}":1' for n in range(MB)) + "}"
    yield "a number of 5 MB", '{"a":' + filled("9") + "}"
    yield "a number of 4,000 digits", '{"a":' + "9" * 4_000 + "}"
    yield "a fraction of 5 MB", '{"a":1e' + "9" * 4_000 + "}"
    yield "no number", '{"a":NaN}'
    yield "half a surrogate pair", '{"a":"\\ud800"}'
    yield "half a surrogate pair in a name", '{"\\uDFFF":1}'
    yield "a field twice", '{"a":1,"a":1}'
    yield "cut off json", '{"a":"1'
    yield "ok: as many arrays as may be", '{"a":[' + filled("[],", 740_000) + "1]}"
    yield "ok: as many objects as may be", '{"a":[' + filled('{"a":1},', 1_900_000) + "1]}"
    yield "ok: as many fields as may be", "{" + ",".join(f'"{n}":1' for n in range(499_000)) + "}"
    yield "ok: one long text in json", '{"a":"' + filled("ộ", LARGE // 3) + '"}'
    yield "ok: a pair of surrogates", '{"a":"\\ud83d\\ude00"}'


def judged(read: Callable[[WireReply], object], reply: WireReply) -> str:
    try:
        read(reply)
    except ProtocolViolation:
        return "refused"
    return "read"


def main() -> dict[str, object]:
    readers: dict[str, Callable[[WireReply], object]] = {
        "xml": lambda reply: soap_body(reply, idempotent=True),
        "json": lambda reply: json_object(reply, idempotent=True),
        "strict": lambda reply: strict_object(reply.content),
    }
    cases = [("xml", *case) for case in xml()] + [("json", *case) for case in documents()]
    cases += [("strict", f"{name}, strictly", text) for name, text in documents()]
    replies = [(form, name, WireReply(status=200, content=text.encode())) for form, name, text in cases]
    before, found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, {}
    for form, name, reply in replies:
        began = time.process_time()
        outcome = judged(readers[form], reply)
        wso2_fault(reply)
        xroad_error(reply)
        found[name] = {"outcome": outcome, "cpu_s": round(time.process_time() - began, 3)}
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"cases": found, "grown_mb": grown_kb // 1024}


if __name__ == "__main__":
    LISTENER = sys.argv[1]
    resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
    resource.setrlimit(resource.RLIMIT_AS, (3_000 * MB, 3_000 * MB))
    sys.stdout.write(json.dumps(main()))
