"""Many large files at once through a real API process: what it takes of memory, what a kill leaves, what slow senders
can hold."""

from __future__ import annotations

import hashlib
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import psycopg
import pytest
from ground import Gateway, gateway
from streams import Meter, handed_over_and_read

SIZE = 8_000_000
BODIES = 24
MOST_MB = 24
"""Held whole, as they once were, they would be 192. A part of each is less than two."""
SMALL = b"%PDF-1.7 scanned"


@pytest.fixture(scope="module")
def running() -> Iterator[Gateway]:
    """With as few connections to the database as can be set."""
    with gateway(settings={"LIENTHONG_DATABASE__POOL_SIZE": "2"}) as made:
        yield made


def heading(running: Gateway, file_id: object, *, length: int) -> bytes:
    return (
        f"PUT /v1/files/{file_id} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {running.key}\r\n"
        f"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=UTF-8''a.pdf\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


def begun(running: Gateway, *, sent: int) -> tuple[socket.socket, uuid.UUID]:
    """A file of which so many bytes were sent, and then nothing."""
    file_id = uuid.uuid4()
    sender = socket.create_connection(("127.0.0.1", running.ports[0]), timeout=60)
    sender.sendall(heading(running, file_id, length=SIZE) + bytes(sent))
    return sender, file_id


def caller(running: Gateway) -> httpx.Client:
    key = {"Authorization": f"Bearer {running.key}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{running.ports[0]}", headers=key, timeout=60, trust_env=False)


def count(running: Gateway, table: str) -> int:
    with psycopg.connect(running.dsn) as connection:
        row = connection.execute(f"SELECT count(*) FROM lienthong.{table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def put(client: httpx.Client, file_id: object, content: bytes) -> httpx.Response:
    headers = {"Content-Type": "application/pdf", "Content-Disposition": "attachment; filename*=UTF-8''a.pdf"}
    return client.put(f"/v1/files/{file_id}", content=content, headers=headers)


async def test_of_many_large_bodies_a_process_holds_a_part_each(running: Gateway) -> None:
    """Held whole, in or out, it would grow by many times as much."""
    meter = Meter(running.town.processes["gateway"].pid)
    await handed_over_and_read(running, meter, bodies=2, size=SIZE // 10)  # what is made once
    figures = await handed_over_and_read(running, meter, bodies=BODIES, size=SIZE)
    assert figures["growth_mb"] < MOST_MB, figures | {"points": []}


def test_slow_senders_hold_no_connection_to_the_database(running: Gateway) -> None:
    """More of them than there are connections, each stopped in the middle of a part: everybody else is served."""
    with ExitStack() as stack, caller(running) as client:
        for _ in range(20):
            sender, _ = begun(running, sent=100_000)
            stack.enter_context(sender)
        end = time.monotonic() + 60
        while count(running, "file_coming") < 20:
            assert time.monotonic() < end, "they are not under way"
            time.sleep(0.05)
        file_id = uuid.uuid4()
        assert put(client, file_id, SMALL).status_code == 201
        assert client.get(f"/v1/files/{file_id}/content").content == SMALL
    end = time.monotonic() + 60
    while count(running, "file_coming"):  # they left: what they had sent goes at once
        assert time.monotonic() < end, "it was not dropped"
        time.sleep(0.05)


def test_of_a_file_in_the_middle_of_which_the_process_was_killed_nothing_is_there(running: Gateway) -> None:
    before, end = count(running, "file_part"), time.monotonic() + 60
    sender, file_id = begun(running, sent=1_000_000)
    while count(running, "file_part") < before + 10:
        assert time.monotonic() < end, "no part is stored"
        time.sleep(0.05)
    running.town.kill("gateway")
    sender.close()
    running.town.start_api()
    with caller(running) as client:
        assert client.get(f"/v1/files/{file_id}").status_code == 404
        assert client.get(f"/v1/files/{file_id}/content").status_code == 404
        content = hashlib.sha256(b"another").digest() * 10_000
        taken = put(client, file_id, content)
        assert (taken.status_code, taken.json()["size"]) == (201, len(content))
        assert client.get(f"/v1/files/{file_id}/content").content == content
    assert count(running, "file_coming") == 1  # the night's
