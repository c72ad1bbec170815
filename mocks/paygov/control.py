"""Control paths of this mock: look at transactions, act as the payer without a browser, send any IPN."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.orders import order_of, parsed
from mocks.paygov.ledger import GATE, HANOI, KIND, Ledger, State, Transaction, notice_of, signed
from mocks.paygov.notices import FORGED, Notices
from mocks.paygov.page import return_link

MOST_COPIES = 1000


async def transactions(request: Request) -> Response:
    """Every transaction, in order of arrival; those of scenarios.yaml first."""
    ledger: Ledger = request.app.state.ledger
    return JSONResponse({"transactions": [facts_of(found, ledger) for found in ledger.by_reference.values()]})


async def transaction(request: Request) -> Response:
    """GET one transaction; POST `{"action": "pay"|"cancel"|"wait", "copies": 1, "await": true}` acts as the payer.

    With `copies` 0 the IPN is lost; with `await` the answer comes after the sending, else at once.
    """
    ledger: Ledger = request.app.state.ledger
    found = ledger.by_reference.get(request.path_params["reference"])
    if found is None:
        return JSONResponse({"error": "MOCK-UNKNOWN-REFERENCE"}, 404)
    if request.method == "POST":
        order = await order_of(request)
        copies = order.get("copies", 1)
        if order.get("action") not in ("pay", "cancel", "wait") or not isinstance(copies, int):
            return JSONResponse({"error": "MOCK-CONTROL", "message": "action is pay, cancel or wait"}, 422)
        sending = request.app.state.notices.act(found, order["action"], copies=copies)
        if sending is not None and order.get("await"):
            await sending
    return JSONResponse(facts_of(found, ledger))


async def ipn(request: Request) -> Response:
    """Send any IPN and report what the province answered; nothing changes in the mock.

    `requestCode` names it. `set` replaces fields, `unset` leaves fields out, then it is signed: `checksum` is `valid`,
    `forged`, `missing` or the text to send; `secret` signs with another secret, `partner` as another partner. `times`
    sends it so often at once; `url` sends it elsewhere than `ipn_url`.
    """
    order = await order_of(request)
    times = order.get("times", 1)
    if not isinstance(order.get("requestCode"), str) or not isinstance(times, int) or not 1 <= times <= MOST_COPIES:
        return JSONResponse({"error": "MOCK-CONTROL", "message": "requestCode is a text, times is 1 to 1000"}, 422)
    ledger: Ledger = request.app.state.ledger
    notices: Notices = request.app.state.notices
    message, url = _crafted(ledger, order), str(order.get("url", ""))
    acks = await asyncio.gather(*(notices.send(message, ledger.settings, url=url) for _ in range(times)))
    answers = [{"status": ack.status, "body": parsed(ack.text), "verdict": ack.verdict} for ack in acks]
    return JSONResponse({"sent": message, "answers": answers})


ROUTES = [
    Route("/_mock/transactions", transactions),
    Route("/_mock/transactions/{reference}", transaction, methods=["GET", "POST"]),
    Route("/_mock/ipn", ipn, methods=["POST"]),
]


def facts_of(found: Transaction, ledger: Ledger) -> dict[str, Any]:
    """A transaction as JSON. `ipns` are the sendings with their verdicts, in order."""
    return {
        "requestCode": found.reference,
        "partnerCode": found.partner,
        "orderId": found.create["orderId"],
        "amount": found.create["amount"],
        "state": found.state.value,
        "transactionNo": found.transaction_no,
        "transactionCode": found.transaction_code,
        "waiting": found.waiting,
        "pay_path": f"/pg/pay/{found.token}",
        "return_link": "" if found.state is State.OPEN else return_link(found, ledger.settings),
        "ipns": found.ipns,
    }


def _crafted(ledger: Ledger, order: Mapping[str, Any]) -> dict[str, Any]:
    settings, found = ledger.settings, ledger.by_reference.get(order["requestCode"])
    partner = str(order.get("partner") or (found.partner if found else next(iter(settings.partners))))
    message = {**_base(ledger, order["requestCode"]), **order.get("set", {})}
    for name in order.get("unset", ()):
        message.pop(name, None)
    kind = str(order.get("checksum", "valid"))
    if kind == "valid":
        return signed(message, settings, partner=partner, secret=str(order.get("secret", "")))
    return message if kind == "missing" else {**message, "checksum": FORGED if kind == "forged" else kind}


def _base(ledger: Ledger, reference: str) -> dict[str, Any]:
    """The true IPN of a known transaction, told as paid; for an unknown reference, a plausible one."""
    found = ledger.by_reference.get(reference)
    true = notice_of(found, ledger.settings) if found is not None else {}
    true.pop("checksum", None)
    now = ledger.now().astimezone(HANOI)
    return {
        "amount": 150000,
        "orderId": "000.00.99.H99-H99.01-260801-0007-01",
        "orderInfo": "MOCK GIAO DICH",
        "requestCode": reference,
        "paygate": GATE,
        "type": KIND,
        **true,
        "errorCode": "00",
        "transactionNo": true.get("transactionNo") or "TN9999",
        "transactionCode": true.get("transactionCode") or f"TC{now:%y%m%d}999999",
        "payDate": true.get("payDate") or now.strftime(ledger.settings.pay_date_format),
    }
