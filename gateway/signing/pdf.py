"""Signed PDF documents: whether every signature holds, covers the whole document, and is somebody's of a trusted domain
(NĐ 30/2020 Art 5; NĐ 68/2024 Art 31, 32; SIG-04, SIG-08). The document is believed as a whole or not at all.
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from gateway.sdk.errors import TrustError
from gateway.signing.algorithms import SMALLEST_RSA
from gateway.signing.model import Trust

for name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # they log the names of signers

DIGESTS = {"sha256", "sha384", "sha512"}
AFTER_THE_LAST = ModificationLevel.LTA_UPDATES
"""What may follow the last signature: what proves it later. No word of the document, no field."""
AFTER_ANOTHER = ModificationLevel.FORM_FILLING
"""What may follow an earlier one: the fields of those who sign after, who put their names to all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSignature:
    """One signature that holds. `certificate` names who signed."""

    certificate: x509.Certificate
    chain: Sequence[x509.Certificate]


class SignedPdf:
    """Checks documents against one trust. CPU-bound: some ten milliseconds each, in a thread."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust

    async def verify(self, content: bytes, *, at: datetime) -> None:
        """`TrustError` unless there is a signature, and each of them holds."""
        found = await asyncio.to_thread(_read, content)
        if not found:
            _refuse("The document is not signed.", "Văn bản chưa được ký số.", "document_unsigned")
        for signature in found:
            await self._trust.learn([signature.certificate, *signature.chain], at=at)
            self._trust.check(signature.certificate, signature.chain, at=at)


def _read(content: bytes) -> list[DocumentSignature]:
    """The signatures, each intact and over the whole document. Who signed is not asked here."""
    try:
        reader = PdfFileReader(io.BytesIO(content), strict=True)
        embedded = list(reader.embedded_regular_signatures)
        return [asyncio.run(_intact(one, is_last=one is embedded[-1])) for one in embedded]
    except TrustError:
        raise
    except Exception as exc:  # the reader meets a stranger's file; whatever it stumbles over is no signed document
        raise TrustError(
            "The document cannot be read as a signed PDF.", vi=_UNREADABLE, what="document_broken"
        ) from exc


_UNREADABLE = "Không đọc được tệp như một văn bản PDF ký số."


async def _intact(embedded: EmbeddedPdfSignature, *, is_last: bool) -> DocumentSignature:
    nobody = ValidationContext(trust_roots=[], allow_fetching=False)
    status: Any = await async_validate_pdf_signature(embedded, signer_validation_context=nobody)
    assert isinstance(status, PdfSignatureStatus)
    if not (status.intact and status.valid):
        _refuse("The document was changed after it was signed.", "Văn bản đã bị sửa sau khi ký.", "document_altered")
    level = status.modification_level
    if level is None or level > (AFTER_THE_LAST if is_last else AFTER_ANOTHER):
        _refuse("The document was changed after it was signed.", "Văn bản đã bị sửa sau khi ký.", "document_altered")
    if status.md_algorithm not in DIGESTS:
        _refuse("The signature uses a weak algorithm.", "Chữ ký dùng thuật toán yếu.", "algorithm")
    certificate = _ours(embedded.signer_cert)
    size = getattr(certificate.public_key(), "key_size", SMALLEST_RSA)
    if "RSA" in type(certificate.public_key()).__name__ and size < SMALLEST_RSA:
        _refuse("The signature uses a weak key.", "Chữ ký dùng khoá yếu.", "algorithm")
    return DocumentSignature(certificate=certificate, chain=[_ours(one) for one in embedded.other_embedded_certs])


def _ours(certificate: Any) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())


def _refuse(detail: str, vi: str, what: str) -> NoReturn:
    raise TrustError(detail, vi=vi, what=what)
