"""Bodies that are files, piece by piece: taken in at the sender's pace and given out at the reader's, within limits."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import httpx
import pytest
from files_house import attached
from province import TENANT, Province
from structlog.testing import capture_logs

from gateway.api import bodies
from gateway.api.bodies import FileBody
from gateway.api.pouring import pour
from gateway.files.model import PART
from gateway.sdk import Attachment
from gateway.sdk.errors import IntegrityError, RequestError, SlowBodyError, TooLargeError

ID = "8e03978e-40d5-43e8-bc93-6894a57f9324"
HEADERS = {"Content-Type": "application/pdf", "Content-Disposition": "attachment; filename*=UTF-8''a.pdf"}
CONTENT = bytes(range(256)) * 800
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Sender:
    """Says one piece after the other; None: the connection is closed; a number: it takes so many seconds."""

    def __init__(self, *pieces: bytes | float | None) -> None:
        self._left = list(pieces)
        self.asked = 0

    async def __call__(self) -> dict[str, Any]:
        self.asked += 1
        piece = self._left.pop(0)
        if isinstance(piece, float):
            await asyncio.sleep(piece)
            piece = self._left.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(self._left)}


async def read(body: FileBody) -> bytes:
    return b"".join([piece async for piece in body.pieces()])


class TestIn:
    async def test_it_is_given_as_it_comes_and_told_at_its_end(self) -> None:
        sender = Sender(b"ab", b"", b"c")
        body = FileBody({}, sender, most=3)
        pieces = body.pieces()
        assert (await anext(pieces), sender.asked, body.is_whole) == (b"ab", 1, False)
        assert b"".join([piece async for piece in pieces]) == b"c"
        assert (body.is_whole, body.size, body.sha256) == (True, 3, hashlib.sha256(b"abc").hexdigest())

    async def test_what_nobody_wanted_is_read_and_told_all_the_same(self) -> None:
        body = FileBody({}, Sender(b"ab", b"c"), most=3)
        await anext(body.pieces())
        await body.finish()
        assert (body.is_whole, body.sha256) == (True, hashlib.sha256(b"abc").hexdigest())

    @pytest.mark.parametrize(
        ("pieces", "told"),
        [((b"ab", b"cd"), TooLargeError), ((b"ab", None), RequestError), ((b"ab", 9.0, b"c"), SlowBodyError)],
        ids=["too large", "broken off", "slow"],
    )
    async def test_what_goes_wrong_is_told_once_and_the_rest_is_left(
        self, monkeypatch: pytest.MonkeyPatch, pieces: Sequence[Any], told: type[RequestError]
    ) -> None:
        monkeypatch.setattr(bodies, "BODY_S", 0.05)
        sender = Sender(*pieces)
        body = FileBody({}, sender, most=3)
        with pytest.raises(told):
            await read(body)
        asked = sender.asked
        await body.finish()
        assert (sender.asked, body.is_whole) == (asked, False)

    async def test_the_time_that_we_take_is_not_the_senders(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bodies, "BODY_S", 0.2)
        body = FileBody({}, Sender(b"a", b"b", b"c"), most=3)
        async for _ in body.pieces():
            await asyncio.sleep(0.15)
        assert body.is_whole

    def test_what_says_that_it_is_too_large_is_not_read(self) -> None:
        with pytest.raises(TooLargeError):
            FileBody({"content-length": "4"}, Sender(), most=3)


class Reader:
    """Whoever asked for a file. `leaves_after`: so many pieces; `takes_s`: seconds for each."""

    def __init__(self, *, leaves_after: int = 99, takes_s: float = 0) -> None:
        self.got: list[bytes] = []
        self.is_served = False
        self._leaves_after = leaves_after
        self._takes_s = takes_s
        self._left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.got.append(message.get("body", b""))
        self.is_served = not message.get("more_body", False)
        if len(self.got) >= self._leaves_after:
            self._left.set()
        await asyncio.sleep(self._takes_s)


class TestOut:
    async def test_part_by_part_to_its_end(self) -> None:
        reader = Reader()
        await pour(attached(CONTENT), reader.receive, reader.send)
        assert (b"".join(reader.got), reader.is_served) == (CONTENT, True)
        assert max(map(len, reader.got)) == PART

    async def test_a_reader_who_left_is_read_nothing_more(self) -> None:
        reader = Reader(leaves_after=1)
        await pour(attached(CONTENT), reader.receive, reader.send)
        assert (len(reader.got), reader.is_served) == (1, False)

    async def test_a_reader_who_takes_too_long_is_cut_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bodies, "BODY_S", -2.0)
        reader = Reader(takes_s=5)
        with capture_logs() as logs:
            await pour(attached(CONTENT), reader.receive, reader.send)
        assert (len(reader.got), reader.is_served) == (1, False)
        assert [(entry["event"], entry["code"]) for entry in logs] == [("file_cut_off", "too_slow")]

    async def test_what_was_altered_meanwhile_has_no_end(self) -> None:
        """SEC-10 (part): the length was told before, so nobody takes it for the file."""

        async def altered() -> AsyncGenerator[bytes, None]:
            yield CONTENT[:PART]
            raise IntegrityError("altered", what="file_altered")

        facts: dict[str, Any] = {"id": ID, "name": "a", "media_type": "a/b", "sha256": SHA256, "size": len(CONTENT)}
        reader = Reader()
        with capture_logs() as logs:
            await pour(Attachment(read=altered, **facts), reader.receive, reader.send)
        assert (reader.got, reader.is_served) == ([CONTENT[:PART]], False)
        assert [(entry["event"], entry["code"]) for entry in logs] == [("file_cut_off", "ours.file_altered")]


class TestThroughTheApi:
    async def test_a_file_of_many_parts_comes_back_as_it_was(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        put = await caller.put(f"/v1/files/{ID}", content=CONTENT, headers=HEADERS)
        assert (put.status_code, put.json()["sha256"], put.json()["size"]) == (201, SHA256, len(CONTENT))
        got = await caller.get(f"/v1/files/{ID}/content")
        assert (got.content, got.headers["content-length"]) == (CONTENT, str(len(CONTENT)))
        assert province.recorder.entries[-1].facts["file_sha256"] == SHA256

    async def test_its_last_byte_altered_not_one_is_given(self, province: Province, caller: httpx.AsyncClient) -> None:
        """SEC-10 (part): a file is looked through before the first byte leaves."""
        await caller.put(f"/v1/files/{ID}", content=CONTENT, headers=HEADERS)
        record, content = province.files.files[TENANT, ID]
        province.files.files[TENANT, ID] = record, content[:-1] + b"?"
        refused = await caller.get(f"/v1/files/{ID}/content")
        assert (refused.status_code, refused.json()["code"]) == (500, "ours.file_altered")

    @pytest.mark.parametrize(
        ("given", "status"),
        [({"Content-Type": "text/html"}, 415), ({"Content-Encoding": "gzip"}, 415), ({"Content-Digest": "x"}, 422)],
    )
    async def test_what_is_refused_before_it_is_read_is_in_the_leaf_as_it_was_sent(
        self, province: Province, caller: httpx.AsyncClient, given: dict[str, str], status: int
    ) -> None:
        """POP-12 (part)."""
        refused = await caller.put(f"/v1/files/{ID}", content=CONTENT, headers={**HEADERS, **given})
        leaf = province.recorder.entries[-1]
        assert (refused.status_code, leaf.outcome) == (status, f"http_{status}")
        assert (leaf.facts["file_sha256"], leaf.facts["file_bytes"]) == (SHA256, len(CONTENT))
        assert "request" not in leaf.bodies

    async def test_what_is_broken_off_leaves_nothing(self, province: Province, caller: httpx.AsyncClient) -> None:
        app: Any = caller._transport.app  # type: ignore[attr-defined]  # called as a server does, to end too early
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(name.lower().encode(), value.encode()) for name, value in {**HEADERS, **caller.headers}.items()]
        scope = {"type": "http", "method": "PUT", "path": f"/v1/files/{ID}", "query_string": b"", "headers": headers}
        about = {"http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("gateway", 80)}
        await app({**scope, **about, "root_path": ""}, Sender(CONTENT[:PART], CONTENT[:PART], None), send)
        assert sent[0]["status"] == 400
        assert (province.files.files, province.files.coming) == ({}, {})
        assert "file_sha256" not in province.recorder.entries[-1].facts
