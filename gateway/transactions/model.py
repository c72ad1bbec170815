"""One row of the log as it is searched and counted, and whose turn a failure is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.audit.model import EntryKind


class Fault(StrEnum):
    """Lỗi của bên nào. The classes of a failure are never mixed on a screen."""

    NONE = "none"
    """It went well, or it is an act, or nothing can be said yet."""
    OURS = "ours"
    """The gateway, its settings, its log: the province's IT staff."""
    CALLER = "caller"
    """The one-stop system, or whoever called, has to change the request."""
    PARTNER_TECHNICAL = "partner_technical"
    """The national system did not answer, or not as its contract says, or what it sent cannot be trusted."""
    PARTNER_BUSINESS = "partner_business"
    """The national system understood and said no: the officer in charge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What one leaf says, in columns. `call_id`: of the exchange with a national system. `duration_ms`: None: it says
    none."""

    index: int
    recorded_at: datetime
    kind: EntryKind
    actor: str
    operation: str
    system: str
    outcome: str
    fault: Fault
    reference: str
    trace_id: str
    call_id: str = ""
    duration_ms: int | None = None
