"""The portal's services as data: what each is called there, where it lives, and how it is asked and answers (contract
page national_portal, sections 4 and 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from gateway.sdk import Kind, Operation


class Shape(StrEnum):
    """Where the parameters stand in the envelope."""

    BESIDE = "beside"
    """Next to `service`, at the top level."""
    LIST = "list"
    """One item of the list `data`."""
    OBJECT = "object"
    """`data` itself, with `type` beside it (5.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service. `shared`: it lives at the sharing address. `nested`: its list stands in `result.data` (4.4).
    `single`: its `result` may be one object instead of a list (4.7)."""

    name: str
    operation: Operation
    shape: Shape = Shape.BESIDE
    shared: bool = False
    nested: bool = False
    single: bool = False

    @property
    def reads(self) -> bool:
        return self.operation.kind is Kind.LOOKUP


def _reading(
    operation: str, name: str, *, personal: bool = False, shared: bool = False, nested: bool = False
) -> Service:
    told = Operation(name=operation, kind=Kind.LOOKUP, idempotent=True, personal_data=personal)
    return Service(name=name, operation=told, shared=shared, nested=nested)


def _writing(operation: str, name: str, *, shape: Shape = Shape.LIST, compared: bool = True) -> Service:
    told = Operation(name=operation, kind=Kind.SUBMIT, idempotent=False, compared=compared)
    return Service(name=name, shape=shape, operation=told)


FIND, SYNC, STEP = "find_dossier", "sync_dossier", "report_progress"
_DOSSIER = Operation(name=SYNC, kind=Kind.SUBMIT, idempotent=False, ask_first=True, replaces=True)

SERVICES = {
    service.operation.name: service
    for service in (
        _reading(FIND, "TraCuuHoSo"),
        Service(name="DongBoHoSoMC", shape=Shape.LIST, operation=_DOSSIER),
        _writing(STEP, "CapNhatTienDoHoSoMC"),
        _writing("report_origin_status", "DongBoTrangThaiHoSo", shape=Shape.OBJECT, compared=False),
        _reading("list_agencies", "LayDanhMucCoQuan", shared=True),
        _reading("list_fields", "LayDanhMucLinhVuc", shared=True),
        _reading("list_procedures", "LayDanhSachTTHC", shared=True),
        _reading("list_agency_procedures", "LayDanhSachTTHCDonVi", shared=True),
        _reading("read_catalogue", "LayDanhMuc…", shared=True),  # which one, the body says (`codes/catalogue.csv`)
        _reading("read_procedure", "LayThuTuc"),
        _reading("read_decision", "LayQDCB"),
        _reading("list_online_services", "LayDVC", nested=True),
        _reading("find_account", "TraCuuTechID", personal=True, shared=True),
        _reading("list_questions", "LayDanhSachHoiDapGuiTuDVCQG", personal=True),
        _reading("list_published_questions", "LayDanhSachHoiDapBoCoQuan"),
        replace(_reading("read_answer", "LayNoiDungTraLoiTheoCauHoi"), single=True),
        _writing("publish_question", "DongBoHoiDap", compared=False),
        _writing("answer_question", "DongBoKetQuaHoiDapGuiTuDVCQG", compared=False),
        _writing("publish_ratings", "DongBoDanhGia", compared=False),
    )
}
