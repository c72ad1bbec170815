"""Files in a dictionary, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from gateway.delivery.model import StreamKey
from gateway.files.model import FileRecord, parts_lost, pieces_of


class MemoryFiles:
    def __init__(self) -> None:
        self.files: dict[tuple[str, str], tuple[FileRecord, bytes]] = {}
        self.coming: dict[MemoryTaking, datetime] = {}
        """What is on its way in, and since when."""
        self._checked: dict[tuple[str, str], datetime] = {}
        self._assigned: set[tuple[StreamKey, str]] = set()

    def take(self, tenant: str, file_id: str, *, at: datetime) -> MemoryTaking:
        taking = MemoryTaking(self, tenant, file_id)
        self.coming[taking] = at
        return taking

    async def find(self, tenant: str, file_id: str) -> FileRecord | None:
        found = self.files.get((tenant, file_id))
        return found and found[0]

    async def parts(self, tenant: str, file_id: str) -> AsyncIterator[bytes]:
        _, content = self.files.get((tenant, file_id), (None, b""))
        async for part in pieces_of(content):
            yield part

    async def sweep(self, tenant: str, *, before: datetime) -> int:
        stale = [one for one, at in self.coming.items() if one.tenant == tenant and one.parts and at < before]
        for one in stale:
            await one.drop()
        return len(stale)

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


class MemoryTaking:
    """Implements `Taking`."""

    def __init__(self, files: MemoryFiles, tenant: str, file_id: str) -> None:
        self.tenant = tenant
        self.file_id = file_id
        self.parts: list[bytes] = []
        self._files = files

    async def add(self, part: bytes) -> None:
        self._check()
        self.parts.append(part)

    async def keep(self, record: FileRecord, last: bytes) -> bool:
        if (record.tenant, record.id) in self._files.files:
            return False
        await self._put(record, last)
        return True

    async def replace(self, record: FileRecord, last: bytes) -> bool:
        if (record.tenant, record.id) not in self._files.files:
            return False
        await self._put(record, last)
        return True

    async def drop(self) -> None:
        self._files.coming.pop(self, None)

    async def _put(self, record: FileRecord, last: bytes) -> None:
        self._check()
        self._files.files[record.tenant, record.id] = record, b"".join([*self.parts, last])
        await self.drop()

    def _check(self) -> None:
        if self not in self._files.coming:
            raise parts_lost()
