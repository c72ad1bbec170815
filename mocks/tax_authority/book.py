"""The tax authority's book of receipts, and what it refuses.

What a receipt must say is NĐ 254/2026/NĐ-CP Art 23(2), form and symbol TT 91/2026/TT-BTC. Codes, names of fields, and
that what adjusts needs a receipt that was taken before, are MOCK-TAX.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

FORM = "01/TH-BLDT"
MOST_NUMBER = 99_999_999
NEW, ADJUSTS, CANCELS = "MOCK-TAX-LAP-MOI", "MOCK-TAX-DIEU-CHINH", "MOCK-TAX-HUY"
TAX_CODE = re.compile(r"[0-9]{10}(-?[0-9]{3})?|[0-9]{12}", re.ASCII)
KINDS = {"MOCK-TAX-PHI", "MOCK-TAX-LE-PHI"}
TEXTS = ("MaBienLai", "TinhChat", "TenBienLai", "LoaiKhoanThu", "MauSo", "KyHieu", "NgayLap", "BangChu", "DongTien")
Receipt = Mapping[str, Any]
Key = tuple[str, str, str, int]


class RefusedError(Exception):
    """The authority understood and says no."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class Taken:
    """A receipt as it was taken, and how often it was sent."""

    receipt: Receipt
    times: int = 1
    followed: bool = field(default=False)
    """A later one adjusts or cancels it."""


class Book:
    """Receipts by issuer, form, symbol and number: each once."""

    def __init__(self, unregistered: Sequence[str]) -> None:
        """`unregistered`: tax codes that may issue no electronic receipts."""
        self._unregistered = frozenset(unregistered)
        self._taken: dict[Key, Taken] = {}

    def take(self, receipts: Any) -> None:
        """All of them or none."""
        if not isinstance(receipts, list) or not receipts:
            raise RefusedError("MOCK-TAX-CAU-TRUC", "Danh sách biên lai trống")
        for receipt in receipts:
            self._check(receipt)
        for receipt in receipts:
            self._keep(receipt)

    def repeat(self, receipts: Sequence[Receipt]) -> None:
        for receipt in receipts:
            self._taken[_key(receipt)].times += 1

    def listed(self) -> list[dict[str, Any]]:
        return [{"receipt": taken.receipt, "times": taken.times} for taken in self._taken.values()]

    def _check(self, receipt: Any) -> None:
        _check_fields(receipt)
        _check_form(receipt)
        _check_total(receipt)
        if not TAX_CODE.fullmatch(_issuer(receipt)) or _issuer(receipt) in self._unregistered:
            raise RefusedError("MOCK-TAX-MA-SO-THUE", "Mã số thuế chưa đăng ký sử dụng biên lai điện tử")
        before = self._taken.get(_key(receipt))
        if before and before.receipt != receipt:
            raise RefusedError("MOCK-TAX-TRUNG-SO-BIEN-LAI", "Số biên lai đã dùng cho nội dung khác")
        if before is None:
            self._check_original(receipt)

    def _check_original(self, receipt: Receipt) -> None:
        original = receipt.get("BienLaiGoc")
        if (receipt["TinhChat"] == NEW) != (original is None):
            raise RefusedError("MOCK-TAX-BIEN-LAI-GOC", "Biên lai điều chỉnh, huỷ phải nêu biên lai gốc")
        if original is not None:
            taken = self._taken.get(_key({**receipt, **original}))
            if taken is None or taken.followed:
                raise RefusedError("MOCK-TAX-BIEN-LAI-GOC", "Không có biên lai gốc, hoặc đã được điều chỉnh")

    def _keep(self, receipt: Receipt) -> None:
        key = _key(receipt)
        if key in self._taken:
            self._taken[key].times += 1
            return
        self._taken[key] = Taken(receipt)
        if original := receipt.get("BienLaiGoc"):
            self._taken[_key({**receipt, **original})].followed = True


def _issuer(receipt: Receipt) -> str:
    """Whose numbers they are: of the body that gave the mandate, where there is one (Art 25)."""
    return str((receipt.get("DonViUyNhiem") or receipt["DonViThu"]).get("MaSoThue"))


def _key(receipt: Receipt) -> Key:
    return _issuer(receipt), receipt["MauSo"], receipt["KyHieu"], receipt["SoBienLai"]


def _check_fields(receipt: Any) -> None:
    if not isinstance(receipt, dict):
        raise RefusedError("MOCK-TAX-CAU-TRUC", "Biên lai không đúng cấu trúc")
    collector, lines = receipt.get("DonViThu"), receipt.get("KhoanThu")
    is_whole = (
        all(isinstance(receipt.get(name), str) and receipt[name].strip() for name in TEXTS)
        and isinstance(collector, dict)
        and all(isinstance(collector.get(name), str) for name in ("Ten", "MaSoThue"))
        and isinstance(lines, list)
        and all(isinstance(line, dict) and line.get("Ten") and _is_whole(line.get("SoTien")) for line in lines)
        and _is_whole(receipt.get("TongTien"))
        and _is_whole(receipt.get("SoBienLai"))
    )
    if not is_whole or not lines:
        raise RefusedError("MOCK-TAX-THIEU", "Thiếu nội dung bắt buộc của biên lai (Điều 23 khoản 2)")


def _check_form(receipt: Receipt) -> None:
    """EBL01 or EBL02; two digits of the year, T, two letters; at most eight digits; đồng."""
    symbol = re.fullmatch(r"(\d\d)T[A-Z]{2}", receipt["KyHieu"], re.ASCII)
    try:
        day = datetime.strptime(receipt["NgayLap"], "%d/%m/%Y")  # noqa: DTZ007 - a day has no zone
    except ValueError as exc:
        raise RefusedError("MOCK-TAX-NGAY", "Ngày lập không phải ngày/tháng/năm") from exc
    if receipt["MauSo"] not in {"EBL01", "EBL02"} or symbol is None or f"{day:%y}" != symbol[1]:
        raise RefusedError("MOCK-TAX-MAU-SO", "Sai mẫu số hoặc ký hiệu")
    if not 1 <= receipt["SoBienLai"] <= MOST_NUMBER or receipt["DongTien"] != "VND":
        raise RefusedError("MOCK-TAX-SO", "Sai số biên lai hoặc đồng tiền")
    if receipt["TinhChat"] not in {NEW, ADJUSTS, CANCELS} or receipt["LoaiKhoanThu"] not in KINDS:
        raise RefusedError("MOCK-TAX-TINH-CHAT", "Sai tính chất hoặc loại khoản thu")


def _check_total(receipt: Receipt) -> None:
    total = sum(line["SoTien"] for line in receipt["KhoanThu"])
    is_zero = receipt["TinhChat"] == CANCELS
    if total != receipt["TongTien"] or total < 0 or (total == 0) != is_zero:
        raise RefusedError("MOCK-TAX-SAI-TONG", "Tổng tiền không bằng các khoản, hoặc không hợp tính chất")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
