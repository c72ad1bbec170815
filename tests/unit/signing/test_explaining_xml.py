"""Why an XML message verifies or does not: which part was changed, and how."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from xml_signers import AT, holder, rule, soap, trust_in

from gateway.signing.explaining import Asked, Explanation, Holds, Topic, explain
from gateway.signing.protection import Message
from gateway.signing.xml import WssX509, XmlDsig

SCHEMES = {"wsse-x509": WssX509, "xmldsig": XmlDsig}
each = pytest.mark.parametrize("scheme", SCHEMES)
PLAIN = b"<a><soDinhDanh>099001000001</soDinhDanh><hoTen>Nguy\xe1\xbb\x85n V\xc4\x83n A</hoTen></a>"


def message(scheme: str) -> Message:
    return soap() if scheme == "wsse-x509" else replace(soap(), content=PLAIN)


def signed(scheme: str, name: str = "doi-tac") -> Message:
    made: Message = SCHEMES[scheme](holder(name), trust_in(holder("tinh")), rule(scheme)).sign(message(scheme), at=AT)
    return made


def told(scheme: str, seen: Message, *, late_s: float = 0, **settings: Any) -> Explanation:
    own = rule(scheme, **settings)
    ours = SCHEMES[scheme](holder("tinh"), trust_in(holder("doi-tac")), own)
    return explain(Asked(rule=own, protection=ours, message=seen, at=AT + timedelta(seconds=late_s)))


def digests(found: Explanation) -> list[Holds]:
    return [remark.holds for remark in found.remarks if remark.topic is Topic.DIGEST]


@each
def test_a_good_message_is_explained_as_good_throughout(scheme: str) -> None:
    found = told(scheme, signed(scheme))
    assert found.holds is Holds.YES, found
    assert digests(found) == [Holds.YES] * 2
    (certificate,) = [remark for remark in found.remarks if remark.topic is Topic.CERTIFICATE]
    assert certificate.facts[0] == (("Chủ thể", "Subject"), "doi-tac")


@each
def test_the_part_that_was_altered_is_named_and_the_others_are_not(scheme: str) -> None:
    good = signed(scheme)
    found = told(scheme, replace(good, content=good.content.replace(b"099001000001", b"099001000002")))
    assert found.holds is Holds.NO
    assert sorted(digests(found)) == [Holds.NO, Holds.YES]
    (wrong,) = [remark for remark in found.remarks if remark.topic is Topic.DIGEST and remark.holds is Holds.NO]
    assert ("Body" if scheme == "wsse-x509" else "Phần a") in wrong.text[0]
    assert "đã bị sửa" in wrong.text[0]
    assert len({value for label, value in wrong.facts if "băm" in label[0]}) == 2


@each
def test_a_message_that_was_indented_after_signing_is_found_out(scheme: str) -> None:
    good = signed(scheme)
    root = etree.fromstring(good.content)
    etree.indent(root)
    found = told(scheme, replace(good, content=etree.tostring(root)))
    assert found.holds is Holds.NO
    assert any("thụt dòng" in remark.text[0] for remark in found.remarks if remark.holds is Holds.NO), found.remarks


@each
def test_a_value_of_another_key_is_told_apart_from_an_altered_part(scheme: str) -> None:
    """Every digest is right, and the signature was made by somebody else."""
    good, other = signed(scheme), signed(scheme, "ke-la")
    value, strange = (one.content.split(b"SignatureValue>")[1].split(b"<")[0] for one in (good, other))
    found = told(scheme, replace(good, content=good.content.replace(value, strange)))
    assert digests(found) == [Holds.YES] * 2
    assert [remark.holds for remark in found.remarks if remark.topic is Topic.CONTENT] == [Holds.NO]
    assert found.holds is Holds.NO


@each
def test_a_signer_whom_nobody_believes_is_named(scheme: str) -> None:
    found = told(scheme, signed(scheme, "ke-la"))
    assert found.holds is Holds.NO
    assert found.code.startswith("security.certificate")
    assert Holds.NO not in digests(found)
    (certificate,) = [remark for remark in found.remarks if remark.topic is Topic.CERTIFICATE]
    assert (certificate.holds, certificate.facts[0][1]) == (Holds.NO, "ke-la")


@each
def test_of_an_old_and_altered_one_the_alteration_is_the_reason(scheme: str) -> None:
    good = signed(scheme)
    found = told(scheme, replace(good, content=good.content.replace(b"099001000001", b"099001000002")), late_s=3600)
    assert (found.holds, found.code) == (Holds.NO, "security.not_trusted")
    assert [remark.holds for remark in found.remarks if remark.topic is Topic.TIME] == [Holds.NO]


@each
def test_one_that_is_only_old_is_said_to_be_good_otherwise(scheme: str) -> None:
    found = told(scheme, signed(scheme), late_s=3600)
    assert (found.holds, found.code) == (Holds.NO, "security.stale")
    assert any("mọi thứ đều đúng" in remark.text[0] for remark in found.remarks)


@each
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<",
        b"\xff" * 300,
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 3000 + b"</a>" * 3000,
        b'<a xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Signature/></a>',
        PLAIN,
    ],
)
def test_whatever_is_pasted_is_explained(scheme: str, content: bytes) -> None:
    found = told(scheme, replace(message(scheme), content=content))
    assert (found.holds, found.pitfall) == (Holds.NO, "")
    assert found.why[0]
