"""The port to stored requests of persons and breaches. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.privacy.model import Breach, Opening, Outcome, Person, PersonRequest, Place, RequestKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it is taken in, with its clocks."""

    kind: RequestKind
    person: Person
    subject: bytes
    third_party: bool
    received_at: datetime
    answer_due: datetime
    done_due: datetime
    by: str


class RequestStore(Protocol):
    async def receive(self, tenant: str, received: Received) -> PersonRequest: ...

    async def listed(
        self, tenant: str, *, everything: bool, limit: int, after: Place | None = None
    ) -> Sequence[PersonRequest]:
        """By the time at which they are due; only those that are open, or `everything`; `after`: to page on."""

    async def find(self, tenant: str, request_id: int) -> PersonRequest | None: ...

    async def person(self, tenant: str, request_id: int) -> Person | None: ...

    async def answer(self, tenant: str, request_id: int, outcome: Outcome) -> PersonRequest | None:
        """None: it does not wait for an answer."""

    async def extend(
        self, tenant: str, request_id: int, outcome: Outcome, *, done_due: datetime
    ) -> PersonRequest | None:
        """None: it was extended before, or has ended."""

    async def end(self, tenant: str, request_id: int, outcome: Outcome) -> PersonRequest | None:
        """None: it has ended."""


class BreachStore(Protocol):
    async def open(self, tenant: str, opening: Opening, *, due_at: datetime, by: str, now: datetime) -> Breach: ...

    async def listed(self, tenant: str, *, everything: bool) -> Sequence[Breach]:
        """By the time at which they are due; only those that are not closed, or `everything`."""

    async def find(self, tenant: str, breach_id: int) -> Breach | None: ...

    async def notify(self, tenant: str, breach_id: int, *, by: str, late_reason: str, now: datetime) -> Breach | None:
        """None: it was notified before, or there is none."""

    async def close(self, tenant: str, breach_id: int, *, by: str, measures: str, now: datetime) -> Breach | None:
        """None: it was closed before, or there is none."""
