"""Encrypted bodies: what opens, what does not, what stands beneath; and joserfc as the other side."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey
from signing_parties import AT, Believing, MemoryKey, Stack, pair, private_key, protection, reply, request, rule

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.protection import Message, Protection
from gateway.signing.web.raw import from_base64url, verify_bytes
from gateway.signing.web.tokens import from_compact, signing_input

KINDS: list[tuple[str, dict[str, Any], str]] = [
    ("rsa2048", {}, "RSA-OAEP-256"),
    ("p256", {}, "ECDH-ES+A256KW"),
    ("p256", {"agreement": "ECDH-ES"}, "ECDH-ES"),
    ("p384", {}, "ECDH-ES+A256KW"),
]
every_kind = pytest.mark.parametrize(("kind", "options", "algorithm"), KINDS)


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def sides(kind: str, options: dict[str, Any] | None = None) -> tuple[Protection, Protection, MemoryKey]:
    """Us, them, and the key that they open with."""
    ours, theirs = MemoryKey("us-1", private_key(kind, "us")), MemoryKey("them-1", private_key(kind, "them"))
    ours_to = rule("jwe", options={"recipient": "them-1", **(options or {})})
    theirs_to = rule("jwe", options={"recipient": "us-1", **(options or {})})
    us = protection(ours_to, keys=[ours], trust=Believing({"them-1": theirs.public_key}))
    them = protection(theirs_to, keys=[theirs], trust=Believing({"us-1": ours.public_key}))
    return us, them, theirs


def jwk(key: MemoryKey) -> RSAKey | ECKey:
    if isinstance(key.private, rsa.RSAPrivateKey):
        return RSAKey.import_key(key.private)
    assert isinstance(key.private, ec.EllipticCurvePrivateKey)
    return ECKey.import_key(key.private)


def header_of(message: Message) -> dict[str, Any]:
    text = message.content.split(b".")[0]
    header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
    return header


def refused(side: Protection, message: Message) -> None:
    with pytest.raises(TrustError) as caught:
        side.verify(message, at=AT)
    assert caught.value.detail_vi


@every_kind
def test_what_is_encrypted_to_a_partner_they_alone_open(kind: str, options: dict[str, Any], algorithm: str) -> None:
    us, them, _ = sides(kind, options)
    asked = us.sign(request(), at=AT)
    assert (header_of(asked)["alg"], header_of(asked)["enc"]) == (algorithm, "A256GCM")
    assert asked.headers["content-type"] == "application/jose"
    assert b"099000000001" not in asked.content
    them.verify(asked, at=AT)
    assert them.reveal(asked) == request(headers=request().headers)
    refused(us, asked)


@every_kind
def test_joserfc_opens_what_we_encrypt_and_we_open_what_it_encrypts(
    kind: str, options: dict[str, Any], algorithm: str
) -> None:
    us, them, key = sides(kind, options)
    asked = us.sign(request(), at=AT)
    opened = jwe.decrypt_compact(asked.content, jwk(key), algorithms=[algorithm, "A256GCM"])
    assert opened.plaintext == request().content
    header = {"alg": algorithm, "enc": "A256GCM", "kid": "them-1", "apu": b64(b"Alice"), "apv": b64(b"Bob")}
    if kind.startswith("rsa"):
        header = {"alg": algorithm, "enc": "A256GCM", "kid": "them-1"}
    sealed = jwe.encrypt_compact(header, b"{}", jwk(key), algorithms=[algorithm, "A256GCM"])
    message = request(sealed.encode())
    them.verify(message, at=AT)
    assert them.reveal(message).content == b"{}"
    assert "content-type" not in them.reveal(message).headers


@every_kind
def test_any_part_that_was_changed_does_not_open(kind: str, options: dict[str, Any], algorithm: str) -> None:
    us, them, _ = sides(kind, options)
    asked = us.sign(request(), at=AT)
    parts = asked.content.split(b".")
    for place, part in enumerate(parts):
        for other in (part[1:], part[:-1], b"A" + part, part + b"=", b"", part[:-4] + b"AAAA", b"\xff"):
            if other != part:
                refused(them, replace(asked, content=b".".join([*parts[:place], other, *parts[place + 1 :]])))
    for content in (b"", b"....", b"{}", asked.content + b".", b".".join(parts[:4]), b"\xff"):
        if content:
            refused(them, replace(asked, content=content))


@pytest.mark.parametrize(
    "change",
    [
        {"zip": "DEF"},
        {"enc": "A128CBC-HS256"},
        {"enc": "A128GCM"},
        {"alg": "RSA1_5"},
        {"alg": "RSA-OAEP"},
        {"alg": "dir"},
        {"alg": "A256KW"},
        {"alg": None},
        {"crit": ["exp"]},
        {"kid": "nobody"},
        {"kid": None},
        {"jwk": {}},
        {"epk": None},
        {"epk": {"kty": "OKP", "crv": "X25519", "x": "AA"}},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"epk": {"kty": "EC", "crv": "P-256", "x": 1, "y": 2}},
        {"apu": 7},
        {"apu": "*"},
    ],
)
def test_other_algorithms_and_headers_are_refused(change: dict[str, Any]) -> None:
    """SIG-12 (part): the header is changed under the same ciphertext, and with a ciphertext of its own."""
    us, them, _ = sides("p256")
    asked = us.sign(request(), at=AT)
    header = {name: value for name, value in (header_of(asked) | change).items() if value is not None}
    parts = [b64(json.dumps(header).encode()).encode(), *asked.content.split(b".")[1:]]
    refused(them, replace(asked, content=b".".join(parts)))


def test_a_point_of_another_curve_is_refused() -> None:
    us, them, _ = sides("p256")
    other = ECKey.import_key(private_key("p384", "stranger")).as_dict(private=False)
    asked = us.sign(request(), at=AT)
    header = header_of(asked) | {"epk": {name: other[name] for name in ("kty", "crv", "x", "y")}}
    parts = [b64(json.dumps(header).encode()).encode(), *asked.content.split(b".")[1:]]
    refused(them, replace(asked, content=b".".join(parts)))


def test_compression_is_refused_although_it_is_encrypted_well() -> None:
    """A small message could become a large one before anything is checked."""
    _, them, key = sides("p256")
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": "them-1", "zip": "DEF"}
    sealed = jwe.encrypt_compact(header, b"x" * 10_000, jwk(key), algorithms=["ECDH-ES", "A256GCM", "DEF"])
    refused(them, request(sealed.encode()))


def test_what_was_encrypted_to_an_older_key_opens_while_it_is_accepted() -> None:
    old, new = MemoryKey("them-1", private_key("p256", "them")), MemoryKey("them-2", private_key("p256", "new"))
    us, _, _ = sides("p256")
    asked = us.sign(request(), at=AT)
    settings, trust = rule("jwe", options={"recipient": "us-1"}), Believing()
    both = protection(settings, keys=[new, old], trust=trust)
    both.verify(asked, at=AT)
    assert both.reveal(asked).content == request().content
    refused(protection(settings, keys=[new], trust=trust), asked)


def test_nothing_is_revealed_that_was_not_verified() -> None:
    us, them, _ = sides("p256")
    with pytest.raises(TrustError):
        them.reveal(us.sign(request(), at=AT))


def test_encryption_proves_no_sender_and_marks_nothing() -> None:
    us, them, _ = sides("p256")
    with pytest.raises(ConfigurationError):
        them.mark(us.sign(request(), at=AT))


def test_a_key_that_cannot_decrypt_where_it_lives_is_the_operators_matter() -> None:
    class SignsOnly:
        kid, public_key = "them-1", private_key("p256", "them").public_key()

    us, _, _ = sides("p256")
    cannot = protection(rule("jwe", options={"recipient": "us-1"}), keys=[SignsOnly()], trust=Believing())  # type: ignore[list-item]  # it is the point
    with pytest.raises(ConfigurationError):
        cannot.verify(us.sign(request(), at=AT), at=AT)


def test_nothing_is_encrypted_to_a_weak_key_or_one_of_another_kind() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    for key in (weak, private_key("ed25519", "them").public_key()):
        us = protection(rule("jwe", options={"recipient": "them-1"}), trust=Believing({"them-1": key}))
        with pytest.raises(ConfigurationError):
            us.sign(request(), at=AT)


@pytest.mark.parametrize("form", ["detached", "compact", "flattened"])
@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
def test_signed_and_then_encrypted_messages_travel_both_ways(form: str, kind: str) -> None:
    """SIG-09 (part), PDP-07 (part)."""
    two = pair("jws", kind=kind, options={"form": form})
    our_seal, their_seal, _ = sides(kind)
    us, them = Stack([two.us, our_seal]), Stack([two.them, their_seal])
    asked = us.sign(request(), at=AT)
    them.verify(asked, at=AT)
    assert them.reveal(asked).content == request().content
    assert them.reveal(asked).headers["content-type"] == "application/json"
    assert them.mark(asked) == them.mark(asked)
    assert not them.unsafe_certificates(asked)
    answered = them.sign(reply(), at=AT, answers=asked)
    us.verify(answered, at=AT, answers=asked)
    assert us.reveal(answered).content == reply().content
    with pytest.raises(TrustError):
        us.verify(answered, at=AT, answers=us.sign(request(), at=AT))


def test_a_stranger_may_encrypt_to_us_and_is_refused_by_the_layer_beneath() -> None:
    two = pair("jws", options={"form": "compact"})
    _, their_seal, _ = sides("p256")
    our_seal, _, _ = sides("p256")
    them = Stack([two.them, their_seal])
    with pytest.raises(TrustError):
        them.verify(our_seal.sign(request(), at=AT), at=AT)


def test_a_message_without_a_body_stays_as_it_is() -> None:
    us, them, _ = sides("p256")
    asked = us.sign(request(b"", method="GET"), at=AT)
    assert asked == request(b"", method="GET")
    them.verify(asked, at=AT)
    assert them.reveal(asked) == asked


def test_the_signing_input_is_that_of_the_rfcs() -> None:
    """RFC 7515, A.3; RFC 7797, 4.2."""
    token = from_compact(
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    payload = b'{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
    signed = token.signed_bytes(payload, encoded=True)
    assert signed == f"{token.protected}.{token.payload}".encode()
    published = ECKey.import_key(
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }
    ).public_key
    verify_bytes(from_base64url(token.signature), signed, key=published, algorithm=Algorithm.ES256)
    unencoded = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19"
    assert signing_input(unencoded, b"$.02", encoded=False) == unencoded.encode() + b".$.02"
