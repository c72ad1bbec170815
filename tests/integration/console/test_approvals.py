"""Four eyes in the browser: who asked, for what, and who may decide."""

from __future__ import annotations

from secrets import token_hex

from console_house import Browser, House

from gateway.approvals.model import Approval
from gateway.operators.model import Operator, Role


async def asked(house: House, by: str) -> Approval:
    who = Operator(tenant=house.gateway.tenant, login=by, roles=frozenset({Role.OPERATOR}))
    parameters = {"target": "national_portal", "count": 12, "selection": token_hex(8)}
    return await house.gateway.able.approvals.ask("release_many", parameters, reason="Cổng đã sửa lỗi", by=who)


async def login_of(browser: Browser) -> str:
    return (await browser.get("/console")).split('<a href="/console/account">')[1].split("<")[0]


async def test_a_second_person_reads_what_is_asked_and_allows_it(house: House) -> None:
    """SEC-09 (part), PDP-13 (part)."""
    approval = await asked(house, "an.mau")
    browser = await house.enter(Role.OPERATOR)
    page = await browser.get("/console/approvals")
    assert "Gửi lại nhiều bản tin" in page
    assert "an.mau" in page
    assert "Cổng đã sửa lỗi" in page
    assert str(approval.parameters["selection"]) in page
    page = await browser.send(f"/console/approvals/{approval.id}/decision", {"decision": "allow"})
    assert "Đã phê duyệt; người đề nghị có thể làm." in page
    await browser.post(f"/console/approvals/{approval.id}/decision", {"decision": "refuse"}, status=409)


async def test_it_is_refused_and_stands_among_what_was_decided(house: House) -> None:
    approval = await asked(house, "an.mau")
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get("/console/approvals")
    page = await browser.send(f"/console/approvals/{approval.id}/decision", {"decision": "refuse"})
    assert "từ chối" in page
    assert f"a-{approval.id}" not in page


async def test_nobody_decides_what_they_asked_for(house: House) -> None:
    """SEC-09 (part): the page says so, and the form is refused."""
    browser = await house.enter(Role.OPERATOR)
    approval = await asked(house, await login_of(browser))
    page = await browser.get("/console/approvals")
    assert "Bạn đã đề nghị việc này: người khác phải quyết định." in page
    assert f"/console/approvals/{approval.id}/decision" not in page
    response = await browser.post(f"/console/approvals/{approval.id}/decision", {"decision": "allow"}, status=403)
    assert "caller.own_request" in response.text
    other = await house.enter(Role.OPERATOR)
    await other.get("/console/approvals")
    await other.post(f"/console/approvals/{approval.id}/decision", {"decision": "allow"})
    assert 'href="/console/delivery/replay">Tới trang làm việc này' in await browser.get("/console/approvals")


async def test_an_auditor_sees_that_it_waits_and_neither_why_nor_a_button(house: House) -> None:
    approval = await asked(house, "an.mau")
    browser = await house.enter(Role.AUDITOR)
    page = await browser.get("/console/approvals")
    article = page.split(f'id="a-{approval.id}"')[1].split("</article>")[0]
    assert "Cổng đã sửa lỗi" not in article
    assert "/decision" not in article
    await browser.post(f"/console/approvals/{approval.id}/decision", {"decision": "allow"}, status=403)
