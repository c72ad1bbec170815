"""What each kind of alarm means, in plain words, and where one goes on. Every kind that is raised stands here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """`path`: the page where one sees more or acts; empty: there is none."""

    vi: str
    en: str
    path: str = ""


_LOOKUPS = "/console/privacy/looks"
_SIGNATURE = "/console/diagnostics/signature"
_RECEIPTS = "/console/payments/receipts"
_EVIDENCE = "/console/evidence"
_WARNINGS = "/console/scores/warnings"
_ACCESS, _ASKED = "/console/agreements", "/console/access-requests"
_REQUESTS, _BREACHES = "/console/privacy/requests", "/console/privacy/breaches"

KINDS: dict[str, Words] = {
    "access_request_due": Words(
        "Sắp hết hạn trả lời đề nghị kết nối.", "An access request must soon be answered.", _ASKED
    ),
    "access_request_late": Words("Đã quá hạn trả lời đề nghị kết nối.", "An access request is overdue.", _ASKED),
    "agreement_ended": Words("Thoả thuận chia sẻ dữ liệu đã hết hạn.", "A sharing agreement has ended.", _ACCESS),
    "agreement_ends": Words("Thoả thuận chia sẻ dữ liệu sắp hết hạn.", "A sharing agreement ends soon.", _ACCESS),
    "alert_not_told": Words(
        "Không gửi được tin báo tới nơi nhận.", "A receiver of alerts cannot be reached.", "/console/alerts"
    ),
    "approval_waiting": Words(
        "Có việc chờ người thứ hai phê duyệt.", "An act waits for a second person.", "/console/approvals"
    ),
    "breach_notice_due": Words(
        "Sắp hết hạn thông báo vi phạm dữ liệu cá nhân.", "A breach must soon be notified.", _BREACHES
    ),
    "breach_notice_late": Words(
        "Đã quá hạn thông báo vi phạm dữ liệu cá nhân.", "Notification of a breach is overdue.", _BREACHES
    ),
    "certificate_expires": Words(
        "Chứng thư sắp hết hạn hoặc đã hết hạn.", "A certificate ends soon, or has ended.", "/console/keys"
    ),
    "client_key_ended": Words(
        "Khoá của một hệ thống gọi đã hết hạn.", "The key of a client has ended.", "/console/clients"
    ),
    "client_key_ends": Words(
        "Khoá của một hệ thống gọi sắp hết hạn.", "The key of a client ends soon.", "/console/clients"
    ),
    "data_request_due": Words(
        "Sắp hết hạn trả lời yêu cầu của công dân.", "A citizen's request must soon be answered.", _REQUESTS
    ),
    "data_request_late": Words(
        "Đã quá hạn trả lời yêu cầu của công dân.", "A citizen's request is overdue.", _REQUESTS
    ),
    "dossiers_apology_missing": Words(
        "Hồ sơ trễ hạn chưa có văn bản xin lỗi.", "Dossiers are overdue without an apology.", _WARNINGS
    ),
    "dossiers_due_today": Words("Hồ sơ đến hạn trong hôm nay.", "Dossiers are due today.", _WARNINGS),
    "dossiers_not_handed_on": Words(
        "Hồ sơ chưa được chuyển tới nơi giải quyết.", "Dossiers are not handed on to who decides.", _WARNINGS
    ),
    "dossiers_return_due": Words(
        "Hồ sơ sắp hết hạn trả lại nếu không đủ điều kiện.", "Dossiers go back soon if they do not qualify.", _WARNINGS
    ),
    "dossiers_overdue": Words("Hồ sơ đã trễ hạn.", "Dossiers are overdue.", _WARNINGS),
    "evidence_late": Words(
        "Một phần nhật ký được ghi muộn vì lúc đó cơ sở dữ liệu không ghi được.",
        "Part of the log was written late: the database could not be written.",
        _EVIDENCE,
    ),
    "evidence_spool_damaged": Words(
        "Tệp nhật ký tạm bị hỏng; có thể thiếu mục nhật ký.",
        "A spool file of the log is damaged; leaves may be missing.",
        _EVIDENCE,
    ),
    "file_altered": Words("Tệp lưu trữ không còn khớp mã kiểm tra.", "A stored file no longer matches its digest."),
    "inbound_not_trusted": Words(
        "Có bên gọi tới cổng mạo danh hệ thống quốc gia, hoặc khoá của họ đã đổi.",
        "Somebody calls in the name of a national system, or its keys have changed.",
        _SIGNATURE,
    ),
    "log_altered": Words(
        "Nhật ký không còn khớp: có mục đã bị sửa.", "The log no longer verifies: a leaf was altered.", _EVIDENCE
    ),
    "log_review_late": Words(
        "Quá hạn rà soát nhật ký định kỳ.", "A periodic review of the log is late.", "/console/evidence/reviews"
    ),
    "logins_failed": Words(
        "Một địa chỉ đăng nhập sai quá nhiều lần.", "Too many failed log-ins from one address.", "/console/clients"
    ),
    "lookup_client_neighbours": Words(
        "Một hệ thống gọi tra cứu các số liền nhau, như đang dò.",
        "A client looks up numbers next to each other, as if it were probing.",
        _LOOKUPS,
    ),
    "lookup_client_questions_per_person": Words(
        "Một hệ thống gọi tra cứu cùng một người quá nhiều lần.", "A client looked one person up too often.", _LOOKUPS
    ),
    "lookup_dossiers_per_person": Words(
        "Một cán bộ tra cứu một người theo quá nhiều hồ sơ.",
        "An officer looked one person up for too many dossiers.",
        _LOOKUPS,
    ),
    "lookup_misses": Words(
        "Quá nhiều tra cứu không có kết quả, như đang dò.",
        "Too many look-ups find nobody, as if somebody were probing.",
        _LOOKUPS,
    ),
    "lookup_neighbours": Words(
        "Một cán bộ tra cứu các số liền nhau, như đang dò.",
        "An officer looks up numbers next to each other, as if probing.",
        _LOOKUPS,
    ),
    "lookup_people_per_hour": Words(
        "Một cán bộ tra cứu quá nhiều người trong một giờ.",
        "An officer looked up too many people in an hour.",
        _LOOKUPS,
    ),
    "lookup_questions_per_person": Words(
        "Một cán bộ tra cứu cùng một người quá nhiều lần.", "An officer looked one person up too often.", _LOOKUPS
    ),
    "lookup_rate_day": Words(
        "Tra cứu quá mức cho phép trong một ngày.", "More look-ups in a day than allowed.", _LOOKUPS
    ),
    "lookup_rate_hour": Words(
        "Tra cứu quá mức cho phép trong một giờ.", "More look-ups in an hour than allowed.", _LOOKUPS
    ),
    "lookup_rate_minute": Words(
        "Tra cứu quá mức cho phép trong một phút.", "More look-ups in a minute than allowed.", _LOOKUPS
    ),
    "mapping_changed_silently": Words(
        "Bản ánh xạ đã đổi mà không đổi số phiên bản.",
        "A mapping was changed without a new version.",
        "/console/mappings",
    ),
    "money_case": Words(
        "Tiền không khớp; có vụ việc cần người xử lý.",
        "Money does not fit; a case waits for somebody.",
        "/console/payments/cases",
    ),
    "money_not_reconciled": Words(
        "Không đối soát được ngày tiền với kênh thanh toán.",
        "A day's money could not be reconciled with the rail.",
        "/console/payments/closing",
    ),
    "operator_locked": Words(
        "Tài khoản người vận hành bị khoá vì đăng nhập sai nhiều lần.",
        "An operator's log-in is locked after failures.",
        "/console/operators",
    ),
    "payment_step_refused": Words(
        "Đã thu tiền nhưng không ghi được bước thanh toán vào hồ sơ.",
        "Money came in, but the dossier did not take the step.",
        "/console/payments",
    ),
    "receipt_mandate": Words("Chưa có uỷ nhiệm để lập biên lai.", "There is no mandate to issue receipts.", _RECEIPTS),
    "receipt_not_issued": Words("Không lập được biên lai.", "A receipt could not be issued.", _RECEIPTS),
    "receipt_not_signed": Words(
        "Không ký được biên lai: chứng thư có vấn đề.", "A receipt could not be signed: the certificate.", _RECEIPTS
    ),
    "receipt_range_low": Words(
        "Dải số biên lai sắp hết.", "The range of receipt numbers is nearly used up.", _RECEIPTS
    ),
    "receipt_range_used_up": Words("Dải số biên lai đã hết.", "The range of receipt numbers is used up.", _RECEIPTS),
    "receipt_unit_unknown": Words(
        "Chưa khai báo đơn vị lập biên lai.", "The unit that issues receipts is not set up.", _RECEIPTS
    ),
    "reply_not_trusted": Words(
        "Câu trả lời của hệ thống quốc gia không đáng tin: chữ ký sai hoặc khoá đã đổi.",
        "A national system's reply cannot be trusted: a wrong signature, or changed keys.",
        _SIGNATURE,
    ),
    "revocation_unknown": Words(
        "Không hỏi được chứng thư có bị thu hồi hay không.",
        "Whether a certificate is revoked could not be asked.",
        "/console/diagnostics",
    ),
    "stamp_overdue": Words(
        "Quá lâu chưa đóng được dấu thời gian cho nhật ký.", "The log has had no time stamp for too long.", _EVIDENCE
    ),
    "stamp_refused": Words(
        "Dấu thời gian của nhật ký không hợp lệ.", "A time stamp of the log is not valid.", _EVIDENCE
    ),
    "storage_filling": Words("Ổ đĩa sắp đầy.", "The disk is filling up."),
    "tax_transmission_late": Words(
        "Dữ liệu biên lai chậm gửi cơ quan thuế.", "Receipt data is late for the tax authority.", _RECEIPTS
    ),
    "tax_transmission_overdue": Words(
        "Dữ liệu biên lai đã quá hạn gửi cơ quan thuế.", "Receipt data is overdue at the tax authority.", _RECEIPTS
    ),
    "voucher_missing": Words(
        "Không lấy được chứng từ của một khoản thanh toán.",
        "The voucher of a payment could not be had.",
        "/console/payments",
    ),
    "witness_overdue": Words(
        "Quá lâu chưa có bên làm chứng ký nhật ký.", "No witness has cosigned the log for too long.", _EVIDENCE
    ),
    "witness_refused": Words(
        "Bên làm chứng từ chối nhật ký: có thể nhật ký đã bị sửa.",
        "A witness refused the log: it may have been altered.",
        _EVIDENCE,
    ),
}

OTHER = Words("Cảnh báo khác; xem mã và chi tiết.", "Another alarm; see its code and facts.")


def words(kind: str) -> Words:
    return KINDS.get(kind, OTHER)
