"""Remarks about signatures in XML (`gateway.signing.explaining`): each reference's digest, said and computed, and what
happened to the part that differs. Nothing is believed here."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator

from cryptography import x509
from lxml import etree

from gateway.sdk.errors import TrustError
from gateway.signing.explaining import Both, Holds, Remark, Topic
from gateway.signing.xml.names import C14N, DIGESTS, ENVELOPED, EXC_C14N, ID_NAMES, ds
from gateway.signing.xml.proof import prove
from gateway.signing.xml.reading import Reference, Signature
from gateway.signing.xml.tree import Element, octets

_INCLUSIVE = f"{{{EXC_C14N}}}InclusiveNamespaces"


def found(signature: Signature, kind: Both) -> Remark:
    return Remark(
        topic=Topic.FOUND,
        holds=Holds.YES,
        text=(f"Tìm thấy {kind[0]}.", f"There is {kind[1]}."),
        facts=(
            (("Thuật toán ký", "Algorithm"), signature.method),
            (("Số tham chiếu", "References"), str(len(signature.references))),
        ),
    )


def digests(signature: Signature) -> Iterator[Remark]:
    """One for each Reference, in the order of SignedInfo."""
    for written, reference in zip(list(signature.element[0])[2:], signature.references, strict=True):
        yield _digest(written, reference, signature.element)


def proof(signature: Signature, certificate: x509.Certificate) -> Remark:
    """Whether the holder of the certificate that the message brings signed it, whoever that is."""
    try:
        prove(signature, certificate)
    except TrustError as exc:
        return Remark(topic=Topic.CONTENT, holds=Holds.NO, text=(exc.detail_vi, exc.detail))
    good = (
        "Giá trị chữ ký khớp với khoá trong chứng thư kèm theo.",
        "The signature was made with the key of the certificate that it brings.",
    )
    return Remark(topic=Topic.CONTENT, holds=Holds.YES, text=good)


def _digest(written: Element, reference: Reference, signature: Element) -> Remark:
    name = DIGESTS[written.find(ds("DigestMethod")).get("Algorithm", "")]  # type: ignore[union-attr]  # its shape was read before
    said = octets(written.find(ds("DigestValue")))
    form, prefixes = _form(written)
    facts: list[tuple[Both, str]] = [
        (("Phần tử", "Element"), _named(reference.element)),
        (("Mã băm trong chữ ký", "Digest in the signature"), said.hex()),
    ]
    if form not in {EXC_C14N, C14N}:
        unknown = (f"{_named(reference.element)}: không tính lại được dạng {form}.", "It cannot be computed here.")
        return Remark(topic=Topic.DIGEST, holds=Holds.UNKNOWN, text=unknown, facts=tuple(facts))

    def computed(element: Element) -> bytes:
        content = etree.tostring(
            element,
            method="c14n",
            exclusive=form == EXC_C14N,
            with_comments=False,
            inclusive_ns_prefixes=prefixes if form == EXC_C14N else None,
        )
        return hashlib.new(name, content).digest()

    place = _place(reference.element, signature) if reference.enveloped else None
    element = _without(reference.element, place)
    actual = computed(element)
    facts.append((("Mã băm tính lại", "Digest computed"), actual.hex()))
    if actual == said:
        good = (f"Phần {_named(reference.element)} không bị sửa.", f"{_named(reference.element)} is unchanged.")
        return Remark(topic=Topic.DIGEST, holds=Holds.YES, text=good, facts=tuple(facts))
    is_spaces = said in {computed(_unspaced(element)), computed(_trimmed(element))}
    return Remark(topic=Topic.DIGEST, holds=Holds.NO, text=_changed(reference, is_spaces=is_spaces), facts=tuple(facts))


def _changed(reference: Reference, *, is_spaces: bool) -> Both:
    name = _named(reference.element)
    if is_spaces:
        return (
            f"Phần {name} bị thụt dòng hoặc thêm khoảng trắng sau khi ký: bỏ chúng đi thì mã băm khớp.",
            f"{name} was indented, or got spaces, after it was signed: without them the digest matches.",
        )
    return f"Phần {name} đã bị sửa sau khi ký.", f"{name} was changed after it was signed."


def _form(written: Element) -> tuple[str, list[str]]:
    """The canonical form, and the prefixes that are kept whether they are used or not."""
    transforms = written.find(ds("Transforms"))
    steps = [] if transforms is None else [step for step in transforms if step.get("Algorithm") != ENVELOPED]
    if not steps:
        return C14N, []
    inside = steps[0].find(_INCLUSIVE)
    return steps[0].get("Algorithm", ""), (inside.get("PrefixList", "").split() if inside is not None else [])


def _named(element: Element) -> str:
    name = etree.QName(element).localname
    mark = next((element.get(one) for one in ID_NAMES if element.get(one)), "")
    return f"{name} (#{mark})" if mark else name


def _place(element: Element, signature: Element) -> int | None:
    """The how-manieth node of the element its signature is."""
    return next((number for number, one in enumerate(element.iter()) if one is signature), None)


def _without(element: Element, place: int | None) -> Element:
    """The element, or a copy of it without the signature; what stands behind the signature stays."""
    if place is None:
        return element
    made = copy.deepcopy(element)
    made.tail = None
    signature = list(made.iter())[place]
    parent, before = signature.getparent(), signature.getprevious()
    assert parent is not None
    if signature.tail:
        if before is not None:
            before.tail = (before.tail or "") + signature.tail
        else:
            parent.text = (parent.text or "") + signature.tail
    parent.remove(signature)
    return made


def _unspaced(element: Element) -> Element:
    """Without texts that are nothing but spaces."""
    made = copy.deepcopy(element)
    for one in made.iter():
        if one.text is not None and not one.text.strip():
            one.text = None
        if one.tail is not None and not one.tail.strip():
            one.tail = None
    return made


def _trimmed(element: Element) -> Element:
    """The same, and without spaces around the other texts."""
    made = _unspaced(element)
    for one in made.iter():
        if one.text:
            one.text = one.text.strip()
    return made
