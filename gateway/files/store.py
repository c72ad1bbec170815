"""The port to stored files. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from gateway.delivery.model import StreamKey
from gateway.files.model import FileRecord


class FileStore(Protocol):
    async def add(self, record: FileRecord, content: bytes) -> bool:
        """False: the id is taken, and what is stored under it stays as it is."""

    async def restore(self, record: FileRecord, content: bytes) -> None:
        """Put the bytes of a file back that is stored as `record`."""

    async def find(self, tenant: str, file_id: str) -> FileRecord | None: ...

    async def content(self, tenant: str, file_id: str) -> bytes | None:
        """`IntegrityError` when the stored bytes were altered or belong to another file."""

    async def known(self, tenant: str, file_ids: Iterable[str]) -> frozenset[str]:
        """Those that are stored."""

    async def unchecked(self, tenant: str, *, before: datetime, limit: int) -> Sequence[str]:
        """Ids of files that were taken in, or last checked, before; the longest unchecked first."""

    async def checked(self, tenant: str, file_id: str, *, at: datetime) -> None:
        """Note that its bytes were compared with its digest."""

    async def assign(self, stream: StreamKey, file_ids: Sequence[str]) -> Sequence[str]:
        """Note that the files go out in `stream`; those that were not noted before, in the order given."""
