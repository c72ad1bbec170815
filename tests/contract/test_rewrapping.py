"""A rotation of the key that seals: old bodies stay readable, and then no longer need the old key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from files_house import keep
from retention_house import record
from services import NOW, ListedRecorder
from soft_hsm import ENVIRONMENT, SoftHsm, soft_hsm
from structlog.testing import capture_logs

from gateway.audit.memory import MemoryAudit
from gateway.audit.postgres import PostgresAudit
from gateway.audit.verify import verify
from gateway.files.model import PART, FilePolicy, FileRecord
from gateway.files.postgres import PostgresFiles
from gateway.files.rewrapping import rewrap as rewrap_files
from gateway.files.service import Files
from gateway.retention import rewrapping
from gateway.retention.memory import MemoryRetention
from gateway.retention.postgres import PostgresRetention
from gateway.sdk.errors import IntegrityError
from gateway.signing import Keyring, keyfile
from gateway.signing.keys.pkcs11 import open_kek


class Log:
    def __init__(self, on: Any) -> None:
        self.tenant = f"T{uuid4().hex[:12].upper()}"
        self.audit: Any = PostgresAudit(on) if on else MemoryAudit()
        self.store: Any = PostgresRetention(on, Keyring.ephemeral()) if on else MemoryRetention(self.audit)

    async def write(self, keyring: Keyring, rows: int) -> None:
        await record(self.audit, keyring, self.tenant, at=NOW, entries=[{}] * rows)

    async def rewrap(self, keyring: Keyring, *, batches: int = 1000) -> int:
        done = 0
        async for count in rewrapping.rewrap(self.store, keyring, self.tenant, batch=3):
            done += count
            batches -= 1
            if not batches:
                break
        return done

    async def opened(self, keyring: Keyring, *, public_key: bytes) -> int:
        report = await verify(self.audit, self.tenant, public_key=public_key, sealer=keyring)
        assert report.sound, report.finding
        return report.bodies


@pytest.fixture
def log(on: Any) -> Log:
    return Log(on)


@pytest.fixture
def hsm(tmp_path: Path) -> Iterator[SoftHsm]:
    with soft_hsm(tmp_path) as made:
        yield made


async def test_the_old_key_can_be_destroyed_after_rewrapping(log: Log) -> None:
    """PDP-12 (part): in bounded batches; broken off, the next run goes on."""
    old = Keyring.ephemeral()
    await log.write(old, 7)
    both = old.with_new_sealing_key()
    await log.write(both, 2)
    assert await log.opened(both, public_key=old.public_key) == 18
    assert await log.store.elsewhere(log.tenant, both.kek_id) == 7
    assert await log.rewrap(both, batches=1) == 3
    assert await log.rewrap(both) == 4
    assert await log.rewrap(both) == 0
    assert await log.opened(without_older(both), public_key=old.public_key) == 18


async def test_what_was_erased_meanwhile_does_not_come_back(log: Log) -> None:
    old = Keyring.ephemeral()
    await log.write(old, 2)
    new = old.with_new_sealing_key()
    found = await log.store.under_others(log.tenant, new.kek_id, after=-1, limit=10)
    await log.audit.erase_bodies(log.tenant, 0)
    keys = [
        rewrapping.WrappedKey(
            index=key.index, was=key.was, wrapped=new.rewrap(key.was, purpose=f"audit-key/{log.tenant}")
        )
        for key in found
    ]
    assert await log.store.put(log.tenant, new.kek_id, keys) == 1
    assert {body.index for body in await log.audit.bodies(log.tenant, first=0, last=9)} == {1}


async def test_bodies_move_under_a_key_that_stays_in_an_hsm(log: Log, hsm: SoftHsm) -> None:
    """PDP-12 (part): without the token nobody opens them, whoever has the key file."""
    keys = keyfile.generate()
    file_only = Keyring(keys)
    await log.write(file_only, 2)
    hsm.aes("kek-2026")
    with_hsm = Keyring(keys, hsm=[open_kek(hsm.settings("kek-2026"), where="sealing.hsm", environment=ENVIRONMENT)])
    await log.write(with_hsm, 1)
    assert await log.rewrap(with_hsm) == 2
    assert await log.opened(with_hsm, public_key=with_hsm.public_key) == 6
    wrapped = (await log.audit.bodies(log.tenant, first=0, last=0))[0].wrapped
    with pytest.raises(IntegrityError) as refused:
        file_only.open_record(wrapped, purpose=f"audit-key/{log.tenant}")
    assert refused.value.error_code.endswith(".unknown_key")
    sealed = with_hsm.seal(b"outbox", purpose="outbox/x")
    assert with_hsm.unseal(sealed, purpose="outbox/x") == b"outbox"
    assert with_hsm.unseal(file_only.seal(b"older", purpose="outbox/x"), purpose="outbox/x") == b"older"


CONTENT = b"scanned" * PART


class Shelf:
    """Files of one tenant, opened with one keyring or another."""

    def __init__(self, on: Any) -> None:
        self.on = on
        self.tenant = f"T{uuid4().hex[:12].upper()}"
        self.ids = sorted(str(uuid4()) for _ in range(5))

    def under(self, keyring: Keyring) -> PostgresFiles:
        return PostgresFiles(self.on, keyring)

    def record(self, file_id: str) -> FileRecord:
        return FileRecord(
            tenant=self.tenant,
            id=file_id,
            name="a.pdf",
            media_type="application/pdf",
            size=len(CONTENT),
            sha256=hashlib.sha256(CONTENT).hexdigest(),
            stored_at=NOW,
        )

    async def put(self, keyring: Keyring, ids: list[str]) -> None:
        for file_id in ids:
            assert await keep(self.under(keyring), self.record(file_id), CONTENT)

    async def put_whole(self, keyring: Keyring, file_id: str) -> None:
        """As they were kept before there were parts."""
        values = {
            "tenant": self.tenant,
            "id": file_id,
            "name": keyring.seal(b"a.pdf", purpose=f"file/name/{self.tenant}/{file_id}"),
            "content": keyring.seal(CONTENT, purpose=f"file/content/{self.tenant}/{file_id}"),
            "sha256": hashlib.sha256(CONTENT).digest(),
            "size": len(CONTENT),
            "at": NOW,
        }
        await self.on.run(
            "INSERT INTO file (tenant, file_id, name, media_type, size, sha256, content, stored_at) "
            "VALUES (%(tenant)s, %(id)s, %(name)s, 'application/pdf', %(size)s, %(sha256)s, %(content)s, %(at)s)",
            values,
        )

    async def rewrap(self, keyring: Keyring, *, batches: int = 1000) -> int:
        done = 0
        async for count in rewrap_files(self.under(keyring), self.tenant, batch=2):
            done += count
            batches -= 1
            if not batches:
                break
        return done

    async def read(self, keyring: Keyring) -> list[bytes]:
        files = Files(self.under(keyring), keyring, recorder=ListedRecorder(), clock=lambda: NOW, policy=FilePolicy())
        return [await (await files.file(self.tenant, file_id)).whole() for file_id in self.ids]


class TestFiles:
    """On PostgreSQL: the store in memory seals nothing."""

    @pytest.fixture
    def shelf(self, on: Any) -> Shelf:
        if on is None:
            pytest.skip("memory seals nothing")
        return Shelf(on)

    async def test_they_need_the_newest_key_alone_after_rewrapping(self, shelf: Shelf) -> None:
        """SEC-10 (part): in bounded batches; broken off, the next run goes on. Old ones become files in parts."""
        old = Keyring.ephemeral()
        await shelf.put(old, shelf.ids[:3])
        await shelf.put_whole(old, shelf.ids[3])
        both = old.with_new_sealing_key()
        await shelf.put(both, shelf.ids[4:])
        assert await shelf.under(old).elsewhere(shelf.tenant) == 1
        assert await shelf.under(both).elsewhere(shelf.tenant) == 4
        newest = without_older(both)
        with pytest.raises(IntegrityError):
            await shelf.read(newest)
        assert await shelf.rewrap(both, batches=1) == 2
        assert await shelf.under(both).elsewhere(shelf.tenant) == 2
        assert await shelf.rewrap(both) == 2
        assert (await shelf.under(both).elsewhere(shelf.tenant), await shelf.rewrap(both)) == (0, 0)
        assert await shelf.read(newest) == [CONTENT] * 5

    async def test_one_that_cannot_be_opened_stays_and_the_others_come_along(self, shelf: Shelf) -> None:
        old = Keyring.ephemeral()
        await shelf.put(old, shelf.ids[:3])
        await shelf.on.run(
            "UPDATE file SET key = overlay(key PLACING '\\x00'::bytea FROM 40) "
            "WHERE tenant = %(tenant)s AND file_id = %(id)s",
            {"tenant": shelf.tenant, "id": shelf.ids[0]},
        )
        both = old.with_new_sealing_key()
        with capture_logs() as logs:
            assert await shelf.rewrap(both) == 2
        assert [(line["event"], line["file_id"]) for line in logs] == [("file_not_rewrapped", shelf.ids[0])]
        assert await shelf.under(both).elsewhere(shelf.tenant) == 1

    async def test_one_that_was_restored_meanwhile_keeps_its_own_new_key(self, shelf: Shelf) -> None:
        old = Keyring.ephemeral()
        await shelf.put(old, shelf.ids[:1])
        both = old.with_new_sealing_key()
        store = shelf.under(both)
        [stale] = await store.under_others(shelf.tenant, after="", limit=9)
        taking = store.take(shelf.tenant, stale.file_id, at=NOW)
        for begin in range(0, len(CONTENT) - PART, PART):
            await taking.add(CONTENT[begin : begin + PART])
        await taking.replace(shelf.record(stale.file_id), CONTENT[-PART:])
        assert await store.rewrap(shelf.tenant, stale) == 0
        shelf.ids = shelf.ids[:1]
        assert await shelf.read(both) == [CONTENT]
        assert await shelf.rewrap(both) == 1  # its name was still under the older key
        assert await shelf.read(without_older(both)) == [CONTENT]


def without_older(keyring: Keyring) -> Keyring:
    """What a province keeps when it destroys the older keys."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "keyring.json"
        keyring.save(path)
        keys = keyfile.read(path)
    return Keyring(replace(keys, sealing=keys.sealing[:1]))
