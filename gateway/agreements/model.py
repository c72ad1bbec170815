"""A sharing agreement, and what the exchange asks of it (47/2020 Art 38, carried by NĐ 278/2025; CON-13, CON-17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from gateway.domain import Context


class AgreementState(StrEnum):
    """Of one day; nothing else is stored than the days and whether a person suspended it."""

    COMING = "coming"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the parties signed. `operations`: none: every operation of the system. `fields`: canonical names of what is
    shared, none: as the mapping says. `until`: the last day, None: without end. `contact`: an office's, no person's.
    `handling`: what becomes of the data after use, limits, security and storage, in words."""

    number: str
    system: str
    parties: tuple[str, ...]
    purpose: str
    basis: str
    since: date
    operations: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    until: date | None = None
    contact: str = ""
    handling: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Thoả thuận chia sẻ dữ liệu. `told`: the warning that was given last, in days ahead of the end."""

    id: int
    terms: Terms
    registered_at: datetime
    registered_by: str
    suspended_at: datetime | None = None
    suspended_by: str = ""
    reason: str = field(default="", repr=False)
    told: int | None = None

    def covers(self, operation: str) -> bool:
        return not self.terms.operations or operation in self.terms.operations

    def state(self, on: date) -> AgreementState:
        if self.terms.until is not None and on > self.terms.until:
            return AgreementState.ENDED
        if self.suspended_at is not None:
            return AgreementState.SUSPENDED
        return AgreementState.COMING if on < self.terms.since else AgreementState.IN_FORCE


class Permits(Protocol):
    """What the exchange asks before anything leaves."""

    async def check(self, system: str, operation: str, *, tenant: str) -> None:
        """`NoAgreementError` when what is registered does not allow it today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an access request must state (47/2020 Art 35.2; CON-12). `client`: the id that its key would have."""

    agency_id: str
    application: str
    purpose: str
    items: tuple[str, ...]
    """The fields that are wanted; how many is counted."""
    service: str
    frequency: str
    client: str = ""


class AccessState(StrEnum):
    """Trạng thái đề nghị."""

    RECEIVED = "received"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """Đề nghị kết nối, khai thác: answered with an account or with reasons in five working days (Art 35.3)."""

    id: int
    wanted: Wanted
    received_at: datetime
    due_at: datetime
    registered_by: str
    state: AccessState = AccessState.RECEIVED
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = field(default="", repr=False)
    agreement: int | None = None
    """What it led to; a grant names its agreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer to an access request."""

    state: AccessState
    by: str
    reason: str
    at: datetime
    agreement: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """An operation that no agreement allows today. `state`: of the agreement that comes nearest; None: there is none,
    and the settings require one."""

    system: str
    operation: str
    state: AgreementState | None


class AgreementService(Protocol):
    """What staff do. Each method that changes something is evidence by whoever calls it."""

    async def register(self, terms: Terms, *, by: str, context: Context) -> Agreement:
        """`ConflictError`: that number is registered. `UnprocessableError`: no such system or operation."""

    async def listed(self, tenant: str) -> Sequence[tuple[Agreement, AgreementState]]: ...

    async def closed(self, tenant: str) -> Sequence[Closed]:
        """What is not asked today, by system and operation."""

    async def find(self, tenant: str, agreement_id: int) -> Agreement: ...

    async def set_end(self, tenant: str, agreement_id: int, *, until: date | None, reason: str) -> Agreement:
        """Renew it or end it; `reason` names what allows that. What waited for a renewal goes by itself."""

    async def suspend(self, tenant: str, agreement_id: int, *, by: str, reason: str) -> Agreement:
        """At once, in every process. `ConflictError`: it is suspended."""

    async def resume(self, tenant: str, agreement_id: int) -> Agreement:
        """`ConflictError`: it is not suspended."""


class AccessService(Protocol):
    """Requests of others to be connected."""

    async def receive(self, wanted: Wanted, *, received_at: datetime | None, by: str, tenant: str) -> AccessRequest: ...

    async def listed(self, tenant: str, *, everything: bool) -> Sequence[AccessRequest]: ...

    async def find(self, tenant: str, request_id: int) -> AccessRequest: ...

    async def decide(self, tenant: str, request_id: int, decision: Decision) -> AccessRequest:
        """`ConflictError`: it was decided before. `UnprocessableError`: without words, or granted without an
        agreement."""


Operations = Mapping[str, Sequence[str]]
"""Every configured system and its operations."""
