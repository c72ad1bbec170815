"""What the mock adapter does with each of its messages (contract section 13, steps 2 to 6, and the dossier list)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mocks.portal_adapter.book import Book, Record
from mocks.portal_adapter.rules import creation_complaints, step_complaints, update_complaints
from mocks.portal_adapter.settings import AdapterSettings

Item = Mapping[str, Any]
AGENCY = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-H]\d{2}|[A-Z]\d{2}(?:\.[0-9A-Z]{1,10}){0,5}", re.ASCII)
PROCEDURE = re.compile(r"\d\.\d{6}(?:\.(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status with `{code, message, data}`; `bare` is a body without that envelope."""

    status: int
    message: str
    data: Any = None
    bare: Item | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What a step works with: what is stored, the switches, a day (YYYYMMDD) and fresh ids."""

    book: Book
    settings: AdapterSettings
    day: str
    new_id: Callable[[], str]


def next_value(desk: Desk, code: str) -> Answer:
    """GetNextValue. MOCK-VALUE: the agency in front is a switch, the number counts from 1 for ever."""
    if not (AGENCY.fullmatch(code) or PROCEDURE.fullmatch(code)):
        return Answer(400, "MOCK-NEXT: code phải là mã cơ quan hoặc mã thủ tục")
    desk.book.keep([{"kind": "value"}])
    return Answer(200, "", bare={"value": f"{desk.settings.value_agency}-{desk.day}-{desk.book.values:07}"})


def upload(desk: Desk, name: str, content: bytes) -> Answer:
    """UploadFile: the same bytes again are another file (MOCK-UPLOAD)."""
    file, digest = desk.new_id(), hashlib.new(desk.settings.hash_algorithm, content).hexdigest()
    desk.book.keep([{"kind": "file", "id": file, "name": name, "size": len(content), "hash": digest}])
    return Answer(200, "Tải tệp thành công", [{"IdTepTin": file, "HashTepTin": digest}])


def create(desk: Desk, body: Any) -> Answer:
    """NoiHoSo."""
    if not isinstance(body, dict):
        return Answer(400, "MOCK-JSON: thân bản tin không phải đối tượng JSON")
    complaints = creation_complaints(body, desk.book.files)
    if complaints:
        return Answer(400, "; ".join(complaints))
    if desk.book.find(str(body["MaHoSo"])) is not None:
        return Answer(400, "MOCK-EXISTS: mã hồ sơ đã tồn tại")
    name = desk.new_id()
    desk.book.keep([{"kind": "dossier", "id": name, "body": body}])
    return Answer(200, "Nối hồ sơ thành công", {"idHoSo": name, "maHoSo": body["MaHoSo"]})


def progress(desk: Desk, body: Any) -> Answer:
    """CapNhatTienTrinh: repeats are kept (MOCK-NO-DEDUPLICATION)."""
    return _each(desk, body, kind="step", named="IDHoSo")


def status(desk: Desk, body: Any) -> Answer:
    """CapNhatTrangThai: all items or none, in their order; the order of statuses is not judged."""
    return _each(desk, body, kind="status", named="IdHoSo")


def listed(desk: Desk, code: str) -> Answer:
    """The dossier list. MOCK-FIND: the code must be equal; MOCK-IdHoSo and MOCK-TienTrinh are ours."""
    record = desk.book.find(code)
    rows = [_row(record)] if record else []
    return Answer(200, "", bare={"Total": len(rows), "Data": rows})


def _each(desk: Desk, body: Any, *, kind: str, named: str) -> Answer:
    if not isinstance(body, list) or not body or not all(isinstance(item, dict) for item in body):
        return Answer(400, "MOCK-DATA: thân bản tin phải là mảng đối tượng, không rỗng")
    if len(body) > desk.settings.max_batch:
        return Answer(400, f"MOCK-BATCH: tối đa {desk.settings.max_batch} bản ghi")
    judge = step_complaints if kind == "step" else update_complaints
    answers = [(item, _refusal(desk, item, judge(item), named=named)) for item in body]
    good = [{"kind": kind, "id": item[named], "body": item} for item, answer in answers if answer is None]
    bad = [answer for _, answer in answers if answer is not None]
    if good and (not bad or (kind == "step" and desk.settings.partial_batch)):
        desk.book.keep(good)
    return bad[0] if bad else Answer(200, "Cập nhật thành công")


def _refusal(desk: Desk, item: Item, complaints: list[str], *, named: str) -> Answer | None:
    if complaints:
        return Answer(400, "; ".join(complaints))
    record = desk.book.records.get(str(item[named]))
    if record is None or record.code != item["MaHoSo"]:
        return Answer(404, f"MOCK-UNKNOWN-DOSSIER: không có hồ sơ với {named} và MaHoSo này")
    return None


def _row(record: Record) -> Item:
    details = record.dossier["ThongTinNguoiNop"]["ThongTinChiTiet"]
    return {
        "MaHoSo": record.code,
        "TenChuHoSo": record.dossier["ChuHoSo"],
        "SoGiayTo": details["SoDinhDanhChuHs"],
        "Email": details["Email"],
        "DienThoai": details["SoDienThoai"],
        "NgayTiepNhan": record.dossier["NgayTiepNhan"],
        "NgayHenTra": "",
        "TrangThaiHoSo": record.status,
        "MaTTHC": record.dossier["MaTTHC"],
        "EformId": "",
        "MOCK-IdHoSo": record.id,
        "MOCK-TienTrinh": list(record.steps),
    }
