"""Dossiers in the console: found by code, seen on all their axes without personal data, parked steps dismissed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from console_house import House
from services import take_step

from gateway.api.schemas.dossiers import DOSSIER
from gateway.bootstrap import utc_now
from gateway.domain import Context
from gateway.observability import own_context
from gateway.operators.model import Role

CODE = "000.00.05.H99-261123-0007"
LATE = "000.00.05.H99-261123-0008"


def context(house: House) -> Context:
    return own_context(house.gateway.tenant)


async def take_in(house: House, code: str, **changes: object) -> None:
    await house.gateway.able.dossiers.put(code, {**DOSSIER, **changes}, context=context(house))


async def tell(house: House, code: str, event_id: str, status: int, **more: str) -> str:
    step = {"at": "2026-11-23T09:00:00+07:00", "officer_name": "Lê Văn Thử", "content": "Bước"}
    event = {"event_id": event_id, "status": status, **step, **more}
    return (await take_step(house.gateway.able.dossiers, code, event, context=context(house))).place.value


async def test_a_dossier_is_found_by_its_code_and_seen_on_its_axes_without_personal_data(house: House) -> None:
    """STA-05 (part), SYN-01 (part)."""
    await take_in(house, CODE)
    assert await tell(house, CODE, "buoc-1", 4) == "applied"
    browser = await house.enter(Role.VIEWER)
    await browser.get("/console/dossiers")
    page = await browser.send("/console/dossiers", {"code": f" {CODE.lower()} "})
    for said in ("Đang xử lý", "đang gửi", "không có khoản phải nộp qua cổng", "chưa có kết quả", "buoc-1"):
        assert said in page, said
    assert f"/console/delivery/streams/national_portal/{CODE}" in page
    assert "28/11/2026 17:00:00" in page
    for personal in ("Trần Thị Mẫu", "Lê Văn Thử", "099185000001", "0900000001"):
        assert personal not in page


@pytest.mark.parametrize("typed", ["000.00.05.H99-261123-9999", "not a code"])
async def test_what_is_no_dossier_is_told_in_the_same_words(house: House, typed: str) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get("/console/dossiers")
    response = await browser.post("/console/dossiers", {"code": typed}, status=404)
    assert "Không có hồ sơ nào mang mã này." in response.text
    await browser.get("/console/dossiers/000.00.05.H99-261123-9999", status=404)


async def test_what_is_overdue_is_listed_with_the_missing_apology(house: House) -> None:
    """KPI-13, DOS-11 (part)."""
    due = (utc_now() - timedelta(days=3)).isoformat()
    await take_in(house, LATE, received_at=(utc_now() - timedelta(days=9)).isoformat(), due_at=due)
    page = await (await house.enter(Role.VIEWER)).get("/console/dossiers")
    row = page.split(f"/console/dossiers/{LATE}")[1].split("</tr>")[0]
    assert "quá hạn" in row
    assert "chưa có văn bản xin lỗi" in row


async def test_a_parked_step_is_shown_with_its_reason_and_dismissed_for_good(house: House) -> None:
    """STA-04 (part), SEC-04 (part)."""
    code = "000.00.05.H99-261123-0009"
    await take_in(house, code)
    assert await tell(house, code, "buoc-2", 4, after="buoc-1") == "parked"
    browser = await house.enter(Role.OPERATOR)
    page = await browser.get("/console/dossiers/parked")
    assert "chờ bước trước đó" in page
    named = {"code": code, "event_id": "buoc-2"}
    empty = await browser.post("/console/dossiers/parked", {**named, "reason": "   "}, status=422)
    assert "caller.reason_missing" in empty.text
    done = await browser.send("/console/dossiers/parked", {**named, "reason": "gửi nhầm hồ sơ"})
    assert "Đã bỏ qua bước này" in done
    assert "buoc-2" not in done
    await browser.post("/console/dossiers/parked", {**named, "reason": "lần nữa"}, status=404)
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=9)
    told = "\n".join(row.leaf.decode() for row in rows)
    assert '"operation":"dismiss_step"' in told
    assert "gửi nhầm" not in told


async def test_every_step_that_waits_is_on_some_page(house: House) -> None:
    code = "000.00.05.H99-261123-0010"
    await take_in(house, code)
    for number in range(60):
        await tell(house, code, f"cho-{number:02}", 4, after="chua-co")
    browser = await house.enter(Role.VIEWER)
    path, seen = "/console/dossiers/parked", set[str]()
    for _ in range(2):
        page = await browser.get(path)
        seen |= set(re.findall(r"<code>(cho-\d\d)</code>", page))
        onward = re.search(r'class="onward"><a href="([^"]+)"', page)
        path = onward[1].replace("&amp;", "&") if onward else ""
    assert path == ""
    assert len(seen) == 60
