"""Tokens of the authorisation server: what holds, and everything that must not."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import warnings
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import PublicFormat
from joserfc import jws, jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from services import NOW

from gateway.clients.authenticate import Authenticator
from gateway.clients.memory import MemoryClients
from gateway.clients.model import Client, Scope
from gateway.clients.settings import OauthSettings
from gateway.clients.tokens import Tokens
from gateway.clients.ways import Peer
from gateway.sdk.errors import NotAuthenticatedError, TransientRemoteError, TrustError
from gateway.signing import Keyring
from gateway.signing.jwks import AGAIN, Freshness, Jwks
from mocks._kit import pki

ISSUER, AUDIENCE, TENANT = "https://dang-nhap.example.vn", "lienthong", "H99"
KEYS: dict[str, Any] = {
    "es": ECKey.generate_key("P-256", parameters={"kid": "es"}),
    "rs": RSAKey.generate_key(2048, parameters={"kid": "rs"}),
    "ed": OKPKey.generate_key("Ed25519", parameters={"kid": "ed"}),
}
KEPT, STALE = timedelta(hours=1), timedelta(hours=6)
FRESHNESS = Freshness(fresh=KEPT, stale=KEPT + STALE)
SETTINGS = OauthSettings(issuer=ISSUER, audience=AUDIENCE, jwks_url="https://dang-nhap.example.vn/jwks")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Server:
    """The authorisation server's key set; `down`: it does not answer."""

    def __init__(self) -> None:
        self.keys = dict(KEYS)
        self.down = False
        self.asked = 0

    async def fetch(self) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        if self.down:
            raise TransientRemoteError("down")
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.keys.values()]}).encode()


class House:
    """An authenticator with one client, whose tokens say `motcua`."""

    def __init__(self, **settings: Any) -> None:
        self.clock, self.server, self.clients = Clock(), Server(), MemoryClients()
        own = SETTINGS.model_copy(update=settings)
        keys = Jwks(self.server.fetch, clock=self.clock, freshness=FRESHNESS)
        tokens = Tokens(own, keys, clock=self.clock)
        self.authenticator = Authenticator(
            self.clients, Keyring.ephemeral(), clock=self.clock, tenant=TENANT, tokens=tokens
        )

    async def open(self) -> House:
        await self.clients.add(
            Client(
                tenant=TENANT,
                client_id="motcua",
                title="Một cửa",
                scopes=frozenset({Scope.CITIZENS, Scope.PAYMENTS_READ}),
                agencies=(),
                secret_digest=b"",
                created_at=NOW,
                ways=("token:motcua",),
            )
        )
        return self

    async def come(self, token: str, **peer: Any) -> Client:
        return await self.authenticator.authenticate(f"Bearer {token}", peer=Peer(**peer))


@pytest.fixture
async def house() -> House:
    return await House().open()


def claims(at: datetime = NOW, **changes: Any) -> dict[str, Any]:
    moment = int(at.timestamp())
    said = {"iss": ISSUER, "aud": AUDIENCE, "exp": moment + 600, "iat": moment, "client_id": "motcua", **changes}
    return {name: value for name, value in said.items() if value is not None}


def token(said: Mapping[str, Any], *, alg: str = "ES256", key: Any = None, **header: Any) -> str:
    name = {"ES256": "es", "EdDSA": "ed"}.get(alg, "rs")
    signer = key or KEYS[name]
    headers = {"alg": alg, "typ": "at+jwt", "kid": signer.kid, **header}
    headers = {name: value for name, value in headers.items() if value is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        allowed = JWSRegistry(algorithms=[alg], strict_check_header=False)
        return jwt.encode(headers, dict(said), signer, [alg], allowed)


def unsigned(said: Mapping[str, Any], header: Mapping[str, Any], signature: str = "") -> str:
    parts = [json.dumps(each).encode() for each in (header, said)]
    return ".".join([base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts] + [signature])


async def refused(house: House, shown: str, **peer: Any) -> None:
    with pytest.raises(NotAuthenticatedError) as raised:
        await house.come(shown, **peer)
    assert raised.value.detail.startswith("The key is missing, unknown or revoked.")


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256", "EdDSA"])
async def test_a_token_of_the_server_opens_for_the_client_that_it_names(house: House, alg: str) -> None:
    assert (await house.come(token(claims(), alg=alg))).client_id == "motcua"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"exp": int(NOW.timestamp()) - 31},
        {"exp": int(NOW.timestamp()) + 3600 + 31},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1e999},
        {"exp": 10**400},
        {"nbf": int(NOW.timestamp()) + 31},
        {"iat": int(NOW.timestamp()) + 31},
        {"nbf": "now"},
        {"aud": None},
        {"aud": "another-gateway"},
        {"aud": ["another-gateway"]},
        {"aud": {"lienthong": 1}},
        {"iss": None},
        {"iss": ISSUER + "/"},
        {"client_id": None},
        {"client_id": ""},
        {"client_id": ["motcua"]},
        {"client_id": "khac"},
        {"cnf": {"x5t#S256": "AAAA"}},
        {"cnf": {"jkt": "AAAA"}},
        {"cnf": "AAAA"},
    ],
    ids=str,
)
async def test_a_token_that_says_something_else_is_refused(house: House, changes: dict[str, Any]) -> None:
    """SEC-17 (part): wrong audience, issuer, time, client or binding; always the same words."""
    await refused(house, token(claims(**changes)))


async def test_clocks_may_differ_by_the_leeway_and_no_more(house: House) -> None:
    moment = int(NOW.timestamp())
    assert await house.come(token(claims(exp=moment - 29)))
    assert await house.come(token(claims(nbf=moment + 29, iat=moment + 29)))
    assert await house.come(token(claims(aud=["another", AUDIENCE])))


async def test_a_token_that_nobody_signed_is_refused(house: House) -> None:
    for header in ({"alg": "none", "typ": "at+jwt"}, {"alg": "None", "typ": "at+jwt", "kid": "rs"}, {"typ": "at+jwt"}):
        await refused(house, unsigned(claims(), header))
        await refused(house, unsigned(claims(), header, "AAAA"))
    stripped = token(claims()).rpartition(".")[0] + "."
    await refused(house, stripped)


async def test_a_public_key_is_never_taken_for_a_secret(house: House) -> None:
    """Algorithm confusion: HS256 with the server's own public key as its secret, in every form that one may take."""
    public = KEYS["rs"]
    raw = public.public_key
    forms = [
        public.as_pem(private=False),
        raw.public_bytes(serialization.Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(public.as_dict(private=False)).encode(),
    ]
    for secret in forms:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            forger = OctKey.import_key(base64.b64encode(secret), parameters={"kid": "rs"})
        await refused(house, token(claims(), alg="HS256", key=forger))


async def test_a_key_is_used_with_its_own_kind_of_algorithm_only(house: House) -> None:
    forged = token(claims(), alg="RS256", kid="es")
    await refused(house, forged)
    await refused(house, token(claims(), alg="ES256", kid="rs"))
    narrow = await House(algorithms=("ES256",)).open()
    await refused(narrow, token(claims(), alg="RS256"))


async def test_a_key_that_the_token_brings_along_is_not_looked_at(house: House) -> None:
    own = ECKey.generate_key("P-256", parameters={"kid": "es"})
    for more in ({"jwk": own.as_dict(private=False)}, {"jku": "https://evil.example/jwks"}, {}):
        await refused(house, token(claims(), key=own, **more))


@pytest.mark.parametrize("typ", ["dpop+jwt", "logout+jwt", "JWE", ""])
async def test_a_token_of_another_kind_is_refused(house: House, typ: str) -> None:
    await refused(house, token(claims(), typ=typ))


async def test_a_token_that_does_not_say_its_kind_is_refused(house: House) -> None:
    content = json.dumps(claims()).encode()
    await refused(house, jws.serialize_compact({"alg": "ES256", "kid": "es"}, content, KEYS["es"]))


async def test_usual_spellings_of_the_kind_are_taken(house: House) -> None:
    for typ in ("at+jwt", "AT+JWT", "application/at+jwt", "JWT"):
        assert await house.come(token(claims(), typ=typ))


async def test_an_altered_token_is_refused(house: House) -> None:
    head, _, signature = token(claims()).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(client_id="khac")).encode()).rstrip(b"=").decode()
    await refused(house, f"{head}.{body}.{signature}")
    for odd in ("a.b.c", "....", "a", "x" * 9000, "lt_.x.y", "é.é.é"):
        await refused(house, odd)


async def test_a_critical_header_that_is_not_understood_is_refused(house: House) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "es", "crit": ["exp2"], "exp2": 1}
    await refused(house, unsigned(claims(), header, "A" * 86))


class TestKeys:
    async def test_keys_are_fetched_once_and_again_for_one_that_is_new(self, house: House) -> None:
        """Rotation: the new key is found at once, the old one until the server takes it away."""
        assert await house.come(token(claims()))
        assert await house.come(token(claims(), alg="RS256"))
        assert house.server.asked == 1
        new = ECKey.generate_key("P-256", parameters={"kid": "es-2"})
        house.server.keys["new"] = new
        house.clock.now += AGAIN
        assert await house.come(token(claims(house.clock.now), key=new))
        assert await house.come(token(claims(house.clock.now)))
        assert house.server.asked == 2
        del house.server.keys["es"]
        house.clock.now += KEPT + timedelta(seconds=1)
        await refused(house, token(claims(house.clock.now)))

    async def test_strangers_do_not_have_us_ask_again_and_again(self, house: House) -> None:
        assert await house.come(token(claims()))
        stranger = ECKey.generate_key("P-256", parameters={"kid": "la"})
        house.clock.now += AGAIN
        for _ in range(5):
            await refused(house, token(claims(house.clock.now), key=stranger))
        assert house.server.asked == 2

    async def test_many_at_once_ask_once(self, house: House) -> None:
        await asyncio.gather(*(house.come(token(claims())) for _ in range(20)))
        assert house.server.asked == 1

    async def test_while_the_server_is_down_kept_keys_hold_for_a_while_and_then_none(self, house: House) -> None:
        assert await house.come(token(claims()))
        house.server.down = True
        house.clock.now += KEPT + STALE - timedelta(seconds=9)
        assert await house.come(token(claims(house.clock.now)))
        house.clock.now += timedelta(seconds=9)
        await refused(house, token(claims(house.clock.now)))
        house.server.down = False
        house.clock.now += AGAIN
        assert await house.come(token(claims(house.clock.now)))

    async def test_a_server_that_never_answered_opens_nothing(self) -> None:
        house = await House().open()
        house.server.down = True
        await refused(house, token(claims()))

    @pytest.mark.parametrize(
        "content", [b"", b"[]", b'{"keys": 1}', b'{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}]}']
    )
    async def test_what_is_no_key_set_replaces_nothing(self, content: bytes) -> None:
        clock, sent = Clock(), [await Server().fetch(), content]

        async def fetch() -> bytes:
            return sent.pop(0)

        keys = Jwks(fetch, clock=clock, freshness=FRESHNESS)
        assert await keys.find("es", algorithm="ES256")
        clock.now += KEPT + timedelta(seconds=1)
        assert await keys.find("es", algorithm="ES256")
        assert not sent

    async def test_a_short_key_and_a_secret_are_left_out(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            weak = RSAKey.import_key(pki_pem("rsa1024"), parameters={"kid": "weak"})
        secret = {"kty": "oct", "kid": "secret", "k": "AAAA"}
        listed = [weak.as_dict(private=False), secret, KEYS["es"].as_dict(private=False)]

        async def fetch() -> bytes:
            return json.dumps({"keys": listed}).encode()

        keys = Jwks(fetch, clock=Clock(), freshness=FRESHNESS)
        assert await keys.find("es", algorithm="ES256")
        for kid, algorithm in (("weak", "RS256"), ("secret", "HS256")):
            with pytest.raises(TrustError):
                await keys.find(kid, algorithm=algorithm)


def pki_pem(kind: str) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return pki.new_key(kind).private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


class TestRights:
    @pytest.mark.parametrize(
        ("said", "left"),
        [
            ("citizens:verify", {Scope.CITIZENS}),
            ("citizens:verify payments:read", {Scope.CITIZENS, Scope.PAYMENTS_READ}),
            ("citizens:verify payments:write dossiers:write", {Scope.CITIZENS}),
            (["payments:read"], {Scope.PAYMENTS_READ}),
            ("openid everything", set()),
            (None, set()),
            (7, set()),
        ],
    )
    async def test_a_token_narrows_what_its_client_may_do_and_never_widens_it(
        self, said: Any, left: set[Scope]
    ) -> None:
        """SEC-17 (part): least privilege."""
        house = await House(scope_claim="scope").open()
        assert (await house.come(token(claims(scope=said)))).scopes == left

    async def test_names_of_the_server_can_be_told_in_ours(self) -> None:
        house = await House(scope_claim="scp", scopes={"congdan": ("citizens:verify", "citizens:read")}).open()
        assert (await house.come(token(claims(scp="congdan payments:read")))).scopes == {Scope.CITIZENS}

    async def test_a_revoked_client_is_refused_at_once_whatever_its_token_says(self, house: House) -> None:
        shown = token(claims())
        assert await house.come(shown)
        await house.clients.revoke(TENANT, "motcua", at=NOW)
        await refused(house, shown)

    async def test_a_token_bound_to_a_certificate_opens_with_it_alone(self, house: House) -> None:
        """RFC 8705: a stolen token is worth nothing."""
        ours, other = pki.self_signed("motcua").certificate, pki.self_signed("khac").certificate
        digest = hashlib.sha256(ours.public_bytes(serialization.Encoding.DER)).digest()
        bound = token(claims(cnf={"x5t#S256": base64.urlsafe_b64encode(digest).rstrip(b"=").decode()}))
        assert await house.come(bound, certificate=ours)
        await refused(house, bound, certificate=other)
        await refused(house, bound)

    async def test_without_an_authorisation_server_no_token_is_one(self) -> None:
        plain = Authenticator(MemoryClients(), Keyring.ephemeral(), clock=Clock(), tenant=TENANT)
        with pytest.raises(NotAuthenticatedError):
            await plain.authenticate(f"Bearer {token(claims())}")
