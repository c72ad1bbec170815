"""Stored files: the same promises in memory and on PostgreSQL, and what PostgreSQL alone must keep."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from files_house import content_of, keep, upload
from services import CONTEXT, NOW, ListedRecorder
from structlog.testing import capture_logs

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.delivery.model import StreamKey
from gateway.files.memory import MemoryFiles
from gateway.files.model import PART, FilePolicy, FileRecord, pieces_of
from gateway.files.nightly import Cycle, FileCheck
from gateway.files.postgres import SQL, PostgresFiles
from gateway.files.service import Files
from gateway.sdk.errors import BusyError, IntegrityError, NotFoundError, RequestError
from gateway.signing import Keyring

ID, OTHER = "8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-000000000000"
CONTENT = b"\x00\xff scanned \xe1\xbb\x99" * 12_000
"""Of three parts."""
NAME = "Đơn của Trần Thị Mẫu.pdf"


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
        name=NAME,
        media_type="application/pdf",
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        stored_at=NOW,
    )
    return replace(first, **changes)


async def test_one_that_went_while_it_was_sent_again_is_not_restored(
    on: Any, store: Any, tenant: str, keyring: Keyring
) -> None:
    """And nobody is told that it was."""
    files = Files(store, keyring, recorder=ListedRecorder(), clock=lambda: NOW, policy=FilePolicy())
    await files.put(ID, upload(CONTENT, name=NAME), context=replace(CONTEXT, tenant=tenant))

    async def going() -> AsyncIterator[bytes]:
        yield CONTENT[:PART]
        if on:
            await on.run("DELETE FROM file WHERE tenant = %(tenant)s", {"tenant": tenant})
        else:
            del store.files[tenant, ID]
        yield CONTENT[PART:]

    with capture_logs() as logs, pytest.raises(NotFoundError):
        await files.restore(tenant, ID, going())
    assert logs == []
    assert await store.find(tenant, ID) is None


async def test_a_file_is_found_as_it_was_stored(store: Any, tenant: str) -> None:
    """DOS-18 (part)."""
    assert await store.find(tenant, ID) is None
    assert await content_of(store, tenant, ID) == b""
    assert await keep(store, record(tenant), CONTENT)
    assert await store.find(tenant, ID) == record(tenant)
    assert await content_of(store, tenant, ID) == CONTENT
    assert await store.find(tenant + "X", ID) is None
    assert await content_of(store, tenant + "X", ID) == b""


async def test_the_first_content_under_an_id_stays(store: Any, tenant: str) -> None:
    await keep(store, record(tenant), CONTENT)
    assert not await keep(store, record(tenant, name="khác", sha256="00" * 32, size=1), b"?")
    assert await store.find(tenant, ID) == record(tenant)
    assert await content_of(store, tenant, ID) == CONTENT
    assert await keep(store, record(tenant + "X"), CONTENT)


async def test_bytes_are_put_back_under_the_record_that_stands(store: Any, tenant: str) -> None:
    await keep(store, record(tenant, size=7), b"damaged")
    taking = store.take(tenant, ID, at=NOW)
    for begin in (0, PART):
        await taking.add(CONTENT[begin : begin + PART])
    assert await content_of(store, tenant, ID) == b"damaged"
    await taking.replace(record(tenant), CONTENT[2 * PART :])
    await taking.drop()
    assert await content_of(store, tenant, ID) == CONTENT
    assert await store.find(tenant, ID) == record(tenant)


async def test_of_many_at_once_one_is_stored(on: Any, store: Any, tenant: str) -> None:
    if on is None:
        pytest.skip("memory has no transactions")
    added = await asyncio.gather(*(keep(store, record(tenant), CONTENT) for _ in range(5)))
    assert sorted(added) == [False, False, False, False, True]


async def test_what_is_stored_is_told_from_what_is_not(store: Any, tenant: str) -> None:
    await keep(store, record(tenant), CONTENT)
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


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1])
async def test_a_file_of_any_size_is_what_it_was(store: Any, tenant: str, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    digest = hashlib.sha256(content).hexdigest()
    assert await keep(store, record(tenant, size=size, sha256=digest), content)
    assert await content_of(store, tenant, ID) == content
    assert {len(part) for part in [part async for part in store.parts(tenant, ID)][:-1]} <= {PART}


async def test_of_what_has_not_come_to_its_end_nothing_can_be_found(store: Any, tenant: str) -> None:
    """As after a crash: nobody said that it was dropped, and it is swept when its time is over."""
    for _ in range(2):
        taking = store.take(tenant, ID, at=NOW)
        await taking.add(CONTENT[:PART])
    assert await store.find(tenant, ID) is None
    assert await store.known(tenant, [ID]) == frozenset()
    assert await content_of(store, tenant, ID) == b""
    assert await store.sweep(tenant, before=NOW) == 0
    assert await store.sweep(tenant + "X", before=NOW + timedelta(days=9)) == 0
    assert await store.sweep(tenant, before=NOW + timedelta(seconds=1)) == 2
    with pytest.raises(BusyError):
        await taking.add(CONTENT[PART : 2 * PART])
    with pytest.raises(BusyError):
        await taking.keep(record(tenant), CONTENT[PART:])
    assert await store.find(tenant, ID) is None
    assert await keep(store, record(tenant), CONTENT)


async def test_a_sweep_leaves_what_is_a_file(store: Any, tenant: str) -> None:
    assert await keep(store, record(tenant), CONTENT)
    assert not await keep(store, record(tenant), CONTENT)
    assert await store.sweep(tenant, before=NOW + timedelta(days=9)) == 0
    assert await content_of(store, tenant, ID) == CONTENT


class TestAtRest:
    """What somebody with a hand in the database can do."""

    @pytest.fixture
    def files(self, on: Any, store: Any, keyring: Keyring) -> Files:
        if on is None:
            pytest.skip("memory holds nothing after the process")
        return Files(store, keyring, recorder=ListedRecorder(), clock=lambda: NOW, policy=FilePolicy())

    async def test_content_and_name_are_sealed(self, on: Any, files: Files, tenant: str) -> None:
        """PDP-06 (part)."""
        await files.put(ID, upload(CONTENT, name=NAME), context=replace(CONTEXT, tenant=tenant))
        [row] = await rows(on, "SELECT * FROM file WHERE tenant = %s", tenant)
        parts = await rows(on, "SELECT * FROM file_part WHERE tenant = %s", tenant)
        stored = [*row.values(), *(value for part in parts for value in part.values())]
        shown = b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else repr(value).encode() for value in stored
        )
        assert (len(parts), row["content"]) == (3, None)
        assert b"scanned" not in shown
        assert "Mẫu".encode() not in shown
        assert row["sha256"].hex() == hashlib.sha256(CONTENT).hexdigest()
        assert await rows(on, "SELECT * FROM file_coming WHERE tenant = %s", tenant) == []

    async def test_of_what_was_refused_no_part_stays(self, on: Any, files: Files, tenant: str) -> None:
        context = replace(CONTEXT, tenant=tenant)
        await files.put(ID, upload(CONTENT, name=NAME), context=context)

        async def broken_off() -> AsyncIterator[bytes]:
            yield CONTENT
            raise RequestError("gone", what="incomplete")

        damaged = replace(upload(CONTENT), sha256="00" * 32)
        cut = replace(upload(b""), content=broken_off())
        for file_id, refused in ((OTHER, damaged), (OTHER, cut), (ID, upload(CONTENT[1:], name=NAME))):
            with pytest.raises(RequestError):
                await files.put(file_id, refused, context=context)
        for table in ("file", "file_coming", "file_part"):
            found = await rows(on, f"SELECT DISTINCT file_id FROM {table} WHERE tenant = %s", tenant)
            assert [row["file_id"] for row in found] == ([] if table == "file_coming" else [ID])

    @pytest.mark.parametrize(
        "edit",
        [
            "UPDATE file_part SET content = set_byte(content, 90, get_byte(content, 90) # 1) WHERE number = 2 AND ",
            "UPDATE file_part SET content = substr(content, 1, 100) WHERE number = 1 AND ",
            "DELETE FROM file_part WHERE number = 2 AND ",
            "UPDATE file_part SET number = 9 - number WHERE ",
            "UPDATE file_part p SET content = o.content FROM file_part o WHERE o.tenant = p.tenant "
            "AND o.file_id = p.file_id AND p.number = 1 - o.number AND p.",
            "UPDATE file_part p SET content = o.content FROM file_part o WHERE o.tenant = p.tenant "
            "AND o.file_id <> p.file_id AND p.number = o.number AND p.",
            "UPDATE file SET sha256 = set_byte(sha256, 0, get_byte(sha256, 0) # 1) WHERE ",
            "UPDATE file SET size = size - 65536 WHERE ",
            "UPDATE file SET size = 0 + 131072 WHERE ",
            "UPDATE file SET seal = set_byte(seal, 40, get_byte(seal, 40) # 1) WHERE ",
            "UPDATE file SET key = set_byte(key, 40, get_byte(key, 40) # 1) WHERE ",
            "UPDATE file SET name = set_byte(name, 80, get_byte(name, 80) # 1) WHERE ",
            "UPDATE file f SET taking = o.taking, key = o.key, seal = o.seal, sha256 = o.sha256 FROM file o "
            "WHERE o.tenant = f.tenant AND o.file_id <> f.file_id AND f.",
        ],
        ids=[
            "a bit of the last part",
            "a part is cut",
            "the last part is gone",
            "the order",
            "two parts change places",
            "the parts of another file",
            "a bit of the digest",
            "the size",
            "the size of the parts before the last",
            "a bit of the seal",
            "a bit of the key",
            "a bit of the name",
            "everything of another file",
        ],
    )
    async def test_whatever_is_altered_is_noticed_before_a_byte_leaves(
        self, on: Any, files: Files, tenant: str, edit: str
    ) -> None:
        """SEC-10 (part)."""
        context = replace(CONTEXT, tenant=tenant)
        await files.put(ID, upload(CONTENT, name=NAME), context=context)
        await files.put(OTHER, upload(bytes(len(CONTENT))), context=context)
        before = await files.file(tenant, ID)
        assert await before.whole() == CONTENT
        async with on.transaction() as connection:
            await connection.execute(
                f"{edit.removesuffix('.')}{'.' if edit.endswith('.') else ' '}tenant = %s", (tenant,)
            )
        with pytest.raises(IntegrityError) as noticed:
            await files.file(tenant, ID)
        assert noticed.value.error_code == "ours.file_altered"

    async def test_what_is_altered_after_it_was_looked_through_is_not_given_to_its_end(
        self, on: Any, files: Files, tenant: str
    ) -> None:
        """SEC-10 (part): what came before is what was taken in, and whoever reads hears that it is not all."""
        await files.put(ID, upload(CONTENT, name=NAME), context=replace(CONTEXT, tenant=tenant))
        found = await files.file(tenant, ID)
        async with on.transaction() as connection:
            await connection.execute("DELETE FROM file_part WHERE number = 2 AND tenant = %s", (tenant,))
        given: list[bytes] = []

        async def read() -> None:
            async for piece in found.read():
                given.append(piece)

        with pytest.raises(IntegrityError):
            await read()
        assert b"".join(given) == CONTENT[: 2 * PART]

    async def test_a_part_of_an_earlier_handing_over_does_not_fit(self, on: Any, files: Files, tenant: str) -> None:
        """The same file, restored: its parts have another key, and the old ones are gone."""
        context = replace(CONTEXT, tenant=tenant)
        await files.put(ID, upload(CONTENT, name=NAME), context=context)
        [old] = await rows(on, "SELECT content FROM file_part WHERE number = 1 AND tenant = %s", tenant)
        await files.restore(tenant, ID, pieces_of(CONTENT))
        assert len(await rows(on, "SELECT * FROM file_part WHERE tenant = %s", tenant)) == 3
        async with on.transaction() as connection:
            await connection.execute(
                "UPDATE file_part SET content = %s WHERE number = 1 AND tenant = %s", (old["content"], tenant)
            )
        with pytest.raises(IntegrityError):
            await files.file(tenant, ID)

    async def test_handed_over_again_it_is_restored(self, on: Any, files: Files, tenant: str) -> None:
        """SEC-10 (part)."""
        context = replace(CONTEXT, tenant=tenant)
        await files.put(ID, upload(CONTENT, name=NAME), context=context)
        async with on.transaction() as connection:
            await connection.execute("DELETE FROM file_part WHERE number = 1 AND tenant = %s", (tenant,))
        assert not (await files.put(ID, upload(CONTENT, name=NAME), context=context)).new
        assert await (await files.file(tenant, ID)).whole() == CONTENT

    @pytest.mark.parametrize("lost", [psycopg.OperationalError, asyncio.CancelledError])
    async def test_kept_and_nobody_heard_of_it_its_parts_stay(
        self, on: Any, files: Files, store: Any, tenant: str, monkeypatch: pytest.MonkeyPatch, lost: type[BaseException]
    ) -> None:
        context = replace(CONTEXT, tenant=tenant)
        with monkeypatch.context() as patch:
            patch.setattr(store, "settle", unheard(store.settle, lost))
            with pytest.raises(lost):
                await files.put(ID, upload(CONTENT, name=NAME), context=context)
        assert await (await files.file(tenant, ID)).whole() == CONTENT
        assert not (await files.put(ID, upload(CONTENT, name=NAME), context=context)).new
        assert len(await rows(on, "SELECT * FROM file_part WHERE tenant = %s", tenant)) == 3

    @pytest.mark.parametrize("edit", ["DELETE FROM file_part", "UPDATE file_part SET number = number + 9"])
    async def test_a_part_that_a_crash_of_the_database_took_is_missed_before_there_is_a_file(
        self, on: Any, store: Any, files: Files, tenant: str, edit: str
    ) -> None:
        """Parts are committed without waiting for the disk."""

        async def crashing() -> AsyncIterator[bytes]:
            yield CONTENT[: 2 * PART + 1]
            async with on.transaction() as connection:
                await connection.execute(f"{edit} WHERE number = 1 AND tenant = %s".encode(), (tenant,))
            yield CONTENT[2 * PART + 1 :]

        context = replace(CONTEXT, tenant=tenant)
        with pytest.raises(BusyError) as told:
            await files.put(ID, replace(upload(CONTENT, name=NAME), content=crashing()), context=context)
        assert told.value.error_code == "ours.file_parts_lost"
        for table in ("file", "file_coming", "file_part"):
            assert await rows(on, f"SELECT * FROM {table} WHERE tenant = %s", tenant) == []
        assert (await files.put(ID, upload(CONTENT, name=NAME), context=context)).new

    async def test_of_two_that_restore_one_file_at_once_the_parts_of_one_stay(
        self, on: Any, store: Any, files: Files, tenant: str
    ) -> None:
        await files.put(ID, upload(CONTENT, name=NAME), context=replace(CONTEXT, tenant=tenant))
        takings = [store.take(tenant, ID, at=NOW) for _ in range(2)]
        for taking in takings:
            for begin in (0, PART):
                await taking.add(CONTENT[begin : begin + PART])
        async with on.own_transaction() as connection:  # both come to it, and wait
            await connection.execute("SELECT FROM file WHERE tenant = %s FOR UPDATE", (tenant,))
            both = [asyncio.create_task(taking.replace(record(tenant), CONTENT[2 * PART :])) for taking in takings]
            while len(await waiting(on)) < 2:
                pass
        await asyncio.gather(*both)
        assert await (await files.file(tenant, ID)).whole() == CONTENT
        assert len(await rows(on, "SELECT * FROM file_part WHERE tenant = %s", tenant)) == 3

    async def test_what_is_dropped_takes_a_part_along_that_is_just_coming(
        self, on: Any, store: Any, files: Files, tenant: str
    ) -> None:
        """Of a sender who left while the part was on its way to the server."""
        taking = store.take(tenant, ID, at=NOW)
        await taking.add(CONTENT[:PART])
        values = {**taking._key.name, "number": 1, "content": b"?"}
        async with on.own_transaction() as connection:
            await connection.execute(SQL["part"], values)
            dropping = asyncio.create_task(taking.drop())
            while not await waiting(on) and not dropping.done():
                pass
        await dropping
        assert await rows(on, "SELECT * FROM file_part WHERE tenant = %s", tenant) == []


class TestFromBefore:
    """Files that were stored whole, before there were parts."""

    @pytest.fixture
    async def files(self, on: Any, store: Any, keyring: Keyring, tenant: str) -> Files:
        if on is None:
            pytest.skip("memory holds nothing from before")
        old = {
            "name": keyring.seal(NAME.encode(), purpose=f"file/name/{tenant}/{ID}"),
            "content": keyring.seal(CONTENT, purpose=f"file/content/{tenant}/{ID}"),
            "sha256": hashlib.sha256(CONTENT).digest(),
        }
        async with on.transaction() as connection:
            await connection.execute(
                "INSERT INTO file (tenant, file_id, name, media_type, size, sha256, content, stored_at) "
                "VALUES (%(tenant)s, %(id)s, %(name)s, 'application/pdf', %(size)s, %(sha256)s, %(content)s, %(at)s)",
                {"tenant": tenant, "id": ID, "size": len(CONTENT), "at": NOW, **old},
            )
        return Files(store, keyring, recorder=ListedRecorder(), clock=lambda: NOW, policy=FilePolicy())

    async def test_it_is_read_as_it_was_and_is_in_parts_from_then_on(self, on: Any, files: Files, tenant: str) -> None:
        many = await asyncio.gather(*(files.file(tenant, ID) for _ in range(5)))
        assert {await one.whole() for one in many} == {CONTENT}
        [row] = await rows(on, "SELECT * FROM file WHERE tenant = %s", tenant)
        assert (row["content"], row["size"], row["sha256"]) == (None, len(CONTENT), hashlib.sha256(CONTENT).digest())
        assert len(await rows(on, "SELECT * FROM file_part WHERE tenant = %s", tenant)) == 3
        assert await rows(on, "SELECT * FROM file_coming WHERE tenant = %s", tenant) == []

    async def test_inside_a_transaction_it_is_read_and_left_as_it_is(self, on: Any, files: Files, tenant: str) -> None:
        async with on.transaction():
            assert await (await files.file(tenant, ID)).whole() == CONTENT
        assert (await rows(on, "SELECT content FROM file WHERE tenant = %s", tenant))[0]["content"]

    @pytest.mark.parametrize("lost", [psycopg.OperationalError, asyncio.CancelledError])
    async def test_cut_and_nobody_heard_of_it_its_parts_stay(
        self, files: Files, store: Any, tenant: str, monkeypatch: pytest.MonkeyPatch, lost: type[BaseException]
    ) -> None:
        """They are the only copy."""
        with monkeypatch.context() as patch:
            patch.setattr(store, "settle", unheard(store.settle, lost))
            with pytest.raises(lost):
                await files.file(tenant, ID)
        assert await (await files.file(tenant, ID)).whole() == CONTENT

    async def test_one_that_is_being_cut_is_as_young_as_any(
        self, on: Any, files: Files, store: Any, tenant: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However long ago it was stored: the night's sweep leaves it."""
        settle = store.settle

        async def swept_before(statements: Any) -> str:
            assert await store.sweep(tenant, before=datetime.now(UTC) - timedelta(days=1)) == 0
            return str(await settle(statements))

        async with on.transaction() as connection:
            await connection.execute("UPDATE file SET stored_at = '2020-01-01Z' WHERE tenant = %s", (tenant,))
        monkeypatch.setattr(store, "settle", swept_before)
        assert await (await files.file(tenant, ID)).whole() == CONTENT

    async def test_swept_while_it_is_cut_it_is_for_later_and_the_night_goes_on(
        self, on: Any, files: Files, store: Any, tenant: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SEC-10 (part)."""
        settle = store.settle

        async def swept(statements: Any) -> str:
            assert await store.sweep(tenant, before=datetime.now(UTC) + timedelta(days=1)) == 1
            return str(await settle(statements))

        later = NOW + timedelta(days=31)
        about: Any = {"recorder": ListedRecorder(), "clock": lambda: later}
        alarms = Alarms(MemoryAlarms(), **about)
        check = FileCheck(store, files, alarms=alarms, cycle=Cycle(days=30, per_night=9), **about)
        assert await keep(store, record(tenant, id=OTHER, stored_at=NOW + timedelta(hours=1)), CONTENT)
        with monkeypatch.context() as patch:
            patch.setattr(store, "settle", swept)
            with pytest.raises(BusyError) as told:
                await files.file(tenant, ID)
            assert (told.value.error_code, told.value.http_status) == ("ours.file_parts_lost", 503)
            assert await check.check(tenant) == 0
        assert about["recorder"].entries[-1].facts == {"checked": 1, "damaged": 0}
        assert await store.unchecked(tenant, before=NOW + timedelta(days=1), limit=9) == [ID]
        assert await check.check(tenant) == 0
        assert await store.unchecked(tenant, before=NOW + timedelta(days=1), limit=9) == []

    @pytest.mark.parametrize("column", ["content", "sha256"])
    async def test_altered_it_is_not_given_and_handed_over_again_it_is_whole(
        self, on: Any, files: Files, tenant: str, column: str
    ) -> None:
        """SEC-10 (part)."""
        async with on.transaction() as connection:
            flip = f"UPDATE file SET {column} = set_byte({column}, 9, get_byte({column}, 9) # 1) WHERE tenant = %s"
            await connection.execute(flip.encode(), (tenant,))
        with pytest.raises(IntegrityError):
            await files.file(tenant, ID)
        assert await rows(on, "SELECT * FROM file_part WHERE tenant = %s", tenant) == []
        if column == "content":
            context = replace(CONTEXT, tenant=tenant)
            assert not (await files.put(ID, upload(CONTENT, name=NAME), context=context)).new
            assert await (await files.file(tenant, ID)).whole() == CONTENT


def unheard(settle: Any, lost: type[BaseException]) -> Any:
    """It is committed, and the answer does not come."""

    async def settled(statements: Any) -> str:
        assert await settle(statements) == ""
        raise lost

    return settled


async def waiting(on: Any) -> list[Any]:
    """Sessions that wait for a lock."""
    async with on.own_transaction() as connection:
        return list(
            await (await connection.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).fetchall()
        )


async def rows(on: Any, query: str, tenant: str) -> list[dict[str, Any]]:
    async with on.transaction() as connection:
        return list(await (await connection.execute(query.encode(), (tenant,))).fetchall())


async def test_files_are_checked_the_longest_unchecked_first(store: Any, tenant: str) -> None:
    """SEC-10 (part)."""
    later = NOW + timedelta(days=1)
    await keep(store, record(tenant), CONTENT)
    await keep(store, record(tenant, id=OTHER, stored_at=later), CONTENT)
    assert await store.unchecked(tenant, before=NOW, limit=9) == []
    assert await store.unchecked(tenant, before=later + timedelta(days=1), limit=9) == [ID, OTHER]
    assert await store.unchecked(tenant, before=later, limit=9) == [ID]
    await store.checked(tenant, ID, at=later + timedelta(hours=1))
    assert await store.unchecked(tenant, before=later + timedelta(days=1), limit=1) == [OTHER]
