"""Files on their way to the adapter of 2026: uploaded once, then named with the id and hash that the adapter gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from operations import BODIED
from province import TENANT, Province, now
from services import atomically

from gateway.delivery.model import StreamState
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.exchange.routes import Route
from gateway.sdk import WireRequest

DOSSIER = next(operation for operation in BODIED if operation.name == "put_dossier")
CODE = DOSSIER.path.rpartition("/")[2]
ID = "8e03978e-40d5-43e8-bc93-6894a57f9324"
CONTENT = b"%PDF-1.7 \x00\xff scanned"
HEADERS = {"Content-Type": "application/pdf", "Content-Disposition": "attachment; filename*=UTF-8''to-khai.pdf"}
COMPONENT = {"name": "to-khai.pdf", "component_code": "000.00.00.G03-KQ000111", "file_id": ID}
MOCK = "http://127.0.0.1:7105/_mock"


@pytest.fixture
def province() -> Province:  # no loop runs yet, so it has issued its key
    return Province(routes={"sync_dossier": [Route(to="portal_adapter")]})


@pytest.fixture
async def caller(province: Province) -> AsyncIterator[httpx.AsyncClient]:
    mock = province.systems["portal_adapter"].transport
    await mock.send(WireRequest(method="POST", url=f"{MOCK}/reset"))  # the other tests of this process share it
    async with province.client(province.key) as client:
        assert (await client.put(f"/v1/files/{ID}", content=CONTENT, headers=HEADERS)).status_code == 201
        body = {**DOSSIER.body, "components": [COMPONENT]}
        assert (await client.put(DOSSIER.path, json=body)).status_code == 202
        yield client


async def deliver(province: Province) -> None:
    policy = Policy()
    await Worker(
        province.outbox, province.exchange, name="w", atomically=atomically, clock=now, policy=policy, follow_ups={}
    ).drain()


async def kept(province: Province, what: str) -> Any:
    """What the adapter holds."""
    transport = province.systems["portal_adapter"].transport
    return json.loads((await transport.send(WireRequest(method="GET", url=f"{MOCK}/{what}"))).content)


async def uploaded(province: Province) -> list[Any]:
    """What came on top of the files that the mock has from the start."""
    return [file for file in (await kept(province, "files"))["files"] if not file["IdTepTin"].startswith("MOCK-")]


async def test_a_component_goes_with_the_id_and_hash_of_its_file(province: Province, caller: httpx.AsyncClient) -> None:
    """SYN-07, DOS-19: the file first, once; then the component list with the hash of each file."""
    await deliver(province)
    note = {**DOSSIER.body, "components": [COMPONENT], "note": "bổ sung"}
    assert (await caller.put(DOSSIER.path, json=note)).status_code == 202
    await deliver(province)
    [file] = await uploaded(province)
    assert file["HashTepTin"] == hashlib.sha256(CONTENT).hexdigest()
    [paper] = (await kept(province, f"dossiers/{CODE}"))["dossier"]["ThanhPhanHoSo"]
    [attached] = paper["GiayToDinhKem"]
    assert (attached["IdGiayTo"], attached["HashTepTin"]) == (file["IdTepTin"], file["HashTepTin"])
    uploads = [leaf for leaf in province.recorder.entries if leaf.operation == "upload_file"]
    assert [leaf.facts["file_sha256"] for leaf in uploads] == [file["HashTepTin"]]
    assert "request_sent" not in uploads[0].bodies


async def test_a_file_whose_hash_does_not_hold_is_not_sent(province: Province, caller: httpx.AsyncClient) -> None:
    """SYN-07, SEC-10 (part): the dossier is held until somebody has looked, and nothing reached the adapter."""
    record, content = province.files.files[TENANT, ID]
    province.files.files[TENANT, ID] = record, content[:-1] + b"?"
    await deliver(province)
    [stream] = await province.outbox.views(TENANT, CODE, now=now())
    assert (stream.state, stream.trouble and stream.trouble.code) == (StreamState.HELD, "ours.file_altered")
    assert await uploaded(province) == []
    assert (await kept(province, "dossiers"))["dossiers"] == []
