"""The population database: look-up and verification of citizens over SOAP 1.1, and the JSON facades before it.

Source: contract page `population_and_business.md`, 3, 5 and 7. The SOAP paths are ours: the real ones are UNKNOWN.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.clock import Clock, utc_now
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings
from mocks.population import credentials, inquiry, records, replies
from mocks.population.facades import Facades
from mocks.population.fields import LOOKUP, OPERATIONS, RELATIVES, VERIFY, VERIFY_B
from mocks.population.refusals import Refusal, malformed
from mocks.population.register import Register

PORT = 7101
FAULTS = ("refuse", "xroad_error", "xroad_fault", "other_number", "several", "bad_boolean")
MESSAGE_PATH, BODY_PATH = "/apiCSDLDanCu/ChiaSeThongTinCongDan", "/o/rest/v2/qldc"

DEFAULTS: dict[str, object] = {
    "paths": {name: f"/csdldc/{name}" for name in OPERATIONS},  # MOCK-PATHS
    "credentials": "hash",  # hash | none: as behind an LGSP that proves itself upstream
    "sv_url": {name: f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{name}" for name in OPERATIONS},
    "username": "demo_user",
    "secret": "demo_secret",
    "timestamp_unit": "ms",  # ms | s
    "clock_skew_s": 0.0,  # 0: any time stamp will do; the real limit is UNKNOWN
    "x_road_client": "",  # when set, the header must be this
    "api_key": "",  # when set, the header ApiKey must be this
    "esb_source_type": "",  # when set, the header ESB_SOURCE_TYPE must be this
    "esb_source_username": "",  # when set, the header ESB_SOURCE_USERNAME must be this
    "auth_hash": {},  # MaCanBo to keyName:keyPass; when set, the header AuthHash must be the officer's own
    "accept_text_xml": False,
    "soap_action": "any",  # any: empty or absent | empty | absent
    "ma_tich_hop": {LOOKUP: "037", VERIFY: "003", VERIFY_B: "033", RELATIVES: "MOCK-NT"},  # the last is UNKNOWN
    "permitted_ma_dvc": [],  # empty: every procedure code is licensed
    "permitted_officers": [],  # empty: everybody may ask
    "require_profile": False,  # MaDonVi, TaiKhoan and SoDienThoai are mandatory
    "name_form": "stripped",  # stripped | upper | any
    "date_format": "yyyyMMdd",  # yyyyMMdd | yyyy-MM-dd
    "refuse_repeated_request_id": False,  # the real rule is UNKNOWN
    "lookup_by_number": False,  # MOCK-LOOKUP-BY-NUMBER for everybody
    "verify_b_reply": "KetQuaXacThucResponse",  # or XacThucThongTinCongDanResponse
    "reply_shape": "received",  # received | qcvn
    "reply_type": "application/xml",
    "success_code": "MOCK-00",  # error_code of the facade that carries SOAP in message; the real values are UNKNOWN
    "not_found": "empty_collection",  # empty_collection | nameless
    "omit": [],  # elements of CongDan left out, as for a caller who may not see them
}


class Population:
    """The SOAP side: one path for each operation."""

    def __init__(self, register: Register, settings: Settings, clock: Clock) -> None:
        self._register = register
        self._settings = settings
        self._clock = clock

    async def serve(self, request: Request) -> Response:
        """One SOAP call. Everything that is not an answer is a Fault of ours (see `refusals`)."""
        try:
            response = await self._answer(request)
        except Refusal as refusal:
            note(request, refused=refusal.code)
            headers = {"WWW-Authenticate": "Basic"} if refusal.status == 401 else {}
            body = replies.soap_fault(refusal.code, refusal.reason)
            response = Response(body, refusal.status, headers=headers, media_type=self._settings.text("reply_type"))
        response.headers.update(_xroad_headers(request.headers))
        return response

    async def _answer(self, request: Request) -> Response:
        if error := replies.xroad_error(request):
            return error
        if fault := fault_of(request, "xroad_fault"):
            return replies.xroad_fault(fault.argument)
        operation = self._operation(request.url.path)
        note(request, operation=operation)
        credentials.check(request.headers, operation, settings=self._settings, now=self._clock())
        self._check_headers(request.headers)
        asked = inquiry.read(await request.body(), operation, self._settings)
        credentials.check_officer(request.headers, asked.officer, settings=self._settings)
        answer = self._register.answer(request, asked)
        return Response(replies.written(answer), media_type=self._settings.text("reply_type"))

    def _operation(self, path: str) -> str:
        for operation, its_path in self._settings.table("paths").items():
            if path == its_path:
                return operation
        raise Refusal(404, "MOCK-404-PATH", "no operation has this path")

    def _check_headers(self, headers: Mapping[str, str]) -> None:
        """`application/xml` in UTF-8 and an empty SOAPAction or none (3.2)."""
        media_type, _, parameters = headers.get("content-type", "").lower().partition(";")
        accepted = {"application/xml"} | ({"text/xml"} if self._settings.flag("accept_text_xml") else set())
        charset = parameters.strip().removeprefix("charset=").strip('"')
        if media_type.strip() not in accepted or charset not in ("", "utf-8"):
            raise Refusal(415, "MOCK-CONTENT-TYPE", "Content-Type must be application/xml in UTF-8")
        action, wanted = headers.get("soapaction"), self._settings.text("soap_action")
        is_as_wanted = wanted == "any" or (wanted == "absent") == (action is None)
        if (action or "").strip('"') or not is_as_wanted:
            raise malformed("MOCK-SOAPACTION", f"SOAPAction must be empty ({wanted})")


def create_app(settings: Mapping[str, object] | None = None, *, clock: Clock = utc_now) -> Starlette:
    switches = Settings(DEFAULTS, settings)
    register = Register(records.people(load(__file__)["people"]), switches, clock)
    facades = Facades(register, switches)
    routes = [
        Route(MESSAGE_PATH, facades.message, methods=["POST"]),
        Route(BODY_PATH, facades.body, methods=["POST"]),
        Route("/{path:path}", Population(register, switches, clock).serve, methods=["POST"]),
    ]
    return build(routes, name="population", settings=switches, faults=FAULTS, reset=register.forget)


def _xroad_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """What a security server adds when the caller names itself (5.1); X-Road-Request-Hash is left out."""
    if "x-road-client" not in headers:
        return {}
    return {
        "X-Road-Client": headers["x-road-client"],
        "X-Road-Id": headers.get("x-road-id") or str(uuid.uuid4()),
        "X-Road-Request-Id": str(uuid.uuid4()),
    }


if __name__ == "__main__":
    sys.exit(alone.main(["population", *sys.argv[1:]]))
