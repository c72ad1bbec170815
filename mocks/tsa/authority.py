"""The authority's keys, made when the mock starts, and the stamps that it gives (RFC 3161, RFC 5816, RFC 5652)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY = "2.999.1"
"""MOCK-TSA: 2.999 is the arc for examples. A real authority names a policy that it has published."""
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Holder:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


@dataclass(frozen=True)
class Authority:
    """A root, and who signs by its leave: `good`, and two who may not."""

    root: Holder
    good: Holder
    expired: Holder
    without_purpose: Holder


class _Reply(core.Sequence):  # type: ignore[misc]  # the library ships no types
    """RFC 3161, 2.4.2. The library's own `TimeStampResp` knows no reply without a token."""

    _fields = [  # noqa: RUF012 - as the library wants it
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


def found(at: datetime) -> Authority:
    """New keys. `at`: the present."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = Holder(root_key, _root(root_key, at))
    return Authority(
        root=root,
        good=_issued(root, "MOCK TSA", since=at - timedelta(days=1), until=at + YEAR),
        expired=_issued(root, "MOCK TSA expired", since=at - YEAR, until=at - timedelta(days=1)),
        without_purpose=_issued(
            root, "MOCK TSA no purpose", since=at - timedelta(days=1), until=at + YEAR, stamps=False
        ),
    )


def granted(asked: tsp.TimeStampReq, holder: Holder, *, serial: int, at: datetime) -> bytes:
    """A TimeStampResp with a token."""
    told = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": asked["message_imprint"],
            "serial_number": serial,
            "gen_time": at.replace(microsecond=0),
            "accuracy": {"seconds": 1},
            "nonce": asked["nonce"].native,
        }
    )
    token = _signed(told.dump(), holder, at=at)
    return bytes(_Reply({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def rejected(why: str, *, failure: str = "bad_request") -> bytes:
    """A TimeStampResp without one."""
    status = {"status": "rejection", "status_string": [why], "fail_info": {failure}}
    return bytes(_Reply({"status": status}).dump())


def _signed(content: bytes, holder: Holder, *, at: datetime) -> cms.ContentInfo:
    der = holder.certificate.public_bytes(Encoding.DER)
    known = asn1.Certificate.load(der)
    named = tsp.SigningCertificateV2(
        {"certs": [{"hash_algorithm": {"algorithm": "sha256"}, "cert_hash": hashlib.sha256(der).digest()}]}
    )
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(at.replace(microsecond=0))})]},
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            {"type": "signing_certificate_v2", "values": [named]},
        ]
    )
    signature = holder.key.sign(attributes.dump(), ec.ECDSA(SHA256()))
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": {"issuer_and_serial_number": {"issuer": known.issuer, "serial_number": known.serial_number}},
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": signature,
        }
    )
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
            "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
            "certificates": [known],
            "signer_infos": [signer],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _root(key: ec.EllipticCurvePrivateKey, at: datetime) -> x509.Certificate:
    name = _name("MOCK TSA Root")
    builder = _certificate(name, name, key, since=at - 2 * YEAR, until=at + 10 * YEAR)
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, SHA256())


def _issued(root: Holder, text: str, *, since: datetime, until: datetime, stamps: bool = True) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _certificate(_name(text), root.certificate.subject, key, since=since, until=until)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False
    )
    if stamps:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return Holder(key, builder.sign(root.key, SHA256()))


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    ca = subject == issuer
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(ca=ca), critical=True)
    )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
