"""The port to stored agreements and access requests. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.agreements.model import AccessRequest, Agreement, Decision, Terms, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """Who switched it off, when and why."""

    by: str
    reason: str
    at: datetime


class AgreementStore(Protocol):
    async def add(self, tenant: str, terms: Terms, *, by: str, now: datetime) -> Agreement | None:
        """None: an agreement of that number is there."""

    async def listed(self, tenant: str) -> Sequence[Agreement]:
        """Those that end first come first."""

    async def of(self, tenant: str, system: str, operation: str) -> Sequence[Agreement]:
        """All that speak of the operation, in force or not."""

    async def find(self, tenant: str, agreement_id: int) -> Agreement | None: ...

    async def set_end(self, tenant: str, agreement_id: int, *, until: date | None) -> Agreement | None:
        """Warnings begin anew. None: there is none."""

    async def suspend(self, tenant: str, agreement_id: int, suspension: Suspension | None) -> Agreement | None:
        """Suspend, or resume (None). None: there is none, or it is so already."""

    async def tell(self, tenant: str, agreement_id: int, *, days: int) -> bool:
        """Whether the warning of so many days was not given before."""


class AccessStore(Protocol):
    async def receive(
        self, tenant: str, wanted: Wanted, *, received_at: datetime, due_at: datetime, by: str
    ) -> AccessRequest: ...

    async def listed(self, tenant: str, *, everything: bool) -> Sequence[AccessRequest]:
        """By the time at which they are due; only those that wait, or `everything`."""

    async def find(self, tenant: str, request_id: int) -> AccessRequest | None: ...

    async def decide(self, tenant: str, request_id: int, decision: Decision) -> AccessRequest | None:
        """None: no request of this number waits."""
