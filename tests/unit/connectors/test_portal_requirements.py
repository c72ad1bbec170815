"""What the law wants the portal to be told of a dossier, field by field, at the mock."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError
from systems import Bench, bench, examples

from gateway.api.schemas.dossiers import DOSSIER, DossierIn, StatusEventIn
from gateway.sdk import Accepted, WireRequest
from gateway.sdk.errors import UnprocessableError

MANDATORY = {
    "MaTTHC": "procedure.code",
    "TenTTHC": "procedure.name",
    "MaLinhVuc": "field.code",
    "TenLinhVuc": "field.name",
    "LoaiDoiTuong": "applicant.kind",
    "SoDienThoai": "applicant.phone",
    "TrichYeuHoSo": "summary",
    "NgayTiepNhan": "received_at",
    "TrangThaiHoSo": "status",
    "HinhThuc": "return_method",
    "DonViXuLy": "processing_unit",
}
"""SYN-05, without MaHoSo (the address), Email and NgayHenTra, which the contract lets be "" (5.1)."""


def without(path: str) -> dict[str, Any]:
    document: Any = copy.deepcopy(DOSSIER)
    *above, last = path.split(".")
    place = document
    for part in above:
        place = place[part]
    del place[last]
    return document  # type: ignore[no-any-return]  # JSON


def names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)


async def stored(system: Bench, code: str) -> Any:
    url = f"http://127.0.0.1:7103/_mock/dossiers/{code}"
    return json.loads((await system.transport.send(WireRequest(method="GET", url=url))).content)


async def sent(example_name: str) -> Any:
    """What the mock holds after the dossier of that example was sent."""
    system = bench("national_portal")
    example = next(example for example in examples("national_portal") if example.name == example_name)
    body = system.mappings.request(example.operation, example.given).body
    outcome = await system.ask(system.call(example.operation, body, hints={"exists": False}))
    assert isinstance(outcome, Accepted)
    return (await stored(system, body["MaHoSo"]))["dossier"]


@pytest.mark.parametrize(("theirs", "ours"), MANDATORY.items())
def test_a_dossier_without_a_mandatory_field_is_refused_before_anything_is_sent(theirs: str, ours: str) -> None:
    """SYN-05: by the API, and by the mapping, whoever wrote the document."""
    document = without(ours)
    with pytest.raises(ValidationError) as raised:
        DossierIn.model_validate(document)
    assert ".".join(map(str, raised.value.errors()[0]["loc"])) == ours
    with pytest.raises(UnprocessableError) as refused:
        bench("national_portal").mappings.request("sync_dossier", {**document, "code": "000.00.05.H99-261123-0007"})
    assert f"/{ours.replace('.', '/')}" in [field.pointer for field in refused.value.fields]
    assert theirs


async def test_a_round_of_supplements_reaches_the_portal_with_everything() -> None:
    """SYN-06."""
    [round_] = (await sent("sync_supplemented"))["DanhSachHoSoBoSung"]
    assert {name for name in round_ if round_[name] not in ("", [], None)} == {
        "HoSoBoSungId",
        "NguoiYeuCauBoSung",
        "NoiDungBoSung",
        "NgayBoSung",
        "NguoiTiepNhanBoSung",
        "ThongTinTiepNhan",
        "NgayTiepNhanBoSung",
        "TrangThaiBoSung",
        "DanhSachGiayToBoSung",
        "DanhSachLePhiBoSung",
        "NgayHenTraTruoc",
        "NgayHenTraMoi",
    }


async def test_components_and_results_reach_the_portal() -> None:
    """SYN-01, DOS-19 (part): the lists; a hash has no field in the classic family."""
    first, returned = await sent("sync_first"), await sent("sync_returned")
    assert {"TenTepDinhKem", "DuongDanTaiTepTin", "DuocSoHoa", "DuocTaiSuDung"} <= first["TaiLieuNop"][0].keys()
    assert {"TenGiayTo", "DuongDanTepTinKetQua", "MaGiayToKetQua"} <= returned["DanhSachGiayToKetQua"][0].keys()


@pytest.mark.parametrize(("ours", "theirs"), [("counter", "1"), ("online", "2"), ("post", "3")])
def test_three_channels_are_one_kind_of_dossier_and_stay_told_apart(ours: str, theirs: str) -> None:
    """DOS-01 (part): the channel is kept; counting by it is the report's."""
    document = DossierIn.model_validate({**DOSSIER, "channel": ours}).model_dump(exclude_none=True)
    assert document["channel"] == ours
    body = bench("national_portal").mappings.request("sync_dossier", {**document, "code": "000.00.05.H99-261123-0007"})
    assert body.body["KenhThucHien"] == theirs


@pytest.mark.parametrize(
    ("ours", "theirs"), [({}, "2"), ({"filed_at": "province"}, "2"), ({"filed_at": "portal"}, "1")]
)
def test_where_it_was_filed_is_told_as_it_was(ours: dict[str, str], theirs: str) -> None:
    document = {**DOSSIER, **ours, "code": "000.00.05.H99-261123-0007"}
    assert bench("national_portal").mappings.request("sync_dossier", document).body["NoiNopHoSo"] == theirs


def test_a_step_carries_who_where_when_what_and_by_when() -> None:
    """STA-08."""
    event = StatusEventIn(
        event_id="buoc-2",
        status=4,
        at="2026-11-23T10:00:00+07:00",  # type: ignore[arg-type] # as JSON has it
        officer_name="Lê Văn Thử",
        officer_title="Công chức một cửa",
        unit="Bộ phận một cửa",
        content="Chuyển phòng chuyên môn",
        planned_start="2026-11-23T10:00:00+07:00",  # type: ignore[arg-type] # as JSON has it
        planned_end="2026-11-25T17:00:00+07:00",  # type: ignore[arg-type] # as JSON has it
    ).model_dump(exclude_none=True)
    body = bench("national_portal").mappings.request("report_progress", {**event, "dossier_code": "D"}).body
    assert body == {
        "MaHoSo": "D",
        "NguoiXuLy": "Lê Văn Thử",
        "ChucDanh": "Công chức một cửa",
        "ThoiDiemXuLy": "20261123100000",
        "PhongBanXuLy": "Bộ phận một cửa",
        "NoiDungXuLy": "Chuyển phòng chuyên môn",
        "TrangThai": "4",
        "NgayBatDau": "20261123100000",
        "NgayKetThucTheoQuyDinh": "20261125170000",
    }


def test_no_message_to_the_portal_needs_a_district() -> None:
    """ORG-01 (part): neither what the province sends nor what the portal gets names one."""
    told = {name.lower() for example in examples("national_portal") for name in names(dict(example.sends))}
    asked = {name.lower() for name in names(DossierIn.model_json_schema())}
    assert not {name for name in told | asked if "huyen" in name or "district" in name}
