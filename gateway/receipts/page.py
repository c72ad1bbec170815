"""The page of a receipt: what NĐ 254/2026 Art 23(2) wants on it, in Vietnamese, as a PDF that is not signed yet. Pure.

A5, landscape; long lists of fees go on over more pages. The text can be searched and copied (SIG-02).
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, black
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A5, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from gateway.domain import VIETNAM
from gateway.receipts.model import Content, Receipt
from gateway.receipts.words import day_text, in_figures

FONTS = Path(__file__).parent / "fonts"
MARGIN, QR = 12 * mm, 24 * mm
FRAME_PADDING = 6
"""Points that platypus leaves free within a frame."""
RED, GREEN, PALE = Color(0.72, 0.05, 0.05), Color(0.05, 0.45, 0.15), Color(0.8, 0.8, 0.8, alpha=0.45)
WATERMARK = "MẪU - KHÔNG CÓ GIÁ TRỊ"
NAMES = {"fee": "BIÊN LAI THU PHÍ", "charge": "BIÊN LAI THU LỆ PHÍ"}


def page_of(receipt: Receipt, content: Content) -> bytes:
    """The PDF. `receipt` is complete but for the digest of this file."""
    _register()
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=landscape(A5),
        leftMargin=MARGIN - FRAME_PADDING,
        rightMargin=MARGIN - FRAME_PADDING,
        topMargin=9 * mm,
        bottomMargin=10 * mm,
        title=f"{NAMES[receipt.kind]} {receipt.symbol} {receipt.number}",
        author=content.unit_name,
        subject=receipt.receipt_id,
        lang="vi-VN",
        invariant=True,
    )

    def around(canvas: Any, _: Any) -> None:
        _around(canvas, receipt, content)

    document.build(_flow(receipt, content), onFirstPage=around, onLaterPages=around)
    return target.getvalue()


def qr_text(receipt: Receipt) -> str:
    """What the QR code holds: the look-up code, and nothing that tells who paid."""
    return receipt.lookup_code


def _flow(receipt: Receipt, content: Content) -> list[Any]:
    words = _line("Số tiền bằng chữ", f"{content.words}.", italic=True)
    return [
        _head(receipt, content),
        Spacer(0, 2 * mm),
        *_title(receipt, content),
        *_payer(receipt, content),
        Spacer(0, 1.5 * mm),
        _lines(receipt, content),
        KeepTogether([Spacer(0, 1.5 * mm), words, Spacer(0, 2 * mm), _foot(receipt, content)]),
    ]


def _head(receipt: Receipt, content: Content) -> Any:
    unit = [
        _text(content.unit_name, "b"),
        _text(f"Mã số thuế: {content.unit_tax_code}"),
        *([_text(f"Địa chỉ: {content.unit_address}")] if content.unit_address else []),
    ]
    if said := content.delegator:
        unit.append(_text(f"Lập theo ủy nhiệm của: {said.name}, mã số thuế {said.tax_code}"))
        unit.append(_text(f"Văn bản ủy nhiệm: {said.mandate}, từ ngày {day_text(said.since)}"))
    series = [
        _marked("Mẫu số", receipt.form),
        _marked("Ký hiệu", receipt.symbol),
        _marked("Số", str(receipt.number), color="#b80d0d", size=13),
    ]
    return _columns([unit, series], [126 * mm, 60 * mm])


def _title(receipt: Receipt, content: Content) -> list[Any]:
    assert receipt.issued_at is not None
    day = receipt.issued_at.astimezone(VIETNAM)
    said = [
        Paragraph(NAMES[receipt.kind], _style("title", bold=True, size=16, align=TA_CENTER, color=RED)),
        Paragraph("(Bản thể hiện của biên lai điện tử)", _style("under", italic=True, align=TA_CENTER)),
        Paragraph(
            f"Ngày {day.day:02d} tháng {day.month:02d} năm {day.year}", _style("day", italic=True, align=TA_CENTER)
        ),
    ]
    if earlier := content.earlier:
        verb = "Điều chỉnh" if receipt.amount else "Hủy"
        told = (
            f"{verb} biên lai mẫu số {earlier.form}, ký hiệu {earlier.symbol}, số {earlier.number} "
            f"ngày {day_text(earlier.issued_on)}. Lý do: {content.reason}"
        )
        said.append(Paragraph(_safe(told), _style("adjusts", bold=True, align=TA_CENTER)))
    return [*said, Spacer(0, 1.5 * mm)]


def _payer(receipt: Receipt, content: Content) -> list[Any]:
    said = [_line("Họ tên người nộp", content.payer.name, bold=True)]
    if content.payer.address:
        said.append(_line("Địa chỉ", content.payer.address))
    if content.procedure_name:
        said.append(_line("Thủ tục hành chính", content.procedure_name))
    said.append(_line("Mã hồ sơ", receipt.dossier_code))
    paid = f"thanh toán trực tuyến, mã thanh toán {receipt.payment_id}; thu ngày {day_text(receipt.collected_on)}"
    return [*said, _line("Hình thức", paid)]


def _lines(receipt: Receipt, content: Content) -> Any:
    head = [_cell(name, bold=True) for name in ("STT", "Tên khoản thu", "Số tiền (VND)")]
    rows = [
        [_cell(str(number)), _cell(line.name, align=None), _cell(in_figures(line.amount), align=TA_RIGHT)]
        for number, line in enumerate(content.lines, 1)
    ]
    total = [_cell(""), _cell("Tổng cộng", bold=True, align=None), _cell(in_figures(receipt.amount), True, TA_RIGHT)]
    grid = [
        ("GRID", (0, 0), (-1, -1), 0.5, black),
        ("BACKGROUND", (0, 0), (-1, 0), Color(0.94, 0.94, 0.94)),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    return Table([head, *rows, total], colWidths=[12 * mm, 130 * mm, 44 * mm], style=grid, repeatRows=1)


def _foot(receipt: Receipt, content: Content) -> Any:
    code = QrCodeWidget(qr_text(receipt), barLevel="M", barBorder=0)
    left, bottom, right, top = code.getBounds()
    drawing = Drawing(QR, QR, transform=[QR / (right - left), 0, 0, QR / (top - bottom), -left, -bottom])
    drawing.add(code)
    said = [
        _text("Mã tra cứu:"),
        Paragraph(receipt.lookup_code, _style("code", bold=True, size=10)),
        _text("Tra cứu trạng thái và số tiền của biên lai bằng mã này tại trang của cơ quan thu.", "i"),
    ]
    return _columns([[drawing], said, _seal(receipt, content)], [QR + 5 * mm, 75 * mm, 106 * mm - QR])


def _seal(receipt: Receipt, content: Content) -> list[Any]:
    """Where the eye looks for the signature; the signature itself is in the file (PAdES)."""
    assert receipt.issued_at is not None
    inside = [
        Paragraph("Đã ký điện tử", _style("signed", bold=True, align=TA_CENTER, color=GREEN)),
        Paragraph(f"Ký bởi: {_safe(content.unit_name)}", _style("by", align=TA_CENTER, color=GREEN)),
        Paragraph(f"Ký ngày: {day_text(_local(receipt.issued_at))}", _style("on", align=TA_CENTER, color=GREEN)),
    ]
    frame = [("BOX", (0, 0), (-1, -1), 0.8, GREEN), ("TOPPADDING", (0, 0), (-1, -1), 2)]
    head = Paragraph("TỔ CHỨC THU PHÍ, LỆ PHÍ", _style("head", bold=True, align=TA_CENTER))
    return [head, Spacer(0, 1 * mm), Table([[inside]], colWidths=[106 * mm - QR], style=frame)]


def _around(canvas: Any, receipt: Receipt, content: Content) -> None:
    """The frame, the number of the page and, in the sandbox, the watermark."""
    width, height = landscape(A5)
    canvas.saveState()
    canvas.setStrokeColor(Color(0.35, 0.35, 0.35))
    canvas.rect(6 * mm, 5 * mm, width - 12 * mm, height - 10 * mm)
    canvas.setFont("Receipt", 7.5)
    canvas.drawRightString(
        width - 8 * mm, 6.5 * mm, f"{receipt.symbol} - {receipt.number} - trang {canvas.getPageNumber()}"
    )
    if content.made_up:
        canvas.setFillColor(PALE)
        canvas.setFont("Receipt-Bold", 30)
        canvas.translate(width / 2, height / 2)
        canvas.rotate(24)
        canvas.drawCentredString(0, -10, WATERMARK)
    canvas.restoreState()


def _columns(cells: Sequence[Any], widths: Sequence[float]) -> Any:
    none = [(name, (0, 0), (-1, -1), 0) for name in ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")]
    return Table([list(cells)], colWidths=widths, style=[("VALIGN", (0, 0), (-1, -1), "TOP"), *none])


def _line(label: str, said: str, *, bold: bool = False, italic: bool = False) -> Any:
    shown = f"<b>{_safe(said)}</b>" if bold else f"<i>{_safe(said)}</i>" if italic else _safe(said)
    return Paragraph(f"{label}: {shown}", _style("line"))


def _marked(label: str, said: str, *, color: str = "#000000", size: int = 10) -> Any:
    return Paragraph(f'{label}: <font color="{color}" size="{size}"><b>{_safe(said)}</b></font>', _style("mark"))


def _text(said: str, tag: str = "") -> Any:
    return Paragraph(f"<{tag}>{_safe(said)}</{tag}>" if tag else _safe(said), _style("text", size=9.5))


def _cell(said: str, bold: bool = False, align: int | None = TA_CENTER) -> Any:
    return Paragraph(_safe(said), _style("cell", bold=bold, align=align or 0))


def _safe(text: str) -> str:
    """What others wrote is text, not markup; letters and marks in one character each, as the font has them."""
    return escape(unicodedata.normalize("NFC", text), quote=False)


def _local(moment: datetime) -> date:
    return moment.astimezone(VIETNAM).date()


@cache
def _style(name: str, *, bold: bool = False, italic: bool = False, size: float = 10, **more: Any) -> Any:
    font = "Receipt-Bold" if bold else "Receipt-Italic" if italic else "Receipt"
    return ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=size * 1.22,
        alignment=more.get("align", 0),
        textColor=more.get("color", black),
    )


@cache
def _register() -> None:
    """Liberation Serif has the widths of Times New Roman, and every Vietnamese letter."""
    for name, file in (("Receipt", "Regular"), ("Receipt-Bold", "Bold"), ("Receipt-Italic", "Italic")):
        registerFont(TTFont(name, str(FONTS / f"LiberationSerif-{file}.ttf")))
    registerFontFamily(
        "Receipt", normal="Receipt", bold="Receipt-Bold", italic="Receipt-Italic", boldItalic="Receipt-Bold"
    )
