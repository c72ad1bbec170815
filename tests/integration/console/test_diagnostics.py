"""A partner tried from the browser, over a mock that really listens."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest_asyncio
import uvicorn
from console_house import Browser, House, console

from gateway.operators.model import Role
from mocks.national_portal.app import create_app


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[None]:
    config = uvicorn.Config(create_app(), host="127.0.0.1", port=port, log_level="critical", lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    ticking = asyncio.ensure_future(server.main_loop())  # which also keeps the Date of its replies
    yield
    server.should_exit = True
    await ticking
    await server.shutdown()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: object, database_url: str) -> AsyncIterator[House]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder: Path = tmp_path_factory.mktemp("state")  # type: ignore[attr-defined]  # pytest's own
    portal = {"base_url": f"http://127.0.0.1:{port}/XrdAdapter/RestService/forward"}
    nobody = {"base_url": "http://127.0.0.1:1"}
    async with (
        listening(port),
        console(folder, database_url, systems={"national_portal": portal, "population": nobody}) as opened,
    ):
        yield opened


async def tried(house: House, browser: Browser, system: str, way: str = "direct") -> str:
    await browser.get("/console/diagnostics")
    response = await browser.post(f"/console/diagnostics/{system}/runs", {"way": way})
    path = response.headers["location"]
    run = await house.gateway.desk.diagnostics.find(system, path.rsplit("/", 1)[1])
    await house.gateway.desk.diagnostics.wait(run)
    return path


async def test_a_partner_that_is_well_is_shown_step_by_step(house: House) -> None:
    browser = await house.enter(Role.OPERATOR)
    path = await tried(house, browser, "national_portal")
    page = await browser.get(path)
    badges = re.findall(r'<h2>([^<]+) <span class="badge \w+">([^<]+)</span>', page)
    assert badges == [
        ("Tên miền (DNS)", "không áp dụng"),
        ("Kết nối mạng (TCP)", "đạt"),
        ("Kênh mã hoá (TLS)", "không áp dụng"),
        ("Chứng thư số máy chủ", "không áp dụng"),
        ("Thu hồi chứng thư (OCSP, CRL)", "không áp dụng"),
        ("Đăng nhập, lấy token", "đạt"),
        ("Một lời gọi vô hại", "đạt"),
        ("Đồng hồ hai bên", "đạt"),
    ]
    assert "hx-trigger" not in page  # it has ended: nothing is asked any more
    assert path in await browser.get("/console/diagnostics")


async def test_one_that_nobody_answers_says_whose_turn_it_is(house: House) -> None:
    browser = await house.enter(Role.OPERATOR)
    page = await browser.get(await tried(house, browser, "population"))
    assert "Việc của đối tác" in page
    assert "chưa thử được" in page
    assert page.count('class="badge bad"') == 2  # the step, and the whole


async def test_a_try_is_an_act_with_its_leaves(house: House) -> None:
    """SEC-04 (part)."""
    browser = await house.enter(Role.OPERATOR)
    path = await tried(house, browser, "national_portal")
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, reference=path.rsplit("/", 1)[1], limit=9)
    told = [row.leaf.decode() for row in rows]
    assert sum('"operation":"diagnose"' in leaf for leaf in told) == 2
    assert any('"operation":"list_agencies"' in leaf for leaf in told)
    assert any('"operation":"console_diagnose"' in leaf for leaf in told)


async def test_whoever_may_only_look_reads_and_tries_nothing(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    page = await browser.get("/console/diagnostics")
    assert 'action="/console/diagnostics/' not in page
    await browser.post("/console/diagnostics/national_portal/runs", {"way": "direct"}, status=403)
    path = await tried(house, await house.enter(Role.OPERATOR), "national_portal")
    assert "đạt" in await browser.get(path)


async def test_an_address_of_ones_own_is_tried_by_nobody(house: House) -> None:
    browser = await house.enter(Role.OPERATOR)
    await browser.get("/console/diagnostics")
    for system, way in (("127.0.0.1", ""), ("national_portal", "http://169.254.169.254/")):
        await browser.post(f"/console/diagnostics/{system}/runs", {"way": way}, status=404)
    await browser.get("/console/diagnostics/national_portal/NOTHING", status=404)


async def test_the_piece_that_follows_by_itself_is_no_leaf_and_no_whole_page(house: House) -> None:
    browser = await house.enter(Role.OPERATOR)
    path = await tried(house, browser, "national_portal")
    before = await house.gateway.stores.audit.find(house.gateway.tenant, limit=1)
    piece = await browser.get(f"{path}/steps")
    assert "<html" not in piece
    assert '<div id="steps">' in piece
    assert await house.gateway.stores.audit.find(house.gateway.tenant, limit=1) == before
