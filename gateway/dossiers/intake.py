"""What a step must be before it is judged, and the shapes that it takes here. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.domain import STATUSES, DossierStatus
from gateway.dossiers.model import EventView, Place
from gateway.dossiers.order import LATE, Judgement
from gateway.dossiers.store import EventRecord, ParkedEvent
from gateway.sdk.errors import FieldProblem, NotFoundError, UnprocessableError

CLOCK_SKEW = timedelta(minutes=10)
"""How far the clocks of one-stop systems may be ahead of ours."""


def entry(event: Mapping[str, Any]) -> EventRecord:
    return EventRecord(
        event_id=event["event_id"],
        status=DossierStatus(event["status"]),
        occurred_at=datetime.fromisoformat(event["at"]),
        document=dict(event),
    )


def parked(code: str, event: EventRecord, judgement: Judgement, *, now: datetime) -> ParkedEvent:
    return ParkedEvent(
        code=code, event=event, why_code=judgement.code, why=judgement.why, why_vi=judgement.why_vi, parked_at=now
    )


def view(event: EventRecord, *, place: Place | None = None, why: str = "", why_vi: str = "") -> EventView:
    late = event.late and not place
    return EventView(
        event_id=event.event_id,
        status=event.status,
        occurred_at=event.occurred_at,
        place=place or (Place.LATE if event.late else Place.APPLIED),
        why=LATE.why if late else why,
        why_vi=LATE.why_vi if late else why_vi,
    )


def check_reason(entry: EventRecord) -> None:
    if STATUSES[entry.status].needs_reason and not (entry.document.get("content") or "").strip():
        raise UnprocessableError(
            "This status needs a reason in words (DOS-05).",
            vi="Trạng thái này phải kèm lý do bằng lời.",
            what="reason_missing",
            fields=[FieldProblem("/content", "A reason is required.", "Cần nêu lý do.")],
        )


def check_moment(entry: EventRecord, *, now: datetime) -> None:
    """A step cannot have happened tomorrow; taken in, it would make every true step after it a late one."""
    if entry.occurred_at > now + CLOCK_SKEW:
        english, vietnamese = "This moment lies in the future.", "Thời điểm này ở tương lai."
        raise UnprocessableError(
            english, vi=vietnamese, what="in_the_future", fields=[FieldProblem("/at", english, vietnamese)]
        )


def unknown_dossier() -> NotFoundError:
    return NotFoundError(
        "No dossier has this code; send PUT /v1/dossiers/{code} first.",
        vi="Chưa có hồ sơ mang mã này; hãy gửi hồ sơ trước.",
    )


def refused_move(reason: str, reason_vi: str) -> UnprocessableError:
    fields = [FieldProblem("/status", reason, reason_vi)]
    return UnprocessableError(reason, vi=reason_vi, what="illegal_transition", fields=fields)
