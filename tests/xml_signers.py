"""Keys, certificates and a plain trust for the tests of XML signatures, made when they run."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.sdk import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.model import PublicKey, SharedSecret, SigningKey
from gateway.signing.protection import Message
from gateway.signing.settings import Domain, ProtectionSettings

AT = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Implements `SigningKey` and, for itself, `Keys`."""

    private: PrivateKey = field(repr=False)
    certificate: x509.Certificate | None
    chain: Sequence[x509.Certificate] = ()
    kid: str = "test"

    @property
    def public_key(self) -> PublicKey:
        return self.private.public_key()

    @property
    def algorithms(self) -> frozenset[Algorithm]:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return frozenset({Algorithm.RS256, Algorithm.RS384, Algorithm.RS512, Algorithm.PS256})
        return frozenset({Algorithm.ES256 if self.private.curve.name == "secp256r1" else Algorithm.ES384})

    def sign(self, message: bytes, *, algorithm: Algorithm) -> bytes:
        digest = _HASHES[algorithm.value[2:]]
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(message, padding.PKCS1v15(), digest)
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(digest)))
        size = (self.private.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def signing(self, at: datetime) -> SigningKey:
        return self

    def accepted(self, at: datetime) -> Sequence[SigningKey]:
        return (self,)

    @property
    def pem(self) -> bytes:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def own(self) -> x509.Certificate:
        assert self.certificate is not None
        return self.certificate


@cache
def private_key(kind: str = "rsa-2048", name: str = "") -> PrivateKey:
    """One per kind and name in a test run: making RSA keys is slow."""
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[4:]))
    return ec.generate_private_key({"p-256": ec.SECP256R1(), "p-384": ec.SECP384R1()}[kind])


def certify(
    name: str,
    key: PrivateKey,
    *,
    by: Holder | None = None,
    days: tuple[int, int] = (-30, 365),
    is_ca: bool = False,
    around: datetime = AT,
) -> x509.Certificate:
    subject = _name(name)
    issuer = by.own.subject if by else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(around + timedelta(days=days[0]))
        .not_valid_after(around + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign((by.private if by else key), hashes.SHA256())


def _name(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Thử nghiệm"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


@cache
def holder(name: str = "doi-tac", kind: str = "rsa-2048") -> Holder:
    """Self-signed, for pinning."""
    key = private_key(kind, name)
    return Holder(private=key, certificate=certify(name, key))


@cache
def authority(name: str) -> Holder:
    key = private_key("p-256", name)
    return Holder(private=key, certificate=certify(name, key, is_ca=True, days=(-3650, 3650)))


def issued(name: str, *, by: Holder, days: tuple[int, int] = (-30, 365)) -> Holder:
    """By an authority under `by`, which is in the chain."""
    middle_key = private_key("p-256", f"{by.own.subject.rfc4514_string()} sub")
    middle = Holder(
        private=middle_key, certificate=certify("CA con", middle_key, by=by, is_ca=True, days=(-1000, 1000))
    )
    key = private_key("rsa-2048", name)
    return Holder(private=key, certificate=certify(name, key, by=middle, days=days), chain=(middle.own,))


class Roots:
    """A `Trust` of two lines: a path to one of these roots, or one of these certificates, and not revoked."""

    def __init__(self, *believed: x509.Certificate, domain: Domain = Domain.OFFICIAL) -> None:
        self._believed = believed
        self._domain = domain
        self.revoked: set[int] = set()

    @property
    def domain(self) -> Domain:
        return self._domain

    def check(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, at: datetime, stamps: bool = False
    ) -> None:
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise TrustError("expired", vi="hết hạn", what="certificate_expired")
        if certificate.serial_number in self.revoked:
            raise TrustError("revoked", vi="thu hồi", what="certificate_revoked")
        path = [certificate, *chain]
        believed = [one for one in self._believed if one == path[-1] or one.subject == path[-1].issuer]
        try:
            for child, parent in itertools.pairwise([*path, *believed[:1]] if path[-1] not in believed else path):
                child.verify_directly_issued_by(parent)
        except (InvalidSignature, ValueError, TypeError) as exc:
            raise TrustError("forged", vi="giả mạo", what="certificate_unknown") from exc
        if not believed:
            raise TrustError("unknown", vi="không rõ", what="certificate_unknown")

    def public_key(self, kid: str, *, at: datetime) -> PublicKey:
        raise NotImplementedError

    def secret(self, kid: str = "", *, at: datetime) -> SharedSecret:
        raise NotImplementedError

    async def learn(self, certificates: Sequence[x509.Certificate], *, at: datetime) -> None:
        return None


def trust_in(*holders: Holder, domain: Domain = Domain.TECHNICAL) -> Roots:
    return Roots(*(one.own for one in holders), domain=domain)


def rule(scheme: str = "wsse-x509", **settings: Any) -> ProtectionSettings:
    return ProtectionSettings.model_validate({"scheme": scheme, "key": "tinh", "trust": "c06", **settings})


def soap(body: str = "", *, version: str = "1.1", header: str = "", declared: str = "") -> Message:
    space = {
        "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
        "1.2": "http://www.w3.org/2003/05/soap-envelope",
    }[version]
    inside = body or (
        '<q:TraCuu xmlns:q="urn:vn:dancu"><q:soDinhDanh>099001000001</q:soDinhDanh>'
        "<q:hoTen>Nguyễn Thị Ánh Tuyết</q:hoTen><q:ghiChu>a &amp; b &lt; c</q:ghiChu></q:TraCuu>"
    )
    head = f"<s:Header>{header}</s:Header>" if header else ""
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="{space}"{declared}>\n'
        f"  {head}<s:Body>{inside}</s:Body>\n</s:Envelope>"
    )
    return Message(headers={"content-type": "text/xml; charset=utf-8"}, content=text.encode(), method="POST")
