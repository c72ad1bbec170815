"""Kept answers in a dictionary, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.clients.idempotency import ABANDONED, KEPT, Answer, Slot


@dataclass(slots=True)
class _Row:
    fingerprint: bytes
    started_at: datetime
    answer: Answer | None = None


class MemoryAnswers:
    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, bytes], _Row] = {}

    async def begin(self, slot: Slot, *, now: datetime) -> bool:
        row = self._rows.get(_key(slot))
        if row is not None and row.started_at + KEPT > now:
            same = row.fingerprint == slot.fingerprint
            if row.answer is not None or row.started_at > now - ABANDONED or not same:
                return False
        self._rows[_key(slot)] = _Row(slot.fingerprint, now)
        return True

    async def find(self, slot: Slot) -> tuple[bytes, Answer | None] | None:
        row = self._rows.get(_key(slot))
        return (row.fingerprint, row.answer) if row else None

    async def finish(self, slot: Slot, answer: Answer) -> None:
        self._rows[_key(slot)].answer = answer

    async def forget(self, slot: Slot) -> None:
        self._rows.pop(_key(slot), None)

    async def expire(self, *, now: datetime) -> None:
        self._rows = {key: row for key, row in self._rows.items() if row.started_at + KEPT > now}


def _key(slot: Slot) -> tuple[str, str, bytes]:
    return slot.tenant, slot.client_id, slot.key_digest
