"""A mock that signs: what it is sent must be signed by the province, and it signs what it answers. `MOCK`: which
scheme a national system uses is in no public document; each witness here follows the scheme's own standard."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class NotSigned(Exception):  # noqa: N818 - names the fact
    """What came is not signed as it must be."""


@dataclass(frozen=True)
class Said:
    """A request or an answer, as bytes. Header names in lower case; `status` is 0 of a request."""

    headers: Mapping[str, str]
    content: bytes
    method: str = ""
    url: str = ""
    status: int = 0


class Witness(Protocol):
    """One scheme with the mock's key and the province's certificate."""

    def check(self, request: Said) -> Said:
        """The request without what signs it; `NotSigned`."""

    def sign(self, answer: Said, request: Said) -> Said:
        """The answer, signed, and bound to the request as it came."""


@dataclass
class Seen:
    """How often calls held, and how often not."""

    signed: int = 0
    refused: list[str] = field(default_factory=list)


class Signing:
    """Around a mock: refuses what is not signed with 401 `MOCK-NOT-SIGNED`, unsigned. `unsigned`: paths of somebody
    else in front of the system, such as the tokens of a platform."""

    def __init__(self, app: ASGIApp, witness: Witness, *, unsigned: Collection[str] = ()) -> None:
        self._app = app
        self.witness = witness
        self._unsigned = frozenset(unsigned)
        self.seen = Seen()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = scope.get("path", "") in self._unsigned or scope.get("path", "").startswith("/_mock/")
        if scope["type"] != "http" or is_open:
            await self._app(scope, receive, send)
            return
        request = Said(
            headers=dict(Headers(scope=scope)),
            content=await _body(receive),
            method=scope["method"],
            url=_url(scope),
        )
        try:
            told = self.witness.check(request)
        except NotSigned as exc:
            self.seen.refused.append(str(exc))
            await JSONResponse({"error": "MOCK-NOT-SIGNED", "message": str(exc)}, 401)(scope, receive, send)
            return
        self.seen.signed += 1
        answer = await self._asked(scope, told)
        await _reply(self.witness.sign(answer, request), send)

    async def _asked(self, scope: Scope, told: Said) -> Said:
        headers = {**told.headers, "content-length": str(len(told.content))}
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        messages: list[Message] = [{"type": "http.request", "body": told.content}]
        got: list[Message] = []

        async def receive() -> Message:
            return messages.pop() if messages else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            got.append(message)

        await self._app({**scope, "headers": raw}, receive, send)
        head = {name.decode().lower(): value.decode() for name, value in got[0].get("headers", ())}
        return Said(headers=head, content=b"".join(m.get("body", b"") for m in got[1:]), status=got[0]["status"])


def _url(scope: Scope) -> str:
    headers = Headers(scope=scope)
    query = f"?{scope['query_string'].decode()}" if scope["query_string"] else ""
    return f"{scope['scheme']}://{headers.get('host', '')}{scope['path']}{query}"


async def _body(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _reply(answer: Said, send: Send) -> None:
    headers = {**answer.headers, "content-length": str(len(answer.content))}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.content})
