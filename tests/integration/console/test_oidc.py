"""Log in at the province's identity provider, and what happens when anything about it is not as it should be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from console_house import BASE, Browser, House, console

from gateway.operators.accounts import Wanted
from gateway.operators.model import Role
from mocks._kit.serve import serving
from mocks.identity_provider.app import create_app

SECRET = "MOCK-IDP-" + "s" * 20
BACK = "/console/oidc/return"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    app = create_app({"secret": SECRET, "returns_to": BASE + BACK})
    with serving(app) as url:
        app.state.settings.merge({"issuer": f"{url}/MOCK-IDP"})
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, database_url: str, provider: str) -> AsyncIterator[House]:
    oidc = {
        "issuer": f"{provider}/MOCK-IDP",
        "audience": "lienthong",
        "jwks_url": f"{provider}/MOCK-IDP/jwks",
        "authorization_endpoint": f"{provider}/MOCK-IDP/authorize",
        "token_endpoint": f"{provider}/MOCK-IDP/token",
        "client_secret": SECRET,
        "amr": ["otp"],
        "roles": {"lt-van-hanh": ["operator"], "lt-kiem-toan": ["auditor"]},
    }
    settings: dict[str, Any] = {"operators": {"oidc": oidc}, "api": {"public_url": BASE}}
    async with console(tmp_path_factory.mktemp("state"), database_url, **settings) as opened:
        yield opened


async def plan(provider: str, fault: str) -> None:
    async with httpx.AsyncClient(timeout=60) as client:
        assert (await client.post(f"{provider}/_mock/faults", json={"fault": fault})).status_code < 300


async def there(browser: Browser, wanted: str = "/console") -> str:
    """Press the button and be led back; the address that the provider leads to."""
    response = await browser.client.get("/console/oidc/begin", params={"next": wanted})
    assert response.status_code == 303
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.get(response.headers["location"])
    return str(answer.headers["location"])


async def came_in(browser: Browser) -> bool:
    return (await browser.client.get("/console")).status_code == 200


async def refused(browser: Browser, address: str, *, status: int = 401) -> str:
    page = await browser.get(address, status=status)
    assert 'role="alert"' in page
    assert "lienthong-session" not in browser.client.cookies
    assert not await came_in(browser)
    return page


async def newest(house: House, operation: str) -> str:
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=20)
    return next(text for row in rows if f'"operation":"{operation}"' in (text := row.leaf.decode()))


async def test_the_log_in_page_offers_it(house: House) -> None:
    page = await house.stranger().get("/console/login?next=/console/account")
    assert 'href="/console/oidc/begin?next=/console/account"' in page


async def test_whoever_the_provider_vouches_for_gets_a_session_of_ours(house: House) -> None:
    """SEC-17 (part): with the roles of their groups, our time-outs, and a leaf."""
    browser = house.stranger()
    address = await there(browser, "/console/account")
    response = await browser.client.get(address)
    assert response.status_code == 303
    assert response.headers["location"] == "/console/account"
    page = await browser.get("/console/account")
    assert "an.mau" in page
    assert "hệ thống danh tính của tỉnh" in page
    assert "/console/account/password" not in page
    leaf = await newest(house, "log_in")
    assert '"actor":"operator:an.mau"' in leaf
    assert '"by":"identity_provider"' in leaf
    (session,) = [each for each in await house.gateway.stores.office.sessions.all(house.gateway.tenant) if each.roles]
    assert session.roles == {Role.OPERATOR}
    await browser.get("/console/operators", status=403)


async def test_the_session_is_another_one_after_each_log_in(house: House) -> None:
    """Rotation."""
    browser = house.stranger()
    await browser.client.get(await there(browser))
    before = browser.client.cookies["lienthong-session"]
    await browser.client.get(await there(browser))
    assert browser.client.cookies["lienthong-session"] != before
    stolen = house.stranger()
    stolen.client.cookies.set("lienthong-session", before)
    assert not await came_in(stolen)


async def test_an_administrator_ends_the_sessions_of_whoever_has_no_account_here(house: House) -> None:
    browser = house.stranger()
    await browser.client.get(await there(browser))
    administrator = await house.enter(Role.ADMINISTRATOR)
    assert "Những người này không có tài khoản ở đây" in await administrator.get("/console/operators")
    await administrator.send("/console/operators/an.mau/sessions/end")
    assert not await came_in(browser)


@pytest.mark.parametrize("state", ["", "0" * 64])
async def test_an_answer_with_another_state_opens_nothing(house: House, state: str) -> None:
    browser = house.stranger()
    code = parse_qs(urlsplit(await there(browser)).query)["code"][0]
    assert "không bắt đầu từ trình duyệt này" in await refused(browser, f"{BACK}?state={state}&code={code}")
    assert '"code":"caller.oidc_state"' in await newest(house, "log_in")


async def test_an_answer_that_another_browser_began_opens_nothing(house: House) -> None:
    """Whoever is handed the link of an attacker's log-in does not come in as the attacker."""
    address = await there(house.stranger())
    victim = house.stranger()
    await there(victim)
    await refused(victim, address)
    await refused(house.stranger(), address)


async def test_a_code_is_taken_once(house: House) -> None:
    browser = house.stranger()
    response = await browser.client.get("/console/oidc/begin")
    kept = dict(browser.client.cookies)
    async with httpx.AsyncClient(timeout=60) as client:
        address = (await client.get(response.headers["location"])).headers["location"]
    assert (await browser.client.get(address)).status_code == 303
    thief = house.stranger()
    for name, value in kept.items():
        thief.client.cookies.set(name, value)
    await refused(thief, address)
    assert '"code":"caller.oidc_refused"' in await newest(house, "log_in")


async def test_an_attempt_is_over_with_its_answer(house: House) -> None:
    browser = house.stranger()
    address = await there(browser)
    await refused(browser, f"{BACK}?error=access_denied")
    await refused(browser, address)


@pytest.mark.parametrize("fault", ["refuse", "no_code"])
async def test_whoever_the_provider_lets_not_in_stays_outside(house: House, provider: str, fault: str) -> None:
    await plan(provider, fault)
    browser = house.stranger()
    assert "không xác nhận" in await refused(browser, await there(browser))


async def test_what_an_address_says_of_an_error_is_shown_to_nobody(house: House) -> None:
    browser = house.stranger()
    address = await there(browser)
    page = await refused(browser, f"{address}&error=goi-so-dien-thoai-nay&error_description=goi-so-dien-thoai-nay")
    assert "goi-so-dien-thoai-nay" not in page


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("wrong_nonce", "security.token"),
        ("wrong_audience", "security.token"),
        ("wrong_issuer", "security.token"),
        ("wrong_signature", "security.token"),
        ("expired", "security.token"),
        ("long_ago", "security.token"),
        ("no_second_factor", "security.second_factor"),
    ],
)
async def test_a_token_that_does_not_hold_opens_nothing(house: House, provider: str, fault: str, code: str) -> None:
    """SEC-17 (part): without a second factor nobody comes in by this door either."""
    browser = house.stranger()
    address = await there(browser)
    await plan(provider, fault)
    await refused(browser, address, status=403)
    assert f'"code":"{code}"' in await newest(house, "log_in")


async def test_another_provider_in_the_answer_opens_nothing(house: House) -> None:
    """RFC 9207."""
    browser = house.stranger()
    address = await there(browser)
    await refused(browser, address.replace("iss=", "iss=x"))


async def test_a_provider_that_does_not_answer_is_said_so(house: House, provider: str) -> None:
    browser = house.stranger()
    address = await there(browser)
    await plan(provider, "unavailable")
    page = await browser.get(address, status=503)
    assert "không trả lời đúng" in page


@pytest.mark.parametrize("wanted", ["https://example.com/", "//example.com", "/\\example.com", "/v1/x"])
async def test_nobody_is_led_to_another_site_afterwards(house: House, wanted: str) -> None:
    browser = house.stranger()
    response = await browser.client.get(await there(browser, wanted))
    assert response.headers["location"] == "/console"


async def test_an_auditor_here_is_no_operator_there(house: House) -> None:
    """SEC-17 (part): one person by two doors is one; also when the account comes after the session."""
    browser = house.stranger()
    await browser.client.get(await there(browser))
    assert await came_in(browser)
    accounts, tenant = house.gateway.able.staffing.accounts, house.gateway.tenant
    wanted = Wanted(login="an.mau", roles=frozenset({Role.AUDITOR}), password="bốn con trâu đen")
    await accounts.add(tenant, wanted, by="admin:root")
    assert not await came_in(browser)
    again = house.stranger()
    await refused(again, await there(again), status=403)
    await accounts.set_roles(tenant, "an.mau", {Role.VIEWER}, by="admin:root")
    await again.client.get(await there(again))
    assert await came_in(again)
    await accounts.disable(tenant, "an.mau", by="admin:root")
    assert not await came_in(again)
