"""Agreements, access requests and keys in the browser."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_hex
from typing import Any

import pytest
from console_house import Browser, House

from gateway.agreements.model import AgreementState, Terms
from gateway.bootstrap import utc_now
from gateway.console.pages.keys import Row
from gateway.domain import local_day
from gateway.observability import own_context
from gateway.operators.model import Role

TERMS = {
    "system": "population",
    "operations": "verify_citizen",
    "parties": "UBND tỉnh mẫu\nĐơn vị quản lý CSDL mẫu",
    "purpose": "Giải quyết thủ tục hành chính",
    "basis": "NĐ 278/2025/NĐ-CP",
    "fields": "full_name\nbirth_date",
    "since": "2026-01-01",
}
WANTED = {
    "agency_id": "000.00.05.H99",
    "application": "phan-mem-mau",
    "purpose": "Giải quyết hồ sơ một cửa",
    "items": "full_name\nbirth_date",
    "service": "verify_citizen",
    "frequency": "Khi có hồ sơ",
}


async def registered(house: House, *, days: int | None = None, system: str = "population", operation: str = "") -> int:
    today = local_day(utc_now())
    terms = Terms(
        number=f"{token_hex(4)}/TTCS",
        system=system,
        operations=(operation,) if operation else (),
        parties=("UBND tỉnh mẫu", "Đơn vị mẫu"),
        purpose="Giải quyết thủ tục hành chính",
        basis="NĐ 278/2025/NĐ-CP",
        since=today - timedelta(days=400),
        until=None if days is None else today + timedelta(days=days),
    )
    acts = house.gateway.able.protecting.agreement_acts
    return (await acts.register(terms, context=own_context(house.gateway.tenant))).id


async def administrator(house: House, path: str) -> Browser:
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get(path)
    return browser


async def leaves(house: House) -> str:
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=6)
    return " ".join(row.leaf.decode() for row in rows)


async def test_an_agreement_is_registered_with_all_that_was_signed(house: House) -> None:
    """CON-13 (part)."""
    browser = await administrator(house, "/console/agreements/new")
    number = f"{token_hex(4)}/TTCS"
    page = await browser.send("/console/agreements", {**TERMS, "number": number, "until": "2099-12-31"})
    for said in (number, "verify_citizen", "Đơn vị quản lý CSDL mẫu", "full_name, birth_date", "31/12/2099"):
        assert said in page
    assert "đang hiệu lực" in page
    assert '"operation":"register_agreement"' in await leaves(house)
    assert number in await browser.get("/console/agreements")
    response = await browser.post("/console/agreements", {**TERMS, "number": number}, status=409)
    assert "caller.agreement_exists" in response.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"system": "nobody"},
        {"operations": "steal"},
        {"parties": "một mình"},
        {"since": "hôm nay"},
        {"until": "2025-01-01"},
    ],
)
async def test_an_agreement_that_makes_no_sense_is_refused(house: House, wrong: dict[str, str]) -> None:
    browser = await administrator(house, "/console/agreements/new")
    number = f"{token_hex(4)}/TTCS"
    await browser.post("/console/agreements", {**TERMS, "number": number, **wrong}, status=422)
    assert number not in await browser.get("/console/agreements")


async def test_what_no_agreement_allows_is_said_and_opens_with_a_renewal(house: House) -> None:
    """CON-13, CON-17 (part): expiry closes the way, said in words."""
    number = await registered(house, days=-1, system="business_registry")
    browser = await administrator(house, "/console/agreements")
    page = await browser.get("/console/agreements")
    closed = closed_part(page)
    assert "business_registry" in closed
    assert "đã hết hạn" in closed
    path = f"/console/agreements/{number}"
    page = await browser.get(path)
    assert "không được dùng theo thoả thuận này" in page
    await browser.post(f"{path}/end", {"until": "2099-12-31", "reason": "  "}, status=422)
    await browser.post(f"{path}/end", {"until": "ngày kia", "reason": "Phụ lục 01"}, status=422)
    page = await browser.send(f"{path}/end", {"until": "2099-12-31", "reason": "Phụ lục 01"})
    assert "đang hiệu lực" in page
    told = await leaves(house)
    assert '"operation":"set_agreement_end"' in told
    assert "Phụ lục 01" not in told
    assert "business_registry" not in closed_part(await browser.get("/console/agreements"))


def closed_part(page: str) -> str:
    """Empty: nothing is closed."""
    return page.partition('id="s-closed"')[2].partition("</section>")[0]


async def test_an_agreement_that_ends_soon_stands_out(house: House) -> None:
    await registered(house, days=5)
    browser = await house.enter(Role.VIEWER)
    page = await browser.get("/console/agreements")
    assert '<span class="badge bad">5 ngày</span>' in page


async def test_a_suspension_holds_at_once_and_is_lifted(house: House) -> None:
    """CON-16 (part): whoever suspends is told of the one day."""
    number = await registered(house, days=300, operation="verify_citizen")
    path = f"/console/agreements/{number}"
    browser = await administrator(house, path)
    page = await browser.send(f"{path}/suspend", {"reason": "Khai thác sai mục đích"})
    assert "trong 1 ngày" in page
    assert "Khai thác sai mục đích" in page
    await browser.post(f"{path}/suspend", {"reason": "lần nữa"}, status=409)
    held = await house.gateway.services.agreements.find(house.gateway.tenant, number)
    assert held.state(local_day(utc_now())) is AgreementState.SUSPENDED
    assert "Khai thác sai mục đích" not in await leaves(house)
    assert "đang hiệu lực" in await browser.send(f"{path}/resume")
    await browser.post(f"{path}/resume", status=409)


async def test_an_access_request_has_its_clock_and_is_granted_under_an_agreement(house: House) -> None:
    """CON-12 (part)."""
    agreement = await registered(house, days=300)
    browser = await administrator(house, "/console/access-requests/new")
    page = await browser.send("/console/access-requests", {**WANTED, "received_at": "2026-11-20T16:00"})
    assert "20/11/2026 16:00:00" in page
    assert "27/11/2026" in page  # five working days later
    path = browser_path(page)
    assert "quá hạn" in page
    await browser.post(f"{path}/decision", {"state": "granted", "reason": "Đủ điều kiện"}, status=422)
    answer = {"state": "granted", "reason": "Đủ điều kiện", "agreement": str(agreement)}
    page = await browser.send(f"{path}/decision", answer)
    assert "chấp thuận" in page
    assert 'href="/console/clients/new"' in page
    told = await leaves(house)
    assert '"operation":"decide_access_request"' in told
    assert "Đủ điều kiện" not in told
    await browser.post(f"{path}/decision", answer, status=409)
    assert f'href="{path}"' not in await browser.get("/console/access-requests")
    assert f'href="{path}"' in await browser.get("/console/access-requests?all=true")


def browser_path(page: str) -> str:
    return page.rsplit('action="', maxsplit=1)[-1].split("/decision", maxsplit=1)[0]


async def test_a_request_is_refused_with_a_reason(house: House) -> None:
    browser = await administrator(house, "/console/access-requests/new")
    await browser.post("/console/access-requests", {**WANTED, "agency_id": "nhà tôi"}, status=422)
    await browser.post("/console/access-requests", {**WANTED, "received_at": "hôm qua"}, status=422)
    path = browser_path(await browser.send("/console/access-requests", WANTED))
    await browser.post(f"{path}/decision", {"state": "refused", "reason": " "}, status=422)
    await browser.post(f"{path}/decision", {"state": "received", "reason": "x"}, status=422)
    assert "từ chối" in await browser.send(f"{path}/decision", {"state": "refused", "reason": "Chưa có căn cứ"})


async def test_whoever_only_looks_changes_no_agreement(house: House) -> None:
    number = await registered(house, days=300)
    browser = await house.enter(Role.OPERATOR)
    page = await browser.get(f"/console/agreements/{number}")
    assert f"/console/agreements/{number}/suspend" not in page
    assert "/console/agreements/new" not in await browser.get("/console/agreements")
    await browser.post(f"/console/agreements/{number}/suspend", {"reason": "x"}, status=403)
    assert "/console/access-requests/new" not in await browser.get("/console/access-requests")


async def test_the_keys_page_says_which_key_seals_and_shows_none(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    page = await browser.get("/console/keys")
    assert house.gateway.ground.keyring.kek_id.hex() in page
    assert "count=true" not in page
    await browser.get("/console/keys?count=true", status=403)
    administrator = await house.enter(Role.ADMINISTRATOR)
    assert 'href="/console/keys?count=true"' in await administrator.get("/console/keys")
    assert "không còn" in await administrator.get("/console/keys?count=true")


@pytest.mark.parametrize(("left", "level"), [(-1, 0), (0, 7), (6, 7), (7, 30), (29, 30), (89, 90), (90, None)])
async def test_a_certificate_stands_out_ninety_thirty_and_seven_days_ahead(left: int, level: int | None) -> None:
    own: dict[str, Any] = {"name": "a", "kind": "", "holder": "", "serial": "", "kid": "", "since": None, "until": None}
    assert Row(**own, left=left).level == level
