"""The ways to a configured system by their names, and where each leads first. Nothing else can be tried: an address
that somebody typed is nowhere asked for. Pure."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from gateway.diagnostics.model import Endpoint
from gateway.exchange.breaker import Breaker
from gateway.exchange.lines import LOGIN, Line, Rule
from gateway.exchange.system import System
from gateway.exchange.transport import Transport
from gateway.sdk import Operation

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to one system. `is_used`: some operation, or the log-in, goes there today; `is_tried`: only beside
    another one."""

    name: str
    system: System
    line: Line
    is_used: bool
    is_tried: bool

    @property
    def probe(self) -> Operation | None:
        """The operation of the harmless call, if the connector declares one that is harmless."""
        declared = self.system.connector.manifest.probe
        if declared is None or declared.operation not in self.system.offered:
            return None
        found = self.system.operations[declared.operation]
        return found if found.idempotent and not found.personal_data else None

    def endpoint(self, tls: Callable[[str], ssl.SSLContext]) -> Endpoint:
        """`tls`: the context by the name of the system or platform, made as their calls make it."""
        platform, settings = self.line.platform, self.system.settings
        parts = urlsplit(platform.settings.base_url if platform else settings.base_url)
        peer = platform.name if platform else self.system.id
        return Endpoint(
            host=parts.hostname or "",
            port=parts.port or _PORTS.get(parts.scheme, 443),
            tls=tls(peer) if parts.scheme == "https" else None,
            patience_s=settings.connect_timeout_s,
        )

    def alone(self, transport: Transport, breaker: Breaker) -> System:
        """The system with this way to it alone, over a transport that is watched and with a breaker of its own: what is
        found out here opens and closes nobody else's."""
        # Log-ins go over it, too: what the system says to them is often what is wrong.
        line = replace(self.line, transport=transport, breaker=breaker, to_log_in=None)
        if self.is_tried:
            return self.system.through(line)
        logins = [rule for rule in self.system.rules if LOGIN in rule.operations]
        return replace(self.system, rules=(*logins, Rule(line=line)))


def ways_of(system: System, *, on: date) -> Mapping[str, Way]:
    """By name: `direct`, or that of the platform; a second way of the same name has a number."""
    used = {id(system.line(name, on=on)) for name in (*system.offered, LOGIN, "")}
    tried = {id(rule.line) for rule in system.rules if rule.shadow and rule.since <= on}
    found: dict[str, Way] = {}
    for line in system.lines:
        number = sum(one.line.name == line.name for one in found.values()) + 1
        name = line.name if number == 1 else f"{line.name}-{number}"
        is_used = id(line) in used
        found[name] = Way(
            name=name, system=system, line=line, is_used=is_used, is_tried=not is_used and id(line) in tried
        )
    return found
