"""Every way to a register and every dialect on it, in one process: the connector, the platform and both mocks.

A *way* is how a register is reached (direct, an API gateway with a token, the VDXP adapter, X-Road); a *dialect* is how
the register itself is spoken to. Both are settings alone: the ones that a province would write.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import httpx
import population_dialects
import tenacity
from over_httpx import OverHttpx
from province import ListedRecorder
from services import CONTEXT, PURPOSE, Clock
from starlette.applications import Starlette
from systems import bench

from gateway.exchange.attempt import Attempts
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.lines import Line
from gateway.exchange.model import Exchanged
from gateway.exchange.service import GatewayExchange
from gateway.exchange.system import System
from gateway.exchange.transport import HttpTransport, Transport
from gateway.lookups.service import Lookups
from gateway.sdk import RemoteError, SystemSettings, WireReply, WireRequest
from mocks.vxp import app as vxp
from mocks.wso2 import app as wso2
from mocks.xroad import app as xroad

PROVIDER = "VN/GOV/000.00.00.G99/register"
CLIENT = "VN/GOV/000.00.00.H99/MAU"
PLATFORM = "http://platform"
BEHIND = "http://behind"
T2_KEYS = {
    "AccessKey": "demo_access_key", "SecretKey": "demo_secret_key", "AppName": "demo_app",
    "PartnerCode": "demo_partner", "PartnerCodeCus": "demo_partner_cus",
}  # fmt: skip
LARGEST = 200_000
"""Bytes of a reply that are read at most in these tests."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """`platform`: its settings in the gateway; none: the way is direct. `mock` and `switches`: what stands for it."""

    platform: Mapping[str, Any] = field(default_factory=dict)
    mock: Any = None
    switches: Mapping[str, Any] = field(default_factory=dict)
    rule: Mapping[str, Any] = field(default_factory=dict)
    takes_authorization: bool = False
    """The platform wants that header for its own token."""


def _gateway(dialect: str, url: str = "", **credentials: str) -> Way:
    token = {"dialect": dialect, "url": f"{PLATFORM}{url}" if url else "", "credentials": credentials}
    return Way(
        platform={"kind": "gateway", "base_url": PLATFORM, "token": token},
        mock=wso2,
        switches={"dialect": dialect, "upstreams": {"/": BEHIND}},
        takes_authorization=dialect != "T4",
    )


def _adapter(name: str, place: str, **rule: str) -> Way:
    return Way(
        platform={"kind": "vxp", "base_url": f"{PLATFORM}/{name}/RestService/forward", "dstcode_in": [place]},
        mock=vxp,
        switches={
            "upstreams": {PROVIDER.replace("/", ":"): BEHIND},
            "dstcode_in": place,
            "require_providerurl": "provider_url" in rule,
        },
        rule={"provider": PROVIDER, **rule},
    )


WAYS: Mapping[str, Way] = {
    "direct": Way(),
    "T1": _gateway("T1", "/token", consumer_key="demo_key", consumer_secret="demo_secret"),
    "T2": _gateway("T2", "/getToken", **T2_KEYS),
    "T3": _gateway("T3", "/api/v1/Authentication/Token", key="demo_auth_key"),
    "T4": _gateway("T4"),
    "T6": _gateway("T6", key="demo_bearer"),
    "vxp_query": _adapter("XrdAdapter", "query", provider_url="https://provider.example/base"),
    "vxp_header": _adapter("VXPAdapter", "header"),
    "xroad": Way(
        platform={"kind": "xroad", "base_url": PLATFORM, "client": CLIENT},
        mock=xroad,
        switches={"upstreams": {PROVIDER: BEHIND}, "clients": [CLIENT]},
        rule={"provider": PROVIDER},
    ),
}


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """`settings` of the connector and `switches` of its mock that speak it. `path`: part of each data call's path."""

    system: str
    path: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    switches: Mapping[str, Any] = field(default_factory=dict)
    spared: Mapping[str, Any] = field(default_factory=dict)
    """More of both where a platform takes `Authorization` for its token, and proves us to the register itself."""


def _population(spoken: population_dialects.Dialect) -> Dialect:
    path = str(spoken.settings.get("lookup_path", "/csdldc"))
    return Dialect(
        system="population",
        path="/csdldc" if path.startswith("/csdldc") else path,
        settings=spoken.settings,
        switches=spoken.system,
        spared={"credentials": "none"},
    )


def _registry(**switches: Any) -> Dialect:
    """It asks for no token of its own: that is the platform's."""
    return Dialect(system="business_registry", path="/apiCSDLDKDN", switches={"require_token": False, **switches})


DIALECTS: Mapping[str, Dialect] = {
    **{name: _population(spoken) for name, spoken in population_dialects.DIALECTS.items()},
    "registry v1": _registry(generation="v1"),
    "registry v2, lists collapsed, faults in XML": _registry(generation="v2", collapse="always", fault_format="xml"),
}


class Seen:
    """An exchange that remembers what came of each question: the name of the outcome or of the error."""

    def __init__(self, exchange: GatewayExchange) -> None:
        self._exchange = exchange
        self.outcomes: list[str] = []

    def system_for(self, operation: str, **more: Any) -> str:
        return self._exchange.system_for(operation, **more)

    async def ask(self, operation: str, canonical: Mapping[str, Any], **more: Any) -> Exchanged:
        try:
            exchanged = await self._exchange.ask(operation, canonical, **more)
        except RemoteError as exc:
            self.outcomes.append(type(exc).__name__)
            raise
        self.outcomes.append(type(exchanged.outcome).__name__)
        return exchanged


class Wire(HttpTransport):
    """Real sockets to `url`, whatever host a request names."""

    def __init__(self, settings: SystemSettings, url: str) -> None:
        super().__init__(settings)
        self._to = httpx.URL(url)

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        there = httpx.URL(request.url).copy_with(scheme=self._to.scheme, host=self._to.host, port=self._to.port)
        return await super().send(replace(request, url=str(there)))


class NoPlaces:
    """A register of places that knows none."""

    async def kin_of(self, code: str, *, context: Any) -> list[Any]:
        return []

    async def kin_named(self, name: str, *, within: Any, context: Any) -> list[Any]:
        return []


class Road:
    """One dialect on one way, ready to be asked. `register` and `platform` are the mocks' applications."""

    def __init__(self, dialect: Dialect, way: Way, *, largest: int = LARGEST) -> None:
        self.dialect, self.way, self._largest = dialect, way, largest
        self.register = self.platform = Starlette()
        self.system = self._system()
        self._recorder = ListedRecorder()
        self._attempts = Attempts(self._recorder, clock=Clock(), monotonic=time.monotonic)
        self._use(self.system)

    @property
    def entrance(self) -> Starlette:
        """Whoever the gateway calls."""
        return self.platform if self.way.mock else self.register

    @asynccontextmanager
    async def hurried(self) -> AsyncIterator[None]:
        """A call may take no more than 30 ms, all in all."""
        inside = httpx.ASGITransport(self.entrance)
        async with self._through(lambda own: OverHttpx(own, transport=inside), timeout_s=0.01, connect_timeout_s=0.01):
            yield

    @asynccontextmanager
    async def over_sockets(self, url: str, *, timeout_s: float) -> AsyncIterator[None]:
        """Over real sockets to `url`, where the entrance is served."""
        async with self._through(lambda own: Wire(own, url), timeout_s=timeout_s):
            yield

    @asynccontextmanager
    async def _through(self, way_out: Callable[[SystemSettings], Transport], **patience: float) -> AsyncIterator[None]:
        transport = way_out(self.system.settings.model_copy(update=patience))
        self._use(_over(self.system, transport=transport))
        try:
            yield
        finally:
            await transport.close()
            self._use(self.system)

    async def ask(self, method: str, asked: Mapping[str, Any]) -> tuple[str, Any]:
        """What came of the last question to the register, and what the look-up service says."""
        given = {**asked, "purpose": asdict(PURPOSE)}
        answer = await getattr(self.lookups, method)(given, context=CONTEXT)
        return self.seen.outcomes[-1], answer

    def _use(self, system: System) -> None:
        exchange = GatewayExchange(
            {system.id: system}, self._attempts, clock=Clock(), routes={}, wait=tenacity.wait_none()
        )
        self.seen = Seen(exchange)
        self.lookups = Lookups(self.seen, clock=Clock(), places=NoPlaces())  # type: ignore[arg-type]  # a stand-in

    def _system(self) -> System:
        over = [{"platform": "between", **self.way.rule}] if self.way.mock else []
        spared = self.dialect.spared if self.way.takes_authorization else {}
        made = bench(
            self.dialect.system,
            mock={**self.dialect.switches, **spared},
            platforms={"between": self.way.platform} if self.way.mock else {},
            way=self._stand,
            tries=1,
            max_reply_bytes=self._largest,
            over=over,
            **{**self.dialect.settings, **spared},
        )
        never = Breaker(BreakerPolicy(failures=100_000), monotonic=time.monotonic)
        return _over(made.system, breaker=never)

    def _stand(self, register: Starlette) -> Starlette:
        self.register = register
        if self.way.mock:
            self.platform = self.way.mock.create_app(self.way.switches, transport=httpx.ASGITransport(register))
        return self.entrance


def _over(system: System, **changes: Any) -> System:
    """The system with other parts on each of its lines."""
    lines: dict[Line, Line] = {rule.line: replace(rule.line, **changes) for rule in system.rules}
    rules = tuple(replace(rule, line=lines[rule.line]) for rule in system.rules)
    return replace(system, rules=rules, **changes)


def roads() -> list[tuple[str, str]]:
    """The names of every dialect and way."""
    return list(itertools.product(DIALECTS, WAYS))
