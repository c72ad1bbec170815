"""How a client may come beside its key: a certificate, or tokens of the authorisation server, each as one line of text.

`cert:<SHA-256>` one certificate · `spki:<SHA-256>` one public key, whatever certificate carries it ·
`subject:<RFC 4514>;issuer:<RFC 4514>` any certificate of that name that the client CA signed · `token:<subject>`.
Several of one kind are a rotation.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.sdk.errors import UnprocessableError
from gateway.signing.tls import key_digest

_FORMS = re.compile(r"(cert|spki):[0-9a-f]{64}|subject:.{1,400};issuer:.{1,400}|token:[!-~]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Who is at the other end of the connection: the address that nobody could make up, and the certificate whose key
    they proved to have. `checked`: its path to the client CA was verified, so that its names mean something."""

    address: str = ""
    certificate: x509.Certificate | None = None
    checked: bool = False


def check_ways(ways: Collection[str]) -> tuple[str, ...]:
    """The same, each once; `UnprocessableError` when one is none."""
    if not all(_FORMS.fullmatch(way) for way in ways):
        raise UnprocessableError(
            "A way reads cert:<64 hex>, spki:<64 hex>, subject:<name>;issuer:<name> or token:<subject>.",
            vi="Cách vào phải có dạng cert:<64 hex>, spki:<64 hex>, subject:<tên>;issuer:<tên> hoặc token:<tên>.",
            what="client_way",
        )
    return tuple(sorted(set(ways)))


def check_networks(networks: Collection[str]) -> tuple[str, ...]:
    """The same in their usual form; `UnprocessableError` when one is no CIDR."""
    try:
        return tuple(sorted({str(ipaddress.ip_network(network)) for network in networks}))
    except ValueError as exc:
        raise UnprocessableError(
            "A network reads like 10.1.0.0/16.", vi="Dải mạng phải có dạng như 10.1.0.0/16.", what="client_network"
        ) from exc


def is_within(address: str, networks: Collection[str]) -> bool:
    """Whether the address is in one of them. One that cannot be read is in none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in ipaddress.ip_network(network) for network in networks)


def ways_of(peer: Peer) -> tuple[str, ...]:
    """All that a certificate can be known by."""
    if peer.certificate is None:
        return ()
    ways = [f"cert:{thumbprint(peer.certificate).hex()}"]
    if key := key_digest(peer.certificate.public_bytes(Encoding.DER)):  # else it is of a kind that nobody can pin
        ways.append(f"spki:{key}")
    if peer.checked:
        ways.append(named(peer.certificate))
    return tuple(ways)


def named(certificate: x509.Certificate) -> str:
    """The way of every certificate with these names."""
    return f"subject:{certificate.subject.rfc4514_string()};issuer:{certificate.issuer.rfc4514_string()}"


def pin_of(pem: bytes) -> str:
    """The way of its public key: a certificate that is renewed on the same key needs no change here."""
    try:
        key = key_digest(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))
    except ValueError as exc:
        raise _no_certificate() from exc
    if not key:
        raise _no_certificate()
    return f"spki:{key}"


def _no_certificate() -> UnprocessableError:
    return UnprocessableError(
        "The file holds no PEM certificate with a usual key.",
        vi="Tệp không phải chứng thư số PEM có khoá thông dụng.",
        what="client_way",
    )


def thumbprint(certificate: x509.Certificate) -> bytes:
    """SHA-256 of the whole certificate: `x5t#S256` (RFC 7515, 4.1.8) before base64url."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
