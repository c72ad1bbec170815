"""Who sends large bodies, and is not known: a word about twenty megabytes costs nobody anything, and what came of them
is held no longer than somebody goes on sending."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from province import Province

from gateway.api import bodies
from gateway.api.bodies import read_body
from gateway.api.room import SMALL, Room
from gateway.cli import application as served
from gateway.sdk.errors import BusyError, RequestError, SlowBodyError, TooLargeError
from gateway.settings import ApiSettings, Settings

INBOUND = "/inbound/national_portal/addtthcKhuyenMai"
NOTICE = b"{" + b" " * 100_000 + b"}"
OWN = ApiSettings()
TWO = ("203.0.113.1",) * 3 + ("203.0.113.2",)
"""Addresses: no one of them has all the room."""

App = Callable[..., Awaitable[None]]


class Stranger:
    """Sends so many bytes of what it announces, and then nothing for ever, or a byte again and again."""

    def __init__(self, size: int, *, address: str = "203.0.113.1", path: str = INBOUND, drips: bool = False) -> None:
        self.told: list[Any] = []
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "scheme": "https",
            "client": (address, 1),
            "headers": [(b"content-length", b"%d" % OWN.max_inbound_bytes)],
        }
        self.has_sent = False
        self._size = size
        self._drips = drips

    async def receive(self) -> Any:
        if size := self._size:
            self._size = 0
            return {"type": "http.request", "body": bytes(size), "more_body": True}
        self.has_sent = True
        if not self._drips:
            await asyncio.Future()
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(self, message: Any) -> None:
        self.told.append(message)

    @property
    def status(self) -> int:
        return int(self.told[0]["status"])


@pytest.fixture
async def province() -> Province:
    made = Province(max_body_bytes=OWN.max_body_bytes)
    made.key = await made.issue()
    return made


@pytest.fixture
async def app(province: Province) -> App:
    """What `lienthong api` runs, with the limits of a province that sets none."""
    services = replace(province.services, max_inbound_bytes=OWN.max_inbound_bytes)
    ground = SimpleNamespace(settings=Settings(), trusting=SimpleNamespace(trust={}), metrics=None)
    gateway: Any = SimpleNamespace(services=services, ground=ground, desk=None)
    return served.application(gateway)


@pytest.fixture
async def crowd(app: App) -> AsyncIterator[Callable[[list[Stranger]], Awaitable[list[asyncio.Task[None]]]]]:
    tasks = list[asyncio.Task[None]]()

    async def come(strangers: list[Stranger]) -> list[asyncio.Task[None]]:
        tasks.extend(asyncio.ensure_future(app(one.scope, one.receive, one.send)) for one in strangers)
        async with asyncio.timeout(60):
            while not all(one.has_sent for one in strangers):  # noqa: ASYNC110 - all on this loop
                await asyncio.sleep(0)
        return tasks

    yield come
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def put(app: App, path: str, *, key: str = "", method: str = "POST") -> int:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
    transport = httpx.ASGITransport(app, client=("198.51.100.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="https://gateway", headers=headers) as http:
        return (await http.request(method, path, content=NOTICE)).status_code


@pytest.mark.parametrize("sent", [0, 1, SMALL, 2**20], ids=["a word", "a byte", "what is small", "a megabyte"])
async def test_silent_strangers_shut_nobody_out(app: App, province: Province, crowd: Any, sent: int) -> None:
    tasks = await crowd([Stranger(sent, address=address) for address in TWO])
    assert await put(app, INBOUND) == 200
    assert await put(app, "/v1/dossiers/000.00.05.H99-261123-0007", key=province.key, method="PUT") == 422
    assert not any(task.done() for task in tasks)


async def test_whoever_really_sends_all_that_has_it_for_no_longer_than_silence_is_waited_for(
    app: App, crowd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And staff, who have room of their own, look after it meanwhile."""
    monkeypatch.setattr(bodies, "BODY_S", 3.0)
    read = list[int]()

    async def pages(scope: Any, receive: Any, send: Any) -> None:
        read.append(len(await read_body({}, receive, most=OWN.max_inbound_bytes)))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    monkeypatch.setattr(served, "_pages", lambda *_: pages)
    strangers = [Stranger(OWN.max_inbound_bytes - 1, address=address) for address in TWO]
    tasks = await crowd(strangers)
    assert await put(app, INBOUND) == 503
    assert (await put(app, "/console/uploads"), read) == (200, [len(NOTICE)])
    await asyncio.wait_for(asyncio.gather(*tasks), 60)
    assert [one.status for one in strangers] == [408] * 4
    assert await put(app, INBOUND) == 200


class TestPace:
    """`read_body` alone."""

    @pytest.mark.parametrize("drips", [False, True], ids=["silence", "a drip"])
    async def test_what_has_come_buys_no_silence(self, monkeypatch: pytest.MonkeyPatch, drips: bool) -> None:
        """Two megabytes are twenty seconds at the slowest pace, yet are not waited for so long."""
        monkeypatch.setattr(bodies, "BODY_S", 0.2)
        began = time.monotonic()
        with pytest.raises(SlowBodyError):
            await read_body({}, Stranger(2_000_000, drips=drips).receive, most=OWN.max_inbound_bytes)
        assert 0.2 <= time.monotonic() - began < 15

    async def test_whoever_keeps_the_pace_may_take_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bodies, "BODY_S", 1.5)
        left = [50_000] * 12
        began = time.monotonic()

        async def receive() -> Any:
            await asyncio.sleep(0.15)
            return {"type": "http.request", "body": bytes(left.pop()), "more_body": bool(left)}

        assert len(await read_body({}, receive, most=OWN.max_inbound_bytes)) == 600_000
        assert time.monotonic() - began > 1.5


LARGE = 2 * SMALL


class BrokenError(Exception):
    """Something that goes wrong inside."""


async def broken(*_: object, **__: object) -> bytes:
    raise BrokenError


def pieces(*sizes: int | None) -> Callable[[], Awaitable[Any]]:
    """None: the connection is closed. After them it is silent."""
    left = list(sizes)

    async def receive() -> Any:
        if not left:
            await asyncio.Future()
        size = left.pop(0)
        if size is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": bytes(size), "more_body": True}

    return receive


@pytest.mark.parametrize(
    ("sent", "then", "told"),
    [
        ((LARGE, None), None, RequestError),
        ((LARGE, LARGE, 1), None, BusyError),
        ((LARGE, LARGE), None, TooLargeError),
        ((LARGE,), None, SlowBodyError),
        ((LARGE,), broken, BrokenError),
        ((LARGE,), asyncio.Task.cancel, asyncio.CancelledError),
    ],
    ids=["broken off", "no room half-way", "too large", "slow", "failed", "cancelled"],
)
async def test_however_it_ends_its_room_is_given_back(
    monkeypatch: pytest.MonkeyPatch, sent: tuple[int | None, ...], then: Any, told: type[Exception]
) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.2)
    held = list[int]()

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        async def noting() -> Any:
            message = await receive()
            held.append(room.held)
            if then is broken:
                raise BrokenError
            return message

        await read_body({}, noting, most=LARGE * 2 - (told is TooLargeError))

    room = Room(app, most=LARGE * 2, each=LARGE * 2, streams=lambda _: False)
    task = asyncio.ensure_future(room(Stranger(0).scope | {"headers": []}, pieces(*sent), Stranger(0).send))
    if then is asyncio.Task.cancel:
        while not held:  # noqa: ASYNC110 - all on this loop
            await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(told):
        await task
    assert (held[0], room.held, room._of) == (LARGE, 0, {})


async def test_of_too_many_who_come_together_those_who_find_room_end() -> None:
    """Nobody holds what only somebody else could use: the last one always fits."""
    done = list[int]()

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        done.append(len(await read_body({}, receive, most=4 * LARGE)))

    def sender() -> Callable[[], Awaitable[Any]]:
        left = [LARGE // 2] * 8

        async def receive() -> Any:
            await asyncio.sleep(0)
            return {"type": "http.request", "body": bytes(left.pop()), "more_body": bool(left)}

        return receive

    room = Room(app, most=6 * LARGE, each=4 * LARGE, streams=lambda _: False)
    said = {"headers": [(b"content-length", b"%d" % (4 * LARGE))]}
    calls = [room(Stranger(0, address=f"203.0.113.{n}").scope | said, sender(), Stranger(0).send) for n in range(10)]
    told = await asyncio.gather(*calls, return_exceptions=True)
    refused = [one for one in told if isinstance(one, BusyError)]
    assert done
    assert set(done) == {4 * LARGE}
    assert len(done) + len(refused) == 10
    assert (room.held, room._of) == (0, {})
