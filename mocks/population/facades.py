"""The JSON facades over the same register: Thanh Hoá's, which carries SOAP in `message`, and OpenCPS's (contract, 3.6).

Both verify, too, although only the look-up was seen: MOCK-FACADE-VERIFY, chosen by `MaTichHop` or by `type`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mocks._kit.app import note
from mocks._kit.settings import Settings
from mocks.population import fields, replies
from mocks.population.fields import LOOKUP, VERIFY, Inquiry
from mocks.population.refusals import Refusal, malformed
from mocks.population.register import Answer, Register

MESSAGE_KEYS = (
    "HoVaTen", "SoDinhDanh", "SoCMND", "NgayThangNam", "Nam", "MaTichHop", "MaDVC", "MaCanBo", "MaYeuCau",
)  # fmt: skip
OWN_CODES = {"MaDVC": "001", "GovAgencyCode": "002", "StaffEmail": "003"}
"""OpenCPS's: what is missing."""
PROCEDURE_NOT_LICENSED, OFFICER_NOT_ALLOWED = "004", "005"


class Facades:
    """Two paths; neither shows credentials of its own, as far as a consumer could see."""

    def __init__(self, register: Register, settings: Settings) -> None:
        self._register = register
        self._settings = settings

    async def message(self, request: Request) -> Response:
        """Thanh Hoá. The real values of `error_code` are UNKNOWN: `success_code` is ours, and so are the refusals."""
        if error := replies.xroad_error(request):
            return error
        code, text, status = self._settings.text("success_code"), "", 200
        try:
            asked = self._from_message(_object(request.headers, await request.body()))
            note(request, operation=asked.operation)
            text = replies.written(self._register.answer(request, asked)).decode()
        except Refusal as refusal:
            note(request, refused=refusal.code)
            code, text = refusal.code, refusal.reason
            status = refusal.status if refusal.status > 400 else 200
        return JSONResponse({"error_code": code, "message": text}, status)

    async def body(self, request: Request) -> Response:
        """OpenCPS: the XML turned into JSON, or HTTP 400 with a code of its own."""
        if error := replies.xroad_error(request):
            return error
        try:
            asked = self._from_opencps(_object(request.headers, await request.body()))
            note(request, operation=asked.operation)
            answer = self._register.answer(request, asked)
        except Refusal as refusal:
            code = OFFICER_NOT_ALLOWED if refusal.code == "MOCK-NOT-PERMITTED" else refusal.code
            note(request, refused=code)
            return JSONResponse({"message": "Error", "errorCode": code}, 400)
        return JSONResponse({"Header": "", "Body": {answer.element: _as_json(answer)}})

    def _from_message(self, texts: dict[str, str]) -> Inquiry:
        if set(texts) != set(MESSAGE_KEYS):
            raise malformed("MOCK-KEYS", f"the keys are {', '.join(MESSAGE_KEYS)}")
        missing = [name for name in ("HoVaTen", "MaTichHop", "MaDVC", "MaCanBo", "MaYeuCau") if not texts[name]]
        given = [name for name in ("NgayThangNam", "Nam") if texts[name]]
        if missing or len(given) != 1:
            raise malformed("MOCK-MISSING", f"missing or empty: {', '.join(missing) or 'NgayThangNam or Nam'}")
        numbers = self._settings.table("ma_tich_hop")
        operation = VERIFY if texts["MaTichHop"] == numbers[VERIFY] else LOOKUP
        fields.check_codes(texts, operation, self._settings)
        fields.check_person(texts, self._settings, both=True)
        return fields.inquiry(texts, operation, born=fields.born(given[0], texts[given[0]], self._settings))

    def _from_opencps(self, texts: dict[str, str]) -> Inquiry:
        for name, code in OWN_CODES.items():
            if not texts.get(name):
                raise Refusal(400, code, f"{name} is missing")
        operation = texts.get("type", "")
        missing = [name for name in ("MaYeuCau", "MaTichHop", "HoVaTen", "NgayThangNamSinh") if not texts.get(name)]
        if operation not in (LOOKUP, VERIFY) or missing:
            raise malformed("MOCK-MISSING", f"missing or not known: {', '.join(missing) or 'type'}")
        licensed = self._settings.texts("permitted_ma_dvc")
        if licensed and texts["MaDVC"] not in licensed:
            raise Refusal(400, PROCEDURE_NOT_LICENSED, "the procedure is not licensed")
        texts["MaCanBo"] = texts["StaffEmail"]
        fields.check_codes(texts, operation, self._settings)
        fields.check_person(texts, self._settings, both=False)
        told = texts["NgayThangNamSinh"]
        born = fields.born("Nam" if len(told) == 4 else "NgayThangNam", told, self._settings)
        return fields.inquiry(texts, operation, born=born)


def _object(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """A JSON object of texts, sent as JSON."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "MOCK-CONTENT-TYPE", "Content-Type must be application/json")
    try:
        found = json.loads(body.decode("utf-8"))
    except ValueError as exc:
        raise malformed("MOCK-JSON", "the body is not JSON in UTF-8") from exc
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise malformed("MOCK-JSON", "the body is not a JSON object of texts")
    return found


def _as_json(answer: Answer) -> Any:
    """MOCK-XML-TO-JSON, ours where the page is silent: an empty element is an empty text, one item is no list, and
    attributes stand among the children."""
    content = {**answer.attributes, **{name: _collapsed(item) for name, item in answer.content.items()}}
    return content or ""


def _collapsed(item: Any) -> Any:
    return item[0] if isinstance(item, list) and len(item) == 1 else item
