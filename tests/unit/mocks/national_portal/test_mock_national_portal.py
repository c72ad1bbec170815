"""The portal mock: log-in, the services of the contract page, its refusals and faults (sections 1 to 5, 8, 9)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from mocks.national_portal import app as portal

SAMPLES = Path(portal.__file__).parent / "samples"
DSTCODE = {"dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider"}
FORWARD = "/XrdAdapter/RestService/forward/mapi"
CODE = "000.00.05.H99-260102-0007"
SESSION = "b7c1f0e2-5d1a-4f7e-9c55-0a1b2c3d4e5f"
DELETED = "deleted"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def portal_app(settings: Mapping[str, object] | None = None, **more: Any) -> Any:
    """Every session is the samples' one; success codes are the samples' "0"."""
    return portal.create_app({"code_form": "string", **(settings or {})}, new_id=lambda: SESSION, **more)


async def login(client: httpx.AsyncClient, body: Any = None) -> Any:
    return (await client.post(f"{FORWARD}/login", json=body or sample("login_request"), headers=DSTCODE)).json()


async def send(client: httpx.AsyncClient, message: Any, **headers: str) -> Any:
    return (await client.post(f"{FORWARD}/MOCK-data", json=message, headers={**DSTCODE, **headers})).json()


def created(**changes: Any) -> Any:
    """The sample's DongBoHoSoMC with its dossier changed; `DELETED` leaves a field out."""
    return _changed(sample("sync_dossier_create"), changes)


def updated(**changes: Any) -> Any:
    return {**created(**changes), "isUpdating": "True"}


def progressed(**changes: Any) -> Any:
    return _changed(sample("report_progress"), changes)


def _changed(message: Any, changes: Mapping[str, Any]) -> Any:
    item = {**message["data"][0], **changes}
    return {**message, "data": [{name: value for name, value in item.items() if value != DELETED}]}


@pytest.fixture
async def client(before: Any) -> httpx.AsyncClient:
    """Logged in."""
    connected: httpx.AsyncClient = before(portal_app())
    await login(connected)
    return connected


async def held(client: httpx.AsyncClient) -> Any:
    return (await client.get(f"/_mock/dossiers/{CODE}")).json()


@pytest.mark.parametrize("adapter", ["XrdAdapter", "VXPAdapter"])
@pytest.mark.parametrize("where", ["headers", "params"])
async def test_a_log_in_gets_the_contracts_reply_through_both_adapters(before: Any, adapter: str, where: Any) -> None:
    url = f"/{adapter}/RestService/forward/mapi/login"
    reply = await before(portal_app({"code_form": "int"})).post(url, json=sample("login_request"), **{where: DSTCODE})
    assert reply.json() == sample("login_reply")


@pytest.mark.parametrize("body", [{"username": "tinh.vidu", "password": "wrong"}, {"username": "tinh.vidu"}, []])
async def test_a_wrong_account_gets_no_session(before: Any, body: Any) -> None:
    reply = await before(portal_app()).post(f"{FORWARD}/login", json=body, headers=DSTCODE)
    assert reply.json()["error_code"] == -1
    assert "session" not in reply.json()


async def test_a_log_in_without_a_body_counts_by_switch_alone(before: Any) -> None:
    for switch, error_code in ((False, -1), (True, "0")):
        client = before(portal_app({"empty_login": switch}))
        assert (await client.post(f"{FORWARD}/login", headers=DSTCODE)).json()["error_code"] == error_code


@pytest.mark.parametrize("headers", [{}, {"dstcode": "VN:GOV:000.00.00.G22:other"}])
async def test_a_missing_or_wrong_dstcode_is_refused(before: Any, headers: dict[str, str]) -> None:
    reply = await before(portal_app()).post(f"{FORWARD}/login", json=sample("login_request"), headers=headers)
    assert reply.status_code == 400
    assert "MOCK-DSTCODE" in reply.json()["message"]


async def test_a_path_that_is_not_served_is_not_found(before: Any) -> None:
    assert (await before(portal_app()).post(f"{FORWARD}/other", headers=DSTCODE)).status_code == 404


async def test_a_session_ends_when_its_time_is_over(before: Any, clock: Any) -> None:
    client = before(portal_app(clock=clock))
    assert "phiên" in (await send(client, sample("find_dossier")))["message"]
    await login(client)
    clock.pass_s(599)
    assert (await send(client, sample("find_dossier")))["error_code"] == "0"
    clock.pass_s(1)
    assert "phiên" in (await send(client, sample("find_dossier")))["message"]


async def test_a_first_delivery_gets_the_contracts_replies(client: httpx.AsyncClient) -> None:
    assert (await send(client, sample("find_dossier")))["result"] == []
    assert await send(client, created()) == sample("sync_dossier_reply")
    assert await send(client, created()) == sample("sync_dossier_exists_reply")
    assert await send(client, progressed()) == sample("report_progress_reply")
    (found,) = (await send(client, sample("find_dossier")))["result"]
    assert (found["MAHOSO"], found["TRANGTHAIHOSO"], found["TIENDO"][0]["TRANGTHAI"]) == (CODE, "2", "2")


async def test_the_window_shows_the_dossier_its_versions_and_its_steps(client: httpx.AsyncClient) -> None:
    await send(client, created())
    await send(client, updated(TrangThaiHoSo="10", NgayTra="20260107090000"))
    for status in ("2", "4", "4", "9"):
        await send(client, progressed(TrangThai=status))
    window = await held(client)
    assert window["dossier"]["TrangThaiHoSo"] == "10"
    assert [version["updating"] for version in window["versions"]] == [False, True]
    assert window["versions"][1]["warnings"] == ["MOCK-TRANSITION: trạng thái 2 -> 10"]
    assert [step["TrangThai"] for step in window["steps"]] == ["2", "4", "4", "9"]
    listed = (await client.get("/_mock/dossiers")).json()
    assert listed == {"dossiers": [{"MaHoSo": CODE, "versions": 2, "steps": 4}]}


@pytest.mark.parametrize("message", [updated(), progressed()])
async def test_an_unknown_dossier_takes_neither_an_update_nor_a_step(client: httpx.AsyncClient, message: Any) -> None:
    reply = await send(client, message)
    assert (reply["error_code"], "MOCK-UNKNOWN-DOSSIER" in reply["message"]) == (-1, True)
    assert await held(client) == {"error": "MOCK-UNKNOWN-DOSSIER"}


@pytest.mark.parametrize(
    ("field", "value", "marker"),
    [
        ("TenTTHC", DELETED, "MOCK-MANDATORY"),
        ("MaLinhVuc", "", "MOCK-MANDATORY"),
        ("NgayTiepNhan", "2026-01-02", "MOCK-DATE"),
        ("NgayTiepNhan", "20260230083000", "MOCK-DATE"),
        ("TrangThaiHoSo", "11", "MOCK-CODE"),
        ("TrangThaiHoSo", 2, "MOCK-TYPE"),
        ("HinhThuc", "2", "MOCK-CODE"),
        ("MaHoSo", "HS-1", "MOCK-CODE"),
        ("TrichYeuHoSo", "x" * 1001, "MOCK-LENGTH"),
        ("TaiLieuNop", {}, "MOCK-TYPE"),
        ("DanhSachHoSoBoSung", [{"HoSoBoSungId": "1"}], "MOCK-TYPE"),
        ("DanhSachHoSoBoSung", [{"HoSoBoSungId": 1, "NgayBoSung": "2026-01-03"}], "MOCK-DATE"),
        ("DanhSachHoSoBoSung", [{"HoSoBoSungId": 1, "DanhSachGiayToBoSung": [{"IsDeleted": "x"}]}], "MOCK-CODE"),
        ("TaiLieuNop", [{"IsDeleted": "false"}], "MOCK-CODE"),
        ("DanhSachLePhi", [{"Gia": "15.000"}], "MOCK-CODE"),
        ("DinhDanhCHS", [{"LoaiDinhDanh": "3"}], "MOCK-CODE"),
    ],
)
async def test_a_dossier_that_breaks_the_page_is_refused_without_its_value(
    client: httpx.AsyncClient, field: str, value: Any, marker: str
) -> None:
    reply = await send(client, created(**{field: value}))
    assert reply["error_code"] == -1
    assert marker in reply["message"]
    assert "Trần Thị Mẫu" not in reply["message"]
    assert (await client.get("/_mock/dossiers")).json() == {"dossiers": []}


@pytest.mark.parametrize(
    ("field", "value", "marker"),
    [
        ("NguoiXuLy", DELETED, "MOCK-MANDATORY"),
        ("NguoiXuLy", "x" * 51, "MOCK-LENGTH"),
        ("TrangThai", "0", "MOCK-CODE"),
        ("ThoiDiemXuLy", "20260102", "MOCK-DATE"),
    ],
)
async def test_a_step_that_breaks_the_page_is_refused(
    client: httpx.AsyncClient, field: str, value: Any, marker: str
) -> None:
    await send(client, created())
    assert marker in (await send(client, progressed(**{field: value})))["message"]
    assert (await held(client))["steps"] == []


@pytest.mark.parametrize("field", ["Email", "NgayHenTra"])
async def test_two_mandatory_fields_may_be_empty(client: httpx.AsyncClient, field: str) -> None:
    assert (await send(client, created(**{field: ""})))["error_code"] == "0"


@pytest.mark.parametrize(
    ("change", "marker"),
    [
        ({"madonvi": "000.00.00.H98"}, "MOCK-MADONVI"),
        ({"service": "KhongCo"}, "MOCK-SERVICE"),
        ({"isUpdating": False}, "MOCK-ISUPDATING"),
        ({"data": []}, "MOCK-DATA"),
        ({"data": [{}] * 101}, "MOCK-BATCH"),
        ({"session": "other"}, "MOCK-SESSION"),
    ],
)
async def test_an_envelope_that_breaks_the_page_is_refused(
    client: httpx.AsyncClient, change: dict[str, Any], marker: str
) -> None:
    reply = await send(client, {**created(), **change})
    assert (reply["error_code"], marker in reply["message"]) == (-1, True)


@pytest.mark.parametrize(("partial", "stored"), [(False, []), (True, [CODE])])
async def test_a_batch_with_a_bad_item_keeps_its_good_ones_by_switch_alone(
    client: httpx.AsyncClient, partial: bool, stored: list[str]
) -> None:
    await client.post("/_mock/settings", json={"partial_batch": partial})
    batch = created()
    batch["data"].append({**batch["data"][0], "MaHoSo": "bad"})
    assert (await send(client, batch))["error_code"] == -1
    assert [row["MaHoSo"] for row in (await client.get("/_mock/dossiers")).json()["dossiers"]] == stored


async def test_success_comes_in_all_three_forms_by_turns(before: Any) -> None:
    client = before(portal.create_app(new_id=lambda: SESSION))
    codes = [(await login(client))["error_code"]]
    codes += [(await send(client, sample("find_dossier")))["error_code"] for _ in range(3)]
    assert [repr(code) for code in codes] == ["0", "'0'", "'00'", "0"]


async def test_the_catalogues_answer_from_the_fixtures(client: httpx.AsyncClient) -> None:
    ask = {"session": SESSION, "madonvi": "000.00.00.H99"}
    (procedure,) = (await send(client, {**ask, "service": "LayThuTuc", "maTTHC": "1.009999"}))["result"]
    assert procedure["LINHVUCTHUCHIEN"][0]["MALINHVUC"] == "G03-GD10"
    assert (await send(client, {**ask, "service": "LayThuTuc", "maTTHC": "1.000000"}))["result"] == []
    assert (await send(client, {**ask, "service": "LayDanhMucLinhVuc"}))["result"][0]["MANGANH"] == "G03"


ASK = {"session": SESSION, "madonvi": "000.00.00.H99"}
QUESTION = {"HOIDAPID": 7, "MaLinhVuc": "G03-GD10", "NOIDUNG": "Nộp ở đâu?", "MADONVI": "H99", "TENDONVI": "Sở"}
REPLY = {"HOIDAPID": 90001, "MADONVI": "H99", "NGUOITRALOI": "A", "NGAYTRALOI": "20260105090000", "NOIDUNGTRALOI": "B"}
RATING = {
    "NgayTongHop": "1-2026",
    "TongSoNguoiDanhGia": "10",
    "PhanTramDanhGiaRatHaiLong": "60%",
    "PhanTramDanhGiaHaiLong": "30%",
    "PhanTramDanhGiaChuaHaiLong": "10%",
    "MaThuTuc": "1.009999",
    "Madonvi": "H99",
    "TenDonVi": "Sở",
}
TOLD = {"DongBoHoiDap": QUESTION, "DongBoKetQuaHoiDapGuiTuDVCQG": REPLY, "DongBoDanhGia": RATING}


@pytest.mark.parametrize("service", TOLD)
async def test_a_repeat_is_kept_as_often_as_it_comes(client: httpx.AsyncClient, service: str) -> None:
    """MOCK-NO-DEDUPLICATION: so that a gateway that sends twice is seen."""
    for _ in range(2):
        assert (await send(client, {**ASK, "service": service, "data": [TOLD[service]]}))["error_code"] == "0"
    assert [note["service"] for note in (await client.get("/_mock/notes")).json()["notes"]] == [service] * 2


@pytest.mark.parametrize(
    ("service", "change", "marker"),
    [
        ("DongBoHoiDap", {"NOIDUNG": ""}, "MOCK-MANDATORY"),
        ("DongBoHoiDap", {"HOIDAPID": "bảy"}, "MOCK-TYPE"),
        ("DongBoHoiDap", {"HOIDAPID": True}, "MOCK-TYPE"),
        ("DongBoKetQuaHoiDapGuiTuDVCQG", {"HOIDAPID": 5}, "MOCK-UNKNOWN-QUESTION"),
        ("DongBoKetQuaHoiDapGuiTuDVCQG", {"NGAYTRALOI": "2026-01-05"}, "MOCK-DATE"),
        ("DongBoDanhGia", {"NgayTongHop": "01-2026"}, "MOCK-CODE"),
        ("DongBoDanhGia", {"PhanTramDanhGiaHaiLong": "101%"}, "MOCK-CODE"),
        ("DongBoDanhGia", {"PhanTramDanhGiaDichVuHaiLong": "nhiều"}, "MOCK-CODE"),
    ],
)
async def test_a_question_or_rating_that_breaks_the_page_is_refused(
    client: httpx.AsyncClient, service: str, change: dict[str, Any], marker: str
) -> None:
    reply = await send(client, {**ASK, "service": service, "data": [{**TOLD[service], **change}]})
    assert (reply["error_code"], marker in reply["message"]) == (-1, True)
    assert (await client.get("/_mock/notes")).json() == {"notes": []}


@pytest.mark.parametrize(
    ("form", "before_it", "after_it"),
    [
        ("list", [], [{"TRALOIID": 90001, "NOIDUNGTRALOI": "B"}]),
        ("object", {}, {"TRALOIID": 90001, "NOIDUNGTRALOI": "B"}),
    ],
)
async def test_an_answer_is_shown_in_the_form_of_the_switch(
    client: httpx.AsyncClient, form: str, before_it: Any, after_it: Any
) -> None:
    await client.post("/_mock/settings", json={"answer_form": form})
    ask = {**ASK, "service": "LayNoiDungTraLoiTheoCauHoi", "cauhoiid": "90001"}
    assert (await send(client, ask))["result"] == before_it
    await send(client, {**ASK, "service": "DongBoKetQuaHoiDapGuiTuDVCQG", "data": [REPLY]})
    assert (await send(client, ask))["result"] == after_it


async def test_the_fault_refuse_stores_nothing(client: httpx.AsyncClient) -> None:
    reply = await send(client, created(), **{"X-Mock-Fault": "refuse"})
    assert (reply["error_code"], reply["message"].startswith("MOCK-REFUSE")) == (-1, True)
    assert (await client.get("/_mock/dossiers")).json() == {"dossiers": []}


async def test_the_fault_expired_session_waits_for_a_call_with_a_session(before: Any) -> None:
    client = before(portal_app())
    await client.post("/_mock/faults", json={"fault": "expired_session"})
    await login(client)
    assert "MOCK-SESSION" in (await send(client, created()))["message"]
    await login(client)
    assert (await send(client, created()))["error_code"] == "0"


async def test_sessions_can_be_ended_by_hand(client: httpx.AsyncClient) -> None:
    assert (await client.delete("/_mock/sessions")).status_code == 204
    assert "MOCK-SESSION" in (await send(client, created()))["message"]


async def test_an_impossible_setting_is_refused_and_changes_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.post("/_mock/settings", json={"code_form": "roman"})).status_code == 422
    assert (await send(client, created()))["error_code"] == "0"
