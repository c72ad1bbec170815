"""Questions both ways, ratings, and the status of dossiers that were born at the portal (sections 4.7, 4.8, 5.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mocks.national_portal.desk import Answer, Desk, Item, Service, items_of
from mocks.national_portal.rules import is_moment

QUESTION = ("HOIDAPID", "MaLinhVuc", "NOIDUNG", "MADONVI", "TENDONVI")
REPLY = ("HOIDAPID", "MADONVI", "NGUOITRALOI", "NGAYTRALOI", "NOIDUNGTRALOI")
SERVICE_SHARES = tuple(f"PhanTramDanhGiaDichVu{level}" for level in ("RatHaiLong", "HaiLong", "ChuaHaiLong"))
RATING = (
    "NgayTongHop", "TongSoNguoiDanhGia", "PhanTramDanhGiaRatHaiLong", "PhanTramDanhGiaHaiLong",
    "PhanTramDanhGiaChuaHaiLong", "MaThuTuc", "Madonvi", "TenDonVi",
)  # fmt: skip
ORIGIN = ("MaHoSo", "MaHoSoDonVi", "NgayXuLy", "TrangThai")
ORIGIN_STATUSES = frozenset({"2", "5", "11"})
MONTH = re.compile(r"(?:[1-9]|1[0-2])-[0-9]{4}", re.ASCII)
PERCENT = re.compile(r"(?:100|[0-9]{1,2})(?:\.[0-9]{1,2})?%", re.ASCII)


def questions_for_agency(desk: Desk, message: Item) -> Answer:  # noqa: ARG001 - its filters are unknown
    """LayDanhSachHoiDapGuiTuDVCQG: what citizens asked this agency at the portal, with the answers sent so far."""
    answers = _answers(desk)
    return Answer(0, result=[_answered(row, answers) for row in desk.fixtures["questions"]])


def questions_of_agency(desk: Desk, message: Item) -> Answer:  # noqa: ARG001
    """LayDanhSachHoiDapBoCoQuan. MOCK-PUBLISHED: what DongBoHoiDap brought. The page leaves it open."""
    own = [item for service, item in desk.book.notes if service == "DongBoHoiDap"]
    return Answer(0, result=[{name.upper(): value for name, value in item.items()} for item in own])


def answer_to(desk: Desk, message: Item) -> Answer:
    """LayNoiDungTraLoiTheoCauHoi: by `cauhoiid`. The page shows one object, other look-ups answer lists: a switch."""
    found = _answers(desk).get(str(message.get("cauhoiid", "")))
    shown = {"TRALOIID": found["HOIDAPID"], "NOIDUNGTRALOI": found["NOIDUNGTRALOI"]} if found else {}
    if desk.settings.answer_form == "object":
        return Answer(0, result=shown)
    return Answer(0, result=[shown] if shown else [])


def keep(service: str, mandatory: tuple[str, ...]) -> Service:
    """A service that takes items and keeps them."""

    def take(desk: Desk, message: Item) -> Answer:
        items = items_of(desk, message)
        if isinstance(items, Answer):
            return items
        for item in items:
            complaint = _complaint(desk, service, item, mandatory=mandatory)
            if complaint:
                return Answer.no(complaint)
        desk.book.note(service, items)
        return Answer(0, "Thành công")

    return take


def origin_status(desk: Desk, message: Item) -> Answer:
    """DongBoTrangThaiHoSo: `type` "2" and ONE object about a dossier that was born here (section 5.3)."""
    item = message.get("data")
    if message.get("type") != "2":
        return Answer.no('MOCK-TYPE: type phải là "2"')
    if not isinstance(item, dict):
        return Answer.no("MOCK-DATA: data phải là một đối tượng")
    missing = [name for name in ORIGIN if not isinstance(item.get(name), str) or not item[name]]
    if missing:
        return Answer.no("; ".join(f"MOCK-MANDATORY: thiếu trường {name}" for name in missing))
    if item["MaHoSo"] not in desk.fixtures["born"]:
        return Answer.no("MOCK-UNKNOWN-DOSSIER: hồ sơ này không phát sinh tại Cổng")
    if item["TrangThai"] not in ORIGIN_STATUSES or not is_moment(item["NgayXuLy"]):
        return Answer.no("MOCK-CODE: TrangThai hoặc NgayXuLy không đúng")
    desk.book.note("DongBoTrangThaiHoSo", [item])
    return Answer(0, "Thành công")


def _complaint(desk: Desk, service: str, item: Item, *, mandatory: tuple[str, ...]) -> str:
    missing = [name for name in mandatory if item.get(name) in (None, "")]
    if missing:
        return "; ".join(f"MOCK-MANDATORY: thiếu trường {name}" for name in missing)
    if "HOIDAPID" in mandatory and not _is_whole(item["HOIDAPID"]):
        return "MOCK-TYPE: HOIDAPID phải là số nguyên"
    if service == "DongBoKetQuaHoiDapGuiTuDVCQG":
        known = {str(row["HOIDAPID"]) for row in desk.fixtures["questions"]}
        if str(item["HOIDAPID"]) not in known:
            return "MOCK-UNKNOWN-QUESTION: không có câu hỏi này"
        return "" if is_moment(item["NGAYTRALOI"]) else "MOCK-DATE: NGAYTRALOI"
    if service == "DongBoDanhGia":
        percents = [item[name] for name in RATING if name.startswith("PhanTram")]
        percents += [item[name] for name in SERVICE_SHARES if item.get(name)]
        good = MONTH.fullmatch(str(item["NgayTongHop"])) and all(PERCENT.fullmatch(str(value)) for value in percents)
        return "" if good else "MOCK-CODE: NgayTongHop hoặc tỷ lệ không đúng dạng"
    return ""


def _is_whole(value: object) -> bool:
    """A long, as a number or as its digits: both stand in the examples of the page."""
    return not isinstance(value, bool) and re.fullmatch(r"[1-9][0-9]{0,18}", str(value), re.ASCII) is not None


def _answers(desk: Desk) -> dict[str, Mapping[str, Any]]:
    own = (item for service, item in desk.book.notes if service == "DongBoKetQuaHoiDapGuiTuDVCQG")
    return {str(item["HOIDAPID"]): item for item in own}


def _answered(row: Item, answers: Mapping[str, Item]) -> Item:
    found = answers.get(str(row["HOIDAPID"]))
    return {**row, "NOIDUNGTRALOI": found["NOIDUNGTRALOI"], "TRALOIID": found["HOIDAPID"]} if found else row


SERVICES: Mapping[str, Service] = {
    "LayDanhSachHoiDapGuiTuDVCQG": questions_for_agency,
    "LayDanhSachHoiDapBoCoQuan": questions_of_agency,
    "LayNoiDungTraLoiTheoCauHoi": answer_to,
    "DongBoHoiDap": keep("DongBoHoiDap", QUESTION),
    "DongBoKetQuaHoiDapGuiTuDVCQG": keep("DongBoKetQuaHoiDapGuiTuDVCQG", REPLY),
    "DongBoDanhGia": keep("DongBoDanhGia", RATING),
    "DongBoTrangThaiHoSo": origin_status,
}
