"""What is signed by template: it is its own canonical form, it holds for libxmlsec, and where it does not fit the
general way writes the same message."""

from __future__ import annotations

import pytest
import structlog
from lxml import etree
from xml_signers import AT, Holder, authority, holder, issued, rule, soap, trust_in

from gateway.sdk import TrustError
from gateway.signing.model import SigningKey
from gateway.signing.protection import Message
from gateway.signing.xml import WssX509
from gateway.signing.xml.envelope import frame_of, read_envelope, read_secured
from gateway.signing.xml.names import SOAP_11
from gateway.signing.xml.proof import prove_by_library
from gateway.signing.xml.soap import value_of
from gateway.signing.xml.template import Template
from gateway.signing.xml.tree import canonical, parsed

SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"


def ours(key: Holder | None = None, **settings: object) -> WssX509:
    return WssX509(key or holder("tinh"), trust_in(holder("doi-tac")), rule(**settings))


def theirs(key: Holder | None = None, **settings: object) -> WssX509:
    return WssX509(holder("doi-tac"), trust_in(key or holder("tinh")), rule(**settings))


def body_of(content: bytes) -> bytes:
    body = etree.fromstring(content)[-1]
    body.attrib.clear()
    return canonical(body)


@pytest.mark.parametrize("path", [False, True])
@pytest.mark.parametrize("confirms", [None, "AAAA"])
@pytest.mark.parametrize("kind", ["rsa-2048", "p-256", "p-384"])
def test_each_part_of_a_template_is_its_own_canonical_form(kind: str, confirms: str | None, path: bool) -> None:
    key = holder(f"tinh {kind}", kind)
    made = Template.of(key, path=path).fill([("B", b"<a></a>")], at=AT, fresh_s=300.0, confirms=confirms)
    security = etree.fromstring(b'<w:Security xmlns:w="%b">%b</w:Security>' % (SECURITY.encode(), made.content))
    names = ["SignedInfo", "Timestamp", *(["SignatureConfirmation"] if confirms else [])]
    found = [security.find(f".//{{*}}{name}") for name in names]
    assert tuple(canonical(part) for part in found if part is not None) == made.signed


PLAIN = soap()
DEFAULT = soap("<TraCuu><so>1</so></TraCuu>", declared=' xmlns="urn:mac-dinh"')
WITH_HEADER = soap(header='<h:Phien xmlns:h="urn:h">1</h:Phien>')
WITH_TOKEN = soap(header=f'<w:Security xmlns:w="{SECURITY}"><w:UsernameToken/></w:Security>')
WITH_NOTE = Message(content=PLAIN.content.replace(b"?>", b"?><!-- <s:Envelope> -->", 1))
OTHER_QUOTES = Message(
    content=PLAIN.content.replace(b'xmlns:s="' + SOAP_11.encode() + b'"', b"xmlns:s='%b'" % SOAP_11.encode())
)
LANGUAGE = soap(declared=' xml:lang="vi"')
ODD_ID = Message(content=PLAIN.content.replace(b"<s:Body>", b'<s:Body Id="x:1">'))
MESSAGES = {
    "plain": PLAIN, "default": DEFAULT, "header": WITH_HEADER, "token": WITH_TOKEN, "note": WITH_NOTE,
    "quotes": OTHER_QUOTES, "language": LANGUAGE, "id": ODD_ID, "soap 1.2": soap(version="1.2"),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_whatever_the_envelope_looks_like_it_says_the_same_and_holds_for_libxmlsec(name: str) -> None:
    message, signer = MESSAGES[name], ours()
    for _ in range(2):  # the first one is held against the library, the second is not
        signed = signer.sign(message, at=AT)
        without_notes = parsed(signed.content.replace(b"<!-- <s:Envelope> -->", b""))
        secured = read_secured(read_envelope(without_notes))
        prove_by_library(secured.signature, holder("tinh").own)
        assert body_of(signed.content) == body_of(message.content)
    if name != "note":
        theirs().verify(signed, at=AT)
        opened = theirs().opened(signed)
        opened.verify(at=AT)
        assert body_of(opened.reveal().content) == body_of(message.content)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_key_that_a_template_does_not_hold_for_signs_the_general_way_and_is_told_of_once(name: str) -> None:
    """The certificate is another key's: for libxmlsec nothing holds, by template or not."""
    impostor = Holder(private=holder("ke-la").private, certificate=holder("tinh").certificate)
    signer = ours(impostor)
    with structlog.testing.capture_logs() as logs:
        signed = [signer.sign(MESSAGES[name], at=AT) for _ in range(2)]
    warned = [entry["event"] for entry in logs]
    assert warned == ([] if name == "id" else ["signature_template_differs"])
    for message in signed:
        assert body_of(message.content) == body_of(MESSAGES[name].content)
        assert b"<ds:SignatureValue>" in message.content
        with pytest.raises(TrustError):
            theirs().verify(message, at=AT)


def test_the_general_way_and_the_template_write_one_message() -> None:
    """But for what is different in each message: Ids, digests, the value."""

    def shape(content: bytes) -> list[tuple[str, list[str]]]:
        security = etree.fromstring(content).find(f".//{{{SECURITY}}}Security")
        assert security is not None
        return [(str(part.tag), sorted(map(str, part.attrib))) for part in security.iter()]

    key = issued("tinh co CA", by=authority("CA"))
    for options in ({}, {"token": "X509PKIPathv1"}):
        signer = ours(key, options=options)
        by_template = signer.sign(PLAIN, at=AT, answers=signer.sign(PLAIN, at=AT))
        odd = signer.sign(ODD_ID, at=AT, answers=signer.sign(PLAIN, at=AT))
        assert sorted(shape(by_template.content)) == sorted(shape(odd.content))


class Turning(Holder):
    """A rotation: another key of the same name from one moment on."""

    def signing(self, at: object) -> SigningKey:
        return self if at == AT else holder("tinh moi")


def test_a_new_key_of_the_same_kid_signs_with_its_own_certificate() -> None:
    turning = Turning(private=holder("tinh").private, certificate=holder("tinh").certificate)
    signer = ours(turning)
    theirs().verify(signer.sign(PLAIN, at=AT), at=AT)
    later = AT.replace(minute=1)
    theirs(holder("tinh moi")).verify(signer.sign(PLAIN, at=later), at=later)


HIDDEN = b"<ds:SignatureValue>AAAA</ds:SignatureValue>"


@pytest.mark.parametrize("hidden", [b"<!-- %b -->", b"<![CDATA[%b]]>", b"<?x %b?>", b"<q:A xmlns:q='urn:q'>%b</q:A>"])
def test_the_value_of_a_request_is_that_of_its_signature_whatever_else_looks_like_one(hidden: bytes) -> None:
    request = theirs().sign(PLAIN, at=AT).content
    value = value_of(Message(content=request))
    inside = (hidden % HIDDEN).replace(b"<ds:", b"<ds:").replace(b"<q:A", b'<q:A xmlns:ds="%b"' % DS.encode())
    for content in (
        request.replace(b"</s:Body>", inside + b"</s:Body>"),
        request.replace(b"<ds:", b"<d:")
        .replace(b"</ds:", b"</d:")
        .replace(b"xmlns:ds", b"xmlns:d")
        .replace(b"</s:Body>", inside + b"</s:Body>"),
    ):
        assert value_of(Message(content=content)) == value


@pytest.mark.parametrize(
    "content",
    [
        b"<Envelope xmlns='urn:x'/>",
        b'<s:Envelope xmlns:s="urn:s" xmlns="urn:x"><s:Body/></s:Envelope>',
        b'<s:Envelope xmlns:s="urn:s" a="1"><s:Body/></s:Envelope>',
        b'<s:Envelope xmlns:s="urn:s>"><s:Body/></s:Envelope>',
        b'<s:Envelope xmlns:s="urn:s&amp;"><s:Body/></s:Envelope>',
        b'<!-- <s:Envelope xmlns:s="urn:s"> --><s:Envelope xmlns:s="urn:t"><s:Body/></s:Envelope>',
        b'<?x y?><s:Envelope xmlns:s="urn:s"><s:Body/></s:Envelope>',
        b'<?xml version="1.0"?><?x ?><s:Envelope xmlns:s="urn:s"><s:Body/></s:Envelope>',
    ],
)
def test_a_start_tag_that_says_more_or_could_be_another_is_not_taken_from_the_bytes(content: bytes) -> None:
    assert frame_of(content, "urn:s") is None
