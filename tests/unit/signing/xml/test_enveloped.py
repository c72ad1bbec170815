"""Enveloped XML signatures of messages that are no SOAP."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta

import pytest
import signxml
from lxml import etree
from xml_signers import AT, holder, rule, trust_in

from gateway.sdk import ConfigurationError, TrustError
from gateway.signing.protection import Message
from gateway.signing.settings import NEVER
from gateway.signing.xml import XmlDsig

DS = "{http://www.w3.org/2000/09/xmldsig#}"
TEXT = (
    '<t:ThongDiep xmlns:t="urn:vn:td" ma="M1" luc="2027-03-01T15:00:00+07:00"><t:Ma>099001000001</t:Ma>'
    "<t:Ten>Đặng Văn Ước</t:Ten></t:ThongDiep>"
)
PLACES = {"time": "@luc", "request_id": "@ma", "answers": "{urn:vn:td}TraLoiCho"}


def message(text: str = TEXT) -> Message:
    return Message(content=text.encode(), headers={"content-type": "application/xml"})


def ours(**settings: object) -> XmlDsig:
    return XmlDsig(holder("tinh"), trust_in(holder("doi-tac")), rule("xmldsig", **settings))


def theirs(**settings: object) -> XmlDsig:
    return XmlDsig(holder("doi-tac"), trust_in(holder("tinh")), rule("xmldsig", **settings))


def refused(content: bytes, *, by: XmlDsig | None = None, answers: Message | None = None) -> str:
    with pytest.raises(TrustError) as caught:
        (by or ours()).verify(Message(content=content), at=AT, answers=answers)
    return caught.value.error_code


def test_a_signed_message_verifies_and_is_revealed_as_it_was() -> None:
    """SIG-09 (part)."""
    signed = theirs().sign(message(), at=AT)
    ours().verify(signed, at=AT)
    told = ours().reveal(signed)
    assert etree.tostring(etree.fromstring(told.content), method="c14n") == etree.tostring(
        etree.fromstring(TEXT), method="c14n"
    )
    assert list(ours().unsafe_certificates(signed)) == [holder("doi-tac").own]


def test_one_child_of_the_root_can_be_what_is_signed_and_only_that_is_revealed() -> None:
    text = '<g:Goi xmlns:g="urn:g" la="gì đó"><g:DauThu/><g:DuLieu><g:A>1</g:A></g:DuLieu></g:Goi>'
    by_name = {"options": {"element": "{urn:g}DuLieu", "id_attribute": "ID"}}
    signed = theirs(**by_name).sign(message(text), at=AT)
    ours(**by_name).verify(signed, at=AT)
    told = etree.fromstring(ours(**by_name).reveal(signed).content)
    assert [etree.QName(part).localname for part in told] == ["DuLieu"]
    assert not told.attrib
    assert refused(signed.content) == "security.not_trusted"


def test_an_answer_is_bound_to_its_request_by_the_signatures_own_property() -> None:
    asked, other = (ours().sign(message(), at=AT + timedelta(milliseconds=n)) for n in range(2))
    answer = theirs().sign(message("<a>1</a>"), at=AT, answers=asked)
    ours().verify(answer, at=AT, answers=asked)
    assert refused(answer.content, answers=other) == "security.unbound"
    assert refused(answer.content) == "security.unbound"
    assert refused(theirs().sign(message("<a>1</a>"), at=AT).content, answers=asked) == "security.unbound"
    ours(bound=False).verify(theirs().sign(message("<a>1</a>"), at=AT), at=AT, answers=asked)


def test_time_and_request_stand_where_the_contract_puts_them() -> None:
    asked = ours(options=PLACES).sign(message(), at=AT)
    assert b"SignatureProperties" not in asked.content
    text = TEXT.replace("<t:Ma>", "<t:TraLoiCho>M1</t:TraLoiCho><t:Ma>").replace('ma="M1"', 'ma="T7"')
    answer = theirs(options=PLACES).sign(message(text), at=AT, answers=asked)
    ours(options=PLACES).verify(answer, at=AT, answers=asked)
    wrong = theirs(options=PLACES).sign(message(text.replace(">M1<", ">M2<")), at=AT, answers=asked)
    assert refused(wrong.content, by=ours(options=PLACES), answers=asked) == "security.unbound"
    none = theirs(options=PLACES).sign(message(), at=AT, answers=asked)
    assert refused(none.content, by=ours(options=PLACES), answers=asked) == "security.unbound"
    old = theirs(options=PLACES).sign(message(text.replace("15:00:00+07", "14:54:59+07")), at=AT, answers=asked)
    assert refused(old.content, by=ours(options=PLACES), answers=asked) == "security.stale"
    assert ours(options=PLACES).mark(answer).until == AT + timedelta(seconds=300)


def test_a_time_inside_the_signature_itself_is_not_the_messages() -> None:
    """The enveloped transform takes the signature out: what stands in it is signed by nobody."""
    places = {"options": {"time": "{urn:vn:td}Luc"}}
    signed = theirs(options={"unsafe_undated": True}).sign(message(), at=AT)
    root = etree.fromstring(signed.content)
    object_ = etree.SubElement(root[-1], f"{DS}Object")
    etree.SubElement(object_, "{urn:vn:td}Luc").text = "2027-03-01T08:00:00Z"
    assert refused(etree.tostring(root), by=ours(**places)) == "security.stale"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_stale_message_is_refused(seconds: int) -> None:
    signed = theirs(fresh_s=10_000).sign(message(), at=AT)
    with pytest.raises(TrustError) as caught:
        ours().verify(signed, at=AT + timedelta(seconds=seconds))
    assert caught.value.error_code == "security.stale"


def test_a_message_without_any_time_passes_only_where_the_rule_says_that_it_is_unsafe() -> None:
    signed = theirs(options={"unsafe_undated": True}).sign(message(), at=AT)
    assert refused(signed.content) == "security.stale"
    lax = ours(options={"unsafe_undated": True})
    lax.verify(signed, at=AT + timedelta(days=100))
    assert lax.mark(signed).until == NEVER


def test_an_unsigned_answer_passes_only_where_the_contract_leaves_answers_unsigned() -> None:
    asked, lax = ours().sign(message(), at=AT), ours(replies="unsafe_unsigned")
    lax.verify(message("<a/>"), at=AT, answers=asked)
    assert lax.reveal(message("<a/>")) == message("<a/>")
    assert refused(b"<a/>", answers=asked) == "security.not_trusted"
    assert refused(b"<a/>", by=lax) == "security.not_trusted"


def _wrapped(root: etree._Element) -> etree._Element:
    outer = etree.fromstring('<t:ThongDiep xmlns:t="urn:vn:td"><t:Ma>099009000009</t:Ma></t:ThongDiep>')
    outer.append(root)
    return outer


def _moved_signature(root: etree._Element) -> etree._Element:
    outer = _wrapped(copy.deepcopy(root))
    outer.append(outer[-1][-1])
    return outer


def _changed(root: etree._Element) -> etree._Element:
    root[0].text = "099009000009"
    return root


def _two(root: etree._Element) -> etree._Element:
    other = copy.deepcopy(root[-1])
    for part in other.iter():
        part.attrib.pop("Id", None)
        part.attrib.pop("{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id", None)
    root.append(other)
    return root


def _unsigned_properties(root: etree._Element) -> etree._Element:
    info = root[-1][0]
    info.remove(info[-1])
    return root


def _two_times(root: etree._Element) -> etree._Element:
    stamp = root.find(".//{*}Timestamp")
    assert stamp is not None
    twin = copy.deepcopy(stamp)
    twin.attrib.clear()
    stamp.addnext(twin)
    return root


def _no_certificate(root: etree._Element) -> etree._Element:
    x509_data = root.find(f".//{DS}X509Data")
    assert x509_data is not None
    x509_data.clear()
    return root


def _not_enveloped(root: etree._Element) -> etree._Element:
    transforms = root.find(f".//{DS}Transforms")
    assert transforms is not None
    transforms.remove(transforms[0])
    return root


def _commented(root: etree._Element) -> etree._Element:
    root[0].append(etree.Comment("x"))
    return root


@pytest.mark.parametrize(
    "attack",
    [_wrapped, _moved_signature, _changed, _two, _unsigned_properties, _two_times, _no_certificate, _not_enveloped,
     _commented],
)  # fmt: skip
def test_a_message_that_was_tampered_with_is_refused(
    attack: Callable[[etree._Element], etree._Element],
) -> None:
    signed = theirs().sign(message(), at=AT)
    ours().verify(signed, at=AT)
    refused(etree.tostring(attack(etree.fromstring(signed.content))))


def test_what_another_library_signs_verifies_and_the_other_way_round() -> None:
    """signxml shares nothing with xmlsec."""
    options = {"unsafe_undated": True}
    signed = ours(options=options).sign(message(), at=AT)
    config = signxml.SignatureConfiguration(verification_time=AT)
    told = signxml.XMLVerifier().verify(signed.content, x509_cert=holder("tinh").own, expect_config=config)
    assert isinstance(told, signxml.VerifyResult)
    partner = holder("doi-tac")
    for form in signxml.CanonicalizationMethod:
        if "WithComments" in form.value or "WITH_COMMENTS" in form.name:
            continue
        signer = signxml.XMLSigner(c14n_algorithm=form)
        root = signer.sign(etree.fromstring(TEXT), key=partner.pem, cert=[partner.own])
        ours(options=options).verify(Message(content=etree.tostring(root)), at=AT)


def test_what_cannot_be_signed_is_said_so() -> None:
    for text in ("<a", ours().sign(message(), at=AT).content.decode()):
        with pytest.raises(ConfigurationError):
            ours().sign(message(text), at=AT)
    with pytest.raises(ConfigurationError):
        ours(options={"element": "khong-co"}).sign(message(), at=AT)
