"""What is recorded of every exchange, refused ones and administrators' acts too (POP-12, PDP-03, SEC-04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EntryKind(StrEnum):
    """Which side of the gateway an entry was written on."""

    EXCHANGE = "exchange"
    """One request to a national system and what came of it."""
    REQUEST = "request"
    """A request of the province that changed or asked something, or was refused."""
    INBOUND = "inbound"
    """A call that a national system made to us."""
    ADMIN = "admin"
    """An act of the province's own staff, on the command line or the console."""
    ALARM = "alarm"
    """Something that the gateway noticed by itself and that a person must look at."""


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for each leaf, and that would cost three times as much
class Entry:
    """Nhật ký giao dịch: one leaf. Only metadata that is not personal; `bodies` are digested with a salt of their own,
    sealed and stored beside the leaf, so that they can be erased while the proof stays valid.

    `outcome`: `answered`, `accepted`, `absent`, `pending`, `refused`, `copied` (from a copy of an earlier
    answer, nobody was asked), `put_off` (a call that came in is handled already), or the stable code of the error.
    """

    kind: EntryKind
    tenant: str
    actor: str
    operation: str
    outcome: str
    occurred_at: datetime
    trace_id: str
    system: str = ""
    reference: str = ""
    """A dossier code, payment reference or call id to search by; never a personal number."""
    purpose: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str | int] = field(default_factory=dict)
    """Small non-personal facts: HTTP status, try number, mapping version, duration in milliseconds."""
    subjects: tuple[str, ...] = field(default=(), repr=False)
    """Personal numbers of the people whom it is about. Never in the leaf: digests of them (`audit.subject`) stand
    beside it, so that a person can be told who looked (PDP-03), and forgotten."""
    bodies: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Exact bytes by name: `request_sent`, `reply_received`, `answer_made` (nothing was sent), `request`, `reply`,
    `soap_request`."""


@dataclass(slots=True, kw_only=True)  # not frozen, as an entry
class Prepared:
    """An entry with its bodies digested and sealed, waiting for its place. `pieces`: its leaf, as
    `gateway.audit.leaf.encode` puts it together."""

    tenant: str
    reference: str
    trace_id: str
    kind: str
    operation: str
    pieces: tuple[bytes, bytes, bytes, bytes]
    bodies: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    wrapped: bytes = b""
    """The key of the bodies under the KEK of `kek_id`; both empty without bodies."""
    kek_id: bytes = b""
    subjects: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Where an entry stands in the log, known only after it is durable. `index` is None while it waits, durable, to be
    written late (`audit.spool`): then nothing can be promised of its place."""

    index: int | None
    leaf_hash: bytes
