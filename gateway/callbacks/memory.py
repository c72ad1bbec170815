"""Events and receivers in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.callbacks.model import Event, EventState, Lease, Receiver


@dataclass(slots=True)
class _Row:
    event: Event
    owner: str = ""
    lease_until: datetime | None = None

    @property
    def waits(self) -> bool:
        return self.event.state is EventState.WAITING

    def is_free(self, now: datetime) -> bool:
        held = self.owner and self.lease_until and self.lease_until > now
        return self.event.due is not None and self.event.due <= now and not held


class MemoryEvents:
    def __init__(self) -> None:
        self.rows: list[_Row] = []

    async def add(self, events: Sequence[Event]) -> None:
        self.rows += [_Row(event) for event in events]

    async def claim(self, tenant: str, *, lease: Lease, most: int) -> Sequence[Event]:
        heads = [row for row in self._heads(tenant) if row.is_free(lease.now)]
        free = sorted(heads, key=lambda row: row.event.due or lease.now)[:most]
        for row in free:
            row.owner, row.lease_until = lease.owner, lease.until
        return [row.event for row in free]

    async def settle(self, after: Event, *, owner: str) -> bool:
        for row in self.rows:
            if owner and row.owner == owner and _name(row.event) == _name(after):
                row.event, row.owner, row.lease_until = after, "", None
                return True
        return False

    async def postpone(self, tenant: str, client_id: str, *, until: datetime) -> None:
        for row in self.rows:
            if (row.event.tenant, row.event.client_id) == (tenant, client_id) and row.waits and not row.owner:
                row.event = replace(row.event, due=max(row.event.due or until, until))

    async def hurry(self, tenant: str, event_id: str, *, now: datetime) -> bool:
        found = [row for row in self.rows if (row.event.tenant, row.event.event_id) == (tenant, event_id) and row.waits]
        for row in found:
            row.event = replace(row.event, due=min(row.event.due or now, now))
        return bool(found)

    async def latest(self, tenant: str, *, state: EventState | None, limit: int) -> Sequence[Event]:
        found = [row.event for row in self.rows if row.event.tenant == tenant]
        return [event for event in reversed(found) if state is None or event.state is state][:limit]

    async def expire(self, tenant: str, *, before: datetime) -> int:
        old = [row for row in self.rows if row.event.tenant == tenant and not row.waits]
        old = [row for row in old if row.event.created_at < before]
        self.rows = [row for row in self.rows if row not in old]
        return len(old)

    def _heads(self, tenant: str) -> Iterable[_Row]:
        seen: set[tuple[str, str]] = set()
        for row in self.rows:
            name = row.event.client_id, row.event.subject
            if row.event.tenant == tenant and row.waits and name not in seen:
                seen.add(name)
                yield row


class MemoryReceivers:
    def __init__(self) -> None:
        self._receivers: dict[tuple[str, str], Receiver] = {}

    async def put(self, receiver: Receiver) -> None:
        self._receivers[receiver.tenant, receiver.client_id] = receiver

    async def find(self, tenant: str, client_id: str) -> Receiver | None:
        return self._receivers.get((tenant, client_id))

    async def remove(self, tenant: str, client_id: str) -> bool:
        return self._receivers.pop((tenant, client_id), None) is not None

    async def addresses(self, tenant: str) -> Mapping[str, str]:
        return {name: receiver.url for (owner, name), receiver in self._receivers.items() if owner == tenant}


def _name(event: Event) -> tuple[str, str, str]:
    return event.tenant, event.client_id, event.event_id
