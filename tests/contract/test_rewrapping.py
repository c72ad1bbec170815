"""A rotation of the key that seals: old bodies stay readable, and then no longer need the old key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from retention_house import record
from services import NOW
from soft_hsm import ENVIRONMENT, SoftHsm, soft_hsm

from gateway.audit.memory import MemoryAudit
from gateway.audit.postgres import PostgresAudit
from gateway.audit.verify import verify
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


async def test_the_old_key_can_be_destroyed_after_rewrapping(log: Log, tmp_path: Path) -> None:
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
    both.save(tmp_path / "keyring.json")
    keys = keyfile.read(tmp_path / "keyring.json")
    newest = Keyring(replace(keys, sealing=keys.sealing[:1]))
    assert await log.opened(newest, public_key=old.public_key) == 18


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
