"""The business registry: a token, and `chiTietDoanhNghiep` for one enterprise, in both generations of its reply.

Source: contract page `population_and_business.md`, 2, 4 and 7.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.clock import Clock, utc_now
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings
from mocks.wso2.tokens import INVALID, NO_RESOURCE, TokenDesk

PORT = 7102
FAULTS = ("refuse", "expire_token")

DEFAULTS: dict[str, object] = {
    "token_path": "/token",
    "path": "/apiCSDLDKDN/1.0/chiTietDoanhNghiep",
    "consumer_key": "demo_key",
    "consumer_secret": "demo_secret",
    "require_token": True,  # false: a platform in front has checked the call
    "expires_in": 3600,  # seconds
    "token_epoch": 0,  # change it, and every token issued so far is revoked
    "fault_format": "json",  # json | xml
    "tolerate_content_type": False,  # the token call may come without its form Content-Type
    "generation": "per_firm",  # per_firm | v1 | v2
    "not_found": "null",  # null | missing: what becomes of MainInformation (v1) or GetEntCert (v2)
}

CODE_FORMS = re.compile(r"[0-9]{10}|[0-9]{10}-?[0-9]{3}|[0-9]{12}")
"""Enterprise, dependent unit with or without dash, household (contract, 6)."""


class BusinessRegistry:
    """The system behind the paths: its firms and its tokens."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._records: dict[str, Any] = load(__file__)["firms"]
        self._firms = {code.replace("-", ""): firm for code, firm in self._records.items()}
        self.desk = TokenDesk(settings, clock)

    async def serve(self, request: Request) -> Response:
        if request.method == "POST" and request.url.path == self._settings.text("token_path"):
            return await self._token(request)
        if request.method == "GET" and request.url.path == self._settings.text("path"):
            return self._detail(request)
        return self.desk.fault(NO_RESOURCE)

    async def list_firms(self, _: Request) -> Response:
        """Every firm on record with its legal status in the registry's words; null where the registry fails."""
        return JSONResponse([{"code": code, "status": legal_status(firm)} for code, firm in self._records.items()])

    async def _token(self, request: Request) -> Response:
        response = self.desk.issue(request.headers, (await request.body()).decode("utf-8", errors="replace"))
        note(request, token_request=self.desk.requests, issued=response.status_code == 200)
        return response

    def _detail(self, request: Request) -> Response:
        if fault_of(request, "expire_token"):
            self.desk.revoke_all()
            return self.desk.fault(INVALID)
        refusal = self.desk.refusal(request.headers.get("authorization", ""))
        if refusal is not None and self._settings.flag("require_token"):
            return refusal
        code = request.query_params.get("msdn", "")
        if fault_of(request, "refuse"):
            return failed("MOCK-REFUSED Hệ thống từ chối yêu cầu khai thác")
        if not CODE_FORMS.fullmatch(code):
            return failed("MOCK-MSDN Mã số doanh nghiệp không đúng định dạng")
        return JSONResponse(self._certificate(request, self._firms.get(code.replace("-", ""), {})))

    def _certificate(self, request: Request, firm: Mapping[str, Any]) -> Any:
        """The reply in the generation that the firm (or the switch) asks for. Unknown firm: not found, as v1."""
        wanted = self._settings.text("generation")
        generation = firm.get("serves", "v1") if wanted == "per_firm" else wanted
        note(request, generation=generation, found=generation in firm)
        return firm.get(generation, self._nothing(generation))

    def _nothing(self, generation: str) -> Any:
        """Not found: `MainInformation` (v1) or `GetEntCert` (v2) null or missing."""
        named = self._settings.text("not_found") == "null"
        if generation == "v2":
            return {"GetEntCert": None} if named else {}
        return {"Data": {"MainInformation": None} if named else {}, "DataCount": 0, "Status": "1", "Message": "success"}


def legal_status(firm: Mapping[str, Any]) -> str | None:
    """The words of the reply that the firm gets (contract, 4.3: match on names, the codes are unknown)."""
    reply = firm[firm["serves"]]
    words: str | None = None
    if firm["serves"] == "v2":
        words = reply["GetEntCert"][0]["TinhTrangPhapLy"][0]["TinhTrangPhapLy"]
    elif reply["Data"] is not None:
        words = reply["Data"]["MainInformation"]["ENTERPRISE_STATUS_NAME"]
    return words


def failed(message: str) -> Response:
    """`Status` "0": the registry understood and says no. Its real messages are UNKNOWN; HTTP 200 is MOCK-STATUS-0."""
    return JSONResponse({"Data": None, "DataCount": 0, "Status": "0", "Message": message})


def create_app(settings: Mapping[str, object] | None = None, *, clock: Clock = utc_now) -> Starlette:
    switches = Settings(DEFAULTS, settings)
    system = BusinessRegistry(switches, clock)
    routes = [
        Route("/_mock/firms", system.list_firms),
        Route("/{path:path}", system.serve, methods=["GET", "POST"]),
    ]
    return build(routes, name="business_registry", settings=switches, faults=FAULTS, reset=system.desk.forget)


if __name__ == "__main__":
    sys.exit(alone.main(["business_registry", *sys.argv[1:]]))
