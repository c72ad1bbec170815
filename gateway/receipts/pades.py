"""The signature itself, by pyHanko: PAdES, with a key that is held open, at the time that the receipt's row says."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "BienLai"


def signed(pdf: bytes, hand: Hand, *, at: datetime, name: str, room: int) -> bytes:
    """The document with its signature. `room`: hex digits that are left for it in the file."""
    said = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=name, reason="Lập biên lai"
    )
    target = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    asyncio.run(Timed(said, hand, at=at).async_sign_pdf(writer, bytes_reserved=room, output=target))
    return target.getvalue()


class Hand(Signer):
    """Signs with a key that is held open: pyHanko's own reads and checks it anew for each signature."""

    def __init__(
        self,
        key: RSAPrivateKey | EllipticCurvePrivateKey,
        *,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],
    ) -> None:
        others = SimpleCertificateStore.from_certs([_asn1(one) for one in chain])  # type: ignore[no-untyped-call]  # theirs
        kept = {"cert_registry": others}
        super().__init__(signing_cert=_asn1(certificate), **kept)
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
        """Always SHA-256, as the metadata says."""
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(data, PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ECDSA(hashes.SHA256()))


class Timed(PdfSigner):
    """Signs at the time that the receipt's row says."""

    def __init__(self, said: PdfSignatureMetadata, signer: Signer, *, at: datetime) -> None:
        super().__init__(said, signer)
        self._at = at

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        session = super().init_signing_session(pdf_out, existing_fields_only=existing_fields_only)
        session.system_time = self._at
        return session


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
