"""The sentences that officers read beside a verdict."""

from __future__ import annotations

from gateway.domain import Verdict

EXPLANATIONS: dict[Verdict, tuple[str, str]] = {
    Verdict.MATCH: ("The register confirms these details.", "Cơ sở dữ liệu xác nhận thông tin này."),
    Verdict.MISMATCH: (
        "The register holds this number with other details; an officer decides.",
        "Cơ sở dữ liệu có số này nhưng thông tin khác; cán bộ xem xét, không tự động từ chối.",
    ),
    Verdict.NEEDS_REVIEW: (
        "Only marks, spacing or spelling differ; an officer decides.",
        "Chỉ khác dấu, khoảng trắng hoặc cách viết; cán bộ xem xét.",
    ),
    Verdict.NOT_FOUND: (
        "The register holds nobody with exactly these details. It does not say which of them is wrong.",
        "Cơ sở dữ liệu không có bản ghi nào khớp đủ các thông tin này và không cho biết thông tin nào chưa đúng.",
    ),
    Verdict.NOT_PERMITTED: (
        "The register holds an answer that this request may not see.",
        "Có dữ liệu nhưng yêu cầu này không được phép khai thác.",
    ),
    Verdict.UNDETERMINED: (
        "No conclusion may be drawn; the dossier can go on, marked as not yet verified.",
        "Chưa kết luận được; có thể tiếp nhận hồ sơ và ghi «chưa xác thực».",
    ),
}


def explain_refusal(code: str) -> tuple[str, str]:
    """The register understood and refused, for a reason that is not a statement about the person."""
    return (
        f"The register refused the request (its code {code}); no conclusion may be drawn.",
        f"Cơ sở dữ liệu từ chối yêu cầu (mã của họ: {code}); chưa kết luận được.",
    )
