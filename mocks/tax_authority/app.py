"""The tax authority: takes the summary of receipts 01/TH-BLDT, one message at a time, and keeps a book of them.

Source: contract page payment, 6 and 7, for what a receipt holds. How it goes over the wire is in no source: MOCK-TAX.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings
from mocks.tax_authority.book import FORM, Book, RefusedError

PORT = 7111
FAULTS = ("refuse", "maintenance", "other_message")
SUBMIT = "/MOCK-TAX/bang-tong-hop"
NUMBER, STATUS = "MOCK-TAX-MaThongDiep", "MOCK-TAX-TrangThai"
FIELDS = {NUMBER, "MOCK-TAX-MauBieu", "MOCK-TAX-DonViGui", "MOCK-TAX-DanhSachBienLai"}

DEFAULTS: dict[str, object] = {
    "token": "MOCK-TAX-token",
    "sender": "DEMO-H99",
    "closed": False,  # true: every call is told that the authority takes nothing now
}


class TaxAuthority:
    """The system behind the path."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._records = load(__file__)
        self._book = Book(self._records["unregistered"])
        self._messages: dict[str, tuple[Any, dict[str, str]]] = {}

    def forget(self) -> None:
        self._book = Book(self._records["unregistered"])
        self._messages = {}

    async def submit(self, request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._settings.text('token')}".encode()):
            return JSONResponse({"MOCK-TAX-MoTaLoi": "Chưa xác thực"}, status_code=401)
        if self._settings.flag("closed") or fault_of(request, "maintenance"):
            return JSONResponse({STATUS: "MOCK-TAX-BAO-TRI"})
        try:
            message = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"MOCK-TAX-MoTaLoi": "Bản tin không phải JSON"}, status_code=400)
        if not isinstance(message, dict) or not isinstance(message.get(NUMBER), str):
            return JSONResponse({"MOCK-TAX-MoTaLoi": "Thiếu số bản tin"}, status_code=400)
        answer = self._refusal() if fault_of(request, "refuse") else self._answer(request, message)
        told = "MOCK-TAX-KHAC" if fault_of(request, "other_message") else message[NUMBER]
        return JSONResponse({NUMBER: told, **answer})

    async def receipts(self, _: Request) -> Response:
        """Every receipt that was taken, in order, and how often each was sent."""
        return JSONResponse(self._book.listed())

    def _answer(self, request: Request, message: Mapping[str, Any]) -> dict[str, str]:
        """A repeat gets the first answer; the same number with other content is refused, whatever it says."""
        number = message[NUMBER]
        try:
            if number in self._messages:
                before, answer = self._messages[number]
                note(request, repeated=True)
                if before != message:
                    raise RefusedError("MOCK-TAX-TRUNG-SO", "Số bản tin đã dùng cho nội dung khác")
                self._book.repeat(message["MOCK-TAX-DanhSachBienLai"])
                return answer
            self._take(message)
        except RefusedError as refused:
            note(request, refused=refused.code)
            return self._refusal(refused)
        answer = {STATUS: "MOCK-TAX-TIEP-NHAN", "MOCK-TAX-SoTiepNhan": f"MOCK-TAX-{len(self._messages) + 1:06d}"}
        self._messages[number] = message, answer
        note(request, taken=len(message["MOCK-TAX-DanhSachBienLai"]))
        return answer

    def _take(self, message: Mapping[str, Any]) -> None:
        if message.keys() != FIELDS:
            raise RefusedError("MOCK-TAX-CAU-TRUC", "Cấu trúc bản tin không đúng")
        if (message["MOCK-TAX-MauBieu"], message["MOCK-TAX-DonViGui"]) != (FORM, self._settings.text("sender")):
            raise RefusedError("MOCK-TAX-MAU-BIEU", "Sai mẫu biểu hoặc đơn vị gửi")
        self._book.take(message["MOCK-TAX-DanhSachBienLai"])

    def _refusal(self, refused: RefusedError | None = None) -> dict[str, str]:
        code, reason = (refused.code, refused.reason) if refused else ("MOCK-TAX-99", "Từ chối theo kịch bản")
        return {STATUS: "MOCK-TAX-TU-CHOI", "MOCK-TAX-MaLoi": code, "MOCK-TAX-MoTaLoi": reason}


def create_app(settings: Mapping[str, object] | None = None) -> Starlette:
    switches = Settings(DEFAULTS, settings)
    system = TaxAuthority(switches)
    routes = [
        Route(SUBMIT, system.submit, methods=["POST"]),
        Route("/_mock/receipts", system.receipts, methods=["GET"]),
    ]
    return build(routes, name="tax_authority", settings=switches, faults=FAULTS, reset=system.forget)


if __name__ == "__main__":
    sys.exit(alone.main(["tax_authority", *sys.argv[1:]]))
