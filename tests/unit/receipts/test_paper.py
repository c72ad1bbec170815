"""The page and its signature: what stands on it, who signed it, and that nobody changed it since."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from pydantic import ValidationError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleTrustManager
from receipts_house import UNIT, other_unit, seal
from services import NOW

from gateway.receipts.model import Content, Delegator, Earlier, Payer, Receipt, ReceiptKind, ReceiptLine, ReceiptState
from gateway.receipts.pades import FIELD
from gateway.receipts.page import FONTS, page_of, qr_text
from gateway.receipts.sandbox import made_up_pkcs12, made_up_seal
from gateway.receipts.settings import MADE_UP, ReceiptsSettings
from gateway.receipts.signature import UnitSigner, of_pkcs12
from gateway.receipts.words import day_text, in_figures
from gateway.sdk.errors import ConfigurationError

RECEIPT = Receipt(
    tenant="H99",
    receipt_id="P7Q2M0001ABCDEFGHIJK-F",
    kind=ReceiptKind.FEE,
    payment_id="P7Q2M0001ABCDEFGHIJK",
    bill_id="B1",
    dossier_code="000.00.05.H99-261123-0007",
    unit=UNIT.agency_id,
    amount=3_000_000_000,
    currency="VND",
    paid_at=NOW - timedelta(days=1),
    due_at=NOW,
    state=ReceiptState.ISSUED,
    issuer=UNIT.tax_code,
    form="EBL01",
    symbol="26TAA",
    number=12_345_678,
    issued_at=NOW,
    lookup_code="0123456789ABCDEFGHJK",
)
CONTENT = Content(
    payer=Payer(name="Trần Thị <b>Mẫu</b> & Cộng sự", address="1 Phố Mẫu"),
    lines=[ReceiptLine(code="P01", name="Phí thẩm định", amount=3_000_000_000)],
    procedure_name="Cấp giấy xác nhận ví dụ",
    unit_name=UNIT.name,
    unit_tax_code=UNIT.tax_code,
    unit_address=UNIT.address,
    words="Ba tỷ đồng",
)


def shown(pdf: bytes) -> str:
    """The text of a PDF, as a reader finds it: codes of the page through the table of the font."""
    kids = PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"]
    return "\n".join(_page_text(kids[number]) for number in range(len(kids)))


def _page_text(page: Any) -> str:
    fonts = page["/Resources"]["/Font"]
    tables = {name: _table(fonts[name]["/ToUnicode"].data) for name in fonts if "/ToUnicode" in fonts[name]}
    text: list[str] = []
    table: dict[int, str] = {}
    for font, literal in re.findall(rb"(/F\d+(?:\+\d+)?) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", page["/Contents"].data):
        if font:
            table = tables.get(font.decode(), {})
        else:
            text.append("".join(table.get(code, "") for code in _plain(literal)))
    return " ".join("".join(text).split())


def _table(cmap: bytes) -> dict[int, str]:
    pairs = re.findall(rb"^<(\w\w)> <(\w{4})>$", cmap, re.M)
    return {int(code, 16): bytes.fromhex(letter.decode()).decode("utf-16-be") for code, letter in pairs}


def _plain(literal: bytes) -> bytes:
    def unescaped(match: re.Match[bytes]) -> bytes:
        said = match.group(1)
        return bytes([int(said, 8)]) if said.isdigit() else {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(said, said)

    return re.sub(rb"\\(\d{3}|.)", unescaped, literal, flags=re.S)


def signer(unit_seal: Any = None) -> UnitSigner:
    return UnitSigner(made_up=lambda: unit_seal or seal())


OURS = UNIT.model_copy(update={"made_up": True})
"""The unit, with the key that the test made."""


async def signed() -> bytes:
    return await signer().sign(page_of(RECEIPT, CONTENT), unit=OURS, at=NOW)


async def checked(pdf: bytes) -> Any:
    reader = PdfFileReader(io.BytesIO(pdf))
    (found,) = reader.embedded_signatures
    trust = SimpleTrustManager.build([found.signer_cert])
    context = ValidationContext(trust_manager=trust, moment=NOW, allow_fetching=False)
    return found, await async_validate_pdf_signature(found, signer_validation_context=context)


def test_the_page_says_what_the_law_wants() -> None:
    """PAY-10, PAY-11, SIG-02 (part): in Vietnamese, in VND, and as text that can be searched."""
    text = shown(page_of(RECEIPT, CONTENT))
    for said in (
        "BIÊN LAI THU PHÍ",
        "EBL01",
        "26TAA",
        "12345678",
        UNIT.name,
        f"Mã số thuế: {UNIT.tax_code}",
        "Phí thẩm định",
        "3.000.000.000",
        "Ba tỷ đồng.",
        "(VND)",
        "Ngày 23 tháng 11 năm 2026",
        "Ký ngày: 23/11/2026",
        "thu ngày 22/11/2026",
        "Trần Thị <b>Mẫu</b> & Cộng sự",
        "0123456789ABCDEFGHJK",
    ):
        assert said in text, said
    assert "MẪU - KHÔNG CÓ GIÁ TRỊ" not in text


def test_each_kind_has_its_own_name() -> None:
    assert "BIÊN LAI THU LỆ PHÍ" in shown(page_of(replace(RECEIPT, kind=ReceiptKind.CHARGE), CONTENT))


def test_a_delegated_unit_names_who_gave_the_mandate() -> None:
    """PAY-12 (part)."""
    told = Delegator(name="Sở Ví Dụ", tax_code="9900000026", mandate="12/UN-SVD", since=date(2026, 11, 1))
    text = shown(page_of(RECEIPT, replace(CONTENT, delegator=told)))
    assert "Lập theo ủy nhiệm của: Sở Ví Dụ, mã số thuế 9900000026" in text
    assert "12/UN-SVD, từ ngày 01/11/2026" in text


@pytest.mark.parametrize(("left", "verb"), [(5, "Điều chỉnh"), (0, "Hủy")])
def test_one_that_adjusts_names_the_earlier_one(left: int, verb: str) -> None:
    """PAY-16."""
    earlier = Earlier(form="EBL01", symbol="26TAA", number=7, issued_on=date(2026, 11, 20))
    content = replace(CONTENT, earlier=earlier, reason="hoàn trả 5 đồng")
    text = shown(page_of(replace(RECEIPT, amount=left, supersedes="X"), content))
    assert f"{verb} biên lai mẫu số EBL01, ký hiệu 26TAA, số 7 ngày 20/11/2026. Lý do: hoàn trả 5 đồng" in text


def test_what_is_made_up_says_so() -> None:
    assert "MẪU - KHÔNG CÓ GIÁ TRỊ" in shown(page_of(RECEIPT, replace(CONTENT, made_up=True)))


def test_fifty_lines_and_a_name_of_marks_apart_fit() -> None:
    """F23."""
    lines = [ReceiptLine(code=str(n), name=f"Khoản thu {n}", amount=1) for n in range(1, 51)]
    text = shown(page_of(RECEIPT, replace(CONTENT, lines=lines, payer=Payer(name="Nguyễn Ế"))))
    assert "Khoản thu 50" in text
    assert "Nguyễn Ế" in text
    assert "trang 3" in text


def test_the_qr_code_holds_the_look_up_code_and_nothing_else() -> None:
    assert qr_text(RECEIPT) == RECEIPT.lookup_code


def test_the_same_receipt_is_the_same_page() -> None:
    assert page_of(RECEIPT, CONTENT) == page_of(RECEIPT, CONTENT)


def test_figures_and_days_are_written_as_here() -> None:
    """PAY-11."""
    assert in_figures(1_234_567) == "1.234.567"
    assert in_figures(-20_000) == "-20.000"
    assert day_text(date(2026, 1, 2)) == "02/01/2026"


async def test_the_signature_is_the_units_and_covers_every_byte() -> None:
    """PAY-10 (part), SIG-02 (part), SIG-07."""
    pdf = await signed()
    found, verdict = await checked(pdf)
    assert await holds(pdf)
    assert verdict.bottom_line
    assert found.field_name == FIELD
    assert found.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert UNIT.name in found.signer_cert.subject.native["common_name"]
    assert found.self_reported_timestamp == NOW
    assert verdict.coverage.name == "ENTIRE_FILE"


async def test_an_elliptic_key_signs_too() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, UNIT.name)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, NOW - timedelta(days=1), NOW + timedelta(days=9))
        .add_extension(seal().certificate.extensions.get_extension_for_class(x509.KeyUsage).value, critical=True)
        .sign(key, hashes.SHA256())
    )
    made = of_pkcs12(pkcs12.serialize_key_and_certificates(b"", key, certificate, None, NoEncryption()), None)
    assert await holds(await signer(made).sign(page_of(RECEIPT, CONTENT), unit=OURS, at=NOW))


@pytest.mark.parametrize("where", [0.01, 0.2, 0.4, 0.6, 0.8, 0.99])
async def test_one_changed_byte_breaks_it(where: float) -> None:
    """PAY-15 (part), SIG-02 (part)."""
    pdf = bytearray(await signed())
    pdf[int(pdf.rindex(b"/Contents <") * where)] ^= 1
    assert not await holds(bytes(pdf))


async def holds(pdf: bytes) -> bool:
    """A file that cannot be read any more does not hold, either."""
    try:
        _, verdict = await checked(pdf)
    except Exception:
        return False
    return bool(verdict.bottom_line)


async def test_a_key_that_names_another_body_signs_nothing() -> None:
    """SIG-07."""
    with pytest.raises(ConfigurationError) as refused:
        signer(seal("SỞ KHÁC", "9900000034")).seal_of(OURS)
    assert refused.value.error_code == "operator.receipt_certificate"


@pytest.mark.parametrize("at", [datetime(2026, 10, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)])
async def test_a_certificate_outside_its_time_signs_nothing(at: datetime) -> None:
    """SIG-04 (part)."""
    with pytest.raises(ConfigurationError):
        await signer().sign(b"", unit=OURS, at=at)


def pem(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "c.pem", folder / "k.pem"
    certificate.write_bytes(seal().certificate.public_bytes(Encoding.PEM))
    key.write_bytes(seal().key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"mau")))
    key.chmod(0o600)
    return certificate, key


def test_keys_are_read_from_pem_and_from_pkcs12(tmp_path: Path) -> None:
    certificate, key = pem(tmp_path)
    bag = tmp_path / "bag.p12"
    made = seal()
    sealed = pkcs12.serialize_key_and_certificates(
        b"", made.key, made.certificate, None, BestAvailableEncryption(b"mau")
    )
    bag.write_bytes(sealed)
    bag.chmod(0o600)
    for paths in ({"certificate": certificate, "key": key}, {"certificate": bag}):
        unit = other_unit(UNIT.agency_id, password_env="MAU_MK", **paths)
        assert UnitSigner(environment={"MAU_MK": "mau"}).seal_of(unit).certificate == made.certificate
        with pytest.raises(ConfigurationError):
            UnitSigner(environment={"MAU_MK": "sai"}).seal_of(unit)


def test_a_unit_without_a_readable_key_is_told(tmp_path: Path) -> None:
    certificate, _ = pem(tmp_path)
    stranger = tmp_path / "stranger.pem"
    other = seal("SỞ KHÁC", "9900000034")
    stranger.write_bytes(other.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    stranger.chmod(0o600)
    for paths in (
        {},
        {"certificate": tmp_path / "nothing.p12"},
        {"certificate": certificate},
        {"certificate": certificate, "key": stranger},
    ):
        with pytest.raises(ConfigurationError) as refused:
            UnitSigner(environment={}).seal_of(other_unit(UNIT.agency_id, **paths))
        assert refused.value.error_code == "operator.receipt_certificate"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_signs_nothing(tmp_path: Path, mode: int) -> None:
    """SIG-07 (part): whoever reads it issues receipts in the unit's name. The certificate alone is public."""
    certificate, key = pem(tmp_path)
    certificate.chmod(0o644)
    both, bag = tmp_path / "both.pem", tmp_path / "bag.p12"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    bag.write_bytes(made_up_pkcs12(name=UNIT.name, tax_code=UNIT.tax_code, now=NOW))
    for private, paths in (
        (key, {"certificate": certificate, "key": key}),
        (both, {"certificate": both}),
        (bag, {"certificate": bag}),
    ):
        own = other_unit(UNIT.agency_id, password_env="MAU_MK" if private is not bag else "", **paths)
        private.chmod(0o600)
        assert UnitSigner(environment={"MAU_MK": "mau"}).seal_of(own).belongs_to(UNIT)
        private.chmod(mode)
        with pytest.raises(ConfigurationError, match="others may read"):
            UnitSigner(environment={"MAU_MK": "mau"}).seal_of(own)


def test_the_sandboxes_key_is_made_once_and_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "receipts" / "mau.p12"
    first = made_up_seal(path, now=NOW)
    assert made_up_seal(path, now=NOW).certificate == first.certificate
    assert path.stat().st_mode & 0o777 == 0o600
    assert any("thử nghiệm" in name for name in first.names)
    assert first.belongs_to(MADE_UP)
    assert not first.belongs_to(UNIT)
    assert first.certificate.not_valid_after_utc - NOW <= timedelta(days=5 * 366)
    assert list(path.parent.iterdir()) == [path]
    assert made_up_pkcs12(name="X", tax_code="1", now=NOW) != path.read_bytes()


def test_the_fonts_are_the_ones_that_were_vendored() -> None:
    sums = (FONTS / "SHA256SUMS").read_text().splitlines()
    told = dict(reversed(line.split()) for line in sums)
    assert told == {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in FONTS.glob("*.ttf")}
    assert "SIL OPEN FONT LICENSE" in (FONTS / "LICENCE.txt").read_text()


def test_settings_that_cannot_be_are_refused() -> None:
    """PAY-12 (part): the tax office is told at least three days before."""
    since = date(2026, 12, 1)
    mandate = {"name": "Sở Ví Dụ", "tax_code": "9900000026", "mandate": "1", "since": since}
    unit = {"agency_id": "H99", "name": "UBND", "tax_code": "9900000018", "letters": "AA"}
    good = {**unit, "delegation": {**mandate, "tax_told_on": since - timedelta(days=3)}}
    assert ReceiptsSettings(units=[good]).units[0].symbol(date(2027, 5, 1)) == "27TAA"  # type: ignore[list-item]
    for units in (
        [{**unit, "delegation": {**mandate, "tax_told_on": since - timedelta(days=2)}}],
        [unit, unit],
        [{**unit, "made_up": True}],
        [{**unit, "letters": "A1"}],
        [{**unit, "tax_code": "123"}],
        [{**unit, "form": "EBL09"}],
    ):
        with pytest.raises(ValidationError):
            ReceiptsSettings.model_validate({"units": units})
