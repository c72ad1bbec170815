"""Each known way to make a signed SOAP message say something else, tried on a genuine one (SIG-08, SIG-12)."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from functools import cache

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree
from xml_signers import AT, Holder, Roots, authority, certify, holder, issued, private_key, rule, soap, trust_in

from gateway.sdk import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.protection import Message
from gateway.signing.settings import Domain
from gateway.signing.xml import WssX509
from gateway.signing.xml.names import X509_V3
from gateway.signing.xml.signed_info import _patterns, read_signed_info
from gateway.signing.xml.tokens import _of_token, brought

S = "{http://schemas.xmlsoap.org/soap/envelope/}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
FORGED = '<q:TraCuu xmlns:q="urn:vn:dancu"><q:soDinhDanh>099009000009</q:soDinhDanh></q:TraCuu>'
Root = etree._Element


def verifier(trust: Roots | None = None) -> WssX509:
    return WssX509(holder("tinh"), trust or trust_in(holder("doi-tac")), rule())


def genuine(key: Holder | None = None) -> Message:
    return WssX509(key or holder("doi-tac"), trust_in(holder("tinh")), rule()).sign(soap(), at=AT)


def refused(content: bytes, *, trust: Roots | None = None, after: timedelta = timedelta()) -> str:
    """The code of the refusal: by nodes, and by whoever knows the shape of the partner's messages."""
    with pytest.raises(TrustError) as caught:
        verifier(trust).verify(Message(content=content), at=AT + after)
    assert caught.value.detail_vi
    if trust is None:
        with pytest.raises(TrustError) as again:
            taught().verify(Message(content=content), at=AT + after)
        assert again.value.error_code == caught.value.error_code
    return caught.value.error_code


@cache
def taught() -> WssX509:
    """It knows how the partner writes, and how lxml writes that anew: such a message is not read node by node."""
    made = verifier()
    for content in (genuine().content, *[as_bytes(etree.fromstring(genuine().content)) for _ in range(2)]):
        made.verify(Message(content=content), at=AT)
    assert len(made._reading.shapes._kept) == 2
    return made


def as_bytes(root: Root) -> bytes:
    content: bytes = etree.tostring(root, encoding="UTF-8")
    return content


def at(root: Root, path: str) -> Root:
    found = root.find(f".//{{*}}{path}")
    assert found is not None
    return found


def forged_body(root: Root, *, named: str = "") -> Root:
    body = etree.Element(f"{S}Body", nsmap=root.nsmap)
    body.append(etree.fromstring(FORGED))
    if named:
        body.set(f"{WSU}Id", named)
    return body


def body_into_header(root: Root) -> None:
    header, body = root
    etree.SubElement(header, "{urn:x}Wrapper").append(body)
    root.append(forged_body(root))


def body_into_security(root: Root) -> None:
    body = root[1]
    etree.SubElement(at(root, "Security"), "{urn:x}Wrapper").append(body)
    root.append(forged_body(root))


def body_into_the_signature(root: Root) -> None:
    body = root[1]
    etree.SubElement(at(root, "Signature"), f"{DS}Object").append(body)
    root.append(forged_body(root))


def body_into_the_forged_one(root: Root) -> None:
    body, forged = root[1], forged_body(root)
    root.append(forged)
    forged.append(body)


def the_same_id_on_both(root: Root) -> None:
    header, body = root
    etree.SubElement(header, "{urn:x}Wrapper").append(body)
    root.append(forged_body(root, named=body.get(f"{WSU}Id", "")))


def the_same_id_as_xml_id(root: Root) -> None:
    decoy = etree.SubElement(root[0], "{urn:x}Decoy")
    decoy.set("{http://www.w3.org/XML/1998/namespace}id", root[1].get(f"{WSU}Id", ""))


def a_second_body_behind(root: Root) -> None:
    root.append(forged_body(root))


def a_second_body_before(root: Root) -> None:
    root.insert(1, forged_body(root))


def the_body_under_another_name(root: Root) -> None:
    """What was signed stays the only Body by name, deeper; the reader who takes the last child sees the other."""
    body = root[1]
    etree.SubElement(root[0], "{urn:x}Wrapper").append(body)
    other = etree.fromstring(FORGED)
    root.append(other)


def a_body_of_the_other_soap(root: Root) -> None:
    body = root[1]
    etree.SubElement(root[0], "{urn:x}Wrapper").append(body)
    other = etree.SubElement(root, "{http://www.w3.org/2003/05/soap-envelope}Body")
    other.append(etree.fromstring(FORGED))


def the_envelope_inside_another(root: Root) -> None:
    inner = copy.deepcopy(root)
    body = root[1]
    root.remove(body)
    root[0].append(inner)
    root.append(forged_body(root))


def the_timestamp_wrapped(root: Root) -> None:
    stamp = at(root, "Timestamp")
    security = stamp.getparent()
    assert security is not None
    fresh = copy.deepcopy(stamp)
    fresh.attrib.clear()
    security.replace(stamp, fresh)
    etree.SubElement(security, "{urn:x}Wrapper").append(stamp)


def the_timestamp_replaced(root: Root) -> None:
    stamp = at(root, "Timestamp")
    stamp[0].text = "2027-03-01T08:00:01.000Z"


def no_timestamp(root: Root) -> None:
    stamp = at(root, "Timestamp")
    at(root, "Security").remove(stamp)


def a_reference_to_something_else(root: Root) -> None:
    """The signature is genuine, and of another element of the same message."""
    root[1].attrib.clear()


def a_reference_to_a_header(root: Root) -> None:
    """The Id is somebody else's now; it is unique, and the Body has another."""
    signed = root[1].get(f"{WSU}Id", "")
    root[1].set(f"{WSU}Id", "other")
    etree.SubElement(root[0], "{urn:x}Decoy").set(f"{WSU}Id", signed)


def a_reference_left_out(root: Root) -> None:
    info = at(root, "SignedInfo")
    info.remove(info[-1])


def all_references_left_out(root: Root) -> None:
    info = at(root, "SignedInfo")
    for reference in list(info)[2:]:
        info.remove(reference)


def an_empty_reference(root: Root) -> None:
    at(root, "Reference").set("URI", "")


def a_reference_without_uri(root: Root) -> None:
    del at(root, "Reference").attrib["URI"]


def a_reference_outside(root: Root) -> None:
    at(root, "Reference").set("URI", "http://127.0.0.1:1/body.xml")


def a_reference_to_a_file(root: Root) -> None:
    at(root, "Reference").set("URI", "file:///etc/hostname")


def a_reference_by_pointer(root: Root) -> None:
    at(root, "Reference").set("URI", "#xpointer(/)")


def one_reference_twice(root: Root) -> None:
    info = at(root, "SignedInfo")
    info.append(copy.deepcopy(info[-1]))


def _cutting(root: Root, algorithm: str, inside: str = "") -> None:
    step = at(root, "Transform")
    step.set("Algorithm", algorithm)
    if inside:
        step.append(etree.fromstring(inside))


def a_transform_by_xpath(root: Root) -> None:
    _cutting(
        root,
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        f'<d:XPath xmlns:d="{DS[1:-1]}">not(ancestor-or-self::*[local-name()="TraCuu"])</d:XPath>',
    )


def a_transform_by_xslt(root: Root) -> None:
    _cutting(
        root,
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        '<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform">'
        '<x:template match="/"/></x:stylesheet>',
    )


def a_transform_by_base64(root: Root) -> None:
    _cutting(root, "http://www.w3.org/2000/09/xmldsig#base64")


def an_enveloped_transform(root: Root) -> None:
    _cutting(root, "http://www.w3.org/2000/09/xmldsig#enveloped-signature")


def a_form_with_comments(root: Root) -> None:
    _cutting(root, f"{EXC}WithComments")


def two_transforms(root: Root) -> None:
    step = at(root, "Transform")
    step.addnext(copy.deepcopy(step))


def two_signatures(root: Root) -> None:
    security = at(root, "Security")
    security.append(copy.deepcopy(at(root, "Signature")))


def two_signatures_of_other_ids(root: Root) -> None:
    other = copy.deepcopy(at(root, "Signature"))
    other.set("Id", "other")
    at(root, "Security").insert(0, other)


def a_signature_elsewhere(root: Root) -> None:
    root[0].append(at(root, "Signature"))


def two_security_headers(root: Root) -> None:
    etree.SubElement(root[0], at(root, "Security").tag)


def security_deeper(root: Root) -> None:
    etree.SubElement(root[0], "{urn:x}Wrapper").append(at(root, "Security"))


def two_tokens(root: Root) -> None:
    token = at(root, "BinarySecurityToken")
    other = copy.deepcopy(token)
    other.attrib.pop(f"{WSU}Id")
    token.addnext(other)


def no_token(root: Root) -> None:
    at(root, "Security").remove(at(root, "BinarySecurityToken"))


def a_key_beside_the_token(root: Root) -> None:
    etree.SubElement(at(root, "KeyInfo"), f"{DS}KeyValue")


def a_key_instead_of_the_token(root: Root) -> None:
    info = at(root, "KeyInfo")
    info.remove(info[0])
    etree.SubElement(info, f"{DS}KeyName").text = "khoa"


def a_key_by_address(root: Root) -> None:
    at(root, "SecurityTokenReference")[0].set("URI", "http://127.0.0.1:1/key")


def no_value(root: Root) -> None:
    at(root, "Signature").remove(at(root, "SignatureValue"))


def an_empty_value(root: Root) -> None:
    at(root, "SignatureValue").text = ""


def a_value_that_is_no_base64(root: Root) -> None:
    at(root, "SignatureValue").text = "không phải"


def a_value_in_another_spelling(root: Root) -> None:
    """The same bytes: the last letter before the padding has bits that count for nothing."""
    value = at(root, "SignatureValue")
    text = value.text or ""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert text.endswith("==")
    value.text = text[:-3] + letters[letters.index(text[-3]) ^ 1] + "=="


def no_algorithm(root: Root) -> None:
    at(root, "SignatureMethod").set("Algorithm", "none")


def sha1_digest(root: Root) -> None:
    at(root, "DigestMethod").set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")


def sha1_signature(root: Root) -> None:
    at(root, "SignatureMethod").set("Algorithm", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")


def md5_signature(root: Root) -> None:
    at(root, "SignatureMethod").set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-md5")


def ecdsa_named_for_rsa(root: Root) -> None:
    at(root, "SignatureMethod").set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")


def hmac_with_the_public_key(root: Root) -> None:
    """A correct HMAC whose secret everybody knows, in the three encodings that have fooled libraries."""
    method = at(root, "SignatureMethod")
    method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
    secret = holder("doi-tac").own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    info = etree.tostring(at(root, "SignedInfo"), method="c14n", exclusive=True)
    at(root, "SignatureValue").text = base64.b64encode(hmac.digest(secret, info, "sha256")).decode()


def a_truncated_hmac(root: Root) -> None:
    method = at(root, "SignatureMethod")
    method.set("Algorithm", "http://www.w3.org/2000/09/xmldsig#hmac-sha1")
    etree.SubElement(method, f"{DS}HMACOutputLength").text = "0"


def a_comment_inside_a_text(root: Root) -> None:
    """Exclusive c14n does not see it; a reader may take the text to end there."""
    text = at(root, "soDinhDanh")
    text.text, whole = "099001", text.text or ""
    comment = etree.Comment("x")
    text.insert(0, comment)
    comment.tail = whole[6:]


def a_comment_inside_the_value(root: Root) -> None:
    at(root, "SignatureValue").append(etree.Comment("x"))


def an_instruction(root: Root) -> None:
    root[0].insert(0, etree.ProcessingInstruction("xml-stylesheet", "href='x'"))


def nested_deeply(root: Root) -> None:
    inner = root[0]
    for _ in range(80):
        inner = etree.SubElement(inner, "{urn:x}a")


ATTACKS: list[Callable[[Root], None]] = [
    body_into_header, body_into_security, body_into_the_signature, body_into_the_forged_one, the_same_id_on_both,
    the_same_id_as_xml_id, a_second_body_behind, a_second_body_before, the_body_under_another_name,
    a_body_of_the_other_soap, the_envelope_inside_another, the_timestamp_wrapped, the_timestamp_replaced, no_timestamp,
    a_reference_to_something_else, a_reference_to_a_header, a_reference_left_out, all_references_left_out,
    an_empty_reference,
    a_reference_without_uri, a_reference_outside, a_reference_to_a_file, a_reference_by_pointer, one_reference_twice,
    a_transform_by_xpath, a_transform_by_xslt, a_transform_by_base64, an_enveloped_transform, a_form_with_comments,
    two_transforms, two_signatures, two_signatures_of_other_ids,
    a_signature_elsewhere, two_security_headers, security_deeper, two_tokens, no_token,
    a_key_beside_the_token, a_key_instead_of_the_token, a_key_by_address, no_value, an_empty_value,
    a_value_that_is_no_base64, a_value_in_another_spelling, no_algorithm,
    sha1_digest, sha1_signature, md5_signature, ecdsa_named_for_rsa,
    hmac_with_the_public_key, a_truncated_hmac, a_comment_inside_a_text, a_comment_inside_the_value, an_instruction,
    nested_deeply,
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_message_that_was_tampered_with_is_refused(attack: Callable[[Root], None]) -> None:
    """SIG-12 (part): algorithm confusion, signature wrapping, references and transforms that are not on the list."""
    root = etree.fromstring(genuine().content)
    verifier().verify(Message(content=as_bytes(root)), at=AT)
    attack(root)
    refused(as_bytes(root))


GOOD_WHEN_SIGNED = (
    the_timestamp_replaced, no_value, an_empty_value, a_value_that_is_no_base64, a_value_in_another_spelling,
    hmac_with_the_public_key,
)  # fmt: skip
"""A fresh time that the partner signs is a fresh time; the others are of the value itself, which is made anew."""


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a not in GOOD_WHEN_SIGNED], ids=lambda a: a.__name__)
def test_a_message_that_its_own_signer_made_so_is_refused_too(attack: Callable[[Root], None]) -> None:
    """With a SignatureValue that fits: what is refused is the shape, before any key is asked."""
    root = etree.fromstring(genuine().content)
    attack(root)
    _signed_anew(root)
    for one in (verifier(), taught()):
        with pytest.raises(TrustError) as caught:
            one.verify(Message(content=as_bytes(root)), at=AT)
        assert "does not hold" not in caught.value.detail


def _signed_anew(root: Root) -> None:
    """As the partner would: digests of what the references name, where they name something, and the value."""
    for reference in root.iter(f"{DS}Reference"):
        found = [part for part in root.iter() if part.get(f"{WSU}Id") == (reference.get("URI") or "#")[1:]]
        value = reference.find(f"{DS}DigestValue")
        if found and value is not None:
            made = etree.tostring(found[0], method="c14n", exclusive=True, with_comments=False)
            value.text = base64.b64encode(hashlib.sha256(made).digest()).decode()
    info = etree.tostring(at(root, "SignedInfo"), method="c14n", exclusive=True)
    text = base64.b64encode(holder("doi-tac").sign(info, algorithm=Algorithm.RS256)).decode()
    for value in root.iter(f"{DS}SignatureValue"):
        value.text = text


def test_signing_anew_by_itself_makes_a_good_message() -> None:
    """The test above would prove nothing otherwise."""
    root = etree.fromstring(genuine().content)
    at(root, "soDinhDanh").text = "099001000002"
    _signed_anew(root)
    for one in (verifier(), taught()):
        one.verify(Message(content=as_bytes(root)), at=AT)


BILLION = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content.replace(b"<s:Envelope", BILLION + b"<s:Envelope", 1),
        lambda content: content.replace(
            b"<s:Envelope", b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/hostname">]><s:Envelope', 1
        ),
        lambda content: content.replace(b"<s:Envelope", b'<!DOCTYPE s SYSTEM "http://127.0.0.1:1/x"><s:Envelope', 1),
        lambda content: content.replace(b"<s:Envelope", b"<!DOCTYPE s [<!ATTLIST x y ID #IMPLIED>]><s:Envelope", 1),
        lambda content: content.replace(b"099001000001", b"&lol;"),
        lambda content: content.replace(b"<s:Body", b"<a>" * 5_000 + b"</a>" * 5_000 + b"<s:Body"),
        lambda content: content.replace(b"<s:Body", b"<a/>" * 300_000 + b"<s:Body"),
        lambda content: content + b" " * 20_000_001,
        lambda content: content.replace(b"UTF-8", b"UTF-7"),
        lambda content: content.replace("Ánh".encode(), "Ánh".encode("latin-1")),
        lambda content: content[:-10],
        lambda content: b"",
        lambda content: content.replace(b"?>", b"?><!-- x -->", 1),
        lambda content: content + b"<?x y?>",
    ],
    ids=lambda harm: "",
)
def test_a_message_that_is_built_to_harm_is_refused(harm: Callable[[bytes], bytes]) -> None:
    harmed = harm(genuine().content)
    assert harmed != genuine().content
    refused(harmed)


SIGNED = genuine().content
_BODY = SIGNED.index(b"<s:Body"), SIGNED.index(b"</s:Body>") + len(b"</s:Body>")
_TIME = SIGNED.index(b"<wsu:Timestamp"), SIGNED.index(b"</wsu:Timestamp>") + len(b"</wsu:Timestamp>")
_INFO = SIGNED.index(b"<ds:SignedInfo"), SIGNED.index(b"</ds:SignedInfo>")
_VALUE = SIGNED.index(b"<ds:SignatureValue>") + 19, SIGNED.index(b"</ds:SignatureValue>")
PLACES = [place for start, end in (_BODY, _TIME, _INFO, _VALUE) for place in range(start, end)]


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(place=st.sampled_from(PLACES), bit=st.integers(1, 255))
def test_any_byte_that_is_changed_inside_what_was_signed_is_noticed(place: int, bit: int) -> None:
    """Left out are changes that are none to XML: one kind of blank for another."""
    changed = SIGNED[:place] + bytes([SIGNED[place] ^ bit]) + SIGNED[place + 1 :]
    assume(_meaning(changed) != _meaning(SIGNED))
    refused(changed)


ANYWHERE = st.integers(0, len(SIGNED) - 1)


@settings(max_examples=1000, deadline=None)
@given(place=ANYWHERE, other=ANYWHERE, size=st.integers(0, 60), bit=st.integers(0, 255))
def test_whatever_is_done_to_the_bytes_the_message_is_refused_or_says_the_same(
    place: int, other: int, size: int, bit: int
) -> None:
    """No error but ours, and no word but the partner's."""
    changed = SIGNED[:place] + bytes([SIGNED[place] ^ bit]) + SIGNED[other : other + size] + SIGNED[place + 1 :]
    message = Message(content=changed)
    verifier().unsafe_certificates(message)
    try:
        verifier().verify(message, at=AT)
    except TrustError:
        refused(changed)
        return
    opened = taught().opened(message)
    opened.verify(at=AT)
    told, true, also = (
        etree.tostring(etree.fromstring(said.content)[1], method="c14n", exclusive=True)
        for said in (verifier().reveal(message), verifier().reveal(Message(content=SIGNED)), opened.reveal())
    )
    assert told == true == also
    assert opened.mark() == verifier().mark(message) == verifier().mark(Message(content=SIGNED))


def _meaning(content: bytes) -> object:
    try:
        whole: bytes = etree.tostring(etree.fromstring(content), method="c14n")
    except (etree.XMLSyntaxError, etree.C14NError):
        return None
    return b"".join(whole.split())


# ---- whose signature it is ------------------------------------------------------------------------------------------

OFFICIAL, PUBLIC = authority("CA chuyên dùng công vụ"), authority("CA công cộng")


def test_a_certificate_of_the_other_domain_is_refused() -> None:
    """SIG-03 (part)."""
    signer = issued("Doanh nghiệp", by=PUBLIC)
    trust = trust_in(OFFICIAL, domain=Domain.OFFICIAL)
    assert refused(genuine(signer).content, trust=trust) == "security.certificate_unknown"


def test_an_expired_a_revoked_and_a_self_signed_certificate_are_refused() -> None:
    """SIG-04 (part)."""
    trust = trust_in(OFFICIAL, domain=Domain.OFFICIAL)
    expired = issued("Hết hạn", by=OFFICIAL, days=(-400, -1))
    assert refused(genuine(expired).content, trust=trust) == "security.certificate_expired"
    early = issued("Chưa có hiệu lực", by=OFFICIAL, days=(1, 400))
    assert refused(genuine(early).content, trust=trust) == "security.certificate_expired"
    assert refused(genuine(holder("tự ký")).content, trust=trust) == "security.certificate_unknown"
    revoked = issued("Thu hồi", by=OFFICIAL)
    trust.revoked.add(revoked.own.serial_number)
    assert refused(genuine(revoked).content, trust=trust) == "security.certificate_revoked"


def test_a_truncated_chain_is_refused() -> None:
    """SIG-04 (part): the intermediate is missing, and nobody fetches it."""
    signer = issued("CSDLQG", by=OFFICIAL)
    assert signer.chain
    trust = trust_in(OFFICIAL, domain=Domain.OFFICIAL)
    assert refused(genuine(signer).content, trust=trust) == "security.certificate_unknown"


def test_a_short_rsa_key_is_refused_although_its_certificate_is_pinned() -> None:
    """SIG-12 (part)."""
    weak = private_key("rsa-1024", "yếu")
    signer = Holder(private=weak, certificate=certify("yếu", weak))
    assert refused(genuine(signer).content, trust=trust_in(signer)) == "security.algorithm"


def test_the_partners_certificate_around_another_ones_signature_is_refused() -> None:
    stranger = holder("kẻ lạ")
    impostor = Holder(private=stranger.private, certificate=holder("doi-tac").certificate)
    assert refused(genuine(impostor).content) == "security.not_trusted"


def test_a_certificate_that_cannot_be_read_is_refused() -> None:
    for value in (b"AAAA", base64.b64encode(b"\x30\x82" * 20), b""):
        root = etree.fromstring(genuine().content)
        at(root, "BinarySecurityToken").text = value.decode()
        refused(as_bytes(root))
    for kind in ("#X509PKIPathv1", "#PKCS7", "#X509SubjectKeyIdentifier"):
        changed = genuine().content.replace(b"#X509v3", kind.encode())
        refused(changed)


@pytest.mark.parametrize("inside", [b" " * 2_000_000 + b"x", b"\n\t" * 500_000 + b"<"])
def test_blanks_without_end_cost_no_more_than_they_are_long(inside: bytes) -> None:
    """Each is read once; tried again and again it would take hours, and the time-out of a test ends that."""
    form = (
        b'<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:CanonicalizationMethod '
        b'Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">' + inside + b"</ds:CanonicalizationMethod>"
    )
    assert read_signed_info(form) is None


def test_a_prefix_is_not_as_long_as_a_stranger_likes() -> None:
    form = b'<%b:SignedInfo xmlns:%b="http://www.w3.org/2000/09/xmldsig#">' % (b"a" * 32, b"a" * 32)
    before = _patterns.cache_info().currsize
    assert read_signed_info(form) is None
    assert _patterns.cache_info().currsize == before


@pytest.mark.parametrize("length", [65_540, 4_000_000])
def test_a_certificate_of_any_length_is_not_kept(length: int) -> None:
    token = etree.Element("Token", ValueType=X509_V3)
    token.text = "A" * length
    before = _of_token.cache_info().currsize
    with pytest.raises(TrustError):
        brought(token)
    assert _of_token.cache_info().currsize == before
