"""Đường truyền: the ways to one system, and which of them an operation takes on a day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from gateway.exchange.breaker import Breaker
from gateway.exchange.transport import Transport
from gateway.platforms import Destination, Platform

LOGIN = "login"
"""What a rule names for the way of log-ins, beside the operations of the system."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One way: straight, or over a platform. Each has its own connections and its own breaker, so that a platform that
    is down takes nothing else with it."""

    transport: Transport
    breaker: Breaker
    to_log_in: Transport | None = None
    """Connections for log-ins alone; None: those of calls. What a platform issues is for other systems, too, and who
    waits for a session may hold all connections: no queue of calls keeps a log-in waiting."""
    platform: Platform | None = None
    to: Destination | None = None

    @property
    def name(self) -> str:
        return self.platform.name if self.platform else "direct"

    @property
    def way(self) -> tuple[Platform | None, Destination | None]:
        """Where it leads. Two lines may lead the same way: what is only tried has connections of its own."""
        return self.platform, self.to

    @property
    def for_log_ins(self) -> Line:
        return replace(self, transport=self.to_log_in or self.transport)

    async def close(self) -> None:
        await self.transport.close()
        if self.to_log_in:
            await self.to_log_in.close()


@dataclass(frozen=True, kw_only=True)
class Rule:
    """From the day `since` on `operations` (none: all) take `line`; `shadow`: they only try it."""

    line: Line
    since: date = date.min
    operations: frozenset[str] = frozenset()
    shadow: bool = False


def choose(rules: Sequence[Rule], operation: str, *, on: date, shadow: bool = False) -> Line | None:
    """The youngest rule in force wins; one that names the operation wins over one that names none."""
    fitting = [
        (bool(rule.operations), rule.since, place)
        for place, rule in enumerate(rules)
        if rule.shadow is shadow and rule.since <= on and (not rule.operations or operation in rule.operations)
    ]
    return rules[max(fitting)[-1]].line if fitting else None
