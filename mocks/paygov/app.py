"""The mock PayGov as an application: the partner's calls, the payer's page, and the LGSP's CheckSumUrlReturn.

Written from sections 4, 10 and 12 of the contract page. The paths of creation and receipt are our choice (the real ones
are unknown). What the page does not know is marked `MOCK-`. The control paths of this mock are in `control`.
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
from mocks.paygov import control, page, rules
from mocks.paygov.ledger import Ledger
from mocks.paygov.notices import Notices, Sleep
from mocks.paygov.rules import Refusal
from mocks.paygov.settings import PayGovSettings, checked

PORT = 7110
FAULTS = ("refuse", "duplicate", "lost_ipn", "forged", "placeholder")
PLACEHOLDER = b"%PDF-1.4\n%" + b"MOCK-PLACEHOLDER " * 240 + b"\n%%EOF\n"


def create_app(
    settings: Mapping[str, object] | None = None,
    *,
    clock: Clock = utc_now,
    sleep: Sleep = asyncio.sleep,
    new_token: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """The mock; `settings` are those of `PayGovSettings`.

    `sleep` waits between two tries of an IPN; `transport` carries IPNs in place of the network.
    """
    kept = Settings(PayGovSettings().model_dump(mode="json"), settings, check=checked)
    ledger = Ledger(kept, clock=clock, new_token=new_token)
    routes = [
        Route("/pg/create", _create, methods=["POST"]),
        Route("/pg/receipt", _receipt, methods=["POST"]),
        Route("/pg/receipt/{token}.pdf", _receipt_file),
        Route("/pg/pay/{token}", _show_page),
        Route("/pg/pay/{token}", _act, methods=["POST"]),
        Route("/api/v1/PayGov/CheckSumUrlReturn", _verify, methods=["POST"]),
        *control.ROUTES,
    ]
    app = build(routes, name="paygov", settings=kept, faults=FAULTS, reset=ledger.reset)
    app.state.ledger = ledger
    app.state.notices = Notices(ledger, app.state.journal, sleep=sleep, transport=transport)
    return app


async def _create(request: Request) -> Response:
    message = await message_of(request)
    refused = _stop(request, message)
    if refused is not None:
        return refused
    outcome = request.app.state.ledger.open(message)
    note(request, verdict=outcome.code if isinstance(outcome, Refusal) else "opened")
    if isinstance(outcome, Refusal):
        return _refusal(outcome)
    return JSONResponse({"data": {"url": f"{_public_url(request)}/pg/pay/{outcome.token}"}})


async def _receipt(request: Request) -> Response:
    message = await message_of(request)
    refused = _stop(request, message)
    if refused is not None:
        return refused
    outcome = request.app.state.ledger.receipt(message)
    note(request, verdict=outcome.code if isinstance(outcome, Refusal) else "receipt")
    if isinstance(outcome, Refusal):
        return _refusal(outcome)
    return JSONResponse({"transactionReceipt": f"{_public_url(request)}/pg/receipt/{outcome}.pdf"})


async def _receipt_file(request: Request) -> Response:
    file = request.app.state.ledger.receipt_file(request.path_params["token"])
    if file is None:
        return Response("MOCK-LINK-EXPIRED", 404, media_type="text/plain")
    return Response(PLACEHOLDER if fault_of(request, "placeholder") else file, media_type="application/pdf")


async def _verify(request: Request) -> Response:
    """The LGSP: SUCCESSFUL when PayGov signed exactly these values. Its request is not public (`MOCK-VERIFY`)."""
    message = await message_of(request)
    refused = _stop(request, {"partnerCode": None})
    if refused is not None:
        return refused
    signed = request.app.state.ledger.signed_by_paygov(message)
    note(request, signed=signed)
    return JSONResponse({"error_code": "SUCCESSFUL", "error_message": ""}) if signed else _refusal(rules.WRONG_CHECKSUM)


async def _show_page(request: Request) -> Response:
    ledger: Ledger = request.app.state.ledger
    transaction = ledger.by_token.get(request.path_params["token"])
    if transaction is None:
        return HTMLResponse(page.unknown_page(), 404, headers=HEADERS)
    return HTMLResponse(page.pay_page(transaction, ledger.settings), headers=HEADERS)


async def _act(request: Request) -> Response:
    """A button of the pay page: `action` is pay, cancel or wait. The page is then shown anew by a redirect."""
    transaction = request.app.state.ledger.by_token.get(request.path_params["token"])
    if transaction is None:
        return HTMLResponse(page.unknown_page(), 404, headers=HEADERS)
    action = parse_qs((await request.body()).decode("utf-8", errors="replace")).get("action", [""])[0]
    if action not in ("pay", "cancel", "wait"):
        return Response("MOCK-ACTION: pay, cancel or wait", 400, media_type="text/plain")
    if action == "pay" and fault_of(request, "refuse"):
        action = "cancel"
    copies = 1 if action == "wait" else copies_of(request)
    forged = action != "wait" and fault_of(request, "forged") is not None
    request.app.state.notices.act(transaction, action, copies=copies, forged=forged)
    return RedirectResponse(request.url.path, 303, headers=HEADERS)


def _public_url(request: Request) -> str:
    return (request.app.state.ledger.settings.public_url or str(request.base_url)).rstrip("/")


def _stop(request: Request, message: Mapping[str, Any]) -> Response | None:
    """A wrong bearer token, keys in `lgspaccesstoken` that are not a partner's, or the fault `refuse`."""
    settings: PayGovSettings = request.app.state.ledger.settings
    expected = f"Bearer {settings.bearer_token}".encode()
    if settings.bearer_token and not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
        return _refusal(Refusal("FAILED", "MOCK-401: thiếu hoặc sai mã truy cập"), 401)
    if settings.need_lgsp_token and not _knows_keys(request, settings, message.get("partnerCode")):
        return _refusal(Refusal("FAILED", "MOCK-401: thiếu hoặc sai lgspaccesstoken"), 401)
    return _refusal(rules.REFUSED) if fault_of(request, "refuse") else None


def _knows_keys(request: Request, settings: PayGovSettings, partner: Any) -> bool:
    """Header of 4.1: base64 of JSON {AccessKey, SecretKey, AppName, PartnerCode, PartnerCodeCus}."""
    told = rules.opened(request.headers.get("lgspaccesstoken", ""))
    if not isinstance(told, dict) or not {"AppName", "PartnerCodeCus"} <= told.keys():
        return False
    code = str(told.get("PartnerCode"))
    given = (told.get("AccessKey"), told.get("SecretKey"))
    pairs = [(keys["accessKey"], keys["secretKey"]) for keys in settings.keys_of(code)]
    return given in pairs and (partner is None or partner == code)


def _refusal(refusal: Refusal, status: int = 200) -> Response:
    return JSONResponse({"error_code": refusal.code, "error_message": refusal.text}, status)


if __name__ == "__main__":
    sys.exit(alone.main(["paygov", *sys.argv[1:]]))
