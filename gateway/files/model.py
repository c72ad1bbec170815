"""A file as the gateway keeps it, and what the province may hand over."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.domain import Context
from gateway.sdk.errors import BusyError
from gateway.sdk.wire import Attachment

PART = 65_536
"""Bytes of a part: what is held of one file at a time, on its way in and on its way out."""

MEDIA_TYPES = (
    "application/pdf",
    "image/png",
    "image/jpeg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/xml",
    "application/json",
    "application/zip",
)
"""What is taken in unless a province says otherwise: what components and results of dossiers are made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePolicy:
    """`public_url`: where others reach `/downloadfile/<id>` of this gateway; empty: no links can be given.
    `link_days`: how long a link that we gave opens."""

    max_bytes: int = 25_000_000
    media_types: tuple[str, ...] = MEDIA_TYPES
    public_url: str = ""
    link_days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What the province hands over. `content` is read once, as it comes. `sha256`: lower-case hex, when it says what it
    must be."""

    name: str = field(repr=False)
    media_type: str
    content: AsyncIterable[bytes] = field(repr=False)
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """Everything about a file but its content. `sha256`: lower-case hex of the content."""

    tenant: str
    id: str
    name: str = field(repr=False)
    """May be a person's: `don-xin-….pdf`."""
    media_type: str
    size: int
    sha256: str
    stored_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file is stored durably. `new`: this call did it."""

    record: FileRecord
    new: bool


@dataclass(frozen=True, slots=True)
class Link:
    """What stands in the address of a download, unproven."""

    file_id: str
    expires: str
    signature: str


async def pieces_of(content: bytes) -> AsyncGenerator[bytes, None]:
    """What is in memory already, as it would come."""
    for begin in range(0, len(content), PART):
        yield content[begin : begin + PART]


def parts_lost() -> BusyError:
    """Of what was on its way in, something is gone; the sender has it."""
    return BusyError(
        "What had come of the file was lost before its end came; nothing of it is stored. Send it again.",
        vi="Phần đã nhận của tệp bị mất trước khi tệp tới hết; chưa lưu gì. Hãy gửi lại tệp.",
        what="file_parts_lost",
        retry_after_s=1,
    )


class FileService(Protocol):
    """What the API needs of it. `FileSource` of the exchange is a part of it."""

    @property
    def max_bytes(self) -> int: ...

    async def put(self, file_id: str, upload: Upload, *, context: Context) -> Kept:
        """Store it for good, once it has come to its end. `ConflictError`: another file has the id;
        `UnprocessableError`, `UnsupportedMediaTypeError`: it is not what it should be."""

    async def find(self, file_id: str, *, context: Context) -> FileRecord:
        """`NotFoundError` when there is none."""

    async def file(self, tenant: str, file_id: str) -> Attachment:
        """Looked through from its first byte to its last, and ready to be read. `NotFoundError`; `IntegrityError` when
        it is not what was stored."""

    async def unknown(self, tenant: str, file_ids: Iterable[str]) -> frozenset[str]:
        """Those of `file_ids` that are not stored."""

    async def download(self, link: Link, *, context: Context) -> Attachment | None:
        """What a link opens, after a leaf says who fetched what; None for an unknown file, and for a link that is
        wrong or has expired: whoever holds one learns nothing from the answer."""
