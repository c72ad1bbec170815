"""Why a certificate is not believed, each reason with its code, in words that tell an operator what to do."""

from __future__ import annotations

from enum import StrEnum

from gateway.sdk.errors import TrustError


class Reason(StrEnum):
    """The second half of the code: `security.certificate_expired`."""

    EXPIRED = "certificate_expired"
    NOT_YET_VALID = "certificate_not_yet_valid"
    REVOKED = "certificate_revoked"
    UNKNOWN_ISSUER = "certificate_unknown_issuer"
    WRONG_DOMAIN = "certificate_wrong_domain"
    WRONG_NAME = "certificate_wrong_name"
    WRONG_USE = "certificate_wrong_use"
    WEAK = "certificate_weak"
    BROKEN_PATH = "certificate_path"
    OURS = "certificate_ours"
    REVOCATION_UNKNOWN = "revocation_unknown"
    UNKNOWN_KEY = "unknown_key"


WORDS: dict[Reason, tuple[str, str]] = {
    Reason.EXPIRED: (
        "The partner's certificate, or one above it, has expired; the partner must renew it.",
        "Chứng thư số của đối tác (hoặc cấp trên của nó) đã hết hạn; đề nghị đối tác gia hạn",
    ),
    Reason.NOT_YET_VALID: (
        "The partner's certificate is not valid yet; compare the clocks of both sides.",
        "Chứng thư số của đối tác chưa có hiệu lực; hãy đối chiếu đồng hồ hai bên",
    ),
    Reason.REVOKED: (
        "The partner's certificate was revoked; nothing signed with it is believed. Ask the partner by telephone.",
        "Chứng thư số của đối tác đã bị thu hồi, không tin chữ ký này; hãy liên hệ đối tác qua điện thoại",
    ),
    Reason.UNKNOWN_ISSUER: (
        "No root of this trust issued the certificate: it is self-signed, of another authority, or intermediates "
        "are missing. Add them to `intermediates` or `roots` after checking them.",
        "Không tìm được đường dẫn tới chứng thư số gốc tin cậy (tự ký, tổ chức khác cấp, hoặc thiếu chứng thư trung "
        "gian); hãy kiểm tra rồi bổ sung `intermediates` hoặc `roots`",
    ),
    Reason.WRONG_DOMAIN: (
        "The certificate is of the other trust domain: official-duty and public certificates never stand in for "
        "each other.",
        "Chứng thư số thuộc miền tin cậy khác: chuyên dùng công vụ và công cộng không thay thế cho nhau",
    ),
    Reason.WRONG_NAME: (
        "The certificate is genuine, but names another holder than `names` allows.",
        "Chứng thư số hợp lệ nhưng mang tên chủ thể khác với `names`",
    ),
    Reason.WRONG_USE: (
        "The certificate was not issued for signing (key usage), or one in its path may not issue certificates.",
        "Chứng thư số không được cấp để ký (mục đích sử dụng khoá), hoặc cấp trên không được phép cấp chứng thư",
    ),
    Reason.WEAK: (
        "The certificate uses a weak key or algorithm (SHA-1, RSA below 2048 bits); the partner must get another one.",
        "Chứng thư số dùng khoá hoặc thuật toán yếu (SHA-1, RSA dưới 2048 bit); đề nghị đối tác đổi chứng thư",
    ),
    Reason.BROKEN_PATH: (
        "The certificate's path does not hold: a signature, a length, a name or a policy in it is wrong.",
        "Đường dẫn chứng thực không hợp lệ: sai chữ ký, độ dài, tên hoặc chính sách",
    ),
    Reason.OURS: (
        "The message is signed with a certificate of ours: somebody sends our own messages back.",
        "Bản tin ký bằng chính chứng thư số của cổng: có người gửi trả lại bản tin của ta",
    ),
    Reason.REVOCATION_UNKNOWN: (
        "Whether the certificate was revoked cannot be told: its OCSP responder and its lists give no fresh answer.",
        "Chưa biết chứng thư số có bị thu hồi hay không: dịch vụ OCSP và danh sách CRL không trả lời kịp thời",
    ),
    Reason.UNKNOWN_KEY: (
        "This trust holds no such key.",
        "Nơi tin cậy này không có khoá đó",
    ),
}


def refused(reason: Reason) -> TrustError:
    text, text_vi = WORDS[reason]
    return TrustError(text, vi=f"{text_vi}.", what=reason.value)
