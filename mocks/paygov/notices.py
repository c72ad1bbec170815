"""Payer's acts, and the IPNs that follow: carried to the province until one is acknowledged (section 4.2).

The ladder of the real platform is unknown. Ours, `MOCK-LADDER`, is VNPAY's: ten tries, five minutes apart, compressed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from mocks._kit.journal import Journal
from mocks.paygov.ledger import Ledger, State, Transaction, notice_of
from mocks.paygov.settings import PayGovSettings

Sleep = Callable[[float], Awaitable[None]]
OUTCOMES = {"pay": State.PAID, "cancel": State.FAILED}
FORGED = "f0" * 32


@dataclass(frozen=True, slots=True)
class Ack:
    """What the province answered to one IPN. `status` is None when there was no answer; `verdict` is ours."""

    status: int | None
    text: str
    verdict: str


class Notices:
    """Sends IPNs; keeps the background tasks, so that none is lost before it is done."""

    def __init__(
        self, ledger: Ledger, journal: Journal, *, sleep: Sleep, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._ledger = ledger
        self._journal = journal
        self._sleep = sleep
        self._transport = transport
        self._running: set[asyncio.Task[None]] = set()

    def act(
        self, transaction: Transaction, action: str, *, copies: int = 1, forged: bool = False
    ) -> asyncio.Task[None] | None:
        """`pay`, `cancel` or `wait`. Returns the sending of the IPN when there is one (`copies` times, one by one).

        A paid transaction does not move any more, and nothing is sent again; a failed one may still be paid.
        """
        before = transaction.state
        if action == "wait":
            transaction.waiting = before is State.OPEN
            return None
        self._ledger.settle(transaction, OUTCOMES[action])
        silent = transaction.state is State.FAILED and not self._ledger.settings.ipn_on_cancel
        if transaction.state is before or silent or copies == 0:
            return None
        task = asyncio.create_task(self._climb(transaction, copies, forged=forged))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def settled(self) -> None:
        """Return when every sending that is under way is done."""
        await asyncio.gather(*self._running)

    async def send(self, message: Mapping[str, Any], settings: PayGovSettings, *, url: str = "") -> Ack:
        """Post one IPN and judge the answer. It is in the journal, with its verdict among the facts."""
        url, body = url or settings.ipn_url, json.dumps(message, ensure_ascii=False)
        headers = {"Content-Type": "application/json"}
        entry = self._journal.send("POST", url, headers=headers.items(), body=body)
        try:
            async with httpx.AsyncClient(
                timeout=settings.ipn_timeout_s, trust_env=False, transport=self._transport
            ) as client:
                reply = await client.post(url, content=body.encode(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            ack = Ack(None, "", f"no answer: {type(exc).__name__}")
        else:
            ack = Ack(reply.status_code, reply.text, judge(reply))
        entry.status, entry.reply = ack.status, ack.text
        entry.facts["verdict"] = ack.verdict
        return ack

    async def _climb(self, transaction: Transaction, copies: int, *, forged: bool) -> None:
        settings = self._ledger.settings
        message = notice_of(transaction, settings) | ({"checksum": FORGED} if forged else {})
        for _ in range(copies):
            for step in range(settings.ipn_tries):
                if step:
                    await self._sleep(settings.ipn_interval_s / settings.time_factor)
                ack = await self.send(message, settings)
                at = self._ledger.now().isoformat()
                transaction.ipns.append({"at": at, "status": ack.status, "verdict": ack.verdict})
                if ack.verdict == "acknowledged":
                    break


def judge(reply: httpx.Response) -> str:
    """`acknowledged`, or why not: only HTTP 200 with error_code SUCCESSFUL counts."""
    if reply.status_code != 200:
        return f"HTTP {reply.status_code}"
    try:
        ack = json.loads(reply.content)
    except ValueError:
        return "not JSON"
    code = ack.get("error_code") if isinstance(ack, dict) else None
    return "acknowledged" if code == "SUCCESSFUL" else f"error_code is {str(code)[:20]}"
