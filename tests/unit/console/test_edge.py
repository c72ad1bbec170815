"""What a person at the console is told where the database is away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from psycopg_pool import PoolTimeout
from services import NOW
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.console import cookies
from gateway.console.edge import ConsoleEdge
from gateway.database import OutcomeLostError
from gateway.sdk import GatewayError
from gateway.signing import Keyring

BUSY = (503, "ours.busy", "Cơ sở dữ liệu hết chỗ")
UNDETERMINED = (504, "ours.undetermined", "Hãy mở lại trang để xem")
FAULT = (500, GatewayError.code, "")


def failing(fault: Exception | None) -> Callable[..., Awaitable[None]]:
    async def fail(*_: Any, **__: Any) -> None:
        if fault:
            raise fault

    return fail


async def asked(method: str, *, recognising: Exception | None = None, app: Exception | None = None) -> httpx.Response:
    services = SimpleNamespace(max_inbound_bytes=1000, digester=Keyring.ephemeral(), clock=lambda: NOW, tenant="H99")
    desk: Any = SimpleNamespace(operators=SimpleNamespace(recognise=failing(recognising)), services=services)
    fail = failing(app)

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await fail()

    transport = httpx.ASGITransport(ConsoleEdge(page, desk))
    response = Response()
    cookies.write(response, cookies.SESSION, "x", is_secure=True)
    headers = {"cookie": response.headers["set-cookie"].partition(";")[0]}
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
        return await client.request(method, "/console/", headers=headers)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("fault", "expected"), [(PoolTimeout(), BUSY), (RuntimeError("ours"), FAULT)])
async def test_who_could_not_be_recognised_is_told_why(
    method: str, fault: Exception, expected: tuple[int, str, str]
) -> None:
    check(await asked(method, recognising=fault), expected)


@pytest.mark.parametrize(
    ("method", "fault", "expected"),
    [
        ("GET", PoolTimeout(), BUSY),
        ("POST", PoolTimeout(), UNDETERMINED),
        ("POST", OutcomeLostError(), UNDETERMINED),
        ("POST", RuntimeError("ours"), FAULT),
    ],
)
async def test_who_sent_a_form_is_told_where_nobody_knows_what_became_of_it(
    method: str, fault: Exception, expected: tuple[int, str, str]
) -> None:
    check(await asked(method, app=fault), expected)


def check(answer: httpx.Response, expected: tuple[int, str, str]) -> None:
    status, code, said = expected
    assert answer.status_code == status
    assert code in answer.text
    assert said in answer.text
    assert ("retry-after" in answer.headers) is (status == 503)
    assert "Idempotency-Key" not in answer.text
