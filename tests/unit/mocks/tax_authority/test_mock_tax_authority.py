"""The tax authority's mock: what it takes once, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mocks.tax_authority.app import create_app

SAMPLE = Path(__file__).parents[4] / "mocks" / "tax_authority" / "samples" / "submit.json"
PATH = "/MOCK-TAX/bang-tong-hop"
STATUS, CODE = "MOCK-TAX-TrangThai", "MOCK-TAX-MaLoi"
LIST = "MOCK-TAX-DanhSachBienLai"
TAKEN, REFUSED = "MOCK-TAX-TIEP-NHAN", "MOCK-TAX-TU-CHOI"
Change = Callable[[dict[str, Any]], object]


def message(number: str = "M1", **changes: Any) -> dict[str, Any]:
    said = json.loads(SAMPLE.read_text(encoding="utf-8"))
    said["MOCK-TAX-MaThongDiep"] = number
    said[LIST][0] |= changes
    return said


async def send(client: httpx.AsyncClient, said: Any, **headers: str) -> Any:
    reply = await client.post(PATH, json=said, headers={"Authorization": "Bearer MOCK-TAX-token", **headers})
    assert reply.status_code == 200
    return reply.json()


async def book(client: httpx.AsyncClient) -> list[tuple[int, int]]:
    return [(one["receipt"]["SoBienLai"], one["times"]) for one in (await client.get("/_mock/receipts")).json()]


async def test_a_repeat_gets_the_same_good_answer_and_is_booked_once(before: Any) -> None:
    client = before(create_app())
    first = await send(client, message())
    assert first[STATUS] == TAKEN
    assert await send(client, message()) == first
    assert (await send(client, message("M2")))[STATUS] == TAKEN
    assert await book(client) == [(7, 3)]


async def test_other_content_under_a_known_number_is_refused(before: Any) -> None:
    client = before(create_app())
    await send(client, message())
    assert (await send(client, message(BangChu="Khác")))[CODE] == "MOCK-TAX-TRUNG-SO"
    assert (await send(client, message("M2", BangChu="Khác")))[CODE] == "MOCK-TAX-TRUNG-SO-BIEN-LAI"
    assert await book(client) == [(7, 1)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"TongTien": 120001}, "SAI-TONG"),
        ({"TongTien": 0, "KhoanThu": [{"Ten": "Phí", "SoTien": 0}]}, "SAI-TONG"),
        ({"TongTien": "120000"}, "THIEU"),
        ({"BangChu": " "}, "THIEU"),
        ({"KhoanThu": []}, "THIEU"),
        ({"DonViThu": {"Ten": "UBND xã Ví Dụ"}}, "THIEU"),
        ({"MauSo": "EBL03"}, "MAU-SO"),
        ({"KyHieu": "25TAA"}, "MAU-SO"),
        ({"SoBienLai": 100_000_000}, "SO"),
        ({"DongTien": "USD"}, "SO"),
        ({"NgayLap": "2026-11-23"}, "NGAY"),
        ({"LoaiKhoanThu": "phí"}, "TINH-CHAT"),
        ({"DonViThu": {"Ten": "Sở Mẫu", "MaSoThue": "9900000404"}}, "MA-SO-THUE"),
        ({"TinhChat": "MOCK-TAX-DIEU-CHINH"}, "BIEN-LAI-GOC"),
        ({"BienLaiGoc": {"MauSo": "EBL01", "KyHieu": "26TAA", "SoBienLai": 1}}, "BIEN-LAI-GOC"),
    ],
)
async def test_a_receipt_that_is_not_what_the_law_says_is_refused(
    before: Any, changes: dict[str, Any], code: str
) -> None:
    client = before(create_app())
    answer = await send(client, message(**changes))
    assert (answer[STATUS], answer[CODE]) == (REFUSED, f"MOCK-TAX-{code}")
    assert await book(client) == []


async def test_a_receipt_is_adjusted_once(before: Any) -> None:
    client = before(create_app())
    original = {"MauSo": "EBL01", "KyHieu": "26TAA", "SoBienLai": 7}
    await send(client, message())
    adjusting = {"TinhChat": "MOCK-TAX-DIEU-CHINH", "BienLaiGoc": original}
    assert (await send(client, message("M2", SoBienLai=8, **adjusting)))[STATUS] == TAKEN
    assert (await send(client, message("M3", SoBienLai=9, **adjusting)))[CODE] == "MOCK-TAX-BIEN-LAI-GOC"


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.pop("MOCK-TAX-DonViGui"),
        lambda said: said.update(thua=1),
        lambda said: said.update({LIST: []}),
    ],
)
async def test_another_structure_is_refused(before: Any, change: Change) -> None:
    said = message()
    change(said)
    assert (await send(before(create_app()), said))[CODE] == "MOCK-TAX-CAU-TRUC"


async def test_another_form_or_sender_is_refused(before: Any) -> None:
    client = before(create_app())
    for name in ("MOCK-TAX-MauBieu", "MOCK-TAX-DonViGui"):
        assert (await send(client, message() | {name: "khác"}))[CODE] == "MOCK-TAX-MAU-BIEU"


async def test_its_own_faults_and_the_closed_switch(before: Any) -> None:
    app = create_app()
    client = before(app)
    assert (await send(client, message(), **{"X-Mock-Fault": "refuse"}))[STATUS] == REFUSED
    assert (await send(client, message(), **{"X-Mock-Fault": "maintenance"}))[STATUS] == "MOCK-TAX-BAO-TRI"
    told = await send(client, message(), **{"X-Mock-Fault": "other_message"})
    assert told["MOCK-TAX-MaThongDiep"] == "MOCK-TAX-KHAC"
    app.state.settings.merge({"closed": True})
    assert (await send(client, message()))[STATUS] == "MOCK-TAX-BAO-TRI"


async def test_without_the_token_or_as_no_message_it_is_not_let_in(before: Any) -> None:
    client = before(create_app())
    assert (await client.post(PATH, json=message())).status_code == 401
    headers = {"Authorization": "Bearer MOCK-TAX-token"}
    for content in (b"<a/>", b"[]", b"{}"):
        assert (await client.post(PATH, content=content, headers=headers)).status_code == 400
    await client.post("/_mock/reset")
    assert await book(client) == []
