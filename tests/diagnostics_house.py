"""A partner that can be tried without a network: a made-up system, a network that says what it is told to say."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import httpx
from cryptography import x509
from echo import Echo, Transport
from services import CONTEXT, NOW, ListedRecorder

from gateway.diagnostics.memory import MemoryRuns
from gateway.diagnostics.model import Endpoint, Finding, Handshake, NotReachedError, Step, Verdict
from gateway.diagnostics.service import Diagnostics, House
from gateway.diagnostics.settings import DiagnosticsSettings
from gateway.diagnostics.talking import Talking
from gateway.diagnostics.trying import Trying
from gateway.diagnostics.ways import Way
from gateway.domain import Context
from gateway.exchange.attempt import Attempts
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.system import System
from gateway.mapping.engine import Mappings
from gateway.sdk import (
    Grant,
    Kind,
    Manifest,
    Operation,
    Probe,
    ProtocolViolation,
    SystemSettings,
    TransientRemoteError,
    WireReply,
    WireRequest,
)
from gateway.signing.certificates import der

TLS = httpx.create_ssl_context(trust_env=False)


class Catalogue(Echo):
    """A system with a look-up that anybody may make."""

    manifest: ClassVar[Manifest] = Manifest(
        id="echo",
        title="Echo",
        title_vi="Echo",
        owner="-",
        legal_basis=("-",),
        operations=(
            Operation(name="look", kind=Kind.LOOKUP, idempotent=True, personal_data=False),
            Operation(name="submit", kind=Kind.SUBMIT, idempotent=False),
        ),
        settings=SystemSettings,
        probe=Probe(operation="look"),
    )


class GuardedCatalogue(Catalogue):
    """The same behind a log-in that is refused when the answer says so."""

    def login(self) -> WireRequest:
        return WireRequest(method="POST", url="http://echo/login", content=b"secret")

    def grant(self, reply: WireReply) -> Grant:
        if reply.content == b"wrong":
            raise ProtocolViolation("wrong account", vi="sai tài khoản")
        return Grant(token="T", expires_in_s=600)

    def rejects_grant(self, reply: WireReply) -> bool:
        return False


class Unlucky(Catalogue):
    """One whose declared call is not harmless after all."""

    manifest: ClassVar[Manifest] = Manifest(
        id="echo",
        title="Echo",
        title_vi="Echo",
        owner="-",
        legal_basis=("-",),
        operations=(Operation(name="look", kind=Kind.LOOKUP, idempotent=True, personal_data=True),),
        settings=SystemSettings,
        probe=Probe(operation="look"),
    )


class Net:
    """Implements `Network`. `fails`: by step, why. `chain`: what the server shows."""

    def __init__(self, chain: Sequence[x509.Certificate] = (), **fails: NotReachedError) -> None:
        self.chain = [der(one) for one in chain]
        self.fails: Mapping[str, NotReachedError] = fails
        self.asked: list[str] = []
        self.hangs = ""

    async def resolve(self, endpoint: Endpoint) -> Sequence[str]:
        await self._step("dns", endpoint)
        return ["192.0.2.1"]

    async def connect(self, endpoint: Endpoint) -> str:
        await self._step("tcp", endpoint)
        return "192.0.2.1"

    async def handshake(self, endpoint: Endpoint) -> Handshake:
        await self._step("tls", endpoint)
        return Handshake(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", chain=self.chain)

    async def look(self, endpoint: Endpoint) -> Handshake:
        await self._step("look", endpoint)
        return Handshake(version="TLSv1.2", cipher="X", chain=self.chain)

    async def _step(self, name: str, endpoint: Endpoint) -> None:
        self.asked.append(f"{name} {endpoint.host}:{endpoint.port}")
        if self.hangs == name:
            await asyncio.Event().wait()
        if name in self.fails:
            raise self.fails[name]


class Open:
    """Implements `Permits`: everything is agreed."""

    async def check(self, system: str, operation: str, *, tenant: str) -> None: ...


class Bench:
    """One system, and the service around it."""

    def __init__(
        self,
        mappings: Mappings,
        net: Net,
        *script: WireReply | Exception,
        connector: type[Echo] = Catalogue,
        base_url: str = "https://echo.example.vn/v1",
        **settings: Any,
    ) -> None:
        self.net, self.transport, self.recorder = net, Transport(*script), ListedRecorder()
        self.now, self.fetched = NOW, list[str]()
        self.permits: Any = Open()
        self.answers: Any = None
        own = SystemSettings(base_url=base_url, **{k: v for k, v in settings.items() if k == "over"})
        self.system = System(
            connector=connector(own),  # type: ignore[arg-type]  # Echo is one
            mappings=mappings,
            settings=own,
            transport=self.transport,
            breaker=Breaker(BreakerPolicy(failures=1), monotonic=lambda: 0.0),
            rules=settings.get("rules", ()),
        )
        attempts = Attempts(self.recorder, clock=self.clock, monotonic=lambda: 0.0)

        def talk(way: Way, context: Context, reference: str) -> Talking:
            return Talking(
                way,
                attempts,
                permits=self.permits,
                context=context,
                reference=reference,
                clock=self.clock,
                monotonic=lambda: 0.0,
            )

        trying = Trying(net, fetch=self.fetch, tls=self.tls, clock=self.clock, monotonic=lambda: 0.0)
        house = House(
            systems={"echo": self.system},
            trying=trying,
            talk=talk,
            tenant="H99",
            settings=DiagnosticsSettings(**settings.get("limits", {})),
            clock=self.clock,
        )
        self.trying, self.store = trying, MemoryRuns()
        self.service = Diagnostics(self.store, house, recorder=self.recorder)

    def clock(self) -> datetime:
        return self.now

    def tls(self, name: str) -> ssl.SSLContext:
        return TLS

    async def fetch(self, url: str, *, content: bytes | None = None, media_type: str = "") -> bytes:
        self.fetched.append(url)
        if self.answers is None:
            raise TransientRemoteError("down")
        found: bytes = self.answers(content)
        return found

    async def tried(self, way: str = "") -> dict[Step, Finding]:
        run = await self.service.wait(await self.service.start("echo", way, context=CONTEXT))
        assert [finding.step for finding in run.findings] == list(Step)
        return {finding.step: finding for finding in run.findings}


def verdicts(found: Mapping[Step, Finding]) -> list[tuple[str, Verdict]]:
    return [(finding.why, finding.verdict) for finding in found.values()]
