"""Where a step of work belongs among those that are known already (STA-03, STA-04). Pure.

A step goes on top of the newest one, if the status table allows the move; if not, it is refused with the reason. A step
that happened before the newest one never moves the dossier back: it takes its place in the history, if it fits there. A
step that names its predecessor (`after`) waits for it, so steps told so may arrive in any order. What fits nowhere is
parked with an explanation until a later step makes room for it, or a person dismisses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain import DossierStatus, Transition, check_transition
from gateway.dossiers.model import Place
from gateway.dossiers.store import EventRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A step's place, or None when it is refused, and why in both languages (empty when it simply comes on top)."""

    place: Place | None
    code: str = ""
    why: str = ""
    why_vi: str = ""


APPLIED = Judgement(place=Place.APPLIED)
LATE = Judgement(
    place=Place.LATE,
    code="late",
    why="It happened before the newest step: it is recorded in its place and the status stays.",
    why_vi="Bước này xảy ra trước bước mới nhất: đã ghi vào đúng vị trí trong lịch sử, trạng thái giữ nguyên.",
)
WAITS = Judgement(
    place=Place.PARKED,
    code="waits_for_predecessor",
    why="It waits for the step named in `after`, which has not been told or is parked itself.",
    why_vi="Bước này chờ bước trước đó (nêu trong `after`) chưa được gửi tới hoặc cũng đang chờ.",
)


def judge(status: DossierStatus, event: EventRecord, *, after: str, history: Sequence[EventRecord]) -> Judgement:
    """Place `event` in the dossier that has `status` now. `history`: what was applied, in the order of occurrence."""
    if after and all(known.event_id != after for known in history):
        return WAITS
    if not history or event.occurred_at >= history[-1].occurred_at:
        move = check_transition(status, event.status)
        return APPLIED if move.allowed else _refused(move)
    return _among(event, history)


def by_occurrence(events: Sequence[EventRecord]) -> list[EventRecord]:
    """The history as it happened. Steps of one moment stand in the order in which they were told."""
    return sorted(events, key=lambda event: (event.occurred_at, event.version))


def _among(event: EventRecord, history: Sequence[EventRecord]) -> Judgement:
    """Between the steps before and after its moment, both moves must be allowed; else something is still missing."""
    before = [known for known in history if known.occurred_at <= event.occurred_at]
    following = history[len(before)]
    begun = next((known.previous for known in history if known.previous is not None), None)
    previous = before[-1].status if before else begun
    for current, new in ((previous, event.status), (event.status, following.status)):
        if current is not None and not (move := check_transition(current, new)).allowed:
            return Judgement(
                place=Place.PARKED,
                code="does_not_fit",
                why=f"It happened before the newest step and does not fit where it belongs: {move.reason}",
                why_vi=f"Bước này xảy ra trước bước mới nhất nhưng không khớp vị trí của nó: {move.reason_vi}",
            )
    return LATE


def _refused(move: Transition) -> Judgement:
    return Judgement(place=None, code="illegal_transition", why=move.reason, why_vi=move.reason_vi)
