"""Signed XML documents (XAdES): who may sign, what is signed, and what a time stamp keeps alive."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest
from cryptography import x509
from lxml import etree
from signxml import DigestAlgorithm
from signxml.xades import XAdESSignatureConfiguration, XAdESSigner, XAdESVerifier
from xml_signers import AT, Roots, authority, holder, issued, trust_in

from gateway.sdk import TrustError, WireReply, WireRequest
from gateway.signing.settings import Domain
from gateway.signing.stamps import Stamper
from gateway.signing.xml import Policy, learn_document, sign_document, stamp_document, verify_document
from mocks.tsa.app import ROOT, STAMP, create_app

OFFICIAL, PUBLIC = authority("CA chuyên dùng công vụ"), authority("CA công cộng")
OFFICER = issued("Nguyễn Văn Đức", by=OFFICIAL)
TEXT = (
    '<g:GiayXacNhan xmlns:g="urn:vn:gxn"><g:So>12/GXN</g:So><g:NoiDung>Đã cư trú</g:NoiDung></g:GiayXacNhan>'.encode()
)
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


def official() -> Roots:
    return trust_in(OFFICIAL, domain=Domain.OFFICIAL)


def signed(**more: object) -> bytes:
    return sign_document(TEXT, OFFICER, trust=official(), at=AT, **more)  # type: ignore[arg-type]  # only `policy`


def refused(document: bytes, *, trust: Roots | None = None, at: datetime = AT) -> str:
    with pytest.raises(TrustError) as caught:
        verify_document(document, trust=trust or official(), at=at)
    return caught.value.error_code


def test_a_document_is_signed_by_an_officer_and_verifies() -> None:
    """SIG-03 (part), SIG-08 (part)."""
    document = signed()
    verify_document(document, trust=official(), at=AT)
    properties = etree.fromstring(document).find(f".//{XADES}SignedSignatureProperties")
    assert properties is not None
    assert properties.findtext(f"{XADES}SigningTime") == "2027-03-01T08:00:00.000Z"
    assert properties.find(f"{XADES}SigningCertificateV2") is not None


def test_another_library_reads_the_document_and_we_read_its() -> None:
    """signxml is the witness: it shares no code with xmlsec and none with us."""
    policy = Policy(id="urn:oid:1.2.3", digest=hashlib.sha256(b"quy che").digest())
    config = XAdESSignatureConfiguration(verification_time=AT)
    results = XAdESVerifier().verify(signed(policy=policy), x509_cert=OFFICER.own, expect_config=config)
    assert len(results) == 3
    for digest in (DigestAlgorithm.SHA256, DigestAlgorithm.SHA512):
        signer = XAdESSigner(digest_algorithm=digest)
        chain = [OFFICER.own, *OFFICER.chain]
        root = signer.sign(etree.fromstring(TEXT), key=OFFICER.pem, cert=chain, always_add_key_value=False)
        now = datetime.fromisoformat(root.findtext(f".//{XADES}SigningTime"))
        verify_document(etree.tostring(root), trust=official(), at=max(now, AT))


def test_a_technical_certificate_signs_no_document_and_none_is_believed() -> None:
    """SIG-07."""
    machine = holder("tài khoản của cổng")
    technical = trust_in(machine, domain=Domain.TECHNICAL)
    with pytest.raises(TrustError) as caught:
        sign_document(TEXT, machine, trust=technical, at=AT)
    assert caught.value.error_code == "security.certificate_wrong_domain"
    with pytest.raises(TrustError):
        sign_document(TEXT, machine, trust=official(), at=AT)
    itself = sign_document(TEXT, machine, trust=trust_in(machine, domain=Domain.OFFICIAL), at=AT)
    assert refused(itself, trust=technical) == "security.certificate_wrong_domain"
    assert refused(itself) == "security.certificate_unknown"


def test_a_certificate_of_the_other_domain_is_refused_on_signing_and_on_verifying() -> None:
    """SIG-03 (part)."""
    company = issued("Doanh nghiệp", by=PUBLIC)
    public = trust_in(PUBLIC, domain=Domain.PUBLIC)
    document = sign_document(TEXT, company, trust=public, at=AT)
    verify_document(document, trust=public, at=AT)
    assert refused(document) == "security.certificate_unknown"
    assert refused(signed(), trust=public) == "security.certificate_unknown"
    with pytest.raises(TrustError):
        sign_document(TEXT, company, trust=official(), at=AT)


def test_nobody_signs_with_an_expired_or_revoked_certificate() -> None:
    """SIG-04 (part): the certificate is looked at before anything is signed."""
    expired = issued("Hết hạn", by=OFFICIAL, days=(-400, -1))
    with pytest.raises(TrustError):
        sign_document(TEXT, expired, trust=official(), at=AT)
    trust = official()
    trust.revoked.add(OFFICER.own.serial_number)
    with pytest.raises(TrustError) as caught:
        sign_document(TEXT, OFFICER, trust=trust, at=AT)
    assert caught.value.error_code == "security.certificate_revoked"
    assert refused(signed(), trust=trust) == "security.certificate_revoked"


class Way:
    """To the mock of a time-stamping authority, without a socket."""

    def __init__(self, *, at: datetime = AT) -> None:
        self.app = create_app({}, clock=lambda: at)

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://tsa.example") as client:
            reply = await client.request(request.method, request.url, headers=request.headers, content=request.content)
        return WireReply(status=reply.status_code, headers=dict(reply.headers), content=reply.content)

    async def trust(self) -> Roots:
        root = await self.send(WireRequest(method="GET", url=f"http://tsa.example{ROOT}"))
        return Roots(x509.load_pem_x509_certificate(root.content))


async def stamped(document: bytes) -> tuple[bytes, Roots]:
    way = Way()
    trust = await way.trust()
    stamper = Stamper(way, url=f"http://tsa.example{STAMP}", trust=trust, clock=lambda: AT)
    return await stamp_document(document, stamper), trust


async def test_a_stamped_signature_outlives_its_certificate() -> None:
    """SIG-05 (part), SIG-06 (part)."""
    late, plain = AT + timedelta(days=3000), signed()
    document, stamps = await stamped(plain)
    await learn_document(document, trust=official(), at=late, stamps=stamps)
    verify_document(document, trust=official(), at=late, stamps=stamps)
    assert refused(plain, at=late) == "security.certificate_expired"
    assert refused(document, at=late) == "security.certificate_expired"
    with pytest.raises(TrustError):
        verify_document(document, trust=official(), at=late, stamps=official())


async def test_the_stamp_of_another_signature_proves_nothing() -> None:
    (first, stamps), (second, _) = await stamped(signed()), await stamped(signed())
    token = etree.fromstring(first).findtext(f".//{XADES}EncapsulatedTimeStamp")
    root = etree.fromstring(second)
    place = root.find(f".//{XADES}EncapsulatedTimeStamp")
    assert place is not None
    place.text = token
    with pytest.raises(TrustError):
        verify_document(etree.tostring(root), trust=official(), at=AT, stamps=stamps)


async def test_a_document_stamped_twice_is_refused() -> None:
    once, stamps = await stamped(signed())
    twice, _ = await stamped(once)
    with pytest.raises(TrustError, match="form of the time stamp"):
        verify_document(twice, trust=official(), at=AT, stamps=stamps)


def test_a_signature_of_the_future_is_refused() -> None:
    assert refused(signed(), at=AT - timedelta(minutes=6)) == "security.stale"


def _changed(root: etree._Element) -> etree._Element:
    root[0].text = "13/GXN"
    return root


def _wrapped(root: etree._Element) -> etree._Element:
    outer = etree.fromstring(TEXT)
    outer.append(root)
    return outer


def _moved(root: etree._Element) -> etree._Element:
    outer = _wrapped(root)
    outer.append(root[-1])
    return outer


def _other_time(root: etree._Element) -> etree._Element:
    time = root.find(f".//{XADES}SigningTime")
    assert time is not None
    time.text = "2027-02-28T08:00:00.000Z"
    return root


def _no_properties(root: etree._Element) -> etree._Element:
    root[-1].remove(root[-1][-1])
    return root


def _properties_not_referred_to(root: etree._Element) -> etree._Element:
    info = root[-1][0]
    info.remove(info[3])
    return root


def _second_properties(root: etree._Element) -> etree._Element:
    twin = copy.deepcopy(root.find(f".//{XADES}SignedProperties"))
    assert twin is not None
    twin.set("Id", "twin")
    root[-1][-1][0].insert(0, twin)
    return root


def _added_reference(root: etree._Element) -> etree._Element:
    reference = copy.deepcopy(root[-1][0][3])
    reference.set("URI", "#more")
    root[0].set("Id", "more")
    root[-1][0].append(reference)
    return root


def _twice(root: etree._Element) -> etree._Element:
    root.append(copy.deepcopy(root[-1]))
    return root


@pytest.mark.parametrize(
    "attack",
    [_changed, _wrapped, _moved, _other_time, _no_properties, _properties_not_referred_to, _second_properties,
     _added_reference, _twice],
)  # fmt: skip
def test_a_document_that_was_tampered_with_is_refused(attack: Callable[[etree._Element], etree._Element]) -> None:
    """SIG-08 (part)."""
    refused(etree.tostring(attack(etree.fromstring(signed()))))


def test_the_signed_properties_must_name_the_certificate_that_signed() -> None:
    """The same key in another certificate, which signs nothing else than that."""
    twin = issued("Nguyễn Văn Đức", by=OFFICIAL)
    root = etree.fromstring(signed())
    place = root.find(f".//{DS}X509Certificate")
    other = etree.fromstring(sign_document(TEXT, twin, trust=official(), at=AT)).find(f".//{DS}X509Certificate")
    assert place is not None
    assert other is not None
    place.text = other.text
    refused(etree.tostring(root))


def test_a_signed_document_is_not_signed_over() -> None:
    with pytest.raises(TrustError, match="signed already"):
        sign_document(signed(), OFFICER, trust=official(), at=AT)
