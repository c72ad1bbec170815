"""XML signatures under the gateway's own keys and trust, with an authority, its responder and its other domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from soft_hsm import ENVIRONMENT, SoftHsm, soft_hsm
from trust_house import NOW, TrustHouse
from xml_signers import Holder, rule, soap

from gateway.sdk import TrustError
from gateway.signing.keys import load_keys
from gateway.signing.model import Keys, Trust
from gateway.signing.protection import Message, Protection
from gateway.signing.settings import Domain, KeySettings, Revocation
from gateway.signing.xml import build, learn_document, sign_document, verify_document
from mocks._kit import pki

WORD = "mat-khau-thu"
DAY = timedelta(days=1)


@pytest.fixture
def house(tmp_path: Path) -> TrustHouse:
    return TrustHouse(tmp_path)


def keys(house: TrustHouse, holder: pki.Holder) -> Keys:
    path = holder.write_pkcs12(house.folder / f"{holder.certificate.serial_number}.p12", password=WORD)
    settings = KeySettings(source="pkcs12", path=path, password_env="P12")
    return load_keys({"tinh": [settings]}, environment={"P12": WORD})["tinh"]


def protection(ours: Keys, trust: Trust, scheme: str = "wsse-x509") -> Protection:
    chain = {"options": {"token": "X509PKIPathv1"}} if scheme == "wsse-x509" else {}
    return build(rule(scheme, **chain), keys={"tinh": ours}, trust={"c06": trust})


def sent(house: TrustHouse, partner: pki.Holder, scheme: str) -> Message:
    content = soap() if scheme == "wsse-x509" else Message(content="<a>Đ</a>".encode())
    key = partner.key
    assert isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey)
    # A partner may sign with what our own keys would refuse to sign with.
    signer = Holder(private=key, certificate=partner.certificate, chain=partner.chain)
    return protection(signer, house.trust(), scheme).sign(content, at=NOW)


async def verify(house: TrustHouse, message: Message, scheme: str, **changes: Any) -> None:
    """As the exchange does: what is not known of revocations is asked first."""
    trust = house.trust(**changes)
    ours = protection(keys(house, pki.self_signed("Tỉnh")), trust, scheme)
    await trust.learn(ours.unsafe_certificates(message), at=NOW)
    ours.verify(message, at=NOW)


def revoked(house: TrustHouse) -> pki.Holder:
    found = house.leaf()
    house.responder.revoke(found.certificate, at=NOW - DAY)
    return found


def without_chain(house: TrustHouse) -> pki.Holder:
    made = house.leaf()
    return pki.Holder(certificate=made.certificate, key=made.key)


WRONG: list[tuple[str, Callable[[TrustHouse], pki.Holder]]] = [
    ("certificate_expired", lambda house: house.leaf(ends=NOW - DAY)),
    ("certificate_not_yet_valid", lambda house: house.leaf(begins=NOW + DAY)),
    ("certificate_revoked", revoked),
    ("certificate_unknown_issuer", lambda house: pki.self_signed("Trung tâm dữ liệu quốc gia")),
    ("certificate_unknown_issuer", lambda house: house.other_root.issue("Trung tâm dữ liệu quốc gia")),
    ("certificate_unknown_issuer", without_chain),
    ("certificate_wrong_name", lambda house: house.issuer.issue("Người khác")),
    ("certificate_weak", lambda house: house.leaf(is_sha1=True)),
]


@pytest.mark.parametrize("scheme", ["wsse-x509", "xmldsig"])
@pytest.mark.parametrize("kind", ["p256", "p384", "rsa2048"])
async def test_the_partners_signature_is_believed(house: TrustHouse, scheme: str, kind: str) -> None:
    """SIG-04 (part), SIG-05 (part), SIG-09 (part)."""
    await verify(house, sent(house, house.leaf(key=kind), scheme), scheme)


@pytest.mark.parametrize("scheme", ["wsse-x509", "xmldsig"])
@pytest.mark.parametrize(("code", "made"), WRONG)
async def test_a_certificate_that_is_not_right_is_refused_in_words(
    house: TrustHouse, scheme: str, code: str, made: Callable[[TrustHouse], pki.Holder]
) -> None:
    """SIG-04 (part)."""
    message = sent(house, made(house), scheme)
    with pytest.raises(TrustError) as caught:
        await verify(house, message, scheme)
    assert caught.value.error_code == f"security.{code}"


@pytest.mark.parametrize("scheme", ["wsse-x509", "xmldsig"])
async def test_a_certificate_of_the_other_domain_is_refused(house: TrustHouse, scheme: str) -> None:
    """SIG-03 (part)."""
    public = house.settings(domain=Domain.PUBLIC, roots=(house.file(house.other_root.certificate),))
    message = sent(house, house.other_root.issue("Trung tâm dữ liệu quốc gia"), scheme)
    trust = house.trust(others={"public": public})
    with pytest.raises(TrustError) as caught:
        protection(keys(house, house.leaf()), trust, scheme).verify(message, at=NOW)
    assert caught.value.error_code == "security.certificate_wrong_domain"


async def test_our_own_message_sent_back_is_refused_although_its_certificate_is_genuine(house: TrustHouse) -> None:
    ours = keys(house, house.leaf())
    trust = house.trust(keys={"tinh": ours}, revocation=Revocation.REQUIRED)
    message = protection(ours, trust).sign(soap(), at=NOW)
    with pytest.raises(TrustError) as caught:
        protection(ours, trust).verify(message, at=NOW)
    assert caught.value.error_code == "security.certificate_ours"


async def test_documents_of_officers_are_believed_in_their_domain_only(house: TrustHouse) -> None:
    """SIG-03 (part), SIG-04 (part), SIG-07 (part)."""
    officer = keys(house, house.leaf()).signing(NOW)
    trust = house.trust()
    with pytest.raises(TrustError) as caught:
        sign_document(b"<a/>", officer, trust=trust, at=NOW)
    assert caught.value.error_code == "security.revocation_unknown"
    assert officer.certificate is not None
    await trust.learn([officer.certificate, *officer.chain], at=NOW)
    document = sign_document("<a>Đã ký</a>".encode(), officer, trust=trust, at=NOW)

    reader = house.trust()
    await learn_document(document, trust=reader, at=NOW)
    verify_document(document, trust=reader, at=NOW)

    official = house.settings()
    public = house.trust(
        domain=Domain.PUBLIC, roots=(house.file(house.other_root.certificate),), others={"official": official}
    )
    with pytest.raises(TrustError) as caught:
        verify_document(document, trust=public, at=NOW)
    assert caught.value.error_code == "security.certificate_wrong_domain"
    technical = house.trust(domain=Domain.TECHNICAL)
    with pytest.raises(TrustError) as caught:
        verify_document(document, trust=technical, at=NOW)
    assert caught.value.error_code == "security.certificate_wrong_domain"


@pytest.fixture
def hsm(tmp_path: Path) -> Iterator[SoftHsm]:
    folder = tmp_path / "hsm"
    folder.mkdir()
    with soft_hsm(folder) as made:
        yield made


@pytest.mark.parametrize("kind", ["rsa", "secp256r1", "secp384r1"])
async def test_a_key_in_an_hsm_signs_messages_and_documents(house: TrustHouse, hsm: SoftHsm, kind: str) -> None:
    """SIG-09 (part): the key is asked for a signature and never for itself."""
    if kind == "rsa":
        hsm.rsa("ky")
    else:
        hsm.ec("ky", curve=kind)

    def loaded(**more: Any) -> Keys:
        return load_keys({"tinh": [hsm.settings("ky", **more)]}, environment=ENVIRONMENT)["tinh"]

    made = pki.root("CA").certify("Tỉnh", loaded().signing(NOW).public_key)
    ours = loaded(certificate=house.file(made))
    partner = keys(house, house.leaf())
    believing = house.trust(roots=(), names=(), pinned=(house.file(made),), revocation=Revocation.NONE)
    for scheme, message in (("wsse-x509", soap()), ("xmldsig", Message(content="<a>Đ</a>".encode()))):
        signed = protection(ours, house.trust(), scheme).sign(message, at=NOW)
        protection(partner, believing, scheme).verify(signed, at=NOW)
    document = sign_document(b"<a/>", ours.signing(NOW), trust=believing, at=NOW)
    verify_document(document, trust=believing, at=NOW)
