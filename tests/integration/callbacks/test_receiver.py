"""Money is told over a real socket, from PostgreSQL: signed, tried again, in order for each payment; and a worker that
was overtaken tells nothing twice under another id."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from callbacks_house import FACTS, Listed
from services import ListedRecorder

from gateway.callbacks.call import Calls, new_secret, shown
from gateway.callbacks.course import CallPolicy
from gateway.callbacks.model import EventState, EventType, Receiver
from gateway.callbacks.postgres import PostgresEvents, PostgresReceivers
from gateway.callbacks.service import Callbacks
from gateway.callbacks.worker import Messenger
from gateway.exchange.transport import HttpTransport
from gateway.sdk import SystemSettings
from gateway.signing import Keyring

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
SECRET = new_secret()
TENANT = "H99"
REFUSALS = 3


class OneStop(ThreadingHTTPServer):
    """The one-stop system: checks each call by our page's own recipe; refuses the first few."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Heard)
        code = next(c for c in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S) if "whsec_" in c)
        self.recipe: dict[str, Any] = {}
        exec(code, self.recipe)
        self.calls: list[tuple[str, bytes]] = []
        self.taken: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/thong-bao"


class _Heard(BaseHTTPRequestHandler):
    server: OneStop

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.recipe["verify"](shown(SECRET), self.headers, body)
        with self.server.lock:
            self.server.calls.append((self.headers["webhook-id"], body))
            accepts = len(self.server.calls) > REFUSALS
            if accepts:
                self.server.taken.append(json.loads(body))
        self.send_response(204 if accepts else 503)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def one_stop() -> Iterator[OneStop]:
    with OneStop() as server:
        yield server
        server.shutdown()


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    transport = HttpTransport(SystemSettings(base_url=""))
    yield transport
    await transport.close()


def now() -> datetime:
    return datetime.now(UTC)


async def test_what_happens_to_money_is_heard_signed_and_in_order(
    database: Any, one_stop: OneStop, transport: HttpTransport
) -> None:
    """SYN-08 (part), PDP-15 (part)."""
    events, receivers = PostgresEvents(database), PostgresReceivers(database, Keyring.ephemeral())
    await receivers.put(Receiver(tenant=TENANT, client_id="motcua", url=one_stop.url, secret=SECRET))
    audience, leaves = Listed("motcua"), ListedRecorder()
    callbacks = Callbacks(events, receivers, audience=audience, clock=now)
    story = (EventType.PAYMENT_PAID, EventType.RECEIPT_ISSUED, EventType.PAYMENT_EXCESS, EventType.REFUND_DONE)
    for event in story:
        for payment in ("P1", "P2", "P3"):
            async with database.transaction():
                await callbacks.tell(TENANT, event, {**FACTS, "payment_id": payment})
    workers = [
        Messenger(
            events,
            Calls(receivers, transport, leaves, clock=now),
            audience,
            tenant=TENANT,
            name=f"w{number}",
            clock=now,
            policy=CallPolicy(ladder_s=(0.05,), poll_s=0.02),
        )
        for number in range(3)
    ]
    stop = asyncio.Event()
    running = [asyncio.create_task(worker.run(stop=stop)) for worker in workers]
    async with asyncio.timeout(120):
        while await events.latest(TENANT, state=EventState.WAITING, limit=1):
            await asyncio.wait([*running], timeout=0.05)
    stop.set()
    await asyncio.gather(*running)
    for payment in ("P1", "P2", "P3"):
        heard = [told["type"] for told in one_stop.taken if told["payment_id"] == payment]
        assert heard == [event.value for event in story]
    assert len(one_stop.taken) == 12
    assert len(one_stop.calls) == 12 + REFUSALS
    assert len({call for call, _ in one_stop.calls}) == 12  # a repeat has the id of the first try
    assert len({body for _, body in one_stop.calls}) == 12
    assert len(leaves.entries) == 12 + REFUSALS


async def test_an_event_whose_worker_died_is_told_again_under_its_id(
    database: Any, one_stop: OneStop, transport: HttpTransport
) -> None:
    """A receiver may hear it twice and knows it by the id."""
    tenant = "H98"
    events, receivers = PostgresEvents(database), PostgresReceivers(database, Keyring.ephemeral())
    await receivers.put(Receiver(tenant=tenant, client_id="motcua", url=one_stop.url, secret=SECRET))
    await Callbacks(events, receivers, audience=Listed("motcua"), clock=now).tell(tenant, EventType.PAYMENT_PAID, FACTS)
    one_stop.calls += [("", b"")] * REFUSALS
    ahead = timedelta()
    settle, lost = events.settle, iter([True])

    async def killed(after: Any, *, owner: str) -> bool:
        return False if next(lost, False) else await settle(after, owner=owner)

    events.settle = killed  # type: ignore[method-assign]
    worker = Messenger(
        events,
        Calls(receivers, transport, ListedRecorder(), clock=now),
        Listed("motcua"),
        tenant=tenant,
        name="w",
        clock=lambda: now() + ahead,
        policy=CallPolicy(),
    )
    assert await worker.drain() == 1
    assert await worker.drain() == 0
    ahead = timedelta(seconds=121)
    assert await worker.drain() == 1
    assert len(one_stop.taken) == 2
    assert one_stop.taken[0] == one_stop.taken[1]
    assert (await events.latest(tenant, state=None, limit=1))[0].state is EventState.DELIVERED
