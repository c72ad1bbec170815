"""Who is told, and what: an event is one thing that changed, for one client, without anything about a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class EventType(StrEnum):
    """What changed (NĐ 224/2026 Art 15(1)(g): the one-stop system tells the citizen at once)."""

    PAYMENT_PAID = "payment.paid"
    PAYMENT_EXCESS = "payment.excess"
    """Money for a bill that was paid before: it is owed back."""
    PAYMENT_CASE = "payment.case"
    """Something about money does not fit; a person clears it up."""
    RECEIPT_ISSUED = "receipt.issued"
    REFUND_DONE = "refund.done"
    REFUND_FAILED = "refund.failed"


class EventState(StrEnum):
    """`waiting` is the only state that another one follows."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    """It did not arrive in all that time, or nobody may hear it any more. What it says can still be read."""


Facts = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that one client is told. `body`: the bytes of every try. `subject`: events of one client about the same
    subject arrive in order, each after the one before arrived or was given up."""

    tenant: str
    event_id: str
    """What the receiver knows it by; the same for every client."""
    client_id: str
    type: EventType
    subject: str
    agency_id: str
    """Whose matter it is; empty: of no one agency."""
    reference: str
    """The dossier's code."""
    trace_id: str
    body: bytes = field(repr=False)
    created_at: datetime
    due: datetime | None
    state: EventState = EventState.WAITING
    tries: int = 0
    trouble: str = ""
    """Code of what kept the newest try from arriving."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where a client is called. `secret` signs what we send; it is shown once, when the address is registered."""

    tenant: str
    client_id: str
    url: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A worker's hold on what it claimed: lost at `until`, when another may claim it."""

    owner: str
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One try to call a client. `facts` stand in its leaf, beside the HTTP status."""

    tenant: str
    client_id: str
    message_id: str
    body: bytes = field(repr=False)
    trace_id: str
    reference: str
    facts: Facts


class Audience(Protocol):
    """Who may hear of money."""

    async def of(self, tenant: str, agency_id: str) -> Collection[str]:
        """Ids of the clients that may read about payments of this agency, now."""


class Teller(Protocol):
    """What other parts may do with callbacks."""

    async def tell(self, tenant: str, event: EventType, facts: Facts) -> None:
        """Have every client called that may hear it. Joins the transaction that is open: what is undone is not told.
        `facts` become the body: ids, amounts, states, moments; no personal data. `payment_id`, else `bill_id`, is the
        subject; whoever holds its lock meanwhile is heard in the order of the commits."""
