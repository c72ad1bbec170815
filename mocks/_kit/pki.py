"""Made-up certification authorities: roots, intermediates and certificates that are right, or wrong in one way.

Everything is made anew in each process; nothing of it stands in a file of the repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
NOW = datetime.now(UTC).replace(microsecond=0)
YEAR = timedelta(days=365)
SIGNING = ("digital_signature", "content_commitment")
ISSUING = ("key_cert_sign", "crl_sign")
EVERY_USAGE = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
USES = {
    "client": ExtendedKeyUsageOID.CLIENT_AUTH,
    "server": ExtendedKeyUsageOID.SERVER_AUTH,
    "email": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "ocsp": ExtendedKeyUsageOID.OCSP_SIGNING,
    "stamp": ExtendedKeyUsageOID.TIME_STAMPING,
    "code": ExtendedKeyUsageOID.CODE_SIGNING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a certificate says; the defaults are those of a good one that signs."""

    key: str = "p256"
    """p256, p384, ed25519, or rsa with its bits (rsa2048, rsa1024)."""
    begins: datetime = NOW - YEAR
    ends: datetime = NOW + YEAR
    is_authority: bool = False
    path_length: int | None = None
    usage: Sequence[str] | None = SIGNING
    """None: the extension is missing."""
    extended: Sequence[str] = ()
    hosts: Sequence[str] = ()
    is_sha1: bool = False
    """Of an authority with a key on P-256."""
    ocsp: str = ""
    """Address of the responder; crl: of the list."""
    crl: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A key with its certificate, and the intermediates between it and the root."""

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False)
    chain: tuple[x509.Certificate, ...] = ()

    def write_pem(self, path: Path, *, password: str = "") -> Path:
        """Key, certificate and chain in one file, mode 0600."""
        hidden = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        content = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden) + pem(
            self.certificate, *self.chain
        )
        return _written(path, content)

    def write_pkcs12(self, path: Path, *, password: str) -> Path:
        hidden = serialization.BestAvailableEncryption(password.encode())
        return _written(
            path, pkcs12.serialize_key_and_certificates(b"made up", self.key, self.certificate, self.chain, hidden)
        )

    def write_certificate(self, path: Path) -> Path:
        return _written(path, pem(self.certificate))


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority(Holder):
    """Issues certificates. Its own certificate is `certificate`; `chain` holds those above it, the root apart."""

    defaults: Wanted = field(default_factory=Wanted)
    """Of what it issues: the addresses of its responder, say."""

    def issue(self, name: str, wanted: Wanted | None = None, *, key: PrivateKey | None = None) -> Holder:
        own = key or new_key((wanted or self.defaults).key)
        return Holder(certificate=self.certify(name, own.public_key(), wanted), key=own, chain=self._above)

    def certify(self, name: str, public: PublicKey, wanted: Wanted | None = None) -> x509.Certificate:
        """For a key whose private half is elsewhere, in an HSM say."""
        said = wanted or self.defaults
        return _certificate(name, said, public=public, above=self.key, issuer=self.certificate.subject)

    def authority(self, name: str, wanted: Wanted | None = None) -> Authority:
        """One below this one."""
        said = replace(wanted or self.defaults, is_authority=True, usage=ISSUING)
        own = new_key(said.key)
        certificate = self.certify(name, own.public_key(), said)
        return Authority(certificate=certificate, key=own, chain=self._above, defaults=self.defaults)

    @property
    def _above(self) -> tuple[x509.Certificate, ...]:
        is_root = self.certificate.issuer == self.certificate.subject
        return () if is_root else (self.certificate, *self.chain)


def root(name: str, wanted: Wanted | None = None, *, defaults: Wanted | None = None) -> Authority:
    """A self-signed authority. `defaults`: of what is issued below it."""
    said = replace(wanted or Wanted(), is_authority=True, usage=ISSUING)
    key = new_key(said.key)
    certificate = _self_signed(name, said, key)
    return Authority(certificate=certificate, key=key, defaults=defaults or Wanted())


def self_signed(name: str, wanted: Wanted | None = None) -> Holder:
    said = wanted or Wanted()
    key = new_key(said.key)
    return Holder(certificate=_self_signed(name, said, key), key=key)


def new_key(kind: str = "p256") -> PrivateKey:
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind.removeprefix("rsa")))
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    curves = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}
    return ec.generate_private_key(curves[kind])


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def name_of(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def subject(name: str, organisation: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")]
    if organisation:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _self_signed(name: str, said: Wanted, key: PrivateKey) -> x509.Certificate:
    return _certificate(name, said, public=key.public_key(), above=key, issuer=subject(name, said.organisation))


def _certificate(
    name: str, said: Wanted, *, public: PublicKey, above: PrivateKey, issuer: x509.Name
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(name, said.organisation))
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(said.begins)
        .not_valid_after(said.ends)
        .add_extension(x509.BasicConstraints(said.is_authority, said.path_length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
    )
    for extension, is_critical in _extensions(said):
        builder = builder.add_extension(extension, critical=is_critical)
    certificate = builder.sign(above, None if isinstance(above, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    if said.is_sha1 and isinstance(above, ec.EllipticCurvePrivateKey):
        return _weakly_signed(certificate, above)
    return certificate


def _extensions(said: Wanted) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = []
    if said.usage is not None:
        found.append((_usage(said.usage), True))
    if said.extended:
        found.append((x509.ExtendedKeyUsage([USES[one] for one in said.extended]), False))
    if said.hosts:
        found.append((x509.SubjectAlternativeName([_host(one) for one in said.hosts]), False))
    if said.ocsp:
        responder = x509.UniformResourceIdentifier(said.ocsp)
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, responder)
        found.append((x509.AuthorityInformationAccess([access]), False))
    if said.crl:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(said.crl)], None, None, None)
        found.append((x509.CRLDistributionPoints([point]), False))
    return found


def _host(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name.replace(".", "").isdigit() else x509.DNSName(name)


def _usage(named: Sequence[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{one: one in named for one in EVERY_USAGE})


def _weakly_signed(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """The same, signed with SHA-1. The library refuses to make one, and a gateway must refuse to take one."""
    said = asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
    for algorithm in (said["tbs_certificate"]["signature"], said["signature_algorithm"]):
        algorithm["algorithm"] = "sha1_ecdsa"
    said["signature_value"] = key.sign(said["tbs_certificate"].dump(force=True), ec.ECDSA(hashes.SHA1()))  # noqa: S303 - see above
    return x509.load_der_x509_certificate(said.dump(force=True))


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path
