"""A connector, its mapping and its mock, wired together in one process: where the contract suite starts from."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import yaml
from files_house import attached
from over_httpx import OverHttpx

from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.system import System
from gateway.exchange.transport import Transport
from gateway.mapping import Mappings, load
from gateway.registry import Ways, discover, mappings_directory, platforms_of
from gateway.sdk import (
    AnswersAlone,
    Attachment,
    Call,
    Connector,
    NeedsAuth,
    Outcome,
    SystemSettings,
    WireReply,
    WireRequest,
)
from gateway.sdk.platform_check import check_platform

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Example:
    """One file of `mappings/<id>/examples/`."""

    name: str
    operation: str
    title: str
    given: Mapping[str, Any]
    sends: Mapping[str, Any]
    outcome: str
    yields: Mapping[str, Any] | None = None
    fault: str = ""
    hints: Mapping[str, Any] | None = None
    known: Mapping[str, str] | None = None
    file: Mapping[str, str] | None = None
    """`{id, name, media_type, content}` of the stored file, its content as text."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """One system, ready to be called; each bench has a mock of its own."""

    connector: Connector
    mappings: Mappings
    settings: SystemSettings
    system: System

    @property
    def transport(self) -> Transport:
        return self.system.line("", on=AT.date()).transport

    @property
    def manifest(self) -> Any:
        return self.connector.manifest

    def call(self, operation: str, body: Mapping[str, Any], **more: Any) -> Call:
        return Call(operation=operation, body=body, call_id="CALL0000000000000001", at=AT, **more)

    async def granted(self, call: Call) -> Call:
        if not isinstance(self.connector, NeedsAuth):
            return call
        return replace(call, grant=self.connector.grant(await self._carry(self.connector.login())))

    async def send(self, call: Call, *, fault: str = "") -> tuple[WireRequest, WireReply]:
        request = self.connector.prepare(await self.granted(call))
        if fault:
            request = replace(request, headers={**request.headers, "X-Mock-Fault": fault})
        return request, await self._carry(request, operation=call.operation)

    async def _carry(self, request: WireRequest, *, operation: str = "") -> WireReply:
        """The way that the operation takes, with a token of the platform on it."""
        line = self.system.line(operation, on=AT.date())
        if line.platform and line.to:
            tokens, grant = line.platform.tokens, None
            if tokens and tokens.are_issued:
                grant = tokens.grant(await line.transport.send(tokens.login()), now=AT)
            request = line.platform.carry(request, line.to, call_id="CALL0000000000000001", grant=grant)
        reply = await line.transport.send(request)
        if line.platform and operation:
            check_platform(reply, idempotent=self.manifest.operation(operation).idempotent)
        return reply

    def alone(self, call: Call) -> Outcome | None:
        """What the connector answers without an exchange."""
        return self.connector.answer(call) if isinstance(self.connector, AnswersAlone) else None

    async def ask(self, call: Call, *, fault: str = "") -> Outcome:
        if (made := self.alone(call)) is not None:
            return made
        granted = await self.granted(call)
        _, reply = await self.send(call, fault=fault)
        return self.connector.interpret(granted, reply)


def stored(file: Mapping[str, str]) -> Attachment:
    """The `file` of an example as the core hands it to a connector."""
    facts = dict(file)
    return attached(facts.pop("content").encode(), **facts)


def identifiers() -> list[str]:
    return list(discover())


def bench(
    name: str,
    *,
    mock: Mapping[str, Any] | None = None,
    platforms: Mapping[str, Mapping[str, Any]] | None = None,
    way: Callable[[Any], Any] = lambda app: app,
    **settings: Any,
) -> Bench:
    """The system with its sandbox settings, before a fresh mock in this process. `way` puts another application in
    front of the mock: the mock of a platform that forwards to it."""
    connector = discover()[name]
    own = connector.manifest.settings(**{**connector.manifest.sandbox, **settings})
    app = way(importlib.import_module(f"mocks.{name}.app").create_app(mock))
    ways = Ways(
        own,
        platforms_of([connector], platforms or {}),
        new_breaker=lambda: Breaker(BreakerPolicy(), monotonic=time.monotonic),
        new_transport=lambda own, _: OverHttpx(own, transport=httpx.ASGITransport(app, raise_app_exceptions=False)),
    )
    made, mappings = connector(own), load(mappings_directory(connector))
    system = System(
        connector=made,
        mappings=mappings,
        settings=own,
        transport=ways.direct.transport,
        breaker=ways.direct.breaker,
        rules=ways.rules(connector.manifest),
    )
    return Bench(connector=made, mappings=mappings, settings=own, system=system)


def examples(name: str) -> list[Example]:
    folder = mappings_directory(discover()[name]) / "examples"
    return [_example(file) for file in sorted(folder.glob("*.yaml"))]


def _example(file: Path) -> Example:
    return Example(name=file.stem, **yaml.safe_load(file.read_text(encoding="utf-8")))
