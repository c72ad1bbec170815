"""A connector that answers with what came back, a way out that follows a script, and an exchange over both."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import tenacity
from services import CONTEXT, NOW, ListedRecorder

from gateway.exchange.attempt import Attempts
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.service import GatewayExchange
from gateway.exchange.system import System
from gateway.mapping.engine import Mappings
from gateway.sdk import (
    Answered,
    Call,
    Grant,
    Kind,
    Manifest,
    Operation,
    Outcome,
    Refused,
    SystemSettings,
    TransientRemoteError,
    WireReply,
    WireRequest,
)

OK = WireReply(status=200, content=b"ok")


class Transport:
    """Answers with the next of the script, then OK."""

    def __init__(self, *script: WireReply | Exception) -> None:
        self.script = list(script)
        self.sent: list[WireRequest] = []

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        self.sent.append(request)
        await asyncio.sleep(0)
        step = self.script.pop(0) if self.script else OK
        if isinstance(step, Exception):
            raise step
        return step

    async def close(self) -> None: ...


class Echo:
    """A connector that answers with what came back."""

    manifest: ClassVar[Manifest] = Manifest(
        id="echo",
        title="Echo",
        title_vi="Echo",
        owner="-",
        legal_basis=("-",),
        operations=(
            Operation(name="look", kind=Kind.LOOKUP, idempotent=True),
            Operation(name="submit", kind=Kind.SUBMIT, idempotent=False, ask_first=True),
        ),
        settings=SystemSettings,
    )

    def __init__(self, settings: SystemSettings) -> None: ...

    def prepare(self, call: Call) -> WireRequest:
        token = {"authorization": call.grant.token} if call.grant else {}
        return WireRequest(method="POST", url="http://echo/", headers=token, content=call.call_id.encode())

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        match reply.content:
            case b"no":
                return Refused(code="N", reason="no")
            case b"bug":
                raise ZeroDivisionError
            case b"busy":
                raise TransientRemoteError("busy", retry_after_s=9)
        return Answered(body={"said": reply.content.decode()})


class LoggedInEcho(Echo):
    """One that has to log in first; `stale` means that the session ended."""

    logins = 0

    def login(self) -> WireRequest:
        return WireRequest(method="POST", url="http://echo/login", content=b"secret")

    def grant(self, reply: WireReply) -> Grant:
        self.logins += 1
        return Grant(token=f"T{self.logins}", expires_in_s=600)

    def rejects_grant(self, reply: WireReply) -> bool:
        return reply.content == b"stale"


class House:
    def __init__(self, mappings: Mappings, *script: Any, connector: type[Echo] = Echo, failures: int = 50) -> None:
        self.recorder, self.transport, self.time = ListedRecorder(), Transport(*script), 0.0
        settings = SystemSettings(base_url="http://echo", tries=3)
        self.connector = connector(settings)
        system = System(
            connector=self.connector,  # type: ignore[arg-type]  # Echo is one
            mappings=mappings,
            settings=settings,
            transport=self.transport,
            breaker=Breaker(BreakerPolicy(failures=failures), monotonic=lambda: self.time),
        )
        self.attempts = Attempts(self.recorder, clock=lambda: NOW, monotonic=lambda: self.time)
        self.exchange = GatewayExchange(
            {"echo": system}, self.attempts, clock=lambda: NOW, routes={}, wait=tenacity.wait_none()
        )

    async def ask(self, operation: str = "look") -> Any:
        return await self.exchange.ask(operation, {"a": "1"}, context=CONTEXT, reference="R")
