"""Carries IPNs to the province and climbs the retry ladder until one is acknowledged (section 2.5).

The ladder of the real platform is unknown. Ours, `MOCK-LADDER`, is VNPAY's: ten tries, five minutes apart, compressed.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from mocks._kit.journal import Journal
from mocks.payment import checksum
from mocks.payment.settings import PaymentSettings

Sleep = Callable[[float], Awaitable[None]]
Judge = Callable[[httpx.Response, Mapping[str, Any], PaymentSettings], str]


@dataclass(frozen=True, slots=True)
class Ack:
    """What the province answered to one IPN. `status` is None when there was no answer; `verdict` is ours."""

    status: int | None
    text: str
    verdict: str

    @property
    def good(self) -> bool:
        """Whether the platform may stop sending."""
        return self.verdict == "acknowledged"


class Courier:
    """Sends IPNs. Each one is in the journal, with its verdict among the facts."""

    def __init__(self, journal: Journal, *, sleep: Sleep, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._journal = journal
        self._sleep = sleep
        self._transport = transport

    async def send(
        self, message: Mapping[str, Any], settings: PaymentSettings, *, url: str = "", judged: Judge | None = None
    ) -> Ack:
        """Post one message, an IPN unless `url` says otherwise, and judge the answer."""
        url = url or settings.ipn_url
        body = json.dumps(message, ensure_ascii=False)
        headers = {"Content-Type": "application/json"}
        entry = self._journal.send("POST", url, headers=headers.items(), body=body)
        try:
            async with self._client(settings.ipn_timeout_s) as client:
                reply = await client.post(url, content=body.encode(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            ack = Ack(None, "", f"no answer: {type(exc).__name__}")
        else:
            ack = Ack(reply.status_code, reply.text, (judged or judge)(reply, message, settings))
        entry.status, entry.reply = ack.status, ack.text
        entry.facts["verdict"] = ack.verdict
        return ack

    def _client(self, timeout_s: float) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=timeout_s, trust_env=False, transport=self._transport)

    async def deliver(self, message: Mapping[str, Any], settings: PaymentSettings) -> AsyncIterator[Ack]:
        """Send the same IPN until it is acknowledged or the ladder ends; yields the answer to each try."""
        for step in range(settings.ipn_tries):
            if step:
                await self._sleep(settings.ipn_interval_s / settings.time_factor)
            ack = await self.send(message, settings)
            yield ack
            if ack.good:
                break


def judge(reply: httpx.Response, message: Mapping[str, Any], settings: PaymentSettings) -> str:
    """`acknowledged`, or why not: only HTTP 200 with MaLoi "00" and a right MaXacThuc counts."""
    if reply.status_code != 200:
        return f"HTTP {reply.status_code}"
    try:
        ack = json.loads(reply.content)
    except ValueError:
        return "not JSON"
    if not isinstance(ack, dict):
        return "not a JSON object"
    if ack.get("MaLoi") != "00":
        return "MaLoi is not 00"
    return "acknowledged" if _well_signed(ack, message, settings) else "wrong MaXacThuc"


def judge_push(reply: httpx.Response, message: Mapping[str, Any], settings: PaymentSettings) -> str:
    """Of the portal's push: as of an IPN, or `error_code` 1 of the portal's own contract (national_portal, 6.7)."""
    try:
        ack = json.loads(reply.content)
    except ValueError:
        return judge(reply, message, settings)
    if reply.status_code != 200 or not isinstance(ack, dict) or "error_code" not in ack:
        return judge(reply, message, settings)
    return "acknowledged" if str(ack["error_code"]) == "1" else "error_code is not 1"


def _well_signed(ack: Mapping[str, Any], message: Mapping[str, Any], settings: PaymentSettings) -> bool:
    match settings.ack_check:
        case "off":
            return True
        case "echo":  # both known clients echo it
            return bool(ack.get("MaXacThuc") == message.get("MaXacThuc"))
        case "recompute":
            return checksum.verify(ack, checksum.MOCK_ACK, settings.partners.get(str(message.get("MaDoiTac")), ()))
