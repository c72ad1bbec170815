"""Their messages (contract, sections 2.3 and 2.5 to 2.7)."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

SUCCESS = "00"
NO_VERDICT = ""
DEEPEST_ENVELOPE = 3
LONGEST = 255
MOST = 999_999_999_999_999
"""Đồng. More is no amount, but somebody's attempt at our arithmetic."""
ADDRESSES = ("UrlThanhToan", "UrlBienLai")


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


def _told(value: Any) -> Any:
    """What is not signed cannot make a proven message false: a value of another shape was not said."""
    text = _text(value)
    return text if isinstance(text, str) and len(text) <= LONGEST else ""


Amount = Annotated[int, BeforeValidator(_amount), Field(strict=True, ge=0, le=MOST)]
Text = Annotated[str, BeforeValidator(_text)]
Told = Annotated[str, BeforeValidator(_told)]
Name = Annotated[Text, Field(max_length=LONGEST, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A code or number, as it is stored and searched for."""


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True)


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
    MaTienTe: Name = ""
    MaGiaoDich: Name = ""
    MaNganHang: Name = ""
    ThoiGianGD: Text = ""


class BillReply(_Wire):
    """GET_BILL where it answers a link. One known client reads the link and no MaLoi (2.7)."""

    MaLoi: Text = SUCCESS
    MoTaLoi: Text = ""
    MaThamChieu: Text = ""
    UrlBienLai: Text = ""


class Notice(_Wire):
    """The IPN. Card fields that a comment mentions are not read, so they cannot be stored. The last four come with what
    was paid at the portal, and are outside the checksum."""

    LoaiBanTin: Text
    MaLoi: Name
    MaDoiTac: Text
    MaThamChieu: Name = Field(min_length=1)
    SoTien: Amount
    MaTienTe: Name
    MaGiaoDich: Name
    MaNganHang: Name
    ThoiGianGD: Text
    ThongTinGiaoDich: Text
    MaHoSo: Told = ""
    MaTraCuuTT: Told = ""
    TKThuHuong: Told = ""
    UrlBienLai: Told = ""


def is_moment(text: str) -> bool:
    """Whether it is a real moment yyyyMMddHHmmss (local time, 24 hours)."""
    if len(text) != 14 or not text.isascii() or not text.isdecimal():
        return False
    try:
        moment = datetime.strptime(text, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the wire carries no zone
    except ValueError:
        return False
    return 1000 <= moment.year <= 9998


def unwrapped(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reply itself, out of the adapter's envelope `{error_code, message: "<JSON text>"}`, which may be doubled.

    The envelope has a verdict of its own (2.3). With `error_code` 0 an address is a success even without MaLoi; with
    any other, nothing inside is: that leaves no verdict, and the next question finds out.
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
    implied = SUCCESS if inner is not document and any(map(inner.get, ADDRESSES)) else NO_VERDICT
    code = inner.get("MaLoi", implied)
    return {**inner, "MaLoi": code if all(verdicts) or code != SUCCESS else NO_VERDICT}


def may_pay_at(url: str, *, hosts: tuple[str, ...], allow_http: bool) -> bool:
    """Whether a payer may be sent there: a host that was agreed on, and https."""
    parts = _parts(url)
    if parts is None:
        return False
    scheme_fits = parts.scheme == "https" or (allow_http and parts.scheme == "http")
    return scheme_fits and parts.netloc.lower() in {host.lower() for host in hosts}


def may_fetch(url: str, *, hosts: tuple[str, ...], allow_http: bool) -> bool:
    """Whether we may go there ourselves. What a payer could not reach either stays closed to us, too: the address of a
    machine in our own network is none of a voucher's, even if somebody listed it."""
    parts = _parts(url)
    if parts is None or not may_pay_at(url, hosts=hosts, allow_http=allow_http):
        return False
    return allow_http or not _is_private(parts.hostname or "")


def _parts(url: str) -> SplitResult | None:
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None  # browsers drop or rewrite such characters, so what is compared here is not where they go
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _is_private(host: str) -> bool:
    """A literal address that is not public, or a name without a dot that only our own network could resolve."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost")) or host[-1:].isdecimal()


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
