"""A dossier as the gateway keeps it, apart from how far its copies have come (STA-05: separate axes)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from gateway.delivery.model import StreamView
from gateway.domain import Context, DossierStatus
from gateway.rules.deadlines import Alarm, Due


class Place(StrEnum):
    """What became of a step that was told (see `gateway.dossiers.order`)."""

    APPLIED = "applied"
    LATE = "late"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierRecord:
    """The newest version of a dossier. `document` is the canonical body of `PUT /v1/dossiers/{code}`."""

    tenant: str
    code: str
    version: int
    status: DossierStatus
    document: Mapping[str, Any] = field(repr=False)
    last_event_at: datetime | None
    updated_at: datetime
    target: str = ""
    """The system that is told of it, for good: a route that changes is for later dossiers (SYN-10)."""
    pack: str = ""
    """The rule pack that it was accepted under, for good (ORG-05)."""
    reschedules: int = 0
    """How often it was given another due date without a supplement (DOS-11)."""


@dataclass(frozen=True, slots=True)
class ToldStep:
    """A step that somebody tells of the dossier `code`; `event` is the canonical body."""

    code: str
    event: Mapping[str, Any] = field(repr=False)
    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A dossier or event was stored durably; delivery will follow unless `place` says that it waits."""

    code: str
    version: int
    status: DossierStatus
    event_id: str = ""
    place: Place = Place.APPLIED
    why: str = ""
    why_vi: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One step of a dossier and its place, without what people wrote in it."""

    event_id: str
    status: DossierStatus
    occurred_at: datetime
    place: Place
    why: str = ""
    why_vi: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """The states of a dossier that never change one another (STA-05): what one axis suffers, the others do not show."""

    code: str
    version: int
    status: DossierStatus
    """Business: xử lý nghiệp vụ."""
    payment: str
    """Fees: `none`, or the state of the payment that counts."""
    digitisation: str
    """`none`, `digitised`, `reused`, `reused_result`: the furthest of its papers."""
    delivery: str
    """How far the result is on its way to the applicant: `not_ready`, `ready`, `handed_over`."""
    sync: str
    """Copies at the national systems: `none`, `complete`, `under_way`, `held`."""
    pack: str
    parked: int
    """Steps that wait for their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueView:
    """An open dossier and its due moment, for the list of what needs somebody now."""

    code: str
    status: DossierStatus
    due_at: datetime
    apologised: bool
    pack: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncView:
    """How far the copies of one dossier have come, per target."""

    code: str
    version: int
    status: DossierStatus
    streams: Sequence[StreamView]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Moments with their zone; None: this clock does not run for the dossier, or a fact that it needs was not told."""

    code: str
    pack: str
    due_at: datetime | None
    """As the province told it."""
    computed: Due | None
    """From the procedure's working days and the steps; needs `working_days`."""
    forward_by: datetime | None
    """Of a paper dossier (NĐ 61/2018 Art 18.2, 18.3)."""
    return_ineligible_by: datetime | None
    """If it does not qualify (Art 19.4)."""
    apology_from: datetime | None
    """From then on a late result needs a written apology (Art 19.9)."""
    reschedules_left: int
    alarms: Sequence[Alarm]
    calendar: str
    """`confirmed`: somebody compared the working days with the yearly decision; `unconfirmed`; `missing`: a year that a
    clock needs has none, and that clock is None."""


class DossierService(Protocol):
    """Each write raises `UnprocessableError` or `ConflictError` before anything is stored, or returns after commit."""

    async def put(self, code: str, document: Mapping[str, Any], *, context: Context) -> Taken: ...
    async def add_events(
        self, events: Sequence[tuple[str, Mapping[str, Any]]], *, context: Context
    ) -> Sequence[Taken | Exception]:
        """Take in steps (dossier code, canonical body) in the order given, in one transaction. Each is taken, or is
        refused as it would be alone and leaves nothing. The same `event_id` with the same content is taken once and
        answered again. Not inside a transaction that is open: what is told as refused must have been undone."""

    async def add_together(self, steps: Sequence[ToldStep]) -> Sequence[Taken | Exception]:
        """The same, as part of the transaction that is open. `GatewayError`: it must be undone."""

    async def sync(self, code: str, *, context: Context) -> SyncView: ...
    async def events(self, code: str, *, context: Context) -> Sequence[EventView]: ...
    async def axes(self, code: str, *, context: Context) -> Axes: ...
    async def clocks(self, code: str, *, context: Context) -> Clocks: ...


def charged(document: Mapping[str, Any]) -> int:
    """All fees of a dossier and of its rounds of supplements, whole đồng."""
    lists = [document.get("fees", ()), *(round_.get("fees", ()) for round_ in document.get("supplements", ()))]
    return sum(int(fee["amount"]) for fees in lists for fee in fees)
