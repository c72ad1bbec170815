"""What the portal sends to a province: look-ups, notices, vouchers, payments, and the link to the form.

Written from section 6 of the contract page, and 2.10 of the payment page. `POST /_mock/send` fires one kind and reports
what the province answered; `POST /_mock/deep-link` makes a link. What the pages do not know is marked `MOCK-`.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.journal import Journal
from mocks.national_portal.settings import PortalSettings

MOST_COPIES = 1000
AMENDMENT = "MOCK-SUA-DOI-KHUYEN-MAI"
PDF = base64.b64encode(b"%PDF-1.4 MOCK").decode()
DOSSIER = "000.00.05.H99-261123-0007"
PROMOTION = "G22.01-260102-000321"
MERCHANT = {
    "MaTTHC": "2.009998",
    "SoVanBan": "12/CV",
    "NgayNopHoSo": "20260102090000",
    "TenThuongNhan": "Công ty Ví Dụ",
    "DiaChiDoanhNghiep": {"MaTinh": "99", "MaHuyen": "990", "MaXa": "99001", "DiaChiChiTiet": "Số 1 phố Mẫu"},
    "DienThoai": "0200000000",
    "Fax": "",
    "Email": "a@example.invalid",
    "MaSoThue": "9900000016",
    "NguoiLienHe": "Phạm Mẫu",
    "SoDienThoaiNguoiLienHe": "0900000002",
}

Message = dict[str, Any]


def _search(settings: PortalSettings) -> Message:
    return {"madonvi": settings.madonvi, "service": "TraCuuHoSo", "masohoso": DOSSIER}  # MOCK-SERVICE: an assumption


def _promotion(_: PortalSettings) -> Message:
    return {
        "MaHoSo": PROMOTION,
        **MERCHANT,
        "TenChuongTrinhKhuyenMai": "Tết",
        "HinhThucKhuyenMai": "Giảm giá",
        "ThoiGianKhuyenMaiTu": "20260110000000",
        "ThoiGianKhuyenMaiDen": "20260120000000",
        "TenTepDonDangKy": "don.pdf",
        "TepDonDangKy": PDF,
        "TaiLieuNop": [{"TenTepDinhKem": "the-le.pdf", "Base64": PDF}],
    }


def _amendment(_: PortalSettings) -> Message:
    told = {
        "MaHoSoQG": "G22.01-260105-000322",
        **MERCHANT,
        "ThongTinDaNop": {
            "MaHoSoQGDNP": PROMOTION,
            "SoVanBanDaNopDNP": "12/CV",
            "NgayNopHoSoDNP": "20260102090000",
            "TenChuongTrinhKhuyenMaiDNP": "Tết",
            "ThoiGianKhuyenMaiTuDNP": "20260110000000",
            "ThoiGianKhuyenMaiDenDNP": "20260120000000",
            "DiaBanKhuyenMaiDNP": "Toàn tỉnh",
        },
        "ThongTinSuaDoi": {"TenChuongTrinhKM": "Tết sum vầy", "NoiDungChiTietKM": "Kéo dài"},
        "LyDoDieuChinh": "Đổi tên chương trình",
        "TenTepDangKy": "sua-doi.pdf",
        "URLTepDangKy": "https://portal.example/sua-doi.pdf",
    }
    return {"service": AMENDMENT, "isUpdating": False, "data": told}


def _voucher(_: PortalSettings) -> Message:
    told = {
        "MaHoSo": DOSSIER,
        "HoTenNguoiNopTien": "Trần Thị Mẫu",
        "SoCMTNguoiNopTien": "099185000001",
        "DiaChiNguoiNopTien": "1 Phố Mẫu",
        "TinhNguoiNopTien": "Tỉnh Mẫu",
        "HuyenNguoiNopTien": "",
        "XaNguoiNopTien": "Xã Ví Dụ",
        "MaSoThue": "9900000016",
        "UrlFileChungTu": "https://portal.example/chung-tu.pdf",
        "ThongTinThanhToan": {
            "MaThongBaoThue": "TB-0001",
            "ThoiGianThanhToan": "20261123091500",
            "SoTien": "2500000",
            "NoiDungThanhToan": "Nộp lệ phí trước bạ",
            "TrangThaiThanhToan": 1,
        },
    }
    return {"service": "NhanChungTuThueDat", "isUpdating": False, "data": told}


def _tax_notice(_: PortalSettings) -> Message:
    row = {
        "MA_SO_THUE": "9900000016",
        "SO_QUYET_DINH": "QĐ-0001",
        "NGAY_QUYET_DINH": "20-11-2026",
        "TEN_TIEU_MUC": "Lệ phí trước bạ nhà đất",
        "SO_TIEN": "2500000",
    }
    return tax_notice(DOSSIER, [row])


def tax_notice(dossier: str, rows: list[Mapping[str, str]]) -> Message:
    """The message of 6.5 with its file: base64 of XML."""
    lists = "".join(f"<LIST>{''.join(f'<{k}>{escape(v)}</{k}>' for k, v in row.items())}</LIST>" for row in rows)
    body = f"<BODY><ROW_LIST><MA_HSO>{escape(dossier)}</MA_HSO>{lists}</ROW_LIST></BODY>"
    file = base64.b64encode(f'<?xml version="1.0" encoding="UTF-8"?><DATA>{body}</DATA>'.encode()).decode()
    return {"service": "NhanThongBaoThueDat", "isUpdating": False, "data": {"FileThongBaoThue": file}}


def _fees(_: PortalSettings) -> Message:
    return {"MaHoSo": DOSSIER}


def _payment(_: PortalSettings) -> Message:
    """MOCK-RESULT: beyond MaHoSo, MaThamChieu and UrlBienLai nothing of this message is public (payment, 2.10)."""
    return {"MaHoSo": DOSSIER, "SoTien": 150000, "UrlBienLai": "https://portal.example/bien-lai.pdf"}


KINDS: Mapping[str, tuple[str, Callable[[PortalSettings], Message]]] = {
    "search": ("search/call", _search),
    "promotion": ("addtthcKhuyenMai", _promotion),
    "amendment": ("nhanhsdvcqg", _amendment),
    "voucher": ("nhanhsdvcqg", _voucher),
    "tax_notice": ("nhantbthuedvcqg", _tax_notice),
    "fees": ("dptracuuthanhtoanhs", _fees),
    "payment": ("dpnhankqthanhtoanhs", _payment),
}


class Outbound:
    """Posts messages to the province; each is in the journal with what was answered."""

    def __init__(self, journal: Journal, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._journal = journal
        self._transport = transport

    async def send(self, url: str, body: str, settings: PortalSettings) -> dict[str, Any]:
        """`{status, body}`; `status` is None when no answer came."""
        headers = {"Content-Type": "application/json"}
        entry = self._journal.send("POST", url, headers=headers.items(), body=body)
        try:
            async with httpx.AsyncClient(
                timeout=settings.province_timeout_s, trust_env=False, transport=self._transport
            ) as client:
                reply = await client.post(url, content=body.encode(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            return {"status": None, "body": f"no answer: {type(exc).__name__}"}
        entry.status, entry.reply = reply.status_code, reply.text
        return {"status": reply.status_code, "body": _parsed(reply.text)}


async def send(request: Request) -> Response:
    """`{"kind": "promotion", "set": {…}, "unset": […], "data": {…}, "raw": "…", "times": 1}`: one message, so often at
    once. `set` and `unset` change its fields, `data` those of its `data`; `raw` is sent instead of it."""
    order = await _order(request)
    times = order.get("times", 1)
    if order.get("kind") not in KINDS or not isinstance(times, int) or not 1 <= times <= MOST_COPIES:
        return _refused(f"kind is one of {', '.join(KINDS)}; times is 1 to {MOST_COPIES}")
    settings: PortalSettings = request.app.state.portal.settings
    path, made = KINDS[order["kind"]]
    message = _changed(made(settings), order, settings)
    body = order["raw"] if isinstance(order.get("raw"), str) else json.dumps(message, ensure_ascii=False)
    url = f"{settings.province_url}/{settings.province_prefix}{path}"
    outbound: Outbound = request.app.state.outbound
    answers = await asyncio.gather(*(outbound.send(url, body, settings) for _ in range(times)))
    return JSONResponse({"sent": message, "answers": answers})


async def deep_link(request: Request) -> Response:
    """`{"set": {…}, "unset": […], "uuid": "…"}`: the link that a citizen's browser follows (6.6)."""
    order = await _order(request)
    settings: PortalSettings = request.app.state.portal.settings
    key = str(order.get("uuid", "7d1c2b3a-0000-4000-8000-000000000099"))
    told = {
        "MaTTHCDP": "1.009999.000.00.00.H99",
        "MaCoQuanThucHien": "H99.242",
        "vnconnect": "1",
        "MaDVC": "1.009999.02",
        "MDT": base64.b64encode(key.encode()).decode(),
    }
    parameters = {name: str(value) for name, value in _with(told, order.get("set"), order.get("unset")).items()}
    return JSONResponse({"url": f"{settings.province_url}/nop-ho-so?{urlencode(parameters)}"})


ROUTES = [
    Route("/_mock/send", send, methods=["POST"]),
    Route("/_mock/deep-link", deep_link, methods=["POST"]),
]


def _changed(message: Message, order: Mapping[str, Any], settings: PortalSettings) -> Message:
    if isinstance(message.get("data"), dict):
        message["data"] = _with(message["data"], order.get("data"), None)
    if settings.security_key:
        message["SecurityKey"] = settings.security_key
    return _with(message, order.get("set"), order.get("unset"))


def _with(message: Mapping[str, Any], given: Any, without: Any) -> Message:
    merged = {**message, **(given if isinstance(given, dict) else {})}
    left_out = without if isinstance(without, list) else []
    return {name: value for name, value in merged.items() if name not in left_out}


def _refused(why: str) -> Response:
    return JSONResponse({"error": "MOCK-CONTROL", "message": why}, 422)


async def _order(request: Request) -> Message:
    value = _parsed((await request.body()).decode("utf-8", errors="replace"))
    return value if isinstance(value, dict) else {}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
