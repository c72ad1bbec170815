"""A file goes out as it is read: as fast as the system takes it, and whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

import pytest
from files_house import attached
from over_httpx import OverHttpx
from wire_house import OK, Visit, answering, outcome, outcomes, post, serving, settings

from gateway.exchange.transport import HttpTransport
from gateway.sdk import Attachment, Unsettled, WireRequest
from gateway.sdk.errors import IntegrityError

Run = Callable[[Coroutine[Any, Any, Any]], Any]
PIECE = 65_536
CONTENT = bytes(range(256)) * 1000
REFUSED = b"HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno"


def request(base: str, file: Attachment, **more: Any) -> WireRequest:
    return post(base, content=b"before ", file=file, after=b" after", **more)


class Source:
    """A file of `count` pieces; `fails` at one of them, by its number."""

    def __init__(self, count: int, *, fails: dict[int, Exception] | None = None) -> None:
        self.count = count
        self.given = 0
        self.closed = 0
        self._fails = fails or {}

    @property
    def file(self) -> Attachment:
        facts: dict[str, Any] = {"id": "F", "name": "a", "media_type": "a/b", "sha256": "00"}
        return Attachment(size=self.count * PIECE, read=self._read, **facts)

    async def _read(self) -> AsyncGenerator[bytes, None]:
        try:
            for number in range(self.count):
                if number in self._fails:
                    raise self._fails[number]
                self.given += 1
                yield bytes(PIECE)
        finally:
            self.closed += 1


@pytest.mark.parametrize("size", [0, 1, PIECE, len(CONTENT)])
def test_what_arrives_is_what_stands_before_it_the_file_and_what_stands_after(run: Run, size: int) -> None:
    with serving(answering(lambda *_: OK)) as system:
        asked = request(system.base, attached(CONTENT[:size]))
        assert run(outcomes(HttpTransport(settings()), [asked, asked])) == ["200 ok"] * 2
        assert run(outcomes(OverHttpx(settings()), [asked])) == ["200 ok"]
        bodies = [heard.partition(b"\r\n\r\n")[2] for heard in system.heard]
        assert set(bodies) == {b"before " + CONTENT[:size] + b" after"}
        assert (len(bodies), system.connections) == (3, 2)  # ours kept the one it had


async def settled(source: Source) -> int:
    """What was given when nothing more is asked for, though there were many chances to."""
    given, calm = -1, 0
    while calm < 20:
        await asyncio.sleep(0.005)
        calm = calm + 1 if source.given == given else 0
        given = source.given
    return given


def test_no_more_is_read_than_the_system_takes(run: Run) -> None:
    source, digest = Source(400), hashlib.sha256()
    taken: list[int] = []

    async def slowly(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        taken.append(await settled(source))
        left = source.file.size + len(b"before  after")
        while left:
            piece = await visit.reader.read(left)
            digest.update(piece)
            left -= len(piece)
        await visit.say(OK)

    with serving(slowly) as system:
        assert run(outcomes(HttpTransport(settings(timeout_s=5)), [request(system.base, source.file)])) == ["200 ok"]
    assert taken[0] < source.count / 2  # the sockets of both sides hold some
    assert digest.digest() == hashlib.sha256(b"before " + bytes(source.file.size) + b" after").digest()


def test_a_system_that_takes_nothing_more_is_given_up_and_the_file_is_closed(run: Run) -> None:
    source = Source(400)

    async def takes_nothing(visit: Visit) -> None:
        await asyncio.sleep(2)

    with serving(takes_nothing) as system:
        assert run(outcomes(HttpTransport(settings()), [request(system.base, source.file)])) == ["unsettled"]
    assert (source.given < source.count, source.closed) == (True, 1)


def test_who_answers_before_the_end_has_answered_and_hears_nothing_more_on_that_connection(run: Run) -> None:
    source = Source(400)

    async def refuses(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        await visit.say(REFUSED if visit.number == 1 else OK)
        await visit.reader.read()

    with serving(refuses) as system:
        asked = [request(system.base, source.file), post(system.base)]
        assert run(outcomes(HttpTransport(settings(timeout_s=5)), asked)) == ["413 no", "200 ok"]
        assert system.connections == 2
    assert (source.given < source.count, source.closed) == (True, 1)


@pytest.mark.parametrize(
    ("wrong", "told"), [(IntegrityError("altered"), IntegrityError), (OSError("the database is gone"), Unsettled)]
)
def test_what_cannot_be_read_to_its_end_never_arrives_whole(run: Run, wrong: Exception, told: type) -> None:
    source, heard = Source(9, fails={5: wrong}), list[int]()

    async def hears(visit: Visit) -> None:
        if visit.number == 1:
            while piece := await visit.reader.read(PIECE):
                heard.append(len(piece))
        else:
            await answering(lambda *_: OK)(visit)

    async def send(base: str) -> str:
        way = HttpTransport(settings(timeout_s=5))
        with pytest.raises(told):
            await way.send(request(base, source.file))
        try:
            return await outcome(way, post(base))
        finally:
            await way.close()

    with serving(hears) as system:
        assert run(send(system.base)) == "200 ok"
        assert system.connections == 2  # the one that was cut off is not used again
    assert 0 < sum(heard) < source.file.size
    assert source.closed == 1
