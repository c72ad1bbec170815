"""Leaves of the log as people read them: a word for each code that has one; the code itself is for whoever searches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.audit import tree
from gateway.audit.evidence import fields_of
from gateway.audit.model import EntryKind
from gateway.audit.rows import Row
from gateway.console import alarm_words
from gateway.console.view import Text
from gateway.privacy import words
from gateway.sdk.errors import IntegrityError
from gateway.transactions.faults import Happened, what_of
from gateway.transactions.words import KINDS, operation_of

OWN: Mapping[str, tuple[str, str]] = {
    "answered": ("đã làm", "done"),
    "accepted": ("đã nhận làm", "taken on"),
    "refused": ("bị từ chối", "refused"),
}
"""Of an act of staff: no other system was asked."""
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "raised": ("đã báo", "raised"),
    "recovered": ("đã trở lại bình thường", "recovered"),
    "expired": ("đã hết hạn", "expired"),
    "sound": ("nguyên vẹn", "sound"),
    "altered": ("có dòng bị sửa", "altered"),
    "usual": ("không có gì bất thường", "nothing unusual"),
    "follow_up": ("cần xử lý tiếp", "to be followed up"),
    "locked": ("tạm khoá", "locked"),
    "asked": ("chờ phê duyệt", "asked"),
    "allowed": ("cho phép", "allowed"),
    "used": ("đã dùng", "used"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One leaf. `is_whole`: it is still what was hashed; else nothing that it says can be relied on. What a row that is
    no leaf any more does not say is empty."""

    index: int
    recorded_at: datetime
    is_whole: bool
    kind: str = ""
    actor: str = ""
    operation: str = ""
    outcome: str = ""
    system: str = ""
    reference: str = ""
    trace_id: str = ""
    occurred_at: datetime | None = None
    purpose: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str | int] = field(default_factory=dict)
    bodies: Mapping[str, str] = field(default_factory=dict)


_TEXTS = ("kind", "actor", "operation", "outcome", "system", "reference", "trace_id")
TOLD: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_TEXTS, str),
    "purpose": dict,
    "facts": dict,
    "bodies": dict,
}


def line(row: Row) -> Line:
    is_whole = tree.leaf_hash(row.leaf) == row.leaf_hash
    try:
        said = fields_of(row)
        told: dict[str, Any] = {name: read(said[name]) for name, read in TOLD.items()}
        told["occurred_at"] = datetime.fromisoformat(said["occurred_at"])
    except (IntegrityError, KeyError, ValueError, TypeError):
        told, is_whole = {}, False
    return Line(index=row.index, recorded_at=row.recorded_at, is_whole=is_whole, **told)


def kind(name: str, t: Text) -> str:
    if name == "altered":
        return t("Đã bị sửa", "Altered")
    said = KINDS.get(EntryKind(name)) if name in {*EntryKind} else None
    return t(said.vi, said.en) if said else name


def act(name: str, t: Text) -> str:
    said = operation_of(name)
    return t(said.vi, said.en)


def outcome(name: str, kind: str, t: Text) -> str:
    """Of an alarm it is what was noticed, of an act its own word: neither has failed. Nor has what is not known to."""
    if kind == "admin" and name in OWN:
        return t(*OWN[name])
    if kind == "alarm" and name in alarm_words.KINDS:
        noticed = alarm_words.KINDS[name]
        return t(noticed.vi, noticed.en)
    if name in OUTCOMES:
        return t(*OUTCOMES[name])
    if name in words.OUTCOMES:
        return t(words.outcome_of(name), name.replace("_", " "))
    is_told = kind not in {"alarm", "admin"} or "." in name or name.startswith("http_")
    if not is_told or kind not in {*EntryKind}:
        return name.replace("_", " ")
    said = what_of(Happened(kind=EntryKind(kind), outcome=name))
    return t(said.vi, said.en)
