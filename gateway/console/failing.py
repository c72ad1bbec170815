"""Errors as pages: what happened, whose turn it is, and the number under which it is found again."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from gateway.api.problems import again_s
from gateway.console.view import render
from gateway.sdk.errors import GatewayError, NotAuthenticatedError, Origin

LOGIN = "/console/login"
_TURNS = {
    Origin.CALLER: ("Hãy sửa nội dung rồi gửi lại.", "Change what was sent, then send it again."),
    Origin.OPERATOR: ("Người quản trị cần sửa cấu hình.", "An administrator has to mend a setting."),
    Origin.PARTNER: ("Lỗi ở hệ thống quốc gia; hãy thử lại sau.", "The national system failed; try again later."),
    Origin.SECURITY: ("Không tin nội dung này; hãy báo người quản trị.", "Do not trust it; tell an administrator."),
    Origin.OURS: ("Lỗi ở phía chúng ta; đã ghi nhật ký.", "It is our fault; it is in the log."),
}


def failed(scope: Scope, exc: GatewayError) -> Response:
    """Whoever is not logged in is led there, and back to what they wanted to read."""
    request = Request(scope)
    if isinstance(exc, NotAuthenticatedError) and request.method == "GET":
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{LOGIN}?next={quote(wanted, safe='')}", status_code=303)
    wait_s = again_s(exc)
    headers = {"retry-after": str(wait_s)} if wait_s is not None else {}
    facts = {"error": exc, "turn": _TURNS[exc.origin], "trace_id": request.state.trace.trace_id}
    return render(request, "failed.html", facts=facts, status=exc.http_status, headers=headers)
