"""What attackers of JWS are known to try (RFC 8725), each refused; and certificates that a message brings."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from signing_parties import AT, Believing, MemoryKey, Pair, changed, pair, private_key, protection, reply, request, rule

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.protection import Message

HEADER = "x-jws-signature"


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    """A protected header of theirs that holds, but for the changes; None leaves a member out."""
    plain = {
        "alg": "ES256",
        "kid": "us-1",
        "b64": False,
        "crit": ["b64"],
        "cty": "application/json",
        "iat": int(AT.timestamp()),
        "jti": "a-nonce-of-the-test",
        "htm": "POST",
        "htu": request().url,
    }
    return {name: value for name, value in (plain | changes).items() if value is not None}


def forged(header: dict[str, Any] | str, key: MemoryKey, *, algorithm: Algorithm = Algorithm.ES256) -> Message:
    """A message whose signature is good under `key`, whatever the header says."""
    text = header if isinstance(header, str) else json.dumps(header)
    protected = b64(text.encode())
    signature = key.sign(protected.encode() + b"." + request().content, algorithm=algorithm)
    return changed(request(), x_jws_signature=f"{protected}..{b64(signature)}")


def refused(two: Pair, message: Message, *, at: Any = AT) -> str:
    with pytest.raises(TrustError) as caught:
        two.them.verify(message, at=at)
    assert caught.value.detail_vi
    return caught.value.error_code


def test_the_forger_of_this_file_can_make_a_good_message() -> None:
    """Else its refusals would prove nothing."""
    two = pair("jws")
    two.them.verify(forged(claims(), two.our_key), at=AT)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_an_hmac_with_the_public_key_is_refused(encoding: Encoding) -> None:
    """SIG-12 (part): algorithm confusion."""
    two = pair("jws", kind="rsa2048")
    secret = two.our_key.public_key.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    protected = b64(json.dumps(claims(alg="HS256")).encode())
    mac = hmac.digest(secret, protected.encode() + b"." + request().content, hashlib.sha256)
    assert refused(two, changed(request(), x_jws_signature=f"{protected}..{b64(mac)}")) == "security.algorithm"


@pytest.mark.parametrize(
    "name", ["none", "None", "nOnE", "", "HS256", "hs256", "es256", "ES512", "RS1", None, 7, ["ES256"]]
)
def test_no_algorithm_and_those_that_are_not_listed_are_refused(name: Any) -> None:
    """SIG-12 (part)."""
    two = pair("jws")
    assert refused(two, forged(claims(alg=name), two.our_key)) == "security.algorithm"
    protected = b64(json.dumps(claims(alg=name)).encode())
    assert refused(two, changed(request(), x_jws_signature=f"{protected}..")) == "security.algorithm"


@pytest.mark.parametrize("name", ["RS256", "PS256", "ES384", "EdDSA"])
def test_a_signature_under_the_name_of_another_algorithm_is_refused(name: str) -> None:
    two = pair("jws")
    assert refused(two, forged(claims(alg=name), two.our_key)) == "security.algorithm"


def test_an_algorithm_that_the_rule_leaves_out_is_refused() -> None:
    two = pair("jws", options={"accepted": ["ES384"]})
    assert refused(two, two.us.sign(request(), at=AT)) == "security.algorithm"


def test_a_weak_rsa_key_is_refused() -> None:
    """SIG-12 (part)."""
    weak = MemoryKey("us-1", rsa.generate_private_key(public_exponent=65537, key_size=1024))
    two = pair("jws")
    two.trust_in_us.keys = {"us-1": weak.public_key}
    message = forged(claims(alg="RS256"), weak, algorithm=Algorithm.RS256)
    assert refused(two, message) == "security.algorithm"


@pytest.mark.parametrize("kid", ["nobody", "", None, 7, "us-1\n", "../us-1"])
def test_an_unknown_key_is_refused(kid: Any) -> None:
    two = pair("jws")
    assert refused(two, forged(claims(kid=kid), two.our_key)) == "security.unknown_key"


def test_the_key_of_a_partner_who_names_none_is_an_option() -> None:
    two = pair("jws", options={"default_kid": "us-1"})
    two.them.verify(forged(claims(kid=None), two.our_key), at=AT)


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u"])
def test_a_key_that_a_message_brings_is_refused(member: str) -> None:
    two, stranger = pair("jws"), MemoryKey("stranger", private_key("p256", "stranger"))
    for header in (claims(**{member: {"kty": "EC"}}), claims(kid=None, **{member: "https://evil.example/keys"})):
        assert refused(two, forged(header, stranger)) == "security.own_key"
    assert refused(two, forged(claims(**{member: "https://evil.example"}), two.our_key)) == "security.own_key"


@pytest.mark.parametrize(
    "critical",
    [["b64", "exp"], ["exp"], [], "b64", ["b64", "b64"], [1], None, ["b64", "iat", "unknown"], ["b64", "kid"]],
)
def test_what_is_critical_and_not_understood_is_refused(critical: Any) -> None:
    """RFC 7515, 4.1.11."""
    two = pair("jws")
    refused(two, forged(claims(crit=critical, exp=1), two.our_key))


def test_our_own_parameters_may_be_critical() -> None:
    two = pair("jws")
    two.them.verify(forged(claims(crit=["b64", "iat", "htu"]), two.our_key), at=AT)


@pytest.mark.parametrize("b64_says", [True, None, 0, "false"])
def test_the_body_is_never_read_as_base64_where_it_is_not(b64_says: Any) -> None:
    """RFC 7797, 3: one signature must not be good for two bodies."""
    two = pair("jws")
    header = claims(b64=b64_says, crit=None if b64_says is None else ["b64"])
    refused(two, forged(header, two.our_key))
    protected = b64(json.dumps(header).encode())
    encoded = two.our_key.sign(f"{protected}.{b64(request().content)}".encode(), algorithm=Algorithm.ES256)
    refused(two, changed(request(), x_jws_signature=f"{protected}..{b64(encoded)}"))


def test_an_unencoded_body_is_refused_where_an_encoded_one_is_agreed() -> None:
    two = pair("jws", options={"encoded": True})
    refused(two, forged(claims(), two.our_key))
    swapped = replace(forged(claims(), two.our_key), content=b64(request().content).encode())
    refused(two, swapped)


@pytest.mark.parametrize(
    "text",
    [
        '{"alg":"none","alg":"ES256",%s',
        '{%s,"alg":"HS256"}',
        '{%s,"kid":"us-1"}',
        "[]",
        '"ES256"',
        '{"alg":"ES256"',
        "",
        '{%s,"deep":' + "[" * 50 + "]" * 50 + "}",
        '{%s,"number":1e999}',
    ],
)
def test_a_header_that_two_readers_read_differently_is_refused(text: str) -> None:
    two = pair("jws")
    members = json.dumps(claims())[1:-1]
    refused(two, forged(text.replace("%s", members), two.our_key))


def test_a_header_of_endless_length_is_refused() -> None:
    two = pair("jws")
    refused(two, forged(claims(padding="x" * 20_000), two.our_key))


def test_base64_with_bits_left_over_is_refused() -> None:
    """Else one signature had several spellings."""
    two = pair("jws")
    asked = two.us.sign(request(), at=AT)
    head, _, signature = asked.headers[HEADER].split(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = signature[:-1] + last[last.index(signature[-1]) | 1]
    assert other != signature
    for text in (f"{head}..{other}", f"{head}..{signature}==", f"{head}.. {signature}", f"{head}=..{signature}"):
        refused(two, changed(asked, x_jws_signature=text))


def test_a_detached_signature_that_brings_its_own_body_is_refused() -> None:
    two = pair("jws")
    asked = two.us.sign(request(), at=AT)
    head, _, signature = asked.headers[HEADER].split(".")
    for body in (b64(request().content), b64(b"{}"), "{}"):
        refused(two, changed(asked, x_jws_signature=f"{head}.{body}.{signature}"))


def test_the_body_of_another_good_message_is_refused() -> None:
    two = pair("jws")
    first, second = two.us.sign(request(), at=AT), two.us.sign(request(b'{"other":1}'), at=AT)
    refused(two, replace(first, content=second.content))
    wrapped = pair("jws", options={"form": "compact"})
    one, other = (wrapped.us.sign(request(body), at=AT).content.split(b".") for body in (b"{}", b"[]"))
    refused(wrapped, request(b".".join([one[0], other[1], one[2]])))


@pytest.mark.parametrize(
    "change", [{"header": {"kid": "us-1"}}, {"signatures": []}, {"payload": 7}, {"signature": None}]
)
def test_a_flattened_body_has_three_members_and_no_unprotected_header(change: dict[str, Any]) -> None:
    two = pair("jws", options={"form": "flattened"})
    asked = two.us.sign(request(), at=AT)
    refused(two, replace(asked, content=json.dumps(json.loads(asked.content) | change).encode()))
    twice = asked.content.replace(b'{"payload"', b'{"payload":"e30","payload"')
    refused(two, replace(asked, content=twice))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"iat": 10**15},
        {"iat": -(10**15)},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"htm": None},
        {"htm": "post"},
        {"htu": None},
        {"htu": "/v1/citizens?lang=vi"},
        {"cty": None},
        {"hts": 200},
        {"htr": "x"},
    ],
)
def test_a_signed_message_that_does_not_say_all_is_refused(wrong: dict[str, Any]) -> None:
    two = pair("jws")
    refused(two, forged(claims(**wrong), two.our_key))


def test_what_a_partner_leaves_open_is_named_unsafe_in_the_rule() -> None:
    options = {"unsafe_unbound": True, "unsafe_no_nonce": True, "unsafe_content_type": True}
    two = pair("jws", options=options, bound=False)
    bare = forged(claims(htm=None, htu=None, jti=None, cty=None), two.our_key)
    two.them.verify(bare, at=AT)
    assert two.them.mark(bare) == two.them.mark(bare)
    assert two.them.mark(bare).digest != two.them.mark(forged(claims(jti=None, iat=1), two.our_key)).digest
    refused(two, forged(claims(htm="GET"), two.our_key))  # what it does say must hold


def test_the_mark_of_a_signature_that_was_written_in_its_other_way_is_the_same() -> None:
    """An ECDSA signature (r, s) has a twin (r, n - s): a replay must not pass for another message."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    for options in ({}, {"unsafe_no_nonce": True}):
        two = pair("jws", options=options)
        asked = forged(claims(jti=None) if options else claims(), two.our_key)
        head, _, text = asked.headers[HEADER].split(".")
        raw = base64.urlsafe_b64decode(text + "==")
        twin = raw[:32] + (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
        other = changed(asked, x_jws_signature=f"{head}..{b64(twin)}")
        two.them.verify(other, at=AT)
        assert two.them.mark(other) == two.them.mark(asked)


def test_a_reply_must_name_the_very_signature_of_its_request() -> None:
    two = pair("jws")
    asked = two.us.sign(request(), at=AT)
    answered = two.them.sign(reply(), at=AT, answers=asked)
    head, _, signature = asked.headers[HEADER].split(".")
    other = ("B" if signature[0] == "A" else "A") + signature[1:]
    with pytest.raises(TrustError) as caught:
        two.us.verify(answered, at=AT, answers=changed(asked, x_jws_signature=f"{head}..{other}"))
    assert caught.value.error_code == "security.unbound"


def certificate(key: MemoryKey, *, days: int = 30) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(AT - timedelta(days=60))
    return builder.not_valid_after(AT + timedelta(days=days)).sign(key.private, SHA256())


def brought(*certificates: x509.Certificate) -> list[str]:
    return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in certificates]


def test_a_certificate_that_a_message_brings_counts_only_by_the_trust() -> None:
    """SIG-03 (part), SIG-04 (part)."""
    two = pair("jws", options={"accept_x5c": True, "send_x5c": True})
    pinned = certificate(two.our_key)
    two.trust_in_us.pinned = [pinned]
    us = protection(
        rule("jws", options={"send_x5c": True}),
        keys=[replace(two.our_key, certificate=pinned)],
        trust=two.trust_in_them,
    )
    asked = us.sign(request(), at=AT)
    assert two.them.unsafe_certificates(asked) == [pinned]
    two.them.verify(asked, at=AT)
    two.trust_in_us.pinned = []
    assert refused(two, asked) == "security.certificate"


def test_a_certificate_that_nobody_trusts_is_refused_whatever_key_it_names() -> None:
    two, stranger = pair("jws", options={"accept_x5c": True}), MemoryKey("stranger", private_key("p256", "stranger"))
    two.trust_in_us.pinned = [certificate(two.our_key)]
    message = forged(claims(x5c=brought(certificate(stranger), *two.trust_in_us.pinned)), stranger)
    assert refused(two, message) == "security.certificate"
    expired = certificate(two.our_key, days=-1)
    two.trust_in_us.pinned = [expired]
    assert refused(two, forged(claims(x5c=brought(expired)), two.our_key)) == "security.certificate"


def test_a_certificate_is_not_looked_at_where_the_rule_does_not_take_it() -> None:
    two, stranger = pair("jws"), MemoryKey("stranger", private_key("p256", "stranger"))
    message = forged(claims(x5c=brought(certificate(stranger))), stranger)
    assert two.them.unsafe_certificates(message) == ()
    assert refused(two, message) == "security.signature"
    two.them.verify(forged(claims(x5c=["anything"]), two.our_key), at=AT)


@pytest.mark.parametrize("listed", ["text", [7], ["***"], ["AAAA"], ["AAAA"] * 9, {"0": "AAAA"}])
def test_what_is_no_list_of_certificates_is_refused(listed: Any) -> None:
    two = pair("jws", options={"accept_x5c": True})
    message = forged(claims(x5c=listed), two.our_key)
    refused(two, message)
    with pytest.raises(TrustError):
        two.them.unsafe_certificates(message)


def test_without_a_key_in_force_nothing_leaves() -> None:
    with pytest.raises(ConfigurationError):
        protection(rule("jws"), trust=Believing()).sign(request(), at=AT)
    with pytest.raises(ConfigurationError):
        pair("jws", options={"algorithm": "RS256"}).us.sign(request(), at=AT)


def test_the_key_signs_the_bytes_and_is_never_asked_for_itself() -> None:
    """As a key of an HSM would: the signing input goes in, the signature comes out."""
    two = pair("jws")
    asked = two.us.sign(request(), at=AT)
    [signed] = two.our_key.signed
    assert signed == asked.headers[HEADER].split(".")[0].encode() + b"." + request().content
