"""The business registry: a token, one enterprise in both generations of its reply, and registration dossiers.

Source: contract page `population_and_business.md`, 2, 4 and 7.
"""

from __future__ import annotations

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
from mocks._kit.errors import FaultNotKnown
from mocks._kit.faults import Fault
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings
from mocks.business_registry import shapes
from mocks.business_registry.dossiers import DossierDesk
from mocks.business_registry.firms import FirmDesk
from mocks.business_registry.refusals import RefusedError
from mocks.wso2.tokens import INVALID, NO_RESOURCE, TokenDesk

PORT = 7102
FAULTS = ("refuse", "expire_token", "wso2", "other_firm", "several", "collapsed")
BASES = ("/apiCSDLDKDN/1.0", "/apiCSDLDKDN")
"""NGSP; Quảng Bình, which has no version in its paths (contract, 4.1)."""
PARAMETERS: dict[str, tuple[str, ...]] = {
    "chiTietDoanhNghiep": ("msdn",),
    "danhSachHoSoTrongNgay": ("from_ts", "to_ts", "offset", "limit"),
    "danhSachHoSo": ("from_date", "to_date", "offset", "limit"),
    "tinhTrangHoSo": ("in_journal_no",),
}
ADDRESSES = {f"{base}/{operation}": operation for base in BASES for operation in PARAMETERS}
ADDRESSES["/apiDKKD/DoanhNghiep/chiTietDoanhNghiep"] = "chiTietDoanhNghiep"  # Thanh Hoá

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
    "collapse": "recorded",  # recorded | always | never: whether a list of one arrives as its only item
    "numbers": "recorded",  # recorded | texts | numbers: how numbers, and texts of digits, arrive
    "period_days": 5,  # the longest period of danhSachHoSo, its first and last day counted
    "page_limit": 100,  # the largest `limit`
}


class BusinessRegistry:
    """The system behind the paths: its firms, its dossiers and its tokens."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        records = load(__file__)
        self._firms = FirmDesk(records["firms"], settings)
        self._dossiers = DossierDesk(records["dossiers"], settings, clock)
        self.desk = TokenDesk(settings, clock)

    async def serve(self, request: Request) -> Response:
        path = request.url.path
        if request.method == "POST" and path == self._settings.text("token_path"):
            return await self._token(request)
        operation = "chiTietDoanhNghiep" if path == self._settings.text("path") else ADDRESSES.get(path)
        if request.method != "GET" or operation is None:
            return self.desk.fault(NO_RESOURCE)
        return self._before_the_api(request) or self._answer(request, operation)

    async def list_firms(self, _: Request) -> Response:
        """Every firm on record with its legal status in the registry's words; null where the registry fails."""
        return JSONResponse(self._firms.statuses())

    async def _token(self, request: Request) -> Response:
        response = self.desk.issue(request.headers, (await request.body()).decode("utf-8", errors="replace"))
        note(request, token_request=self.desk.requests, issued=response.status_code == 200)
        return response

    def _before_the_api(self, request: Request) -> Response | None:
        """What the WSO2 gateway says in the registry's place."""
        if fault_of(request, "expire_token"):
            self.desk.revoke_all()
            return self.desk.fault(INVALID)
        if (fault := fault_of(request, "wso2")) is not None:
            return self._wso2(fault)
        if not self._settings.flag("require_token"):
            return None
        return self.desk.refusal(request.headers.get("authorization", ""))

    def _wso2(self, fault: Fault) -> Response:
        """`wso2[:code[:status]]`: 900900 with 500, unless told."""
        code, _, status = fault.argument.partition(":")
        if not (code or "0").isdecimal():
            raise FaultNotKnown(f"{fault} has no number of a fault")
        message = {"700700": "API blocked", "900906": NO_RESOURCE[1]}.get(code, "MOCK-WSO2 Unclassified failure")
        return self.desk.fault((int(code or 900900), message), Fault("wso2", status).status(500))

    def _answer(self, request: Request, operation: str) -> Response:
        try:
            if fault_of(request, "refuse"):
                raise RefusedError("MOCK-REFUSED Hệ thống từ chối yêu cầu khai thác")
            asked = _parameters(request, PARAMETERS[operation])
            found = self._found(request, operation, asked)
        except RefusedError as refused:
            found = {"Data": None, "DataCount": 0, "Status": "0", "Message": str(refused)}
        return JSONResponse(self._shaped(request, found))

    def _found(self, request: Request, operation: str, asked: Mapping[str, str]) -> Any:
        match operation:
            case "chiTietDoanhNghiep":
                return self._firms.answer(request, asked["msdn"])
            case "danhSachHoSoTrongNgay":
                return self._dossiers.today(asked)
            case "danhSachHoSo":
                return self._dossiers.period(asked)
        return self._dossiers.state(request, asked["in_journal_no"])

    def _shaped(self, request: Request, found: Any) -> Any:
        collapse = "always" if fault_of(request, "collapsed") else self._settings.text("collapse")
        return shapes.numbered(shapes.collapsed(found, collapse), self._settings.text("numbers"))


def _parameters(request: Request, names: tuple[str, ...]) -> dict[str, str]:
    """Each once and no other: MOCK-PARAMETER, since what the registry does with a strange one is UNKNOWN."""
    given = request.query_params.multi_items()
    if sorted(name for name, _ in given) != sorted(names):
        raise RefusedError(f"MOCK-PARAMETER Tham số phải gồm đúng: {', '.join(names)}")
    return dict(given)


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
