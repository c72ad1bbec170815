"""What proves a signature, against libxmlsec: both hold, or neither; and SignedInfo from bytes is that from nodes."""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Callable

import pytest
from lxml import etree
from xml_signers import AT, Holder, holder, rule, soap, trust_in

from gateway.sdk import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.protection import Message
from gateway.signing.xml import WssX509, XmlDsig
from gateway.signing.xml.names import EXC_C14N, ds
from gateway.signing.xml.proof import prove, prove_by_library
from gateway.signing.xml.reading import DOCUMENTS, Signature, _by_nodes, read_signature
from gateway.signing.xml.signed_info import read_signed_info
from gateway.signing.xml.tree import canonical, indexed, parsed

Root = etree._Element
KINDS = ["rsa-2048", "p-256", "p-384"]
MORE = '<q:A xmlns:q="urn:q" z="1" a="&#xD;&quot;"><b xmlns="urn:b">x &amp; <c xmlns=""/></b><q:d>x:y</q:d></q:A>'


def by(kind: str) -> Holder:
    return holder(f"doi-tac {kind}", kind)


def signed(kind: str, *, declared: str = "") -> bytes:
    options = {"headers": ["{urn:h}Phien"]}
    header = '<h:Phien xmlns:h="urn:h">1</h:Phien>'
    message = soap(MORE, header=header, declared=f' xmlns:x="urn:x"{declared}')
    return WssX509(by(kind), trust_in(holder("tinh")), rule(options=options)).sign(message, at=AT).content


def enveloped(kind: str) -> bytes:
    message = Message(content=f"<t:M xmlns:t='urn:t'>{MORE}<t:N/></t:M>".encode())
    return XmlDsig(by(kind), trust_in(holder("tinh")), rule("xmldsig")).sign(message, at=AT).content


def read(root: Root) -> Signature:
    found = next(root.iter(ds("Signature")))
    return read_signature(found, indexed(root), root=root, forms=DOCUMENTS)


def verdicts(root: Root, kind: str) -> tuple[bool, bool]:
    """Ours, and libxmlsec's; of a copy each, since both work on the tree."""
    told = []
    for way in (prove, prove_by_library):
        try:
            way(read(parsed(etree.tostring(root))), by(kind).own)
            told.append(True)
        except TrustError:
            told.append(False)
    return told[0], told[1]


def anew(root: Root, kind: str, *, prefixes: str = "", digest: str = "sha256") -> Root:
    """Signed again, with these prefixes in each form, and this digest."""
    signature = next(root.iter(ds("Signature")))
    info = signature[0]
    for step in [info[0], *info.iter(ds("Transform"))]:
        etree.SubElement(step, f"{{{EXC_C14N}}}InclusiveNamespaces", {"PrefixList": prefixes})
    listed = prefixes.split()
    for reference in info.iter(ds("Reference")):
        name = (reference.get("URI") or "#")[1:]
        target = next(part for part in root.iter() if name in part.attrib.values() and part is not reference)
        method, value = reference[-2:]
        method.set("Algorithm", f"http://www.w3.org/2001/04/xmlenc#{digest}")
        made = etree.tostring(target, method="c14n", exclusive=True, inclusive_ns_prefixes=listed or None)
        value.text = base64.b64encode(hashlib.new(digest, made).digest()).decode()
    form = etree.tostring(info, method="c14n", exclusive=True, inclusive_ns_prefixes=listed or None)
    algorithm = Algorithm.RS256 if kind.startswith("rsa") else Algorithm(f"ES{kind[2:]}")
    signature[1].text = base64.b64encode(by(kind).sign(form, algorithm=algorithm)).decode()
    return root


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("made", [signed, enveloped])
def test_what_we_sign_holds_for_both(kind: str, made: Callable[[str], bytes]) -> None:
    assert verdicts(parsed(made(kind)), kind) == (True, True)


@pytest.mark.parametrize("prefixes", ["", "x", "x s", "x none s", " x  s "])
@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_prefixes_that_a_form_keeps_and_other_digests_hold_for_both(prefixes: str, digest: str) -> None:
    root = anew(parsed(signed("p-256")), "p-256", prefixes=prefixes, digest=digest)
    assert verdicts(root, "p-256") == (True, True)


def a_text(root: Root) -> None:
    next(root.iter("{urn:b}b")).text = "y"


def an_attribute(root: Root) -> None:
    next(root.iter("{urn:q}A")).set("z", "2")


def a_tail(root: Root) -> None:
    next(root.iter("{urn:b}b")).tail = " "


def a_namespace(root: Root) -> None:
    next(root.iter("{urn:q}d")).tag = "{urn:other}d"


def a_digest(root: Root) -> None:
    value = next(root.iter(ds("DigestValue")))
    value.text = base64.b64encode(bytes(32)).decode()


def a_short_digest(root: Root) -> None:
    value = next(root.iter(ds("DigestValue")))
    value.text = base64.b64encode(base64.b64decode(value.text or "")[:31]).decode()


def the_value(root: Root) -> None:
    value = next(root.iter(ds("SignatureValue")))
    raw = base64.b64decode(value.text or "")
    value.text = base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()


def a_longer_value(root: Root) -> None:
    value = next(root.iter(ds("SignatureValue")))
    value.text = base64.b64encode(base64.b64decode(value.text or "") + b"\0").decode()


def an_empty_pair(root: Root) -> None:
    next(root.iter(ds("SignatureValue"))).text = base64.b64encode(bytes(64)).decode()


CHANGES = [
    a_text, an_attribute, a_tail, a_namespace, a_digest, a_short_digest, the_value, a_longer_value, an_empty_pair,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("made", [signed, enveloped])
def test_what_was_changed_holds_for_neither(
    kind: str, made: Callable[[str], bytes], change: Callable[[Root], None]
) -> None:
    root = parsed(made(kind))
    change(root)
    assert verdicts(root, kind) == (False, False)


@pytest.mark.parametrize("kind", KINDS)
def test_another_ones_key_proves_nothing(kind: str) -> None:
    stranger = holder(f"ke-la {kind}", kind)
    for way in (prove, prove_by_library):
        with pytest.raises(TrustError, match="does not hold"):
            way(read(parsed(signed(kind))), stranger.own)


def test_text_behind_an_enveloped_signature_is_signed_like_the_rest() -> None:
    root = parsed(enveloped("p-256"))
    next(root.iter(ds("Signature"))).tail = "\n"
    assert verdicts(root, "p-256") == (False, False)
    next(root.iter(ds("Signature"))).tail = None
    assert verdicts(root, "p-256") == (True, True)


def test_a_proof_leaves_the_message_as_it_was() -> None:
    root = parsed(enveloped("p-256"))
    before = etree.tostring(root)
    prove(read(root), by("p-256").own)
    assert etree.tostring(root) == before


def same(root: Root) -> tuple[object, object]:
    """What the bytes of SignedInfo say, and what its nodes say."""
    signature = read(root)
    assert read_signed_info(signature.plain) is not None
    nodes = _by_nodes(signature.info, indexed(root), root=root, forms=frozenset({EXC_C14N}))
    return (signature.method, signature.form, signature.references), nodes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prefixes", [None, "", "x s", "  x"])
def test_signed_info_says_the_same_in_bytes_and_in_nodes(kind: str, prefixes: str | None) -> None:
    root = parsed(signed(kind))
    if prefixes is not None:
        anew(root, kind, prefixes=prefixes)
    in_bytes, in_nodes = same(root)
    assert in_bytes == in_nodes


def test_signed_info_under_any_prefix_and_with_blanks_is_read_from_bytes() -> None:
    plain = signed("p-256")
    for other in (
        plain.replace(b"<ds:", b"<d:").replace(b"</ds:", b"</d:").replace(b"xmlns:ds=", b"xmlns:d="),
        plain.replace(b"<ds:", b"<").replace(b"</ds:", b"</").replace(b"xmlns:ds=", b"xmlns="),
        plain.replace(b"<ds:", b"\n<ds:").replace(b"</ds:Ref", b"\n </ds:Ref"),
    ):
        in_bytes, in_nodes = same(parsed(other))
        assert in_bytes == in_nodes


def another_namespace(info: Root) -> None:
    info[2].tag = "{urn:x}Reference"


def a_method_of_another_namespace(info: Root) -> None:
    info[1].tag = "{urn:x}SignatureMethod"


def a_text_between(info: Root) -> None:
    info[0].tail = "x"


def an_unknown_method(info: Root) -> None:
    info[1].set("Algorithm", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")


def an_unknown_digest(info: Root) -> None:
    info[2][1].set("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")


def a_second_transform(info: Root) -> None:
    info[2][0].append(copy.deepcopy(info[2][0][0]))


def a_second_attribute(info: Root) -> None:
    info[2].set("Type", "urn:x")


def an_address(info: Root) -> None:
    info[2].set("URI", "http://127.0.0.1:1/x")


def nothing_referred_to(info: Root) -> None:
    for reference in list(info)[2:]:
        info.remove(reference)


def an_element_at_the_end(info: Root) -> None:
    etree.SubElement(info, ds("Object"))


def prefixes_of_another_namespace(info: Root) -> None:
    etree.SubElement(info[0], "{urn:x}InclusiveNamespaces", {"PrefixList": "x"})


OTHERS = [
    another_namespace, a_method_of_another_namespace, a_text_between, an_unknown_method, an_unknown_digest,
    a_second_transform, a_second_attribute, an_address, nothing_referred_to, an_element_at_the_end,
    prefixes_of_another_namespace,
]  # fmt: skip


@pytest.mark.parametrize("change", OTHERS, ids=lambda change: change.__name__)
def test_signed_info_of_another_shape_is_left_to_the_nodes(change: Callable[[Root], None]) -> None:
    info = next(parsed(signed("p-256")).iter(ds("SignedInfo")))
    assert read_signed_info(canonical(info)) is not None
    change(info)
    assert read_signed_info(canonical(info)) is None
