"""Messages that are proven from their bytes: only those of a shape that was proven node by node, and nothing is
believed that nodes would not be believed for. `test_attacks` puts every attack to both."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from xml_signers import AT, Holder, authority, holder, issued, rule, soap, trust_in

from gateway.sdk import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.protection import Message
from gateway.signing.xml import WssX509
from gateway.signing.xml import soap as soap_module
from gateway.signing.xml.shapes import LONGEST_WAIT, MOST
from mocks._kit.signatures.xml import Signer, sign_soap, signature_value

FIELDS = "".join(f"<q:f{n}>Giá trị {n} &amp; 1</q:f{n}>" for n in range(4))
BODY = f'<q:A xmlns:q="urn:q">{FIELDS}</q:A>'
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"
LATER = AT + timedelta(seconds=1)
KINDS = ["rsa-2048", "p-256", "p-384"]


def partner(kind: str = "p-256") -> Holder:
    return holder(f"doi-tac {kind}", kind)


def ours(kind: str = "p-256") -> WssX509:
    return WssX509(holder("tinh", "p-256"), trust_in(partner(kind)), rule())


def theirs(kind: str = "p-256", **settings: Any) -> WssX509:
    return WssX509(partner(kind), trust_in(holder("tinh", "p-256")), rule(**settings))


def by_mock(kind: str, body: str, asked: Message) -> Message:
    signer = Signer(key=partner(kind).private, certificate=partner(kind).own)
    content = sign_soap(soap(body).content, signer, at=AT, confirms=signature_value(asked.content))
    return Message(content=content)


def no_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> object:
        raise AssertionError("it was read node by node")

    monkeypatch.setattr(soap_module, "parsed", fail)


def body_of(content: bytes) -> bytes:
    body = etree.fromstring(content)[-1]
    body.attrib.clear()
    form: bytes = etree.tostring(body, method="c14n", exclusive=True)
    return form


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("writer", ["ours", "mock"])
def test_the_second_answer_of_a_partner_is_proven_from_its_bytes_and_says_the_same(
    kind: str, writer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, other = ours(kind), theirs(kind)
    for number, body in enumerate((BODY, BODY.replace("Giá", "Gia"), BODY.replace("</q:A>", "<q:e/><q:e /></q:A>"))):
        asked = gateway.sign(soap(), at=AT)
        answer = by_mock(kind, body, asked) if writer == "mock" else other.sign(soap(body), at=AT, answers=asked)
        if number:
            no_nodes(monkeypatch)
        opened = gateway.opened(answer)
        assert opened.unsafe_certificates() == (partner(kind).own,)
        opened.verify(at=AT, answers=asked)
        assert body_of(opened.reveal().content) == body_of(soap(body).content)


SPREAD = BODY.replace(' xmlns:q="urn:q"', "").replace("<q:f0>", "<q:f0><q:g/></q:f0><q:f0>")
LOOKS = {
    "envelope": soap(SPREAD, declared=' xmlns:q="urn:q" xmlns:x="urn:x"').content,
    "body": soap(SPREAD).content.replace(b"<s:Body>", b'<s:Body xmlns:q="urn:q" xmlns:x="urn:x">'),
    "blanks": soap(f"\n  {SPREAD}\n", declared=' xmlns:q="urn:q"').content,
    "attribute": soap(SPREAD.replace("<q:A>", '<q:A so="1">'), declared=' xmlns:q="urn:q"').content,
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_prefix_may_be_declared_before_the_element_that_uses_it(look: str, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = Signer(key=partner().private, certificate=partner().own)
    gateway = ours()
    for number in range(2):
        asked = gateway.sign(soap(), at=AT)
        answer = sign_soap(LOOKS[look], signer, at=AT, confirms=signature_value(asked.content))
        if number:
            no_nodes(monkeypatch)
        opened = gateway.opened(Message(content=answer))
        opened.verify(at=AT, answers=asked)
        assert body_of(opened.reveal().content) == body_of(LOOKS[look])


def test_a_request_of_a_known_shape_has_the_mark_that_its_nodes_give(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, other = ours(), theirs()
    gateway.verify(other.sign(soap(BODY), at=AT), at=AT)
    request = other.sign(soap(BODY), at=AT)
    by_nodes = ours().opened(request)
    by_nodes.verify(at=AT)
    said = by_nodes.mark()
    no_nodes(monkeypatch)
    opened = gateway.opened(request)
    opened.verify(at=AT)
    assert opened.mark() == said


def anew(content: bytes, *, body: bytes | None = None, parts: dict[bytes, bytes] | None = None) -> bytes:
    """Signed again by the partner, in the very same shape: with another Body, or with these words for those."""
    for old, new in (parts or {}).items():
        assert old in content
        content = content.replace(old, new)
    if body is not None:
        start = content.index(b">", content.index(b"<s:Body")) + 1
        content = content[:start] + body + content[content.rindex(b"</s:Body>") :]
    root = etree.fromstring(content)
    told = {part.get(f"{{{WSU}}}Id"): part for part in root.iter(etree.Element) if part.get(f"{{{WSU}}}Id")}
    for reference in root.iter(f"{{{DS}}}Reference"):
        form = etree.tostring(told[(reference.get("URI") or "#")[1:]], method="c14n", exclusive=True)
        said = (reference[-1].text or "").encode()
        content = content.replace(said, base64.b64encode(hashlib.sha256(form).digest()))
    info = next(etree.fromstring(content).iter(f"{{{DS}}}SignedInfo"))
    made = partner().sign(etree.tostring(info, method="c14n", exclusive=True), algorithm=Algorithm.ES256)
    old = content[content.index(b"<ds:SignatureValue>") + 19 : content.index(b"</ds:SignatureValue>")]
    return content.replace(old, base64.b64encode(made))


INSIDE = BODY.encode()
HIDDEN = {
    "body": b'<s:Body xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"></s:Body>',
    "header": b'<t:Header xmlns:t="http://www.w3.org/2003/05/soap-envelope"></t:Header>',
    "security": b'<o:Security xmlns:o="%b"></o:Security>' % WSSE.encode(),
    "token": b'<o:BinarySecurityToken xmlns:o="%b"></o:BinarySecurityToken>' % WSSE.encode(),
    "timestamp": b'<wsu:Timestamp xmlns:wsu="%b"></wsu:Timestamp>' % WSU.encode(),
    "confirmation": (
        b'<c:SignatureConfirmation xmlns:c="http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd">'
        b"</c:SignatureConfirmation>"
    ),
    "comment": b"<!-- x -->",
    "instruction": b"<?x y?>",
    "depth": b"<a>" * 60 + b"</a>" * 60,
}  # fmt: skip


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_must_stand_once_does_not_stand_in_a_body_although_its_signer_put_it_there(hidden: str) -> None:
    gateway, first = ours(), theirs().sign(soap(BODY), at=AT)
    gateway.verify(first, at=AT)
    assert len(gateway._reading.shapes._kept) == 1
    inside = INSIDE.replace(b"</q:A>", HIDDEN[hidden] + b"</q:A>")
    for one in (gateway, ours()):
        with pytest.raises(TrustError) as caught:
            one.verify(Message(content=anew(first.content, body=inside)), at=AT)
        assert "does not hold" not in caught.value.detail


def test_an_id_of_the_header_again_in_the_body_is_refused() -> None:
    gateway, first = ours(), theirs().sign(soap(BODY), at=AT).content
    gateway.verify(Message(content=first), at=AT)
    stamp = first[first.index(b'wsu:Id="TS-') + 8 :].split(b'"')[0]
    for name in (b"Id", b"ID", b"xml:id"):
        inside = INSIDE.replace(b"<q:f0>", b'<q:f0 %b="%b">' % (name, stamp))
        for one in (gateway, ours()):
            with pytest.raises(TrustError, match="An Id stands twice"):
                one.verify(Message(content=anew(first, body=inside)), at=AT)


def test_what_its_signer_says_in_the_known_shape_is_believed_and_in_another_one_too() -> None:
    """The tests above would prove nothing otherwise."""
    gateway, first = ours(), theirs().sign(soap(BODY), at=AT).content
    gateway.verify(Message(content=first), at=AT)
    for inside in (
        INSIDE.replace(b"Gi", b"gi"),
        INSIDE.replace(b"<q:f0>", b'<q:f0 so="1">'),
        b"<a>" * 20 + b"</a>" * 20,
    ):
        gateway.verify(Message(content=anew(first, body=inside)), at=AT)
    deep = b"<a>" * 58 + b"</a>" * 58
    gateway.verify(Message(content=anew(first, body=deep)), at=AT)


def test_parts_of_two_genuine_messages_make_no_third() -> None:
    gateway, other = ours(), theirs()
    asked = [gateway.sign(soap(), at=AT) for _ in range(2)]
    first, second = (
        other.sign(soap(body), at=at, answers=question).content
        for body, at, question in zip((BODY, BODY.replace("1<", "2<")), (AT, LATER), asked, strict=True)
    )
    for question, content in zip(asked, (first, second), strict=True):
        gateway.verify(Message(content=content), at=AT, answers=question)
    assert gateway._reading.shapes._kept
    for begin, end in (
        (b"<wsu:Timestamp", b"</wsu:Timestamp>"),
        (b"<wsse11:SignatureConfirmation", b"</wsse11:SignatureConfirmation>"),
        (b"<s:Body", b"</s:Body>"),
        (b"<ds:SignedInfo", b"</ds:SignedInfo>"),
        (b"<ds:SignatureValue", b"</ds:SignatureValue>"),
        (b"<ds:Signature ", b"</ds:Signature>"),
    ):
        mine, its = (content[content.index(begin) : content.index(end)] for content in (first, second))
        assert mine != its
        mixed = first.replace(mine, its)
        for one in (gateway, ours()):
            for question in asked:
                with pytest.raises(TrustError):
                    one.verify(Message(content=mixed), at=AT, answers=question)


def test_an_answer_of_a_known_shape_is_bound_fresh_and_of_a_certificate_that_is_good_today() -> None:
    signer = issued("CSDLQG", by=authority("CA"))
    trust = trust_in(authority("CA"))
    gateway = WssX509(holder("tinh", "p-256"), trust, rule(options={"token": "X509PKIPathv1"}))
    other = WssX509(signer, trust_in(holder("tinh", "p-256")), rule(options={"token": "X509PKIPathv1"}))
    asked, another = (gateway.sign(soap(), at=AT) for _ in range(2))
    answer = other.sign(soap(BODY), at=AT, answers=asked)
    gateway.verify(answer, at=AT, answers=asked)
    assert list(gateway.unsafe_certificates(answer)) == [signer.own, *signer.chain]

    def code(**how: Any) -> str:
        with pytest.raises(TrustError) as caught:
            gateway.verify(answer, **{"at": AT, "answers": asked, **how})
        return caught.value.error_code

    assert code(answers=another) == "security.unbound"
    assert code(answers=None) == "security.unbound"
    assert code(at=AT + timedelta(seconds=301)) == "security.stale"
    assert code(at=AT - timedelta(seconds=301)) == "security.stale"
    trust.revoked.add(signer.own.serial_number)
    assert code() == "security.certificate_revoked"


def test_a_body_that_is_not_its_own_canonical_form_is_read_by_its_nodes_and_says_the_same() -> None:
    gateway, other = ours(), theirs()
    gateway.verify(other.sign(soap(BODY), at=AT), at=AT)
    signed = other.sign(soap(BODY), at=AT).content
    for old, new in ((b"Gi", b"&#71;i"), (b'xmlns:q="urn:q"', b"xmlns:q='urn:q'"), (b"</q:f1>", b"</q:f1 >")):
        changed = Message(content=signed.replace(old, new))
        opened = gateway.opened(changed)
        opened.verify(at=AT)
        assert body_of(opened.reveal().content) == body_of(soap(BODY).content)


def in_lines(content: bytes, *, value_at: int = 64) -> bytes:
    """As many write it: digests of SHA-512, and values, are broken into lines; signed again by the partner."""
    root = etree.fromstring(content)
    content = content.replace(b"http://www.w3.org/2001/04/xmlenc#sha256", b"http://www.w3.org/2001/04/xmlenc#sha512")
    for reference, digest in zip(root.iter(f"{{{DS}}}Reference"), digests(root), strict=True):
        content = content.replace((reference[-1].text or "").encode(), digest[:76] + b"\n" + digest[76:])
    info = next(etree.fromstring(content).iter(f"{{{DS}}}SignedInfo"))
    made = partner().sign(etree.tostring(info, method="c14n", exclusive=True), algorithm=Algorithm.ES256)
    old, value = content[content.index(b"<ds:SignatureValue>") + 19 :].partition(b"<")[0], base64.b64encode(made)
    return content.replace(old, b"\n".join(part for part in (value[:value_at], value[value_at:]) if part))


def digests(root: etree._Element, hashed: Callable[[bytes], Any] = hashlib.sha512) -> list[bytes]:
    """Of each part, in the order of the references."""
    named = {part.get(f"{{{WSU}}}Id"): part for part in root.iter(etree.Element)}
    parts = [named[(one.get("URI") or "")[1:]] for one in root.iter(f"{{{DS}}}Reference")]
    forms = [etree.tostring(part, method="c14n", exclusive=True) for part in parts]
    return [base64.b64encode(hashed(form).digest()) for form in forms]


def test_values_may_be_broken_into_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, other = ours(), theirs()
    messages = [Message(content=in_lines(other.sign(soap(BODY), at=AT).content)) for _ in range(2)]
    gateway.verify(messages[0], at=AT)
    no_nodes(monkeypatch)
    gateway.verify(messages[1], at=AT)


@pytest.mark.parametrize("broken", [False, True])
def test_a_copy_of_what_is_signed_in_a_place_that_nobody_signed_is_read_by_nobody(broken: bool) -> None:
    """SIG-08: whoever bears a message may hang the letters of its digests, or of its value, on an attribute, and spell
    those in their own place in another way that means the same. What the copy says afterwards is nothing."""
    gateway, honest = ours(), theirs().sign(soap(BODY), at=AT).content
    if broken:
        honest = in_lines(honest, value_at=len(honest))
    values = [text.encode() for text in etree.fromstring(honest).xpath("//*[local-name()='DigestValue']/text()")]
    copies = b"".join(b' z%d="%b"' % (at, value.replace(b"\n", b"")) for at, value in enumerate(values))
    taught = honest.replace(b"<wsse:Security ", b"<wsse:Security%b " % copies, 1)
    if not broken:  # the same letters, spelt as numbers
        for value in values:
            taught = taught.replace(b">%b<" % value, b">&#%d;%b<" % (value[0], value[1:]))
    for content in (honest, taught, taught):
        gateway._reading.shapes._missed = LONGEST_WAIT
        gateway.verify(Message(content=content), at=AT)
    start = taught.index(b">", taught.index(b"<s:Body")) + 1
    forged = taught[:start] + b'<q:A xmlns:q="urn:q">FORGED</q:A>' + taught[taught.rindex(b"</s:Body>") :]
    new = digests(etree.fromstring(forged), hashlib.sha512 if broken else hashlib.sha256)
    for at, digest in enumerate(new):
        forged = forged.replace(b' z%d="%b"' % (at, values[at].replace(b"\n", b"")), b' z%d="%b"' % (at, digest))
    with pytest.raises(TrustError) as caught:
        gateway.verify(Message(content=forged), at=AT)
    assert caught.value.error_code == "security.not_trusted"


def test_few_shapes_are_kept_and_ever_fewer_messages_are_learnt_from_where_nothing_comes_of_it() -> None:
    gateway, other = ours(), theirs(options={"headers": ["{urn:h}P"]})
    shapes = gateway._reading.shapes
    learnt = 0
    for _ in range(40):
        before = shapes._wait
        message = other.sign(soap(BODY, header='<h:P xmlns:h="urn:h">1</h:P>'), at=AT)
        gateway.verify(message, at=AT)
        learnt += shapes._wait != before
    assert not shapes._kept
    assert learnt == 5
    assert shapes._wait <= LONGEST_WAIT
    shapes._wait = 0
    for number in range(MOST + 2):
        gateway.verify(theirs().sign(soap(BODY, declared=f' xmlns:x{number}="urn:x"'), at=AT), at=AT)
        shapes._wait = 0
    assert len(shapes._kept) == MOST
