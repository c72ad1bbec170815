"""Files in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from gateway.delivery.model import StreamKey
from gateway.files.model import FileRecord


class MemoryFiles:
    def __init__(self) -> None:
        self.files: dict[tuple[str, str], tuple[FileRecord, bytes]] = {}
        self._checked: dict[tuple[str, str], datetime] = {}
        self._assigned: set[tuple[StreamKey, str]] = set()

    async def add(self, record: FileRecord, content: bytes) -> bool:
        if (record.tenant, record.id) in self.files:
            return False
        self.files[record.tenant, record.id] = record, content
        return True

    async def restore(self, record: FileRecord, content: bytes) -> None:
        self.files[record.tenant, record.id] = record, content

    async def find(self, tenant: str, file_id: str) -> FileRecord | None:
        found = self.files.get((tenant, file_id))
        return found and found[0]

    async def content(self, tenant: str, file_id: str) -> bytes | None:
        found = self.files.get((tenant, file_id))
        return found and found[1]

    async def known(self, tenant: str, file_ids: Iterable[str]) -> frozenset[str]:
        return frozenset(name for name in file_ids if (tenant, name) in self.files)

    async def unchecked(self, tenant: str, *, before: datetime, limit: int) -> Sequence[str]:
        last = {
            name: self._checked.get((owner, name), record.stored_at)
            for (owner, name), (record, _) in self.files.items()
            if owner == tenant
        }
        return sorted((name for name, at in last.items() if at < before), key=lambda name: (last[name], name))[:limit]

    async def checked(self, tenant: str, file_id: str, *, at: datetime) -> None:
        self._checked[tenant, file_id] = at

    async def assign(self, stream: StreamKey, file_ids: Sequence[str]) -> Sequence[str]:
        new = [name for name in dict.fromkeys(file_ids) if (stream, name) not in self._assigned]
        self._assigned |= {(stream, name) for name in new}
        return new
