"""The mock: bills, refunds and the file of a day, all in memory."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.app import build, fault_of, note
from mocks._kit.clock import Clock, utc_now
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings

PORT = 7199
COLUMNS = 22
Document = Mapping[str, Any]
Answer = tuple[int, dict[str, Any]]
NOT_FOUND: Answer = (404, {"MOCK_MaLoi": "MOCK-NOT-FOUND"})


def refused(code: str) -> Answer:
    return 200, {"MOCK_TrangThai": "FAILED", "MOCK_MaLoi": code}


class Platform:
    """Bills by MaHoaDon, refunds by their own id, and every answer by x-request-id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.forget()

    def forget(self) -> None:
        self.bills = {known["MaHoaDon"]: {**known, "MOCK_TrangThai": "SUCCESS"} for known in load(__file__)["paid"]}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.answers: dict[tuple[str, str], tuple[Document, Answer]] = {}

    def create(self, told: Document) -> Answer:
        """A duplicate active bill is refused (section 3)."""
        if told["MaHoaDon"] in self.bills:
            return refused("MOCK-DUPLICATE-BILL")
        if sum(line["MOCK_SoTien"] for line in told["DanhSachKhoanNop"]) != told["MOCK_SoTien"]:
            return refused("MOCK-LINES")
        self.bills[told["MaHoaDon"]] = {**told, "MOCK_TrangThai": "PENDING", "MaGiaoDich": "", "MOCK_ThoiGian": ""}
        url = f"https://tttt.mock.example.vn/p/{told['MaHoaDon']}"
        expiry = "MOCK-EXPIRY"
        taken = {"MOCK_TrangThai": "SUCCESS", "MaHoaDon": told["MaHoaDon"], "MOCK_HetHan": expiry}
        return 200, {**taken, "MOCK_UrlThanhToan": url}

    def status(self, told: Document) -> Answer:
        bill = self.bills.get(told["MaHoaDon"])
        return NOT_FOUND if bill is None else (200, {**bill, "MOCK_MaTienTe": "VND"})

    def refund(self, told: Document) -> Answer:
        """In full or in part; all refunds together are never more than was paid."""
        bill = self.bills.get(told["MaHoaDon"])
        if bill is None or bill["MOCK_TrangThai"] != "SUCCESS" or bill["MaGiaoDich"] != told["MaGiaoDich"]:
            return refused("MOCK-NOT-PAID")
        before = [refund for refund in self.refunds.values() if refund["MaHoaDon"] == told["MaHoaDon"]]
        if sum(refund["MOCK_SoTien"] for refund in (*before, told)) > bill["MOCK_SoTien"]:
            return refused("MOCK-TOO-MUCH")
        number = f"HT{len(self.refunds) + 1:06d}"
        made = {**told, "MOCK_TrangThai": "SUCCESS", "MOCK_MaGiaoDichHoan": number, "MOCK_ThoiGian": self.moment()}
        self.refunds[told["MOCK_MaHoanTien"]] = made
        return 200, made

    def refund_status(self, told: Document) -> Answer:
        refund = self.refunds.get(told["MOCK_MaHoanTien"])
        return NOT_FOUND if refund is None else (200, refund)

    def day(self, told: Document) -> Answer:
        """Type 1: base64 of the lines and their summary."""
        lines = [self._line(bill, "COLLECTION", bill["MaGiaoDich"]) for bill in self.bills.values()]
        lines += [self._line(refund, "REFUND", refund["MOCK_MaGiaoDichHoan"]) for refund in self.refunds.values()]
        kept = [line for line in lines if line[6].startswith(told["MOCK_Ngay"]) and line[3] != "PENDING"]
        texts = ["|".join(line) for line in kept]
        checksum = hashlib.sha256("\n".join(texts).encode()).hexdigest()
        summary = f"{len(kept)}|{sum(int(line[4]) for line in kept)}|{checksum}"
        return 200, {"MOCK_NoiDung": base64.b64encode("\n".join([*texts, summary]).encode()).decode()}

    def moment(self) -> str:
        return self._clock().strftime("%Y%m%d%H%M%S")

    def _line(self, of: Document, kind: str, number: str) -> list[str]:
        facts = [number, of["MaHoaDon"], kind, of["MOCK_TrangThai"], str(of["MOCK_SoTien"]), "VND", of["MOCK_ThoiGian"]]
        return [*facts, *[""] * (COLUMNS - len(facts))]


def answering(take: Callable[[Platform], Callable[[Document], Answer]]) -> Callable[[Request], Any]:
    """The same x-request-id with the same content gets the same answer; with other content, a conflict."""

    async def endpoint(request: Request) -> Response:
        platform: Platform = request.app.state.platform
        told = json.loads(await request.body())
        key = request.url.path, request.headers["x-request-id"]
        if fault_of(request, "refuse"):
            return JSONResponse(refused("MOCK-REFUSE")[1])
        before = platform.answers.get(key)
        if before is None:
            before = platform.answers[key] = told, take(platform)(told)
        note(request, request_id=key[1])
        status, body = before[1] if before[0] == told else (409, {"MOCK_MaLoi": "MOCK-OTHER-CONTENT"})
        return JSONResponse(body, status, headers={"x-request-signature": "MOCK-SIGNATURE"})

    return endpoint


async def pay(request: Request) -> Response:
    platform: Platform = request.app.state.platform
    told = json.loads(await request.body())
    number = f"GD{len(platform.bills):06d}"
    paid = {"MOCK_TrangThai": told["state"], "MaGiaoDich": number, "MOCK_ThoiGian": platform.moment()}
    platform.bills[told["MaHoaDon"]].update(paid)
    return JSONResponse(paid)


def create_app(settings: Mapping[str, object] | None = None, *, clock: Clock = utc_now) -> Starlette:
    platform = Platform(clock)
    calls: Mapping[str, Callable[[Platform], Callable[[Document], Answer]]] = {
        "transactions": lambda own: own.create,
        "status": lambda own: own.status,
        "refunds": lambda own: own.refund,
        "refund-status": lambda own: own.refund_status,
        "reconciliation": lambda own: own.day,
    }
    routes = [Route(f"/MOCK-tttt/{path}", answering(take), methods=["POST"]) for path, take in calls.items()]
    routes.append(Route("/_mock/pay", pay, methods=["POST"]))
    kept = Settings({}, settings)
    app = build(routes, name="tttt_2026", settings=kept, faults=("refuse",), reset=platform.forget)
    app.state.platform = platform
    return app
