"""What the gateway may truthfully say after a comparison (TT 13/2017/TT-BTTTT Art 8.2; POP-05, POP-09)."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Kết quả đối chiếu. There is no boolean: *undetermined* is never *false*."""

    MATCH = "match"
    MISMATCH = "mismatch"
    NEEDS_REVIEW = "needs_review"
    NOT_FOUND = "not_found"
    NOT_PERMITTED = "not_permitted"
    UNDETERMINED = "undetermined"

    @property
    def label_vi(self) -> str:
        return _LABELS_VI[self]


_LABELS_VI = {
    Verdict.MATCH: "Khớp",
    Verdict.MISMATCH: "Không khớp",
    Verdict.NEEDS_REVIEW: "Cần cán bộ xem xét",
    Verdict.NOT_FOUND: "Không tìm thấy",
    Verdict.NOT_PERMITTED: "Không được phép khai thác",
    Verdict.UNDETERMINED: "Chưa xác định được",
}
