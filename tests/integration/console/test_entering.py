"""Log in and out in the browser: cookies, forms of our own, and what happens to whoever guesses."""

from __future__ import annotations

import pytest
from console_house import House
from staff_house import PASSWORD

from gateway.operators.model import Role

NOWHERE = {"login": "nobody", "password": "x", "code": "000000"}


async def test_a_stranger_is_led_to_the_log_in_and_then_back(house: House) -> None:
    stranger = house.stranger()
    response = await stranger.client.get("/console?reference=X")
    assert response.status_code == 303
    assert response.headers["location"] == "/console/login?next=%2Fconsole%3Freference%3DX"
    assert 'value="/console?reference=X"' in await stranger.get(response.headers["location"])


ELSEWHERE = [
    "https://example.com/",
    "//example.com/console",
    "/\\example.com",
    "/v1/x",
    "///console.example.com/x",
    "////console",
    "/%09/console.example.com",
    "//[",
    "/consoles",
    "/console%0d%0aX: y",
]


@pytest.mark.parametrize("wanted", ELSEWHERE)
async def test_nobody_is_led_to_another_site_after_the_log_in(house: House, wanted: str) -> None:
    page = await house.stranger().get(f"/console/login?next={wanted}")
    assert 'name="next" value="/console">' in page


async def test_the_session_is_a_cookie_that_scripts_and_other_sites_cannot_use(house: House) -> None:
    """SEC-17 (part)."""
    browser = await house.enter(Role.VIEWER)
    (cookie,) = [c for c in browser.client.cookies.jar if c.name == "lienthong-session"]
    assert cookie.value
    assert cookie.value.startswith("lts_")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert "Đăng xuất" in await browser.get("/console")


async def test_over_tls_the_cookie_is_bound_to_this_host(house: House) -> None:
    stranger = house.stranger("https://lienthong.example.vn", address="203.0.113.9")
    response = await stranger.client.get("/console/login")
    assert response.headers["set-cookie"].startswith("__Host-lienthong-door=")
    assert "Secure" in response.headers["set-cookie"]


async def test_over_plain_http_only_this_machine_is_served(house: House) -> None:
    stranger = house.stranger("http://lienthong.example.vn", address="203.0.113.9")
    assert "caller.plain_http" in await stranger.get("/console/login", status=403)


async def test_a_proxy_that_nobody_declared_is_not_this_machine(house: House) -> None:
    """It speaks to us from here, and whoever is behind it may be anywhere."""
    for base, headers in (
        ("http://127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}),
        ("http://lienthong.example.vn", {}),
    ):
        response = await house.stranger(base).client.get("/console/login", headers=headers)
        assert response.status_code == 403, base
        assert "caller.plain_http" in response.text
    assert (await house.stranger("http://localhost:7100").client.get("/console/login")).status_code == 200


async def test_what_a_neighbour_set_besides_hides_no_session(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    session = browser.client.cookies["lienthong-session"]
    header = f'thong_ke={{"x": [1, 2]}}; tên=é; lienthong-session={session}'.encode()
    response = await house.stranger().client.get("/console", headers=[(b"cookie", header)])
    assert response.status_code == 200


async def test_the_session_is_another_one_after_each_log_in(house: House) -> None:
    """Rotation at login: what somebody knew before is worth nothing."""
    browser = await house.enter(Role.VIEWER)
    before = browser.client.cookies["lienthong-session"]
    again = await house.enter(Role.VIEWER)
    assert again.client.cookies["lienthong-session"] != before
    await browser.get("/console")
    await browser.post("/console/logout")
    stolen = house.stranger()
    stolen.client.cookies.set("lienthong-session", before)
    assert (await stolen.client.get("/console")).status_code == 303


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_a_form_without_the_token_of_the_session_changes_nothing(house: House, token: str) -> None:
    browser = await house.enter(Role.VIEWER)
    browser.token = token
    response = await browser.post("/console/logout", status=403)
    assert "caller.form_token" in response.text
    await browser.get("/console")


async def test_a_form_of_another_session_changes_nothing(house: House) -> None:
    mine, theirs = await house.enter(Role.VIEWER), await house.enter(Role.VIEWER)
    await theirs.get("/console")
    mine.token = theirs.token
    await mine.post("/console/logout", status=403)


async def test_a_form_that_another_site_sends_is_refused(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get("/console")
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = await browser.client.post("/console/logout", data={"csrf": browser.token}, headers=headers)
    assert response.status_code == 403
    assert "caller.other_site" in response.text


async def test_a_wrong_code_and_an_unknown_name_read_the_same(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    name = next(iter(await house.gateway.stores.office.accounts.all(house.gateway.tenant))).login
    browser = house.stranger()
    texts = set()
    for said in (NOWHERE, {"login": name, "password": PASSWORD, "code": "123456"}):
        await browser.get("/console/login")
        response = await browser.post("/console/login", said, status=401)
        texts.add(response.text.split('role="alert">')[1].split("</p>")[0])
    assert len(texts) == 1


async def test_whoever_guesses_waits_even_with_the_right_password(house: House) -> None:
    """Lock-out with back-off (SEC-17)."""
    stranger = house.stranger()
    for _ in range(6):
        await stranger.get("/console/login")
        await stranger.post("/console/login", {**NOWHERE, "login": "nguoi.doan"}, status=401)
    listed = await house.gateway.stores.alarms.listed(house.gateway.tenant, everything=True, limit=50)
    assert any("lock" in alarm.occasion.kind for alarm in listed)


async def test_the_language_is_kept(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get("/console")
    page = await browser.send("/console/language", {"language": "en", "next": "/console"})
    assert '<html lang="en">' in page
    assert "Log out" in page


async def test_the_language_changes_where_one_is_filters_and_all(house: House) -> None:
    browser = await house.enter(Role.OPERATOR)
    assert 'name="next" value="/console/traffic?span=month"' in await browser.get("/console/traffic?span=month")
    refused = await browser.post("/console/delivery/pause", {}, status=422)
    assert 'name="next" value="/console/delivery"' in refused.text


async def test_every_page_says_what_a_browser_may_load(house: House) -> None:
    response = await house.stranger().client.get("/console/login")
    policy = response.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in response.text
    assert " style=" not in response.text
    assert response.headers["cache-control"] == "no-store"


async def test_reading_and_acting_are_leaves(house: House) -> None:
    """SEC-04, PDP-03."""
    browser = await house.enter(Role.VIEWER)
    await browser.get("/console")
    await browser.get("/console/nowhere", status=404)
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=3)
    told = [row.leaf.decode() for row in rows]
    assert '"operation":"console_nowhere"' in told[0]
    assert '"operation":"console_overview"' in told[1]
    assert '"source":"127.0.0.1"' in told[1]
