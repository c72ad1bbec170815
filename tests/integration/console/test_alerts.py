"""Alerts as a page: an administrator sets them up, a reader reads them, and what breaks is told (KPI-10)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from console_house import Browser, House

from gateway.alarms.model import Occasion
from gateway.bootstrap.alerting import teller_of
from gateway.observability import own_context
from gateway.operators.model import Role

RULE = {"name": "Mất kết nối", "metric": "held", "subject": "payment", "raise_at": "1", "clear_at": "0"}


class Listener:
    """A receiver of webhooks on this machine."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        self.bodies.append(json.loads(await reader.readexactly(size)))
        writer.write(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture(loop_scope="module")
async def listener() -> AsyncIterator[Listener]:
    found = Listener()
    async with await asyncio.start_server(found.serve, "127.0.0.1", 0) as server:
        found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/tin"
        yield found


async def add_receiver(browser: Browser, url: str, name: str) -> str:
    await browser.get("/console/alerts")
    page = await browser.post(
        "/console/alerts/receivers", {"name": name, "channel": "webhook", "address": url}, status=200
    )
    return page.text


async def number_of(house: House, name: str) -> int:
    receivers = await house.gateway.able.alerts.receivers(house.gateway.tenant)
    return next(receiver.id for receiver in receivers if receiver.name == name)


async def test_a_webhook_is_added_tried_and_removed(house: House, listener: Listener) -> None:
    browser = await house.enter(Role.ADMINISTRATOR)
    assert "whsec_" in await add_receiver(browser, listener.url, "Trực ban")
    page = await browser.get("/console/alerts")
    assert "whsec_" not in page
    assert listener.url in page
    number = await number_of(house, "Trực ban")
    page = await browser.send(f"/console/alerts/receivers/{number}/test")
    assert "Đang gửi" in page
    await teller_of(house.gateway.ground, house.gateway.stores, name="test").step()
    assert [body["type"] for body in listener.bodies] == ["alert.test"]
    assert "Đã gửi" in await browser.get("/console/alerts")
    page = await browser.send(f"/console/alerts/receivers/{number}/remove")
    assert listener.url not in page


async def test_a_rule_is_added_switched_and_removed(house: House) -> None:
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get("/console/alerts")
    page = await browser.send("/console/alerts/rules", {**RULE, "for_min": "0", "quiet_min": "60"})
    assert "Mất kết nối" in page
    (rule,) = [r for r in await house.gateway.able.alerts.rules(house.gateway.tenant) if r.name == "Mất kết nối"]
    page = await browser.send(f"/console/alerts/rules/{rule.id}/switch", {"is_on": "false"})
    assert "Tắt</span>" in page
    page = await browser.send(f"/console/alerts/rules/{rule.id}/remove")
    assert "Đã xoá quy tắc" in page
    await browser.post(f"/console/alerts/rules/{rule.id}/remove", status=404)


async def test_thresholds_the_wrong_way_round_are_refused_in_words(house: House) -> None:
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get("/console/alerts")
    refused = await browser.post("/console/alerts/rules", {**RULE, "clear_at": "5"}, status=422)
    assert "Quy tắc chưa hợp lý" in refused.text


async def test_a_mail_needs_a_mail_server(house: House) -> None:
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get("/console/alerts")
    said = {"name": "Trực", "channel": "email", "address": "truc@tinh.example.vn"}
    refused = await browser.post("/console/alerts/receivers", said, status=422)
    assert "Chưa cấu hình máy chủ thư" in refused.text


async def test_the_suggested_rules_are_added_once_and_a_fault_is_told(house: House, listener: Listener) -> None:
    """KPI-10 (part): what waits for a person is told to whoever is on duty."""
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get("/console/alerts")
    assert "Đã thêm 8 quy tắc" in await browser.send("/console/alerts/suggested")
    assert "Đã thêm 0 quy tắc" in await browser.send("/console/alerts/suggested")
    await add_receiver(browser, listener.url, "Trực 24/7")
    await browser.get("/console/alerts")
    rule = {"name": "Cảnh báo mới", "metric": "alarms", "subject": "file_altered", "raise_at": "1", "clear_at": "0"}
    await browser.send("/console/alerts/rules", {**rule, "for_min": "0"})
    gateway = house.gateway
    await gateway.ground.alarms.raise_alarm(
        Occasion(kind="file_altered", about="file:mau"), context=own_context(gateway.tenant)
    )
    assert await gateway.able.alerts.step(gateway.tenant) >= 1
    await teller_of(gateway.ground, gateway.stores, name="test").step()
    (told,) = [body for body in listener.bodies if body["data"]["rule"] == "Cảnh báo mới"]
    assert (told["data"]["subject"], told["data"]["value"]) == ("file_altered", 1.0)
    page = await browser.get("/console/alerts")
    assert "Đang báo" in page


@pytest.mark.parametrize(
    "path", ["rules", "suggested", "rules/1/switch", "rules/1/remove", "receivers", "receivers/1/test"]
)
async def test_whoever_may_not_administer_sees_no_form_and_is_refused(house: House, path: str) -> None:
    browser = await house.enter(Role.OPERATOR)
    page = await browser.get("/console/alerts")
    assert "<form" not in page.partition("<main")[2]
    await browser.post(f"/console/alerts/{path}", {**RULE, "is_on": "true"}, status=403)
