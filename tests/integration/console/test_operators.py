"""Accounts in the browser: one's own and those of others; what is shown once; locks and sessions."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from console_house import Browser, House
from staff_house import PASSWORD, code_of

from gateway.bootstrap import utc_now
from gateway.operators.account import Enrolment
from gateway.operators.accounts import Wanted
from gateway.operators.entrance import Credentials
from gateway.operators.model import Role
from gateway.sdk.errors import NotAuthenticatedError

OTHER = "năm con trâu vàng"


async def hired(house: House, *roles: Role) -> tuple[str, Enrolment]:
    login = f"mau.{token_hex(3)}"
    wanted = Wanted(login=login, roles=frozenset(roles or {Role.VIEWER}), password=PASSWORD)
    enrolment = await house.gateway.able.staffing.accounts.add(house.gateway.tenant, wanted, by="admin:root")
    return login, enrolment


async def entered(house: House, login: str, password: str, code: str) -> Browser:
    browser = house.stranger()
    await browser.get("/console/login")
    await browser.send("/console/login", {"login": login, "password": password, "code": code})
    return browser


async def told(house: House, operation: str) -> str:
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=20)
    return next(text for row in rows if f'"operation":"{operation}"' in (text := row.leaf.decode()))


async def test_an_account_is_made_and_its_second_factor_is_shown_once(house: House) -> None:
    """SEC-17 (part): neither the leaf nor a cache keeps what lets somebody in."""
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get("/console/operators/new")
    login = f"moi.{token_hex(3)}"
    fields = {"login": login, "title": "Cán bộ mẫu", "roles": ["viewer", "operator"], "password": PASSWORD}
    response = await browser.post("/console/operators", fields, status=200)
    assert response.headers["cache-control"] == "no-store"
    assert 'src="data:image/svg+xml;base64,' in response.text
    secret = re.search(r"secret=([A-Z2-7]+)", response.text)
    assert secret
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=5)
    leaves = " ".join(row.leaf.decode() for row in rows)
    assert f"operator:{login}" in leaves
    assert secret[1] not in leaves
    assert "Cán bộ mẫu" not in leaves
    page = await browser.get(f"/console/operators/{login}")
    assert secret[1] not in page
    assert "Cán bộ mẫu" in page
    await browser.get("/console/operators/new")
    await browser.post("/console/operators", fields, status=409)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"roles": ["auditor", "operator"], "password": PASSWORD}, "caller.roles_apart"),
        ({"roles": ["viewer"], "password": "ngan"}, "caller.password"),
        ({"roles": [], "password": PASSWORD}, "caller.invalid_fields"),
    ],
)
async def test_an_account_that_must_not_be_is_not_made(house: House, fields: dict[str, object], code: str) -> None:
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get("/console/operators/new")
    response = await browser.post("/console/operators", {"login": f"x.{token_hex(3)}", **fields}, status=422)
    assert code in response.text


async def test_roles_change_and_open_sessions_end(house: House) -> None:
    login, enrolment = await hired(house)
    theirs = await entered(house, login, PASSWORD, code_of(enrolment, utc_now()))
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get(f"/console/operators/{login}")
    page = await browser.send(f"/console/operators/{login}/roles", {"roles": ["operator"]})
    assert "Đã đổi vai trò" in page
    assert (await theirs.client.get("/console")).status_code == 303
    assert '"before":"viewer"' in await told(house, "change_roles")
    await browser.post(f"/console/operators/{login}/roles", {"roles": ["operator", "auditor"]}, status=422)


async def test_nobody_changes_their_own_account(house: House) -> None:
    """SEC-17 (part)."""
    browser = await house.enter(Role.ADMINISTRATOR)
    found = re.search(r'<a href="/console/account">([^<]+)</a>', await browser.get("/console/operators"))
    assert found
    login = found[1]
    page = await browser.get(f"/console/operators/{login}")
    assert "Không ai tự thay đổi tài khoản của mình" in page
    assert f"/console/operators/{login}/roles" not in page
    for act, fields in {"roles": {"roles": ["viewer"]}, "disable": {}, "second-factor": {}, "unlock": {}}.items():
        response = await browser.post(f"/console/operators/{login}/{act}", fields, status=409)
        assert "caller.own_account" in response.text


async def test_a_disabled_account_is_out_at_once_and_may_come_back(house: House) -> None:
    login, enrolment = await hired(house)
    theirs = await entered(house, login, PASSWORD, code_of(enrolment, utc_now()))
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get(f"/console/operators/{login}")
    assert "đã khoá" in await browser.send(f"/console/operators/{login}/disable")
    assert (await theirs.client.get("/console")).status_code == 303
    assert "Đã mở lại" in await browser.send(f"/console/operators/{login}/enable")
    await browser.post(f"/console/operators/{login}/enable", status=409)


async def test_a_new_second_factor_makes_the_old_one_worthless(house: House) -> None:
    login, enrolment = await hired(house)
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get(f"/console/operators/{login}")
    response = await browser.post(f"/console/operators/{login}/second-factor", status=200)
    assert "otpauth://" in response.text
    said = Credentials(login=login, password=PASSWORD, code=code_of(enrolment, utc_now()))
    with pytest.raises(NotAuthenticatedError):
        await house.gateway.services.late().entrance.log_in(house.gateway.tenant, said)


async def test_whoever_guessed_too_often_waits_and_an_administrator_unlocks(house: House) -> None:
    """Lock-out with back-off, and its end (SEC-17)."""
    login, enrolment = await hired(house)
    for _ in range(5):
        stranger = house.stranger()
        await stranger.get("/console/login")
        await stranger.post("/console/login", {"login": login, "password": "x", "code": "000000"}, status=401)
    right = {"login": login, "password": PASSWORD, "code": code_of(enrolment, utc_now())}
    stranger = house.stranger()
    await stranger.get("/console/login")
    await stranger.post("/console/login", right, status=401)
    browser = await house.enter(Role.ADMINISTRATOR)
    assert "tạm khoá vì đăng nhập sai" in await browser.get("/console/operators")
    assert "phải chờ" in await browser.get(f"/console/operators/{login}")
    assert "đăng nhập lại ngay" in await browser.send(f"/console/operators/{login}/unlock")
    assert login in await told(house, "unlock_operator")
    await browser.post(f"/console/operators/{login}/unlock", status=409)
    await stranger.post("/console/login", {**right, "code": code_of(enrolment, utc_now())})


async def test_the_review_is_shown_and_that_it_was_made_is_a_leaf(house: House) -> None:
    """SEC-12 (part)."""
    login, _ = await hired(house)
    await house.gateway.able.staffing.accounts.disable(house.gateway.tenant, login, by="admin:root")
    browser = await house.enter(Role.ADMINISTRATOR)
    page = await browser.get("/console/operators")
    assert f'<a href="/console/operators/{login}">{login}</a>: đã khoá' in page
    assert "Đã ghi nhận lần rà soát" in await browser.send("/console/operators/review")
    assert '"findings":' in await told(house, "review_operators")


async def test_my_account_says_in_words_what_i_may(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    page = await browser.get("/console/account")
    assert "Xem tình trạng và số liệu" in page
    assert "Phê duyệt điều người khác đề nghị" not in page
    assert "30 phút" in page
    assert "8 giờ" in page
    assert "<dd>10" in page


async def test_my_other_sessions_end_and_this_one_goes_on(house: House) -> None:
    login, enrolment = await hired(house)
    first = await entered(house, login, PASSWORD, code_of(enrolment, utc_now()))
    other = await entered(house, login, PASSWORD, enrolment.recovery_codes[0])
    third = await entered(house, login, PASSWORD, enrolment.recovery_codes[1])
    page = await first.get("/console/account")
    digests = re.findall(r'name="session" value="([0-9a-f]+)"', page)
    assert len(digests) == 2
    await first.send("/console/account/sessions/end", {"session": digests[0]})
    ended = [(await each.client.get("/console")).status_code for each in (other, third)]
    assert sorted(ended) == [200, 303]
    assert "Đã đóng 1 phiên khác" in await first.send("/console/account/sessions/end-others")
    assert {(await each.client.get("/console")).status_code for each in (other, third)} == {303}
    await first.get("/console")


async def test_nobody_ends_the_session_of_another_from_their_account(house: House) -> None:
    mine, theirs = await house.enter(Role.VIEWER), await house.enter(Role.VIEWER)
    staffing = house.gateway.able.staffing
    digest = staffing.sessions.digest(house.gateway.tenant, theirs.client.cookies["lienthong-session"])
    await mine.get("/console/account")
    await mine.post("/console/account/sessions/end", {"session": digest.hex()}, status=404)
    await theirs.get("/console")


async def test_a_password_changes_with_the_old_one_and_a_code_and_the_session_is_another_one(house: House) -> None:
    """Rotation."""
    login, enrolment = await hired(house)
    browser = await entered(house, login, PASSWORD, code_of(enrolment, utc_now()))
    other = await entered(house, login, PASSWORD, enrolment.recovery_codes[0])
    before = browser.client.cookies["lienthong-session"]
    await browser.get("/console/account")
    said = {"old": PASSWORD, "code": enrolment.recovery_codes[1], "new": OTHER, "again": OTHER}
    await browser.post("/console/account/password", {**said, "again": "khác"}, status=422)
    await browser.post("/console/account/password", {**said, "new": "ngan", "again": "ngan"}, status=422)
    wrong = await browser.post("/console/account/password", {**said, "old": "sai"}, status=401)
    assert 'role="alert"' in wrong.text
    assert "Đã đổi mật khẩu" in await browser.send("/console/account/password", said)
    assert browser.client.cookies["lienthong-session"] != before
    assert (await other.client.get("/console")).status_code == 303
    await entered(house, login, OTHER, enrolment.recovery_codes[2])
    assert "9" in await browser.get("/console/account")
