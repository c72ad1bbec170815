"""What goes into a wsse:Security header, as byte templates that are their own canonical form: what is hashed and signed
is what travels, byte for byte, and no tree is built for it. Only the Body, and headers that are signed, are made
canonical by lxml, since somebody else wrote them.

Exclusive c14n (W3C, 2002): every prefix is declared where it is used first, declarations before attributes, both in
order, and no element is written as an empty tag. SignedInfo alone travels without the declaration that the Signature
around it has: an idle one could be changed on the way, and nobody would notice.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from gateway.signing.algorithms import Algorithm
from gateway.signing.model import SigningKey
from gateway.signing.xml.names import (
    BASE64,
    DS,
    EXC_C14N,
    PKI_PATH,
    SHA256,
    SIGNATURES,
    WSSE,
    WSSE11,
    WSU,
    X509_V3,
)
from gateway.signing.xml.times import written_moment
from gateway.signing.xml.tokens import token_value
from gateway.signing.xml.writing import algorithm_of, fresh_id

PLAIN_ID = re.compile(r"[A-Za-z0-9_.-]{1,200}", re.ASCII)
"""One that is written into a template as it is."""
_STAMP = (
    f'<wsu:Timestamp xmlns:wsu="{WSU}" wsu:Id="%b"><wsu:Created>%b</wsu:Created>'
    "<wsu:Expires>%b</wsu:Expires></wsu:Timestamp>"
).encode()
_CONFIRMATION = (
    f'<wsse11:SignatureConfirmation xmlns:wsse11="{WSSE11}" xmlns:wsu="{WSU}" Value="%b" wsu:Id="%b">'
    "</wsse11:SignatureConfirmation>"
).encode()
_REFERENCE = (
    f'<ds:Reference URI="#%b"><ds:Transforms><ds:Transform Algorithm="{EXC_C14N}"></ds:Transform></ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod><ds:DigestValue>%b</ds:DigestValue></ds:Reference>'
).encode()
_DECLARED = f' xmlns:ds="{DS}"'.encode()
_INFO = (
    f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{EXC_C14N}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="%b"></ds:SignatureMethod>%b</ds:SignedInfo>'
).encode()
_SIGNATURE = (
    f'<ds:Signature xmlns:ds="{DS}" Id="%b">%b<ds:SignatureValue>%b</ds:SignatureValue>'
    f'<ds:KeyInfo><wsse:SecurityTokenReference xmlns:wsse="{WSSE}"%b><wsse:Reference URI="#%b" ValueType="%b">'
    "</wsse:Reference></wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>"
).encode()
_TOKEN = (
    f'<wsse:BinarySecurityToken xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" EncodingType="{BASE64}" ValueType="%b" '
    'wsu:Id="%b">%b</wsse:BinarySecurityToken>'
).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """`content`: what goes into the header. `signed`: those parts of it of which a digest was made, and SignedInfo,
    each of which must be its own canonical form."""

    content: bytes
    signed: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """For one key of ours."""

    key: SigningKey
    algorithm: Algorithm
    token: bytes
    """Our certificate, or the path to it, in base64."""
    kind: bytes
    about: bytes
    """What a reference to a path says beside it (WS-I Basic Security Profile 1.1)."""

    @classmethod
    def of(cls, key: SigningKey, *, path: bool) -> Self:
        """`ConfigurationError`: the key cannot sign XML, or has no certificate."""
        about = f' xmlns:wsse11="{WSSE11}" wsse11:TokenType="{PKI_PATH}"' if path else ""
        return cls(
            key=key,
            algorithm=algorithm_of(key),
            token=base64.b64encode(token_value(key, path=path)),
            kind=(PKI_PATH if path else X509_V3).encode(),
            about=about.encode(),
        )

    def fill(
        self, parts: Sequence[tuple[str, bytes]], *, at: datetime, fresh_s: float, confirms: str | None
    ) -> Written:
        """`parts`: the Id and the canonical form of the Body and of what else is signed outside of this header;
        `confirms`: the SignatureValue of a request, in base64."""
        one = fresh_id("").encode()
        token, stamp_id = b"X509" + one, b"TS" + one
        moments = written_moment(at).encode(), written_moment(at + timedelta(seconds=fresh_s)).encode()
        signed = [(stamp_id, _STAMP % (stamp_id, *moments))]
        if confirms is not None:
            name = b"SC" + one
            signed.append((name, _CONFIRMATION % (confirms.encode(), name)))
        outside = [(name.encode(), form) for name, form in parts]
        references = b"".join(_REFERENCE % (name, _digest(form)) for name, form in (*signed, *outside))
        info = _INFO % (SIGNATURES[self.algorithm].encode(), references)
        value = base64.b64encode(self.key.sign(info, algorithm=self.algorithm))
        named = self.about, token, self.kind
        content = b"".join(
            (
                _TOKEN % (self.kind, token, self.token),
                *(form for _, form in signed),
                _SIGNATURE % (b"SIG" + one, info.replace(_DECLARED, b"", 1), value, *named),
            )
        )
        return Written(content=content, signed=(info, *(form for _, form in signed)))


def _digest(form: bytes) -> bytes:
    return base64.b64encode(hashlib.sha256(form).digest())
