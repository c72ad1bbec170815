"""Operators by an identity provider: for us, fresh, by roles, and never without a second factor."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from pydantic import ValidationError
from services import NOW

from gateway.operators.account import Account
from gateway.operators.memory import MemoryAccounts, MemorySessions
from gateway.operators.model import Role
from gateway.operators.oidc import OidcTokens
from gateway.operators.policy import Policy
from gateway.operators.service import Operators
from gateway.operators.sessions import Sessions
from gateway.operators.settings import OidcSettings, OperatorsSettings
from gateway.sdk.errors import NotAuthenticatedError, TrustError
from gateway.signing import Keyring
from gateway.signing.jwks import Jwks

KEY = ECKey.generate_key("P-256", {"kid": "one"})
SETTINGS: dict[str, Any] = {
    "issuer": "https://sso.example.vn/realms/tinh",
    "audience": "lienthong",
    "jwks_url": "https://sso.example.vn/certs",
    "roles": {"lt-van-hanh": ("operator",), "lt-kiem-toan": ("auditor",), "lt-xem": ("viewer",)},
    "amr": ("otp", "hwk"),
    "acr": ("urn:example:mfa",),
}


async def keys() -> bytes:
    return json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()


def token(**other: Any) -> str:
    at = int(NOW.timestamp())
    said = {
        "iss": SETTINGS["issuer"],
        "aud": "lienthong",
        "exp": at + 300,
        "iat": at,
        "auth_time": at - 60,
        "preferred_username": "An.Mau",
        "roles": ["lt-van-hanh", "offline_access"],
        "amr": ["pwd", "otp"],
    }
    claims = {name: value for name, value in {**said, **other}.items() if value is not None}
    return jws.serialize_compact({"alg": "ES256", "kid": "one"}, json.dumps(claims), KEY)


@pytest.fixture
def accounts() -> MemoryAccounts:
    return MemoryAccounts()


@pytest.fixture
def reader(accounts: MemoryAccounts) -> OidcTokens:
    own = OidcSettings(**SETTINGS)
    return OidcTokens(own, Jwks(keys, clock=lambda: NOW), accounts, tenant="H99", clock=lambda: NOW)


async def test_whoever_it_vouches_for_comes_in_with_the_roles_of_their_groups(reader: OidcTokens) -> None:
    operator = await reader.read(token())
    assert (operator.login, operator.tenant, operator.roles) == ("an.mau", "H99", {Role.OPERATOR})
    assert (await reader.read(token(amr=None, acr="urn:example:mfa", roles="lt-xem"))).roles == {Role.VIEWER}


@pytest.mark.parametrize("factor", [{"amr": None}, {"amr": ["pwd"]}, {"amr": "otp"}, {"amr": None, "acr": "1"}])
async def test_without_a_second_factor_nobody_comes_in(reader: OidcTokens, factor: dict[str, Any]) -> None:
    """SEC-17 (part)."""
    with pytest.raises(TrustError) as raised:
        await reader.read(token(**factor))
    assert raised.value.error_code == "security.second_factor"


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "other"},
        {"aud": ["lienthong", "other"]},
        {"azp": "other"},
        {"exp": int(NOW.timestamp()) - 61},
        {"auth_time": int(NOW.timestamp()) - 43_200},
        {"auth_time": "yesterday"},
        {"auth_time": None, "iat": int(NOW.timestamp()) - 43_200},
        {"auth_time": None, "iat": None},
        {"preferred_username": None},
        {"preferred_username": "099" + "0" * 9},
        {"preferred_username": "Nguyễn Văn Mẫu"},
        {"roles": None},
        {"roles": ["offline_access"]},
        {"roles": [["lt-xem"]]},
        {"roles": ["lt-van-hanh", "lt-kiem-toan"]},
    ],
)
async def test_what_does_not_fit_is_refused(reader: OidcTokens, wrong: dict[str, Any]) -> None:
    with pytest.raises(TrustError):
        await reader.read(token(**wrong))


async def test_the_answer_of_another_log_in_is_refused(reader: OidcTokens) -> None:
    assert await reader.read(token(nonce="n1"), nonce="n1")
    for other in ("n2", ""):
        with pytest.raises(TrustError):
            await reader.read(token(nonce="n1"), nonce=other)


async def test_whoever_is_disabled_here_stays_outside(reader: OidcTokens, accounts: MemoryAccounts) -> None:
    account = Account(
        tenant="H99", login="an.mau", roles=frozenset(), password="", secret="", created_at=NOW, disabled_at=NOW
    )
    await accounts.add(account)
    with pytest.raises(TrustError):
        await reader.read(token())


async def test_staff_are_told_one_thing_whatever_was_wrong(reader: OidcTokens, accounts: MemoryAccounts) -> None:
    own: Any = {"policy": Policy.of(OperatorsSettings()), "clock": lambda: NOW}
    sessions = Sessions(MemorySessions(), accounts, Keyring.ephemeral(), **own)
    with_provider, without = Operators(sessions, tenant="H99", tokens=reader), Operators(sessions, tenant="H99")
    assert (await with_provider.authenticate(f"Bearer {token()}")).login == "an.mau"
    texts = set()
    for operators, header in (
        (without, f"Bearer {token()}"),
        (with_provider, f"Bearer {token(amr=None)}"),
        (with_provider, f"Basic {token()}"),
        (with_provider, None),
        (with_provider, "Bearer lts_" + "0" * 64),
    ):
        with pytest.raises(NotAuthenticatedError) as raised:
            await operators.authenticate(header)
        texts.add(raised.value.detail)
    assert len(texts) == 1


@pytest.mark.parametrize("lacks", ["audience", "jwks_url", "roles", ("amr", "acr")])
def test_a_provider_that_is_not_wholly_configured_is_refused_at_start(lacks: Any) -> None:
    names = {lacks} if isinstance(lacks, str) else set(lacks)
    with pytest.raises(ValidationError):
        OidcSettings(**{name: value for name, value in SETTINGS.items() if name not in names})


def test_a_provider_is_reached_over_tls_alone() -> None:
    for wrong in ({"issuer": "http://sso.example.vn"}, {"jwks_url": "http://sso.example.vn/certs"}):
        with pytest.raises(ValidationError):
            OidcSettings(**{**SETTINGS, **wrong})


async def test_nobody_has_by_two_doors_what_nobody_has_by_one(reader: OidcTokens, accounts: MemoryAccounts) -> None:
    """SEC-17 (part): an auditor here who is an operator there."""
    own = {"password": "", "secret": "", "created_at": NOW}
    await accounts.add(Account(tenant="H99", login="an.mau", roles=frozenset({Role.AUDITOR}), **own))  # type: ignore[arg-type]  # of a dict
    with pytest.raises(TrustError):
        await reader.read(token())
    assert await reader.read(token(roles="lt-xem"))
