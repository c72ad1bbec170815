"""The mocks' own WS-Security and the gateway's agree, and neither believes what the other would not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from xml_signers import AT, holder, rule, soap, trust_in

from gateway.sdk import TrustError
from gateway.signing.protection import Message
from gateway.signing.xml import WssX509
from mocks._kit.signatures import NotSigned, Said
from mocks._kit.signatures.xml import Signer, SoapWitness, sign_soap, signature_value, verify_soap


def parties(kind: str = "rsa-2048") -> tuple[WssX509, SoapWitness]:
    ours, theirs = holder("tinh"), holder(f"mock {kind}", kind)
    signer = Signer(key=theirs.private, certificate=theirs.own)
    witness = SoapWitness(signer=signer, theirs=ours.own, clock=lambda: AT)
    return WssX509(ours, trust_in(theirs), rule()), witness


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("kind", ["rsa-2048", "p-256", "p-384"])
def test_a_mock_and_the_gateway_exchange_signed_messages(kind: str, version: str) -> None:
    """SIG-09 (part)."""
    gateway, witness = parties(kind)
    asked = gateway.sign(soap(version=version), at=AT)
    request = Said(headers={}, content=asked.content, method="POST")
    told = witness.check(request)
    assert b"Security" not in told.content
    assert "Nguyễn Thị Ánh Tuyết".encode() in told.content
    answer = Message(content=witness.sign(Said(headers={}, content=told.content, status=200), request).content)
    gateway.verify(answer, at=AT, answers=asked)
    with pytest.raises(TrustError, match="does not name the request"):
        gateway.verify(answer, at=AT, answers=gateway.sign(soap(version=version), at=AT))


def test_the_mock_checks_what_the_gateway_confirms() -> None:
    gateway, witness = parties()
    asked = sign_soap(soap().content, witness.signer, at=AT)
    gateway.verify(Message(content=asked), at=AT)
    answer = gateway.sign(soap(), at=AT, answers=Message(content=asked))
    assert verify_soap(answer.content, witness.theirs, at=AT) == signature_value(asked)
    with pytest.raises(NotSigned, match="not a request"):
        witness.check(Said(headers={}, content=answer.content))


def test_the_mock_refuses_what_is_not_signed_changed_old_or_of_somebody_else() -> None:
    gateway, witness = parties()
    signed = gateway.sign(soap(), at=AT).content
    stranger = WssX509(holder("ke-la"), trust_in(holder("tinh")), rule()).sign(soap(), at=AT).content
    for content in (
        b"<a",
        soap().content,
        signed.replace(b"099001000001", b"099001000002"),
        signed.replace(b"08:00:00.000Z", b"08:00:01.000Z"),
        signed.replace(b"xmldsig-more#rsa-sha256", b"xmldsig-more#hmac-sha256"),
        gateway.sign(soap(), at=AT - timedelta(seconds=301)).content,
        stranger,
    ):
        with pytest.raises(NotSigned):
            witness.check(Said(headers={}, content=content))
