"""What persons ask for about their data, and breaches: facts with clocks (PDP-04, PDP-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.approvals.model import Approval
from gateway.operators.model import Operator


class RequestKind(StrEnum):
    """Quyền của chủ thể dữ liệu (NĐ 13/2023 Art 9; Law 91/2025)."""

    ACCESS = "access"
    CORRECT = "correct"
    ERASE = "erase"
    RESTRICT = "restrict"
    OBJECT = "object"
    WITHDRAW = "withdraw"


class RequestState(StrEnum):
    """Trạng thái yêu cầu."""

    RECEIVED = "received"
    ANSWERED = "answered"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks, as they said it. Stored sealed; the number is recognised by a keyed digest alone."""

    number: str = field(repr=False)
    name: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    words: str = field(default="", repr=False)
    """What they ask for, in their words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was done or why not: `reason` in words; of an erasure how many records were erased, held by a legal hold
    and kept because a law says so."""

    state: RequestState
    by: str
    reason: str = field(repr=False)
    at: datetime
    erased: int = 0
    held: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRequest:
    """Yêu cầu của chủ thể dữ liệu. `answer_due`: by when the person is told that and how it goes on; `done_due`: by
    when it is carried out."""

    id: int
    kind: RequestKind
    subject: bytes = field(repr=False)
    third_party: bool
    received_at: datetime
    answer_due: datetime
    done_due: datetime
    registered_by: str
    state: RequestState = RequestState.RECEIVED
    answered_at: datetime | None = None
    extended_at: datetime | None = None
    ended_at: datetime | None = None
    handled_by: str = ""
    """Whose step was the last."""
    reason: str = field(default="", repr=False)
    """Of the extension, the refusal, or what was done."""
    erased: int = 0
    held: int = 0
    kept: int = 0

    @property
    def is_open(self) -> bool:
        return self.state in {RequestState.RECEIVED, RequestState.ANSWERED}

    @property
    def reference(self) -> str:
        return f"data_request:{self.id}"


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which request a list goes on: it is by the time at which they are due."""

    due: datetime
    id: int


class StartPoint(StrEnum):
    """From when the 72 hours count, as the officer states it: laws differ, and the safe reading is the first."""

    HAPPENED = "happened"
    DISCOVERED = "discovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A breach as it is first known. `from_at`, `to_at`: when it went on."""

    from_at: datetime
    to_at: datetime
    discovered_at: datetime
    counts_from: StartPoint
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Vi phạm quy định bảo vệ dữ liệu cá nhân."""

    id: int
    opening: Opening
    due_at: datetime
    registered_at: datetime
    registered_by: str
    notified_at: datetime | None = None
    closed_at: datetime | None = None
    handled_by: str = ""
    late_reason: str = field(default="", repr=False)
    measures: str = field(default="", repr=False)

    @property
    def starts_at(self) -> datetime:
        opening = self.opening
        return opening.from_at if opening.counts_from is StartPoint.HAPPENED else opening.discovered_at

    def hours_left(self, now: datetime) -> float:
        """Negative: so late."""
        return (self.due_at - now).total_seconds() / 3600

    @property
    def reference(self) -> str:
        return f"breach:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure came to. `kept_reason`: the law that keeps the rest, in words."""

    erased: int
    held: int = 0
    kept: int = 0
    kept_reason: str = ""


class Spending(Protocol):
    """The part of `Approvals` that is needed here."""

    async def use(self, act: str, parameters: Mapping[str, str | int], *, by: Operator) -> Approval: ...


class Erasure(Protocol):
    """Destroys the stored bodies of a person; proofs stay. A legal hold and a term of law come first."""

    async def erase(self, tenant: str, subject: bytes, *, reference: str, by: Operator) -> Erased: ...


class RequestService(Protocol):
    """What staff do with requests of persons; every step is evidence by whoever calls it."""

    async def receive(
        self, kind: RequestKind, person: Person, *, by: str, tenant: str, third_party: bool = False
    ) -> PersonRequest: ...

    async def listed(
        self, tenant: str, *, everything: bool, limit: int, after: Place | None = None
    ) -> Sequence[PersonRequest]: ...

    async def find(self, tenant: str, request_id: int) -> PersonRequest: ...

    async def person(self, tenant: str, request_id: int) -> Person:
        """Who asked; whoever calls this leaves a leaf."""

    async def answer(self, tenant: str, request_id: int, *, by: str, reason: str) -> PersonRequest: ...

    async def extend(self, tenant: str, request_id: int, *, by: str, reason: str) -> PersonRequest:
        """Once, with a reason. `ConflictError`: it was extended before, or is done."""

    async def finish(self, tenant: str, request_id: int, *, by: Operator, reason: str) -> PersonRequest:
        """Done; of an erasure, the bodies are erased here, which takes another operator's approval."""

    async def refuse(self, tenant: str, request_id: int, *, by: str, reason: str) -> PersonRequest: ...


class BreachService(Protocol):
    """The register of breaches; every step is evidence by whoever calls it."""

    async def open(self, opening: Opening, *, by: str, tenant: str) -> Breach: ...

    async def listed(self, tenant: str, *, everything: bool) -> Sequence[Breach]: ...

    async def find(self, tenant: str, breach_id: int) -> Breach: ...

    async def notify(self, tenant: str, breach_id: int, *, by: str, late_reason: str = "") -> Breach:
        """It was notified now. `UnprocessableError`: late, and without reasons."""

    async def close(self, tenant: str, breach_id: int, *, by: str, measures: str) -> Breach: ...
