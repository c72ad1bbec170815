"""What each finding means, whose turn it is and what to do: as data, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.diagnostics.model import Step

Both = tuple[str, str]
"""Vietnamese, English."""


class Turn(StrEnum):
    """Who can do something about it."""

    NOBODY = "nobody"
    OURS = "ours"
    PARTNER = "partner"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Words:
    """What was found, whose turn it is, and the next thing to do (empty: nothing)."""

    found: Both
    turn: Turn = Turn.NOBODY
    to_do: Both = ("", "")


STEPS: Mapping[Step, Both] = {
    Step.DNS: ("Tên miền (DNS)", "Name (DNS)"),
    Step.TCP: ("Kết nối mạng (TCP)", "Connection (TCP)"),
    Step.TLS: ("Kênh mã hoá (TLS)", "Encryption (TLS)"),
    Step.CERTIFICATE: ("Chứng thư số máy chủ", "Server certificate"),
    Step.REVOCATION: ("Thu hồi chứng thư (OCSP, CRL)", "Revocation (OCSP, CRL)"),
    Step.LOGIN: ("Đăng nhập, lấy token", "Log-in, token"),
    Step.CALL: ("Một lời gọi vô hại", "One harmless call"),
    Step.CLOCK: ("Đồng hồ hai bên", "Both clocks"),
}
TURNS: Mapping[Turn, Both] = {
    Turn.NOBODY: ("Không ai phải làm gì", "Nobody has to act"),
    Turn.OURS: ("Việc của tỉnh", "Our turn"),
    Turn.PARTNER: ("Việc của đối tác", "The partner's turn"),
    Turn.BOTH: ("Hai bên cùng kiểm tra", "Both sides"),
}
FACTS: Mapping[str, Both] = {
    "host": ("Máy chủ", "Host"),
    "port": ("Cổng", "Port"),
    "addresses": ("Địa chỉ", "Addresses"),
    "address": ("Đã nối tới", "Connected to"),
    "version": ("Phiên bản", "Version"),
    "cipher": ("Bộ mã", "Cipher"),
    "subject": ("Chủ thể", "Subject"),
    "names": ("Tên máy chủ trong chứng thư", "Names"),
    "issuer": ("Bên cấp", "Issuer"),
    "root": ("Chứng thư gốc", "Root"),
    "since": ("Hiệu lực từ", "Valid from"),
    "until": ("Hiệu lực đến", "Valid until"),
    "days_left": ("Số ngày còn lại", "Days left"),
    "asked": ("Nơi tra cứu thu hồi", "Asked"),
    "sessions": ("Phiên", "Sessions"),
    "blocked_by": ("Chờ bước", "Waits for"),
    "operation": ("Nghiệp vụ", "Operation"),
    "outcome": ("Kết quả", "Outcome"),
    "skew_s": ("Lệch (giây, dương: đồng hồ đối tác nhanh hơn)", "Skew (seconds; positive: theirs is ahead)"),
    "code": ("Mã lỗi", "Code"),
    "said": ("Nguyên văn", "In its own words"),
    "said_vi": ("Nội dung lỗi", "In Vietnamese"),
}
_FIREWALL = (
    "Nhờ bộ phận mạng của tỉnh kiểm tra tường lửa và đường truyền (VPN, mạng TSLCD) tới địa chỉ và cổng này.",
    "Ask the province's network staff about the firewall and the line (VPN, state network) to this address and port.",
)
_ADDRESS = (
    "Kiểm tra base_url trong cấu hình và máy chủ DNS của tỉnh; nếu đúng, hỏi đối tác tên miền hiện hành.",
    "Check base_url in the settings and the province's DNS server; if both are right, ask the partner for the name.",
)
_ASK_PARTNER = ("Báo đầu mối kỹ thuật của đối tác kèm thời điểm thử.", "Tell the partner's contact, with this time.")
_ROOTS = (
    "Hỏi đối tác chứng thư gốc và trung gian đúng, kiểm tra qua kênh khác, rồi khai báo vào tls.<hệ thống>.ca.",
    "Get the right root and intermediates from the partner, check them another way, and set tls.<system>.ca.",
)

WORDS: Mapping[str, Words] = {
    "out_of_time": Words(
        ("Hết thời gian cho cả lượt thử", "The time of the whole try was over"),
        Turn.BOTH,
        ("Thử lại; nếu vẫn chậm, xem bước nào lâu nhất.", "Try again; if it stays slow, see which step takes longest."),
    ),
    "interrupted": Words(
        ("Gặp lỗi bất ngờ ở phía cổng", "Something unexpected failed on our side"),
        Turn.OURS,
        ("Xem nhật ký tiến trình API tại thời điểm này.", "See the log of the API process at this time."),
    ),
    "earlier_failed": Words(("Chưa thử được vì bước trước chưa đạt", "Not tried, since an earlier step failed")),
    "address_given": Words(("Cấu hình ghi thẳng địa chỉ IP", "The settings give an IP address")),
    "dns_found": Words(("Tìm được địa chỉ", "The name leads to an address")),
    "dns_unknown": Words(("Không có tên miền này", "There is no such name"), Turn.OURS, _ADDRESS),
    "dns_no_server": Words(("Máy chủ DNS không trả lời", "The DNS server does not answer"), Turn.OURS, _ADDRESS),
    "dns_timeout": Words(("Máy chủ DNS trả lời quá chậm", "The DNS server is too slow"), Turn.OURS, _ADDRESS),
    "tcp_open": Words(("Kết nối được", "The connection opens")),
    "tcp_refused": Words(
        ("Máy chủ từ chối kết nối: không có dịch vụ ở cổng này", "Refused: nothing listens on this port"),
        Turn.PARTNER,
        (
            "Kiểm tra cổng trong base_url; nếu đúng, báo đối tác dịch vụ đang tắt.",
            "Check the port in base_url; if it is right, tell the partner that the service is down.",
        ),
    ),
    "tcp_timeout": Words(
        ("Không có trả lời, thường do tường lửa chặn", "No answer: mostly a firewall"), Turn.OURS, _FIREWALL
    ),
    "tcp_unreachable": Words(("Không có đường tới địa chỉ này", "No route leads there"), Turn.OURS, _FIREWALL),
    "tcp_reset": Words(("Kết nối bị cắt ngay", "The connection is cut at once"), Turn.BOTH, _FIREWALL),
    "plain_here": Words(("Không mã hoá, trong cùng máy (thử nghiệm)", "No encryption, on this machine (sandbox)")),
    "plain": Words(
        ("Kết nối không mã hoá (HTTP)", "The connection is not encrypted (HTTP)"),
        Turn.OURS,
        (
            "Dữ liệu cá nhân cần HTTPS (TT 13/2017/TT-BTTTT Điều 19); hỏi đối tác địa chỉ https.",
            "Personal data needs HTTPS; ask the partner for an https address.",
        ),
    ),
    "no_certificate": Words(("Không có TLS nên không có chứng thư số", "Without TLS there is no certificate")),
    "tls_agreed": Words(("Bắt tay TLS thành công", "The handshake succeeds")),
    "tls_timeout": Words(("Máy chủ không bắt tay TLS kịp", "The handshake takes too long"), Turn.BOTH, _FIREWALL),
    "tls_ours_refused": Words(
        ("Đối tác không nhận chứng thư số của ta", "The partner does not take our certificate"),
        Turn.BOTH,
        (
            "Kiểm tra tls.<hệ thống>.key; gửi chứng thư số của tỉnh cho đối tác đăng ký lại.",
            "Check tls.<system>.key; have the partner register the province's certificate again.",
        ),
    ),
    "tls_not_spoken": Words(
        ("Cổng này không nói TLS", "This port does not speak TLS"),
        Turn.OURS,
        ("Kiểm tra http hay https, và số cổng, trong base_url.", "Check http or https, and the port, in base_url."),
    ),
    "tls_no_common": Words(
        ("Hai bên không có phiên bản hoặc bộ mã TLS chung", "No TLS version or cipher in common"),
        Turn.PARTNER,
        ("Đối tác cần bật TLS 1.2 trở lên.", "The partner must offer TLS 1.2 or newer."),
    ),
    "tls_failed": Words(("Bắt tay TLS thất bại", "The handshake fails"), Turn.BOTH, _ASK_PARTNER),
    "cut_off": Words(("Kết nối bị cắt khi bắt tay TLS", "Cut off during the handshake"), Turn.BOTH, _FIREWALL),
    "certificate_good": Words(("Chứng thư số hợp lệ, còn hạn", "Valid, and not about to end")),
    "certificate_ends_soon": Words(
        ("Chứng thư số sắp hết hạn", "It ends soon"),
        Turn.PARTNER,
        ("Nhắc đối tác gia hạn trước ngày hết hạn.", "Remind the partner to renew it in time."),
    ),
    "certificate_unreadable": Words(("Không đọc được chứng thư số", "It cannot be read"), Turn.PARTNER, _ASK_PARTNER),
    "certificate_expired": Words(
        ("Chứng thư số (hoặc cấp trên) đã hết hạn", "It, or one above it, has expired"),
        Turn.PARTNER,
        ("Đối tác phải gia hạn chứng thư số.", "The partner must renew it."),
    ),
    "certificate_not_yet_valid": Words(
        ("Chứng thư số chưa có hiệu lực", "It is not valid yet"),
        Turn.BOTH,
        ("Kiểm tra đồng hồ máy chủ của tỉnh (NTP) trước, rồi báo đối tác.", "Check our clock (NTP), then tell them."),
    ),
    "certificate_unknown_issuer": Words(
        ("Không do chứng thư gốc mà ta tin cấp", "No root that we believe issued it"), Turn.BOTH, _ROOTS
    ),
    "certificate_wrong_name": Words(
        ("Chứng thư số mang tên máy chủ khác", "It names another host"),
        Turn.BOTH,
        (
            "Kiểm tra tên máy chủ trong base_url; nếu đúng, đối tác phải cấp lại chứng thư.",
            "Check the host in base_url; if it is right, the partner needs another certificate.",
        ),
    ),
    "certificate_not_pinned": Words(
        ("Khoá của máy chủ không phải khoá đã ghim", "The server's key is not the pinned one"),
        Turn.BOTH,
        (
            "Gọi điện cho đối tác hỏi họ có đổi khoá không, rồi mới sửa tls.<hệ thống>.pinned.",
            "Telephone the partner whether they changed their key, and only then change tls.<system>.pinned.",
        ),
    ),
    "certificate_not_believed": Words(("Chứng thư số không tin được", "It is not believed"), Turn.BOTH, _ROOTS),
    "not_revoked": Words(("Chưa bị thu hồi", "Not revoked")),
    "revoked": Words(
        ("Chứng thư số đã bị thu hồi", "It was revoked"),
        Turn.PARTNER,
        ("Không gửi gì nữa; gọi điện cho đối tác.", "Send nothing more; telephone the partner."),
    ),
    "revocation_no_address": Words(("Chứng thư không nêu nơi tra cứu thu hồi", "It names nobody to ask")),
    "revocation_no_issuer": Words(("Không có chứng thư của bên cấp để tra cứu", "Its issuer is not known")),
    "revocation_unanswered": Words(
        ("Dịch vụ OCSP và danh sách CRL không trả lời", "Responder and lists do not answer"), Turn.OURS, _FIREWALL
    ),
    "no_login": Words(("Hệ thống này không cần đăng nhập", "This system wants no log-in")),
    "only_tried": Words(("Đường chỉ chạy thử: không mở phiên mới", "A way that is only tried opens no session")),
    "not_used": Words(
        ("Hiện không có nghiệp vụ nào đi đường này; chỉ thử mạng", "Nothing goes this way today; the network alone")
    ),
    "session_held": Words(("Đang có phiên còn hiệu lực, dùng lại", "A session is in force and is used")),
    "logged_in": Words(("Đăng nhập được", "The log-in succeeds")),
    "login_refused": Words(
        ("Đối tác từ chối đăng nhập", "The log-in is refused"),
        Turn.OURS,
        (
            "Kiểm tra tài khoản, mật khẩu, mã kết nối trong cấu hình; nếu đúng, hỏi đối tác có khoá tài khoản không.",
            "Check the account in the settings; if it is right, ask the partner whether it is locked.",
        ),
    ),
    "no_probe": Words(
        ("Không có lời gọi vô hại nào được công bố cho hệ thống này", "No harmless call is known for this system")
    ),
    "answered": Words(("Hệ thống trả lời đúng đặc tả", "It answers as its contract says")),
    "refused": Words(
        ("Hệ thống hiểu và từ chối", "It understood and refused"),
        Turn.BOTH,
        ("Hỏi đối tác ý nghĩa mã từ chối này.", "Ask the partner what its code means."),
    ),
    "not_permitted": Words(
        ("Tài khoản của tỉnh chưa được cấp quyền", "Our account is not permitted"),
        Turn.PARTNER,
        ("Đề nghị đối tác cấp quyền khai thác nghiệp vụ này.", "Ask the partner for the permission."),
    ),
    "pending": Words(("Hệ thống nhận nhưng chưa trả lời", "It has the request and no answer yet")),
    "no_answer": Words(("Không có câu trả lời rõ ràng", "No clear answer came"), Turn.PARTNER, _ASK_PARTNER),
    "unreadable": Words(
        ("Câu trả lời không đúng đặc tả", "The answer is not what the contract says"), Turn.PARTNER, _ASK_PARTNER
    ),
    "not_trusted": Words(
        ("Câu trả lời không tin được (chữ ký)", "The reply is not to be trusted (signature)"),
        Turn.BOTH,
        (
            "Dùng trang Giải thích chữ ký; có thể đối tác đã đổi khoá, hoặc có kẻ mạo danh.",
            "Use the page that explains signatures: their key has changed, or somebody stands in between.",
        ),
    ),
    "our_settings": Words(
        ("Cấu hình hoặc thoả thuận phía tỉnh chưa cho phép", "Our settings or agreements do not allow it"),
        Turn.OURS,
        ("Đọc nội dung lỗi bên cạnh và sửa cấu hình.", "Read the error beside it and mend the settings."),
    ),
    "our_fault": Words(("Lỗi ở phía cổng", "It failed on our side"), Turn.OURS, ("Xem nhật ký.", "See the log.")),
    "clock_good": Words(("Hai đồng hồ khớp nhau", "The clocks agree")),
    "clock_off": Words(
        ("Hai đồng hồ lệch nhau", "The clocks differ"),
        Turn.OURS,
        (
            "Kiểm tra NTP của máy chủ tỉnh trước; nếu đồng hồ ta đúng, báo đối tác.",
            "Check our NTP first; if our clock is right, tell the partner.",
        ),
    ),
    "clock_stale": Words(
        ("Chữ ký của đối tác bị coi là quá hạn: đồng hồ lệch", "Their signature counts as stale: the clocks differ"),
        Turn.OURS,
        ("Kiểm tra NTP của máy chủ tỉnh trước, rồi báo đối tác.", "Check our NTP first, then tell the partner."),
    ),
    "nothing_said": Words(("Không có lời gọi nào nên không biết giờ của đối tác", "Nothing was said, so no time was")),
    "clock_unsaid": Words(("Không có câu trả lời nào ghi giờ của đối tác", "No reply said what time it is there")),
}
