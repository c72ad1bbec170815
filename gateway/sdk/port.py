"""The connector port: a manifest and two pure functions. All I/O, time and chance stay in the core.

A connector that needs more opts in to one of the small protocols below, or to `gateway.sdk.inbound.AcceptsInbound`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from gateway.sdk.probe import Probe
from gateway.sdk.wire import Attachment, WireReply, WireRequest


class Kind(StrEnum):
    """What an operation is for."""

    LOOKUP = "lookup"
    SUBMIT = "submit"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that a national system can be asked.

    `name` is ours and canonical (`verify_citizen`, `sync_dossier`); the core routes by it.
    `idempotent` operations may be repeated in the same request; others become `Unsettled` when the answer is missing.
    `ask_first` operations are preceded by `Reconciles.question` as long as no delivery to that stream was acknowledged.
    """

    name: str
    kind: Kind
    idempotent: bool
    personal_data: bool = True
    ask_first: bool = False
    replaces: bool = False
    """The newest message stands for all before it: sending an older one again would turn the clock back."""
    compared: bool = True
    """The target keeps a copy of what it was told, with which ours is compared every night; otherwise it was only told
    (an answer to a question), or is shown nowhere."""
    sends_file: bool = False
    """Its body names a stored file by `file`; the core hands the content over in `Call.file`."""


class OverSettings(BaseModel):
    """From which day on, and for which operations, a system is reached over a platform (`platforms.<name>`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: str = Field(description="The platform; `direct`: none.")
    since: date = Field(default=date.min, description="From this day on.")
    operations: tuple[str, ...] = Field(default=(), description="For these operations; none: for all.")
    shadow: bool = Field(
        default=False, description="Only try it: look-ups go there, too, and their answers are compared, not used."
    )
    provider: str = Field(default="", description="X-Road id of the system: INSTANCE/CLASS/MEMBER/SUBSYSTEM.")
    provider_url: str = Field(default="", description="`providerurl`, where the adapter wants one.")
    service: str = Field(default="", description="X-Road service code, where the path does not begin with it.")


class SystemSettings(BaseModel):
    """What every national system is configured with; a connector's own settings extend it. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(description="Where the system is reached, without a trailing slash.")
    timeout_s: float = Field(default=10.0, gt=0, description="Seconds to wait for an answer.")
    connect_timeout_s: float = Field(default=5.0, gt=0, description="Seconds to wait for a connection, and its name.")
    max_reply_bytes: int = Field(default=5_000_000, gt=0, description="Larger replies are refused unread.")
    max_connections: int = Field(default=20, gt=0, description="Connections kept to the system.")
    max_waiting: int = Field(default=200, ge=0, description="Calls that wait for one or for a log-in; no more do.")
    tries: int = Field(default=3, ge=1, description="Tries of an idempotent operation inside one request.")
    over: tuple[OverSettings, ...] = Field(default=(), description="The platforms in between; none: reached directly.")
    direct_basis: str = Field(default="", description="Decision for a direct way beside platforms (47/2020 Art 46).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Who a connector speaks to, on what legal basis, and what it can do."""

    id: str
    title: str
    title_vi: str
    owner: str
    legal_basis: tuple[str, ...]
    operations: tuple[Operation, ...]
    settings: type[SystemSettings]
    sandbox: Mapping[str, Any] = field(default_factory=dict)
    sandbox_platforms: Mapping[str, Any] = field(default_factory=dict)
    """Settings that reach the mock of `lienthong mocks`, and the platforms that they name. Neither is secret."""
    yields_to: str = ""
    """A system of the same operations, older or the usual one: where both are configured, it is used by default."""
    probe: Probe | None = None
    """The harmless call of diagnostics; None: its contract offers none, and none is guessed."""

    def operation(self, name: str) -> Operation:
        return next(op for op in self.operations if op.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A token or session that a system issued to us."""

    token: str = field(repr=False)
    expires_in_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request in the system's own vocabulary. A retry carries the same `call_id`, `at` and `body`.

    `call_id`: 1-20 characters `[0-9A-Z]`, unique. `at`: when the call was made, timezone-aware.
    `hints`: what `Reconciles.settle` found out, for example whether the dossier exists there.
    `parts`: bodies of further calls of the same operation that go out as one with this one (`Batches`).
    `known`: what the target told in answers to earlier messages of the same stream (`Accepted.learned`).
    `file`: the stored file of an operation that `sends_file`.
    """

    operation: str
    body: Mapping[str, Any]
    call_id: str
    at: datetime
    grant: Grant | None = None
    hints: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Mapping[str, Any], ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    file: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The system gave a value, in its own vocabulary."""

    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The system answered, and holds no such value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The system said that it has taken what we sent. `learned`: what later messages of the stream need of its answer,
    such as the id that the system gave to the dossier; kept with the acknowledgement. Holds no personal data.

    `unfinished`: a first part of the message; the same message is prepared again with what was learned."""

    reference: str
    body: Mapping[str, Any] = field(default_factory=dict)
    learned: Mapping[str, str] = field(default_factory=dict)
    unfinished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The system has the request and no final answer yet."""

    reference: str
    look_again_after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The system understood and said no: a value, not an exception.

    `code` and `reason` are the system's own; `not_permitted` marks the third truth of TT 13/2017 Art 8.2 (POP-05).
    `nothing_kept`: of a batch, the system is known to have taken nothing; otherwise it is asked about each part.
    """

    code: str
    reason: str
    not_permitted: bool = False
    nothing_kept: bool = False


Outcome = Answered | Absent | Accepted | Pending | Refused


@runtime_checkable
class Connector(Protocol):
    """One national system. Both functions are pure; `interpret` raises `RemoteError` or `TrustError` for what is
    not an outcome, and never reads an unknown reply as success. The constructor takes `manifest.settings`."""

    manifest: ClassVar[Manifest]

    def __init__(self, settings: Any) -> None: ...
    def prepare(self, call: Call) -> WireRequest: ...
    def interpret(self, call: Call, reply: WireReply) -> Outcome: ...


@runtime_checkable
class NeedsAuth(Protocol):
    """The system issues a token or session first. The core caches it, obtains it once under concurrency, and renews it
    once when `rejects_grant` says that a reply means "log in again". `prepare` finds it in `call.grant`."""

    def login(self) -> WireRequest: ...
    def grant(self, reply: WireReply) -> Grant: ...
    def rejects_grant(self, reply: WireReply) -> bool: ...


@runtime_checkable
class AnswersAlone(Protocol):
    """Some operations need no exchange: what they give is made here, such as a signed address that the payer's browser
    will open. Nothing is sent then; the core still leaves its leaf."""

    def answer(self, call: Call) -> Outcome | None:
        """Pure, like `prepare`. None: this call is sent like any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TookEffect:
    """The unsettled call did happen. `learned`: as in `Accepted`, what the look-up shows of it."""

    reference: str
    learned: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNow:
    """It did not happen, or sending is harmless: send `call`. `differs`: the names of the fields in which the system
    holds something else, where it shows them."""

    call: Call
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotTell:
    """The look-up does not decide it; a person must."""

    reason: str
    reason_vi: str


Settlement = TookEffect | SendNow | CannotTell


@runtime_checkable
class Reconciles(Protocol):
    """The connector can find out what became of a call: `question` is an idempotent look-up in the system's own
    vocabulary, or a settlement where there is nothing to ask; `settle` reads its outcome."""

    def question(self, call: Call) -> Call | Settlement: ...
    def settle(self, call: Call, answer: Outcome) -> Settlement: ...


@runtime_checkable
class Batches(Protocol):
    """Several calls of one operation can go out as one: the first with the bodies of the others in its `parts`."""

    def most_together(self, operation: str) -> int:
        """How many; 1: each goes alone."""


@runtime_checkable
class LeavesOut(Protocol):
    """Not every operation of the manifest can be used as this province is configured."""

    left_out: frozenset[str]
