"""Take files in once, hand them out checked, and let others fetch them through links of ours.

A file never changes: its id is the province's, the first content under an id stays, and what is read is compared with
the digest of what was taken in (SEC-10). Nothing that differs leaves the gateway.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.delivery.model import StreamKey
from gateway.domain import Context
from gateway.files import links
from gateway.files.model import FilePolicy, FileRecord, Kept, Link, Upload
from gateway.files.store import FileStore
from gateway.sdk.errors import (
    ConfigurationError,
    ConflictError,
    FieldProblem,
    GatewayError,
    IntegrityError,
    NotFoundError,
    UnprocessableError,
    UnsupportedMediaTypeError,
)
from gateway.sdk.port import StoredFile
from gateway.signing.model import Digester

FILE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)

log = structlog.get_logger()


class Files:
    """Implements `FileService`, the exchange's `FileSource` and the dossiers' `FileShelf`."""

    def __init__(
        self,
        store: FileStore,
        digester: Digester,
        *,
        recorder: Recorder,
        clock: Callable[[], datetime],
        policy: FilePolicy,
    ) -> None:
        self._store = store
        self._digester = digester
        self._recorder = recorder
        self._clock = clock
        self._policy = policy

    @property
    def max_bytes(self) -> int:
        return self._policy.max_bytes

    async def put(self, file_id: str, upload: Upload, *, context: Context) -> Kept:
        record = FileRecord(
            tenant=context.tenant,
            id=file_id,
            name=upload.name,
            media_type=upload.media_type,
            size=len(upload.content),
            sha256=await _digest(upload.content),
            stored_at=self._clock(),
        )
        self._check(record, upload)
        if await self._store.add(record, upload.content):
            return Kept(record=record, new=True)
        return Kept(record=await self._again(record, upload.content, context), new=False)

    async def _again(self, record: FileRecord, content: bytes, context: Context) -> FileRecord:
        """What is stored under the id, which must be this very file. If its bytes were damaged since, these replace
        them: they have the digest that was taken the first time."""
        held = await self.find(record.id, context=context)
        if (held.sha256, held.media_type, held.name) != (record.sha256, record.media_type, record.name):
            raise ConflictError(
                "Another file was already taken in under this id; a new file needs a new id.",
                vi="Mã tệp này đã dùng cho tệp khác; tệp mới phải có mã mới.",
                what="file_id_reused",
            )
        try:
            await self.file(held.tenant, held.id)
        except IntegrityError:
            await self._store.restore(replace(held, size=record.size), content)
            log.warning("file_restored", file_id=held.id)
        return await self.find(record.id, context=context)

    async def find(self, file_id: str, *, context: Context) -> FileRecord:
        record = await self._store.find(context.tenant, file_id)
        if record is None:
            raise _no_such_file()
        return record

    async def file(self, tenant: str, file_id: str) -> StoredFile:
        try:
            record = await self._store.find(tenant, file_id)
            content = await self._store.content(tenant, file_id)
        except IntegrityError as exc:
            raise _altered(file_id) from exc
        if record is None:
            raise _no_such_file()
        if content is None or await _digest(content) != record.sha256:
            raise _altered(file_id)
        return StoredFile(
            id=record.id, name=record.name, media_type=record.media_type, sha256=record.sha256, content=content
        )

    async def restore(self, tenant: str, file_id: str, content: bytes) -> FileRecord:
        """Put the bytes of a file back, from the sender or a backup. `ConflictError` unless they have the digest of
        what was taken in; `NotFoundError`."""
        record = await self._store.find(tenant, file_id)
        if record is None:
            raise _no_such_file()
        if await _digest(content) != record.sha256:
            raise ConflictError(
                "This is not the file that was taken in: its digest differs.",
                vi="Đây không phải tệp đã tiếp nhận: mã băm khác.",
                what="file_differs",
            )
        restored = replace(record, size=len(content))
        await self._store.restore(restored, content)
        log.warning("file_restored", file_id=file_id)
        return restored

    async def unknown(self, tenant: str, file_ids: Iterable[str]) -> frozenset[str]:
        asked = frozenset(file_ids)
        return asked - await self._store.known(tenant, asked)

    async def assign(self, stream: StreamKey, file_ids: Sequence[str]) -> Sequence[str]:
        """Note that the files go out in `stream`, in the transaction that is open; those that did not before."""
        return await self._store.assign(stream, file_ids)

    def link(self, tenant: str, file_id: str) -> str:
        """Where others fetch the file for `link_days` from now. `ConfigurationError`: nobody said where we are."""
        if not self._policy.public_url:
            raise ConfigurationError(
                "A link to a stored file is needed; set files.public_url to where the portal reaches this gateway.",
                vi="Cần đường dẫn tới tệp đã lưu; hãy đặt files.public_url là địa chỉ Cổng gọi tới cổng liên thông.",
                what="public_url",
            )
        expires = self._clock() + timedelta(days=self._policy.link_days)
        return links.write(
            file_id, public_url=self._policy.public_url, tenant=tenant, expires=expires, digester=self._digester
        )

    async def download(self, link: Link, *, context: Context) -> StoredFile | None:
        verdict = links.verdict(link, tenant=context.tenant, now=self._clock(), digester=self._digester)
        found, outcome = None, f"link_{verdict}"
        facts: dict[str, str | int] = {}
        try:
            if verdict == "good":
                found = await self.file(context.tenant, link.file_id)
                outcome, facts = "answered", {"file_sha256": found.sha256, "file_bytes": len(found.content)}
        except NotFoundError:
            outcome = "absent"
        except GatewayError as exc:
            await self._record(link, context, outcome=exc.error_code, facts=facts)
            raise
        await self._record(link, context, outcome=outcome, facts=facts)
        return found

    async def _record(self, link: Link, context: Context, *, outcome: str, facts: Mapping[str, str | int]) -> None:
        """Who fetched what. Of what a stranger sent, nothing is kept but that somebody tried."""
        stranger = outcome == "link_forged"
        await self._recorder.record(
            Entry(
                kind=EntryKind.INBOUND,
                tenant=context.tenant,
                actor="unknown" if stranger else context.actor,
                operation="downloadfile",
                outcome=outcome,
                occurred_at=self._clock(),
                trace_id=context.trace_id,
                system="" if stranger else context.actor.removeprefix("system:"),
                reference=link.file_id if FILE_ID.fullmatch(link.file_id) else "",
                facts=facts,
            )
        )

    def _check(self, record: FileRecord, upload: Upload) -> None:
        if record.media_type not in self._policy.media_types:
            raise UnsupportedMediaTypeError(
                "Files of this type are not taken in; see files.media_types.",
                vi="Cổng liên thông không nhận tệp kiểu này; xem files.media_types.",
                what="file_type",
            )
        if not upload.content:
            raise UnprocessableError("The file is empty.", vi="Tệp rỗng.", what="file_empty")
        if upload.sha256 not in {"", record.sha256}:
            english = "The content is not the one that Content-Digest speaks of; it was damaged on its way."
            vietnamese = "Nội dung không khớp Content-Digest; tệp bị hỏng trên đường truyền."
            fields = [FieldProblem("/header/content-digest", english, vietnamese)]
            raise UnprocessableError(english, vi=vietnamese, what="digest_differs", fields=fields)


async def _digest(content: bytes) -> str:
    """In a thread: 25 MB take long enough to keep every other caller waiting."""
    return (await asyncio.to_thread(hashlib.sha256, content)).hexdigest()


def _no_such_file() -> NotFoundError:
    return NotFoundError("No file has this id.", vi="Không có tệp mang mã này.")


def _altered(file_id: str) -> IntegrityError:
    log.error("file_altered", file_id=file_id)
    return IntegrityError(
        "A stored file is not the one that was taken in; it is not handed out.",
        vi="Tệp lưu trữ không còn đúng như khi tiếp nhận; không được đưa ra.",
        what="file_altered",
    )
