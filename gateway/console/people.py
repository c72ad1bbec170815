"""Roles, rights and states of operators in plain words, and the picture that an authenticator app reads."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from gateway.operators.model import Right, Role

Words = tuple[str, str]

ROLES: Mapping[Role, Words] = {
    Role.VIEWER: ("Người xem", "Viewer"),
    Role.OPERATOR: ("Vận hành", "Operator"),
    Role.AUDITOR: ("Kiểm toán", "Auditor"),
    Role.ADMINISTRATOR: ("Quản trị", "Administrator"),
    Role.PROTECTION_OFFICER: ("Bảo vệ dữ liệu cá nhân", "Data protection officer"),
}
RIGHTS: Mapping[Right, Words] = {
    Right.LOOK: ("Xem tình trạng và số liệu, không có dữ liệu cá nhân", "See states and figures, no personal data"),
    Right.OPERATE: ("Gửi lại, tạm ngừng, gửi trở lại, xử lý vụ việc", "Send again, pause, resume, close cases"),
    Right.AUDIT: ("Đọc nhật ký, kiểm chứng và lập gói chứng cứ", "Read the log, check it, make evidence packages"),
    Right.UNSEAL: (
        "Xem nội dung đã trao đổi, khi có lý do và được phê duyệt",
        "Read what was exchanged, with a reason and an approval",
    ),
    Right.ADMINISTER: (
        "Quản lý người vận hành, hệ thống gọi, thoả thuận, khoá",
        "Manage operators, clients, agreements, keys",
    ),
    Right.PRIVACY: (
        "Yêu cầu của công dân, ai đã tra cứu, vi phạm dữ liệu, xoá",
        "Requests of citizens, who looked, breaches, erasure",
    ),
    Right.APPROVE: ("Phê duyệt điều người khác đề nghị", "Allow what somebody else asked for"),
}
FINDINGS: Mapping[str, Words] = {
    "unused": ("lâu không dùng", "not used for long"),
    "disabled": ("đã khoá", "disabled"),
    "apart": ("vai trò không được kiêm", "roles that belong apart"),
}


def picture_of(uri: str) -> str:
    """A QR code as a `data:` address, for an `img`."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel  # takes long to load

    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(uri)
    code.make()
    size = code.getModuleCount()
    dark = [(x, y) for y in range(size) for x in range(size) if code.isDark(y, x)]
    path = "".join(f"M{x + 4} {y + 4}h1v1h-1z" for x, y in dark)
    whole = size + 8  # four modules of quiet around it (ISO/IEC 18004)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{whole}v{whole}H0z"/><path d="{path}"/></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
