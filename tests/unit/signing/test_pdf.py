"""Signed PDF documents: each signature intact, over the whole, of somebody who is trusted (SIG-04 (part), SIG-08)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.stamp import TextStampStyle
from receipts_house import seal
from reportlab.pdfgen.canvas import Canvas

from gateway.receipts.signature import Seal
from gateway.sdk import TrustError
from gateway.signing.pdf import SignedPdf
from gateway.signing.settings import Domain

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OFFICER, AGENCY = seal("Lê Văn Thử", "9900000016"), seal("UBND phường Thử Nghiệm", "9900000024")


class Pinned:
    """Implements `Trust` for these certificates."""

    domain = Domain.OFFICIAL

    def __init__(self, *seals: Seal) -> None:
        self.known = [one.certificate for one in seals]
        self.learned: list[x509.Certificate] = []

    def check(self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], *, at: datetime) -> None:
        if certificate not in self.known:
            raise TrustError("not ours", vi="không tin cậy", what="certificate_unknown_issuer")
        assert certificate in self.learned  # its status was asked first

    async def learn(self, certificates: Sequence[x509.Certificate], *, at: datetime) -> None:
        self.learned += certificates


def page() -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target)
    canvas.drawString(72, 720, "Giay chung nhan (mau)")
    canvas.save()
    return target.getvalue()


def signed(content: bytes, *seals: Seal) -> bytes:
    from pyhanko.sign import PdfSignatureMetadata  # as each body signs with its own software

    for number, one in enumerate(seals):
        content = _sign(content, one, PdfSignatureMetadata(field_name=f"Ky{number}", md_algorithm="sha256"))
    return content


def _sign(content: bytes, one: Seal, said: object) -> bytes:
    import asyncio

    from pyhanko.sign import PdfSigner

    from gateway.receipts.pades import Hand

    target = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    hand = Hand(one.key, certificate=one.certificate, chain=one.chain)
    asyncio.run(PdfSigner(said, hand).async_sign_pdf(writer, output=target))  # type: ignore[arg-type]  # its metadata
    return target.getvalue()


ONE = signed(page(), OFFICER)
BOTH = signed(page(), OFFICER, AGENCY)


async def code(content: bytes, *seals: Seal) -> str:
    try:
        await SignedPdf(Pinned(*(seals or (OFFICER, AGENCY)))).verify(content, at=NOW)  # type: ignore[arg-type]  # as far as it is asked
    except TrustError as exc:
        return exc.error_code.removeprefix("security.")
    return ""


async def test_a_document_that_officer_and_agency_signed_holds() -> None:
    """SIG-01 (part)."""
    assert await code(ONE) == ""
    assert await code(BOTH) == ""


async def test_every_signer_must_be_trusted() -> None:
    """SIG-03 (part)."""
    assert await code(BOTH, AGENCY) == "certificate_unknown_issuer"
    assert await code(BOTH, OFFICER) == "certificate_unknown_issuer"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 nothing", b"<xml/>", page()[:200]])
async def test_what_is_no_readable_document_is_refused(content: bytes) -> None:
    assert await code(content) == "document_broken"


async def test_an_unsigned_document_is_refused() -> None:
    assert await code(page()) == "document_unsigned"


async def test_a_word_that_is_added_after_the_signature_is_found() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(ONE))
    style = TextStampStyle(stamp_text="MIEN PHI", text_box_style=TextBoxStyle(font_size=20))
    style.create_stamp(writer, box=None, text_params={}).apply(0, 100, 500)  # type: ignore[arg-type]  # it measures itself
    target = io.BytesIO()
    writer.write(target)
    assert await code(target.getvalue()) == "document_altered"


@given(place=st.integers(min_value=0, max_value=len(ONE) - 1), flip=st.integers(min_value=1, max_value=255))
async def test_any_changed_byte_is_found(place: int, flip: int) -> None:
    """But for those that no reader looks at: the signature's own padding and the white space around it."""
    altered = bytearray(ONE)
    altered[place] ^= flip
    start = ONE.rindex(b"/Contents <")
    if start <= place <= ONE.index(b">", start):
        return
    assert await code(bytes(altered)) != ""
