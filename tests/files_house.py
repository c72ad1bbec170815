"""Files for tests: handed over, kept and read in one go, where a test is not about their parts."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

from gateway.files.model import PART, FileRecord, Upload, pieces_of
from gateway.files.store import FileStore
from gateway.sdk import Attachment


def upload(content: bytes, *, name: str = "a.pdf", media_type: str = "application/pdf") -> Upload:
    return Upload(name=name, media_type=media_type, content=pieces_of(content))


def attached(content: bytes, **facts: Any) -> Attachment:
    """As the core hands a file to a connector."""
    given = {"id": "F", "name": "a.pdf", "media_type": "application/pdf", **facts}
    digest = hashlib.sha256(content).hexdigest()
    return Attachment(**{"sha256": digest, **given, "size": len(content), "read": partial(pieces_of, content)})


async def keep(store: FileStore, record: FileRecord, content: bytes) -> bool:
    """Whether it was; `record` may say what is not so."""
    taking, last = store.take(record.tenant, record.id, at=record.stored_at), content
    while len(last) > PART:
        await taking.add(last[:PART])
        last = last[PART:]
    try:
        return await taking.keep(record, last)
    finally:
        await taking.drop()


async def content_of(store: FileStore, tenant: str, file_id: str) -> bytes:
    return b"".join([part async for part in store.parts(tenant, file_id)])
