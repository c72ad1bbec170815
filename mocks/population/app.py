"""The population database: `TraCuuThongTinCongDan` (look-up) and `XacThucThongTinCongDan` (verification) over SOAP 1.1.

Source: contract page `population_and_business.md`, 3, 5 and 7. The paths are ours: the real ones are UNKNOWN.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Mapping
from typing import Any

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
from mocks.population.inquiry import LOOKUP, OPERATIONS, VERIFY, Inquiry
from mocks.population.refusals import Refusal, malformed, not_permitted

PORT = 7101
FAULTS = ("refuse", "xroad_error", "xroad_fault")

DEFAULTS: dict[str, object] = {
    "paths": {name: f"/csdldc/{name}" for name in OPERATIONS},  # MOCK-PATHS
    "sv_url": {name: f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{name}" for name in OPERATIONS},
    "username": "demo_user",
    "secret": "demo_secret",
    "timestamp_unit": "ms",  # ms | s
    "clock_skew_s": 0.0,  # 0: any time stamp will do; the real limit is UNKNOWN
    "x_road_client": "",  # when set, the header must be this
    "api_key": "",  # when set, the header ApiKey must be this
    "accept_text_xml": False,
    "ma_tich_hop": {LOOKUP: "037", VERIFY: "003"},
    "permitted_ma_dvc": [],  # empty: every procedure code is licensed
    "name_form": "stripped",  # stripped | any
    "date_format": "yyyyMMdd",  # yyyyMMdd | yyyy-MM-dd
    "refuse_repeated_request_id": False,  # the real rule is UNKNOWN
    "lookup_by_number": False,  # MOCK-LOOKUP-BY-NUMBER for everybody
    "reply_shape": "received",  # received | qcvn
    "reply_type": "application/xml",
    "not_found": "empty_collection",  # empty_collection | nameless
    "omit": [],  # elements of CongDan left out, as for a caller who may not see them
}


class Population:
    """The system behind the paths: its people, and the request ids it has seen."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._people = records.people(load(__file__)["people"])
        self._seen: set[str] = set()

    def forget(self) -> None:
        self._seen.clear()

    async def serve(self, request: Request) -> Response:
        """One SOAP call. Everything that is not an answer is a Fault of ours (see `refusals`)."""
        try:
            response = await self._answer(request)
        except Refusal as refusal:
            note(request, refused=refusal.code)
            headers = {"WWW-Authenticate": "Basic"} if refusal.status == 401 else {}
            body = replies.fault(refusal.code, refusal.reason)
            response = Response(body, refusal.status, headers=headers, media_type=self._settings.text("reply_type"))
        response.headers.update(_xroad_headers(request.headers))
        return response

    async def _answer(self, request: Request) -> Response:
        if fault := fault_of(request, "xroad_error"):
            return replies.xroad_error(fault.argument, request.headers.get("accept", ""))
        if fault := fault_of(request, "xroad_fault"):
            return replies.xroad_fault(fault.argument)
        operation = self._operation(request.url.path)
        note(request, operation=operation)
        credentials.check(request.headers, operation, settings=self._settings, now=self._clock())
        self._check_headers(request.headers)
        asked = inquiry.read(await request.body(), operation, self._settings)
        self._remember(request, asked)
        if fault := fault_of(request, "refuse"):
            raise not_permitted(fault.status(200))
        body = self._verify(request, asked) if operation == VERIFY else self._lookup(request, asked)
        return Response(body, media_type=self._settings.text("reply_type"))

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
        if headers.get("soapaction", "").strip('"'):
            raise malformed("MOCK-SOAPACTION", "SOAPAction must be empty")

    def _remember(self, request: Request, asked: Inquiry) -> None:
        repeated = asked.request_id in self._seen
        self._seen.add(asked.request_id)
        note(request, request_id=asked.request_id, repeated_request_id=repeated)
        if repeated and self._settings.flag("refuse_repeated_request_id"):
            raise malformed("MOCK-REPEATED", "MaYeuCau was used before")

    def _verify(self, request: Request, asked: Inquiry) -> bytes:
        exists = any(person.matches(asked) for person in self._people)
        note(request, exists=exists)
        return replies.verified(exists)

    def _lookup(self, request: Request, asked: Inquiry) -> bytes:
        by_number = self._settings.flag("lookup_by_number")
        found = next(
            (
                person.record
                for person in self._people
                if person.matches(asked) or ((person.by_number or by_number) and person.is_meant(asked))
            ),
            None,
        )
        note(request, found=found is not None)
        return self._collection(found)

    def _collection(self, record: Mapping[str, Any] | None) -> bytes:
        """The reply in the shape that the switches ask for."""
        is_qcvn = self._settings.text("reply_shape") == "qcvn"
        attributes = replies.qcvn_attributes(1 if record else 0, self._clock()) if is_qcvn else {}
        if record is None:
            nameless = {"HoVaTen": {"Ho": "", "ChuDem": "", "Ten": ""}}
            return replies.collection(nameless if self._settings.text("not_found") == "nameless" else None, attributes)
        shown = replies.qcvn(record) if is_qcvn else record
        omitted = self._settings.texts("omit")
        return replies.collection({name: item for name, item in shown.items() if name not in omitted}, attributes)


def create_app(settings: Mapping[str, object] | None = None, *, clock: Clock = utc_now) -> Starlette:
    switches = Settings(DEFAULTS, settings)
    system = Population(switches, clock)
    route = Route("/{path:path}", system.serve, methods=["POST"])
    return build([route], name="population", settings=switches, faults=FAULTS, reset=system.forget)


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
