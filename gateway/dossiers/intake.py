"""What a step must be before it is judged, and the shapes that it takes here. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.domain import STATUSES, DossierStatus, local_day
from gateway.dossiers.model import DossierRecord, EventView, Place
from gateway.dossiers.order import LATE, Judgement
from gateway.dossiers.store import EventRecord, ParkedEvent
from gateway.rules.deadlines import may_reschedule
from gateway.rules.packs import load_packs, pack_on
from gateway.sdk.errors import FieldProblem, NotFoundError, UnprocessableError

CLOCK_SKEW = timedelta(minutes=10)
"""How far the clocks of one-stop systems may be ahead of ours."""


def pack_of(document: Mapping[str, Any], *, now: datetime) -> str:
    """The rule pack in force when the dossier was received, for good (ORG-05); none for one older than all packs."""
    received = document.get("received_at")
    day = local_day(datetime.fromisoformat(received) if received else now)
    packs = load_packs()
    return pack_on(packs, day).id if day >= packs[0].effective_from else ""


def count_reschedules(held: DossierRecord, document: Mapping[str, Any]) -> int:
    """One more if the due date moves without a further round of supplements; more than the pack allows is refused
    (NĐ 61/2018 Art 19.9)."""
    before, now = held.document.get("due_at"), document.get("due_at")
    supplemented = len(document.get("supplements") or ()) > len(held.document.get("supplements") or ())
    if not before or not now or before == now or supplemented:
        return held.reschedules
    pack = next((pack for pack in load_packs() if pack.id == held.pack), None)
    if pack and not may_reschedule(held.reschedules, pack):
        english = f"The due date was moved {held.reschedules} time(s) before; the law allows it once."
        vietnamese = "Hồ sơ đã hẹn lại ngày trả một lần; pháp luật chỉ cho phép hẹn lại một lần (NĐ 61/2018 Điều 19.9)."
        fields = [FieldProblem("/due_at", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="rescheduled_before", fields=fields)
    return held.reschedules + 1


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


def check_origin(held: DossierRecord, document: Mapping[str, Any]) -> None:
    """Whose dossier it is was settled with the first version: it was told whole, or it is the portal's."""
    if held.document.get("origin_code") != document.get("origin_code"):
        english = "Where a dossier was born does not change after its first version."
        vietnamese = "Mã hồ sơ quốc gia (hồ sơ phát sinh tại Cổng) không thay đổi sau lần gửi đầu."
        fields = [FieldProblem("/origin_code", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="origin_differs", fields=fields)


def check_obligation(held: DossierRecord, entry: EventRecord) -> None:
    """A procedure that costs nothing is never stopped by a demand to pay (DOS-27). Without a list of fees nothing is
    known of them: a tax is none of the province's fees."""
    fees = held.document.get("fees") or []
    if entry.status is DossierStatus.PAYMENT_REQUESTED and fees and not any(fee.get("amount") for fee in fees):
        english = "Every fee of this dossier is 0; there is nothing to pay."
        vietnamese = "Mọi khoản phí, lệ phí của hồ sơ bằng 0; không được yêu cầu nghĩa vụ tài chính."
        fields = [FieldProblem("/status", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="nothing_to_pay", fields=fields)


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
