"""Rechecks in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gateway.callbacks.model import Lease
from gateway.lookups.model import Verification
from gateway.rechecks.course import ended
from gateway.rechecks.model import (
    CallbackState,
    Contents,
    Recheck,
    RecheckOperation,
    RecheckState,
)


@dataclass(slots=True)
class _Row:
    recheck: Recheck
    contents: Contents
    owner: str = ""
    lease_until: datetime | None = None

    def is_free(self, now: datetime) -> bool:
        due = self.recheck.due
        held = self.owner and self.lease_until and self.lease_until > now
        return due is not None and due <= now and not held


class MemoryRechecks:
    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], _Row] = {}

    async def add(self, recheck: Recheck, request: Mapping[str, Any]) -> Recheck:
        key = recheck.tenant, recheck.recheck_id
        row = self._rows.setdefault(key, _Row(recheck, Contents(request=dict(request), result=None)))
        return row.recheck

    async def find(self, tenant: str, recheck_id: str) -> Recheck | None:
        row = self._rows.get((tenant, recheck_id))
        return row.recheck if row else None

    async def contents(self, tenant: str, recheck_id: str) -> Contents:
        row = self._rows.get((tenant, recheck_id))
        return row.contents if row else Contents(request=None, result=None)

    async def claim(self, tenant: str, operation: RecheckOperation, *, lease: Lease, most: int) -> Sequence[Recheck]:
        def fits(recheck: Recheck) -> bool:
            return recheck.state is RecheckState.WAITING and recheck.operation is operation

        return self._claim(tenant, fits, lease=lease, most=most)

    async def claim_calls(self, tenant: str, *, lease: Lease, most: int) -> Sequence[Recheck]:
        def fits(recheck: Recheck) -> bool:
            return recheck.state is not RecheckState.WAITING and recheck.callback is CallbackState.WAITING

        return self._claim(tenant, fits, lease=lease, most=most)

    async def postpone_calls(self, tenant: str, client_id: str, *, until: datetime) -> None:
        for row in self._rows.values():
            found = row.recheck
            waits = found.state is not RecheckState.WAITING and found.callback is CallbackState.WAITING
            if (found.tenant, found.client_id) == (tenant, client_id) and waits and not row.owner:
                row.recheck = replace(found, due=max(found.due or until, until))

    async def settle(self, after: Recheck, *, owner: str, result: Verification | None = None) -> bool:
        row = self._rows.get((after.tenant, after.recheck_id))
        if row is None or not owner or row.owner != owner:
            return False
        row.recheck, row.owner, row.lease_until = after, "", None
        row.contents = replace(row.contents, result=result or row.contents.result)
        if after.erased_at is not None:
            row.contents = Contents(request=None, result=None)
        return True

    async def withdraw(self, tenant: str, recheck_id: str, *, now: datetime) -> bool:
        row = self._rows.get((tenant, recheck_id))
        if row is None or row.recheck.state is not RecheckState.WAITING:
            return False
        row.recheck = ended(row.recheck, RecheckState.WITHDRAWN, now=now)
        row.contents, row.owner = Contents(request=None, result=None), ""
        return True

    async def hurry(self, tenant: str, recheck_id: str, *, now: datetime) -> bool:
        row = self._rows.get((tenant, recheck_id))
        if row is None or row.recheck.due is None:
            return False
        row.recheck = replace(row.recheck, due=min(row.recheck.due, now))
        return True

    async def latest(self, tenant: str, *, state: RecheckState | None, limit: int) -> Sequence[Recheck]:
        found = [row.recheck for row in self._rows.values() if row.recheck.tenant == tenant]
        found = [recheck for recheck in found if state is None or recheck.state is state]
        return sorted(found, key=lambda recheck: (recheck.created_at, recheck.recheck_id), reverse=True)[:limit]

    async def erase(self, tenant: str, *, ended_before: datetime, now: datetime) -> int:
        old = [
            row
            for row in self._rows.values()
            if row.recheck.tenant == tenant
            and row.recheck.erased_at is None
            and row.recheck.ended_at is not None
            and row.recheck.ended_at < ended_before
        ]
        for row in old:
            row.recheck, row.contents = replace(row.recheck, erased_at=now), Contents(request=None, result=None)
        return len(old)

    def _claim(self, tenant: str, fits: Callable[[Recheck], bool], *, lease: Lease, most: int) -> Sequence[Recheck]:
        rows = [row for row in self._rows.values() if row.recheck.tenant == tenant and fits(row.recheck)]
        free = sorted((row for row in rows if row.is_free(lease.now)), key=_order)[:most]
        for row in free:
            row.owner, row.lease_until = lease.owner, lease.until
        return [row.recheck for row in free]


def _order(row: _Row) -> tuple[datetime, str]:
    assert row.recheck.due is not None
    return row.recheck.due, row.recheck.recheck_id
