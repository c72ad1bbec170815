"""JSON signatures and time stamps held against the trust that a province really has (`gateway.signing.trust`)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID
from signing_parties import OURS, THEIRS, Believing, MemoryKey, MemoryKeys, protection, request, rule
from trust_house import NAME, NOW, TrustHouse

from gateway.sdk.errors import TrustError
from gateway.signing.keys.software import SoftwareKey
from gateway.signing.model import Trust
from gateway.signing.protection import Message
from gateway.signing.settings import Domain, TrustSettings
from gateway.signing.stamps import StampReader, unsafe_certificates, verify_stamp
from gateway.signing.web import build
from mocks._kit import pki
from mocks.tsa import authority

JWS = rule("jws", options={"send_x5c": True, "accept_x5c": True})
MESSAGE = b"checkpoint"


@pytest.fixture
def house(tmp_path: Path) -> TrustHouse:
    return TrustHouse(tmp_path)


def sent(holder: pki.Holder, *, chain: bool = True, at: datetime = NOW) -> Message:
    """A request that the holder signed, with its certificates."""
    key = MemoryKey("them-1", holder.key, holder.certificate, holder.chain if chain else ())
    return protection(JWS, keys=[key], trust=Believing()).sign(request(), at=at)


def verify(trust: Trust, message: Message, *, at: datetime = NOW) -> None:
    """As the exchange does: what it brings is asked for first."""
    theirs = build(JWS, keys={OURS: MemoryKeys(())}, trust={THEIRS: trust})
    asyncio.run(trust.learn(theirs.unsafe_certificates(message), at=at))
    theirs.verify(message, at=at)


def refused(trust: Trust, message: Message, *, at: datetime = NOW) -> str:
    with pytest.raises(TrustError) as caught:
        verify(trust, message, at=at)
    assert caught.value.detail_vi
    return caught.value.error_code


def test_a_certificate_of_the_domain_with_the_allowed_name_is_believed(house: TrustHouse) -> None:
    """SIG-03 (part), SIG-04 (part)."""
    verify(house.trust(), sent(house.leaf()))


def test_a_revoked_certificate_is_refused(house: TrustHouse) -> None:
    """SIG-04 (part)."""
    holder = house.leaf()
    house.responder.revoke(holder.certificate, at=NOW - timedelta(hours=1))
    assert refused(house.trust(), sent(holder)) == "security.certificate_revoked"


WRONG: dict[str, tuple[Callable[[TrustHouse], Message], str]] = {
    "self-signed": (lambda house: sent(pki.self_signed(NAME)), "certificate_unknown_issuer"),
    "wrong domain": (lambda house: sent(house.other_root.issue(NAME)), "certificate_wrong_domain"),
    "expired": (lambda house: sent(house.leaf(ends=NOW - timedelta(days=1))), "certificate_expired"),
    "not yet": (lambda house: sent(house.leaf(begins=NOW + timedelta(days=1))), "certificate_not_yet_valid"),
    "truncated": (lambda house: sent(house.leaf(), chain=False), "certificate_unknown_issuer"),
    "another name": (lambda house: sent(house.issuer.issue("Somebody else")), "certificate_wrong_name"),
    "for encryption": (lambda house: sent(house.leaf(usage=("key_encipherment",))), "certificate_wrong_use"),
    "for stamps": (lambda house: sent(house.leaf(extended=("stamp",))), "certificate_wrong_use"),
    "SHA-1": (lambda house: sent(house.leaf(is_sha1=True)), "certificate_weak"),
    "RSA 1024": (lambda house: sent(house.leaf(key="rsa1024")), "certificate_weak"),
    "an authority": (lambda house: sent(replace(house.issuer, chain=())), "certificate_"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_certificate_that_does_not_hold_is_refused_and_the_reason_is_named(wrong: str, house: TrustHouse) -> None:
    """SIG-03 (part), SIG-04 (part), SIG-12 (part)."""
    make, code = WRONG[wrong]
    public = TrustSettings(
        domain=Domain.PUBLIC, roots=(house.file(house.other_root.certificate),), names=("Someone public",)
    )
    assert refused(house.trust(others={"public": public}), make(house)).startswith(f"security.{code}")


def test_a_good_certificate_under_another_key_is_refused(house: TrustHouse) -> None:
    """Whoever knows the partner's certificate has not the partner's key."""
    stolen = replace(house.leaf(), key=pki.new_key())
    assert refused(house.trust(), sent(stolen)) == "security.signature"


@pytest.mark.parametrize("scheme", ["jws", "http-signature"])
def test_a_pinned_certificate_is_named_by_its_key_and_its_revocation_is_asked_for(
    scheme: str, house: TrustHouse
) -> None:
    """SIG-05 (part): the message brings no certificate."""
    holder = house.leaf()
    pinned, above = house.file(holder.certificate), house.file(house.issuer.certificate)
    trust = house.trust(pinned=(pinned,), roots=(), names=(), intermediates=(above,))
    key = SoftwareKey(holder.key, certificate=holder.certificate)  # its kid is its thumbprint
    message = protection(rule(scheme), keys=[key], trust=Believing()).sign(request(), at=NOW)
    theirs = build(rule(scheme), keys={OURS: MemoryKeys(())}, trust={THEIRS: trust})
    with pytest.raises(TrustError) as caught:
        theirs.verify(message, at=NOW)
    assert caught.value.error_code == "security.revocation_unknown"
    asyncio.run(trust.learn(theirs.unsafe_certificates(message), at=NOW))
    theirs.verify(message, at=NOW)
    house.responder.revoke(holder.certificate, at=NOW - timedelta(hours=1))
    late = house.trust(pinned=(pinned,), roots=(), names=(), intermediates=(above,))
    asyncio.run(late.learn((), at=NOW))
    with pytest.raises(TrustError) as caught:
        build(rule(scheme), keys={OURS: MemoryKeys(())}, trust={THEIRS: late}).verify(message, at=NOW)
    assert caught.value.error_code == "security.certificate_revoked"


def stamped(house: TrustHouse, *, name: str = NAME, at: datetime = NOW) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = house.root
    plain = issuer.issue(name, pki.Wanted(), key=key).certificate
    builder = x509.CertificateBuilder().subject_name(plain.subject).issuer_name(plain.issuer)
    builder = builder.public_key(key.public_key()).serial_number(plain.serial_number)
    builder = builder.not_valid_before(plain.not_valid_before_utc).not_valid_after(plain.not_valid_after_utc)
    for one in plain.extensions:
        builder = builder.add_extension(one.value, critical=one.critical)
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    certificate = builder.add_extension(purpose, critical=True).sign(issuer.key, SHA256())  # type: ignore[arg-type]  # P-256
    asked = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(MESSAGE).digest(),
            },
        }
    )
    reply = authority.granted(asked, authority.Holder(key, certificate), serial=1, at=at)
    return bytes(tsp.TimeStampResp.load(reply)["time_stamp_token"].dump())


def test_a_stamp_is_held_against_the_same_trust(house: TrustHouse) -> None:
    """SIG-03 (part), SIG-05 (part): its certificate is for stamps, and for nothing else."""
    token = stamped(house)
    [signer] = [house.file(_signer(token))]
    trust = house.trust(pinned=(signer,), roots=(), names=(), revocation="none")
    assert verify_stamp(token, message=MESSAGE, trust=trust, at=NOW) == NOW
    assert StampReader(trust, clock=lambda: NOW + timedelta(days=9_000)).verify(token, MESSAGE) == NOW
    with pytest.raises(TrustError) as caught:
        trust.check(_signer(token), (), at=NOW)
    assert caught.value.error_code == "security.certificate_wrong_use"


def test_a_stamp_of_another_name_or_authority_is_refused(house: TrustHouse) -> None:
    token = stamped(house, name="Another authority")
    with pytest.raises(TrustError) as caught:
        verify_stamp(token, message=MESSAGE, trust=house.trust(), at=NOW)
    assert caught.value.error_code == "security.certificate_wrong_name"
    stranger = TrustHouse(house.folder)
    with pytest.raises(TrustError) as caught:
        verify_stamp(stamped(stranger), message=MESSAGE, trust=house.trust(), at=NOW)
    assert caught.value.error_code == "security.certificate_unknown_issuer"


def _signer(token: bytes) -> x509.Certificate:
    return unsafe_certificates(token)[0]
