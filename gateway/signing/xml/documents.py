"""Signed XML documents: XAdES baseline B and T (ETSI EN 319 132-1), enveloped. A document is signed by an officer or an
agency, of the official or the public domain, never by the account of a machine (SIG-07).

Written on the same code as messages, not with signxml: that takes the time from the clock and the key as bytes, which
an HSM does not give. The tests let signxml read what is written here, and the other way round.

One signature per document: parallel ones need XPath, which is not accepted.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from gateway.signing.model import SigningKey, Trust
from gateway.signing.settings import Domain
from gateway.signing.stamps import Stamper, unsafe_certificates, verify_stamp
from gateway.signing.xml.names import DIGESTS, EXC_C14N, SHA256, SIGNED_PROPERTIES, XADES, ds, xades
from gateway.signing.xml.proof import prove_by_library
from gateway.signing.xml.reading import DOCUMENTS, Signature, read_signature
from gateway.signing.xml.times import read_moment, written_moment
from gateway.signing.xml.tokens import Brought, add_x509_data, own_certificate, read_x509_data
from gateway.signing.xml.tree import Element, canonical, child, indexed, octets, only, parsed, refuse, text64, written
from gateway.signing.xml.writing import Part, complete, fresh_id, new_signature

etree.register_namespace("xades", XADES)
AHEAD = timedelta(minutes=5)
"""How far a signer's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules that a signature claims to follow. `digest`: SHA-256 of their text."""

    id: str
    digest: bytes


def sign_document(
    document: bytes, key: SigningKey, *, trust: Trust, at: datetime, policy: Policy | None = None
) -> bytes:
    """The document with a signature as the root's last child. The signer's certificate is held against its domain
    first (NĐ 68/2024, Điều 29): `trust` holds the roots of that domain, and was loaded without our own keys, which a
    partner's trust refuses. `TrustError`: that certificate signs no document, or the document is not sound XML."""
    certificate = own_certificate(key)
    _check_domain(trust)
    trust.check(certificate, key.chain, at=at)
    root = parsed(document)
    if next(root.iter(ds("Signature")), None) is not None:
        refuse("The document is signed already.", vi="Văn bản đã có chữ ký.")
    signature, reference = new_signature(), fresh_id("REF")
    key_info = add_x509_data(signature, key, id=fresh_id("KI"))
    signed = _add_properties(signature, certificate.public_bytes(Encoding.DER), at=at, reference=reference)
    if policy is not None:
        _add_policy(signed[0], policy)
    parts = [
        Part(element=root, id="", enveloped=True, reference=reference),
        Part(element=signed, id=signed.get("Id", ""), type=SIGNED_PROPERTIES),
        Part(element=key_info, id=key_info.get("Id", "")),
    ]
    complete(signature, parts, key=key)
    root.append(signature)
    return written(root)


async def stamp_document(document: bytes, stamper: Stamper) -> bytes:
    """The document with a time stamp of its signature (XAdES-T). Raises as `Stamper.stamp` does."""
    root = parsed(document)
    signature, properties = _read(root)
    token = await stamper.stamp(_stamped(signature))
    qualifying = properties.getparent()
    assert qualifying is not None
    unsigned = child(child(qualifying, xades("UnsignedProperties")), xades("UnsignedSignatureProperties"))
    place = child(unsigned, xades("SignatureTimeStamp"))
    child(place, ds("CanonicalizationMethod"), Algorithm=EXC_C14N)
    child(place, xades("EncapsulatedTimeStamp"), text64(token))
    return written(root)


async def learn_document(document: bytes, *, trust: Trust, at: datetime, stamps: Trust | None = None) -> None:
    """Ask about the revocation of all certificates that the document brings, before `verify_document`. `TrustError`:
    it is no signed document."""
    signature, _ = _read(parsed(document))
    token = _token(signature)
    if token and stamps is not None:
        await stamps.learn(unsafe_certificates(token), at=at)
    signer = read_x509_data(signature.key_info)
    await trust.learn([signer.certificate, *signer.chain], at=_proven(signature, at=at, stamps=stamps))


def verify_document(document: bytes, *, trust: Trust, at: datetime, stamps: Trust | None = None) -> None:
    """`TrustError` unless a holder whom `trust` believes signed this document. `stamps`: whose time stamps are
    believed; a stamped signature is judged by the time of its stamp, and stays good after its certificate (SIG-06)."""
    _check_domain(trust)
    signature, properties = _read(parsed(document))
    signer = read_x509_data(signature.key_info)
    proven = _proven(signature, at=at, stamps=stamps)
    _check_properties(properties, signer, at=proven)
    prove_by_library(signature, signer.certificate)
    trust.check(signer.certificate, signer.chain, at=proven)


def _check_domain(trust: Trust) -> None:
    if trust.domain is Domain.TECHNICAL:
        refuse(
            "A technical certificate signs no document; an officer's or an agency's does.",
            vi="Chứng thư kỹ thuật không ký văn bản; phải là chứng thư của cán bộ hoặc cơ quan.",
            what="certificate_wrong_domain",
        )


def _add_properties(signature: Element, certificate: bytes, *, at: datetime, reference: str) -> Element:
    qualifying = child(child(signature, ds("Object")), xades("QualifyingProperties"), Target=f"#{signature.get('Id')}")
    signed = child(qualifying, xades("SignedProperties"), Id=fresh_id("XP"))
    about = child(signed, xades("SignedSignatureProperties"))
    child(about, xades("SigningTime"), written_moment(at))
    digest = child(child(child(about, xades("SigningCertificateV2")), xades("Cert")), xades("CertDigest"))
    _add_digest(digest, hashlib.sha256(certificate).digest())
    form = child(child(signed, xades("SignedDataObjectProperties")), xades("DataObjectFormat"))
    form.set("ObjectReference", f"#{reference}")
    child(form, xades("MimeType"), "text/xml")
    return signed


def _add_policy(about: Element, policy: Policy) -> None:
    named = child(child(about, xades("SignaturePolicyIdentifier")), xades("SignaturePolicyId"))
    child(child(named, xades("SigPolicyId")), xades("Identifier"), policy.id)
    _add_digest(child(named, xades("SigPolicyHash")), policy.digest)


def _add_digest(parent: Element, digest: bytes) -> None:
    child(parent, ds("DigestMethod"), Algorithm=SHA256)
    child(parent, ds("DigestValue"), text64(digest))


def _read(root: Element) -> tuple[Signature, Element]:
    """The one signature, and its SignedProperties; it signs the whole document, those, perhaps its KeyInfo, and
    nothing else."""
    index = indexed(root)
    signature = read_signature(
        only(root, ds("Signature"), inside=root, what="ds:Signature"), index, root=root, forms=DOCUMENTS
    )
    path = f"{ds('Object')}/{xades('QualifyingProperties')}/{xades('SignedProperties')}"
    found = signature.element.findall(path)
    if len(found) != 1 or len(list(root.iter(xades("SignedProperties")))) != 1 or not signature.signs(found[0]):
        refuse("The signature has no signed properties of its own.", vi="Chữ ký không có thuộc tính được ký.")
    enveloped = [part.element for part in signature.references if part.enveloped]
    rest = [part.element for part in signature.references if not part.enveloped]
    if enveloped != [root] or any(part is not found[0] and part is not signature.key_info for part in rest):
        refuse("What was signed is not this document.", vi="Phần đã ký không phải là văn bản này.")
    return signature, found[0]


def _check_properties(properties: Element, signer: Brought, *, at: datetime) -> None:
    about = properties.find(xades("SignedSignatureProperties"))
    if about is None:
        refuse("The signature has no signed properties of its own.", vi="Chữ ký không có thuộc tính được ký.")
    if read_moment(about.findtext(xades("SigningTime"))) > at + AHEAD:
        refuse("The document was signed in the future.", vi="Thời điểm ký ở tương lai.", what="stale")
    named = about.findall(f"{xades('SigningCertificateV2')}/{xades('Cert')}/{xades('CertDigest')}")
    named += about.findall(f"{xades('SigningCertificate')}/{xades('Cert')}/{xades('CertDigest')}")
    method = None if not named else named[0].find(ds("DigestMethod"))
    name = DIGESTS.get(method.get("Algorithm", "")) if method is not None else None
    if name is None:
        refuse("The signature does not name its certificate.", vi="Chữ ký không chỉ rõ chứng thư số.")
    der = signer.certificate.public_bytes(Encoding.DER)
    if not hmac.compare_digest(hashlib.new(name, der).digest(), octets(named[0].find(ds("DigestValue")))):
        refuse("The signature names another certificate.", vi="Chữ ký chỉ tới chứng thư số khác.")


def _proven(signature: Signature, *, at: datetime, stamps: Trust | None) -> datetime:
    """When the signature is proven to have been there: at its stamp, else now."""
    token = _token(signature)
    if not token or stamps is None:
        return at
    return verify_stamp(token, message=_stamped(signature), trust=stamps, at=at)


def _token(signature: Signature) -> bytes:
    """Empty when the signature has no time stamp of the form that is written here."""
    path = f"{ds('Object')}/{xades('QualifyingProperties')}//{xades('SignatureTimeStamp')}"
    found = signature.element.findall(path)
    if not found:
        return b""
    method = found[0].find(ds("CanonicalizationMethod"))
    if len(found) > 1 or method is None or method.get("Algorithm") != EXC_C14N:
        refuse("The form of the time stamp is not accepted.", vi="Dạng dấu thời gian không được chấp nhận.")
    return octets(found[0].find(xades("EncapsulatedTimeStamp")))


def _stamped(signature: Signature) -> bytes:
    """What a stamp is of: the SignatureValue element, canonical (EN 319 132-1, 5.3)."""
    return canonical(signature.element[1])
