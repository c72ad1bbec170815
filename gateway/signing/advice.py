"""What the sender of a message should change, by the code with which it was refused."""

from __future__ import annotations

from collections.abc import Mapping

Both = tuple[str, str]
"""Vietnamese, English."""

_CERTIFICATE = (
    "Bên gửi kiểm tra chứng thư số đang dùng để ký; bên nhận kiểm tra [trust] trong cấu hình.",
    "The sender checks the certificate that signs; the receiver checks [trust] in the settings.",
)
_ADVICE: Mapping[str, Both] = {
    "security.signature": (
        "Nội dung hoặc tiêu đề đã bị sửa sau khi ký, hoặc ký bằng khoá khác. Bên gửi kiểm tra: ký đúng chuỗi byte sẽ "
        "gửi, không có proxy nào ghi lại nội dung, và dùng đúng khoá đã đăng ký.",
        "Body or headers were changed after signing, or another key signed. The sender checks that the very bytes that "
        "are sent were signed, that no proxy writes them anew, and that the registered key is used.",
    ),
    "security.not_trusted": (
        "Bên gửi so sánh bản tin với đặc tả: đúng một chữ ký, đúng vị trí, phủ đúng phần tử, không sửa sau khi ký.",
        "The sender compares the message with the contract: one signature, in its place, over the right elements, and "
        "nothing changed after signing.",
    ),
    "security.stale": (
        "Bên gửi kiểm tra đồng hồ (NTP) và gửi bản tin mới ký; không gửi lại bản tin cũ.",
        "The sender checks its clock (NTP) and sends a message signed anew, not an old one again.",
    ),
    "security.unbound": (
        "Bên gửi ký đúng phương thức và địa chỉ được gọi; câu trả lời phải nêu yêu cầu mà nó trả lời (hãy dán cả yêu "
        "cầu vào ô bên dưới).",
        "The sender signs the method and address that are called; a reply must name its request (paste the request, "
        "too).",
    ),
    "security.unknown_key": (
        "Bên gửi nêu đúng mã khoá (kid) đã đăng ký, hoặc gửi khoá công khai mới để bên nhận khai báo trong [trust].",
        "The sender names the key id that was registered, or hands over its new public key for [trust].",
    ),
    "security.own_key": (
        "Bên gửi bỏ jwk, jku, x5u khỏi tiêu đề; khoá phải được trao đổi trước.",
        "The sender leaves jwk, jku and x5u out; keys are exchanged beforehand.",
    ),
    "security.algorithm": (
        "Bên gửi dùng thuật toán trong quy tắc: RSA từ 2048 bit hoặc ECDSA P-256/P-384 với SHA-256 trở lên.",
        "The sender uses an accepted algorithm: RSA of 2048 bits or more, or ECDSA P-256/P-384; SHA-256 or better.",
    ),
    "security.revocation_unknown": (
        "Trang này không hỏi dịch vụ thu hồi; khi nhận thật, cổng sẽ hỏi OCSP hoặc CRL. Các phần khác xem ở trên.",
        "This page asks no responder; when a message is received the gateway does. See above for the rest.",
    ),
}


def advice_of(code: str) -> Both:
    """For a code of `security.…`."""
    return _ADVICE.get(code, _CERTIFICATE)
