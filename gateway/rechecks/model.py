"""A recheck: a verification that gave `undetermined`, asked again until there is an answer (POP-05, POP-10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from gateway.clients.model import Scope
from gateway.domain import Context
from gateway.lookups.model import Verification


class RecheckOperation(StrEnum):
    """What can be asked again: verifications alone, named as in the API."""

    VERIFY_CITIZEN = "verify_citizen"
    VERIFY_ENTERPRISE = "verify_enterprise"
    VERIFY_REPRESENTATIVE = "verify_representative"

    @property
    def scope(self) -> Scope:
        """What a client needs to ask it, now and again."""
        return Scope.CITIZENS if self is RecheckOperation.VERIFY_CITIZEN else Scope.ENTERPRISES

    @property
    def asks(self) -> str:
        """The operation of the exchange that it begins with; it decides which system is asked."""
        return "verify_citizen" if self is RecheckOperation.VERIFY_CITIZEN else "lookup_enterprise"


class RecheckState(StrEnum):
    """`waiting` is the only state that another one follows."""

    WAITING = "waiting"
    ANSWERED = "answered"
    """The register gave a verdict that is not `undetermined`."""
    GIVEN_UP = "given_up"
    """No answer in all that time, or none is possible: a person decides. It says nothing about the citizen."""
    WITHDRAWN = "withdrawn"

    @property
    def label_vi(self) -> str:
        return _LABELS_VI[self]


_LABELS_VI = {
    RecheckState.WAITING: "Đang chờ xác thực lại",
    RecheckState.ANSWERED: "Đã có kết quả",
    RecheckState.GIVEN_UP: "Chưa xác thực được, cần cán bộ xử lý",
    RecheckState.WITHDRAWN: "Đã rút yêu cầu",
}


class CallbackState(StrEnum):
    """How far the client was told that it ended."""

    NONE = "none"
    """Not asked for."""
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """A recheck without anything about the person. `due`: when a worker next has something to do about it."""

    tenant: str
    recheck_id: str
    client_id: str
    operation: RecheckOperation
    dossier_code: str
    reference: str
    """The call under which the register was asked before; empty when the client named none."""
    trace_id: str
    created_at: datetime
    due: datetime | None
    state: RecheckState = RecheckState.WAITING
    tries: int = 0
    trouble: str = ""
    """Code of what kept the newest try from an answer."""
    ended_at: datetime | None = None
    callback: CallbackState = CallbackState.NONE
    callback_tries: int = 0
    callback_trouble: str = ""
    erased_at: datetime | None = None
    """Since when request and result are gone (PDP-11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is stored sealed, and erased. `request`: as the API took it, its purpose included."""

    request: Mapping[str, Any] | None = field(repr=False)
    result: Verification | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a client asks for. `recheck_id` is derived from its Idempotency-Key: the same request, the same recheck."""

    recheck_id: str
    operation: RecheckOperation
    request: Mapping[str, Any] = field(repr=False)
    reference: str = ""
    callback: bool = False


class RecheckService(Protocol):
    """What the API calls. `NotFoundError`: no recheck of this client has the id."""

    async def ask(self, wanted: Wanted, *, context: Context) -> Recheck:
        """Store it durably; `context.purpose` is mandatory. `NotAllowedError`: it does not cover this.
        `UnprocessableError`: a callback was asked for and the
        client has no address, or the id is taken by another request."""

    async def read(self, recheck_id: str, *, context: Context) -> Recheck: ...

    async def contents(self, recheck: Recheck) -> Contents: ...

    async def withdraw(self, recheck_id: str, *, context: Context) -> Recheck:
        """Ask no more; the request is erased at once. `ConflictError` when it ended otherwise."""
