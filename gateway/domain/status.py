"""The ten statuses of a dossier and the moves between them, as data (STA-01, STA-03).

Labels: national_portal contract section 8.1. Transitions: derived from NĐ 61/2018 Art 17-20 (requirements 1.2, marked
as inferred there); no official table is public, so this one table is what a province corrects when it has the guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class DossierStatus(IntEnum):
    """Trạng thái xử lý hồ sơ."""

    FILED = 1
    ACCEPTED = 2
    REFUSED = 3
    IN_PROCESS = 4
    SUPPLEMENT_REQUESTED = 5
    PAYMENT_REQUESTED = 6
    WITHDRAWN = 7
    STOPPED = 8
    PROCESSED = 9
    RETURNED = 10

    @property
    def label_vi(self) -> str:
        return STATUSES[self].label_vi


@dataclass(frozen=True, slots=True)
class Status:
    """One row of the status table."""

    label_vi: str
    label_en: str
    next: tuple[int, ...]
    needs_reason: bool = False
    """A refusal, a supplement request and a stop must say why, in words (DOS-03, DOS-05)."""


STATUSES: dict[DossierStatus, Status] = {
    DossierStatus(code): row
    for code, row in {
        1: Status("Mới đăng ký", "newly registered, not yet received", (2, 3, 5, 6, 7)),
        2: Status("Được tiếp nhận", "accepted", (4, 6, 7, 8, 9)),
        3: Status("Không được tiếp nhận", "refused at intake", (), needs_reason=True),
        4: Status("Đang xử lý", "in process", (5, 6, 7, 8, 9)),
        5: Status("Yêu cầu bổ sung giấy tờ", "supplement requested", (2, 4, 7, 8), needs_reason=True),
        6: Status("Yêu cầu thực hiện nghĩa vụ tài chính", "financial obligation requested", (2, 4, 9, 7, 8)),
        7: Status("Công dân yêu cầu rút hồ sơ", "withdrawn at the applicant's request", (8, 4)),
        8: Status("Dừng xử lý", "processing stopped", (4, 9), needs_reason=True),
        9: Status("Đã xử lý xong", "processed, result ready", (10,)),
        10: Status("Đã trả kết quả", "result handed over", ()),
    }.items()
}

INITIAL: tuple[DossierStatus, ...] = (DossierStatus.FILED, DossierStatus.ACCEPTED, DossierStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class Transition:
    """Whether a move is allowed and, if not, why, in both languages."""

    allowed: bool
    reason: str = ""
    reason_vi: str = ""


_ALLOWED = Transition(allowed=True)
_MOVES = {None: INITIAL} | {status: tuple(DossierStatus(code) for code in row.next) for status, row in STATUSES.items()}


def check_transition(current: DossierStatus | None, new: DossierStatus) -> Transition:
    """Judge the move from `current` (None: the dossier has no status yet) to `new`. Staying is allowed: a further
    step of work inside one status is a progress event of its own."""
    allowed = _MOVES[current]
    if new in allowed or (current == new and allowed):
        return _ALLOWED
    names = ", ".join(f"{s.value} ({s.label_vi})" for s in allowed) or "không có"
    start = f"{current.value} ({current.label_vi})" if current else "chưa có trạng thái"
    return Transition(
        allowed=False,
        reason=f"Status {new.value} cannot follow {current.value if current else 'nothing'}; "
        f"allowed: {', '.join(str(s.value) for s in allowed) or 'none'}.",
        reason_vi=f"Từ {start} không thể chuyển sang {new.value} ({new.label_vi}). Được phép: {names}.",
    )
