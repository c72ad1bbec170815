"""The mock of the 2026 adapter: token, next value, files, dossiers, steps, statuses (contract section 13)."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from mocks.portal_adapter import app as adapter

SAMPLES = Path(adapter.__file__).parent / "samples"
ROOT = "/MOCK-adapter"
CODE = "000.00.05.H99-260102-0007"
GONE = object()


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def changed(document: Any, path: str, value: Any) -> Any:
    """A copy with the value at `path` replaced; GONE leaves it out."""
    copied = copy.deepcopy(document)
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    place = copied
    for step in way:
        place = place[step]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return copied


class Caller:
    """Logged in, with one file uploaded and, on demand, one dossier created."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def log_in(self) -> Any:
        reply = await self.client.post(f"{ROOT}/MOCK-GetToken", json=sample("token_request"))
        self.client.headers["Authorization"] = f"Bearer {reply.json()['data']['access_token']}"
        return reply.json()

    async def post(self, step: str, body: Any, **headers: str) -> httpx.Response:
        return await self.client.post(f"{ROOT}/MOCK-{step}", json=body, headers=headers)

    async def upload(self, content: bytes = b"%PDF") -> Any:
        files = {"files": ("tờ khai.pdf", content, "application/pdf")}
        return (await self.client.post(f"{ROOT}/MOCK-UploadFile", files=files)).json()["data"][0]

    async def dossier(self) -> Any:
        """The sample's dossier with a file that was really uploaded."""
        told = await self.upload()
        paper = {"IdGiayTo": told["IdTepTin"], "HashTepTin": told["HashTepTin"], "MaKetQua": "", "TenGiayTo": "a.pdf"}
        return changed(sample("create"), "ThanhPhanHoSo.0.GiayToDinhKem.0", paper)

    async def created(self) -> str:
        return str((await self.post("NoiHoSo", await self.dossier())).json()["data"]["idHoSo"])

    async def about(self, name: str, **changes: Any) -> Any:
        """A sample about the created dossier."""
        (item,) = sample(name)
        key = "IDHoSo" if name == "progress" else "IdHoSo"
        return [{**item, key: await self.created(), **changes}]

    async def window(self, path: str) -> Any:
        return (await self.client.get(f"/_mock/{path}")).json()


@pytest.fixture
def calling(before: Any) -> Callable[..., Caller]:
    def make(settings: Mapping[str, object] | None = None, **more: Any) -> Caller:
        return Caller(before(adapter.create_app(settings, **more)))

    return make


@pytest.fixture
async def caller(calling: Any) -> Caller:
    made: Caller = calling()
    await made.log_in()
    return made


async def test_a_token_is_issued_for_the_account_and_no_other(calling: Any) -> None:
    caller = calling()
    told = await caller.log_in()
    assert told.keys() == sample("token_reply").keys()
    assert told["data"].keys() == sample("token_reply")["data"].keys()
    for account in ({"client_id": "tinh.vidu", "client_secret": "x"}, {}, [], None):
        reply = await caller.post("GetToken", account)
        assert (reply.status_code, reply.json()["code"], reply.json()["data"]) == (401, 401, None)


async def test_a_token_can_come_without_its_life(calling: Any) -> None:
    assert "expires_in" not in (await calling({"tell_expires_in": False}).log_in())["data"]


async def test_a_token_ends(calling: Any, clock: Any) -> None:
    caller = calling({"token_ttl_s": 60}, clock=clock)
    await caller.log_in()
    listed = f"{ROOT}/MOCK-DanhSachHoSo?MaHoSo={CODE}"
    clock.pass_s(59)
    assert (await caller.client.get(listed)).status_code == 200
    clock.pass_s(1)
    assert (await caller.client.get(listed)).status_code == 401
    await caller.log_in()
    await caller.client.delete("/_mock/tokens")
    assert (await caller.client.get(listed)).status_code == 401


@pytest.mark.parametrize("step", ["GetNextValue?code=H99", "DanhSachHoSo?MaHoSo=x"])
async def test_no_step_without_a_token(calling: Any, step: str) -> None:
    assert (await calling().client.get(f"{ROOT}/MOCK-{step}")).status_code == 401


async def test_the_next_value_counts(caller: Caller, clock: Any) -> None:
    values = []
    for code in ("000.00.00.H99", "H99.12", "1.009999"):
        values.append((await caller.client.get(f"{ROOT}/MOCK-GetNextValue", params={"code": code})).json())
    assert [value["value"].rpartition("-")[2] for value in values] == ["0000001", "0000002", "0000003"]
    assert all(value.keys() == sample("next_value_reply").keys() for value in values)
    assert (await caller.client.get(f"{ROOT}/MOCK-GetNextValue?code=?")).status_code == 400


async def test_a_status_needs_no_words_and_an_applicant_needs_its_key(caller: Caller) -> None:
    """Section 13: `NoiDungXuLy?` of step 6 has a question mark, IdDoiTuong of step 4 has none."""
    status = [{"IdHoSo": await caller.created(), "MaHoSo": CODE, "TrangThai": 4}]
    assert (await caller.post("CapNhatTrangThai", status)).status_code == 200
    unnamed = changed(await caller.dossier(), "ThongTinNguoiNop.IdDoiTuong", GONE)
    refused = await caller.post("NoiHoSo", unnamed)
    assert (refused.status_code, "IdDoiTuong" in refused.json()["message"]) == (400, True)


async def test_a_file_is_answered_with_its_id_and_its_hash(caller: Caller) -> None:
    first, again = await caller.upload(b"a\r\nb"), await caller.upload(b"a\r\nb")
    assert first["HashTepTin"] == again["HashTepTin"] == hashlib.sha256(b"a\r\nb").hexdigest()
    assert first["IdTepTin"] != again["IdTepTin"]
    kept = (await caller.window("files"))["files"]
    assert [file["IdTepTin"] for file in kept] == ["MOCK-TEP-0001", first["IdTepTin"], again["IdTepTin"]]
    assert (kept[1]["name"], kept[1]["size"]) == ("tờ khai.pdf", 4)


@pytest.mark.parametrize(
    "form",
    [
        {"files": {"file": ("a", b"x")}},
        {"files": [("files", ("a", b"x")), ("files", ("b", b"x"))]},
        {"json": {}},
        {"data": {"files": "x"}},
        {"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data"}},
    ],
    ids=str,
)
async def test_another_form_is_refused(caller: Caller, form: Any) -> None:
    reply = await caller.client.post(f"{ROOT}/MOCK-UploadFile", **form)
    assert (reply.status_code, "MOCK-FORM" in reply.json()["message"]) == (400, True)


async def test_a_dossier_is_created_once(caller: Caller) -> None:
    body = await caller.dossier()
    told = (await caller.post("NoiHoSo", body)).json()
    assert told.keys() == sample("create_reply").keys()
    assert (told["data"]["maHoSo"], told["code"]) == (CODE, 200)
    again = await caller.post("NoiHoSo", body)
    assert (again.status_code, "MOCK-EXISTS" in again.json()["message"]) == (400, True)
    held = await caller.window(f"dossiers/{CODE}")
    assert held == {"IdHoSo": told["data"]["idHoSo"], "dossier": body, "statuses": [], "steps": []}


PERSON = "ThongTinNguoiNop.ThongTinChiTiet"


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("MaHoSo", "x", "MOCK-CODE"),
        ("MaTTHC", "", "MOCK-MANDATORY"),
        ("ChuHoSo", GONE, "MOCK-MANDATORY"),
        ("LoaiDoiTuong", "0", "MOCK-CODE"),
        ("LoaiDoiTuong", 3, "MOCK-CODE"),
        ("ThongTinNguoiNop.LoaiDoiTuong", True, "MOCK-CODE"),
        ("NgayNop", "20260102081500", "MOCK-DATE"),
        ("NgayNop", "2026-02-29 08:15:00", "MOCK-DATE"),
        ("NgayTiepNhan", "2026-01-02T08:15:00.000", "MOCK-DATE"),
        (f"{PERSON}.NgaySinh", "1984-02-29 00:00:00", "MOCK-DATE"),
        (f"{PERSON}.TenNguoiNop", "", "MOCK-MANDATORY"),
        (f"{PERSON}.MaXaChuHs", GONE, "MOCK-MANDATORY"),
        (f"{PERSON}.MaHuyenChuHs", "001", "MOCK-FIELD"),
        (PERSON, GONE, "MOCK-MANDATORY"),
        ("ThongTinNguoiNop", [], "MOCK-MANDATORY"),
        ("ThanhPhanHoSo", {}, "MOCK-TYPE"),
        ("ThanhPhanHoSo.0.LoaiBan", "2", "MOCK-CODE"),
        ("ThanhPhanHoSo.0.GiayToDinhKem", "x", "MOCK-TYPE"),
        ("ThanhPhanHoSo.0.GiayToDinhKem.0.IdGiayTo", "another", "MOCK-FILE"),
        ("ThanhPhanHoSo.0.GiayToDinhKem.0.HashTepTin", "another", "MOCK-FILE"),
    ],
)
async def test_a_dossier_that_is_wrong_is_refused_and_not_kept(
    caller: Caller, path: str, value: Any, complaint: str
) -> None:
    reply = await caller.post("NoiHoSo", changed(await caller.dossier(), path, value))
    assert (reply.status_code, reply.json()["code"]) == (400, 400)
    assert complaint in reply.json()["message"]
    assert (await caller.window("dossiers")) == {"dossiers": []}


@pytest.mark.parametrize("path", [f"{PERSON}.NgaySinh", f"{PERSON}.SoDinhDanh", "MaDichVuCong"])
async def test_what_nobody_knows_of_a_person_may_be_empty(caller: Caller, path: str) -> None:
    assert (await caller.post("NoiHoSo", changed(await caller.dossier(), path, ""))).status_code == 200


async def test_steps_and_statuses_are_kept_in_order_and_shown(caller: Caller) -> None:
    (step,) = await caller.about("progress")
    name = step["IDHoSo"]
    again = {**step, "TrangThai": 4}
    assert (await caller.post("CapNhatTienTrinh", [step, step, again])).json().keys() == sample("status_reply").keys()
    (processed,) = sample("status_processed")
    statuses = [{"IdHoSo": name, "MaHoSo": CODE, "TrangThai": 4, "NoiDungXuLy": "x"}, {**processed, "IdHoSo": name}]
    assert (await caller.post("CapNhatTrangThai", statuses)).status_code == 200
    held = await caller.window(f"dossiers/{CODE}")
    assert (held["steps"], held["statuses"]) == ([step, step, again], statuses)
    listed = (await caller.client.get(f"{ROOT}/MOCK-DanhSachHoSo", params={"MaHoSo": CODE})).json()
    assert listed["Total"] == 1
    assert sample("find_reply")["Data"][0].keys() <= listed["Data"][0].keys()
    assert (listed["Data"][0]["TrangThaiHoSo"], listed["Data"][0]["MOCK-IdHoSo"]) == (9, name)
    absent = (await caller.client.get(f"{ROOT}/MOCK-DanhSachHoSo?MaHoSo=x")).json()
    assert absent == {"Total": 0, "Data": []}


@pytest.mark.parametrize(
    ("name", "changes", "status"),
    [
        ("progress", {"ThoiDiemXuLy": "20260102083000"}, 400),
        ("progress", {"TrangThai": "2"}, 400),
        ("progress", {"NguoiXuLy": ""}, 400),
        ("progress", {"MaHoSo": "000.00.05.H99-260102-0008"}, 404),
        ("progress", {"IDHoSo": "another"}, 404),
        ("status_processed", {"TrangThai": 4}, 400),
        ("status_processed", {"TrangThai": 11}, 400),
        ("status_processed", {"DanhSachLePhi": {}}, 400),
        ("status_processed", {"DanhSachLePhi": [{"Gia": 15000, "LoaiPhiLePhi": "1", "HinhThucThu": 1}]}, 400),
        ("status_processed", {"DanhSachLePhi": [{"Gia": "1", "LoaiPhiLePhi": 1, "HinhThucThu": 1}]}, 400),
        ("status_processed", {"DanhSachLePhi": [{"Gia": "1", "LoaiPhiLePhi": "1", "HinhThucThu": "1"}]}, 400),
        ("status_processed", {"IdHoSo": "another"}, 404),
    ],
)
async def test_a_wrong_item_refuses_the_message(caller: Caller, name: str, changes: Any, status: int) -> None:
    step = "CapNhatTienTrinh" if name == "progress" else "CapNhatTrangThai"
    bad = await caller.about(name, **changes)
    reply = await caller.post(step, bad)
    assert (reply.status_code, reply.json()["code"]) == (status, status)
    held = await caller.window(f"dossiers/{CODE}")
    assert (held["steps"], held["statuses"]) == ([], [])


async def test_the_id_of_a_dossier_is_spelt_as_each_step_wants_it(caller: Caller) -> None:
    (step,) = await caller.about("progress")
    wrong = {("IdHoSo" if name == "IDHoSo" else name): value for name, value in step.items()}
    assert (await caller.post("CapNhatTienTrinh", [wrong])).status_code == 400


@pytest.mark.parametrize("body", [{}, [], [1], "x", None])
async def test_another_shape_is_refused(caller: Caller, body: Any) -> None:
    for step in ("CapNhatTienTrinh", "CapNhatTrangThai"):
        assert (await caller.post(step, body)).status_code == 400
    if not isinstance(body, dict):
        assert (await caller.post("NoiHoSo", body)).status_code == 400


@pytest.mark.parametrize(("partial", "kept"), [(False, 0), (True, 1)])
async def test_a_batch_of_steps_is_kept_whole_or_in_part(calling: Any, partial: bool, kept: int) -> None:
    caller = calling({"partial_batch": partial, "max_batch": 2})
    await caller.log_in()
    (step,) = await caller.about("progress")
    assert (await caller.post("CapNhatTienTrinh", [step, {**step, "TrangThai": 0}])).status_code == 400
    assert len((await caller.window(f"dossiers/{CODE}"))["steps"]) == kept
    assert "MOCK-BATCH" in (await caller.post("CapNhatTienTrinh", [step] * 3)).json()["message"]


@pytest.mark.parametrize(
    ("settings", "code"), [({"success_code": "00"}, 0), ({"success_code": "00", "code_as_number": False}, "00")]
)
async def test_the_code_of_success_is_a_switch(calling: Any, settings: Any, code: Any) -> None:
    assert (await calling(settings).log_in())["code"] == code


@pytest.mark.parametrize(
    ("fault", "status"), [("refuse", 400), ("forbidden", 403), ("bad_gateway", 502), ("expired_token", 401)]
)
async def test_its_own_faults(caller: Caller, fault: str, status: int) -> None:
    body = await caller.dossier()
    reply = await caller.post("NoiHoSo", body, **{"X-Mock-Fault": fault})
    assert (reply.status_code, reply.json()["code"]) == (status, status)
    assert (await caller.window("dossiers")) == {"dossiers": []}


async def test_a_lost_dossier_and_a_reset(caller: Caller) -> None:
    await caller.created()
    assert (await caller.client.delete(f"/_mock/dossiers/{CODE}")).status_code == 204
    assert (await caller.client.delete(f"/_mock/dossiers/{CODE}")).status_code == 404
    assert (await caller.client.get(f"/_mock/dossiers/{CODE}")).status_code == 404
    await caller.client.post("/_mock/reset")
    assert [file["IdTepTin"] for file in (await caller.window("files"))["files"]] == ["MOCK-TEP-0001"]
    assert (await caller.client.get(f"{ROOT}/MOCK-GetNextValue?code=H99")).status_code == 401
    assert (await caller.client.post("/_mock/settings", json={"hash_algorithm": "crc"})).status_code == 422
