"""WS-Security: what is signed verifies, says the same, and is bound to its time, its partner and its request."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from lxml import etree
from xml_signers import AT, Holder, authority, holder, issued, rule, soap, trust_in

from gateway.sdk import ConfigurationError, TrustError
from gateway.sdk.soap import read_soap
from gateway.signing.protection import Message
from gateway.signing.xml import WssX509, build

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSSE11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
WSA = "http://www.w3.org/2005/08/addressing"


def ours(**settings: object) -> WssX509:
    """The province, which believes the partner."""
    return WssX509(holder("tinh"), trust_in(holder("doi-tac")), rule(**settings))


def theirs(key: Holder | None = None, **settings: object) -> WssX509:
    """The partner, which believes the province."""
    return WssX509(key or holder("doi-tac"), trust_in(holder("tinh")), rule(**settings))


def body_of(content: bytes) -> bytes:
    body = etree.fromstring(content).find("{*}Body")
    assert body is not None
    body.attrib.clear()
    written: bytes = etree.tostring(body, method="c14n", exclusive=True)
    return written


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("kind", ["rsa-2048", "rsa-3072", "p-256", "p-384"])
def test_a_signed_message_verifies_and_says_what_it_said(version: str, kind: str) -> None:
    """SIG-09 (part), SIG-12 (part)."""
    partner = holder(f"doi-tac {kind}", kind)
    message = soap(version=version)
    signed = WssX509(partner, trust_in(holder("tinh")), rule()).sign(message, at=AT)
    verifier = WssX509(holder("tinh"), trust_in(partner), rule())
    verifier.verify(signed, at=AT)
    told = verifier.reveal(signed)
    assert body_of(told.content) == body_of(message.content)
    assert "Nguyễn Thị Ánh Tuyết".encode() in told.content
    assert WSSE.encode() not in told.content
    assert told.headers == message.headers
    assert told.method == "POST"


def test_what_is_revealed_is_read_by_the_codec_of_the_connectors() -> None:
    signed = theirs().sign(soap(), at=AT)
    read = read_soap(ours().reveal(signed).content)
    assert read.value["hoTen"] == "Nguyễn Thị Ánh Tuyết"  # type: ignore[union-attr]  # a Fault would fail here


def test_headers_that_were_there_stay_and_namespaces_of_the_envelope_too() -> None:
    message = soap(
        '<q:A><q:kieu xmlns:x="urn:x">x:B</q:kieu></q:A>',
        header='<h:Phien xmlns:h="urn:h">1</h:Phien>',
        declared=' xmlns:q="urn:q" xmlns:unused="urn:u"',
    )
    signed = theirs().sign(message, at=AT)
    header = etree.fromstring(signed.content)[0]
    assert [etree.QName(part).localname for part in header] == ["Phien", "Security"]
    assert header[1].get("{http://schemas.xmlsoap.org/soap/envelope/}mustUnderstand") == "1"
    ours().verify(signed, at=AT)
    told = ours().reveal(signed)
    assert b"urn:unused" not in told.content
    assert b'xmlns:unused="urn:u"' in told.content
    assert b"<h:Phien" not in told.content, "it is not signed: whoever reads it would believe anybody"


def test_a_security_header_of_the_contract_is_filled_and_not_doubled() -> None:
    token = (
        f'<w:Security xmlns:w="{WSSE}"><w:UsernameToken><w:Username>tinh</w:Username></w:UsernameToken></w:Security>'
    )
    signed = theirs().sign(soap(header=token), at=AT)
    assert signed.content.count(b"UsernameToken>") == 2
    ours().verify(signed, at=AT)


def test_named_headers_are_signed_and_a_changed_one_is_refused() -> None:
    to = f'<a:To xmlns:a="{WSA}">urn:den</a:To>'
    both = {"options": {"headers": ["wsa:To", "{urn:h}Phien"]}}
    signed = theirs(**both).sign(soap(header=to), at=AT)
    ours(**both).verify(signed, at=AT)
    assert b">urn:den</a:To>" in ours(**both).reveal(signed).content
    changed = Message(content=signed.content.replace(b"urn:den", b"urn:khac"))
    with pytest.raises(TrustError):
        ours(**both).verify(changed, at=AT)
    ours().verify(theirs().sign(soap(header=to), at=AT), at=AT)
    with pytest.raises(TrustError, match="header is not what was signed"):
        ours(**both).verify(theirs().sign(soap(header=to), at=AT), at=AT)
    with pytest.raises(TrustError, match="header stands twice"):
        ours(**both).verify(theirs(**both).sign(soap(header=to + to), at=AT), at=AT)


def test_the_chain_travels_as_a_path_where_the_partner_lacks_our_intermediates() -> None:
    partner = issued("CSDLQG", by=authority("CA chuyên dùng"))
    by_path = rule(options={"token": "X509PKIPathv1"})
    signed = WssX509(partner, trust_in(holder("tinh")), by_path).sign(soap(), at=AT)
    verifier = WssX509(holder("tinh"), trust_in(authority("CA chuyên dùng")), rule())
    verifier.verify(signed, at=AT)
    assert list(verifier.unsafe_certificates(signed)) == [partner.own, *partner.chain]


def test_an_answer_holds_for_its_request_only() -> None:
    asked, other = (ours().sign(soap(), at=AT) for _ in range(2))
    answer = theirs().sign(soap("<q:KetQua xmlns:q='urn:q'>1</q:KetQua>"), at=AT, answers=asked)
    ours().verify(answer, at=AT, answers=asked)
    with pytest.raises(TrustError) as refused:
        ours().verify(answer, at=AT, answers=other)
    assert refused.value.error_code == "security.unbound"


def test_an_answer_that_names_no_request_is_refused_unless_the_rule_says_so() -> None:
    asked = ours().sign(soap(), at=AT)
    answer = theirs().sign(soap(), at=AT)
    with pytest.raises(TrustError) as refused:
        ours().verify(answer, at=AT, answers=asked)
    assert refused.value.error_code == "security.unbound"
    ours(bound=False).verify(answer, at=AT, answers=asked)


def test_a_confirmation_that_is_not_signed_binds_nothing() -> None:
    asked = ours().sign(soap(), at=AT)
    value = etree.fromstring(asked.content).findtext(".//{*}SignatureValue")
    answer = theirs().sign(soap(), at=AT)
    forged = answer.content.replace(
        b"<wsse:BinarySecurityToken",
        f'<c:SignatureConfirmation xmlns:c="{WSSE11}" Value="{value}"/><wsse:BinarySecurityToken'.encode(),
    )
    with pytest.raises(TrustError) as refused:
        ours().verify(Message(content=forged), at=AT, answers=asked)
    assert refused.value.error_code == "security.unbound"


def test_an_answer_cannot_be_sent_to_us_as_a_request() -> None:
    asked = ours().sign(soap(), at=AT)
    answer = theirs().sign(soap(), at=AT, answers=asked)
    with pytest.raises(TrustError) as refused:
        ours().verify(answer, at=AT)
    assert refused.value.error_code == "security.unbound"


def test_our_own_message_sent_back_to_us_is_refused() -> None:
    asked = ours().sign(soap(), at=AT)
    with pytest.raises(TrustError) as refused:
        ours(bound=False).verify(asked, at=AT, answers=asked)
    assert refused.value.error_code == "security.certificate_unknown"


FAULT = "<s:Fault xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><faultcode>s:Server</faultcode></s:Fault>"


def test_a_fault_is_believed_when_it_is_signed_like_any_answer() -> None:
    asked = ours().sign(soap(), at=AT)
    ours().verify(theirs().sign(soap(FAULT), at=AT, answers=asked), at=AT, answers=asked)
    with pytest.raises(TrustError):
        ours().verify(soap(FAULT), at=AT, answers=asked)


def test_an_unsigned_answer_passes_only_where_the_contract_leaves_answers_unsigned() -> None:
    asked, lax = ours().sign(soap(), at=AT), ours(replies="unsafe_unsigned")
    lax.verify(soap(FAULT), at=AT, answers=asked)
    assert lax.reveal(soap(FAULT)).content
    with pytest.raises(TrustError):
        lax.verify(soap(), at=AT)
    wrongly = WssX509(holder("ke-la"), trust_in(holder("tinh")), rule()).sign(soap(), at=AT, answers=asked)
    with pytest.raises(TrustError):
        lax.verify(wrongly, at=AT, answers=asked)


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_a_message_is_good_for_the_seconds_of_the_rule(seconds: int) -> None:
    ours().verify(theirs(fresh_s=1000).sign(soap(), at=AT), at=AT + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 90_000])
def test_a_stale_or_future_message_is_refused(seconds: int) -> None:
    signed = theirs(fresh_s=1_000_000).sign(soap(), at=AT)
    with pytest.raises(TrustError) as refused:
        ours().verify(signed, at=AT + timedelta(seconds=seconds))
    assert refused.value.error_code == "security.stale"


def test_the_partners_own_expiry_is_kept() -> None:
    signed = theirs(fresh_s=10).sign(soap(), at=AT)
    with pytest.raises(TrustError, match="expired"):
        ours().verify(signed, at=AT + timedelta(seconds=10))


def test_the_same_message_has_the_same_mark_and_another_has_another() -> None:
    first, second = (theirs().sign(soap(), at=AT) for _ in range(2))
    assert ours().mark(first) == ours().mark(first)
    assert ours().mark(first).digest != ours().mark(second).digest
    assert len(ours().mark(first).digest) == 32
    assert ours().mark(first).until == AT + timedelta(seconds=300)


def test_a_second_ecdsa_signature_made_of_the_first_has_the_same_mark() -> None:
    """(r, n - s) holds wherever (r, s) does: a mark of the value would let a replay through."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    partner = holder("doi-tac p-256", "p-256")
    signed = theirs(partner).sign(soap(), at=AT)
    root = etree.fromstring(signed.content)
    value = root.find(".//{*}SignatureValue")
    assert value is not None
    raw = base64.b64decode(value.text or "")
    value.text = base64.b64encode(raw[:32] + (order - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")).decode()
    twin = Message(content=etree.tostring(root))
    verifier = WssX509(holder("tinh"), trust_in(partner), rule())
    verifier.verify(twin, at=AT)
    assert verifier.mark(twin) == verifier.mark(signed)


def test_what_is_no_envelope_is_not_signed() -> None:
    for content in (b"<a/>", b"not xml", soap().content.replace(b"<s:Body>", b"<s:Body/><s:Body>")):
        with pytest.raises(ConfigurationError):
            ours().sign(Message(content=content), at=AT)
    with pytest.raises(ConfigurationError, match="signed already"):
        ours().sign(ours().sign(soap(), at=AT), at=AT)
    with pytest.raises(ConfigurationError, match="certificate"):
        WssX509(Holder(private=holder().private, certificate=None), trust_in(holder()), rule()).sign(soap(), at=AT)


def test_nothing_is_brought_by_what_cannot_be_read() -> None:
    assert ours().unsafe_certificates(Message(content=b"<a")) == ()
    assert ours().unsafe_certificates(soap()) == ()
    assert ours().unsafe_certificates(theirs().sign(soap(), at=AT)) == (holder("doi-tac").own,)


def test_a_rule_is_built_and_its_mistakes_are_named() -> None:
    keys, trust = {"tinh": holder("tinh")}, {"c06": trust_in(holder("doi-tac"))}
    assert isinstance(build(rule(), keys=keys, trust=trust), WssX509)
    for settings, named in (
        ({"key": "khac"}, "khac"),
        ({"trust": "khac"}, "khac"),
        ({"scheme": "jws"}, "jws"),
        ({"options": {"hedaers": []}}, "hedaers"),
        ({"options": {"headers": ["a b"]}}, "headers"),
        ({"options": {"token": "SAML"}}, "token"),
        ({"scheme": "xmldsig", "options": {"answers": "{urn:a}Id"}}, "request_id"),
    ):
        with pytest.raises(ConfigurationError, match=named):
            build(rule(**settings), keys=keys, trust=trust)
