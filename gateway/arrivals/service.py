"""Keep what a national system sent, once, and hand it to the province."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, NoReturn
from uuid import uuid4

from gateway.arrivals.model import Arrival, ArrivalView
from gateway.arrivals.store import ArrivalStore
from gateway.domain import Context
from gateway.sdk import Handled, Inbound, NotFoundError, Receipt
from gateway.signing.model import Digester


class Arrivals:
    """Implements `ArrivalService`, and is the handler of every inbound event that has no other."""

    def __init__(
        self,
        store: ArrivalStore,
        digester: Digester,
        *,
        tenant: str,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
        new_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        """`new_id`: UUIDs that nobody can guess; a citizen's browser carries that of a visit."""
        self._store = store
        self._digester = digester
        self._tenant = tenant
        self._atomically = atomically
        self._clock = clock
        self._new_id = new_id

    async def __call__(self, message: Inbound, body: Mapping[str, Any], system: str) -> Handled:
        """The answer names the arrival. A repeat is the first one told again; other content under a known key is kept
        beside it, and said to be so: nothing is ever overwritten (SYN-09)."""
        arrival_id = self._new_id()
        view = ArrivalView(
            id=arrival_id,
            system=system,
            event=message.event,
            key=message.key or arrival_id,
            received_at=self._clock(),
        )
        told = json.dumps(message.body, sort_keys=True, ensure_ascii=False).encode()
        digest = self._digester.digest(told, purpose=f"arrival/{self._tenant}/{system}/{message.event}")
        async with self._atomically():
            kept = await self._store.keep(
                self._tenant, Arrival(view=view, body=body, original=message.original), digest=digest
            )
        return Handled(_receipt(kept), answer={"id": kept.id})

    async def waiting(self, *, after: int, limit: int, everything: bool, context: Context) -> Sequence[ArrivalView]:
        return await self._store.after(context.tenant, cursor=after, limit=limit, everything=everything)

    async def read(self, arrival_id: str, *, context: Context) -> Arrival:
        return await self._store.find(context.tenant, arrival_id) or _unknown()

    async def acknowledge(self, arrival_id: str, *, context: Context) -> ArrivalView:
        view = await self._store.acknowledge(context.tenant, arrival_id, by=context.actor, now=self._clock())
        return view or _unknown()


def _receipt(kept: ArrivalView) -> Receipt:
    """A repeat is answered as the first time."""
    if kept.version > 1:
        return Receipt.KEPT_BESIDE
    return Receipt.RECORDED if kept.deliveries == 1 else Receipt.DUPLICATE


def _unknown() -> NoReturn:
    raise NotFoundError("No arrival has this id.", vi="Không có bản tin đến nào mang mã này.")
