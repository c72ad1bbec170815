"""Signed SOAP exchanges with stacks of other makers, both ways: Apache WSS4J on Java, and xmlsec1. They come
from Debian, see `deploy/tools.sh`."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from lxml import etree
from xml_signers import Holder, certify, private_key, rule, soap, trust_in

from gateway.sdk import TrustError
from gateway.signing.protection import Message
from gateway.signing.settings import Domain
from gateway.signing.xml import WssX509, XmlDsig, sign_document

JARS = "/usr/share/java"
CLASSES = ":".join(f"{JARS}/{name}.jar" for name in ("wss4j", "xmlsec", "commons-logging", "slf4j-api", "slf4j-nop"))
JAVA = Path(__file__).parents[1] / "soap_clients" / "WithWss4j.java"
WORD = "mat-khau-thu"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
NOW = datetime.now(UTC)


def now() -> datetime:
    """WSS4J reads the clock itself, and the tests before these take minutes."""
    return datetime.now(UTC)


def _holder(name: str, kind: str = "rsa-2048", *, by: Holder | None = None, is_ca: bool = False) -> Holder:
    key = private_key(kind, f"interop {name}")
    chain = (by.own, *by.chain) if by and by.own.issuer != by.own.subject else ()
    return Holder(private=key, certificate=certify(name, key, by=by, is_ca=is_ca, around=NOW), chain=chain)


PROVINCE, PARTNER, CURVED = _holder("tinh"), _holder("csdlqg"), _holder("tinh p-256", "p-256")
ROOT = _holder("CA gốc", is_ca=True)
CHAINED = _holder("tinh có CA", by=_holder("CA con", by=ROOT, is_ca=True))
BELIEVED = (PROVINCE.own, CURVED.own, ROOT.own)
OURS = WssX509(PROVINCE, trust_in(PARTNER), rule())


def run(command: Sequence[str], given: bytes = b"") -> bytes:
    done = subprocess.run(command, input=given, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture
def wss4j(tmp_path: Path) -> Callable[..., bytes]:
    """Runs the Java program; the partner's key store signs, and it believes the province."""

    def call(mode: str, content: bytes, *more: str) -> bytes:
        store = tmp_path / f"{mode}.p12"
        if mode == "sign":
            made = pkcs12.serialize_key_and_certificates(
                b"csdlqg", PARTNER.private, PARTNER.certificate, None, BestAvailableEncryption(WORD.encode())
            )
        else:
            made = pkcs12.serialize_java_truststore(
                [pkcs12.PKCS12Certificate(one, None) for one in BELIEVED], BestAvailableEncryption(WORD.encode())
            )
        store.write_bytes(made)
        command = ["java", "-XX:TieredStopAtLevel=1", "-cp", CLASSES, str(JAVA), mode, str(store), WORD]
        if mode == "verify":
            return run(command, content)
        signed = tmp_path / "signed-by-java.xml"
        run([*command, str(signed), *more], content)
        return signed.read_bytes()

    return call


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_an_exchange_with_wss4j_verifies_both_ways(wss4j: Callable[..., bytes], version: str) -> None:
    """SIG-09 (part)."""
    asked = OURS.sign(soap(version=version), at=now())
    assert set(wss4j("verify", asked.content).decode().split()) == {"Body", "Timestamp"}
    value = "".join((etree.fromstring(asked.content).findtext(f".//{{{DS}}}SignatureValue") or "").split())
    answer = Message(content=wss4j("sign", soap(version=version).content, value))
    OURS.verify(answer, at=datetime.now(UTC), answers=asked)
    assert "Nguyễn Thị Ánh Tuyết".encode() in OURS.reveal(answer).content
    other = OURS.sign(soap(version=version), at=now())
    with pytest.raises(TrustError) as refused:
        OURS.verify(answer, at=datetime.now(UTC), answers=other)
    assert refused.value.error_code == "security.unbound"


def test_wss4j_verifies_an_elliptic_curve_and_a_whole_chain(wss4j: Callable[..., bytes]) -> None:
    for signer, options in ((CURVED, {}), (CHAINED, {"token": "X509PKIPathv1"})):
        ours = WssX509(signer, trust_in(PARTNER), rule(options=options))
        told = wss4j("verify", ours.sign(soap(), at=now()).content)
        assert set(told.decode().split()) == {"Body", "Timestamp"}
    short = WssX509(CHAINED, trust_in(PARTNER), rule()).sign(soap(), at=now())
    with pytest.raises(AssertionError, match="WSSecurityException"):
        wss4j("verify", short.content)


def test_wss4j_finds_our_answer_bound_to_its_request(wss4j: Callable[..., bytes]) -> None:
    asked = Message(content=wss4j("sign", soap().content))
    OURS.verify(asked, at=datetime.now(UTC))
    answer = OURS.sign(soap(), at=now(), answers=asked)
    told = wss4j("verify", answer.content).decode().splitlines()
    value = "".join((etree.fromstring(asked.content).findtext(f".//{{{DS}}}SignatureValue") or "").split())
    assert sorted(told) == ["Body", "SignatureConfirmation", "Timestamp", f"confirms {value}"]


def test_wss4j_refuses_what_was_changed_and_so_do_we(wss4j: Callable[..., bytes]) -> None:
    changed = OURS.sign(soap(), at=now()).content.replace(b"099001000001", b"099001000002")
    with pytest.raises(AssertionError, match="WSSecurityException"):
        wss4j("verify", changed)
    theirs = wss4j("sign", soap().content).replace(b"099001000001", b"099001000002")
    with pytest.raises(TrustError):
        OURS.verify(Message(content=theirs), at=datetime.now(UTC))


IDS = [
    part
    for name in (
        f"{WSU}:Timestamp",
        "http://schemas.xmlsoap.org/soap/envelope/:Body",
        "http://www.w3.org/2003/05/soap-envelope:Body",
    )
    for part in ("--id-attr:Id", name)
]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_xmlsec1_verifies_what_we_sign(tmp_path: Path, version: str) -> None:
    signed, certificate = tmp_path / "signed.xml", tmp_path / "tinh.pem"
    signed.write_bytes(OURS.sign(soap(version=version), at=now()).content)
    certificate.write_bytes(PROVINCE.own.public_bytes(Encoding.PEM))
    command = ["xmlsec1", "--verify", *IDS, "--pubkey-cert-pem", str(certificate), str(signed)]
    run(command)
    signed.write_bytes(signed.read_bytes().replace(b"099001000001", b"099001000002"))
    with pytest.raises(AssertionError, match="FAIL"):
        run(command)


def test_xmlsec1_verifies_enveloped_signatures_and_documents(tmp_path: Path) -> None:
    message = Message(content="<a><b>Đã ký</b></a>".encode())
    enveloped = XmlDsig(PROVINCE, trust_in(PARTNER), rule("xmldsig")).sign(message, at=now()).content
    official = trust_in(PROVINCE, domain=Domain.OFFICIAL)
    document = sign_document(message.content, PROVINCE, trust=official, at=now())
    signed, certificate = tmp_path / "signed.xml", tmp_path / "tinh.pem"
    certificate.write_bytes(PROVINCE.own.public_bytes(Encoding.PEM))
    ids = [f"{DS}:SignatureProperties", f"{DS}:KeyInfo", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"]
    named = [part for name in ids for part in ("--id-attr:Id", name)]
    command = ["xmlsec1", "--verify", *named, "--pubkey-cert-pem", str(certificate), str(signed)]
    for content in (enveloped, document):
        signed.write_bytes(content)
        run(command)
        signed.write_bytes(content.replace("Đã".encode(), b"Da"))
        with pytest.raises(AssertionError, match="FAIL"):
            run(command)


def test_we_verify_what_xmlsec1_signs(tmp_path: Path) -> None:
    template, key, signed = tmp_path / "template.xml", tmp_path / "key.pem", tmp_path / "signed.xml"
    template.write_text(_template(), encoding="utf-8")
    key.write_bytes(PARTNER.pem)
    run(["xmlsec1", "--sign", *IDS, "--privkey-pem", str(key), "--output", str(signed), str(template)])
    message = Message(content=signed.read_bytes())
    OURS.verify(message, at=now())
    assert "Nguyễn Thị Ánh Tuyết".encode() in OURS.reveal(message).content
    with pytest.raises(TrustError):
        OURS.verify(Message(content=message.content.replace("Ánh".encode(), b"Anh")), at=now())


def _template() -> str:
    """Written by hand, with other prefixes and another order than ours."""
    der = base64.b64encode(PARTNER.own.public_bytes(Encoding.DER)).decode()
    profile = WSSE.removesuffix("wssecurity-secext-1.0.xsd")
    reference = (
        f'<Reference URI="#{{}}"><Transforms><Transform Algorithm="{EXC}"/></Transforms>'
        '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference>'
    )
    security = (
        f'<o:Security xmlns:o="{WSSE}" xmlns:u="{WSU}">'
        f'<u:Timestamp u:Id="thoi-diem"><u:Created>{now():%FT%TZ}</u:Created>'
        f'</u:Timestamp><o:BinarySecurityToken u:Id="the" ValueType="{profile}x509-token-profile-1.0#X509v3">{der}'
        f'</o:BinarySecurityToken><Signature xmlns="{DS}"><SignedInfo><CanonicalizationMethod Algorithm="{EXC}"/>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f"{reference.format('noi-dung')}{reference.format('thoi-diem')}</SignedInfo><SignatureValue/><KeyInfo>"
        '<o:SecurityTokenReference><o:Reference URI="#the"/></o:SecurityTokenReference></KeyInfo></Signature>'
        "</o:Security>"
    )
    text = soap(header=security, declared=f' xmlns:u="{WSU}"').content.decode()
    return text.replace("<s:Body>", '<s:Body u:Id="noi-dung">')
