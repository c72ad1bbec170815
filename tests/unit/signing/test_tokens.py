"""Tokens of an issuer, and its keys: rotation, outage, and what attackers do to tokens."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from gateway.sdk.errors import TransientRemoteError, TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.jwks import Freshness, Jwks, read_keys
from gateway.signing.tokens import Expected, verify_token

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EXPECTED = Expected(issuer="https://idp.example.vn", audience="lienthong")
ONE = ECKey.generate_key("P-256", {"kid": "one"})
TWO = ECKey.generate_key("P-256", {"kid": "two"})


class Issuer:
    def __init__(self, *keys: Any) -> None:
        self.keys: tuple[Any, ...] = keys or (ONE,)
        self.fetched = 0
        self.down = False
        self.now = START
        self.jwks = Jwks(self.fetch, clock=lambda: self.now, freshness=Freshness())

    async def fetch(self) -> bytes:
        self.fetched += 1
        if self.down:
            raise TransientRemoteError
        return document(*self.keys)

    async def read(self, token: str, expected: Expected = EXPECTED) -> Mapping[str, Any]:
        return await verify_token(token, self.jwks, expected, at=self.now)


def document(*keys: Any) -> bytes:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


def claims(**other: Any) -> dict[str, Any]:
    start = int(START.timestamp())
    return {"iss": EXPECTED.issuer, "aud": "lienthong", "exp": start + 300, "iat": start, "sub": "a", **other}


def token(key: Any = ONE, header: Mapping[str, Any] | None = None, **other: Any) -> str:
    return jws.serialize_compact({"alg": "ES256", "kid": key.kid, **(header or {})}, json.dumps(claims(**other)), key)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_a_token_of_the_issuer_is_read() -> None:
    assert (await Issuer().read(token()))["sub"] == "a"
    assert (await Issuer().read(token(aud=["other", "lienthong"])))["sub"] == "a"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://other.example.vn"},
        {"aud": "other"},
        {"aud": None},
        {"exp": int(START.timestamp()) - 60},
        {"exp": None},
        {"exp": "2030"},
        {"exp": True},
        {"nbf": int(START.timestamp()) + 61},
        {"iat": int(START.timestamp()) + 61},
    ],
)
async def test_what_it_says_is_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(TrustError) as raised:
        await Issuer().read(token(**wrong))
    assert raised.value.error_code == "security.token"


async def test_a_clock_that_is_a_little_off_is_forgiven() -> None:
    start = int(START.timestamp())
    assert await Issuer().read(token(exp=start - 59, nbf=start - 400, iat=start - 400))
    assert await Issuer().read(token(iat=start + 59))


async def test_no_algorithm_is_believed_because_the_token_names_it() -> None:
    """`none`, and an HMAC whose secret is the public key (RFC 8725 3.1)."""
    issuer = Issuer()
    unsigned = f"{part({'alg': 'none', 'kid': 'one'})}.{part(claims())}."
    secret = OctKey.import_key(document(ONE))
    mixed = jws.serialize_compact({"alg": "HS256", "kid": "one"}, json.dumps(claims()), secret)
    narrow = Expected(issuer=EXPECTED.issuer, audience="lienthong", algorithms=[Algorithm.RS256])
    forged = token().rpartition(".")[0] + "." + token(TWO).rpartition(".")[2]
    for spoilt, expected in ((unsigned, EXPECTED), (mixed, EXPECTED), (token(), narrow), (forged, EXPECTED)):
        with pytest.raises(TrustError):
            await issuer.read(spoilt, expected)


@pytest.mark.parametrize("spoilt", ["", "a", "a.b.c", "..", "é.b.c", "a" * 20_000])
async def test_what_is_no_token_is_refused(spoilt: str) -> None:
    with pytest.raises(TrustError):
        await Issuer().read(spoilt)


async def test_a_token_with_an_extension_that_must_be_understood_is_refused() -> None:
    spoilt = f"{part({'alg': 'ES256', 'kid': 'one', 'crit': ['x'], 'x': 1})}.{part(claims())}.AAAA"
    with pytest.raises(TrustError):
        await Issuer().read(spoilt)


async def test_a_token_of_another_kind_is_refused() -> None:
    only = Expected(issuer=EXPECTED.issuer, audience="lienthong", types=["at+jwt"])
    assert await Issuer().read(token(header={"typ": "at+JWT"}), only)
    with pytest.raises(TrustError):
        await Issuer().read(token(header={"typ": "JWT"}), only)


async def test_a_rotation_is_noticed_at_the_first_token_of_the_new_key() -> None:
    issuer = Issuer()
    await issuer.read(token())
    issuer.keys, issuer.now = (ONE, TWO), START + timedelta(minutes=2)
    assert await issuer.read(token(TWO))
    assert issuer.fetched == 2


async def test_a_key_that_was_withdrawn_is_worth_nothing_once_the_copy_is_renewed() -> None:
    issuer = Issuer()
    await issuer.read(token())
    issuer.keys, issuer.now = (TWO,), START + timedelta(hours=1)
    with pytest.raises(TrustError) as raised:
        await issuer.read(token(exp=int(START.timestamp()) + 9000))
    assert raised.value.error_code == "security.unknown_key"


async def test_unknown_key_ids_do_not_make_us_fetch_each_time() -> None:
    issuer = Issuer()
    for _ in range(20):
        with pytest.raises(TrustError):
            await issuer.read(token(TWO))
    assert issuer.fetched == 1


async def test_an_issuer_that_is_down_is_believed_as_long_as_its_copy_is_young_enough() -> None:
    issuer = Issuer()
    await issuer.read(token())
    issuer.down = True
    far = int((START + timedelta(days=9)).timestamp())
    issuer.now = START + timedelta(hours=23)
    assert await issuer.read(token(exp=far))
    issuer.now = START + timedelta(hours=24)
    with pytest.raises(TrustError) as raised:
        await issuer.read(token(exp=far))
    assert raised.value.error_code == "security.keys_unknown"


async def test_without_ever_having_had_the_keys_nothing_is_believed() -> None:
    issuer = Issuer()
    issuer.down = True
    with pytest.raises(TrustError) as raised:
        await issuer.read(token())
    assert raised.value.error_code == "security.keys_unknown"


def members(**other: Any) -> bytes:
    return json.dumps({"keys": [{**ONE.as_dict(private=False), **other}]}).encode()


def test_keys_that_sign_nothing_are_passed_over() -> None:
    small = json.dumps({"keys": [{"kty": "RSA", "n": "A" * 171, "e": "AQAB"}]}).encode()
    secret = json.dumps({"keys": [{"kty": "oct", "k": "AAAA"}]}).encode()
    for other in (
        members(use="enc"),
        members(key_ops=["encrypt"]),
        members(crv="secp256k1"),
        members(key_ops=5),
        small,
        secret,
    ):
        assert read_keys(other) == []
    assert len(read_keys(members(use="sig"))) == 1
    assert len(read_keys(document(RSAKey.generate_key(2048, {"kid": "r"})))) == 1


@pytest.mark.parametrize("spoilt", [b"", b"[]", b'{"keys": 1}', b'{"keys": ' + b"[" + b"{}," * 50 + b"{}]}"])
def test_what_is_no_set_of_keys_is_refused(spoilt: bytes) -> None:
    with pytest.raises(TrustError):
        read_keys(spoilt)


def test_a_published_private_key_is_refused() -> None:
    with pytest.raises(TrustError):
        read_keys(json.dumps({"keys": [ONE.as_dict(private=True)]}).encode())


async def test_two_keys_of_one_id_are_not_guessed_between() -> None:
    twin = ECKey.generate_key("P-256", {"kid": "one"})
    with pytest.raises(TrustError):
        await Issuer(ONE, twin).read(token())
