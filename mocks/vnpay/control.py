"""Control paths of this mock: look at transactions, act as the payer without a browser, send any IPN."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.orders import order_of, parsed
from mocks.vnpay import checksum
from mocks.vnpay.courier import Courier
from mocks.vnpay.ledger import BANK, Transaction, ipn_of, local, signed
from mocks.vnpay.notices import ACTIONS
from mocks.vnpay.platform import Platform

FORGED = "f0" * 64
MOST_COPIES = 1000


async def transactions(request: Request) -> Response:
    """Every transaction, in order of arrival."""
    platform: Platform = request.app.state.platform
    return JSONResponse({"transactions": [facts_of(found) for found in platform.ledger.by_reference.values()]})


async def transaction(request: Request) -> Response:
    """GET one transaction; POST `{"action": "pay", "copies": 1, "await": true}` acts as the payer, the bank or VNPAY.

    With `copies` 0 the IPN is lost; with `await` the answer comes after the sending, else at once.
    """
    found = request.app.state.platform.ledger.by_reference.get(request.path_params["reference"])
    if found is None:
        return JSONResponse({"error": "MOCK-UNKNOWN-REFERENCE"}, 404)
    if request.method == "POST":
        order = await order_of(request)
        copies = order.get("copies", 1)
        if order.get("action") not in ACTIONS or not isinstance(copies, int):
            return JSONResponse({"error": "MOCK-CONTROL", "message": f"action is one of {', '.join(ACTIONS)}"}, 422)
        sending = request.app.state.notices.act(found, order["action"], copies=copies)
        if sending is not None and order.get("await"):
            await sending
    return JSONResponse(facts_of(found))


async def ipn(request: Request) -> Response:
    """Send any IPN and report what the merchant answered; nothing changes in the mock.

    `vnp_TxnRef` names it. `set` replaces parameters, `unset` leaves some out, then it is signed: `checksum` is `valid`,
    `forged`, `missing` or the text to send; `secret` signs with another secret. `times` sends it so often at once;
    `url` sends it elsewhere than `ipn_url`.
    """
    order = await order_of(request)
    times = order.get("times", 1)
    if not isinstance(order.get("vnp_TxnRef"), str) or not isinstance(times, int) or not 1 <= times <= MOST_COPIES:
        return JSONResponse({"error": "MOCK-CONTROL", "message": "vnp_TxnRef is a text, times is 1 to 1000"}, 422)
    platform: Platform = request.app.state.platform
    courier: Courier = request.app.state.courier
    parameters = _crafted(platform, order)
    url = str(order.get("url", ""))
    acks = await asyncio.gather(*(courier.send(parameters, platform.settings, url=url) for _ in range(times)))
    answers = [{"status": ack.status, "body": parsed(ack.text), "verdict": ack.verdict} for ack in acks]
    return JSONResponse({"sent": parameters, "answers": answers})


ROUTES = [
    Route("/_mock/transactions", transactions),
    Route("/_mock/transactions/{reference}", transaction, methods=["GET", "POST"]),
    Route("/_mock/ipn", ipn, methods=["POST"]),
]


def facts_of(found: Transaction) -> dict[str, Any]:
    """A transaction as JSON. `ipns` are the sendings with their verdicts, in order; `amount` is in đồng."""
    return {
        "vnp_TxnRef": found.reference,
        "vnp_TmnCode": found.pay["vnp_TmnCode"],
        "amount": found.amount,
        "vnp_ResponseCode": found.state.value,
        "vnp_TransactionStatus": found.status,
        "vnp_TransactionNo": found.number,
        "vnp_CreateDate": found.pay["vnp_CreateDate"],
        "vnp_PayDate": found.settled_at,
        "waiting": found.waiting,
        "refunded": found.refunded,
        "refunds": [
            {"request_id": each.request_id, "kind": each.kind, "amount": each.amount, "status": each.status}
            for each in found.refunds
        ],
        "pay_path": f"/MOCK-pay/{found.token}",
        "ipns": found.ipns,
    }


def _crafted(platform: Platform, order: Mapping[str, Any]) -> dict[str, str]:
    settings = platform.settings
    changed = {name: str(value) for name, value in order.get("set", {}).items()}
    parameters = {**_base(platform, order["vnp_TxnRef"]), **changed}
    for name in order.get("unset", ()):
        parameters.pop(name, None)
    kind = str(order.get("checksum", "valid"))
    if kind == "valid":
        return signed(parameters, settings, secret=order.get("secret"))
    return parameters if kind == "missing" else {**parameters, checksum.FIELD: FORGED if kind == "forged" else kind}


def _base(platform: Platform, reference: str) -> dict[str, str]:
    """The true IPN of a known transaction, told as paid; for an unknown reference, a plausible one."""
    found = platform.ledger.by_reference.get(reference)
    true = ipn_of(found, platform.settings) if found is not None else {}
    true.pop(checksum.FIELD, None)
    known_number = true.get("vnp_TransactionNo", "0").strip("0")
    return {
        "vnp_TmnCode": next(iter(platform.settings.terminals)),
        "vnp_Amount": "15000000",
        "vnp_BankCode": BANK,
        "vnp_CardType": "ATM",
        "vnp_OrderInfo": "MOCK GIAO DICH",
        "vnp_TxnRef": reference,
        **true,
        "vnp_PayDate": true.get("vnp_PayDate") or local(platform.now()),
        "vnp_TransactionNo": true["vnp_TransactionNo"] if known_number else "99999999",
        "vnp_ResponseCode": "00",
        "vnp_TransactionStatus": "00",
    }
