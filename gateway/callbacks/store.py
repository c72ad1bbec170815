"""The ports to events and to the addresses of clients. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.callbacks.model import Event, EventState, Lease, Receiver


class ReceiverStore(Protocol):
    """Where clients are called."""

    async def put(self, receiver: Receiver) -> None:
        """In the place of an earlier one."""

    async def find(self, tenant: str, client_id: str) -> Receiver | None: ...

    async def remove(self, tenant: str, client_id: str) -> bool: ...

    async def addresses(self, tenant: str) -> Mapping[str, str]:
        """By client id, without their secrets."""


class EventStore(Protocol):
    """What clients are still to be told, and what they were."""

    async def add(self, events: Sequence[Event]) -> None:
        """Behind everything that was added before."""

    async def claim(self, tenant: str, *, lease: Lease, most: int) -> Sequence[Event]:
        """Of those that wait and are due, the ones due first that nobody holds any more, each to one owner alone; of
        each client and subject no more than the oldest that waits."""

    async def settle(self, after: Event, *, owner: str) -> bool:
        """Store how it stands now, and give it back. False: the owner has lost it, and nothing was stored."""

    async def postpone(self, tenant: str, client_id: str, *, until: datetime) -> None:
        """No call to this client before then, but for those that are under way."""

    async def hurry(self, tenant: str, event_id: str, *, now: datetime) -> bool:
        """Make it due now, for every client that waits for it. False: there is nothing left to do about it."""

    async def latest(self, tenant: str, *, state: EventState | None, limit: int) -> Sequence[Event]:
        """Newest first, of one state or of all."""

    async def expire(self, tenant: str, *, before: datetime) -> int:
        """Delete what ended and was created before. How many there were."""
