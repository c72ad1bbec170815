"""The key of the unit that does not exist: made at the sandbox's first start, signed by itself, worth nothing."""

from __future__ import annotations

import contextlib
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from gateway.receipts.settings import MADE_UP
from gateway.receipts.signature import Seal, of_pkcs12

YEARS = timedelta(days=5 * 365)
"""As long as a subscriber's certificate may last (NĐ 68/2024; SIG-06)."""


def made_up_seal(path: Path, *, now: datetime) -> Seal:
    """The key in `path`, made when there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create(path, made_up_pkcs12(name=MADE_UP.name, tax_code=MADE_UP.tax_code, now=now))
    return of_pkcs12(path.read_bytes(), None)


def made_up_pkcs12(*, name: str, tax_code: str, now: datetime) -> bytes:
    """A key with a self-signed certificate whose subject says what it is."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "MẪU - thử nghiệm, không có giá trị pháp lý"),
            x509.NameAttribute(NameOID.USER_ID, f"MST:{tax_code}"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + YEARS)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"mau", key, certificate, None, NoEncryption())


def _create(path: Path, content: bytes) -> None:
    """Whole or not at all; of two processes that start together the first one's stays."""
    staged = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(staged, path)
    finally:
        staged.unlink(missing_ok=True)
