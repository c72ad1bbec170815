"""One configured national system: its connector, its mapping, and the ways there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache

from gateway.exchange.breaker import Breaker
from gateway.exchange.lines import Line, Rule, choose
from gateway.exchange.safeguards import Safeguard, Safeguards
from gateway.exchange.transport import Transport
from gateway.mapping import Mappings
from gateway.sdk import (
    AnswersAlone,
    Batches,
    Connector,
    Kind,
    LeavesOut,
    NeedsAuth,
    Operation,
    Reconciles,
    SystemSettings,
)

_DAYS_KEPT = 256
"""Operations and days of which is kept what the rules say of them: those of one day, and the one before midnight."""


@dataclass(frozen=True, kw_only=True)
class System:
    """Everything that an exchange with one system needs. `transport`, `breaker` and `to_log_in` are those of the
    straight way; `rules` name the others."""

    connector: Connector
    mappings: Mappings
    settings: SystemSettings
    transport: Transport
    breaker: Breaker
    to_log_in: Transport | None = None
    rules: Sequence[Rule] = ()
    safeguards: Safeguards = field(default_factory=Safeguards)
    is_tried: bool = False
    """Only tried beside another way: nothing that others use is obtained or renewed for its sake."""

    @property
    def id(self) -> str:
        return self.connector.manifest.id

    @property
    def most_at_once(self) -> int:
        """Calls under way on one line: those that have a connection, and those that wait for one or for a log-in."""
        return self.settings.max_connections + self.settings.max_waiting

    # What the connector opts in to: decided once, because to ask a protocol costs as much as to send a request.

    @cached_property
    def needs_auth(self) -> NeedsAuth | None:
        return self.connector if isinstance(self.connector, NeedsAuth) else None

    @cached_property
    def answers_alone(self) -> AnswersAlone | None:
        return self.connector if isinstance(self.connector, AnswersAlone) else None

    @cached_property
    def reconciles(self) -> Reconciles | None:
        return self.connector if isinstance(self.connector, Reconciles) else None

    @cached_property
    def batches(self) -> Batches | None:
        return self.connector if isinstance(self.connector, Batches) else None

    @cached_property
    def operations(self) -> dict[str, Operation]:
        return {operation.name: operation for operation in self.connector.manifest.operations}

    @cached_property
    def offered(self) -> frozenset[str]:
        """The operations that can be used as it is configured."""
        left_out = self.connector.left_out if isinstance(self.connector, LeavesOut) else frozenset()
        return frozenset(self.operations) - left_out

    @cached_property
    def direct(self) -> Line:
        return Line(transport=self.transport, breaker=self.breaker, to_log_in=self.to_log_in)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Each once."""
        return tuple(dict.fromkeys((self.direct, *(rule.line for rule in self.rules))))

    def line(self, operation: str, *, on: date) -> Line:
        """The way that `operation` takes on a day; of no operation in particular: the one of most."""
        return self._lines(operation, on)

    def safeguard(self, operation: str, *, on: date) -> Safeguard | None:
        """What protects the calls of `operation` that we make on a day; None: no rule speaks of them."""
        return self._safeguards(operation, on)

    @cached_property
    def _lines(self) -> Callable[[str, date], Line]:
        return lru_cache(_DAYS_KEPT)(lambda operation, on: choose(self.rules, operation, on=on) or self.direct)

    @cached_property
    def _safeguards(self) -> Callable[[str, date], Safeguard | None]:
        return lru_cache(_DAYS_KEPT)(lambda operation, on: self.safeguards.outbound(operation, on=on))

    def used(self, *, on: date) -> tuple[Line, ...]:
        """The ways that operations take on a day: without those that are only tried, which say nothing of how the
        system does."""
        return tuple(dict.fromkeys(self.line(operation, on=on) for operation in ("", *self.operations)))

    def through(self, line: Line) -> System:
        """The same system with this way to it alone, which is only tried."""
        return replace(self, rules=(Rule(line=line),), is_tried=True)

    def shadow(self, operation: str, *, on: date) -> Line | None:
        """The way that is only tried: by look-ups alone, because whatever else is sent twice happens twice."""
        known = self.operations[operation]
        if known.kind is not Kind.LOOKUP or not known.idempotent:
            return None
        found = choose(self.rules, operation, on=on, shadow=True)
        return found if found and found.way != self.line(operation, on=on).way else None
