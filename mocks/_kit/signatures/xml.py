"""WS-Security with X.509 tokens as a partner of the gateway makes and checks it. Other code than the gateway's, which
has its own writer and xmlsec: here lxml makes the canonical form and `cryptography` does the rest, both ways.

Which headers a national system signs is in no public document: MOCK-SIGNATURES, Timestamp and Body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from mocks._kit.clock import Clock, utc_now
from mocks._kit.signatures import NotSigned, Said

Private = RSAPrivateKey | ec.EllipticCurvePrivateKey
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_PROFILE = f"{_OASIS}x509-token-profile-1.0#X509v3"
NAMES = {
    "o": f"{_OASIS}wssecurity-secext-1.0.xsd",
    "u": f"{_OASIS}wssecurity-utility-1.0.xsd",
    "o11": "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd",
    "d": "http://www.w3.org/2000/09/xmldsig#",
}
_EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_ID = f"{{{NAMES['u']}}}Id"


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A key and its certificate."""

    key: Private
    certificate: x509.Certificate


def sign_soap(envelope: bytes, signer: Signer, *, at: datetime, confirms: bytes | None = None) -> bytes:
    """The envelope with a Security header; `confirms`: SignatureValue of the request that it answers."""
    root = etree.fromstring(envelope)
    space = etree.QName(root).namespace
    header, body = root.find(f"{{{space}}}Header"), root.find(f"{{{space}}}Body")
    if body is None:
        raise NotSigned("there is no Body to sign")
    if header is None:
        header = etree.Element(f"{{{space}}}Header")
        root.insert(0, header)
    security = etree.fromstring(_security(signer, at=at, confirms=confirms))
    header.append(security)
    body.set(_ID, f"B{secrets.token_hex(6)}")
    signed = [body, *_all(security, "u:Timestamp|o11:SignatureConfirmation")]
    info = etree.fromstring(_info(signed, signer.key))
    value = base64.b64encode(_made(signer.key, _canonical(info))).decode()
    text = (
        f'<d:Signature xmlns:d="{NAMES["d"]}"><d:SignatureValue>{value}</d:SignatureValue><d:KeyInfo>'
        f'<o:SecurityTokenReference xmlns:o="{NAMES["o"]}"><o:Reference URI="#T" ValueType="{_PROFILE}"/>'
        "</o:SecurityTokenReference></d:KeyInfo></d:Signature>"
    )
    signature = etree.fromstring(text)
    signature.insert(0, info)
    security.append(signature)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def verify_soap(
    envelope: bytes, certificate: x509.Certificate, *, at: datetime, fresh_s: float = 300.0
) -> bytes | None:
    """`NotSigned` unless the holder of this certificate signed the one Body and the one Timestamp, which is fresh.
    What the message confirms: the SignatureValue of a request, or None."""
    try:
        return _verified(etree.fromstring(envelope, _parser()), certificate, at=at, fresh_s=fresh_s)
    except (etree.LxmlError, InvalidSignature, binascii.Error, ValueError, TypeError, AttributeError) as exc:
        raise NotSigned("the WS-Security signature does not hold") from exc


def signature_value(envelope: bytes) -> bytes:
    """What an answer must confirm."""
    root = etree.fromstring(envelope, _parser())
    return base64.b64decode(_one(root, "*/o:Security/d:Signature/d:SignatureValue").text or "")


def without_security(envelope: bytes) -> bytes:
    root = etree.fromstring(envelope, _parser())
    security = _one(root, "*/o:Security")
    parent = security.getparent()
    assert parent is not None
    parent.remove(security)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _verified(root: etree._Element, certificate: x509.Certificate, *, at: datetime, fresh_s: float) -> bytes | None:
    security = _one(root, "*/o:Security")
    token = base64.b64decode(_one(security, "o:BinarySecurityToken").text or "")
    if token != certificate.public_bytes(Encoding.DER):
        raise NotSigned("somebody else's certificate")
    info = _one(security, "d:Signature/d:SignedInfo")
    value = base64.b64decode(_one(security, "d:Signature/d:SignatureValue").text or "")
    _check(certificate, _canonical(info), value, method=_one(info, "d:SignatureMethod").get("Algorithm", ""))
    signed = [_referred(root, reference) for reference in info.findall("d:Reference", NAMES)]
    body, stamp = _one(root, "*[local-name()='Body']"), _one(security, "u:Timestamp")
    confirmed = _all(security, "o11:SignatureConfirmation")
    if not all(any(part is needed for part in signed) for needed in (body, stamp, *confirmed)):
        raise NotSigned("something else was signed")
    created = datetime.fromisoformat(_one(stamp, "u:Created").text or "")
    if abs(at - created) > timedelta(seconds=fresh_s):
        raise NotSigned("too old, or of the future")
    return base64.b64decode(confirmed[0].get("Value", "")) if confirmed else None


def _referred(root: etree._Element, reference: etree._Element) -> etree._Element:
    """The element, whose digest fits."""
    steps = [step.get("Algorithm") for step in reference.iterfind("d:Transforms/d:Transform", NAMES)]
    method = _one(reference, "d:DigestMethod").get("Algorithm")
    if steps != [_EXC] or method != _SHA256:
        raise NotSigned("MOCK-SIGNATURES: exclusive c14n and SHA-256 only")
    name = (reference.get("URI") or "").removeprefix("#")
    found = [part for part in root.iter() if name in (part.get(_ID), part.get("Id"))]
    digest = base64.b64decode(_one(reference, "d:DigestValue").text or "")
    if len(found) != 1 or hashlib.sha256(_canonical(found[0])).digest() != digest:
        raise NotSigned("a digest does not fit")
    return found[0]


def _security(signer: Signer, *, at: datetime, confirms: bytes | None) -> str:
    der = base64.b64encode(signer.certificate.public_bytes(Encoding.DER)).decode()
    confirmed = ""
    if confirms is not None:
        value = base64.b64encode(confirms).decode()
        confirmed = f'<c:SignatureConfirmation xmlns:c="{NAMES["o11"]}" u:Id="C" Value="{value}"/>'
    return (
        f'<o:Security xmlns:o="{NAMES["o"]}" xmlns:u="{NAMES["u"]}"><u:Timestamp u:Id="S">'
        f"<u:Created>{_moment(at)}</u:Created><u:Expires>{_moment(at + timedelta(minutes=5))}</u:Expires></u:Timestamp>"
        f'<o:BinarySecurityToken u:Id="T" EncodingType="{_OASIS}soap-message-security-1.0#Base64Binary" '
        f'ValueType="{_PROFILE}">{der}</o:BinarySecurityToken>{confirmed}</o:Security>'
    )


def _info(signed: list[etree._Element], key: Private) -> str:
    method = "rsa-sha256" if isinstance(key, RSAPrivateKey) else f"ecdsa-sha{_bits(key)}"
    references = "".join(
        f'<d:Reference URI="#{part.get(_ID)}"><d:Transforms><d:Transform Algorithm="{_EXC}"/></d:Transforms>'
        f'<d:DigestMethod Algorithm="{_SHA256}"/><d:DigestValue>'
        f"{base64.b64encode(hashlib.sha256(_canonical(part)).digest()).decode()}</d:DigestValue></d:Reference>"
        for part in signed
    )
    return (
        f'<d:SignedInfo xmlns:d="{NAMES["d"]}"><d:CanonicalizationMethod Algorithm="{_EXC}"/>'
        f'<d:SignatureMethod Algorithm="{_MORE}{method}"/>{references}</d:SignedInfo>'
    )


def _made(key: Private, message: bytes) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    size = (key.key_size + 7) // 8
    numbers = decode_dss_signature(key.sign(message, ec.ECDSA(_hash(key))))
    return b"".join(number.to_bytes(size, "big") for number in numbers)


def _check(certificate: x509.Certificate, message: bytes, value: bytes, *, method: str) -> None:
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey) and method == f"{_MORE}rsa-sha256":
        key.verify(value, message, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePublicKey) and method == f"{_MORE}ecdsa-sha{_bits(key)}":
        half = len(value) // 2
        pair = encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
        key.verify(pair, message, ec.ECDSA(_hash(key)))
    else:
        raise NotSigned("MOCK-SIGNATURES: the algorithm does not fit the key")


def _hash(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> hashes.HashAlgorithm:
    return hashes.SHA256() if _bits(key) == 256 else hashes.SHA384()


def _bits(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> int:
    return 256 if key.curve.name == "secp256r1" else 384


def _canonical(element: etree._Element) -> bytes:
    return bytes(etree.tostring(element, method="c14n", exclusive=True))


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _one(element: etree._Element, path: str) -> etree._Element:
    found = _all(element, path)
    if len(found) != 1:
        raise NotSigned(f"there is not exactly one {path}")
    return found[0]


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    return cast(list[etree._Element], element.xpath(path, namespaces=NAMES))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


@dataclass(frozen=True, kw_only=True)
class SoapWitness:
    """Implements `Witness`: WS-Security. `theirs`: the province's certificate."""

    signer: Signer
    theirs: x509.Certificate
    clock: Clock = utc_now

    def check(self, request: Said) -> Said:
        if verify_soap(request.content, self.theirs, at=self.clock()) is not None:
            raise NotSigned("an answer, not a request")
        return replace(request, content=without_security(request.content))

    def sign(self, answer: Said, request: Said) -> Said:
        confirms = signature_value(request.content)
        return replace(answer, content=sign_soap(answer.content, self.signer, at=self.clock(), confirms=confirms))
