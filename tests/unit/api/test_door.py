"""A process that has all it can take on says so at once, and reads nothing more."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from lxml import etree
from province import Province, contract
from structlog.testing import capture_logs

from gateway.api.door import Door
from gateway.api.peer import PLACE
from gateway.clients.ways import Peer
from gateway.facade import PATH
from gateway.facade.app import Facade

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Slow:
    """Answers when it is told to, and counts what it was asked and who read a body."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})


async def unread() -> Any:
    raise AssertionError


async def call(
    door: Door, path: str, *headers: tuple[bytes, bytes], address: str = ""
) -> tuple[int, dict[str, str], bytes]:
    """Whatever is refused must be refused without a byte of the body."""
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": list(headers), PLACE: Peer(address=address)}
    await door(scope, unread, send)
    named = {name.decode(): value.decode() for name, value in told[0]["headers"]}
    return told[0]["status"], named, told[1]["body"]


@pytest.fixture
def slow() -> Slow:
    return Slow()


async def filled(slow: Slow, **settings: Any) -> tuple[Door, list[asyncio.Task[Any]]]:
    door = Door(slow, most=2, staff=("/console",), **settings)
    tasks = [asyncio.ensure_future(call(door, "/v1/x")) for _ in range(2)]
    await asyncio.sleep(0)
    assert len(slow.asked) == 2
    return door, tasks


async def test_one_too_many_is_told_when_to_come_back_and_nothing_of_it_is_read(slow: Slow) -> None:
    door, tasks = await filled(slow)
    status, headers, body = await call(door, "/v1/x", (b"traceparent", f"00-{TRACE}-{'b' * 16}-01".encode()))
    assert (status, headers["content-type"]) == (503, "application/problem+json")
    assert headers["retry-after"] in {"1", "2", "3"}
    assert headers["cache-control"] == "no-store"
    problem = json.loads(body)
    assert (problem["code"], problem["status"], problem["trace_id"]) == ("ours.busy", 503, TRACE)
    assert "Retry-After" in problem["detail"]
    assert len(slow.asked) == 2
    slow.go.set()
    assert [(await task)[0] for task in tasks] == [200, 200]
    assert (await call(door, "/v1/x"))[0] == 200


async def test_those_who_are_sent_away_do_not_all_come_back_together(slow: Slow) -> None:
    door, _ = await filled(slow)
    waits = [(await call(door, "/v1/x"))[1]["retry-after"] for _ in range(6)]
    assert set(waits) == {"1", "2", "3"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probes_always_come_in(slow: Slow, path: str) -> None:
    door, _ = await filled(slow)
    slow.go.set()
    assert (await call(door, path))[0] == 200


async def test_staff_have_places_of_their_own_and_no_more_of_them(slow: Slow) -> None:
    door, _ = await filled(slow)
    pages = [asyncio.ensure_future(call(door, "/console/overview")) for _ in range(2)]
    await asyncio.sleep(0)
    assert len(slow.asked) == 4
    assert (await call(door, "/console/overview"))[0] == 503
    slow.go.set()
    assert [(await page)[0] for page in pages] == [200, 200]


async def test_whoever_fails_or_goes_away_leaves_their_place() -> None:
    async def broken(*_: Any) -> None:
        raise ConnectionResetError

    door = Door(broken, most=1)
    for _ in range(3):
        with pytest.raises(ConnectionResetError):
            await call(door, "/v1/x")


async def test_a_caller_who_hangs_up_leaves_their_place(slow: Slow) -> None:
    door, tasks = await filled(slow)
    tasks[0].cancel()
    await asyncio.sleep(0)
    slow.go.set()
    assert (await call(door, "/v1/x"))[0] == 200


async def test_a_flood_is_a_line_a_second(slow: Slow) -> None:
    now = [0.0]
    door, _ = await filled(slow, monotonic=lambda: now[0])
    with capture_logs() as logs:
        for _ in range(5):
            await call(door, "/v1/x")
        now[0] = 1.0
        await call(door, "/v1/x")
    assert [(line["event"], line["refused"]) for line in logs] == [
        ("requests_refused_busy", 1),
        ("requests_refused_busy", 5),
    ]


async def test_a_soap_caller_is_told_in_a_fault(province: Province, slow: Slow) -> None:
    facade = Facade(province.app, contract(), max_body_bytes=1000)
    door, _ = await filled(slow, refusals={PATH: facade.refusal})
    status, headers, body = await call(door, PATH)
    assert (status, headers["x-http-status"], headers["content-type"]) == (500, "503", "text/xml; charset=utf-8")
    assert headers["retry-after"] in {"1", "2", "3"}
    assert b"ours.busy" in body
    assert etree.fromstring(body).tag.endswith("Envelope")


async def test_what_is_refused_at_the_door_leaves_no_leaf(province: Province) -> None:
    door = Door(province.app, most=1)
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        assert (await client.post("/v1/citizens/verification")).status_code == 401
        leaves = len(province.recorder.entries)
        door._under_way[False] = 1
        assert (await client.post("/v1/citizens/verification")).status_code == 503
    assert len(province.recorder.entries) == leaves == 1


async def test_one_address_has_its_share_and_others_still_come_in(slow: Slow) -> None:
    door = Door(slow, most=3, each=2, staff=("/console",))
    tasks = [asyncio.ensure_future(call(door, "/v1/x", address="203.0.113.9")) for _ in range(3)]
    await asyncio.sleep(0)
    assert (await tasks[2])[0] == 503
    tasks[2:] = [asyncio.ensure_future(call(door, path, address="203.0.113.9")) for path in ("/console", "/console")]
    tasks.append(asyncio.ensure_future(call(door, "/v1/x", address="203.0.113.10")))
    await asyncio.sleep(0)
    assert len(slow.asked) == 5
    assert (await call(door, "/v1/x", address="203.0.113.11"))[0] == 503  # now there are three
    slow.go.set()
    assert [(await task)[0] for task in tasks] == [200] * 5
    assert not door._of  # nothing is remembered of who has gone
