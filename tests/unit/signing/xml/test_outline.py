"""Messages of ours that are signed without a tree: the same that the tree would have given, or none."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from xml_signers import AT, holder, rule, soap, trust_in

from gateway.signing.protection import Message
from gateway.signing.xml import WssX509, wsse
from gateway.signing.xml.outline import body_at
from mocks._kit.signatures.xml import verify_soap

OURS = holder("tinh", "p-256")
USUAL = '<q:A xmlns:q="urn:q"><q:b>{}</q:b><q:c></q:c></q:A>'


def signer() -> WssX509:
    """It has seen one message, and the outline of it holds."""
    made = WssX509(OURS, trust_in(holder("doi-tac", "p-256")), rule())
    for _ in range(2):
        made.sign(soap(USUAL.format("1")), at=AT)
    assert len(made._outlines) == 1
    return made


SIGNER = signer()


def body_of(content: bytes) -> bytes:
    body = etree.fromstring(content)[-1]
    body.attrib.clear()
    form: bytes = etree.tostring(body, method="c14n", exclusive=True)
    return form


def by_outline(message: Message) -> bytes | None:
    outline = SIGNER._outlines[message.content[: body_at(message.content)]]
    return outline.form(message.content, at=body_at(message.content), name="B")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\ufffe\uffff"), max_size=60).filter(
    lambda text: all(letter >= " " or letter in "\t\n" for letter in text)
)


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_a_usual_message_is_its_own_canonical_form_whatever_its_texts_and_holds(text: str) -> None:
    message = soap(USUAL.format(escape(text)))
    form = by_outline(message)
    assert form is not None
    root = etree.fromstring(form)
    assert etree.tostring(root, method="c14n", exclusive=True) == form
    signed = SIGNER.sign(message, at=AT)
    assert verify_soap(signed.content, OURS.own, at=AT) is None
    assert body_of(signed.content) == body_of(message.content)


def test_the_second_message_of_a_kind_needs_no_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: bytes) -> Any:
        raise AssertionError("a tree was built")

    monkeypatch.setattr(wsse, "own_envelope", fail)
    signed = SIGNER.sign(soap(USUAL.format("2")), at=AT)
    assert verify_soap(signed.content, OURS.own, at=AT) is None


UNUSUAL = [
    '<q:A xmlns:q="urn:q"><q:b/></q:A>',
    '<q:A xmlns:q="urn:q"><q:b>&#13;</q:b></q:A>',
    '<q:A xmlns:q="urn:q"><q:b>&quot;</q:b></q:A>',
    '<q:A xmlns:q="urn:q"><q:b>a > b</q:b></q:A>',
    '<q:A xmlns:q="urn:q"><q:b>\r\n</q:b></q:A>',
    '<q:A xmlns:q="urn:q"><q:b x="1">1</q:b></q:A>',
    '<q:A xmlns:q="urn:q"><q:b >1</q:b></q:A>',
    '<q:A xmlns:q="urn:q"><r:b xmlns:r="urn:r">1</r:b></q:A>',
    '<q:A xmlns:q="urn:q"><b>1</b></q:A>',
    '<q:A xmlns:q="urn:q"><![CDATA[1]]></q:A>',
    '<q:A xmlns:q="urn:q"><!-- 1 --></q:A>',
    "<q:A xmlns:q='urn:q'></q:A>",
    '<A xmlns="urn:q"></A>',
    '<s:A xmlns:s="urn:q"></s:A>',
    '<wsu:A xmlns:wsu="urn:q"></wsu:A>',
    '<q:A xmlns:q="http://www.w3.org/2000/09/xmldsig#"></q:A>',
    ' <q:A xmlns:q="urn:q"></q:A>',
]


@pytest.mark.parametrize("body", UNUSUAL)
def test_whatever_looks_different_is_signed_by_its_nodes_and_holds(body: str) -> None:
    message = soap(body)
    assert by_outline(message) is None
    if "!--" not in body:
        signed = SIGNER.sign(message, at=AT)
        assert verify_soap(signed.content, OURS.own, at=AT) is None
        assert body_of(signed.content) == body_of(message.content)


def test_another_envelope_is_another_outline() -> None:
    made = signer()
    for declared in (' xmlns:x="urn:x"', ' xml:lang="vi"', ' xmlns="urn:y"'):
        signed = made.sign(soap(USUAL.format("1"), declared=declared), at=AT)
        assert verify_soap(signed.content, OURS.own, at=AT) is None
    assert len(made._outlines) == 2, "two of them are no frame for canonical bytes"
