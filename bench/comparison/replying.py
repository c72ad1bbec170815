"""Signs what the canned upstream answers, as the mock's own WS-Security does, but from a template: the RSA signature is
then most of the work. The template is made by the mock; every signature names the request that it answers."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from mocks._kit.signatures import NotSigned
from mocks._kit.signatures.xml import NAMES, Signer, sign_soap, verify_soap, without_security

VALUE = re.compile(rb"SignatureValue[^>]*>([^<]+)<")
STAND_IN = b"lien-thong-stand-in"
FRESH_S = 60
"""For so long one template is used; a Timestamp counts for five minutes."""


@dataclass(frozen=True)
class _Template:
    """A signed answer with three gaps, and the canonical texts that two of them are made of."""

    made: datetime
    parts: tuple[bytes, bytes, bytes, bytes]
    confirmation: tuple[bytes, bytes]
    info: tuple[bytes, bytes]


class ReplySigner:
    """The upstream's key, and the certificate of those who ask."""

    def __init__(self, key: RSAPrivateKey, certificate: x509.Certificate, *, theirs: x509.Certificate) -> None:
        self._signer = Signer(key=key, certificate=certificate)
        self._key = key
        self._theirs = theirs
        self._templates: dict[bytes, _Template] = {}

    def verified(self, envelope: bytes) -> bytes:
        """The request without its signature. `NotSigned`."""
        if verify_soap(envelope, self._theirs, at=datetime.now(UTC)) is not None:
            raise NotSigned("an answer, not a request")
        return without_security(envelope)

    def sign(self, envelope: bytes, *, answers: bytes) -> bytes:
        """The envelope, signed and bound to the request `answers`."""
        value = VALUE.search(answers)
        if value is None:
            raise NotSigned("there is no signature to answer")
        template, now = self._templates.get(envelope), datetime.now(UTC)
        if template is None or (now - template.made).total_seconds() > FRESH_S:
            template = self._templates[envelope] = self._template(envelope, at=now)
        confirms = base64.b64encode(base64.b64decode(value[1]))
        confirmation = confirms.join(template.confirmation)
        digest = base64.b64encode(hashlib.sha256(confirmation).digest())
        info = digest.join(template.info)
        signature = base64.b64encode(self._key.sign(info, padding.PKCS1v15(), hashes.SHA256()))
        before, between, then, after = template.parts
        return b"".join((before, confirms, between, digest, then, signature, after))

    def _template(self, envelope: bytes, *, at: datetime) -> _Template:
        """What the mock signs, cut where the request's signature, its digest and the signature stand."""
        text = sign_soap(envelope, self._signer, at=at, confirms=STAND_IN)
        root = etree.fromstring(text)
        confirms = base64.b64encode(STAND_IN)
        confirmation = _canonical(root, "//o11:SignatureConfirmation")
        digest = base64.b64encode(hashlib.sha256(confirmation).digest())
        info = _canonical(root, "//d:SignedInfo")
        found = VALUE.search(text)
        assert found
        before, rest = _cut(text, confirms)
        between, rest = _cut(rest, digest)
        then, after = _cut(rest, found[1])
        return _Template(
            made=at,
            parts=(before, between, then, after),
            confirmation=_cut(confirmation, confirms),
            info=_cut(info, digest),
        )


def _canonical(root: etree._Element, path: str) -> bytes:
    [element] = cast(list[etree._Element], root.xpath(path, namespaces=NAMES))
    return bytes(etree.tostring(element, method="c14n", exclusive=True))


def _cut(text: bytes, gap: bytes) -> tuple[bytes, bytes]:
    assert text.count(gap) == 1, "the gap must stand in the text once"
    before, _, after = text.partition(gap)
    return before, after
