"""Their messages (contract, sections 2.3, 2.5 and 2.6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

SUCCESS = "00"
NO_VERDICT = ""
DEEPEST_ENVELOPE = 3


def _amount(value: Any) -> Any:
    """A whole number, or its digits as a text: both occur. 150000.0 is neither."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value


def _text(value: Any) -> Any:
    """An open answer leaves fields null, and a state may come as a number."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Amount = Annotated[int, BeforeValidator(_amount), Field(strict=True, ge=0)]
Text = Annotated[str, BeforeValidator(_text)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class InitReply(_Wire):
    MaLoi: Text
    MoTaLoi: Text = ""
    MaThamChieu: Text = ""
    UrlThanhToan: Text = ""


class QueryReply(_Wire):
    """`TrangThaiGD` "1" paid, "4" failed; everything else is open. Only a final answer must be complete."""

    MaLoi: Text
    MaDoiTac: Text = ""
    MaThamChieu: Text = ""
    TrangThaiGD: Text = ""
    SoTien: Amount | None = None
    MaTienTe: Text = ""
    MaGiaoDich: Text = ""
    MaNganHang: Text = ""
    ThoiGianGD: Text = ""


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
    """The reply itself, out of the adapter's envelope `{error_code, message: "<JSON text>"}`, which may be doubled.

    The envelope has a verdict of its own (2.3). With `error_code` 0 an address to pay at is a success even without
    MaLoi; with any other, nothing inside is: that leaves no verdict, and QUERY finds out.
    """
    verdicts: list[bool] = []
    inner: Mapping[str, Any] = document
    for _ in range(DEEPEST_ENVELOPE):
        if "MaLoi" in inner:
            break
        if "error_code" in inner:
            verdicts.append(_is_zero(inner["error_code"]))
        opened = _opened(inner.get("message"))
        if opened is None:
            break
        inner = opened
    if not verdicts:
        return inner
    implied = SUCCESS if inner is not document and inner.get("UrlThanhToan") else NO_VERDICT
    code = inner.get("MaLoi", implied)
    return {**inner, "MaLoi": code if all(verdicts) or code != SUCCESS else NO_VERDICT}


def may_pay_at(url: str, *, hosts: tuple[str, ...], allow_http: bool) -> bool:
    """Whether a payer may be sent there: a host that was agreed on, and https."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return False  # browsers drop or rewrite such characters, so what is compared here is not where they go
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    scheme_fits = parts.scheme == "https" or (allow_http and parts.scheme == "http")
    return scheme_fits and parts.netloc.lower() in {host.lower() for host in hosts}


def _is_zero(code: Any) -> bool:
    """`error_code` 0, "0" or "00"."""
    text = str(code).strip()
    return not isinstance(code, bool) and text != "" and text.strip("0") == ""


def _opened(message: Any) -> Mapping[str, Any] | None:
    if not isinstance(message, str):
        return None
    try:
        opened = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return opened if isinstance(opened, dict) else None
