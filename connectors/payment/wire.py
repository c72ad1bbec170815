"""Their messages (contract, sections 2.3, 2.5 and 2.6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

DEEPEST_ENVELOPE = 3


def _amount(value: Any) -> Any:
    """A whole number, or its digits as a text: both occur. 150000.0 is neither."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value


Amount = Annotated[int, BeforeValidator(_amount), Field(strict=True, ge=0)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class InitReply(_Wire):
    MaLoi: str
    MoTaLoi: str = ""
    UrlThanhToan: str = ""


class QueryReply(_Wire):
    """`TrangThaiGD` "1" paid, "4" failed; everything else is open."""

    MaLoi: str
    MoTaLoi: str = ""
    MaDoiTac: str = ""
    MaThamChieu: str = ""
    TrangThaiGD: str = ""
    SoTien: Amount = 0
    MaTienTe: str = ""
    MaGiaoDich: str = ""
    MaNganHang: str = ""
    ThoiGianGD: str = ""


class Notice(_Wire):
    """The IPN. Card fields that a comment mentions are not read, so they cannot be stored."""

    LoaiBanTin: str
    MaLoi: str
    MaDoiTac: str
    MaThamChieu: str = Field(min_length=1, max_length=255)
    SoTien: Amount
    MaTienTe: str
    MaGiaoDich: str = Field(max_length=255)
    MaNganHang: str
    ThoiGianGD: str
    ThongTinGiaoDich: str


def unwrapped(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reply itself, out of the adapter's envelope `{error_code, message: "<JSON text>"}`, which may be doubled."""
    for _ in range(DEEPEST_ENVELOPE):
        inner = document.get("message")
        if "MaLoi" in document or not isinstance(inner, str):
            break
        try:
            opened = json.loads(inner)
        except ValueError:
            break
        if not isinstance(opened, dict):
            break
        document = opened
    return document


def may_pay_at(url: str, *, hosts: tuple[str, ...], allow_http: bool) -> bool:
    """Whether a payer may be sent there: a host that was agreed on, and https."""
    parts = urlsplit(url)
    scheme_fits = parts.scheme == "https" or (allow_http and parts.scheme == "http")
    return scheme_fits and parts.netloc in hosts
