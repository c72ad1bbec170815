"""Our names in plain words, for whoever reads a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.audit.model import EntryKind
from gateway.transactions.acts import ACTS
from gateway.transactions.model import LOOK, Fault, Transaction, WaitingKind
from gateway.transactions.sentences import Text

KINDS: Mapping[EntryKind, Text] = {
    EntryKind.REQUEST: Text("Yêu cầu của hệ thống một cửa", "Request of the one-stop system"),
    EntryKind.EXCHANGE: Text("Gọi hệ thống quốc gia", "Call to a national system"),
    EntryKind.INBOUND: Text("Hệ thống quốc gia gọi đến", "Call from a national system"),
    EntryKind.ADMIN: Text("Việc của người vận hành hoặc của cổng", "Act of staff or of the gateway"),
    EntryKind.ALARM: Text("Cảnh báo", "Alarm"),
}
OTHERS: Mapping[str, Text] = {
    "client": Text("Gọi hệ thống của tỉnh", "Call to a system of the province"),
    "receiver": Text("Báo tin cho người trực", "News to whoever is on duty"),
    "platform": Text("Gọi nền tảng tích hợp", "Call to an integration platform"),
}
"""Whom an exchange was with, by what stands before the colon of the system."""
FAULTS: Mapping[Fault, Text] = {
    Fault.NONE: Text("không lỗi", "no fault"),
    Fault.OURS: Text("chúng ta", "ours"),
    Fault.CALLER: Text("bên gọi", "caller"),
    Fault.PARTNER_TECHNICAL: Text("kỹ thuật quốc gia", "partner, technical"),
    Fault.PARTNER_BUSINESS: Text("nghiệp vụ quốc gia", "partner, business"),
}
WAITING: Mapping[WaitingKind, Text] = {
    WaitingKind.DELIVERY: Text("Gửi tới", "Delivery to"),
    WaitingKind.RECHECK: Text("Xác thực lại", "Verification again:"),
    WaitingKind.CALLBACK: Text("Báo lại cho", "Callback to"),
}
OPERATIONS: Mapping[str, Text] = {
    "verify_citizen": Text("Xác thực công dân", "Verify a citizen"),
    "lookup_citizen": Text("Tra cứu công dân", "Look a citizen up"),
    "lookup_account": Text("Tra cứu tài khoản Cổng DVC", "Look a portal account up"),
    "find_account": Text("Tra cứu tài khoản Cổng DVC", "Look a portal account up"),
    "lookup_enterprise": Text("Tra cứu doanh nghiệp", "Look an enterprise up"),
    "verify_enterprise": Text("Xác thực doanh nghiệp", "Verify an enterprise"),
    "verify_representative": Text("Xác thực người đại diện", "Verify a representative"),
    "read_registration": Text("Xem đăng ký doanh nghiệp", "Read a registration"),
    "put_dossier": Text("Nộp hồ sơ vào cổng", "Hand a dossier in"),
    "put_status_event": Text("Báo bước xử lý vào cổng", "Hand a step in"),
    "sync_dossier": Text("Đồng bộ hồ sơ", "Synchronise a dossier"),
    "report_progress": Text("Báo bước xử lý", "Report a step"),
    "upload_file": Text("Gửi tệp", "Send a file"),
    "find_dossier": Text("Hỏi hồ sơ đã tới chưa", "Ask whether a dossier arrived"),
    "dossier_lookup": Text("Hỏi tình trạng hồ sơ", "Ask how a dossier stands"),
    "fees_lookup": Text("Hỏi khoản phải nộp", "Ask what is to be paid"),
    "initiate_payment": Text("Mở thanh toán", "Open a payment"),
    "query_payment": Text("Hỏi kết quả thanh toán", "Ask for a payment's result"),
    "payment_result": Text("Báo kết quả thanh toán", "Notice of a payment's result"),
    "payment_report": Text("Báo cáo thanh toán", "Report of a payment"),
    "payment_return": Text("Người nộp quay lại từ trang thanh toán", "The payer came back"),
    "verify_report": Text("Đối chiếu báo cáo thanh toán", "Check a payment report"),
    "list_transactions": Text("Lấy danh sách giao dịch để đối soát", "List transactions"),
    "submit_receipts": Text("Gửi biên lai cho cơ quan thuế", "Submit receipts"),
    "issue_receipt": Text("Lập biên lai", "Issue a receipt"),
    "reconcile": Text("Đối chiếu với hệ thống quốc gia", "Compare with the national system"),
    "tell_alert": Text("Báo tin cảnh báo", "Tell of an alert"),
    "call_client": Text("Báo lại cho hệ thống của tỉnh", "Call a system of the province back"),
    "login": Text("Đăng nhập hệ thống quốc gia", "Log in to the national system"),
    "raise_alarm": Text("Nêu cảnh báo", "Raise an alarm"),
    "open_case": Text("Mở vụ việc", "Open a case"),
    "who_looked": Text("Lập báo cáo ai đã tra cứu", "Report of who looked"),
    "search_person": Text("Tìm giao dịch theo người", "Search by person"),
    "unseal_bodies": Text("Mở nội dung trao đổi", "Open what was exchanged"),
    "downloadfile": Text("Tải tệp", "Fetch a file"),
    "next_dossier_code": Text("Xin mã hồ sơ", "Ask for a dossier code"),
    "unreadable_leaf": Text("Dòng nhật ký không đọc được", "A leaf that cannot be read"),
}
BODIES: Mapping[str, Text] = {
    "soap_request": Text("Yêu cầu SOAP như đã nhận", "The SOAP request as it came"),
    "request": Text("Yêu cầu của bên gọi", "The caller's request"),
    "reply": Text("Câu trả lời cho bên gọi", "The answer to the caller"),
    "request_translated": Text("Yêu cầu sau khi dịch", "The request, translated"),
    "request_sent": Text("Byte đã gửi đi", "Bytes as sent"),
    "request_sent_head": Text("Phần đầu của bản tin gửi", "Head of what was sent"),
    "reply_received": Text("Byte đã nhận về", "Bytes as received"),
    "reply_received_head": Text("Phần đầu của bản tin nhận", "Head of what was received"),
    "reply_translated": Text("Câu trả lời sau khi dịch", "The answer, translated"),
    "answer_made": Text("Cổng tự lập, không gửi gì", "Made by the gateway; nothing was sent"),
    "request_received": Text("Bản tin hệ thống quốc gia gửi đến", "What the national system sent"),
    "request_received_head": Text("Phần đầu của bản tin đến", "Head of what came"),
    "reply_sent": Text("Câu trả lời cho hệ thống quốc gia", "Our answer to it"),
    "reply_sent_head": Text("Phần đầu của câu trả lời", "Head of our answer"),
    "reason": Text("Lý do đã ghi", "The reason that was given"),
    "purpose": Text("Mục đích đã ghi", "The purpose that was given"),
    "learned": Text("Điều người vận hành đã ghi", "What the operator wrote"),
}
VERBS: Mapping[str, Text] = {
    "copy": Text("chép nguyên", "copied as it is"),
    "text": Text("chỉnh văn bản (độ dài, chữ hoa, dấu)", "text shaped (length, case, marks)"),
    "number": Text("đổi sang số", "made a number"),
    "date": Text("đổi định dạng ngày giờ", "date written otherwise"),
    "bool": Text("đổi có/không", "yes or no written otherwise"),
    "code": Text("đổi mã theo danh mục", "code of the other list"),
    "label": Text("lấy tên theo danh mục", "name from the list"),
    "join": Text("ghép nhiều trường", "several fields joined"),
    "each": Text("áp dụng cho từng dòng", "applied to each item"),
}
RESULTS: Mapping[str, Text] = {
    "constant": Text("giá trị cố định", "a fixed value"),
    "translated": Text("đã dịch", "translated"),
    "default": Text("không có, dùng giá trị mặc định", "absent: the default was used"),
    "left out": Text("không có, bỏ trống", "absent: left out"),
    "missing": Text("THIẾU trường bắt buộc", "a required field is MISSING"),
    "misfit": Text("KHÔNG dịch được", "it does NOT fit"),
    "filled": Text("có giá trị", "a value stands there"),
}
GOOD = frozenset({"answered", "accepted", "absent", "copied", "recorded", "duplicate", "equal"})
"""Outcomes that went well. No fault is not yet good: what waits, or is not known, is neither."""


@dataclass(frozen=True, slots=True)
class Tone:
    """How a row is marked: a word, and the colour beside it (`good`, `late`, `bad`, `calm`)."""

    text: Text
    colour: str


def tone_of(kind: EntryKind, outcome: str, fault: Fault) -> Tone:
    """By its fault; without one, by what it is."""
    if fault is not Fault.NONE:
        said = FAULTS[fault]
        told = Text(f"Lỗi: {said.vi}", f"Fault: {said.en}")
        return Tone(told, "late" if fault is Fault.PARTNER_BUSINESS else "bad")
    if kind is EntryKind.ALARM:
        return Tone(Text("cảnh báo", "alarm"), "late")
    if kind is EntryKind.ADMIN:
        return Tone(Text("đã ghi nhận", "on record"), "calm")
    if outcome in GOOD:
        return Tone(Text("tốt", "good"), "good")
    return Tone(Text("chưa kết luận", "not decided"), "calm")


def kind_of(row: Transaction) -> Text:
    """Of a call, also whom: not everybody that the gateway calls is a national system."""
    whom = row.system.partition(":")[0] if row.kind is EntryKind.EXCHANGE and ":" in row.system else ""
    return OTHERS.get(whom) or KINDS[row.kind]


def operation_of(name: str) -> Text:
    """In words; our name where there are none yet."""
    if name.startswith(LOOK):
        return Text("Xem hoặc thao tác trên trang vận hành", "A page of the console")
    return OPERATIONS.get(name) or ACTS.get(name) or Text(name, name)


def body_of(name: str) -> Text:
    return BODIES.get(name) or Text(name, name)


def verb_of(name: str) -> Text:
    return VERBS.get(name) or Text(name, name)
