"""Findings of a comparison in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.ledger.model import Care

FINDINGS: Mapping[str, tuple[str, str]] = {
    "equal": ("khớp", "equal"),
    "missing": ("bên nhận không có", "missing there"),
    "different": ("nội dung khác", "another content"),
    "steps_missing": ("thiếu bước xử lý", "steps are missing"),
    "cannot_tell": ("không đủ để kết luận", "cannot be told"),
    "not_shown": ("bên nhận không cho tra cứu loại này", "not shown by the system"),
    "not_asked": ("chưa hỏi được", "could not be asked"),
    "held": ("đang bị giữ", "held"),
    "under_way": ("đang gửi", "under way"),
    "never_checked": ("chưa đối soát", "never compared"),
}
"""By `Finding`, and what no round has found yet."""

CARES: Mapping[Care, tuple[str, str]] = {
    Care.NONE: ("", ""),
    Care.REPAIRING: ("cổng đang gửi bù", "being sent again"),
    Care.PERSON: ("cần cán bộ xem", "a person must look"),
}
