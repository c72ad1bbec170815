"""The mock VNPAY gateway as an application: the payer's page, and the merchant's querydr and refund.

Written from sections 5.4, 8, 9 and 12 of the contract page. The path of the API is the page's; that of the pay page is
the one of VNPAY's public sandbox. What the page does not know is marked `MOCK-`. The control paths are in `control`.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.clock import Clock, utc_now
from mocks._kit.orders import copies_of, message_of
from mocks._kit.paypage import HEADERS
from mocks._kit.settings import Settings
from mocks.vnpay import control, page, rules
from mocks.vnpay.courier import Courier, Sleep
from mocks.vnpay.ledger import State
from mocks.vnpay.notices import PAGE_ACTIONS, Notices
from mocks.vnpay.platform import Platform
from mocks.vnpay.rules import Refusal
from mocks.vnpay.settings import VnpaySettings, checked

PORT = 7109
FAULTS = ("refuse", "duplicate", "lost_ipn", "refund_pending")
PAY_PATH, API_PATH = "/paymentv2/vpcpay.html", "/merchant_webapi/api/transaction"


def create_app(
    settings: Mapping[str, object] | None = None,
    *,
    clock: Clock = utc_now,
    sleep: Sleep = asyncio.sleep,
    new_token: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """The mock gateway; `settings` are those of `VnpaySettings`.

    `sleep` waits between two tries of an IPN; `transport` carries IPNs in place of the network.
    """
    kept = Settings(VnpaySettings().model_dump(mode="json"), settings, check=checked)
    platform = Platform(kept, clock=clock, new_token=new_token)
    routes = [
        Route(PAY_PATH, _open),
        Route("/MOCK-pay/{token}", _show_page),
        Route("/MOCK-pay/{token}", _act, methods=["POST"]),
        Route(API_PATH, _call, methods=["POST"]),
        *control.ROUTES,
    ]
    app = build(routes, name="vnpay", settings=kept, faults=FAULTS, reset=platform.reset)
    courier = Courier(app.state.journal, sleep=sleep, transport=transport)
    app.state.platform, app.state.courier = platform, courier
    app.state.notices = Notices(platform, courier)
    return app


async def _open(request: Request) -> Response:
    """The payer's browser brings the pay address, and is led to the page of its transaction."""
    items = request.query_params.multi_items()
    outcome = Refusal("03", "MOCK-03: một tham số xuất hiện hai lần")
    if len(dict(items)) == len(items):
        outcome = request.app.state.platform.open(dict(items))
    note(request, verdict=outcome.code if isinstance(outcome, Refusal) else "00")
    if isinstance(outcome, Refusal):
        return HTMLResponse(page.refusal_page(outcome), 400, headers=HEADERS)
    return RedirectResponse(f"/MOCK-pay/{outcome.token}", 303, headers=HEADERS)


async def _show_page(request: Request) -> Response:
    platform: Platform = request.app.state.platform
    transaction = platform.ledger.by_token.get(request.path_params["token"])
    if transaction is None:
        return HTMLResponse(page.unknown_page(), 404, headers=HEADERS)
    return HTMLResponse(page.pay_page(transaction, platform.settings), headers=HEADERS)


async def _act(request: Request) -> Response:
    """A button of the page: `action` is pay, cancel, wait or expire. The page is then shown anew by a redirect."""
    platform: Platform = request.app.state.platform
    transaction = platform.ledger.by_token.get(request.path_params["token"])
    if transaction is None:
        return HTMLResponse(page.unknown_page(), 404, headers=HEADERS)
    action = parse_qs((await request.body()).decode("utf-8", errors="replace")).get("action", [""])[0]
    if action not in PAGE_ACTIONS:
        return Response(f"MOCK-ACTION: {', '.join(PAGE_ACTIONS)}", 400, media_type="text/plain")
    if transaction.state is State.OPEN and platform.is_over(transaction):
        action = "expire"
    if action == "pay" and fault_of(request, "refuse"):
        action = "fail"
    copies = 1 if action == "wait" else copies_of(request)
    request.app.state.notices.act(transaction, action, copies=copies)
    return RedirectResponse(request.url.path, 303, headers=HEADERS)


async def _call(request: Request) -> Response:
    """querydr and refund, told apart by vnp_Command."""
    platform: Platform = request.app.state.platform
    message = await message_of(request)
    if fault_of(request, "refuse"):
        reply = platform.refused(message, rules.REFUSED)
    elif message.get("vnp_Command") == "querydr":
        reply = platform.query(message)
    elif message.get("vnp_Command") == "refund":
        reply = platform.refund(message, pending=fault_of(request, "refund_pending") is not None)
    else:
        reply = platform.refused(message, Refusal("03", "MOCK-03: sai vnp_Command"))
    note(request, verdict=reply["vnp_ResponseCode"], state=reply.get("vnp_TransactionStatus"))
    return JSONResponse(reply)


if __name__ == "__main__":
    sys.exit(alone.main(["vnpay", *sys.argv[1:]]))
