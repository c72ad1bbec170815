"""Stored files: the same promises in memory and on PostgreSQL, and what PostgreSQL alone must keep."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from province import ListedRecorder
from services import CONTEXT, NOW

from gateway.delivery.model import StreamKey
from gateway.files.memory import MemoryFiles
from gateway.files.model import FilePolicy, FileRecord, Upload
from gateway.files.postgres import PostgresFiles
from gateway.files.service import Files
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring

ID, OTHER = "8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-000000000000"
CONTENT = b"\x00\xff scanned \xe1\xbb\x99" * 1000
UPLOAD = Upload(name="Đơn của Trần Thị Mẫu.pdf", media_type="application/pdf", content=CONTENT)


@pytest.fixture
def store(on: Any, keyring: Keyring) -> Any:
    return PostgresFiles(on, keyring) if on else MemoryFiles()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


def record(tenant: str, **changes: Any) -> FileRecord:
    first = FileRecord(
        tenant=tenant,
        id=ID,
        name=UPLOAD.name,
        media_type=UPLOAD.media_type,
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        stored_at=NOW,
    )
    return replace(first, **changes)


async def test_a_file_is_found_as_it_was_stored(store: Any, tenant: str) -> None:
    """DOS-18 (part)."""
    assert await store.find(tenant, ID) is None
    assert await store.content(tenant, ID) is None
    assert await store.add(record(tenant), CONTENT)
    assert await store.find(tenant, ID) == record(tenant)
    assert await store.content(tenant, ID) == CONTENT
    assert await store.find(tenant + "X", ID) is None
    assert await store.content(tenant + "X", ID) is None


async def test_the_first_content_under_an_id_stays(store: Any, tenant: str) -> None:
    await store.add(record(tenant), CONTENT)
    assert not await store.add(record(tenant, name="khác", sha256="00" * 32, size=1), b"?")
    assert await store.find(tenant, ID) == record(tenant)
    assert await store.content(tenant, ID) == CONTENT
    assert await store.add(record(tenant + "X"), CONTENT)


async def test_bytes_are_put_back_under_the_record_that_stands(store: Any, tenant: str) -> None:
    await store.add(record(tenant), b"damaged")
    await store.restore(record(tenant), CONTENT)
    assert await store.content(tenant, ID) == CONTENT
    assert await store.find(tenant, ID) == record(tenant)


async def test_of_many_at_once_one_is_stored(on: Any, store: Any, tenant: str) -> None:
    if on is None:
        pytest.skip("memory has no transactions")
    added = await asyncio.gather(*(store.add(record(tenant), CONTENT) for _ in range(5)))
    assert sorted(added) == [False, False, False, False, True]


async def test_what_is_stored_is_told_from_what_is_not(store: Any, tenant: str) -> None:
    await store.add(record(tenant), CONTENT)
    assert await store.known(tenant, [ID, OTHER]) == {ID}
    assert await store.known(tenant + "X", [ID]) == frozenset()
    assert await store.known(tenant, []) == frozenset()


async def test_a_file_goes_into_each_stream_once(store: Any, tenant: str) -> None:
    stream = StreamKey(tenant=tenant, target="portal", key="H99-1")
    assert await store.assign(stream, [OTHER, ID, OTHER]) == [OTHER, ID]
    assert await store.assign(stream, [ID]) == []
    others = ({"target": "other"}, {"key": "H99-2"}, {"tenant": tenant + "X"})
    for another in (replace(stream, **other) for other in others):
        assert await store.assign(another, [ID]) == [ID]


async def test_a_file_that_was_not_sent_after_all_is_assigned_again(on: Any, store: Any, tenant: str) -> None:
    """The note stands and falls with the transaction that enqueues."""
    if on is None:
        pytest.skip("memory has no transactions")
    stream = StreamKey(tenant=tenant, target="portal", key="H99-1")

    async def enqueue_in_vain() -> None:
        async with on.transaction():
            await store.assign(stream, [ID])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await enqueue_in_vain()
    assert await store.assign(stream, [ID]) == [ID]


class TestAtRest:
    """What somebody with a hand in the database can do."""

    @pytest.fixture
    def files(self, on: Any, store: Any, keyring: Keyring) -> Files:
        if on is None:
            pytest.skip("memory holds nothing after the process")
        return Files(store, keyring, recorder=ListedRecorder(), clock=lambda: NOW, policy=FilePolicy())

    async def test_content_and_name_are_sealed(self, on: Any, files: Files, tenant: str) -> None:
        """PDP-06 (part)."""
        await files.put(ID, UPLOAD, context=replace(CONTEXT, tenant=tenant))
        async with on.transaction() as connection:
            cursor = await connection.execute("SELECT * FROM file WHERE tenant = %s", (tenant,))
            row = await cursor.fetchone()
        stored = repr(row) + repr(bytes(row["content"])) + repr(bytes(row["name"]))
        assert "scanned" not in stored
        assert "Mẫu".encode() not in bytes(row["name"])
        assert row["sha256"].hex() == hashlib.sha256(CONTENT).hexdigest()

    @pytest.mark.parametrize(
        "edit",
        [
            "UPDATE file SET content = set_byte(content, 90, get_byte(content, 90) # 1)",
            "UPDATE file SET sha256 = set_byte(sha256, 0, get_byte(sha256, 0) # 1)",
            "UPDATE file SET name = set_byte(name, 100, get_byte(name, 100) # 1)",
            "UPDATE file f SET content = o.content FROM file o WHERE o.tenant = f.tenant AND o.file_id <> f.file_id",
        ],
        ids=["a bit of the content", "a bit of the digest", "a bit of the name", "the content of another file"],
    )
    async def test_whatever_is_altered_is_noticed_when_it_is_read(
        self, on: Any, files: Files, tenant: str, edit: str
    ) -> None:
        """SEC-10 (part)."""
        context = replace(CONTEXT, tenant=tenant)
        await files.put(ID, UPLOAD, context=context)
        await files.put(OTHER, replace(UPLOAD, content=b"another"), context=context)
        assert (await files.file(tenant, ID)).content == CONTENT
        where = " AND f.tenant = %s" if " f " in edit else " WHERE tenant = %s"
        async with on.transaction() as connection:
            await connection.execute((edit + where).encode(), (tenant,))
        with pytest.raises(IntegrityError) as noticed:
            await files.file(tenant, ID)
        assert noticed.value.error_code == "ours.file_altered"

    async def test_handed_over_again_it_is_restored(self, on: Any, files: Files, tenant: str) -> None:
        """SEC-10 (part)."""
        context = replace(CONTEXT, tenant=tenant)
        await files.put(ID, UPLOAD, context=context)
        async with on.transaction() as connection:
            await connection.execute("UPDATE file SET content = '\\x00' WHERE tenant = %s", (tenant,))
        assert not (await files.put(ID, UPLOAD, context=context)).new
        assert (await files.file(tenant, ID)).content == CONTENT


async def test_files_are_checked_the_longest_unchecked_first(store: Any, tenant: str) -> None:
    """SEC-10 (part)."""
    later = NOW + timedelta(days=1)
    await store.add(record(tenant), CONTENT)
    await store.add(record(tenant, id=OTHER, stored_at=later), CONTENT)
    assert await store.unchecked(tenant, before=NOW, limit=9) == []
    assert await store.unchecked(tenant, before=later + timedelta(days=1), limit=9) == [ID, OTHER]
    assert await store.unchecked(tenant, before=later, limit=9) == [ID]
    await store.checked(tenant, ID, at=later + timedelta(hours=1))
    assert await store.unchecked(tenant, before=later + timedelta(days=1), limit=1) == [OTHER]
