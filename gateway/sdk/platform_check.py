"""What follows from a platform's own fault: never an answer about anybody."""

from __future__ import annotations

from gateway.sdk.errors import GatewayError, ProtocolViolation, TransientRemoteError
from gateway.sdk.platform_faults import Meaning, wso2_fault, xroad_error
from gateway.sdk.replies import lost, retry_after_s
from gateway.sdk.wire import WireReply


def check_platform(reply: WireReply, *, idempotent: bool) -> None:
    """Raise what the platform says in the system's place; the system's own words pass.

    `TransientRemoteError`, or `Unsettled` where the call may have got through, for an outage; `ProtocolViolation` for
    what somebody has to change."""
    fault = wso2_fault(reply) or xroad_error(reply)
    if fault is not None:
        raise _error(str(fault.code), fault.meaning, reply, idempotent=idempotent)


def _error(code: str, meaning: Meaning, reply: WireReply, *, idempotent: bool) -> GatewayError:
    if meaning is Meaning.OUTAGE:
        if reply.status in {429, 503}:
            return TransientRemoteError(
                f"The platform is busy (its code {code}).", retry_after_s=retry_after_s(reply), what="busy"
            )
        return lost(idempotent=idempotent, detail=f"The platform could not reach the system (its code {code}).")
    if meaning is Meaning.REFUSED_ACCESS:
        return ProtocolViolation(
            f"The platform does not let us in (its code {code}); check token, subscription and agreement.",
            vi=f"Nền tảng không cho phép truy cập (mã {code}); cần kiểm tra token, đăng ký và thoả thuận kết nối",
            what="platform_refused",
        )
    return ProtocolViolation(
        f"The platform cannot carry the call (its code {code}); check addresses and settings.",
        vi=f"Nền tảng không chuyển được cuộc gọi (mã {code}); cần kiểm tra cấu hình",
        what="platform_request",
    )
