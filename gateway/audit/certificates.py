"""Certificates that stand in a message beside its signature: so that whoever checks it later has them at hand."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator

from cryptography import x509

_BASE64 = re.compile(rb"MII[A-Za-z0-9+/\s]{200,20000}={0,2}")
"""A certificate in base64 begins so, in XML (X509Certificate, BinarySecurityToken), in a `x5c` of JOSE, and in PEM."""
_MOST = 50


def certificates_in(bodies: Iterable[bytes]) -> tuple[bytes, ...]:
    """Each once, as DER, in the order in which they stand; what is none is passed over."""
    found = dict[bytes, None]()
    for body in bodies:
        found.update(dict.fromkeys(_read(body)))
    return tuple(found)[:_MOST]


def _read(body: bytes) -> Iterator[bytes]:
    for match in _BASE64.finditer(body):
        try:
            raw = base64.b64decode(b"".join(match.group().split()), validate=True)
            x509.load_der_x509_certificate(raw)
        except ValueError:
            continue
        yield raw
