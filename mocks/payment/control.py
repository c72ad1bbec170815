"""Control paths of this mock: look at transactions, act as the payer without a browser, send any IPN."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.orders import order_of, parsed
from mocks.payment.courier import Ack, Courier
from mocks.payment.ledger import BANK, Refund, Transaction, ipn_of, local, signed
from mocks.payment.platform import Platform
from mocks.payment.rules import is_moment
from mocks.payment.settings import PaymentSettings

FORGED = "f0" * 32
MOST_COPIES = 1000


async def transactions(request: Request) -> Response:
    """Every transaction, in order of arrival."""
    platform: Platform = request.app.state.platform
    return JSONResponse({"transactions": [facts_of(found) for found in platform.ledger.by_reference.values()]})


async def transaction(request: Request) -> Response:
    """GET one transaction; POST `{"action": "pay"|"cancel"|"wait", "copies": 1, "at": …, "await": true}` acts as the
    payer.

    With `copies` 0 the IPN is lost; `at` (yyyyMMddHHmmss, local) is its ThoiGianGD in place of now; with `await` the
    answer comes after the sending, else at once.
    """
    found = request.app.state.platform.ledger.by_reference.get(request.path_params["reference"])
    if found is None:
        return JSONResponse({"error": "MOCK-UNKNOWN-REFERENCE"}, 404)
    if request.method == "POST":
        order = await order_of(request)
        copies, at = order.get("copies", 1), order.get("at", "")
        if order.get("action") not in ("pay", "cancel", "wait") or not isinstance(copies, int) or not _is_time(at):
            return refused("action is pay, cancel or wait; at is yyyyMMddHHmmss")
        sending = request.app.state.notices.act(found, order["action"], copies=copies, at=at)
        if sending is not None and order.get("await"):
            await sending
    return JSONResponse(facts_of(found))


async def ipn(request: Request) -> Response:
    """Send any IPN and report what the province answered; nothing changes in the mock.

    `MaThamChieu` names it. `set` replaces fields, `unset` leaves fields out, then it is signed: `checksum` is `valid`,
    `forged`, `missing` or the text to send; `secret` signs with another secret. `times` sends it so often at once;
    `url` sends it elsewhere than `ipn_url`.
    """
    order = await order_of(request)
    times = order.get("times", 1)
    if not isinstance(order.get("MaThamChieu"), str) or not isinstance(times, int) or not 1 <= times <= MOST_COPIES:
        return refused("MaThamChieu is a text, times is 1 to 1000")
    platform: Platform = request.app.state.platform
    courier: Courier = request.app.state.courier
    message = crafted(_base(platform, order["MaThamChieu"]), order, platform.settings)
    url = str(order.get("url", ""))
    acks = await asyncio.gather(*(courier.send(message, platform.settings, url=url) for _ in range(times)))
    return JSONResponse({"sent": message, "answers": [answer_of(ack) for ack in acks]})


async def refunds(request: Request) -> Response:
    """GET what was given back; POST `{"MaThamChieu": …, "SoTien": …, "at": …}` records one that was made by hand (F34).
    `SoTien` is all of it unless told. Nobody is notified: 1.0.6 has no message for it."""
    ledger = request.app.state.platform.ledger
    if request.method == "GET":
        return JSONResponse({"refunds": [_refund_facts(refund) for refund in ledger.refunds]})
    order = await order_of(request)
    found = ledger.by_reference.get(order.get("MaThamChieu"))
    if found is None:
        return JSONResponse({"error": "MOCK-UNKNOWN-REFERENCE"}, 404)
    amount, at = order.get("SoTien", found.amount), order.get("at", "")
    if not isinstance(amount, int) or isinstance(amount, bool) or not _is_time(at):
        return refused("SoTien is a whole number, at is yyyyMMddHHmmss")
    made = ledger.refund(found, amount, at=at)
    return refused("not paid, or not so much is left") if made is None else JSONResponse(_refund_facts(made), 201)


ROUTES = [
    Route("/_mock/transactions", transactions),
    Route("/_mock/transactions/{reference}", transaction, methods=["GET", "POST"]),
    Route("/_mock/ipn", ipn, methods=["POST"]),
    Route("/_mock/refunds", refunds, methods=["GET", "POST"]),
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
        **found.portal,
    }


def answer_of(ack: Ack) -> dict[str, Any]:
    """What the province answered, as JSON where it is."""
    return {"status": ack.status, "body": parsed(ack.text), "verdict": ack.verdict}


def refused(message: str) -> Response:
    """A control call that makes no sense."""
    return JSONResponse({"error": "MOCK-CONTROL", "message": message}, 422)


def crafted(message: dict[str, Any], order: Mapping[str, Any], settings: PaymentSettings) -> dict[str, Any]:
    """The message as ordered: `set`, `unset`, then `checksum`: `valid` (by `secret`), `forged`, `missing` or a text."""
    message.pop("MaXacThuc", None)
    message.update(order.get("set", {}))
    for name in order.get("unset", ()):
        message.pop(name, None)
    kind = str(order.get("checksum", "valid"))
    if kind == "valid":
        return signed(message, settings, secret=order.get("secret"))
    return message if kind == "missing" else {**message, "MaXacThuc": FORGED if kind == "forged" else kind}


def _refund_facts(refund: Refund) -> dict[str, Any]:
    return {
        "MaThamChieu": refund.transaction.reference,
        "MaGiaoDich": refund.transaction_id,
        "SoTien": refund.amount,
        "ThoiGianGD": refund.at,
    }


def _is_time(at: object) -> bool:
    return isinstance(at, str) and (not at or is_moment(at))


def _base(platform: Platform, reference: str) -> dict[str, Any]:
    """The true IPN of a known transaction, told as paid; for an unknown reference, a plausible one."""
    settings = platform.settings
    found = platform.ledger.by_reference.get(reference)
    true = ipn_of(found, settings) if found is not None else {}
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
