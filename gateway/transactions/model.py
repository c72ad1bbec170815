"""One row of the log as it is searched and counted, and whose turn a failure is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.audit.model import EntryKind

LOOK = "console_"
"""How operations begin that are pages of the console."""


class Fault(StrEnum):
    """Lỗi của bên nào. The classes of a failure are never mixed on a screen."""

    NONE = "none"
    """It went well, or it is an act, or nothing can be said yet."""
    OURS = "ours"
    """The gateway, its settings, its log: the province's IT staff."""
    CALLER = "caller"
    """The one-stop system, or whoever called, has to change the request."""
    PARTNER_TECHNICAL = "partner_technical"
    """The national system did not answer, or not as its contract says, or what it sent cannot be trusted."""
    PARTNER_BUSINESS = "partner_business"
    """The national system understood and said no: the officer in charge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What one leaf says, in columns. `call_id`: of the exchange with a national system. `duration_ms`: None: it says
    none. `beside`: it says nothing of how the system does (told again from a copy, a finding of a comparison, a way
    that is only tried)."""

    index: int
    recorded_at: datetime
    kind: EntryKind
    actor: str
    operation: str
    system: str
    outcome: str
    fault: Fault
    reference: str
    trace_id: str
    call_id: str = ""
    duration_ms: int | None = None
    beside: bool = False

    @property
    def place(self) -> Place:
        return Place(self.recorded_at, self.index)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a list goes on: just before this row, newest first."""

    recorded_at: datetime
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows: from `since` to before `until`, and those that equal all of `equal` (names of text columns: `system`,
    `operation`, `fault`, `actor`, `trace_id`, `call_id`). `references`: any of them; empty: every one. `looks`: also
    that somebody read a page of the console, which is a leaf each time."""

    since: datetime | None = None
    until: datetime | None = None
    references: tuple[str, ...] = ()
    equal: Mapping[str, str] = field(default_factory=dict)
    looks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page, newest first. `onward`: where the next one begins; None: there is no more. `is_cut`: the search stopped
    before it had filled the page, because too many rows had been looked at; it goes on at `onward`."""

    rows: tuple[Transaction, ...]
    onward: Place | None = None
    is_cut: bool = False


class WaitingKind(StrEnum):
    """What the gateway does by itself, later."""

    DELIVERY = "delivery"
    RECHECK = "recheck"
    CALLBACK = "callback"


class WaitingState(StrEnum):
    """How it stands."""

    DUE = "due"
    """It happens at `at`, or is happening."""
    HELD = "held"
    """Not before a person has decided."""
    PAUSED = "paused"
    """Sending to this system is stopped; it goes on when that ends."""
    GIVEN_UP = "given_up"
    """It was tried until its end; a person may have it tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The next automatic step of something. `to`: the system or client that it goes to; `trouble`: the code of why it
    waits, empty without one; `tries` so far."""

    kind: WaitingKind
    state: WaitingState
    reference: str
    to: str
    at: datetime | None
    tries: int = 0
    trouble: str = ""
