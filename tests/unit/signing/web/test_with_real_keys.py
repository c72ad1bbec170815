"""The schemes with the keys that a province really has (`gateway.signing.keys`), through a rotation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from signing_parties import AT, OURS, THEIRS, Believing, Secret, pair, private_key, request, rule

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.keys.rotation import Rotation, Turn
from gateway.signing.keys.software import Secret as RealSecret
from gateway.signing.keys.software import SoftwareKey
from gateway.signing.protection import Protection
from gateway.signing.settings import ProtectionSettings
from gateway.signing.web import build

TURN_OF_THE_YEAR = AT + timedelta(days=33)
KINDS = ["p256", "p384", "rsa2048", "ed25519"]


def rotation(kind: str) -> Rotation:
    """The old key signs until the new one does, and opens for a month more."""
    old, new = (SoftwareKey(private_key(kind, name), kid=name) for name in ("old", "new"))
    return Rotation(
        "tinh",
        [
            Turn(key=old, since=AT - timedelta(days=300), until=TURN_OF_THE_YEAR + timedelta(days=30)),
            Turn(key=new, since=TURN_OF_THE_YEAR, until=AT + timedelta(days=700)),
        ],
    )


def made(settings: ProtectionSettings, keys: Rotation, trust: Believing) -> Protection:
    return build(settings, keys={OURS: keys}, trust={THEIRS: trust})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["jws", "http-signature"])
def test_the_youngest_key_signs_and_partners_take_both(scheme: str, kind: str) -> None:
    keys = rotation(kind)
    known = {key.kid: key.public_key for key in keys.accepted(AT)}
    us, them = made(rule(scheme), keys, Believing()), made(rule(scheme), keys, Believing(known))
    for at, kid in ((AT, "old"), (TURN_OF_THE_YEAR, "new")):
        asked = us.sign(request(), at=at)
        them.verify(asked, at=at)
        with pytest.raises(TrustError):
            made(rule(scheme), keys, Believing({kid: private_key(kind, "stranger").public_key()})).verify(asked, at=at)
    with pytest.raises(ConfigurationError):
        us.sign(request(), at=AT + timedelta(days=800))


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa2048"])
def test_what_is_encrypted_to_the_old_key_opens_until_its_end(kind: str) -> None:
    keys = rotation(kind)
    to_old = rule("jwe", options={"recipient": "old"})
    them = made(to_old, keys, Believing({"old": private_key(kind, "old").public_key()}))
    us = made(rule("jwe", options={"recipient": "x"}), keys, Believing())
    sealed = them.sign(request(), at=AT)
    for at in (AT, TURN_OF_THE_YEAR):
        us.verify(sealed, at=at)
        assert us.reveal(sealed).content == request().content
    with pytest.raises(TrustError):
        us.verify(sealed, at=TURN_OF_THE_YEAR + timedelta(days=30))


def test_a_shared_secret_is_long_and_is_no_key_of_a_signature() -> None:
    """SIG-12 (part)."""
    with pytest.raises(ConfigurationError):
        RealSecret(b"too short", kid="weak")
    secret = RealSecret(b"a made-up secret of thirty-two b", kid="secret-1")
    keys = Rotation("tinh", [Turn(key=secret, since=AT - timedelta(days=1), until=AT + timedelta(days=1))])
    for scheme in ("jws", "http-signature"):
        with pytest.raises(ConfigurationError):
            made(rule(scheme), keys, Believing()).sign(request(), at=AT)
    signed = build(rule("hmac"), keys={}, trust={THEIRS: Believing(secrets={"secret-1": secret})}).sign(
        request(), at=AT
    )
    same = Believing(secrets={"secret-1": Secret("secret-1", b"a made-up secret of thirty-two b")})
    build(rule("hmac"), keys={}, trust={THEIRS: same}).verify(signed, at=AT)


def test_a_trust_of_public_keys_alone_knows_no_secret() -> None:
    """SIG-12 (part): nobody's public key is an HMAC secret."""
    two = pair("hmac")
    asked = two.us.sign(request(), at=AT)
    public_only = build(rule("hmac"), keys={}, trust={THEIRS: Believing({"secret-1": two.our_key.public_key})})
    with pytest.raises(TrustError):
        public_only.verify(asked, at=AT)
    with pytest.raises(ConfigurationError):
        public_only.sign(request(), at=AT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-signature", "0" * 64),
        ("x-signature", "A" * 64),
        ("x-signature", "é"),
        ("x-timestamp", "1e9"),
        ("x-timestamp", "-1"),
        ("x-timestamp", "٣"),
        ("x-timestamp", ""),
        ("x-nonce", ""),
        ("x-nonce", "short"),
        ("x-nonce", "n" * 65),
        ("x-key-id", "nobody"),
    ],
)
def test_headers_of_an_hmac_that_are_malformed_are_refused(name: str, value: str) -> None:
    two = pair("hmac")
    asked = two.us.sign(request(), at=AT)
    with pytest.raises(TrustError) as caught:
        two.them.verify(type(asked)(**{**_fields(asked), "headers": {**asked.headers, name: value}}), at=AT)
    assert caught.value.detail_vi


def _fields(message: object) -> dict[str, object]:
    return {name: getattr(message, name) for name in ("headers", "content", "method", "url", "status")}


def test_a_rule_that_names_what_is_not_there_stops_the_start() -> None:
    for scheme in ("jws", "http-signature", "jwe", "hmac"):
        with pytest.raises(ConfigurationError):
            build(rule(scheme), keys={}, trust={})
    with pytest.raises(ConfigurationError):
        build(rule("jws"), keys={}, trust={THEIRS: Believing()})
    with pytest.raises(ConfigurationError):
        build(rule("xmldsig"), keys={OURS: rotation("p256")}, trust={THEIRS: Believing()})
