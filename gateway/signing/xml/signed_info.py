"""SignedInfo read from its canonical bytes: the very bytes that the signature is of, and no nodes. Only the shape that
nearly everybody writes; what is of another one is read node by node (`reading`), which accepts more and means the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from gateway.signing.xml.names import DIGESTS, DS, EXC_C14N, SIGNATURES

_PREFIX = re.compile(rb"<(?:([A-Za-z_][A-Za-z0-9_.-]{0,30}):)?SignedInfo xmlns", re.ASCII)
_INCLUSIVE = (
    rb'(?:<(?P<%s>[A-Za-z_][A-Za-z0-9_.-]{0,30}):InclusiveNamespaces xmlns:(?P=%s)="'
    + re.escape(EXC_C14N).encode()
    + rb'" '
    rb'PrefixList="(?P<%s_list>[^"&<]*)"></(?P=%s):InclusiveNamespaces>)?'
)
_METHODS = frozenset(SIGNATURES.values())
_BLANKS = rb"[ \t\n]*+"
"""Possessive: two of them may meet, and a stranger chooses how many blanks there are."""


class Referred(NamedTuple):
    """One Reference with one exclusive transform. `said`: the digest, in base64."""

    id: str
    prefixes: str
    digest: str
    said: str


class Told(NamedTuple):
    """`method`: the address of the algorithm; `prefixes`: of its own canonical form."""

    method: str
    prefixes: str
    references: tuple[Referred, ...]


def read_signed_info(form: bytes) -> Told | None:
    """`form`: exclusive, without comments. None: it is of another shape."""
    named = _PREFIX.match(form)
    if named is None:
        return None
    head, reference, tail = _patterns(named[1] or b"")
    found = head.match(form)
    method = found["method"].decode() if found else ""
    if found is None or method not in _METHODS:
        return None
    references: list[Referred] = []
    place = found.end()
    while one := reference.match(form, place):
        digest = DIGESTS.get(one["digest"].decode())
        if digest is None:
            return None
        name, prefixes, said = one.group("id", "of_list", "said")
        references.append(Referred(name.decode(), (prefixes or b"").decode(), digest, said.decode()))
        place = one.end()
    if not references or not tail.fullmatch(form, place):
        return None
    return Told(method, (found["of_list"] or b"").decode(), tuple(references))


@lru_cache(maxsize=32)
def _patterns(prefix: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    """The beginning, one Reference, and the end, for the prefix that the signature's namespace has."""
    own = re.escape(prefix) + b":" if prefix else b""
    declared = b"xmlns:" + re.escape(prefix) if prefix else b"xmlns"

    def tag(name: bytes, attributes: bytes = b"", inside: bytes = b"") -> bytes:
        return b"<%b%b%b>%b</%b%b>" % (own, name, attributes, inside, own, name)

    inclusive = _INCLUSIVE.replace(b"%s", b"of")
    exclusive = b' Algorithm="%b"' % re.escape(EXC_C14N).encode()
    any_one = rb' Algorithm="(?P<%b>[^"&<]+)"'
    head = _BLANKS.join(
        (
            b'<%bSignedInfo %b="%b">' % (own, declared, re.escape(DS).encode()),
            tag(b"CanonicalizationMethod", exclusive, _BLANKS + inclusive + _BLANKS),
            tag(b"SignatureMethod", any_one % b"method", _BLANKS),
            b"",
        )
    )
    transform = tag(b"Transform", exclusive, _BLANKS + inclusive + _BLANKS)
    inside = _BLANKS.join(
        (
            b"",
            tag(b"Transforms", b"", _BLANKS + transform + _BLANKS),
            tag(b"DigestMethod", any_one % b"digest", _BLANKS),
            tag(b"DigestValue", b"", rb"(?P<said>[A-Za-z0-9+/= \t\n]+)"),
            b"",
        )
    )
    reference = tag(b"Reference", rb' URI="#(?P<id>[A-Za-z0-9_.-]+)"', inside) + _BLANKS
    return re.compile(head), re.compile(reference), re.compile(b"</%bSignedInfo>" % own)
