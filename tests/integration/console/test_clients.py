"""The provincial systems in the browser: what is shown once, what changes at once, and who may."""

from __future__ import annotations

import re
from datetime import timedelta
from secrets import token_hex

import pytest
from console_house import Browser, House

from gateway.bootstrap import utc_now
from gateway.clients.acts import NewClient
from gateway.clients.model import Client, Scope
from gateway.clients.nightly import KeyWatch
from gateway.clients.usage import RightUsed, Window, windows_at
from gateway.domain import VIETNAM, Context
from gateway.observability import own_context
from gateway.operators.model import Role
from gateway.sdk.errors import NotAuthenticatedError


def context(house: House) -> Context:
    return own_context(house.gateway.tenant)


async def made(house: House, **other: object) -> str:
    name = f"mau-{token_hex(3)}"
    wanted = NewClient(client_id=name, title="Một cửa mẫu", scopes=[Scope.CITIZENS], **other)  # type: ignore[arg-type]  # of a test
    await house.gateway.able.client_acts.add(wanted, context=context(house))
    return name


async def of(house: House, name: str) -> Client:
    found = await house.gateway.stores.clients.find(house.gateway.tenant, name)
    assert found
    return found


async def at(house: House, name: str, *roles: Role) -> Browser:
    browser = await house.enter(*(roles or (Role.ADMINISTRATOR,)))
    await browser.get(f"/console/clients/{name}")
    return browser


async def opens(house: House, key: str) -> bool:
    try:
        await house.gateway.services.authenticator.authenticate(f"Bearer {key}")
    except NotAuthenticatedError:
        return False
    return True


async def leaves(house: House, most: int = 6) -> str:
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=most)
    return " ".join(row.leaf.decode() for row in rows)


async def test_a_client_is_made_and_its_keys_are_shown_once(house: House) -> None:
    """SEC-12 (part), SEC-04 (part)."""
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get("/console/clients/new")
    name = f"moi-{token_hex(3)}"
    fields = {
        "client_id": name,
        "title": "Hệ thống một cửa",
        "scopes": ["citizens:verify", "payments:read"],
        "agencies": "000.01.H99\n\n000.02.H99",
        "callback": "https://motcua.example.vn/goi",
    }
    response = await browser.post("/console/clients", fields, status=200)
    assert response.headers["cache-control"] == "no-store"
    key, secret = re.findall(r"<pre>([^<]+)</pre>", response.text)
    assert key.startswith("lt_H99_")
    assert secret.startswith("whsec_")
    assert await opens(house, key)
    told = await leaves(house)
    assert '"operation":"add_client"' in told
    assert '"operation":"set_callback"' in told
    page = await browser.get(f"/console/clients/{name}")
    for hidden in (key.rpartition("_")[2], secret):
        assert hidden not in told
        assert hidden not in page
    assert "Hệ thống một cửa" in page
    assert (await of(house, name)).agencies == ("000.01.H99", "000.02.H99")
    await browser.get("/console/clients/new")
    await browser.post("/console/clients", fields, status=409)


@pytest.mark.parametrize(
    "wrong", [{"client_id": "Hoa"}, {"scopes": []}, {"scopes": ["everything"]}, {"callback": "http://example.vn"}]
)
async def test_a_client_that_cannot_be_is_not_made(house: House, wrong: dict[str, object]) -> None:
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get("/console/clients/new")
    name = f"moi-{token_hex(3)}"
    await browser.post("/console/clients", {"client_id": name, "scopes": ["citizens:verify"], **wrong}, status=422)
    assert await house.gateway.stores.clients.find(house.gateway.tenant, name) is None


async def test_scopes_limits_and_quota_change_at_once(house: House) -> None:
    name = await made(house)
    browser = await at(house, name)
    path = f"/console/clients/{name}"
    assert "Đã đổi quyền" in await browser.send(f"{path}/scopes", {"scopes": ["payments:read"]})
    limits = {"agencies": "000.01.H99", "networks": "10.1.0.0/16", "operations": "verify_citizen"}
    assert "10.1.0.0/16" in await browser.send(f"{path}/limit", limits)
    assert "/ 7<" in await browser.send(f"{path}/quota", {"per_minute": "7", "per_day": "0"})
    client = await of(house, name)
    assert client.scopes == {Scope.PAYMENTS_READ}
    assert (client.agencies, client.networks, client.per_minute) == (("000.01.H99",), ("10.1.0.0/16",), 7)
    for wrong in ({"networks": "khắp nơi"}, {"operations": "steal"}, {"agencies": "x" * 200}):
        await browser.post(f"{path}/limit", wrong, status=422)
    assert (await of(house, name)).networks == ("10.1.0.0/16",)
    await browser.send(f"{path}/limit", {})
    assert (await of(house, name)).networks == ()
    assert (await leaves(house, 3)).count('"operation":"change_client"') == 1


async def test_a_way_in_is_added_and_removed(house: House) -> None:
    name, way = await made(house), f"token:{token_hex(6)}"
    browser = await at(house, name)
    assert way in await browser.send(f"/console/clients/{name}/ways", {"way": way})
    other = await made(house)
    response = await browser.post(f"/console/clients/{other}/ways", {"way": way}, status=409)
    assert "caller.client_way_taken" in response.text
    await browser.post(f"/console/clients/{name}/ways", {"way": "cửa sau"}, status=422)
    await browser.post(f"/console/clients/{name}/ways", {"certificate": "không phải"}, status=422)
    assert way not in await browser.send(f"/console/clients/{name}/ways/remove", {"way": way})


async def test_a_key_is_rotated_and_then_closed(house: House) -> None:
    name = await made(house)
    browser = await at(house, name)
    response = await browser.post(
        f"/console/clients/{name}/rotate", {"overlap_hours": "0", "valid_days": "20"}, status=200
    )
    (key,) = re.findall(r"<pre>([^<]+)</pre>", response.text)
    assert response.headers["cache-control"] == "no-store"
    assert await opens(house, key)
    page = await browser.get(f"/console/clients/{name}")
    assert "khoá sắp hết hạn" in page
    assert "khoá sắp hết hạn" in await browser.get("/console/clients")
    await browser.send(f"/console/clients/{name}/keys/close")
    assert not await opens(house, key)


async def test_a_revoked_client_comes_in_no_more_and_offers_nothing_to_change(house: House) -> None:
    name = await made(house)
    browser = await at(house, name)
    response = await browser.post(f"/console/clients/{name}/rotate", {"overlap_hours": "1"}, status=200)
    (key,) = re.findall(r"<pre>([^<]+)</pre>", response.text)
    page = await browser.send(f"/console/clients/{name}/revoke")
    assert "Đã thu hồi lúc" in page
    assert f"/console/clients/{name}/rotate" not in page
    assert not await opens(house, key)
    for act in ("revoke", "rotate", "quota", "keys/close"):
        await browser.post(f"/console/clients/{name}/{act}", status=404)


async def test_where_it_is_called_is_set_and_unset(house: House) -> None:
    name = await made(house)
    browser = await at(house, name)
    path = f"/console/clients/{name}/callback"
    response = await browser.post(path, {"url": "https://motcua.example.vn/goi"}, status=200)
    assert "whsec_" in response.text
    page = await browser.get(f"/console/clients/{name}")
    assert "https://motcua.example.vn/goi" in page
    assert "whsec_" not in page
    await browser.post(path, {"url": "https://169.254.169.254/"}, status=422)
    assert "Không gọi báo cho hệ thống này" in await browser.send(f"{path}/remove")


async def test_what_it_uses_is_shown_and_what_it_never_used_stands_out(house: House) -> None:
    """SEC-12 (part)."""
    name, now, tenant = await made(house), utc_now(), house.gateway.tenant
    counts = {Window(tenant, name, span, began): 37 for span, began in windows_at(now).items()}
    await house.gateway.stores.usage.add(counts, [])
    browser = await at(house, name, Role.VIEWER)
    page = await browser.get(f"/console/clients/{name}")
    assert "<dd>37 / 1.000.000</dd>" in page
    assert "quyền không dùng" in page
    today = now.astimezone(VIETNAM).date()
    await house.gateway.stores.usage.add({}, [RightUsed(tenant, name, "citizens:verify", today)])
    assert "quyền không dùng" not in await browser.get(f"/console/clients/{name}")


async def test_whoever_only_looks_sees_no_button_and_is_refused(house: House) -> None:
    name = await made(house)
    browser = await at(house, name, Role.OPERATOR)
    assert f'action="/console/clients/{name}' not in await browser.get(f"/console/clients/{name}")
    assert "/console/clients/new" not in await browser.get("/console/clients")
    await browser.post(f"/console/clients/{name}/revoke", status=403)
    assert (await of(house, name)).revoked_at is None


async def test_the_review_is_a_leaf(house: House) -> None:
    """SEC-12 (part)."""
    await made(house)
    browser = await house.enter(Role.ADMINISTRATOR)
    await browser.get("/console/clients")
    assert "Đã ghi nhận lần rà soát" in await browser.send("/console/clients/review")
    assert '"operation":"review_clients"' in await leaves(house)


async def test_an_alarm_tells_of_a_key_that_ends_once_for_each_level(house: House) -> None:
    name, now = await made(house), utc_now()
    await house.gateway.able.client_acts.rotate(name, overlap=timedelta(0), valid_days=20, context=context(house))

    async def told(later: timedelta) -> list[str]:
        watch = KeyWatch(
            house.gateway.stores.clients,
            house.gateway.able.alarms,
            tenant=house.gateway.tenant,
            clock=lambda: now + later,
        )
        await watch.look()
        listed = await house.gateway.able.alarms.listed(house.gateway.tenant, everything=True, limit=200)
        return [alarm.occasion.kind for alarm in listed if alarm.occasion.about.startswith(f"client:{name}/")]

    assert await told(timedelta(0)) == ["client_key_ends"]
    assert await told(timedelta(days=1)) == ["client_key_ends"]
    assert await told(timedelta(days=14)) == ["client_key_ends"] * 2
    assert sorted(await told(timedelta(days=21))) == ["client_key_ended", "client_key_ends", "client_key_ends"]
