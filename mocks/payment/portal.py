"""A payer at the national portal types a dossier code: the portal asks the province what is due, collects, and pushes
the result (section 2.10). `POST /_mock/lookup` plays the payer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.orders import order_of
from mocks.payment import rules
from mocks.payment.control import MOST_COPIES, answer_of, crafted, refused
from mocks.payment.courier import Courier, judge_push
from mocks.payment.ledger import State, Transaction, ipn_of
from mocks.payment.platform import Platform
from mocks.payment.settings import PaymentSettings


async def lookup(request: Request) -> Response:
    """Ask the province about `MaHoSo`, then pay what it says is due.

    `pay` false only asks. `MaTraCuuTT` pays the bill of an earlier look-up and does not ask again (F37); `bill` is its
    place when the province tells several. `amount` and `at` (yyyyMMddHHmmss) replace the bill's amount and now;
    `MaDoiTac` the first partner. The push is changed by `set`, `unset`, `checksum` and `secret` as in `/_mock/ipn`, and
    goes `times` times at once (0: it is lost) to `push_url`; the question to `lookup_url`.
    """
    order = await order_of(request)
    times, amount, at = order.get("times", 1), order.get("amount", 1), order.get("at", "")
    if not all(isinstance(number, int) for number in (times, amount)) or not 0 <= times <= MOST_COPIES or amount < 1:
        return refused("times is 0 to 1000, amount is a positive whole number")
    if not isinstance(order.get("MaHoSo") or order.get("MaTraCuuTT"), str) or (at and not rules.is_moment(str(at))):
        return refused("MaHoSo or MaTraCuuTT is a text, at is yyyyMMddHHmmss")
    platform: Platform = request.app.state.platform
    told: dict[str, Any] = {"paid": False}
    bill = platform.due.get(str(order.get("MaTraCuuTT")))
    if bill is None:
        told["answer"] = await _asked(request, order)
        bill = _bill_of(told["answer"]["body"], order.get("bill", 0))
        told["complaints"] = [] if bill is None else list(rules.bill_complaints(bill))
        if bill is None or told["complaints"]:
            return JSONResponse(told)
        platform.due[str(bill["MaTraCuuTT"])] = bill
    told["MaTraCuuTT"] = bill["MaTraCuuTT"]
    if not order.get("pay", True):
        return JSONResponse(told)
    return JSONResponse({**told, **await _paid(request, order, bill)})


ROUTES = [Route("/_mock/lookup", lookup, methods=["POST"])]


def public_url(request: Request) -> str:
    """Where browsers reach this mock."""
    settings: PaymentSettings = request.app.state.platform.settings
    return (settings.public_url or str(request.base_url)).rstrip("/")


async def _asked(request: Request, order: Mapping[str, Any]) -> dict[str, Any]:
    settings: PaymentSettings = request.app.state.platform.settings
    courier: Courier = request.app.state.courier
    url = str(order.get("lookup_url") or settings.lookup_url)
    return answer_of(await courier.send({"MaHoSo": order.get("MaHoSo", "")}, settings, url=url, judged=_judge_answer))


async def _paid(request: Request, order: Mapping[str, Any], bill: Mapping[str, Any]) -> dict[str, Any]:
    platform: Platform = request.app.state.platform
    settings, courier = platform.settings, request.app.state.courier
    due = sum(int(line["SoTien"]) for line in bill["DSKhoanNop"])
    partner = str(order.get("MaDoiTac") or next(iter(settings.partners)))
    transaction = platform.open_at_portal(bill, order.get("amount", due), partner=partner)
    platform.ledger.settle(transaction, State.PAID, at=order.get("at", ""))
    message = crafted(_push(request, transaction), order, settings)
    url = str(order.get("push_url") or settings.push_url)
    sendings = (courier.send(message, settings, url=url, judged=judge_push) for _ in range(order.get("times", 1)))
    answers = [answer_of(ack) for ack in await asyncio.gather(*sendings)]
    return {"paid": True, "MaThamChieu": transaction.reference, "sent": message, "answers": answers}


def _push(request: Request, transaction: Transaction) -> dict[str, Any]:
    """The IPN's fields, and beside them, unsigned, the dossier and a link to the receipt."""
    platform: Platform = request.app.state.platform
    url = f"{public_url(request)}/pp/bill/{platform.bill_link(transaction)}.pdf"
    return {**ipn_of(transaction, platform.settings), "UrlBienLai": url}


def _bill_of(answer: Any, place: Any) -> Mapping[str, Any] | None:
    """The bill that is due: error_code 1 with an object, or with a list of them."""
    if not isinstance(answer, dict) or str(answer.get("error_code")) != "1":
        return None
    bills = answer.get("message")
    bills = bills if isinstance(bills, list) else [bills]
    chosen = bills[place] if isinstance(place, int) and 0 <= place < len(bills) else None
    return chosen if isinstance(chosen, dict) else None


def _judge_answer(reply: httpx.Response, _: Mapping[str, Any], __: PaymentSettings) -> str:
    """1 a bill, 0 nothing to pay and -1 not found, both with `[]` (2.10)."""
    try:
        answer = json.loads(reply.content)
    except ValueError:
        return "not JSON"
    if reply.status_code != 200 or not isinstance(answer, dict):
        return f"HTTP {reply.status_code}"
    known = {"1": "due", "0": "nothing due", "-1": "not found"}.get(str(answer.get("error_code")), "unknown error_code")
    if known in {"nothing due", "not found"} and answer.get("message") != []:
        return "message is not []"
    return known
