"""Alarms as pages: read, settle with a reason, unblock whom one blocked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from console_house import House

from gateway.alarms.model import Occasion
from gateway.bootstrap import utc_now
from gateway.observability import own_context
from gateway.operators.model import Role

OFFICER = "officer:H99.1/canbo.mau"


async def raise_alarm(house: House, about: str, kind: str = "reply_not_trusted", **facts: str | int) -> int:
    occasion = Occasion(kind=kind, about=about, facts=facts)
    return (await house.gateway.able.alarms.raise_alarm(occasion, context=own_context(house.gateway.tenant))).id


async def test_an_alarm_is_told_in_plain_words(house: House) -> None:
    number = await raise_alarm(house, "system:population", code="security.signature")
    browser = await house.enter(Role.VIEWER)
    listed = await browser.get("/console/alarms")
    assert f'href="/console/alarms/{number}"' in listed
    assert "không đáng tin" in listed
    page = await browser.get(f"/console/alarms/{number}")
    assert "security.signature" in page
    assert 'href="/console/transactions?system=population"' in page
    await browser.get("/console/alarms/999999999", status=404)


async def test_whoever_may_act_settles_it_once_with_a_reason(house: House) -> None:
    """SEC-04 (part): the act is a leaf, and what was written is not in it."""
    number = await raise_alarm(house, "system:paygov")
    browser = await house.enter(Role.OPERATOR)
    await browser.get(f"/console/alarms/{number}")
    refused = await browser.post(f"/console/alarms/{number}/settle", {"reason": " "}, status=422)
    assert "Phải ghi" in refused.text
    await browser.get(f"/console/alarms/{number}")
    page = await browser.send(f"/console/alarms/{number}/settle", {"reason": "Đã hỏi đối tác, khoá mới đúng"})
    assert "Đã xử lý" in page
    assert "Đã hỏi đối tác" in page
    await browser.post(f"/console/alarms/{number}/settle", {"reason": "lần nữa"}, status=409)
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=20)
    leaves = [row.leaf.decode() for row in rows]
    (leaf,) = [leaf for leaf in leaves if '"operation":"settle_alarm"' in leaf and f"alarm:{number}" in leaf]
    assert "đối tác" not in leaf
    assert "Đã hỏi đối tác" not in await (await house.enter(Role.VIEWER)).get(f"/console/alarms/{number}")
    assert f'href="/console/alarms/{number}"' not in await browser.get("/console/alarms")
    assert f'href="/console/alarms/{number}"' in await browser.get("/console/alarms?all=true")


@pytest.mark.parametrize("act", ["settle", "lift"])
async def test_a_reader_sees_no_button_and_is_refused(house: House, act: str) -> None:
    number = await raise_alarm(house, "system:vnpay", held=OFFICER)
    browser = await house.enter(Role.VIEWER)
    assert "<form" not in (await browser.get(f"/console/alarms/{number}")).partition("<main")[2]
    await browser.post(f"/console/alarms/{number}/{act}", {"reason": "x"}, status=403)
    assert (await house.gateway.able.alarms.find(house.gateway.tenant, number)).settled_at is None


async def test_settling_can_unblock_whom_the_alarm_blocked(house: House) -> None:
    tenant, store = house.gateway.tenant, house.gateway.stores.restraint
    await store.block(tenant, [OFFICER], until=utc_now() + timedelta(hours=1))
    number = await raise_alarm(house, OFFICER, kind="lookup_misses", held=OFFICER, count=13, most=4)
    browser = await house.enter(Role.OPERATOR)
    assert f"Bỏ chặn: {OFFICER}" in await browser.get(f"/console/alarms/{number}")
    page = await browser.send(f"/console/alarms/{number}/settle", {"reason": "Đúng việc được giao", "lift": "true"})
    assert "Đã bỏ chặn: 1." in page
    page = await browser.send(f"/console/alarms/{number}/lift", {"reason": "Lần nữa"})
    assert "Không ai đang bị chặn" in page


async def test_a_long_list_goes_on_with_another_page(house: House) -> None:
    for number in range(55):
        await raise_alarm(house, f"agreement:{number}/30", kind="agreement_ends", days=30)
    browser = await house.enter(Role.VIEWER)
    page = await browser.get("/console/alarms")
    assert page.count('<tr><th scope="row">') == 50
    onward = page.partition('<p class="onward"><a href="')[2].partition('"')[0]
    assert "agreement" in await browser.get(onward.replace("&amp;", "&"))
