"""What happened and who acts next, in plain words, by the code of an error and by outcome. Data alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gateway.transactions.model import Fault


@dataclass(frozen=True, slots=True)
class Text:
    vi: str
    en: str


class Next(Enum):
    """Who acts next."""

    NOBODY = Text("Không cần làm gì.", "Nothing has to be done.")
    CALLER = Text("Bên gọi sửa yêu cầu rồi gửi lại.", "Whoever called changes the request and sends it again.")
    LATER = Text(
        "Hồ sơ trong hàng gửi: cổng tự gửi lại; tra cứu: cán bộ hỏi lại sau.",
        "What is in the queue is sent again by itself; of a look-up, the officer asks again later.",
    )
    ASKS = Text(
        "Cổng hỏi lại hệ thống quốc gia trước khi gửi lại.",
        "The gateway asks the national system before it sends again.",
    )
    AGAIN = Text("Cổng tự báo lại sau.", "The gateway tells it again later by itself.")
    HELD = Text(
        "Đang giữ, cổng không tự gửi: người vận hành phải quyết định.",
        "It is held and not sent by itself: an operator has to decide.",
    )
    OPERATOR = Text("Quản trị cổng của tỉnh xử lý.", "The province's administrators of the gateway act.")
    PARTNER = Text(
        "Quản trị cổng báo đơn vị vận hành hệ thống quốc gia.",
        "The administrators tell whoever runs the national system.",
    )
    OFFICER = Text(
        "Cán bộ thụ lý xem lý do, sửa hồ sơ rồi gửi lại.",
        "The officer in charge reads the reason and corrects the dossier.",
    )
    SECURITY = Text(
        "Không tin nội dung này; quản trị cổng báo bộ phận an toàn thông tin.",
        "Nothing of it is believed; the administrators tell the security team.",
    )


@dataclass(frozen=True, slots=True)
class Said:
    """`next`: who acts next."""

    what: Text
    next: Next


def _said(vi: str, en: str, who: Next) -> Said:
    return Said(Text(vi, en), who)


WHOSE = {
    Fault.NONE: Text("Không có lỗi", "No fault"),
    Fault.OURS: Text("Lỗi phía cổng liên thông (chúng ta)", "The gateway's fault (ours)"),
    Fault.CALLER: Text("Lỗi phía bên gọi", "The caller's fault"),
    Fault.PARTNER_TECHNICAL: Text("Lỗi kỹ thuật của hệ thống quốc gia", "A technical fault of the national system"),
    Fault.PARTNER_BUSINESS: Text(
        "Hệ thống quốc gia từ chối về nghiệp vụ", "The national system refused for a reason of substance"
    ),
}

IN_ITS_NAME = Text(
    "Lỗi phía bên gọi đến với danh nghĩa hệ thống quốc gia",
    "The fault of whoever called in the national system's name",
)
"""Of a call that did not prove itself: who made it is not known."""

OUTCOMES = {
    "answered": _said("đã trả lời", "it was answered", Next.NOBODY),
    "accepted": _said("hệ thống quốc gia đã nhận", "the national system accepted it", Next.NOBODY),
    "absent": _said("trả lời là không có dữ liệu này", "the answer is that there is no such thing", Next.NOBODY),
    "pending": _said("chưa có kết quả cuối cùng", "there is no final result yet", Next.ASKS),
    "copied": _said("trả lời từ bản lưu tạm, không hỏi lại", "answered from a copy; nobody was asked", Next.NOBODY),
    "recorded": _said("đã nhận và ghi lại", "taken in and kept", Next.NOBODY),
    "duplicate": _said("đã nhận trước đó, không ghi hai lần", "it was taken in before; kept once", Next.NOBODY),
    "kept_beside": _said(
        "nội dung khác dưới cùng một mã: giữ cả hai", "other content under a known key: both are kept", Next.OPERATOR
    ),
    "put_off": _said(
        "bản tin này đang được xử lý từ lần gửi trước; bên gửi sẽ gửi lại",
        "it is being handled since it was sent before; whoever sent it sends it again",
        Next.NOBODY,
    ),
    "locked": _said("tài khoản bị khoá tạm vì thử sai nhiều lần", "locked after too many tries", Next.OPERATOR),
    "equal": _said("đối chiếu khớp", "both sides are equal", Next.NOBODY),
}
"""Of what went well, or of which nothing can be said yet."""

REFUSED = _said("yêu cầu bị từ chối", "the request was refused", Next.OFFICER)

CODES = {
    "operator.configuration": _said("cấu hình thiếu hoặc sai", "a setting is missing or wrong", Next.OPERATOR),
    "caller.bad_request": _said("yêu cầu không hợp lệ", "the request is not valid", Next.CALLER),
    "caller.not_authenticated": _said("chưa xác thực được bên gọi", "the caller is not recognised", Next.CALLER),
    "caller.not_allowed": _said("bên gọi không có quyền", "the caller may not do this", Next.CALLER),
    "caller.not_found": _said("không tìm thấy đối tượng được nêu", "what was named does not exist", Next.CALLER),
    "caller.conflict": _said("mâu thuẫn với trạng thái hiện tại", "it conflicts with how things stand", Next.CALLER),
    "caller.slow_body": _said("nội dung gửi tới quá chậm", "its content came too slowly", Next.CALLER),
    "caller.too_large": _said("nội dung quá lớn", "it is too large", Next.CALLER),
    "caller.unsupported_media_type": _said(
        "kiểu nội dung không nhận", "content of this type is not taken", Next.CALLER
    ),
    "caller.unprocessable": _said("nội dung chưa đúng quy định", "the content breaks a rule", Next.CALLER),
    "caller.not_translatable": _said(
        "có trường không dịch được sang đặc tả quốc gia", "fields do not fit the national contract", Next.CALLER
    ),
    "caller.too_many_requests": _said("gọi quá nhiều lần", "too many calls", Next.CALLER),
    "caller.agreement": _said("không có thoả thuận chia sẻ còn hiệu lực", "no agreement is in force", Next.OPERATOR),
    "partner.refused": REFUSED,
    "partner.error": _said("chưa đáp ứng", "it did not do what it was asked", Next.LATER),
    "partner.unavailable": _said("tạm thời không phản hồi", "it does not respond for the time being", Next.LATER),
    "partner.not_connected": _said("không kết nối được", "it cannot be reached", Next.LATER),
    "partner.no_answer": _said("không trả lời kịp", "it did not answer in time", Next.LATER),
    "partner.no_time": _said("hết thời gian bên gọi chờ", "the caller waits no longer", Next.CALLER),
    "partner.no_room": _said(
        "quá nhiều cuộc gọi cùng chờ hệ thống này", "too many calls wait for it at a time", Next.LATER
    ),
    "partner.busy": _said("hệ thống báo bận", "it says that it is busy", Next.LATER),
    "partner.failed": _said("hệ thống báo lỗi kỹ thuật", "it reports a failure of its own", Next.LATER),
    "partner.circuit_open": _said(
        "nhiều lỗi liên tiếp nên cổng tạm ngừng gọi", "many failures in a row: it is not called for now", Next.LATER
    ),
    "partner.unsettled": _said(
        "đã gửi nhưng chưa rõ có nhận hay không", "it was sent, and whether it arrived is unknown", Next.ASKS
    ),
    "partner.pending": _said("chưa có kết quả cuối cùng", "there is no final result yet", Next.ASKS),
    "partner.cannot_tell": _said(
        "không hỏi được đã tới hay chưa", "it cannot be asked whether it arrived", Next.OPERATOR
    ),
    "partner.protocol_violation": _said(
        "trả lời không đúng đặc tả", "the answer breaks the published contract", Next.PARTNER
    ),
    "partner.certificate": _said("chứng thư số không hợp lệ", "its certificate does not hold", Next.SECURITY),
    "partner.login_refused": _said("không cho cổng đăng nhập", "it does not let the gateway log in", Next.OPERATOR),
    "partner.credentials_refused": _said(
        "không chấp nhận tài khoản của cổng", "it does not take the gateway's account", Next.OPERATOR
    ),
    "partner.login_not_trusted": _said(
        "câu trả lời đăng nhập không tin cậy được", "its answer to the log-in cannot be trusted", Next.SECURITY
    ),
    "partner.no_such_value": _said(
        "trả lời là không có dữ liệu này", "it answered that it holds no such value", Next.OPERATOR
    ),
    "partner.not_signable": _said(
        "có giá trị không ký được theo đặc tả nên chưa gửi đi",
        "a value cannot be signed as the contract says, so nothing was sent",
        Next.CALLER,
    ),
    "partner.platform_request": _said(
        "nền tảng không chuyển được cuộc gọi, cần kiểm tra cấu hình",
        "the platform cannot carry the call; a setting has to be checked",
        Next.OPERATOR,
    ),
    "partner.platform_refused": _said(
        "nền tảng không cho phép truy cập, cần kiểm tra token, đăng ký và thoả thuận",
        "the platform does not let us in; token, subscription and agreement have to be checked",
        Next.OPERATOR,
    ),
    "partner.facade_misses_setting": _said(
        "cổng trung gian báo thiếu thông tin cấu hình", "the facade says that a setting is missing", Next.OPERATOR
    ),
    "partner.identity_provider": _said(
        "hệ thống danh tính của tỉnh không trả lời đúng",
        "the province's identity provider did not answer as it should",
        Next.OPERATOR,
    ),
    "partner.mail_refused": _said("máy chủ thư không nhận thư", "the mail server did not take the mail", Next.LATER),
    "partner.reply_too_large": _said("câu trả lời quá lớn", "the answer is too large", Next.PARTNER),
    "partner.wrong_charset": _said("câu trả lời không theo bảng mã UTF-8", "the answer is not in UTF-8", Next.PARTNER),
    "partner.wrong_media_type": _said(
        "câu trả lời không đúng định dạng của đặc tả", "the answer is not of the contract's format", Next.PARTNER
    ),
    "partner.breaks_schema": _said(
        "câu trả lời không đúng lược đồ của đặc tả", "the answer breaks the contract's schema", Next.PARTNER
    ),
    "partner.callback_refused": _said(
        "nơi nhận thông báo của bên gọi không trả 2xx", "the receiver of callbacks did not answer 2xx", Next.LATER
    ),
    "security.not_trusted": _said(
        "chữ ký, chứng thư hoặc dấu thời gian không đúng",
        "a signature, certificate or time stamp is wrong",
        Next.SECURITY,
    ),
    "security.replayed": _said("bản tin cũ bị gửi lại", "an old message was sent again", Next.SECURITY),
    "ours.unexpected": _said("lỗi chưa lường trước", "something unexpected went wrong", Next.OPERATOR),
    "ours.cancelled": _said(
        "bên chờ đã thôi chờ khi chưa có kết quả", "whoever waited left before there was a result", Next.OPERATOR
    ),
    "ours.integrity": _said("dữ liệu lưu trữ đã bị thay đổi", "what is stored was altered", Next.OPERATOR),
    "ours.audit_unavailable": _said("nhật ký không ghi được", "the log cannot be written", Next.OPERATOR),
    "ours.cut_off": _said("tệp cần gửi không đọc được hết", "a file could not be read to its end", Next.OPERATOR),
    "ours.file_parts_lost": _said("tệp chưa được lưu", "the file was not stored", Next.LATER),
    "ours.busy": _said("cổng đang quá tải", "the gateway has all it takes on under way", Next.LATER),
    "ours.no_time": _said(
        "hết thời gian bên gọi chờ khi cổng chưa xong", "we were slower than the caller waits", Next.LATER
    ),
    "ours.undetermined": _said("mất cơ sở dữ liệu lúc đang ghi", "the database was lost at a commit", Next.LATER),
    "ours.failed": _said("cổng nhận nhưng không xử lý được", "it came in and could not be handled", Next.OPERATOR),
}

ORIGINS = {
    "operator": CODES["operator.configuration"],
    "caller": CODES["caller.bad_request"],
    "partner": CODES["partner.error"],
    "security": CODES["security.not_trusted"],
    "ours": CODES["ours.unexpected"],
}
"""For a code that has no sentence of its own."""

UNKNOWN = _said("kết cục chưa có trong bảng này", "an outcome that this table does not name", Next.OPERATOR)
ACT = _said("việc đã ghi nhận", "it is on record", Next.NOBODY)
