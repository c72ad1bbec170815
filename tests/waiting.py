"""Requests heard as their callers hear them, and services that stall or break: for tests of what a caller is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from operations import BODIED, Operation
from province import Province

NAMED: dict[str, Operation] = {operation.name: operation for operation in BODIED}
ASK, PAY, PUT = NAMED["verify_citizen"], NAMED["create_payment"], NAMED["put_dossier"]
BATCH = NAMED["add_status_events"]
SOON = {"request-timeout": "0.5"}
HEARD_WITHIN_S = 60.0


class Stalled:
    """Does what was to be done once it may."""

    def __init__(self, real: Callable[..., Awaitable[Any]]) -> None:
        self._real = real
        self.goes = asyncio.Event()

    async def __call__(self, *args: Any, **named: Any) -> Any:
        await self.goes.wait()
        return await self._real(*args, **named)


class Call:
    """One request, heard as its caller hears it: when the answer is whole, though the application may go on."""

    def __init__(self, province: Province, path: str, content: bytes, *, method: str = "POST", **headers: str) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.content = b""
        self._whole = asyncio.Event()
        self._body = [content]
        said = {"content-type": "application/json", "authorization": f"Bearer {province.key}", **headers}
        raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in said.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": raw, "scheme": "http"}
        self.work = asyncio.create_task(province.app(scope, self._receive, self._send))

    async def heard(self) -> Call:
        async with asyncio.timeout(HEARD_WITHIN_S):
            await self._whole.wait()
        return self

    async def _receive(self) -> Any:
        if self._body:
            return {"type": "http.request", "body": self._body.pop()}
        return await asyncio.Future()

    async def _send(self, message: Any) -> None:
        assert not self._whole.is_set(), "something was said after the answer"
        if message["type"] == "http.response.start":
            assert not self.status
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        self.content += message["body"]
        if not message.get("more_body"):
            self._whole.set()

    @property
    def problem(self) -> Any:
        return json.loads(self.content)


def call(province: Province, operation: Operation, **headers: str) -> Call:
    content = json.dumps(operation.body).encode()
    said = {name.lower(): value for name, value in operation.headers.items()}
    return Call(province, operation.path, content, method=operation.method, **{**said, **headers})


def stalled(monkeypatch: pytest.MonkeyPatch, of: Any, name: str) -> Stalled:
    made = Stalled(getattr(of, name))
    monkeypatch.setattr(of, name, made)
    return made


def broken(monkeypatch: pytest.MonkeyPatch, of: Any, name: str, exc: Exception) -> None:
    async def fails(*_: Any, **__: Any) -> Any:
        raise exc

    monkeypatch.setattr(of, name, fails)


def serve(province: Province, **parts: Any) -> None:
    for name, part in parts.items():
        object.__setattr__(province.services, name, part)


class Only:
    """A service that does one thing, whatever is asked."""

    def __init__(self, does: Callable[..., Awaitable[Any]]) -> None:
        self._does = does

    def __getattr__(self, name: str) -> Any:
        return self._does


def raises(exc: Exception) -> Only:
    async def fails(*_: Any, **__: Any) -> Any:
        raise exc

    return Only(fails)
