"""Reads a ds:Signature and believes nothing of it: which elements it signs, in which form, and by which digests. What
may stand in one is listed; all else is refused. Whether it holds is `proof`; whose it is, is the caller's question."""

from __future__ import annotations

import hashlib
from collections.abc import Set
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from gateway.signing.xml.names import C14N, C14N_11, DIGESTS, ENVELOPED, EXC_C14N, SIGNATURES, ds
from gateway.signing.xml.signed_info import Referred, read_signed_info
from gateway.signing.xml.tree import Element, Index, canonical, octets, octets64, refuse

STRICT = frozenset({EXC_C14N})
"""Canonical forms of messages: an envelope is taken out of its surroundings and put into others."""
DOCUMENTS = frozenset({EXC_C14N, C14N, C14N_11})
"""Those of documents, which signers' tools made as they liked; a document stands alone."""
_REQUIRED = [ds("SignedInfo"), ds("SignatureValue"), ds("KeyInfo")]
_METHODS = [ds("CanonicalizationMethod"), ds("SignatureMethod")]
_BARE = [ds("DigestMethod"), ds("DigestValue")]
_TRANSFORMED = [ds("Transforms"), *_BARE]
_REFERENCE, _TRANSFORM, _OBJECT = ds("Reference"), ds("Transform"), ds("Object")
_INCLUSIVE = f"{{{EXC_C14N}}}InclusiveNamespaces"
_ACCEPTED = frozenset(SIGNATURES.values())


class Form(NamedTuple):
    """How nodes become bytes. `prefixes`: those that an exclusive form keeps whether they are used or not."""

    algorithm: str
    prefixes: tuple[str, ...] = ()


class Reference(NamedTuple):
    """What one Reference of a sound SignedInfo means. `digest`: the name of the algorithm, as hashlib has it; `said`:
    what came of it, says the signature."""

    element: Element
    enveloped: bool
    type: str
    form: Form
    digest: str
    said: bytes


_EXCLUSIVE = Form(EXC_C14N)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One whose shape is sound. Nothing is proven before `proof.prove`. `form`: of its SignedInfo; `plain`: that,
    exclusive, in bytes."""

    element: Element
    references: tuple[Reference, ...]
    method: str
    form: Form
    plain: bytes = field(repr=False)
    value: bytes = field(repr=False)

    @property
    def info(self) -> Element:
        return self.element[0]

    @property
    def key_info(self) -> Element:
        return self.element[2]

    @property
    def digest(self) -> bytes:
        """Of what was signed. Not of the value: of an ECDSA signature anybody makes a second one."""
        return hashlib.sha256(self.plain).digest()

    def signs(self, element: Element) -> bool:
        """Whether this very node is signed as it stands."""
        return any(part.element is element and not part.enveloped for part in self.references)


def read_signature(element: Element, index: Index, *, root: Element, forms: Set[str] = STRICT) -> Signature:
    """`TrustError` unless its shape, its algorithms and its references are among those that are listed."""
    names = [part.tag for part in element]
    if names[:3] != _REQUIRED or any(name != _OBJECT for name in names[3:]):
        refuse("The signature is malformed.", vi="Chữ ký sai cấu trúc.")
    plain = canonical(element[0])
    usual = read_signed_info(plain)
    if usual is not None:
        method, form = usual.method, _exclusive(usual.prefixes)
        references = tuple(_referred(one, index) for one in usual.references)
    else:
        method, form, references = _by_nodes(element[0], index, root=root, forms=forms)
    if len({id(reference.element) for reference in references}) != len(references):
        refuse("The signature names one element twice.", vi="Chữ ký tham chiếu hai lần một phần tử.")
    return Signature(
        element=element, references=references, method=method, form=form, plain=plain, value=octets(element[1])
    )


def _by_nodes(
    element: Element, index: Index, *, root: Element, forms: Set[str]
) -> tuple[str, Form, tuple[Reference, ...]]:
    """The method, the form and the references of a SignedInfo of any listed shape."""
    info = list(element)
    if [part.tag for part in info[:2]] != _METHODS or len(info) < 3:
        refuse("The signature is malformed.", vi="Chữ ký sai cấu trúc.")
    form = _form(info[0], forms)
    method = info[1].get("Algorithm", "")
    if method not in _ACCEPTED or len(info[1]):
        _unlisted()
    return method, form, tuple(_reference(part, index, root=root, forms=forms) for part in info[2:])


def _referred(said: Referred, index: Index) -> Reference:
    return Reference(
        element=_target(f"#{said.id}", index, root=None),
        enveloped=False,
        type="",
        form=_exclusive(said.prefixes),
        digest=said.digest,
        said=octets64("".join(said.said.split())),
    )


def _reference(element: Element, index: Index, *, root: Element, forms: Set[str]) -> Reference:
    parts = list(element)
    names = [part.tag for part in parts]
    if element.tag != _REFERENCE or names not in (_TRANSFORMED, _BARE):
        refuse("A reference of the signature is malformed.", vi="Tham chiếu của chữ ký sai cấu trúc.")
    method, value = parts[-2:]
    digest = DIGESTS.get(method.get("Algorithm", ""))
    if digest is None or len(method):
        _unlisted()
    enveloped, form = _transformed(parts[0] if len(parts) == 3 else None, forms)
    return Reference(
        element=_target(element.get("URI"), index, root=root),
        enveloped=enveloped,
        type=element.get("Type", ""),
        form=form,
        digest=digest,
        said=octets(value),
    )


def _target(uri: str | None, index: Index, *, root: Element | None) -> Element:
    """The node that counts, and the only one that is looked at when the signature is proven."""
    if uri == "" and root is not None:
        return root
    found = index.get(uri[1:]) if uri and uri.startswith("#") else None
    if found is None:
        refuse("The signature refers to something that is not here.", vi="Chữ ký tham chiếu ra ngoài thông điệp.")
    return found


def _transformed(transforms: Element | None, forms: Set[str]) -> tuple[bool, Form]:
    """Whether the signature itself is taken out before, and the form. No Transforms: plain c14n, as the standard
    says."""
    steps = [] if transforms is None else list(transforms)
    enveloped = bool(steps) and steps[0].get("Algorithm") == ENVELOPED and not len(steps[0])
    forms_of = steps[1:] if enveloped else steps
    if any(step.tag != _TRANSFORM for step in steps) or len(forms_of) > 1:
        _unlisted()
    if not forms_of and C14N not in forms:
        _unlisted()
    return enveloped, _form(forms_of[0], forms) if forms_of else Form(algorithm=C14N)


def _form(element: Element, forms: Set[str]) -> Form:
    algorithm = element.get("Algorithm", "")
    inside = list(element)
    if algorithm not in forms or len(inside) > 1 or any(part.tag != _INCLUSIVE for part in inside):
        _unlisted()
    return Form(algorithm=algorithm, prefixes=_split(inside[0].get("PrefixList", "")) if inside else ())


def _exclusive(prefixes: str) -> Form:
    return Form(EXC_C14N, _split(prefixes)) if prefixes else _EXCLUSIVE


def _split(prefixes: str) -> tuple[str, ...]:
    return tuple(prefix for prefix in prefixes.split(" ") if prefix)


def _unlisted() -> NoReturn:
    refuse(
        "The signature uses an algorithm or a transform that is not accepted.",
        vi="Chữ ký dùng thuật toán hoặc phép biến đổi không được chấp nhận.",
        what="algorithm",
    )
