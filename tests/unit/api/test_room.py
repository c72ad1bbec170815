"""Large bodies have a bounded room in a process; who finds none is sent away unread."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from province import Province
from structlog.testing import capture_logs

from gateway.api.bodies import ARRIVED
from gateway.api.edge import takes_file
from gateway.api.peer import PLACE
from gateway.api.room import SMALL, Room
from gateway.clients.ways import Peer
from gateway.facade import PATH
from gateway.sdk.errors import BusyError

LARGE = 2 * SMALL
INBOUND = "/inbound/national_portal/addtthcKhuyenMai"


class Reader:
    """Reads all of a body, and answers when it is told to."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.read: list[int] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message["body"]), message["more_body"]
        self.read.append(size)
        await self.go.wait()


class Sender:
    """One request; `asked` counts the pieces that somebody wanted."""

    def __init__(
        self, *pieces: int, says: int | None = None, address: str = "203.0.113.9", arrived: bool = False
    ) -> None:
        headers = [(b"content-length", b"%d" % says)] if says is not None else []
        self.scope = {"type": "http", "method": "POST", "path": "/x", "headers": headers, PLACE: Peer(address=address)}
        if arrived:
            self.scope[ARRIVED] = True
        self.asked = 0
        self._left = list(pieces)

    async def receive(self) -> Any:
        self.asked += 1
        piece = self._left.pop(0)
        return {"type": "http.request", "body": b"x" * piece, "more_body": bool(self._left)}


async def nobody(message: Any) -> None:
    raise AssertionError


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    made = Reader()
    yield made
    made.go.set()


def room_of(app: Any, *, most: int = 5 * SMALL, each: int = 4 * SMALL) -> Room:
    return Room(app, most=most, each=each, streams=takes_file)


async def begun(room: Room, *senders: Sender) -> list[asyncio.Task[None]]:
    tasks = [asyncio.ensure_future(room(one.scope, one.receive, nobody)) for one in senders]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_a_body_holds_what_came_until_its_answer_has_left(reader: Reader) -> None:
    room = room_of(reader)
    first, second, third = Sender(LARGE, says=LARGE), Sender(LARGE, says=LARGE), Sender(LARGE, says=LARGE)
    tasks = await begun(room, first, second, third)
    with pytest.raises(BusyError) as refused:
        await tasks[2]
    assert (third.asked, room.held, room.refused) == (0, 2 * LARGE, 1)
    assert 1 <= refused.value.retry_after_s <= 10  # type: ignore[operator]
    reader.go.set()
    await asyncio.gather(*tasks[:2])
    assert (room.held, room._of) == (0, {})
    await asyncio.gather(*await begun(room, Sender(LARGE, says=LARGE)))
    assert reader.read == [LARGE] * 3


async def test_one_address_leaves_room_for_others(reader: Reader) -> None:
    room = room_of(reader)
    tasks = await begun(room, *(Sender(LARGE, says=LARGE) for _ in range(2)))
    refused, other = Sender(SMALL + 1, says=SMALL + 1), Sender(SMALL, says=SMALL, address="203.0.113.10")
    tasks += await begun(room, refused, other, Sender(LARGE // 2 + 1, says=LARGE // 2 + 1, address="203.0.113.11"))
    assert [task.done() for task in tasks] == [False, False, True, False, True]
    assert refused.asked == 0
    assert all(isinstance(task.exception(), BusyError) for task in tasks if task.done())
    reader.go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert room.held == 0


async def test_staff_and_the_rest_have_as_much_each(reader: Reader) -> None:
    room = Room(reader, most=LARGE, each=LARGE, streams=takes_file, staff=("/console",))
    staff, more = Sender(LARGE, says=LARGE), Sender(LARGE, says=LARGE)
    staff.scope["path"] = more.scope["path"] = "/console/uploads"
    tasks = await begun(room, Sender(LARGE, says=LARGE), staff, more, Sender(LARGE, says=LARGE))
    assert ([task.done() for task in tasks], room.held) == ([False, False, True, True], 2 * LARGE)
    reader.go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (room.held, room._of) == (0, {})


async def test_a_body_that_does_not_say_how_long_it_is_takes_room_as_it_comes(reader: Reader) -> None:
    room = room_of(reader)
    small, growing = Sender(SMALL - 1, 1), Sender(*[SMALL] * 5, address="203.0.113.10")
    tasks = await begun(room, small)
    assert room.held == 0
    with pytest.raises(BusyError):
        await room(growing.scope, growing.receive, nobody)
    assert (growing.asked, room.held) == (5, 0)
    reader.go.set()
    await tasks[0]


async def test_what_is_all_there_or_small_or_a_file_is_not_counted(reader: Reader) -> None:
    room = room_of(reader, most=0, each=0)
    file = Sender(LARGE, says=LARGE)
    file.scope |= {"method": "PUT", "path": "/v1/files/8e03978e-40d5-43e8-bc93-6894a57f9324"}
    tasks = await begun(room, file, Sender(SMALL, says=SMALL), Sender(LARGE, says=LARGE, arrived=True))
    reader.go.set()
    await asyncio.gather(*tasks)
    assert (len(reader.read), room.refused) == (3, 0)


async def test_a_flood_is_a_line_a_second(reader: Reader) -> None:
    now = [0.0]
    room = Room(reader, most=0, each=0, streams=takes_file, monotonic=lambda: now[0])
    with capture_logs() as logs:
        for at in (0.0, 0.5, 0.9, 1.0):
            now[0] = at
            [task] = await begun(room, Sender(LARGE, says=LARGE))
            assert isinstance(task.exception(), BusyError)
    assert [(line["event"], line["refused"]) for line in logs] == [
        ("bodies_refused_busy", 1),
        ("bodies_refused_busy", 3),
    ]


@pytest.fixture
async def roomy() -> Province:
    """Whose limits let such bodies in."""
    made = Province(max_body_bytes=10 * LARGE)
    made.key = await made.issue()
    return made


@pytest.fixture
async def full(roomy: Province) -> AsyncIterator[httpx.AsyncClient]:
    """The whole application, without any room for large bodies."""
    transport = httpx.ASGITransport(Room(roomy.app, most=0, each=0, streams=takes_file))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def test_a_notice_that_finds_no_room_is_answered_503_and_nothing_is_done(
    full: httpx.AsyncClient, roomy: Province
) -> None:
    answer = await full.post(INBOUND, content=b"{" + b" " * LARGE)
    assert (answer.status_code, answer.json()["code"]) == (503, "ours.busy")
    assert re.fullmatch("[1-9]|10", answer.headers["retry-after"])
    assert not roomy.recorder.entries
    assert (await full.post(INBOUND, content=b"{}")).status_code == 200


async def test_so_is_a_request_of_v1_and_it_leaves_no_leaf(full: httpx.AsyncClient, roomy: Province) -> None:
    answer = await full.post("/v1/citizens/verification", content=b" " * LARGE)
    assert (answer.status_code, answer.json()["code"]) == (503, "ours.busy")
    assert not roomy.recorder.entries


async def test_and_of_the_facade_in_its_own_words(full: httpx.AsyncClient, roomy: Province) -> None:
    answer = await full.post(PATH, content=b" " * LARGE, headers={"content-type": "text/xml; charset=utf-8"})
    assert (answer.status_code, answer.headers["x-http-status"]) == (500, "503")
    assert b"ours.busy" in answer.content
    assert b"retry_after" in answer.content
    assert not roomy.recorder.entries


async def test_who_may_not_call_from_there_takes_no_room() -> None:
    province = Province(max_body_bytes=10 * LARGE, networks={"national_portal": ["192.0.2.0/24"]})
    room = Room(province.app, most=0, each=0, streams=takes_file)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(room), base_url="http://gateway") as stranger:
        answer = await stranger.post(INBOUND, content=b" " * LARGE)
    assert (answer.status_code, room.refused) == (403, 0)
