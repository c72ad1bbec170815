"""What the mock platform demands of INIT, QUERY, GET_BILL and a bill that is looked up: sections 2.2, 2.6 to 2.10.

The codes are those of a sibling bank interface (section 2.12): 02 invalid content, 07 wrong checksum, 116 duplicate
reference, 99 other. Texts are ours and begin with `MOCK-`; they name fields, never values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from mocks.payment import checksum

Message = Mapping[str, Any]
VERSION = "1.0.6"
AMOUNT = re.compile(r"[1-9][0-9]{0,14}")
LINE_AMOUNT = re.compile(r"0|[1-9][0-9]{0,14}")
NARRATION_LIMIT = 210
PARTNER_LIMIT = 50

ALWAYS = ("MaDichVu", "NoiDungThanhToan", "HoTenNguoiNop", "SoCMNDNguoiNop", "DiaChiNguoiNop")
MANDATORY: Mapping[str, tuple[str, ...]] = {
    "1": (
        "MaLoaiHinhThuPhat", "TenLoaiHinhThuPhat", "KhoBac", "NgayQD", "SoQD", "ThoiGianViPham", "DiaDiemViPham",
        "TenNguoiViPham", "MaCoQuanQD", "TenCoQuanQD",
    ),
    "2": (
        "MaDVC", "TenDVC", "MaTTHC", "TenTTHC", "MaDonVi", "TenDonVi", "MaHoSo", "TKThuHuong", "MaNHThuHuong",
        "TenTKThuHuong",
    ),
}  # fmt: skip
OPTIONAL = ("TaiKhoanThuNSNN", "HuyenNguoiNop", "TinhNguoiNop")
LOOKED_UP = ("transaction_id", "client_id", "MaTraCuuTT")


class Refusal(NamedTuple):
    """MaLoi and MoTaLoi of a refusal."""

    code: str
    text: str


INVALID = "02"
WRONG_CHECKSUM = Refusal("07", "MOCK-07: sai mã xác thực")
DUPLICATE = Refusal("116", "MOCK-116: mã tham chiếu đã tồn tại")
UNKNOWN_REFERENCE = Refusal("99", "MOCK-99: không tìm thấy giao dịch")
REFUSED = Refusal("99", "MOCK-REFUSE: nền tảng thanh toán từ chối theo kịch bản thử nghiệm")


def frame_refusal(
    message: Message, kind: str, order: Sequence[str], *, partners: Mapping[str, Sequence[str]]
) -> Refusal | None:
    """What every signed message must be: complete, of this kind and version, from a known partner, well signed."""
    for name in (*order, "MaXacThuc"):
        if not isinstance(message.get(name), str) or not message[name]:
            return Refusal(INVALID, f"MOCK-02: trường {name} phải là chuỗi, không rỗng")
    if message["LoaiBanTin"] != kind or message["PhienBan"] != VERSION:
        return Refusal(INVALID, "MOCK-02: sai loại bản tin hoặc phiên bản")
    if checksum.smuggles_separator(message, order):
        return Refusal(INVALID, "MOCK-02: trường được ký không được chứa dấu |")
    if message["MaDoiTac"] not in partners:
        return Refusal(INVALID, "MOCK-02: đối tác chưa đăng ký")
    return None if checksum.verify(message, order, partners[message["MaDoiTac"]]) else WRONG_CHECKSUM


def init_refusal(message: Message, *, reference_pattern: str) -> Refusal | None:
    """What is wrong with an INIT whose frame is good; None when the transaction can be opened."""
    complaint = next(_signed_complaints(message, reference_pattern), None) or next(_receipt_complaints(message), None)
    return None if complaint is None else Refusal(INVALID, f"MOCK-02: {complaint}")


def bill_complaints(bill: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a bill that a province tells the portal (section 2.10): every key of the receipt block is
    there, the mandatory ones are filled, and the lines add up."""
    for name in (*LOOKED_UP, *ALWAYS, *MANDATORY["1"], *MANDATORY["2"], *OPTIONAL):
        if not isinstance(bill.get(name), str):
            yield f"thiếu {name}"
    for name in ("MaTraCuuTT", *ALWAYS, *MANDATORY["2"]):
        if bill.get(name) == "":
            yield f"{name} để trống"
    total = _sum(bill.get("DSKhoanNop"))
    if total is None or total == 0:
        yield "DSKhoanNop không có khoản nào"
    elif bill.get("PhiLePhi") not in (None, "", []):
        yield from _fee_complaints(bill["PhiLePhi"], total)


def is_moment(value: str) -> bool:
    """Whether the text is a real moment yyyyMMddHHmmss."""
    if not re.fullmatch(r"[0-9]{14}", value):
        return False
    try:
        datetime.strptime(value, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the wire carries no zone
    except ValueError:
        return False
    return True


def _signed_complaints(message: Message, reference_pattern: str) -> Iterator[str]:
    if not re.fullmatch(reference_pattern, message["MaThamChieu"]):
        yield "MaThamChieu không đúng cấu trúc"
    if not AMOUNT.fullmatch(message["SoTien"]):
        yield "SoTien phải là số nguyên dương"
    if message["MaTienTe"] != "VND":
        yield "MaTienTe phải là VND"
    if not is_moment(message["ThoiGianGD"]):
        yield "ThoiGianGD không đúng dạng yyyyMMddHHmmss"
    if len(message["ThongTinGiaoDich"]) > NARRATION_LIMIT or len(message["MaDoiTac"]) > PARTNER_LIMIT:
        yield "trường được ký quá dài"


def _receipt_complaints(message: Message) -> Iterator[str]:
    receipt = message.get("ThongTinBienLai")
    if not isinstance(receipt, dict):
        yield "thiếu ThongTinBienLai"
        return
    kind = receipt.get("MaDichVu")
    for name in (*ALWAYS, *MANDATORY.get(str(kind), ())):
        if not isinstance(receipt.get(name), str) or not receipt[name].strip():
            yield f"thiếu {name} trong ThongTinBienLai"
    total = int(message["SoTien"]) if AMOUNT.fullmatch(message["SoTien"]) else 0
    if _sum(receipt.get("DSKhoanNop")) != total:
        yield "DSKhoanNop không khớp SoTien"
    if receipt.get("PhiLePhi") not in (None, "", []):
        yield from _fee_complaints(receipt["PhiLePhi"], total)


def _fee_complaints(lines: object, total: int) -> Iterator[str]:
    if _sum(lines) != total:
        yield "PhiLePhi không khớp SoTien"
    elif isinstance(lines, list) and any(line.get("LoaiPhiLePhi") not in ("1", "2") for line in lines):
        yield "LoaiPhiLePhi phải là 1 hoặc 2"


def _sum(lines: object) -> int | None:
    """The total of the lines' SoTien; None when they are not a list of objects with amounts."""
    if not isinstance(lines, list) or not lines:
        return None
    amounts = [line.get("SoTien") if isinstance(line, dict) else None for line in lines]
    if not all(isinstance(amount, str) and LINE_AMOUNT.fullmatch(amount) for amount in amounts):
        return None
    return sum(int(str(amount)) for amount in amounts)
