"""The services behind the portal's one data address, dispatched on `service` (sections 3 to 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mocks.national_portal.book import Book
from mocks.national_portal.rules import dossier_complaints, step_complaints
from mocks.national_portal.settings import PortalSettings

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answers. `code` 0 is success and takes the configured form on the wire; others go as they are."""

    code: int | str
    message: str | None = None
    result: Sequence[Item] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def no(cls, message: str, code: int | str = -1) -> Answer:
        """A refusal; -1 is the portal's generic failure (section 3.3)."""
        return cls(code, message)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a service works with: the stored dossiers, the fixtures, the switches and the moment (ISO 8601)."""

    book: Book
    procedures: Mapping[str, Item]
    fields: Sequence[Item]
    settings: PortalSettings
    at: str


Service = Callable[[Desk, Item], Answer]


def find_dossier(desk: Desk, message: Item) -> Answer:
    """TraCuuHoSo: an empty result means that the portal has no such dossier (section 4.6)."""
    record = desk.book.find(str(message.get("mahoso", "")))
    if record is None or not record.versions:
        return Answer(0, result=[])
    item = {**_upper(record.dossier), "TIENDO": [_upper(step.step) for step in record.steps]}
    return Answer(0, "MOCK-TRACUU-SHAPE", [item])  # the official item fields are unknown


def sync_dossiers(desk: Desk, message: Item) -> Answer:
    """DongBoHoSoMC: create or fully replace (section 5.1)."""
    updating = message.get("isUpdating")
    if updating not in ("True", "False"):
        return Answer.no('MOCK-ISUPDATING: isUpdating phải là chuỗi "True" hoặc "False"')
    dossiers = _items(desk, message)
    if isinstance(dossiers, Answer):
        return dossiers
    refusals = [(dossier, _dossier_refusal(desk, dossier, updating == "True")) for dossier in dossiers]
    good = [dossier for dossier, refusal in refusals if refusal is None]
    bad = [refusal for _, refusal in refusals if refusal is not None]
    if not bad or desk.settings.partial_batch:
        desk.book.put(good, updating=updating == "True", at=desk.at)
    return bad[0] if bad else Answer(0, f"Đồng bộ thành công {len(good)} hồ sơ")


def report_progress(desk: Desk, message: Item) -> Answer:
    """CapNhatTienDoHoSoMC: append steps to dossiers that exist; repeats are kept (section 5.2)."""
    steps = _items(desk, message)
    if isinstance(steps, Answer):
        return steps
    for step in steps:
        complaints = step_complaints(step)
        if complaints:
            return Answer.no("; ".join(complaints))
        if step["MaHoSo"] not in desk.book:
            return Answer.no("MOCK-UNKNOWN-DOSSIER: mã hồ sơ chưa có trên Cổng")
    desk.book.append(steps, at=desk.at)
    return Answer(0, "Cập nhật tiến độ thành công")


def read_procedure(desk: Desk, message: Item) -> Answer:
    """LayThuTuc: one procedure of the fixture (section 4.2)."""
    procedure = desk.procedures.get(str(message.get("maTTHC", "")))
    return Answer(0, result=[] if procedure is None else [procedure])


def list_fields(desk: Desk, message: Item) -> Answer:  # noqa: ARG001 - every service takes the message
    """LayDanhMucLinhVuc: the fields of activity of the fixture (section 4.1)."""
    return Answer(0, result=desk.fields)


SERVICES: Mapping[str, Service] = {
    "TraCuuHoSo": find_dossier,
    "DongBoHoSoMC": sync_dossiers,
    "CapNhatTienDoHoSoMC": report_progress,
    "LayThuTuc": read_procedure,
    "LayDanhMucLinhVuc": list_fields,
}


def dispatch(desk: Desk, message: Item) -> Answer:
    """Answer one message whose session was found good."""
    if message.get("madonvi") != desk.settings.madonvi:
        return Answer.no("MOCK-MADONVI: mã định danh đơn vị không đúng")
    service = SERVICES.get(str(message.get("service", "")))
    if service is None:
        return Answer.no("MOCK-SERVICE: dịch vụ không tồn tại")
    return service(desk, message)


def _items(desk: Desk, message: Item) -> list[Item] | Answer:
    items = message.get("data")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        return Answer.no("MOCK-DATA: data phải là mảng đối tượng, không rỗng")
    if len(items) > desk.settings.max_batch:
        return Answer.no(f"MOCK-BATCH: tối đa {desk.settings.max_batch} bản ghi")
    return items


def _dossier_refusal(desk: Desk, dossier: Item, updating: bool) -> Answer | None:
    complaints = dossier_complaints(
        dossier, may_be_empty=desk.settings.may_be_empty, check_code=desk.settings.check_code_pattern
    )
    if complaints:
        return Answer.no("; ".join(complaints))
    known = dossier["MaHoSo"] in desk.book
    if known and not updating:
        return Answer.no(f"Mã hồ sơ {dossier['MaHoSo']} đã tồn tại", "-3")
    if updating and not known:
        return Answer.no("MOCK-UNKNOWN-DOSSIER: mã hồ sơ chưa có trên Cổng")
    return None


def _upper(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key.upper(): _upper(part) for key, part in value.items()}
    return [_upper(part) for part in value] if isinstance(value, list) else value
