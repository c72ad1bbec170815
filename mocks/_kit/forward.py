"""How a platform mock passes a call on to the system behind it, and brings the answer back.

`upstreams` says where: a table of prefixes and base URLs. The longest prefix that fits is cut off the path and the rest
is put behind its base URL. Nothing else of the call changes, except what the platform takes off or puts on.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpx
from starlette.responses import Response

from mocks._kit.errors import ConnectionCut, UpstreamFailed

HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Headers that are of one connection only (RFC 9110, 7.6.1); `Connection` may name more."""
REWRITTEN = frozenset({"host", "content-length", "date", "server"})
"""Headers that each server and client on the way writes itself."""

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A call as it goes on: `headers` as they are to be sent, `query` as it was received, percent-encoding and all."""

    method: str
    url: str
    query: str
    headers: Headers
    body: bytes


def end_to_end(headers: Iterable[tuple[str, str]], without: Iterable[str] = ()) -> Headers:
    """The headers that go on: not those of one connection, not those that are rewritten, not those of `without`."""
    kept = [(name.lower(), value) for name, value in headers]
    named = {token.strip().lower() for name, value in kept if name == "connection" for token in value.split(",")}
    stopped = HOP_BY_HOP | REWRITTEN | named | {name.lower() for name in without}
    return [(name, value) for name, value in kept if name not in stopped]


def longest(prefixes: Iterable[str], path: str) -> str | None:
    """The longest prefix that ends where a part of the path ends; None when none fits."""
    fitting = [prefix for prefix in prefixes if path == prefix or path.startswith(f"{prefix.rstrip('/')}/")]
    return max(fitting, key=len, default=None)


def address(upstreams: Mapping[str, str], path: str) -> str | None:
    """The URL behind `path`; None when no upstream has it."""
    prefix = longest(upstreams, path)
    if prefix is None:
        return None
    rest = path[len(prefix) :].lstrip("/")
    base = upstreams[prefix].rstrip("/")
    return f"{base}/{rest}" if rest else base


class Forwarder:
    """Sends calls on, over real sockets or through `transport`. Redirects are not followed."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._trust = ssl.create_default_context() if transport is None else False

    async def send(self, passed: Passed, *, timeout_s: float) -> Response:
        """The system's answer, its body as it was on the wire. Raises `UpstreamFailed` when there is none."""
        url = f"{passed.url}?{passed.query}" if passed.query else passed.url
        try:
            headers = [(name.encode(), value.encode("latin-1")) for name, value in passed.headers]
            request = httpx.Request(passed.method, url, headers=headers, content=passed.body)
            request.extensions = {"timeout": httpx.Timeout(timeout_s).as_dict()}
            if self._transport is not None:
                return await _answer(self._transport, request)
            async with httpx.AsyncHTTPTransport(verify=self._trust) as transport:
                return await _answer(transport, request)
        except (httpx.HTTPError, httpx.InvalidURL, ConnectionCut) as exc:
            raise UpstreamFailed(f"the system behind gave no answer: {type(exc).__name__}") from exc


async def _answer(transport: httpx.AsyncBaseTransport, request: httpx.Request) -> Response:
    reply = await transport.handle_async_request(request)
    try:
        body = b"".join([part async for part in reply.stream])  # type: ignore[union-attr]  # an async transport's
    finally:
        await reply.aclose()
    answer = Response(body, reply.status_code)
    raw = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in reply.headers.raw)
    answer.raw_headers += [(name.encode(), value.encode("latin-1")) for name, value in end_to_end(raw)]
    return answer
