"""What goes into an exchange and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from gateway.delivery.model import Draft, StreamKey
from gateway.domain import Context
from gateway.sdk import Attachment, Call, Outcome, Settlement


class FileSource(Protocol):
    """Where the content of an operation that `sends_file` comes from."""

    async def file(self, tenant: str, file_id: str) -> Attachment:
        """Checked against its digest: `IntegrityError` when it is not what was stored, `NotFoundError` when none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """The end of one exchange. `canonical` is the reply in our vocabulary (empty unless answered or accepted);
    `audit_index` is its leaf, None
    while that waits to be written."""

    system: str
    outcome: Outcome
    call_id: str
    audit_index: int | None
    canonical: Mapping[str, Any] = field(default_factory=dict, repr=False)
    asked_at: datetime | None = None
    """When the system was asked, where this is a copy of its answer from then; None: it was asked just now."""


class Exchange(Protocol):
    """The port that services and the worker use. `RemoteError` and `TrustError` mean there is no outcome."""

    def system_for(self, operation: str, *, on: date | None = None, procedure: str = "") -> str:
        """The id of the configured system that `operation` goes to, on a day (today) and about a procedure (any);
        `ConfigurationError` when none offers it."""

    def offers(self, operation: str, *, target: str) -> bool:
        """Whether that system can be asked so, as it is configured."""

    async def ask(
        self, operation: str, canonical: Mapping[str, Any], *, context: Context, reference: str = "", target: str = ""
    ) -> Exchanged:
        """One exchange inside the caller's request, with `target` or wherever the operation goes today. Idempotent
        operations are retried within their time."""

    def draft(
        self, operation: str, canonical: Mapping[str, Any], *, key: str, context: Context, target: str = ""
    ) -> Draft:
        """Translate for later delivery to `target`, or wherever the operation goes today. `UnprocessableError` when the
        mapping cannot: nothing was stored."""

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Exchanged:
        """One attempt of one stored message, never repeated here."""

    async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
        """Ask the system what became of `call` (`Reconciles`), or whether it must be asked first."""

    def asks_first(self, stream: StreamKey, operation: str) -> bool:
        """Whether `operation` wants `settle` before its first delivery."""
