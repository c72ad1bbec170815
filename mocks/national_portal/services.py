"""The services behind the portal's one data address, dispatched on `service` (sections 3 to 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.national_portal import questions, reading
from mocks.national_portal.desk import Answer, Desk, Item, Service, items_of
from mocks.national_portal.rules import dossier_complaints, step_complaints


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
    dossiers = items_of(desk, message)
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
    steps = items_of(desk, message)
    if isinstance(steps, Answer):
        return steps
    refusals = [(step, _step_refusal(desk, step)) for step in steps]
    good = [step for step, refusal in refusals if refusal is None]
    bad = [refusal for _, refusal in refusals if refusal is not None]
    if good and (not bad or desk.settings.partial_batch):
        desk.book.append(good, at=desk.at)
    return bad[0] if bad else Answer(0, "Cập nhật tiến độ thành công")


SERVICES: Mapping[str, Service] = {
    "TraCuuHoSo": find_dossier,
    "DongBoHoSoMC": sync_dossiers,
    "CapNhatTienDoHoSoMC": report_progress,
    **reading.SERVICES,
    **questions.SERVICES,
}


def dispatch(desk: Desk, message: Item) -> Answer:
    """Answer one message whose session was found good."""
    if message.get("madonvi") != desk.settings.madonvi:
        return Answer.no("MOCK-MADONVI: mã định danh đơn vị không đúng")
    service = SERVICES.get(str(message.get("service", "")))
    if service is None:
        return Answer.no("MOCK-SERVICE: dịch vụ không tồn tại")
    return service(desk, message)


def _step_refusal(desk: Desk, step: Item) -> Answer | None:
    complaints = step_complaints(step)
    if complaints:
        return Answer.no("; ".join(complaints))
    if step["MaHoSo"] not in desk.book:
        return Answer.no("MOCK-UNKNOWN-DOSSIER: mã hồ sơ chưa có trên Cổng")
    return None


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
