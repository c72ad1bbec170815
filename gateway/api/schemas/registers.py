"""Codes that everybody shares: catalogues, agencies and places, and the codes of new dossiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from pydantic import ConfigDict, JsonValue

from gateway.api.schemas.base import Agency, Day, Procedure, Received, Sent, told
from gateway.catalogues.model import CatalogueView, CodedField
from gateway.numbering.model import IssuedCode
from gateway.places.lineage import KINDS, How, Resolution, Unit

UNIT: dict[str, JsonValue] = {
    "code": "MOCK-HG",
    "name": "tỉnh Hậu Giang",
    "kind": "province",
    "parent": "",
    "alias": "",
    "valid_from": "2004-01-01",
    "valid_to": "2025-06-30",
    "successors": ["MOCK-CT"],
}
LIST: dict[str, JsonValue] = {
    "catalogue": "fields",
    "version": 3,
    "codes": 412,
    "looked_at": "2026-11-25T01:00:00+07:00",
    "changed_at": "2026-11-20T01:00:00+07:00",
}


class UnitOut(Sent):
    """One period of an agency or place."""

    code: str = told("Code.", "Mã số.")
    name: str = told("Name in that period.", "Tên trong thời kỳ đó.")
    kind: str = told(f"One of {', '.join(KINDS)}.", "; ".join(f"{kind}: {vi}" for kind, vi in KINDS.items()))
    parent: str = told("Code of the level above; empty at the top.", "Mã cấp trên; trống nếu là cấp cao nhất.")
    alias: str = told("The same body's id in the other form.", "Mã định danh theo dạng kia (QCVN 102 / QĐ 20/2020).")
    valid_from: date = told("First day.", "Ngày bắt đầu hiệu lực.")
    valid_to: date | None = told("Last day; null: in force.", "Ngày cuối cùng; null: còn hiệu lực.")
    successors: list[str] = told("Codes that follow on the day after.", "Các mã kế thừa từ ngày kế tiếp.")

    @classmethod
    def of(cls, unit: Unit) -> UnitOut:
        return cls(
            code=unit.code,
            name=unit.name,
            kind=unit.kind,
            parent=unit.parent,
            alias=unit.alias,
            valid_from=unit.valid_from,
            valid_to=unit.valid_to,
            successors=list(unit.successors),
        )


class PlaceOut(Sent):
    """Cơ quan, địa danh: what a code, old or new, means on a day (ORG-03, ORG-04)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "MOCK-HG", "on": "2025-06-30", "how": "same", "units": [UNIT], "periods": [UNIT]}]
        }
    )

    code: str = told("The code that was asked for.", "Mã đã hỏi.")
    on: date = told("The day that was asked for.", "Ngày đã hỏi.")
    how: How = told(
        "same: it was in force; successors, predecessors: what followed or preceded it; none: nothing was in force.",
        "same: chính mã đó; successors: mã kế thừa; predecessors: mã trước đó; none: không có mã nào hiệu lực.",
    )
    units: list[UnitOut] = told("What it means on that day.", "Đơn vị tương ứng vào ngày đó.")
    periods: list[UnitOut] = told("Every period of the code itself.", "Mọi thời kỳ của chính mã này.")

    @classmethod
    def of(cls, found: Resolution) -> PlaceOut:
        return cls(
            code=found.code,
            on=found.on,
            how=found.how,
            units=[UnitOut.of(unit) for unit in found.units],
            periods=[UnitOut.of(unit) for unit in found.periods],
        )


class AgencyFormsOut(Sent):
    """Mã định danh cơ quan: both forms of one id (COD-05)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"agency_id": "H99", "other_form": "000.00.00.H99", "on": "2026-11-25"}]}
    )

    agency_id: str = told("The id that was asked for.", "Mã đã hỏi.")
    other_form: str = told("The same body in the other form.", "Cùng cơ quan, theo dạng kia.")
    on: date = told("The day that was asked for.", "Ngày đã hỏi.")


class CatalogueOut(Sent):
    """Danh mục dùng chung, as it was taken over from the portal."""

    model_config = ConfigDict(json_schema_extra={"examples": [LIST]})

    catalogue: str = told("Name of the catalogue.", "Tên danh mục.")
    version: int = told("Each applied change makes the next one.", "Phiên bản; mỗi lần thay đổi là phiên bản kế tiếp.")
    codes: int = told("Codes in force.", "Số mã còn hiệu lực.")
    looked_at: datetime = told("When the portal's list was last seen.", "Lần gần nhất xem danh mục của Cổng.")
    changed_at: datetime | None = told("When it last changed here.", "Lần gần nhất danh mục thay đổi.")

    @classmethod
    def of(cls, view: CatalogueView) -> CatalogueOut:
        return cls(
            catalogue=view.catalogue,
            version=view.version,
            codes=view.codes,
            looked_at=view.looked_at,
            changed_at=view.changed_at,
        )


class CataloguesOut(Sent):
    """Every catalogue that was taken over."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"catalogues": [LIST]}]})

    catalogues: list[CatalogueOut] = told("By name.", "Theo tên.")


class EntryOut(Sent):
    """One code."""

    code: str = told("Code.", "Mã số.")
    name: str = told("Name on that day.", "Tên vào ngày đó.")


class CatalogueEntriesOut(Sent):
    """The codes of a day, and which version of the list they are (COD-11)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "catalogue": "fields",
                    "version": 3,
                    "on": "2026-11-25",
                    "entries": [{"code": "G03-GD10", "name": "Lĩnh vực ví dụ"}],
                }
            ]
        }
    )

    catalogue: str = told("Name of the catalogue.", "Tên danh mục.")
    version: int = told("Version at the end of that day.", "Phiên bản vào cuối ngày đó.")
    on: date = told("The day that was asked for.", "Ngày đã hỏi.")
    entries: list[EntryOut] = told("Codes in force on that day.", "Các mã có hiệu lực vào ngày đó.")


class CodedFieldOut(Sent):
    """One coded field of a dossier."""

    field: str = told("JSON pointer into the dossier.", "Vị trí của trường trong hồ sơ.")
    code: str = told("The code, as the catalogue has it.", "Mã, như trong danh mục.")
    catalogue: str = told("The catalogue that it is from.", "Danh mục của mã.")
    version: int = told(
        "Version on the day of reception; 0: never taken over.", "Phiên bản vào ngày tiếp nhận; 0: chưa lấy danh mục."
    )


class CodedFieldsOut(Sent):
    """Danh mục và phiên bản của từng trường mã hoá (COD-11)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "000.00.05.H99-261123-0007",
                    "fields": [
                        {"field": "/procedure/code", "code": "1.009999", "catalogue": "procedures", "version": 2}
                    ],
                }
            ]
        }
    )

    code: str = told("The dossier.", "Mã hồ sơ.")
    fields: list[CodedFieldOut] = told("Its coded fields.", "Các trường mã hoá.")

    @classmethod
    def of(cls, code: str, found: Sequence[CodedField]) -> CodedFieldsOut:
        return cls(code=code, fields=[CodedFieldOut(**asdict(told)) for told in found])


class DossierCodeIn(Received):
    """Xin cấp mã hồ sơ."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"agency_code": "000.00.05.H99", "procedure_code": "1.009999", "received_on": "2026-11-23"},
            ]
        }
    )

    agency_code: Agency = told("The body that receives the dossier.", "Mã định danh cơ quan tiếp nhận.")
    procedure_code: Procedure = told("The procedure.", "Mã thủ tục hành chính.")
    received_on: Day | None = told(
        "Day of reception; today without it.", "Ngày tiếp nhận; mặc định hôm nay.", default=None
    )


class DossierCodeOut(Sent):
    """Mã hồ sơ đã cấp."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "000.00.05.H99-261123-0001", "agency_code": "000.00.05.H99", "source": "own"}]
        }
    )

    code: str = told("The dossier's code, issued once.", "Mã hồ sơ, chỉ cấp một lần.")
    agency_code: str = told("The body it was issued for.", "Cơ quan được cấp.")
    source: str = told("own, or the system that issued it.", "own: cổng tự cấp; hoặc hệ thống đã cấp.")

    @classmethod
    def of(cls, issued: IssuedCode) -> DossierCodeOut:
        return cls(code=issued.code, agency_code=issued.agency, source=issued.source)
