"""The mock payment platform as an application: the partner's calls and the payer's bank page.

Written from sections 2, 8, 10 and 12 of the contract page. The paths are our choice (the real ones are unknown). What
the page does not know is marked `MOCK-`. The control paths of this mock are in `control`.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import sys
from collections.abc import Callable, Mapping
from typing import Any
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
from mocks.payment import control, files, page, portal, rules
from mocks.payment.courier import Courier, Sleep
from mocks.payment.ledger import Transaction
from mocks.payment.notices import Notices
from mocks.payment.platform import Platform, enveloped, refusal_body
from mocks.payment.rules import Refusal
from mocks.payment.settings import PaymentSettings, checked, spoken

PORT = 7104
FAULTS = ("refuse", "duplicate", "early_ipn", "lost_ipn", "placeholder", "expired")
PLACEHOLDER = b"%PDF-1.4\n%" + b"MOCK-PLACEHOLDER " * 240


def create_app(
    settings: Mapping[str, object] | None = None,
    *,
    clock: Clock = utc_now,
    sleep: Sleep = asyncio.sleep,
    new_token: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """The mock platform; `settings` are those of `PaymentSettings`.

    `sleep` waits between two tries of an IPN; `transport` carries IPNs in place of the network.
    """
    kept = Settings(PaymentSettings().model_dump(mode="json"), settings, check=checked)
    platform, changes = Platform(kept, clock=clock, new_token=new_token), files.Changes()

    def forget() -> None:
        platform.reset()
        changes.clear()

    routes = [
        Route("/pp/init", _init, methods=["POST"]),
        Route("/pp/query", _query, methods=["POST"]),
        Route("/pp/bill", _bill, methods=["POST"]),
        Route("/pp/bill/{token}.pdf", _bill_file),
        Route("/pp/recon/{day}", _recon),
        Route("/pp/pay/{token}", _show_page),
        Route("/pp/pay/{token}", _act, methods=["POST"]),
        *control.ROUTES,
        *files.ROUTES,
        *portal.ROUTES,
    ]
    app = build(routes, name="payment", settings=kept, faults=FAULTS, reset=forget)
    courier = Courier(app.state.journal, sleep=sleep, transport=transport)
    app.state.platform, app.state.courier = platform, courier
    app.state.notices, app.state.changes = Notices(platform, courier), changes
    return app


async def _init(request: Request) -> Response:
    platform: Platform = request.app.state.platform
    message = await message_of(request)
    refused = _stop(request, message)
    if refused is not None:
        return refused
    outcome = platform.init(message)
    note(request, verdict=outcome.code if isinstance(outcome, Refusal) else "00")
    if isinstance(outcome, Refusal):
        return JSONResponse(enveloped(refusal_body(outcome, message), platform.settings))
    if fault_of(request, "early_ipn"):  # F02: the province hears of the payment before INIT is answered
        await request.app.state.notices.pay_early(outcome)
    body = {"MaLoi": "00", "MoTaLoi": "", "MaThamChieu": outcome.reference, "UrlThanhToan": pay_url(request, outcome)}
    return JSONResponse(enveloped(spoken(body, platform.settings), platform.settings))


async def _query(request: Request) -> Response:
    message = await message_of(request)
    refused = _stop(request, message)
    if refused is not None:
        return refused
    reply = request.app.state.platform.query(message)
    note(request, verdict=reply["MaLoi"], state=reply.get("TrangThaiGD"))
    return JSONResponse(reply)


async def _bill(request: Request) -> Response:
    platform: Platform = request.app.state.platform
    message = await message_of(request)
    refused = _stop(request, message)
    if refused is not None:
        return refused
    outcome = platform.bill(message)
    if isinstance(outcome, Refusal):
        return JSONResponse(refusal_body(outcome, message))
    if platform.settings.receipt_mode == "pdf":
        file = PLACEHOLDER if fault_of(request, "placeholder") else platform.receipt(outcome)
        return Response(file, media_type="application/pdf")
    url = f"{portal.public_url(request)}/pp/bill/{outcome}.pdf"
    body = {"MaLoi": "00", "MoTaLoi": "", "MaThamChieu": message["MaThamChieu"], "UrlBienLai": url}
    return JSONResponse(spoken(body, platform.settings))


async def _recon(request: Request) -> Response:
    """MOCK-RECON, as a partner fetches it: with its token, and open to faults."""
    return _stop(request, {}) or await files.recon(request)


async def _bill_file(request: Request) -> Response:
    file = request.app.state.platform.bill_file(request.path_params["token"])
    if file is None or fault_of(request, "expired"):
        return Response("MOCK-LINK-EXPIRED", 404, media_type="text/plain")
    return Response(PLACEHOLDER if fault_of(request, "placeholder") else file, media_type="application/pdf")


async def _show_page(request: Request) -> Response:
    platform: Platform = request.app.state.platform
    transaction = platform.ledger.by_token.get(request.path_params["token"])
    if transaction is None:
        return HTMLResponse(page.unknown_page(), 404, headers=HEADERS)
    text = page.bank_page(transaction, return_url=platform.settings.return_url)
    return HTMLResponse(text, headers=HEADERS)


async def _act(request: Request) -> Response:
    """A button of the bank page: `action` is pay, cancel or wait. The page is then shown anew by a redirect."""
    platform: Platform = request.app.state.platform
    transaction = platform.ledger.by_token.get(request.path_params["token"])
    if transaction is None:
        return HTMLResponse(page.unknown_page(), 404, headers=HEADERS)
    action = parse_qs((await request.body()).decode("utf-8", errors="replace")).get("action", [""])[0]
    if action not in ("pay", "cancel", "wait"):
        return Response("MOCK-ACTION: pay, cancel or wait", 400, media_type="text/plain")
    if action == "pay" and fault_of(request, "refuse"):
        action = "cancel"
    copies = 1 if action == "wait" else copies_of(request)
    request.app.state.notices.act(transaction, action, copies=copies)
    return RedirectResponse(request.url.path, 303, headers=HEADERS)


def pay_url(request: Request, transaction: Transaction) -> str:
    """UrlThanhToan: the bank page of a transaction."""
    return f"{portal.public_url(request)}/pp/pay/{transaction.token}"


def _stop(request: Request, message: Mapping[str, Any]) -> Response | None:
    """A wrong bearer token, or the fault `refuse`."""
    settings: PaymentSettings = request.app.state.platform.settings
    expected = f"Bearer {settings.bearer_token}".encode()
    if settings.bearer_token and not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
        return JSONResponse({"MaLoi": "99", "MoTaLoi": "MOCK-401: thiếu hoặc sai mã truy cập"}, 401)
    if fault_of(request, "refuse"):
        body = refusal_body(rules.REFUSED, message)
        return JSONResponse(enveloped(body, settings) if request.url.path == "/pp/init" else body)
    return None


if __name__ == "__main__":
    sys.exit(alone.main(["payment", *sys.argv[1:]]))
