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

KINDS: Mapping[str, tuple[str, str]] = {
    "exchange": ("Hỏi hệ thống quốc gia", "Exchange with a national system"),
    "request": ("Yêu cầu của hệ thống tỉnh", "Request of the province"),
    "inbound": ("Hệ thống quốc gia gọi vào", "Call of a national system"),
    "admin": ("Việc của người vận hành", "Act of staff"),
    "alarm": ("Cảnh báo", "Alarm"),
    "altered": ("Đã bị sửa", "Altered"),
}
ACTS: Mapping[str, tuple[str, str]] = {
    "log_in": ("Đăng nhập", "Log in"),
    "log_out": ("Đăng xuất", "Log out"),
    "export_evidence": ("Lập gói chứng cứ", "Make an evidence package"),
    "copy_audit": ("Sao chép cả nhật ký", "Copy the log"),
    "verify_log": ("Kiểm chứng nhật ký", "Verify the log"),
    "review_log": ("Ký rà soát nhật ký", "Sign a review of the log"),
    "raise_alarm": ("Phát cảnh báo", "Raise an alarm"),
    "ask_approval": ("Đề nghị phê duyệt", "Ask for approval"),
    "decide_approval": ("Quyết định phê duyệt", "Decide on an approval"),
    "use_approval": ("Dùng phê duyệt", "Use an approval"),
    "who_looked": ("Lập báo cáo ai đã tra cứu", "Report who looked somebody up"),
    "get_data_subject": ("Xem người gửi yêu cầu", "See who made a request"),
    "breach_pack": ("Lập hồ sơ vi phạm", "Make a breach pack"),
    "place_hold": ("Đặt lệnh giữ dữ liệu", "Place a hold"),
    "lift_hold": ("Gỡ lệnh giữ dữ liệu", "Lift a hold"),
    "erase_bodies": ("Xoá nội dung trao đổi", "Erase contents"),
    "erase_person": ("Xoá nội dung về một người", "Erase what is about a person"),
    "receive_data_request": ("Tiếp nhận yêu cầu của công dân", "Take a person's request in"),
    "answer_data_request": ("Trả lời yêu cầu của công dân", "Answer a person's request"),
    "extend_data_request": ("Gia hạn yêu cầu của công dân", "Extend a person's request"),
    "finish_data_request": ("Thực hiện xong yêu cầu của công dân", "Carry out a person's request"),
    "refuse_data_request": ("Từ chối yêu cầu của công dân", "Refuse a person's request"),
    "open_breach": ("Ghi sổ vi phạm dữ liệu", "Enter a breach"),
    "notify_breach": ("Ghi đã thông báo vi phạm", "Note that a breach was notified"),
    "close_breach": ("Kết thúc xử lý vi phạm", "Close a breach"),
    "read_receipt_file": ("Đọc tệp biên lai", "Read a receipt's file"),
    "read_voucher_file": ("Đọc chứng từ của người nộp", "Read a payer's voucher"),
    "unseal_bodies": ("Mở nội dung trao đổi", "Open what was exchanged"),
    "add_operator": ("Tạo tài khoản vận hành", "Add an operator"),
    "change_roles": ("Đổi vai trò", "Change roles"),
    "disable_operator": ("Khoá tài khoản", "Disable an operator"),
    "enable_operator": ("Mở lại tài khoản", "Enable an operator"),
    "reset_second_factor": ("Cấp lại yếu tố xác thực thứ hai", "Reset a second factor"),
    "end_sessions": ("Chấm dứt phiên làm việc", "End sessions"),
    "add_client": ("Thêm hệ thống gọi", "Add a client"),
    "change_client": ("Đổi quyền hệ thống gọi", "Change a client"),
    "revoke_client": ("Thu hồi hệ thống gọi", "Revoke a client"),
    "rotate_client_key": ("Đổi khoá hệ thống gọi", "Rotate a client's key"),
    "review_clients": ("Rà soát hệ thống gọi", "Review the clients"),
    "review_operators": ("Rà soát quyền", "Review the operators"),
    "pause_target": ("Tạm dừng gửi", "Pause a target"),
    "resume_target": ("Gửi tiếp", "Resume a target"),
    "hold_stream": ("Giữ hồ sơ", "Hold a dossier"),
    "release_stream": ("Thả hồ sơ", "Release a dossier"),
    "replay_message": ("Gửi lại bản tin", "Replay a message"),
    "export_dpia": ("Xuất hồ sơ đánh giá tác động", "Export the impact assessment"),
    "set_password": ("Đổi mật khẩu", "Change a password"),
    "settle_alarm": ("Khép cảnh báo", "Settle an alarm"),
}
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
    return t(*KINDS.get(name, (name, name)))


def act(name: str, t: Text) -> str:
    if name.startswith("console_"):
        return t("Mở trang vận hành", "Console page")
    return t(*ACTS.get(name, (words.operation_of(name), name.replace("_", " "))))


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
