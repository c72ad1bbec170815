"""The façade in front of the application: `/soap` takes SOAP 1.1, everything else passes through (CON-03).

A request becomes the JSON request of the same operation and goes through the same application: authentication,
purpose, restraint, idempotency and the audit log are those of REST, because they are the same code.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
import urllib.parse
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api import problems
from gateway.api.bodies import read_body, replay
from gateway.facade import PATH
from gateway.facade.contract import Contract
from gateway.facade.envelope import other_version
from gateway.facade.requests import Asked, read_request
from gateway.sdk.errors import BusyError, GatewayError, RequestError, UnsupportedMediaTypeError

NOWHERE = "/v1/soap"
"""Where a request that names no operation is refused: below `/v1`, so that it leaves its leaf as well."""

STATUS = "x-http-status"
"""Response header with the status that REST would have answered: 201 and 202 are 200 here, and every refusal 500."""

CHALLENGE = 'Basic realm="lienthong", charset="UTF-8"'
"""Some clients (.NET's) show their password only to who asks for it, with HTTP 401."""

LARGE, LARGE_AT_ONCE = 1_048_576, 2
"""Bytes of an answer from which on it waits for its turn: a file inside XML is whole in memory, several times."""

Say = Callable[[Response], Awaitable[None]]

log = structlog.get_logger()
_HOST = re.compile(r"[0-9A-Za-z._:\[\]-]{1,255}", re.ASCII)
_PASSED_ON = (b"traceparent", b"tracestate", b"host", b"user-agent", b"request-timeout")
_OF_THE_BODY = frozenset({"content-type", "content-length", "content-encoding"})


class Facade:
    """Wraps the application. `url`: the address by which callers reach `/soap`; by default the one they used."""

    def __init__(self, app: ASGIApp, contract: Contract, *, max_body_bytes: int, url: str = "") -> None:
        self._app = app
        self._contract = contract
        self._most = max_body_bytes
        self._url = url
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            if scope["method"] == "POST":

                async def say(response: Response) -> None:
                    await response(scope, receive, send)

                response = await self._call(scope, receive, say)
                if response is not None:
                    await say(response)
                return
            published = self._published(Request(scope)) if scope["method"] in {"GET", "HEAD"} else None
            if published is not None:
                await published(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def refusal(self, error: GatewayError, trace_id: str) -> Response:
        """What a caller is told who does not come in, whatever was asked."""
        problem = problems.document(error, trace_id=trace_id)
        headers = problems.headers(error)
        if "retry-after" in headers:
            problem["retry_after"] = int(headers["retry-after"])
        kept = {name: value for name, value in headers.items() if name not in _OF_THE_BODY}
        return self._faulty(problem, kept, status=500)

    def _published(self, request: Request) -> Response | None:
        """`?wsdl` and `?xsd=types`; with `&sha256` the checksum alone. Anyone may read them."""
        asked = {name.lower(): value for name, value in request.query_params.items()}
        if "wsdl" in asked:
            content = self._contract.wsdl(self._url or _address(request))
        elif asked.get("xsd") == "types":
            content = self._contract.xsd
        else:
            return None
        digest = self._contract.digest(content)
        if "sha256" in asked:
            return Response(f"{digest.hex()}\n", media_type="text/plain")
        headers = {
            "etag": f'"{digest.hex()}"',
            "content-digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
            "cache-control": "no-cache",
        }
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type="text/xml")

    async def _call(self, scope: Scope, receive: Receive, say: Say) -> Response | None:
        """None: it was said already, when the caller's time was over (`gateway.api.deadline`)."""
        header = Headers(scope=scope)
        content = b""
        try:
            _check_media_type(header)
            content = await read_body(header, receive, most=self._most)
            asked = read_request(content, self._contract, action=header.get("soapaction", ""))
        except (RequestError, BusyError) as exc:
            reply = await self._inside(scope, Asked(path=NOWHERE), {"unreadable": exc}, say=say)
            return None if reply.is_told else self._fault(reply)
        state: dict[str, Any] = {"soap_request": content}
        if asked.refusal:
            state["refused"] = asked.refusal
        async with AsyncExitStack() as room:
            reply = await self._inside(scope, asked, state, say=say, room=room)
            return None if reply.is_told else self._answer(asked.operation, reply, state)

    async def _inside(
        self, scope: Scope, asked: Asked, state: dict[str, Any], *, say: Say, room: AsyncExitStack | None = None
    ) -> _Inner:
        """Call the application as if the JSON request had come over the wire. A large answer waits for its turn, which
        ends with `room`."""
        content = {b"content-type": asked.media_type.encode(), b"content-length": b"%d" % len(asked.content)}
        kept = [(name, value) for name, value in scope["headers"] if name in _PASSED_ON]
        headers = [*kept, *_authorization(scope["headers"]), *asked.headers, *content.items()]
        inner = {
            **scope,
            "method": asked.method,
            "path": asked.path,
            "raw_path": urllib.parse.quote(asked.path).encode(),
            "query_string": asked.query,
            "headers": headers,
            "state": state,
        }

        async def early(reply: _Inner) -> None:
            if "told" in state:
                reply.is_told = True
                await say(self._fault(reply))

        reply = _Inner(
            early=early,
            asks_first=not any(name == b"authorization" for name, _ in headers),
            turn=partial(room.enter_async_context, self._large) if room else None,
        )
        await self._app(inner, replay(asked.content), reply)
        return reply

    def _answer(self, operation: str, reply: _Inner, state: Mapping[str, Any]) -> Response:
        if reply.status >= 300:
            return self._fault(reply)
        contract = self._contract
        try:
            found = contract.reply(operation, reply.content, reply.headers.get("content-type", ""))
            content = contract.answers.response(operation, found)
        except GatewayError as exc:
            log.error("answer_not_in_xml", operation=operation, code=exc.error_code)
            return self._faulty(problems.document(exc, trace_id=state["trace"].trace_id), {}, status=500)
        return Response(content, headers={**reply.others, STATUS: str(reply.status)}, media_type="text/xml")

    def _fault(self, reply: _Inner) -> Response:
        problem = json.loads(reply.content)
        if (wait := reply.headers.get("retry-after", "")).isdecimal():
            problem["retry_after"] = int(wait)
        if reply.status == 401:
            challenged = {**reply.others, "www-authenticate": CHALLENGE}
            return self._faulty(problem, challenged, status=401 if reply.asks_first else 500)
        return self._faulty(problem, reply.others, status=500)

    def _faulty(self, problem: dict[str, Any], headers: Mapping[str, str], *, status: int) -> Response:
        """SOAP 1.1, 6.2: a Fault is answered 500. Other statuses would hide it from old clients; only who has shown no
        key at all is asked for one by HTTP's own means."""
        content = self._contract.answers.fault(problem)
        return Response(content, status, headers={**headers, STATUS: str(problem["status"])}, media_type="text/xml")


class _Inner:
    """What the application answers. `asks_first`: the caller has shown no key, and may be waiting to be asked."""

    def __init__(
        self,
        *,
        asks_first: bool,
        early: Callable[[_Inner], Awaitable[None]],
        turn: Callable[[], Awaitable[None]] | None,
    ) -> None:
        """`early`: once there is an answer, for who waits no longer than that. `turn`: waited for before a large answer
        comes."""
        self.is_told = False
        self._early = early
        self.asks_first = asks_first
        self.status = 500
        self.headers = Headers()
        self._turn = turn
        self._content = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = Headers(raw=list(message.get("headers", ())))
            if self._turn and int(self.headers.get("content-length", 0)) >= LARGE:
                await self._turn()
        else:
            self._content += message.get("body", b"")
            await self._early(self)

    @property
    def content(self) -> bytes:
        return bytes(self._content)

    @property
    def others(self) -> dict[str, str]:
        """Headers that are not about the body, which becomes another one."""
        return {name: value for name, value in self.headers.items() if name not in _OF_THE_BODY}


def _authorization(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Bearer as it came; HTTP Basic, all that some old clients can send, with the key as its password."""
    found = []
    for name, value in headers:
        if name == b"authorization":
            scheme, _, credentials = value.partition(b" ")
            if scheme.lower() == b"basic":
                value = b"Bearer " + _password(credentials)  # noqa: PLW2901 - the same header in other words
            found.append((name, value))
    return found


def _password(credentials: bytes) -> bytes:
    try:
        return base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


def _check_media_type(header: Headers) -> None:
    media_type, _, parameters = header.get("content-type", "").lower().partition(";")
    charset = [part.partition("=")[2].strip(' "') for part in parameters.split(";") if "charset" in part]
    plain = header.get("content-encoding", "identity") == "identity"
    if media_type.strip() == "application/soap+xml":
        raise other_version()
    if media_type.strip() != "text/xml" or charset not in ([], ["utf-8"], ["utf8"]) or not plain:
        raise UnsupportedMediaTypeError(
            "Send text/xml in UTF-8, not compressed.", vi="Chỉ nhận text/xml, mã hoá UTF-8, không nén."
        )


def _address(request: Request) -> str:
    """As the caller wrote it, if it can be the name of a machine; otherwise by the machine's own number."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        host = ":".join(str(part) for part in request.scope.get("server") or ("localhost",) if part)
    return f"{request.url.scheme}://{host}{PATH}"
