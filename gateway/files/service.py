"""Take files in once, hand them out checked, and let others fetch them through links of ours.

A file never changes: its id is the province's, the first content under an id stays, and what is read is compared with
the digest of what was taken in (SEC-10). Nothing that differs leaves the gateway: a file is looked through from its
first byte to its last before the first one is handed out, and each part again on its way out. Of no file more than a
part is in memory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.delivery.model import StreamKey
from gateway.domain import Context
from gateway.files import links
from gateway.files.model import PART, FilePolicy, FileRecord, Kept, Link, Upload, pieces_of
from gateway.files.store import FileStore, Taking
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
from gateway.sdk.wire import Attachment
from gateway.signing.model import Digester

FILE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """What has come, and the part that has not been stored yet, which is the last."""

    sha256: str
    size: int
    last: bytes


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
        """Of a file that is stored already nothing is stored again, unless its bytes were damaged since: then these
        replace them, if they have the digest that was taken the first time."""
        self._check_type(upload)
        held = await self._store.find(context.tenant, file_id)
        is_damaged = held is not None and not await self._is_sound(held)
        is_wanted = held is None or is_damaged
        taking = self._store.take(context.tenant, file_id, at=self._clock()) if is_wanted else None
        try:
            seen = await _read(upload.content, into=taking)
            _check_content(seen, upload)
            record = FileRecord(
                tenant=context.tenant,
                id=file_id,
                name=upload.name,
                media_type=upload.media_type,
                size=seen.size,
                sha256=seen.sha256,
                stored_at=self._clock(),
            )
            if held is None and taking and await taking.keep(record, seen.last):
                return Kept(record=record, new=True)
            held = held or await self.find(file_id, context=context)  # somebody else was faster
            _check_same(held, record)
            if taking and is_damaged:
                await self._restore(replace(held, size=record.size), taking, seen)
        finally:
            if taking:
                await taking.drop()
        return Kept(record=await self.find(file_id, context=context), new=False)

    async def find(self, file_id: str, *, context: Context) -> FileRecord:
        record = await self._store.find(context.tenant, file_id)
        if record is None:
            raise _no_such_file()
        return record

    async def file(self, tenant: str, file_id: str) -> Attachment:
        try:
            record = await self._store.find(tenant, file_id)
        except IntegrityError as exc:
            raise _altered(file_id) from exc
        if record is None:
            raise _no_such_file()
        last = b""
        async for piece in self._pieces(record):
            last = piece
        short = record.size <= PART  # it need not be read a second time
        return Attachment(
            id=record.id,
            name=record.name,
            media_type=record.media_type,
            sha256=record.sha256,
            size=record.size,
            read=partial(pieces_of, last) if short else partial(self._pieces, record),
        )

    async def restore(self, tenant: str, file_id: str, content: AsyncIterable[bytes]) -> FileRecord:
        """Put the bytes of a file back, from the sender or a backup. `ConflictError` unless they have the digest of
        what was taken in; `NotFoundError`."""
        record = await self._store.find(tenant, file_id)
        if record is None:
            raise _no_such_file()
        taking = self._store.take(tenant, file_id, at=self._clock())
        try:
            seen = await _read(content, into=taking)
            if seen.sha256 != record.sha256:
                raise ConflictError(
                    "This is not the file that was taken in: its digest differs.",
                    vi="Đây không phải tệp đã tiếp nhận: mã băm khác.",
                    what="file_differs",
                )
            restored = replace(record, size=seen.size)
            await self._restore(restored, taking, seen)
        finally:
            await taking.drop()
        return restored

    async def _restore(self, record: FileRecord, taking: Taking, seen: Seen) -> None:
        if not await taking.replace(record, seen.last):
            raise _no_such_file()
        log.warning("file_restored", file_id=record.id)

    async def _is_sound(self, record: FileRecord) -> bool:
        try:
            async for _ in self._pieces(record):
                pass
        except IntegrityError:
            return False
        return True

    async def _pieces(self, record: FileRecord) -> AsyncGenerator[bytes, None]:
        """Its bytes. The last of them are given when all have the digest of what was taken in: whoever has come to the
        end has the very file. `IntegrityError`."""
        digest, size, last = hashlib.sha256(), 0, b""
        try:
            async for part in self._store.parts(record.tenant, record.id):
                digest.update(part)
                size += len(part)
                if size < record.size:
                    yield part
                else:
                    last = part
        except IntegrityError as exc:
            raise _altered(record.id) from exc
        if (digest.hexdigest(), size) != (record.sha256, record.size):
            raise _altered(record.id)
        yield last

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

    async def download(self, link: Link, *, context: Context) -> Attachment | None:
        verdict = links.verdict(link, tenant=context.tenant, now=self._clock(), digester=self._digester)
        found, outcome = None, f"link_{verdict}"
        facts: dict[str, str | int] = {}
        try:
            if verdict == "good":
                found = await self.file(context.tenant, link.file_id)
                outcome, facts = "answered", {"file_sha256": found.sha256, "file_bytes": found.size}
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

    def _check_type(self, upload: Upload) -> None:
        if upload.media_type not in self._policy.media_types:
            raise UnsupportedMediaTypeError(
                "Files of this type are not taken in; see files.media_types.",
                vi="Cổng liên thông không nhận tệp kiểu này; xem files.media_types.",
                what="file_type",
            )


async def _read(content: AsyncIterable[bytes], *, into: Taking | None) -> Seen:
    """All of it, part by part; `None`: only to know what it is."""
    digest, size, held = hashlib.sha256(), 0, bytearray()
    async for piece in content:
        digest.update(piece)
        size += len(piece)
        if into is not None:
            held += piece
            del piece  # nothing is held twice while a part is stored
            while len(held) > PART:
                part = bytes(held[:PART])
                del held[:PART]
                await into.add(part)
    return Seen(digest.hexdigest(), size, bytes(held))


def _check_content(seen: Seen, upload: Upload) -> None:
    if not seen.size:
        raise UnprocessableError("The file is empty.", vi="Tệp rỗng.", what="file_empty")
    if upload.sha256 not in {"", seen.sha256}:
        english = "The content is not the one that Content-Digest speaks of; it was damaged on its way."
        vietnamese = "Nội dung không khớp Content-Digest; tệp bị hỏng trên đường truyền."
        fields = [FieldProblem("/header/content-digest", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="digest_differs", fields=fields)


def _check_same(held: FileRecord, record: FileRecord) -> None:
    if (held.sha256, held.media_type, held.name) != (record.sha256, record.media_type, record.name):
        raise ConflictError(
            "Another file was already taken in under this id; a new file needs a new id.",
            vi="Mã tệp này đã dùng cho tệp khác; tệp mới phải có mã mới.",
            what="file_id_reused",
        )


def _no_such_file() -> NotFoundError:
    return NotFoundError("No file has this id.", vi="Không có tệp mang mã này.")


def _altered(file_id: str) -> IntegrityError:
    log.error("file_altered", file_id=file_id)
    return IntegrityError(
        "A stored file is not the one that was taken in; it is not handed out.",
        vi="Tệp lưu trữ không còn đúng như khi tiếp nhận; không được đưa ra.",
        what="file_altered",
    )
