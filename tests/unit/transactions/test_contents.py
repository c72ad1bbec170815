"""The bodies beside the leaves of a trace."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services import NOW, ListedRecorder

from gateway.audit import batch, leaf
from gateway.audit.exhibits import Source
from gateway.audit.memory import MemoryAudit
from gateway.audit.model import Entry, EntryKind
from gateway.signing import Keyring
from gateway.transactions.contents import Contents

TENANT, TRACE, ASKED = "H99", "7" * 32, b'{"code": "000.00.05.H99-261123-0099"}'


async def test_what_was_asked_is_found_though_a_leaf_of_what_was_told_too_late_stands_after_it() -> None:
    keyring, log, fields = Keyring.ephemeral(), MemoryAudit(), Any
    entry = Entry(
        kind=EntryKind.REQUEST,
        tenant=TENANT,
        actor="motcua",
        operation="put_dossier",
        outcome="answered",
        occurred_at=NOW,
        trace_id=TRACE,
        bodies={"request": ASKED},
    )
    told = replace(entry, bodies={}, facts={"told": "ours.no_time"})
    prepared = [leaf.prepare(each, keyring) for each in (entry, told)]
    await log.append(TENANT, lambda head: batch.extend(head, prepared, now=NOW))
    source = Source(reader=log, tenant=TENANT, public_key=keyring.public_key, sealer=keyring)
    contents = Contents(source, log, fields, recorder=ListedRecorder(), clock=lambda: NOW)
    assert await contents.asked(TRACE) == ASKED
    later = replace(entry, bodies={}, operation="get_dossier")
    await log.append(TENANT, lambda head: batch.extend(head, [leaf.prepare(later, keyring)], now=NOW))
    assert await contents.asked(TRACE) == b""  # another request of the same trace, which had none
