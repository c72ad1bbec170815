"""The two layers around every mock, as pure ASGI: `Journalled` notes the exchange, `Faulty` carries out faults.

Calls under `/_mock/` pass both untouched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mocks._kit import instead, mangling
from mocks._kit.errors import ConnectionCut, FaultNotKnown
from mocks._kit.faults import SHARED, Aimed, Fault, FaultPlan
from mocks._kit.journal import Entry, Journal

CONTROL_PREFIX = "/_mock/"
CUT_EXTENSION = "mock.cut"
"""Key in `scope["extensions"]` of a function that closes the TCP connection at once; `serve` puts it there."""

LONGEST_NOTED = 1_000_000
"""Characters of an answer that the journal keeps; a reply of 50 MB is not worth remembering whole."""


class Journalled:
    """Reads the whole body, notes the call before it is processed and the answer as it leaves.

    Gives the application `request.state.entry`, `.facts` (a dictionary for its observations) and `.aimed` (None here).
    """

    def __init__(self, app: ASGIApp, journal: Journal) -> None:
        self._app = app
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PREFIX):
            await self._app(scope, receive, send)
            return
        body = await _whole_body(receive)
        entry = self._journal.receive(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers=Headers(scope=scope).items(),
            body=body.decode("utf-8", errors="replace"),
        )
        state = {**scope.get("state", {}), "entry": entry, "facts": entry.facts, "aimed": None}
        await self._app({**scope, "state": state}, _replay(body, receive), _noting(entry, send))


class Faulty:
    """Does to the call what the plan or its `X-Mock-Fault` header says; the mock's own faults are left to the mock."""

    def __init__(
        self, app: ASGIApp, plan: FaultPlan, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._app = app
        self._plan = plan
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PREFIX):
            await self._app(scope, receive, send)
            return
        entry: Entry = scope["state"]["entry"]
        try:
            aimed = self._plan.aim(entry.path, entry.body, header=Headers(scope=scope).get("x-mock-fault"))
        except FaultNotKnown as exc:
            await JSONResponse({"error": "MOCK-UNKNOWN-FAULT", "message": str(exc)}, 400)(scope, receive, send)
            return
        scope["state"]["aimed"] = aimed
        await self._commit(scope, receive, send, fault=_shared(aimed, entry))

    async def _commit(self, scope: Scope, receive: Receive, send: Send, *, fault: Fault | None) -> None:
        reply = instead.reply(fault, Headers(scope=scope).get("accept", ""))
        if reply is not None:
            await reply(scope, receive, send)
            return
        if fault is not None and fault.name == "cut":
            await _cut(scope, receive)
            return
        if fault is not None and fault.name == "late_success":
            await self._app(scope, receive, _unsent(scope["state"]["entry"]))
            await _cut(scope, receive)
            return
        if fault is not None and fault.name == "slow":
            await self._sleep(fault.seconds)
        changed = mangling.change(fault)
        await self._app(scope, receive, send if changed is None else _changing(changed, send))


def _shared(aimed: Aimed | None, entry: Entry) -> Fault | None:
    """The fault that the kit itself carries out on this call."""
    if aimed is None or aimed.fault.name not in SHARED or not aimed.take():
        return None
    entry.fault = str(aimed.fault)
    return aimed.fault


async def _cut(scope: Scope, receive: Receive) -> None:
    """Closes the connection without an answer, and waits until it is closed so that the server adds none."""
    close = scope.get("extensions", {}).get(CUT_EXTENSION)
    if close is None:
        raise ConnectionCut("this server cannot drop a connection; run the mock with mocks._kit.serve")
    close()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _whole_body(receive: Receive) -> bytes:
    parts = bytearray()
    more = True
    while more:
        message = await receive()
        parts += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body, already read, once more; then whatever the server says (that the caller hung up)."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed


def _noting(entry: Entry, send: Send) -> Send:
    """Notes status and text of the answer on their way out."""

    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            entry.status = message["status"]
        elif message["type"] == "http.response.body":
            room = LONGEST_NOTED - len(entry.reply)
            entry.reply += message.get("body", b"")[:room].decode("utf-8", errors="replace")
        await send(message)

    return noting


def _unsent(entry: Entry) -> Send:
    """Swallows the answer; its status stays in the facts, to show that the call was processed."""

    async def swallow(message: Message) -> None:
        if message["type"] == "http.response.start":
            entry.facts["unsent_status"] = message["status"]

    return swallow


def _changing(change: mangling.Change, send: Send) -> Send:
    """Holds the answer back until it is whole, and sends what `change` makes of it, well framed."""
    held: list[Message] = []

    async def changing(message: Message) -> None:
        held.append(message)
        if message["type"] != "http.response.body" or message.get("more_body", False):
            return
        headers = MutableHeaders(raw=list(held[0]["headers"]))
        body = change(headers, b"".join(part.get("body", b"") for part in held[1:]))
        headers["content-length"] = str(len(body))
        await send({**held[0], "headers": headers.raw})
        await send({"type": "http.response.body", "body": body})

    return changing
