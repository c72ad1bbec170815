"""A small log in memory that each test may damage: 23 rows, a checkpoint every 5, two bodies a row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest

from gateway.audit import batch, copy, leaf
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry, EntryKind
from gateway.audit.verify import Report, verify
from gateway.signing import Keyring

TENANT = "H99"
ROWS = 23
EVERY = 5
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring.ephemeral()


@pytest.fixture(scope="session")
def entry() -> Callable[..., Entry]:
    return make_entry


def make_entry(number: int = 0, **changes: object) -> Entry:
    fields: dict[str, object] = {
        "kind": EntryKind.EXCHANGE,
        "tenant": TENANT,
        "actor": "motcua",
        "operation": "verify_citizen",
        "outcome": "answered",
        "occurred_at": START,
        "trace_id": f"{number:032x}",
        "system": "population",
        "reference": f"R{number}",
        "facts": {"http_status": 200},
        "bodies": {"request_sent": f"Trần Thị Mẫu {number}".encode(), "reply_received": b"co"},
    }
    return Entry(**{**fields, **changes})  # type: ignore[arg-type]  # a test names what it changes


@pytest.fixture(scope="session")
def grown(keyring: Keyring) -> Callable[[], MemoryAudit]:
    """A new copy of the sound log at each call."""
    store = MemoryAudit()
    for number in range(ROWS):
        now = START + timedelta(seconds=number)
        added = batch.extend(store.heads[TENANT], [leaf.prepare(make_entry(number), keyring)], now=now)
        if added.head.size % EVERY == 0:
            added = batch.signed(added, tenant=TENANT, signer=keyring, now=now)
        asyncio.run(store.append(TENANT, lambda _, added=added: added))  # type: ignore[misc]  # bound early on purpose
    return lambda: deepcopy(store)


@pytest.fixture(scope="session")
def check(keyring: Keyring) -> Callable[[MemoryAudit], Report]:
    return lambda store: asyncio.run(verify(store, TENANT, public_key=keyring.public_key, sealer=keyring))


@pytest.fixture(scope="session")
def exported(grown: Callable[[], MemoryAudit], keyring: Keyring) -> bytes:
    async def lines() -> bytes:
        return b"".join([line async for line in copy.export(grown(), TENANT, public_key=keyring.public_key)])

    return asyncio.run(lines())
