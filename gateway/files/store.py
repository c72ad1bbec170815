"""The port to stored files. Every method joins the transaction that is open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from gateway.delivery.model import StreamKey
from gateway.files.model import FileRecord


class Taking(Protocol):
    """One file on its way in. Nothing of it can be found before `keep` or `replace`, which is the end of it; whoever
    comes to neither says `drop`."""

    async def add(self, part: bytes) -> None:
        """The next `PART` bytes, which are not the last. `BusyError`, as of `keep` and `replace`: what came before is
        not all there any more (it was swept, or the database lost it in a crash), and nothing is stored."""

    async def keep(self, record: FileRecord, last: bytes) -> bool:
        """All has come, and is a file from now on. False: the id is taken, and what is stored under it stays."""

    async def replace(self, record: FileRecord, last: bytes) -> bool:
        """All has come, and takes the place of the bytes of the file that is stored as `record`. False: there is no
        such file any more, and nothing is stored."""

    async def drop(self) -> None:
        """Nothing of it stays, unless it was kept, whether or not anybody heard that it was."""


class FileStore(Protocol):
    def take(self, tenant: str, file_id: str, *, at: datetime) -> Taking: ...

    async def find(self, tenant: str, file_id: str) -> FileRecord | None: ...

    def parts(self, tenant: str, file_id: str) -> AsyncIterator[bytes]:
        """The bytes of a file from the first part to the last; none when there is no file. `IntegrityError`: the next
        one was altered, stood elsewhere, or is missing."""

    async def sweep(self, tenant: str, *, before: datetime) -> int:
        """Delete what came of files that began to come before and never became any; how many those are."""

    async def known(self, tenant: str, file_ids: Iterable[str]) -> frozenset[str]:
        """Those that are stored."""

    async def unchecked(self, tenant: str, *, before: datetime, limit: int) -> Sequence[str]:
        """Ids of files that were taken in, or last checked, before; the longest unchecked first."""

    async def checked(self, tenant: str, file_id: str, *, at: datetime) -> None:
        """Note that its bytes were compared with its digest."""

    async def assign(self, stream: StreamKey, file_ids: Sequence[str]) -> Sequence[str]:
        """Note that the files go out in `stream`; those that were not noted before, in the order given."""
