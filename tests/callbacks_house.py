"""What the tests of callbacks share: a store with a receiver, and a worker that calls it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from rechecks_house import RECEIVER, TENANT, Listener
from services import CONTEXT, NOW, PURPOSE, ListedRecorder

from gateway.callbacks.call import Calls
from gateway.callbacks.course import CallPolicy
from gateway.callbacks.memory import MemoryEvents, MemoryReceivers
from gateway.callbacks.model import Event, EventType
from gateway.callbacks.service import Callbacks
from gateway.callbacks.worker import Messenger
from gateway.exchange.transport import Transport

FACTS = {
    "payment_id": "P1",
    "bill_id": "B1",
    "dossier_code": PURPOSE.dossier_code,
    "agency_id": PURPOSE.agency_id,
    "amount": 3_000_000_000,
    "state": "paid",
}


def event(number: int = 1, **changes: Any) -> Event:
    first: dict[str, Any] = {
        "tenant": TENANT,
        "event_id": f"E{number:04d}",
        "client_id": "motcua",
        "type": EventType.PAYMENT_PAID,
        "subject": f"P{number}",
        "agency_id": PURPOSE.agency_id,
        "reference": PURPOSE.dossier_code,
        "trace_id": CONTEXT.trace_id,
        "body": b'{"type":"payment.paid"}',
        "created_at": NOW,
        "due": NOW,
    }
    return Event(**{**first, **changes})


class Listed:
    """An audience that a test names."""

    def __init__(self, *names: str) -> None:
        self.names = set(names)

    async def of(self, tenant: str, agency_id: str) -> Collection[str]:
        return self.names


class House:
    """One worker over stores in memory; time stands still unless it is told to pass."""

    def __init__(self, transport: Transport | None = None) -> None:
        self.listener = Listener()
        self.events, self.receivers, self.audience = MemoryEvents(), MemoryReceivers(), Listed("motcua")
        self.leaves = ListedRecorder()
        self.now = NOW
        self.callbacks = Callbacks(self.events, self.receivers, audience=self.audience, clock=self.clock)
        self.worker = Messenger(
            self.events,
            Calls(self.receivers, transport or self.listener, self.leaves, clock=self.clock),
            self.audience,
            tenant=TENANT,
            name="w",
            clock=self.clock,
            policy=CallPolicy(poll_s=0.01, ladder_s=(5.0, 30.0)),
        )

    def clock(self) -> datetime:
        return self.now

    async def open(self) -> None:
        await self.receivers.put(RECEIVER)

    async def tell(self, told: EventType = EventType.PAYMENT_PAID, **changes: str | int) -> None:
        await self.callbacks.tell(TENANT, told, {**FACTS, **changes})

    async def drain(self, *, after_s: float = 0) -> list[Event]:
        """Let time pass, work until nothing is due, and show everything, oldest first."""
        self.now += timedelta(seconds=after_s)
        while await self.worker.drain():
            pass
        return list(reversed(await self.events.latest(TENANT, state=None, limit=99)))
