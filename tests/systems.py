"""A connector, its mapping and its mock, wired together in one process: where the contract suite starts from."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import yaml

from gateway.exchange.transport import HttpTransport
from gateway.mapping import Mappings, load
from gateway.registry import discover, mappings_directory
from gateway.sdk import (
    Call,
    Connector,
    NeedsAuth,
    Outcome,
    StoredFile,
    SystemSettings,
    WireReply,
    WireRequest,
)

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
    transport: HttpTransport

    @property
    def manifest(self) -> Any:
        return self.connector.manifest

    def call(self, operation: str, body: Mapping[str, Any], **more: Any) -> Call:
        return Call(operation=operation, body=body, call_id="CALL0000000000000001", at=AT, **more)

    async def granted(self, call: Call) -> Call:
        if not isinstance(self.connector, NeedsAuth):
            return call
        return replace(call, grant=self.connector.grant(await self.transport.send(self.connector.login())))

    async def send(self, call: Call, *, fault: str = "") -> tuple[WireRequest, WireReply]:
        request = self.connector.prepare(await self.granted(call))
        if fault:
            request = replace(request, headers={**request.headers, "X-Mock-Fault": fault})
        return request, await self.transport.send(request)

    async def ask(self, call: Call, *, fault: str = "") -> Outcome:
        granted = await self.granted(call)
        _, reply = await self.send(call, fault=fault)
        return self.connector.interpret(granted, reply)


def stored(file: Mapping[str, str]) -> StoredFile:
    """The `file` of an example as the core hands it to a connector."""
    content = file["content"].encode()
    return StoredFile(**{**file, "sha256": hashlib.sha256(content).hexdigest(), "content": content})


def identifiers() -> list[str]:
    return list(discover())


def bench(name: str, *, mock: Mapping[str, Any] | None = None, **settings: Any) -> Bench:
    """The system with its sandbox settings, before a fresh mock in this process."""
    connector = discover()[name]
    own = connector.manifest.settings(**{**connector.manifest.sandbox, **settings})
    app = importlib.import_module(f"mocks.{name}.app").create_app(mock)
    transport = HttpTransport(own, transport=httpx.ASGITransport(app, raise_app_exceptions=False))
    return Bench(
        connector=connector(own), mappings=load(mappings_directory(connector)), settings=own, transport=transport
    )


def examples(name: str) -> list[Example]:
    folder = mappings_directory(discover()[name]) / "examples"
    return [_example(file) for file in sorted(folder.glob("*.yaml"))]


def _example(file: Path) -> Example:
    return Example(name=file.stem, **yaml.safe_load(file.read_text(encoding="utf-8")))
