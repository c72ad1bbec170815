"""The overview: each system as a card, live, and what it says when something breaks (KPI-10)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from console_house import House

from gateway.bootstrap import utc_now
from gateway.operators.model import Role

INSERT = """INSERT INTO transaction (tenant, index, recorded_at, kind, actor, operation, system, outcome, fault,
    reference, trace_id, call_id, duration_ms)
    VALUES (%(tenant)s, %(index)s, %(at)s, 'exchange', 'worker', 'sync_dossier',
    %(system)s, 'x', %(fault)s, '', '', '', %(took)s)"""
INDEXED = """INSERT INTO log_reader (tenant, name, next_index, moved_at)
    VALUES (%(tenant)s, 'transactions', %(next)s, now())
    ON CONFLICT (tenant, name) DO UPDATE SET next_index = excluded.next_index, moved_at = now()"""
FIRST = 10_000_000
"""Behind every leaf that these tests make."""


class Log:
    """Rows as the indexer writes them, far behind the real ones."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.next = FIRST

    async def add(self, system: str, fault: str, *, count: int, at: datetime, took: int = 200) -> None:
        gateway = self.house.gateway
        async with gateway.ground.database.transaction() as connection:
            for _ in range(count):
                values = {"index": self.next, "at": at, "system": system, "fault": fault, "took": took}
                await connection.execute(INSERT, {**values, "tenant": gateway.tenant})
                self.next += 1
            await connection.execute(INDEXED, {"tenant": gateway.tenant, "next": self.next})
        await gateway.work.counter.catch_up()


@pytest.fixture(scope="module")
def written(house: House) -> Log:
    return Log(house)


def card(page: str, system: str) -> str:
    return page.partition(f'aria-labelledby="system-{system}"')[2].partition("</section>")[0]


async def test_a_system_that_nobody_asked_is_not_called_good(house: House) -> None:
    await house.gateway.work.counter.catch_up()
    browser = await house.enter(Role.VIEWER)
    page = await browser.get("/console")
    assert "Chưa biết" in card(page, "payment")
    assert "Hoạt động" not in card(page, "payment")
    assert "không có cuộc gọi" in card(page, "payment")
    for target in house.gateway.targets:
        assert f'id="system-{target}"' in page


async def test_a_fault_is_seen_within_a_minute(house: House, written: Log) -> None:
    """KPI-10: a system that went well for a quarter of an hour fails from one moment on."""
    now = utc_now()
    for minute in range(2, 14):
        await written.add("population", "none", count=20, at=now - timedelta(minutes=minute))
    browser = await house.enter(Role.VIEWER)
    assert "Hoạt động" in card(await browser.get("/console"), "population")
    await written.add("population", "partner_technical", count=5, at=now)
    shown = card(await browser.get("/console"), "population")
    assert "Mất kết nối" in shown
    assert "2 phút qua" in shown
    assert 'href="/console/diagnostics"' in shown


async def test_a_paused_system_says_who_paused_it_and_where_to_resume(house: House) -> None:
    tenant, outbox = house.gateway.tenant, house.gateway.stores.outbox
    browser = await house.enter(Role.VIEWER)
    await outbox.pause(tenant, "national_portal", now=utc_now())
    try:
        shown = card(await browser.get("/console"), "national_portal")
    finally:
        await outbox.resume(tenant, "national_portal", now=utc_now())
    assert "Tạm ngừng gửi" in shown
    assert 'href="/console/delivery"' in shown


async def test_figures_that_nobody_renews_are_said_to_be_old(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await house.gateway.work.counter.step()
    assert "không phải của lúc này" not in await browser.get("/console")
    async with house.gateway.ground.database.transaction() as connection:
        await connection.execute("UPDATE log_reader SET moved_at = moved_at - interval '1 hour' WHERE name = 'traffic'")
    page = await browser.get("/console")
    assert "không phải của lúc này" in page
    assert "Hoạt động" not in page
    await house.gateway.work.counter.step()


async def test_the_live_page_sends_what_has_changed(house: House, written: Log) -> None:
    browser = await house.enter(Role.VIEWER)
    async with listening(house, browser.client.cookies["lienthong-session"]) as stream:
        assert await stream.next() == ": "
        first = {await stream.next(), await stream.next()}
        assert {event.split("\n")[0] for event in first} == {"event: summary", "event: cards"}
        assert all(line.startswith("data: ") for event in first for line in event.split("\n")[1:])
        await written.add("payment", "none", count=4, at=utc_now())
        later = [await stream.next(), await stream.next()]
        assert any("Hoạt động: " in event for event in later if event.startswith("event: summary"))


async def test_a_stranger_hears_nothing(house: House) -> None:
    response = await house.stranger().client.get("/console/live/overview")
    assert response.status_code == 303


class Stream:
    """One browser that listens to `/console/live/overview`."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self.status = 0
        self.gone = asyncio.Event()

    async def next(self) -> str:
        async with asyncio.timeout(60):
            return await self.events.get()

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif text := message.get("body", b"").decode():
            self.events.put_nowait(text.removesuffix("\n\n"))


@asynccontextmanager
async def listening(house: House, token: str) -> AsyncIterator[Stream]:
    stream = Stream()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/console/live/overview",
        "raw_path": b"/console/live/overview",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1:7100"), (b"cookie", f"lienthong-session={token}".encode())],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 7100),
    }
    task = asyncio.create_task(house.app(scope, stream.receive, stream.send))
    try:
        yield stream
    finally:
        stream.gone.set()
        await asyncio.wait_for(task, 60)
        assert house.gateway.desk.live.streams == 0
