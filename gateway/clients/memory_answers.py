"""Kept answers in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.clients.idempotency import ABANDONED, KEPT, Answer, Found, Slot


@dataclass(slots=True)
class _Row:
    fingerprint: bytes
    started_at: datetime
    expires_at: datetime
    answer: Answer | None = None


class MemoryAnswers:
    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, bytes], _Row] = {}

    async def begin(self, slot: Slot, *, now: datetime) -> bool:
        if not self._is_free(slot, now=now):
            return False
        self._rows[slot.place] = _Row(slot.fingerprint, now, now + KEPT)
        return True

    async def find(self, slot: Slot) -> Found | None:
        row = self._rows.get(slot.place)
        return (row.fingerprint, row.answer) if row else None

    async def renew(self, slot: Slot, *, began: datetime, now: datetime) -> None:
        if row := self._begun(slot, began):
            row.expires_at = now + KEPT

    async def finish(self, slot: Slot, answer: Answer, *, began: datetime) -> None:
        if row := self._begun(slot, began):
            row.answer = answer

    async def forget(self, slot: Slot, *, began: datetime) -> None:
        if self._begun(slot, began):
            del self._rows[slot.place]

    def _begun(self, slot: Slot, began: datetime) -> _Row | None:
        row = self._rows.get(slot.place)
        return row if row and row.started_at == began and row.answer is None else None

    async def earlier(self, slots: Sequence[Slot], *, now: datetime) -> Mapping[Slot, Found]:
        rows = {slot: self._rows[slot.place] for slot in slots if not self._is_free(slot, now=now)}
        return {slot: (row.fingerprint, row.answer) for slot, row in rows.items()}

    async def keep(self, answers: Mapping[Slot, Answer], *, now: datetime) -> int:
        free = [slot for slot in answers if self._is_free(slot, now=now)]
        self._rows |= {slot.place: _Row(slot.fingerprint, now, now + KEPT, answers[slot]) for slot in free}
        return len(free)

    def _is_free(self, slot: Slot, *, now: datetime) -> bool:
        row = self._rows.get(slot.place)
        if row is None or row.expires_at <= now:
            return True
        is_abandoned = row.answer is None and row.expires_at <= now + KEPT - ABANDONED
        return is_abandoned and row.fingerprint == slot.fingerprint

    async def expire(self, *, now: datetime) -> None:
        self._rows = {key: row for key, row in self._rows.items() if row.expires_at > now}
