"""Write down whom to tell what, in the transaction of what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import orjson
from structlog.contextvars import get_contextvars

from gateway.callbacks.model import Audience, Event, EventType, Facts
from gateway.callbacks.store import EventStore, ReceiverStore
from gateway.exchange.ids import new_id
from gateway.observability import continue_trace


class Callbacks:
    """Implements `Teller`."""

    def __init__(
        self, events: EventStore, receivers: ReceiverStore, *, audience: Audience, clock: Callable[[], datetime]
    ) -> None:
        self._events = events
        self._receivers = receivers
        self._audience = audience
        self._clock = clock

    async def tell(self, tenant: str, event: EventType, facts: Facts) -> None:
        """Who has an address and may hear it is decided now; whether it still may, when it is called."""
        now, agency = self._clock(), str(facts.get("agency_id", ""))
        addresses = await self._receivers.addresses(tenant)
        if not addresses:
            return
        event_id = new_id(now)
        body = orjson.dumps({"type": event.value, "id": event_id, "at": now.isoformat(), **facts})
        trace_id = continue_trace(str(get_contextvars().get("trace_id", ""))).trace_id
        subject = str(facts.get("payment_id") or facts.get("bill_id") or event_id)
        may = await self._audience.of(tenant, agency)
        await self._events.add(
            [
                Event(
                    tenant=tenant,
                    event_id=event_id,
                    client_id=client_id,
                    type=event,
                    subject=subject,
                    agency_id=agency,
                    reference=str(facts.get("dossier_code", "")),
                    trace_id=trace_id,
                    body=body,
                    created_at=now,
                    due=now,
                )
                for client_id in sorted(addresses.keys() & set(may))
            ]
        )
