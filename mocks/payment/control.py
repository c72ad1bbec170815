"""Control paths of this mock: look at transactions, act as the payer without a browser, send any IPN."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks.payment.courier import Courier
from mocks.payment.ledger import BANK, Transaction, ipn_of, local, signed
from mocks.payment.platform import Platform
from mocks.payment.settings import PaymentSettings

FORGED = "f0" * 32
MOST_COPIES = 1000


async def transactions(request: Request) -> Response:
    """Every transaction, in order of arrival."""
    platform: Platform = request.app.state.platform
    return JSONResponse({"transactions": [facts_of(found) for found in platform.ledger.by_reference.values()]})


async def transaction(request: Request) -> Response:
    """GET one transaction; POST `{"action": "pay"|"cancel"|"wait", "copies": 1, "await": true}` acts as the payer.

    With `copies` 0 the IPN is lost; with `await` the answer comes after the sending, else at once.
    """
    found = request.app.state.platform.ledger.by_reference.get(request.path_params["reference"])
    if found is None:
        return JSONResponse({"error": "MOCK-UNKNOWN-REFERENCE"}, 404)
    if request.method == "POST":
        order = await _order(request)
        copies = order.get("copies", 1)
        if order.get("action") not in ("pay", "cancel", "wait") or not isinstance(copies, int):
            return JSONResponse({"error": "MOCK-CONTROL", "message": "action is pay, cancel or wait"}, 422)
        sending = request.app.state.notices.act(found, order["action"], copies=copies)
        if sending is not None and order.get("await"):
            await sending
    return JSONResponse(facts_of(found))


async def ipn(request: Request) -> Response:
    """Send any IPN and report what the province answered; nothing changes in the mock.

    `MaThamChieu` names it. `set` replaces fields, `unset` leaves fields out, then it is signed: `checksum` is `valid`,
    `forged`, `missing` or the text to send; `secret` signs with another secret. `times` sends it so often at once;
    `url` sends it elsewhere than `ipn_url`.
    """
    order = await _order(request)
    times = order.get("times", 1)
    if not isinstance(order.get("MaThamChieu"), str) or not isinstance(times, int) or not 1 <= times <= MOST_COPIES:
        return JSONResponse({"error": "MOCK-CONTROL", "message": "MaThamChieu is a text, times is 1 to 1000"}, 422)
    platform: Platform = request.app.state.platform
    courier: Courier = request.app.state.courier
    message = _crafted(platform, order)
    url = str(order.get("url", ""))
    acks = await asyncio.gather(*(courier.send(message, platform.settings, url=url) for _ in range(times)))
    answers = [{"status": ack.status, "body": _parsed(ack.text), "verdict": ack.verdict} for ack in acks]
    return JSONResponse({"sent": message, "answers": answers})


ROUTES = [
    Route("/_mock/transactions", transactions),
    Route("/_mock/transactions/{reference}", transaction, methods=["GET", "POST"]),
    Route("/_mock/ipn", ipn, methods=["POST"]),
]


def facts_of(found: Transaction) -> dict[str, Any]:
    """A transaction as JSON. `ipns` are the sendings with their verdicts, in order."""
    return {
        "MaThamChieu": found.reference,
        "MaDoiTac": found.init["MaDoiTac"],
        "SoTien": found.amount,
        "MaTienTe": found.init["MaTienTe"],
        "TrangThaiGD": found.state.value,
        "MaGiaoDich": found.transaction_id,
        "ThoiGianINIT": found.init["ThoiGianGD"],
        "ThoiGianGD": found.settled_at,
        "waiting": found.waiting,
        "queries": found.queries,
        "pay_path": f"/pp/pay/{found.token}",
        "ipns": found.ipns,
    }


def _crafted(platform: Platform, order: Mapping[str, Any]) -> dict[str, Any]:
    settings = platform.settings
    message = {**_base(platform, order["MaThamChieu"], settings), **order.get("set", {})}
    for name in order.get("unset", ()):
        message.pop(name, None)
    kind = str(order.get("checksum", "valid"))
    if kind == "valid":
        return signed(message, settings, secret=order.get("secret"))
    return message if kind == "missing" else {**message, "MaXacThuc": FORGED if kind == "forged" else kind}


def _base(platform: Platform, reference: str, settings: PaymentSettings) -> dict[str, Any]:
    """The true IPN of a known transaction, told as paid; for an unknown reference, a plausible one."""
    found = platform.ledger.by_reference.get(reference)
    true = ipn_of(found, settings) if found is not None else {}
    true.pop("MaXacThuc", None)
    now = local(platform.now())
    return {
        "LoaiBanTin": settings.ipn_literal,
        "MaDoiTac": next(iter(settings.partners)),
        "MaThamChieu": reference,
        "SoTien": 150000,
        "MaTienTe": "VND",
        "MaNganHang": BANK,
        "ThongTinGiaoDich": "MOCK GIAO DICH",
        **true,
        "MaLoi": "00",
        "MaGiaoDich": true.get("MaGiaoDich") or f"PP{now[2:8]}999999",
        "ThoiGianGD": true.get("ThoiGianGD") or now,
    }


async def _order(request: Request) -> dict[str, Any]:
    value = _parsed((await request.body()).decode("utf-8", errors="replace"))
    return value if isinstance(value, dict) else {}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
