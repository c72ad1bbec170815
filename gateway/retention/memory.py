"""Erasing from a log in memory, for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.audit.memory import MemoryAudit
from gateway.audit.rows import BodyKey
from gateway.retention.model import Erased, Hold, Placed, Scope
from gateway.retention.rewrapping import WrappedKey
from gateway.retention.store import Selection


class MemoryRetention:
    """Implements `RetentionStore` on `audit`, which asks it what is held."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self._holds: list[tuple[str, Hold]] = []
        audit.is_held = self._is_held

    async def present(self, tenant: str, *, before: datetime) -> Sequence[tuple[str, str]]:
        keys = self._audit.keys[tenant].values()
        return sorted({(key.kind, key.operation) for key in keys if key.recorded_at < before})

    async def erase(self, tenant: str, selection: Selection, *, limit: int) -> Erased:
        def is_due(key: BodyKey) -> bool:
            chosen = (key.kind, key.operation) == (selection.kind, selection.operation)
            return chosen and key.recorded_at < selection.before

        return await self._erase(tenant, is_due, limit=limit)

    async def erase_reference(self, tenant: str, reference: str) -> Erased:
        named = {row.index for row in self._audit.leaves[tenant] if row.reference == reference}
        return await self._erase(tenant, lambda key: key.index in named, limit=len(named))

    async def erase_subjects(self, tenant: str, *, before: datetime, limit: int) -> Erased:
        subjects = self._audit.subjects[tenant]
        due = [one for one in subjects if one.recorded_at < before and not self._is_held(tenant, one.index)][:limit]
        self._audit.subjects[tenant] = [one for one in subjects if one not in due]
        return _told([one.index for one in due], bodies=0)

    async def place(self, tenant: str, hold: Placed) -> Hold:
        placed = Hold(id=len(self._holds) + 1, scope=hold.scope, reason=hold.reason, by=hold.by, at=hold.at)
        self._holds.append((tenant, placed))
        return placed

    async def lift(self, tenant: str, hold_id: int, *, by: str, now: datetime) -> Hold | None:
        for place, (owner, hold) in enumerate(self._holds):
            if (owner, hold.id) == (tenant, hold_id) and hold.lifted_at is None:
                lifted = replace(hold, lifted_by=by, lifted_at=now)
                self._holds[place] = (owner, lifted)
                return lifted
        return None

    async def holds(self, tenant: str, *, everything: bool) -> Sequence[Hold]:
        return [hold for owner, hold in self._holds if owner == tenant and (everything or hold.lifted_at is None)]

    async def elsewhere(self, tenant: str, kek_id: bytes) -> int:
        return len(await self.under_others(tenant, kek_id, after=-1, limit=len(self._audit.keys[tenant])))

    async def under_others(self, tenant: str, kek_id: bytes, *, after: int, limit: int) -> Sequence[WrappedKey]:
        keys = sorted(self._audit.keys[tenant].values(), key=lambda key: key.index)
        others = [key for key in keys if key.kek_id != kek_id and key.index > after]
        return [WrappedKey(index=key.index, was=key.wrapped) for key in others[:limit]]

    async def put(self, tenant: str, kek_id: bytes, keys: Sequence[WrappedKey]) -> int:
        held = self._audit.keys[tenant]
        same = [key for key in keys if key.index in held and held[key.index].wrapped == key.was]
        held.update({key.index: replace(held[key.index], kek_id=kek_id, wrapped=key.wrapped) for key in same})
        return len(same)

    async def _erase(self, tenant: str, is_due: Callable[[BodyKey], bool], *, limit: int) -> Erased:
        keys = sorted(self._audit.keys[tenant].values(), key=lambda key: key.index)
        due = [key.index for key in keys if is_due(key) and not self._is_held(tenant, key.index)][:limit]
        return _told(due, bodies=sum([await self._audit.erase_bodies(tenant, index) for index in due]))

    def _is_held(self, tenant: str, index: int) -> bool:
        standing = [hold.scope for owner, hold in self._holds if owner == tenant and hold.lifted_at is None]
        return any(self._covers(scope, tenant, index) for scope in standing)

    def _covers(self, scope: Scope, tenant: str, index: int) -> bool:
        if scope.first is not None and scope.last is not None:
            return scope.first <= index <= scope.last
        if scope.reference:
            return self._audit.leaves[tenant][index].reference == scope.reference
        about = {one.digest for one in self._audit.subjects[tenant] if one.index == index}
        return scope.subject in about


def _told(indexes: Sequence[int], *, bodies: int) -> Erased:
    return Erased(rows=len(indexes), bodies=bodies, first=min(indexes, default=None), last=max(indexes, default=None))
