"""The log over HTTP: auditors read and prove it, a monitor follows its tiles, a client checks what it exchanged."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from province import TENANT, Province, now
from services import NOW
from staff_house import code_of, enter, hire

from gateway.audit import batch, checkpoint, leaf, tree
from gateway.audit.model import Entry, EntryKind
from gateway.audit.rows import Head
from gateway.clients.model import Scope
from gateway.operators.model import Role

LOG = "/v1/admin/audit"
ROWS, SIGNED = 300, 280


@pytest.fixture
async def province() -> Province:
    """300 rows, 280 of them under a checkpoint; every third is another client's."""
    province = Province()
    for rows, signed in ((SIGNED, True), (ROWS - SIGNED, False)):
        await _append(province, rows, signed=signed)
    return province


async def _append(province: Province, rows: int, *, signed: bool) -> None:
    first = (await province.audit.head(TENANT)).size
    prepared = [leaf.prepare(_entry(number), province.keyring) for number in range(first, first + rows)]

    def build(head: Head) -> batch.Batch:
        grown = batch.extend(head, prepared, now=NOW)
        return batch.signed(grown, tenant=TENANT, signer=province.keyring, now=NOW) if signed else grown

    await province.audit.append(TENANT, build)


def _entry(number: int) -> Entry:
    return Entry(
        kind=EntryKind.EXCHANGE,
        tenant=TENANT,
        actor="khac" if number % 3 == 0 else "motcua",
        operation="verify_citizen",
        outcome="answered",
        occurred_at=NOW,
        trace_id=f"{number:032x}",
        reference=f"R{number % 10}",
        bodies={"request_sent": f"hỏi {number}".encode(), "reply_received": f"đáp {number}".encode()},
    )


async def _of(province: Province, role: Role) -> httpx.AsyncClient:
    enrolment = await hire(province.staffing, TENANT, role.value, role)
    opened = await enter(province.staffing, TENANT, role.value, code_of(enrolment, now()))
    return province.client(opened.token)


@pytest.fixture
async def auditor(province: Province) -> AsyncIterator[httpx.AsyncClient]:
    async with await _of(province, Role.AUDITOR) as client:
        yield client


async def get(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    reply = await client.get(f"{LOG}/{path}", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_a_row_is_proven_against_the_signed_checkpoint(province: Province, auditor: httpx.AsyncClient) -> None:
    """SEC-09 (part): checkpoint, leaf and proof are enough; nobody needs to be believed but the key."""
    note = (await auditor.get(f"{LOG}/tlog/checkpoint")).text
    assert note == (await auditor.get(f"{LOG}/checkpoints/{SIGNED}")).text
    stated = checkpoint.verify(note, name=checkpoint.origin(TENANT), public_key=province.keyring.public_key)
    row, proof = await get(auditor, "leaves/41"), await get(auditor, "leaves/41/proof")
    leaf_hash = tree.leaf_hash(row["leaf"].encode())
    path = [bytes.fromhex(node) for node in proof["hashes"]]
    assert (row["actor"], row["bodies"], row["leaf_hash"]) == (
        "motcua",
        ["reply_received", "request_sent"],
        leaf_hash.hex(),
    )
    assert tree.verify_inclusion(leaf_hash, index=41, size=stated.size, proof=path, root=stated.root)
    assert (proof["size"], proof["root"]) == (SIGNED, stated.root.hex())
    assert "hỏi" not in str(row)


async def test_growth_is_proven_between_two_sizes(auditor: httpx.AsyncClient) -> None:
    proof = await get(auditor, "consistency", old=100, new=270)
    roots = {
        f"{which}_root": bytes.fromhex((await get(auditor, "leaves/0/proof", size=size))["root"])
        for which, size in (("old", 100), ("new", 270))
    }
    path = [bytes.fromhex(node) for node in proof["hashes"]]
    assert tree.verify_consistency(100, 270, proof=path, **roots)


async def test_tiles_and_bundles_are_those_of_the_signed_tree(auditor: httpx.AsyncClient) -> None:
    """A monitor of transparency logs computes the root from them."""
    tiles = [await auditor.get(f"{LOG}/tlog/tile/{path}") for path in ("0/000", "0/001.p/24", "1/000.p/1")]
    hashes = [reply.content[at : at + 32] for reply in tiles[:2] for at in range(0, len(reply.content), 32)]
    note = (await auditor.get(f"{LOG}/tlog/checkpoint")).text
    stated = checkpoint.parse(checkpoint.split(note)[0])
    assert tree.root_of(hashes) == stated.root
    assert tiles[2].content == tree.root_of(hashes[:256])
    bundle = (await auditor.get(f"{LOG}/tlog/tile/entries/001.p/24")).content
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    assert [tree.leaf_hash(entry) for entry in entries] == hashes[256:]


@pytest.mark.parametrize(
    "path",
    [
        "leaves/300",
        "leaves/5/proof?size=301",
        "leaves/5/proof?size=5",
        "consistency?old=9&new=8",
        "checkpoints/7",
        "tlog/tile/0/001.p/25",
        "tlog/tile/0/001",
        "tlog/tile/1/000.p/2",
        "tlog/tile/0/1",
        "tlog/tile/entries/002",
    ],
)
async def test_what_the_log_does_not_have_is_not_found(auditor: httpx.AsyncClient, path: str) -> None:
    assert (await auditor.get(f"{LOG}/{path}")).status_code in {404, 422}


async def test_rows_are_found_by_reference_trace_actor_and_time(auditor: httpx.AsyncClient) -> None:
    """POP-12 (part): by dossier, by call, by who asked, and page by page."""
    page = await get(auditor, "leaves", reference="R3", limit=2)
    assert [row["index"] for row in page["leaves"]] == [293, 283]
    page = await get(auditor, "leaves", reference="R3", limit=2, before=page["before"])
    assert [row["index"] for row in page["leaves"]] == [273, 263]
    assert [row["index"] for row in (await get(auditor, "leaves", trace_id=f"{7:032x}"))["leaves"]] == [7]
    others = await get(auditor, "leaves", actor="khac", limit=200)
    assert ([row["index"] for row in others["leaves"]], others["before"]) == ([*range(297, -1, -3)], None)
    assert (await get(auditor, "leaves", since="2027-01-01T00:00:00+07:00"))["leaves"] == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ADMINISTRATOR])
async def test_who_is_no_auditor_does_not_read_the_log(province: Province, role: Role) -> None:
    async with await _of(province, role) as client:
        for path in ("leaves", "leaves/1", "tlog/checkpoint", "tlog/tile/0/000"):
            assert (await client.get(f"{LOG}/{path}")).status_code == 403


async def test_each_reading_is_a_leaf_and_a_tile_leaves_its_digest(
    province: Province, auditor: httpx.AsyncClient
) -> None:
    await auditor.get(f"{LOG}/leaves/41")
    await auditor.get(f"{LOG}/tlog/tile/0/000")
    told = {entry.operation: entry for entry in province.recorder.entries}
    assert (told["get_leaf"].kind, told["get_leaf"].reference) == (EntryKind.ADMIN, "audit:41")
    assert told["get_tile"].facts["file_bytes"] == 256 * 32
    assert "reply" not in told["get_tile"].bodies


class TestCheckingBytes:
    """CON-28: whether a message in dispute is what was exchanged."""

    @pytest.fixture
    async def client(self, province: Province) -> AsyncIterator[httpx.AsyncClient]:
        async with province.client(await province.issue("motcua", Scope.FEEDBACK_READ)) as client:
            yield client

    async def check(self, client: httpx.AsyncClient, index: int, content: bytes, *, path: str = "/v1/evidence") -> Any:
        body = {"index": index, "content": base64.b64encode(content).decode()}
        reply = await client.post(f"{path}/check", json=body)
        return reply.json() if reply.status_code == 200 else reply.status_code

    async def test_the_very_bytes_are_recognised(self, client: httpx.AsyncClient) -> None:
        """CON-28."""
        told = await self.check(client, 41, "đáp 41".encode())
        assert (told["match"], told["names"], told["erased"]) == ("recorded", ["reply_received"], [])

    async def test_other_bytes_are_not(self, client: httpx.AsyncClient) -> None:
        assert (await self.check(client, 41, "đáp 42".encode()))["match"] == "different"

    async def test_what_was_erased_cannot_be_told(self, province: Province, client: httpx.AsyncClient) -> None:
        await province.audit.erase_bodies(TENANT, 41)
        told = await self.check(client, 41, "đáp 41".encode())
        assert (told["match"], told["names"]) == ("erased", [])
        assert told["erased"] == ["reply_received", "request_sent"]

    async def test_a_client_learns_nothing_of_the_rows_of_others(self, client: httpx.AsyncClient) -> None:
        assert await self.check(client, 42, "đáp 42".encode()) == 404
        assert await self.check(client, 999, b"x") == 404

    async def test_an_auditor_checks_any_row(self, auditor: httpx.AsyncClient) -> None:
        assert (await self.check(auditor, 42, "đáp 42".encode(), path=LOG))["match"] == "recorded"

    @pytest.mark.parametrize(
        ("content", "code"),
        [("%%%%", "caller.invalid_fields"), ("AAAAA", "caller.not_encoded"), ("", "caller.invalid_fields")],
    )
    async def test_what_is_not_base64_is_refused(self, client: httpx.AsyncClient, content: str, code: str) -> None:
        reply = await client.post("/v1/evidence/check", json={"index": 41, "content": content})
        assert (reply.status_code, reply.json()["code"]) == (422, code)
