"""Everything that can go wrong, grouped by what happens next.

GatewayError                    code · origin · retry · http_status
├── ConfigurationError          stop at start-up; a message waits until it is mended operator   BACKOFF
├── RequestError                the caller's fault                                  caller     NEVER
│   ├── NotAuthenticatedError 401 · NotAllowedError 403 · NotFoundError 404 · ConflictError 409
│   ├── SlowBodyError 408 · TooLargeError 413 · UnsupportedMediaTypeError 415
│   └── UnprocessableError 422 · TooManyRequestsError 429
├── RemoteError                 the national system
│   ├── TransientRemoteError    it did not act; ask again later                     partner    BACKOFF
│   ├── Unsettled               sent, no clear answer: find out before resending    partner    RECONCILE
│   └── ProtocolViolation       the answer breaks the published contract            partner    HOLD
├── TrustError                  signature, checksum, certificate, time stamp        security   NEVER
├── IntegrityError              our own log or a stored message was altered         ours       STOP
├── CutOffError                 what was being sent could not be read to its end    ours       BACKOFF
├── BusyError                   we have all the work that we take on: wait          ours       BACKOFF
└── UndeterminedError           begun, and not known what becomes of it: ask again  ours       BACKOFF

`retry` is data: the worker reads it and climbs no `isinstance` ladder. No text here may hold personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Retry(StrEnum):
    """What happens next."""

    NEVER = "never"
    BACKOFF = "backoff"
    RECONCILE = "reconcile"
    HOLD = "hold"
    STOP = "stop"


class Origin(StrEnum):
    """Whose fault it is. The three classes of a failure are never mixed on a screen: ours, the partner's technical,
    the partner's business (the last is an `Outcome`, not an error)."""

    OURS = "ours"
    OPERATOR = "operator"
    CALLER = "caller"
    PARTNER = "partner"
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field of a request that is wrong: a JSON pointer and two sentences that never repeat the value."""

    pointer: str
    detail: str
    detail_vi: str


class GatewayError(Exception):
    """Base of all our errors. `code` is stable and public: `<origin>.<what>`."""

    code: ClassVar[str] = "ours.unexpected"
    origin: ClassVar[Origin] = Origin.OURS
    retry: ClassVar[Retry] = Retry.NEVER
    http_status: ClassVar[int] = 500
    title_vi: ClassVar[str] = "Lỗi của hệ thống liên thông"

    call_id: str = ""
    """The call to a national system in which it happened, and the leaf that proves it; set by the exchange."""
    audit_index: int | None = None

    def __init__(
        self,
        detail: str = "",
        *,
        vi: str = "",
        what: str = "",
        retry_after_s: float | None = None,
        fields: Sequence[FieldProblem] = (),
    ) -> None:
        """`what` replaces the second half of the class's code where one class names several facts."""
        super().__init__(detail or self.title_vi)
        self.detail = detail
        self.detail_vi = vi or self.title_vi
        self.error_code = f"{self.code.partition('.')[0]}.{what}" if what else self.code
        self.retry_after_s = retry_after_s
        self.fields = tuple(fields)


class ConfigurationError(GatewayError):
    """A setting is missing or wrong: the process stops before it serves anything; a message, not at fault, waits."""

    code = "operator.configuration"
    origin = Origin.OPERATOR
    retry = Retry.BACKOFF
    title_vi = "Cấu hình chưa đúng"


class RequestError(GatewayError):
    """The caller must change the request; sending it again unchanged will fail again."""

    code = "caller.bad_request"
    origin = Origin.CALLER
    http_status = 400
    title_vi = "Yêu cầu không hợp lệ"


class NotAuthenticatedError(RequestError):
    code = "caller.not_authenticated"
    http_status = 401
    title_vi = "Chưa xác thực được hệ thống gọi"


class NotAllowedError(RequestError):
    code = "caller.not_allowed"
    http_status = 403
    title_vi = "Không có quyền thực hiện"


class NotFoundError(RequestError):
    code = "caller.not_found"
    http_status = 404
    title_vi = "Không tìm thấy"


class ConflictError(RequestError):
    code = "caller.conflict"
    http_status = 409
    title_vi = "Yêu cầu mâu thuẫn với trạng thái hiện tại"


class TooLargeError(RequestError):
    code = "caller.too_large"
    http_status = 413
    title_vi = "Nội dung quá lớn"


class UnsupportedMediaTypeError(RequestError):
    code = "caller.unsupported_media_type"
    http_status = 415
    title_vi = "Kiểu nội dung không được hỗ trợ"


class UnprocessableError(RequestError):
    """Well-formed, but it cannot be carried out: a rule, a code list, or another body under the same key."""

    code = "caller.unprocessable"
    http_status = 422
    title_vi = "Nội dung chưa đúng quy định"


class TooManyRequestsError(RequestError):
    code = "caller.too_many_requests"
    http_status = 429
    title_vi = "Gọi quá nhiều lần"


class RemoteError(GatewayError):
    """The national system did not do what we asked."""

    code = "partner.error"
    origin = Origin.PARTNER
    http_status = 502
    title_vi = "Hệ thống quốc gia chưa đáp ứng"


class TransientRemoteError(RemoteError):
    """It did not act on the request (not connected, 429, 503), or the operation may be repeated safely."""

    code = "partner.unavailable"
    retry = Retry.BACKOFF
    http_status = 503
    title_vi = "Hệ thống quốc gia tạm thời không phản hồi"


class Unsettled(RemoteError):  # noqa: N818 - names the fact
    """The bytes left and no clear answer came: it may or may not have happened. Find out before sending again."""

    code = "partner.unsettled"
    retry = Retry.RECONCILE
    http_status = 504
    title_vi = "Chưa rõ hệ thống quốc gia đã nhận hay chưa; sẽ đối soát trước khi gửi lại"


class ProtocolViolation(RemoteError):  # noqa: N818 - names the fact
    """The answer does not fit the published contract, so nothing may be concluded from it."""

    code = "partner.protocol_violation"
    retry = Retry.HOLD
    title_vi = "Hệ thống quốc gia trả lời không đúng đặc tả"


class TrustError(GatewayError):
    """A signature, checksum, certificate or time stamp does not hold. Nothing of the message is believed."""

    code = "security.not_trusted"
    origin = Origin.SECURITY
    http_status = 403
    title_vi = "Không tin cậy được thông điệp"


class IntegrityError(GatewayError):
    """Our own log or a stored message was altered. That stream stops until a person has looked."""

    code = "ours.integrity"
    retry = Retry.STOP
    title_vi = "Dữ liệu lưu trữ đã bị thay đổi"


class CutOffError(GatewayError):
    """What a request was to carry could not be read to its end, or in time, though it had begun to leave. Less arrived
    than its length says, so nobody can have taken it for the whole, and it may be sent again."""

    code = "ours.cut_off"
    retry = Retry.BACKOFF
    http_status = 503
    title_vi = "Không đọc được hết tệp cần gửi; đã ngắt giữa chừng"


class SlowBodyError(RequestError):
    """The body was not whole in time; nothing of it was looked at."""

    code = "caller.slow_body"
    http_status = 408
    title_vi = "Yêu cầu gửi quá chậm"


class BusyError(GatewayError):
    """All the work that can be under way is under way, or what was done of it was lost: of the request nothing is
    done."""

    code = "ours.busy"
    retry = Retry.BACKOFF
    http_status = 503
    title_vi = "Cổng liên thông đang quá tải"


NOT_TRIED = frozenset({"partner.circuit_open", "partner.no_room"})
"""The breaker kept the call back, or too many wait already: the system was not asked, so it is no try."""


class UndeterminedError(GatewayError):
    """The caller's time is over, or our database was lost at a commit: what was begun may have been done, may still be
    done, or not. The same request, with the same key, is told what became of it."""

    code = "ours.undetermined"
    retry = Retry.BACKOFF
    http_status = 504
    title_vi = "Chưa rõ kết quả; hãy gửi lại đúng yêu cầu đó"
