"""Carries IPNs to the merchant by GET, and repeats them by the rule of section 5.4.

RspCode 00 and 02 stop; 01, 04, 97, 99 or no answer: up to ten times, five minutes apart, compressed by `time_factor`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from mocks._kit.journal import Journal
from mocks.vnpay.settings import VnpaySettings

Sleep = Callable[[float], Awaitable[None]]
STOPS = ("00", "02")


@dataclass(frozen=True, slots=True)
class Ack:
    """What the merchant answered to one IPN. `status` is None when there was no answer; `verdict` is ours."""

    status: int | None
    text: str
    verdict: str

    @property
    def ends(self) -> bool:
        """Whether the gateway stops sending."""
        return self.verdict in STOPS


class Courier:
    """Sends IPNs. Each one is in the journal, with its verdict among the facts."""

    def __init__(self, journal: Journal, *, sleep: Sleep, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._journal = journal
        self._sleep = sleep
        self._transport = transport

    async def send(self, parameters: Mapping[str, str], settings: VnpaySettings, *, url: str = "") -> Ack:
        """Send one IPN and judge the answer."""
        address = f"{url or settings.ipn_url}?{urlencode(parameters)}"
        entry = self._journal.send("GET", address)
        try:
            async with self._client(settings.ipn_timeout_s) as client:
                reply = await client.get(address)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            ack = Ack(None, "", f"no answer: {type(exc).__name__}")
        else:
            ack = Ack(reply.status_code, reply.text, judge(reply))
        entry.status, entry.reply = ack.status, ack.text
        entry.facts["verdict"] = ack.verdict
        return ack

    def _client(self, timeout_s: float) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=timeout_s, trust_env=False, transport=self._transport)

    async def deliver(self, parameters: Mapping[str, str], settings: VnpaySettings) -> AsyncIterator[Ack]:
        """Send the same IPN until it is confirmed or the ladder ends; yields the answer to each try."""
        for step in range(settings.ipn_tries):
            if step:
                await self._sleep(settings.ipn_interval_s / settings.time_factor)
            ack = await self.send(parameters, settings)
            yield ack
            if ack.ends:
                break


def judge(reply: httpx.Response) -> str:
    """The RspCode, or why there is none: only HTTP 200 with a JSON object counts."""
    if reply.status_code != 200:
        return f"HTTP {reply.status_code}"
    try:
        answer = json.loads(reply.content)
    except ValueError:
        return "not JSON"
    if not isinstance(answer, dict) or not isinstance(answer.get("RspCode"), str):
        return "no RspCode"
    return str(answer["RspCode"])
