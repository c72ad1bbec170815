"""One dossier, both families: what the province sends is the same, and both portals end up holding the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from systems import Bench, bench, examples, stored

from gateway.sdk import Accepted, Call, Reconciles, SendNow, WireRequest

FAMILIES = ("national_portal", "portal_adapter")
FILE = "8e03978e-40d5-43e8-bc93-6894a57f9324"
GIVEN = next(example for example in examples("portal_adapter") if example.name == "sync_first").given
CODE = GIVEN["code"]
PAPER = {
    "name": "to-khai.pdf",
    "component_code": "000.00.00.G03-KQ000111",
    "file_id": FILE,
    "url": "https://lienthong.example.invalid/f/1",  # the core's link to the same file, for whoever fetches
}
ROUND = {
    "number": 1,
    "requested_by": "Lê Văn Thử",
    "content": "Bổ sung tờ khai có chữ ký",
    "requested_at": "2026-01-03T09:00:00+07:00",
}
RESULT = {
    "id": "9001",
    "name": "kq.pdf",
    "result_code": "KQ.G03.000999",
    "url": "https://motcua.example.invalid/f/9001",
}
DOSSIER = {**GIVEN, "components": [PAPER]}
STORY: list[tuple[dict[str, Any], str]] = [
    ({"status": 2}, "Tiếp nhận hồ sơ"),
    ({"status": 4}, "Chuyển phòng chuyên môn"),
    ({"status": 5, "supplements": [ROUND]}, "Yêu cầu bổ sung"),
    ({"status": 4, "supplements": [ROUND]}, "Đã nhận bổ sung"),
    ({"status": 9, "supplements": [ROUND], "results": [RESULT]}, "Đã có kết quả"),
    ({"status": 10, "supplements": [ROUND], "results": [RESULT]}, "Đã trả kết quả"),
]


class Province:
    """Tells one system the story as the gateway does: the dossier whole, then the step that changed it."""

    def __init__(self, system: Bench) -> None:
        self.system = system
        self.known: dict[str, str] = {}

    def call(self, operation: str, document: Mapping[str, Any], **more: Any) -> Call:
        body = self.system.mappings.request(operation, document).body
        return self.system.call(operation, body, known=dict(self.known), **more)

    async def tell(self, call: Call) -> None:
        outcome = await self.system.ask(call)
        assert isinstance(outcome, Accepted)
        self.known |= outcome.learned
        if outcome.unfinished:
            await self.tell(replace(call, known=dict(self.known)))

    async def first(self, call: Call) -> Call:
        connector = self.system.connector
        if not self.system.manifest.operation(call.operation).ask_first or not isinstance(connector, Reconciles):
            return call
        question = connector.question(call)
        assert isinstance(question, Call)
        settled = connector.settle(call, await self.system.ask(question))
        assert isinstance(settled, SendNow)
        return settled.call

    async def tell_story(self) -> None:
        if "upload_file" in {operation.name for operation in self.system.manifest.operations}:
            file = stored({"id": FILE, "name": "to-khai.pdf", "media_type": "application/pdf", "content": "%PDF"})
            await self.tell(self.call("upload_file", {"file": FILE, "name": "to-khai.pdf"}, file=file))
        for number, (change, content) in enumerate(STORY):
            sync = self.call("sync_dossier", {**DOSSIER, **change})
            await self.tell(await self.first(sync) if number == 0 else sync)
            step = {
                "dossier_code": CODE,
                "status": change["status"],
                "at": f"2026-01-0{number + 2}T08:30:00+07:00",
                "officer_name": "Lê Văn Thử",
                "unit": "Bộ phận một cửa",
                "content": content,
            }
            await self.tell(self.call("report_progress", step))

    async def held(self) -> Any:
        port = {"national_portal": 7103, "portal_adapter": 7105}[self.system.manifest.id]
        request = WireRequest(method="GET", url=f"http://127.0.0.1:{port}/_mock/dossiers/{CODE}")
        return json.loads((await self.system.transport.send(request)).content)


def digits(moment: str) -> str:
    return "".join(c for c in moment if c.isdigit())[:14]


def of_portal(held: Any) -> dict[str, Any]:
    """What the older mock holds, in neither's words."""
    dossier = held["dossier"]
    return {
        "code": dossier["MaHoSo"],
        "procedure": dossier["MaTTHC"],
        "owner": (
            dossier["ChuHoSo"],
            dossier["DinhDanhCHS"][0]["SoDinhDanh"],
            dossier["SoDienThoai"],
            dossier["Email"],
        ),
        "account": dossier["MaDoiTuong"],
        "dates": (dossier["NgayNopHoSo"], dossier["NgayTiepNhan"]),
        "papers": [(paper["MaThanhPhanHoSo"], paper["TenTepDinhKem"]) for paper in dossier["TaiLieuNop"]],
        "statuses": [int(version["dossier"]["TrangThaiHoSo"]) for version in held["versions"]],
        "asked": dossier["DanhSachHoSoBoSung"][0]["NoiDungBoSung"],
        "fees": [(fee["MaPhiLePhi"], fee["Gia"], int(fee["HinhThucThu"])) for fee in dossier["DanhSachLePhi"]],
        "results": dossier["DanhSachGiayToKetQua"],
        "steps": [
            (step["NguoiXuLy"], step["ThoiDiemXuLy"], step["NoiDungXuLy"], int(step["TrangThai"]))
            for step in held["steps"]
        ],
    }


def of_adapter(held: Any) -> dict[str, Any]:
    """What the mock of the newer family holds, in neither's words."""
    dossier, told = held["dossier"], {status["TrangThai"]: status for status in held["statuses"]}
    person = dossier["ThongTinNguoiNop"]["ThongTinChiTiet"]
    papers = [(part["MaThanhPhanHoSo"], part["GiayToDinhKem"][0]["TenGiayTo"]) for part in dossier["ThanhPhanHoSo"]]
    return {
        "code": dossier["MaHoSo"],
        "procedure": dossier["MaTTHC"],
        "owner": (person["TenChuHs"], person["SoDinhDanhChuHs"], person["SoDienThoai"], person["Email"]),
        "account": dossier["ThongTinNguoiNop"]["IdDoiTuong"],
        "dates": (digits(dossier["NgayNop"]), digits(dossier["NgayTiepNhan"])),
        "papers": papers,
        "statuses": [status["TrangThai"] for status in held["statuses"]],
        "asked": told[5]["NoiDungYKien"],
        "fees": [(fee["MaPhiLePhi"], fee["Gia"], fee["HinhThucThu"]) for fee in told[9]["DanhSachLePhi"]],
        "results": told[9]["DanhSachGiayToKetQua"],
        "steps": [
            (step["NguoiXuLy"], digits(step["ThoiDiemXuLy"]), step["NoiDungXuLy"], step["TrangThai"])
            for step in held["steps"]
        ],
    }


async def test_the_same_dossier_is_told_to_both_families_and_both_hold_the_same() -> None:
    """SYN-04: created, taken on, supplemented, ended with a result and handed over, from the same documents."""
    held = {}
    for family in FAMILIES:
        province = Province(bench(family))
        await province.tell_story()
        held[family] = await province.held()
    shown = of_adapter(held["portal_adapter"])
    assert shown == of_portal(held["national_portal"])
    assert shown["statuses"] == [2, 4, 5, 4, 9, 10]
    assert len(shown["steps"]) == len(STORY)


@pytest.mark.parametrize(("kind", "older", "newer"), [("citizen", "1", 0), ("enterprise", "2", 1)])
async def test_the_same_person_gets_the_right_code_at_each_family(kind: str, older: str, newer: int) -> None:
    """COD-13: LoaiDoiTuong means other things in each family; one table for each, and the same document for both."""
    document = {**DOSSIER, "applicant": {**DOSSIER["applicant"], "kind": kind}, "components": []}
    held = {}
    for family in FAMILIES:
        province = Province(bench(family))
        await province.tell(await province.first(province.call("sync_dossier", document)))
        held[family] = (await province.held())["dossier"]
    assert held["national_portal"]["LoaiDoiTuong"] == older
    assert held["portal_adapter"]["LoaiDoiTuong"] == newer
    assert held["portal_adapter"]["ThongTinNguoiNop"]["LoaiDoiTuong"] == newer


async def test_neither_family_is_sent_a_district() -> None:
    """ORG-01: a dossier without a district is taken by both, as no field of ours can carry one."""
    for family in FAMILIES:
        province = Province(bench(family))
        await province.tell_story()
        assert "huyen" not in json.dumps(await province.held()).lower()
