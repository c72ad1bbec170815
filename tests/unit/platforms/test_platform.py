"""A request in a platform's hands: its address, its headers, and what the platform says in the system's place."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.platforms import Destination, Platform, PlatformSettings
from gateway.sdk import (
    ConfigurationError,
    Grant,
    ProtocolViolation,
    TransientRemoteError,
    Unsettled,
    WireReply,
    WireRequest,
)
from gateway.sdk.platform_check import check_platform

REQUEST = WireRequest(
    method="POST",
    url="http://system/csdldc/TraCuu?a=1",
    headers={"Authorization": "Basic ours", "Content-Type": "application/xml"},
    content=b"<x/>",
)
TO = Destination(base_url="http://system", provider="VN/GOV/000.00.00.G99/MOCK DB", provider_url="http://p/q?r=1&s")
T1 = {"dialect": "T1", "url": "http://p/token", "credentials": {"consumer_key": "k", "consumer_secret": "s"}}
T2 = {
    "dialect": "T2",
    "url": "http://p/token",
    "credentials": {"PartnerCodeCus": "5", "PartnerCode": "4", "AppName": "3", "SecretKey": "2", "AccessKey": "1"},
}
GRANT = Grant(token="T", expires_in_s=60)


def platform(kind: str = "gateway", **more: Any) -> Platform:
    return Platform("p", PlatformSettings(kind=kind, base_url="http://p", **more))  # type: ignore[arg-type]  # its name


def carried(to: Destination = TO, grant: Grant | None = None, **more: Any) -> WireRequest:
    return platform(**more).carry(REQUEST, to, call_id="CALL1", grant=grant)


def test_a_gateway_stands_in_front_of_the_same_path() -> None:
    """CON-01 (part)."""
    request = carried()
    assert request.url == "http://p/csdldc/TraCuu?a=1"
    assert request.headers == REQUEST.headers
    assert request.content == REQUEST.content


def test_what_the_platform_asks_for_replaces_what_the_connector_set() -> None:
    """The province proves itself to the platform; the platform does so to the system (contract 3.2, last item)."""
    request = carried(token=T1, grant=GRANT, headers={"content-type": "text/xml", "X-Key": "v"})
    assert request.headers == {"Authorization": "Bearer T", "content-type": "text/xml", "X-Key": "v"}


def test_a_vxp_adapter_is_told_the_provider_in_the_query() -> None:
    assert carried(kind="vxp").url == (
        "http://p/csdldc/TraCuu?a=1&dstcode=VN:GOV:000.00.00.G99:MOCK%20DB&providerurl=http:%2F%2Fp%2Fq%3Fr%3D1%26s"
    )


def test_a_vxp_adapter_is_told_the_provider_in_a_header() -> None:
    request = carried(
        to=Destination(base_url="http://system", provider="VN/GOV/A/B"), kind="vxp", dstcode_in=["header"]
    )
    assert request.url == "http://p/csdldc/TraCuu?a=1"
    assert request.headers["dstcode"] == "VN:GOV:A:B"


def test_a_security_server_is_addressed_by_the_identifiers_of_the_provider() -> None:
    """Each part is percent-encoded by itself (X-Road REST 1.0.4, section 4.1)."""
    to = Destination(base_url="http://system/csdldc", provider="VN/GOV/A(1)/MOCK DB")
    request = carried(to=to, kind="xroad", client="VN/GOV/H99/LGSP")
    assert request.url == "http://p/r1/VN/GOV/A(1)/MOCK%20DB/TraCuu?a=1"
    assert request.headers["X-Road-Client"] == "VN/GOV/H99/LGSP"
    assert request.headers["Authorization"] == "Basic ours", "user headers pass (contract 5.1)"


def test_a_service_code_stands_before_the_path_where_it_is_agreed_on() -> None:
    to = Destination(base_url="http://system", provider="VN/GOV/A/B", service="look")
    assert carried(to=to, kind="xroad", client="VN/GOV/H99/L").url == "http://p/r1/VN/GOV/A/B/look/csdldc/TraCuu?a=1"


def test_the_same_call_has_the_same_message_id_and_another_call_another() -> None:
    own = platform(kind="xroad", client="VN/GOV/H99/L")
    ids = [own.carry(REQUEST, TO, call_id=name, grant=None).headers["X-Road-Id"] for name in ("A", "A", "B")]
    assert ids[0] == ids[1] != ids[2]


def test_a_security_server_needs_to_know_who_calls() -> None:
    with pytest.raises(ConfigurationError):
        platform(kind="xroad")


@pytest.mark.parametrize("url", ["http://p/", "p", "http://p?x", "http://p/#a", ""])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        PlatformSettings(kind="gateway", base_url=url)  # type: ignore[arg-type]  # its name


def test_a_header_that_would_end_the_line_is_refused() -> None:
    with pytest.raises(ValidationError):
        PlatformSettings(kind="gateway", base_url="http://p", headers={"a\r\nb": "x"})  # type: ignore[arg-type]


def test_secrets_are_not_shown() -> None:
    shown = repr(PlatformSettings(kind="gateway", base_url="http://p", token=T1, headers={"X-Key": "hidden"}))  # type: ignore[arg-type]
    assert "hidden" not in shown
    assert "consumer_secret': SecretStr('**********')" in shown


def test_t2_shows_its_credentials_as_json_in_the_order_of_the_source() -> None:
    login = platform(token=T2).tokens.login()  # type: ignore[union-attr]  # it has some
    decoded = base64.b64decode(login.headers["lgspaccesstoken"])
    assert decoded == b'{"AccessKey":"1","SecretKey":"2","AppName":"3","PartnerCode":"4","PartnerCodeCus":"5"}'
    assert "Authorization" not in login.headers
    headers = carried(token=T2, grant=GRANT).headers
    assert (headers["Authorization"], headers["lgspaccesstoken"]) == ("Bearer T", login.headers["lgspaccesstoken"])


def test_t3_and_t6_show_a_key() -> None:
    t3 = {"dialect": "T3", "url": "http://p/t", "credentials": {"key": "{token}"}}
    assert platform(token=t3).tokens.login().headers["Auth"] == "{token}", "a credential is no template"  # type: ignore[union-attr]
    t6 = platform(token={"dialect": "T6", "credentials": {"key": "K"}})
    assert not t6.tokens.are_issued  # type: ignore[union-attr]  # it has some
    assert t6.carry(REQUEST, TO, call_id="C", grant=None).headers["Authorization"] == "Bearer K"
    assert not t6.rejects_token(WireReply(status=401)), "another one cannot be had"


@pytest.mark.parametrize(
    "token",
    [
        {"dialect": "T5", "credentials": {"AppName": "a"}},
        {"dialect": "T9"},
        {"dialect": "T1", "url": "http://p/t", "credentials": {"consumer_key": "k"}},
        {"dialect": "T1", "credentials": T1["credentials"]},
        {"dialect": "T4", "credentials": {"key": "k"}},
    ],
)
def test_a_token_call_that_nobody_knows_or_that_lacks_something_stops_the_start(token: Any) -> None:
    """What is unknown is not guessed (contract section 2, T5)."""
    with pytest.raises(ConfigurationError, match=r"platforms\.p\.token") as raised:
        platform(token=token)
    assert "platforms.p.token" in raised.value.detail_vi


def reply(content: bytes, status: int = 200, **headers: str) -> WireReply:
    return WireReply(status=status, content=content, headers=headers)


WSO2 = {"fault": {"code": 900901, "message": "m", "description": "d"}}


@pytest.mark.parametrize(
    ("said", "another"),
    [
        (reply(json.dumps(WSO2).encode(), 401), True),
        (reply(json.dumps(WSO2).encode(), 200), True),
        (reply(b"", 401), True),
        (reply(json.dumps({"fault": {"code": 900908, "message": "m"}}).encode(), 403), False),
        (reply(b"{}", 200), False),
    ],
)
def test_only_what_speaks_of_the_token_asks_for_another(said: WireReply, another: bool) -> None:
    assert platform(token=T1).rejects_token(said) is another


@pytest.mark.parametrize(
    ("said", "idempotent", "error", "code"),
    [
        (reply(b"", 500, **{"x-road-error": "Server.ServerProxy.NetworkError"}), True, TransientRemoteError, "failed"),
        (reply(b"", 500, **{"x-road-error": "server.server_proxy.network_error"}), False, Unsettled, "unsettled"),
        (reply(b"", 500, **{"x-road-error": "Server.ServerProxy.AccessDenied"}), True, ProtocolViolation, "_refused"),
        (reply(b"", 400, **{"x-road-error": "Client.BadRequest"}), True, ProtocolViolation, "_request"),
        (reply(b'{"fault":{"code":700700,"message":"x"}}', 503), True, TransientRemoteError, "busy"),
        (reply(b'{"fault":{"code":900908,"message":"x"}}', 403), True, ProtocolViolation, "_refused"),
        (reply(b'{"fault":{"code":900906,"message":"x"}}', 404), False, ProtocolViolation, "_request"),
    ],
)
def test_what_the_platform_says_is_never_an_answer(
    said: WireReply, idempotent: bool, error: type[Exception], code: str
) -> None:
    """POP-05 (part)."""
    with pytest.raises(error) as raised:
        check_platform(said, idempotent=idempotent)
    assert raised.value.error_code.endswith(code)  # type: ignore[attr-defined]  # ours has one


def test_what_the_system_says_passes() -> None:
    for said in (reply(b"<a/>"), reply(b'{"code":900901}'), reply(b"", 404), reply(b'{"error":"x"}', 400)):
        check_platform(said, idempotent=True)
