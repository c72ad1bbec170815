"""For how long a caller waits is its own to say, up to what is set."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from province import Province
from services import PURPOSE

from gateway.api import bodies
from gateway.api.app import create_app
from gateway.domain import Context
from gateway.sdk import TransientRemoteError

ASKED = {
    "personal_id": "099185000001",
    "full_name": "Trần Thị Mẫu",
    "birth_date": "1985-06-15",
    "purpose": PURPOSE.facts(),
}


class Asked:
    """Look-ups that are only heard. `until`: when whoever asked waits no longer."""

    def __init__(self) -> None:
        self.until = 0.0

    async def verify_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Any:
        assert context.until is not None
        self.until = context.until
        raise TransientRemoteError("x")


async def patience_s(headers: Mapping[str, str]) -> tuple[float, float]:
    """For how long the caller is said to wait: at the least, and at the most. It came somewhen between."""
    province, heard = Province(), Asked()
    key = await province.issue()
    app = create_app(replace(province.services, lookups=heard, longest_s=60.0))  # type: ignore[arg-type]  # the one
    transport = httpx.ASGITransport(app)
    came_after = time.monotonic()
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        await http.post("/v1/citizens/verification", json=ASKED, headers={"Authorization": f"Bearer {key}", **headers})
    return heard.until - time.monotonic(), heard.until - came_after


@pytest.mark.parametrize(("told", "most"), [("10", 10), ("2.5", 2.5), ("600", 60), ("0.001", 0.001)])
async def test_what_the_caller_says_counts_up_to_what_is_set(told: str, most: float) -> None:
    least, longest = await patience_s({"Request-Timeout": told})
    assert least <= most <= longest


async def test_without_a_word_of_the_caller_it_is_what_is_set() -> None:
    least, longest = await patience_s({})
    assert least <= 60 <= longest


@pytest.mark.parametrize("told", ["0", "-1", "soon", "1e3", "nan", "1,5", "10s"])
async def test_what_is_no_time_is_refused_by_name(told: str) -> None:
    province = Province()
    async with province.client(await province.issue()) as http:
        answer = await http.post("/v1/citizens/verification", json=ASKED, headers={"Request-Timeout": told})
    assert (answer.status_code, answer.json()["code"]) == (400, "caller.request_timeout")
    assert "Request-Timeout" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/citizens/verification", "/soap"])
async def test_a_body_that_never_comes_holds_no_place_for_ever(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.05)
    monkeypatch.setattr(bodies, "SLOWEST", 10.0**9)
    told: list[Any] = []

    async def nothing() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        told.append(message)

    kind = b"text/xml" if path == "/soap" else b"application/json"
    headers = [(b"content-length", b"100"), (b"content-type", kind)]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
    await Province().app(scope, nothing, send)
    assert told[0]["status"] == (500 if path == "/soap" else 408)
    assert b"caller.slow_body" in told[1]["body"]
