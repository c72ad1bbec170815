"""Our names in plain words, for whoever reads a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.audit.model import EntryKind
from gateway.transactions.model import LOOK, Fault, WaitingKind
from gateway.transactions.sentences import Text

KINDS: Mapping[EntryKind, Text] = {
    EntryKind.REQUEST: Text("Yêu cầu của hệ thống một cửa", "Request of the one-stop system"),
    EntryKind.EXCHANGE: Text("Gọi hệ thống quốc gia", "Call to a national system"),
    EntryKind.INBOUND: Text("Hệ thống quốc gia gọi đến", "Call from a national system"),
    EntryKind.ADMIN: Text("Việc của người vận hành hoặc của cổng", "Act of staff or of the gateway"),
    EntryKind.ALARM: Text("Cảnh báo", "Alarm"),
}
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
    "log_in": Text("Đăng nhập", "Log in"),
    "log_out": Text("Đăng xuất", "Log out"),
    "export_evidence": Text("Lập gói chứng cứ", "Make an evidence package"),
    "copy_audit": Text("Sao chép cả nhật ký", "Copy the log"),
    "verify_log": Text("Kiểm chứng nhật ký", "Verify the log"),
    "review_log": Text("Ký rà soát nhật ký", "Sign a review of the log"),
    "ask_approval": Text("Đề nghị phê duyệt", "Ask for approval"),
    "decide_approval": Text("Quyết định phê duyệt", "Decide on an approval"),
    "use_approval": Text("Dùng phê duyệt", "Use an approval"),
    "get_data_subject": Text("Xem người gửi yêu cầu", "See who made a request"),
    "breach_pack": Text("Lập hồ sơ vi phạm", "Make a breach pack"),
    "place_hold": Text("Đặt lệnh giữ dữ liệu", "Place a hold"),
    "lift_hold": Text("Gỡ lệnh giữ dữ liệu", "Lift a hold"),
    "erase_bodies": Text("Xoá nội dung trao đổi", "Erase contents"),
    "erase_person": Text("Xoá nội dung về một người", "Erase what is about a person"),
    "receive_data_request": Text("Tiếp nhận yêu cầu của công dân", "Take a person's request in"),
    "answer_data_request": Text("Trả lời yêu cầu của công dân", "Answer a person's request"),
    "extend_data_request": Text("Gia hạn yêu cầu của công dân", "Extend a person's request"),
    "finish_data_request": Text("Thực hiện xong yêu cầu của công dân", "Carry out a person's request"),
    "refuse_data_request": Text("Từ chối yêu cầu của công dân", "Refuse a person's request"),
    "open_breach": Text("Ghi sổ vi phạm dữ liệu", "Enter a breach"),
    "notify_breach": Text("Ghi đã thông báo vi phạm", "Note that a breach was notified"),
    "close_breach": Text("Kết thúc xử lý vi phạm", "Close a breach"),
    "read_receipt_file": Text("Đọc tệp biên lai", "Read a receipt's file"),
    "read_voucher_file": Text("Đọc chứng từ của người nộp", "Read a payer's voucher"),
    "add_operator": Text("Tạo tài khoản vận hành", "Add an operator"),
    "change_roles": Text("Đổi vai trò", "Change roles"),
    "disable_operator": Text("Khoá tài khoản", "Disable an operator"),
    "enable_operator": Text("Mở lại tài khoản", "Enable an operator"),
    "reset_second_factor": Text("Cấp lại yếu tố xác thực thứ hai", "Reset a second factor"),
    "end_sessions": Text("Chấm dứt phiên làm việc", "End sessions"),
    "add_client": Text("Thêm hệ thống gọi", "Add a client"),
    "change_client": Text("Đổi quyền hệ thống gọi", "Change a client"),
    "revoke_client": Text("Thu hồi hệ thống gọi", "Revoke a client"),
    "rotate_client_key": Text("Đổi khoá hệ thống gọi", "Rotate a client's key"),
    "review_clients": Text("Rà soát hệ thống gọi", "Review the clients"),
    "review_operators": Text("Rà soát quyền", "Review the operators"),
    "pause_target": Text("Tạm ngừng gửi", "Pause a target"),
    "resume_target": Text("Gửi trở lại", "Resume a target"),
    "hold_stream": Text("Giữ lại, chưa gửi", "Hold a stream"),
    "release_stream": Text("Cho gửi tiếp", "Release a stream"),
    "replay_message": Text("Gửi lại bản tin", "Replay a message"),
    "export_dpia": Text("Xuất hồ sơ đánh giá tác động", "Export the impact assessment"),
    "set_password": Text("Đổi mật khẩu", "Change a password"),
    "settle_alarm": Text("Khép cảnh báo", "Settle an alarm"),
    "suspend_agreement": Text("Tạm dừng thoả thuận", "Suspend an agreement"),
    "resume_agreement": Text("Cho thoả thuận chạy tiếp", "Resume an agreement"),
    "set_agreement_end": Text("Đổi ngày hết hạn thoả thuận", "Change the last day of an agreement"),
    "register_agreement": Text("Khai báo thoả thuận", "Register an agreement"),
    "receive_access_request": Text("Tiếp nhận đề nghị kết nối", "Take an access request in"),
    "decide_access_request": Text("Trả lời đề nghị kết nối", "Answer an access request"),
    "unlock_operator": Text("Mở khoá đăng nhập", "Let an operator log in again"),
    "set_callback": Text("Đặt địa chỉ nhận thông báo", "Set where a client is called"),
    "remove_callback": Text("Thôi gọi báo", "Call a client no more"),
    "ask_first": Text("Hỏi bên nhận trước khi gửi", "Ask before sending"),
    "dismiss_step": Text("Bỏ bước đang chờ", "Dismiss a parked step"),
    "draft_job": Text("Lập việc hàng loạt", "Draft a job"),
    "start_job": Text("Bắt đầu việc hàng loạt", "Start a job"),
    "stop_job": Text("Dừng việc hàng loạt", "Stop a job"),
    "sync_catalogue": Text("Lấy danh mục", "Take a code list"),
    "close_scores": Text("Đóng kỳ tính điểm", "Close a period of scores"),
    "diagnose": Text("Thử kết nối", "Test a connection"),
    "explain_signature": Text("Giải thích chữ ký", "Explain a signature"),
    "add_alert_rule": Text("Thêm quy tắc báo tin", "Add an alert rule"),
    "switch_alert_rule": Text("Bật, tắt quy tắc báo tin", "Switch an alert rule"),
    "remove_alert_rule": Text("Xoá quy tắc báo tin", "Remove an alert rule"),
    "add_alert_receiver": Text("Thêm nơi nhận tin", "Add a receiver of alerts"),
    "remove_alert_receiver": Text("Xoá nơi nhận tin", "Remove a receiver of alerts"),
    "test_alert": Text("Gửi tin thử", "Send a test"),
    "tell_alert": Text("Gửi tin", "Tell somebody"),
    "alert": Text("Quy tắc báo tin", "An alert rule"),
    "announce_maintenance": Text("Công bố tạm ngừng", "Announce a suspension"),
    "cancel_maintenance": Text("Huỷ kế hoạch tạm ngừng", "Call a suspension off"),
    "extend_maintenance": Text("Kéo dài tạm ngừng", "Extend a suspension"),
    "end_maintenance": Text("Kết thúc tạm ngừng", "End a suspension"),
    "lift_block": Text("Bỏ chặn", "Unblock"),
    "resolve_case": Text("Ghi vụ việc đã xử lý", "Resolve a case"),
    "reconcile_money": Text("Đối soát thanh toán", "Reconcile payments"),
    "close_money_day": Text("Khoá sổ ngày", "Close the day's books"),
    "import_statement": Text("Nhập sao kê", "Take a statement in"),
    "cancel_bill": Text("Huỷ khoản phải thu", "Cancel a bill"),
    "approve_refund": Text("Phê duyệt hoàn trả", "Approve a refund"),
    "cancel_refund": Text("Huỷ hoàn trả", "Cancel a refund"),
    "record_refund": Text("Ghi nhận đã hoàn trả", "Record a refund"),
    "add_receipt_range": Text("Đăng ký dải số biên lai", "Register receipt numbers"),
    "issue_receipts": Text("Lập ngay các biên lai", "Issue receipts now"),
    "adjust_receipt": Text("Điều chỉnh biên lai", "Adjust a receipt"),
    "record_paper_receipt": Text("Ghi nhận biên lai giấy", "Record a paper receipt"),
    "hurry_receipt": Text("Gửi ngay biên lai", "Send a receipt now"),
    "hurry_callback": Text("Gọi báo ngay", "Call back now"),
    "hurry_recheck": Text("Xác thực lại ngay", "Verify again now"),
    "open_breach_annex": Text("Mở phụ lục vi phạm", "Open the annex of a breach"),
    "erase_subjects": Text("Xoá chỉ mục về người", "Erase the index of persons"),
    "erase_rechecks": Text("Xoá yêu cầu xác thực lại", "Erase verifications that are over"),
    "check_files": Text("Kiểm tra tệp", "Check the files"),
    "restore_file": Text("Khôi phục tệp", "Restore a file"),
    "import_places": Text("Nạp địa bàn", "Import places"),
    "clear_cache": Text("Xoá bản lưu tạm", "Clear the copies"),
    "rotate_sealing": Text("Đổi khoá niêm phong", "Rotate the sealing key"),
    "rewrap_keys": Text("Bọc lại khoá", "Wrap the keys again"),
    "operator_locked": Text("Tạm khoá đăng nhập", "A login was locked"),
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


def operation_of(name: str) -> Text:
    """In words; our name where there are none yet."""
    if name.startswith(LOOK):
        return Text("Xem hoặc thao tác trên trang vận hành", "A page of the console")
    return OPERATIONS.get(name) or Text(name, name)


def body_of(name: str) -> Text:
    return BODIES.get(name) or Text(name, name)


def verb_of(name: str) -> Text:
    return VERBS.get(name) or Text(name, name)
