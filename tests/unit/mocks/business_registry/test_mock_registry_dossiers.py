"""The business registry mock: registration dossiers with their limits, and the forms of an answer (contract, 4)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mocks.business_registry import app as registry
from mocks.business_registry.dossiers import LISTED

PERIOD = {"from_date": "16/11/2026", "to_date": "20/11/2026", "offset": "0", "limit": "10"}
TODAY = {"from_ts": "08:00", "to_ts": "17:30", "offset": "0", "limit": "10"}
STATE = {"in_journal_no": "99000001"}


async def call(
    client: httpx.AsyncClient, operation: str, asked: dict[str, str], *, base: str = "/apiCSDLDKDN", fault: str = ""
) -> Any:
    basic = httpx.BasicAuth("demo_key", "demo_secret")
    granted = await client.post("/token", data={"grant_type": "client_credentials"}, auth=basic)
    headers = {"Authorization": f"Bearer {granted.json()['access_token']}"} | ({"X-Mock-Fault": fault} if fault else {})
    return await client.get(f"{base}/{operation}", params=asked, headers=headers)


async def rows(client: httpx.AsyncClient, operation: str, asked: dict[str, str]) -> list[int]:
    document = (await call(client, operation, asked)).json()
    assert (document["Status"], document["Message"]) == ("1", "success")
    return [row["IN_JOURNAL_NO"] for row in document["Data"]["MainInformation"]]


@pytest.mark.parametrize("base", ["/apiCSDLDKDN/1.0", "/apiCSDLDKDN"])
async def test_every_operation_has_the_paths_of_the_contract(before: Any, base: str) -> None:
    client = before(registry.create_app())
    for operation, asked in {
        "chiTietDoanhNghiep": {"msdn": "9900000016"},
        "danhSachHoSoTrongNgay": TODAY,
        "danhSachHoSo": PERIOD,
        "tinhTrangHoSo": STATE,
    }.items():
        assert (await call(client, operation, asked, base=base)).json()["Status"] == "1"
    only = await call(client, "chiTietDoanhNghiep", {"msdn": "9900000016"}, base="/apiDKKD/DoanhNghiep")
    assert only.json()["Status"] == "1"
    assert (await call(client, "tinhTrangHoSo", STATE, base="/apiDKKD/DoanhNghiep")).status_code == 404


async def test_a_list_has_the_columns_of_the_contract_and_the_state_has_more(before: Any) -> None:
    client = before(registry.create_app())
    listed = (await call(client, "danhSachHoSo", PERIOD)).json()
    assert set(listed["Data"]["MainInformation"][0]) == set(LISTED)
    state = (await call(client, "tinhTrangHoSo", STATE)).json()["Data"]["MainInformation"]
    assert set(state) - set(LISTED) == {
        "ENTERPRISE_TYPE_ID", "REGISTRATION_DATE", "SUPPLEMENT_DATE", "SUBMISSION_TYPE", "CONTACT_FULL_NAME",
        "CONTACT_ADDRESS", "CONTACT_ID_NO", "CONTACT_PHONE", "CONTACT_EMAIL",
    }  # fmt: skip


async def test_pages_are_counted_in_rows(before: Any) -> None:
    client = before(registry.create_app())
    assert await rows(client, "danhSachHoSo", PERIOD) == [99000001, 99000002, 99000003]
    assert await rows(client, "danhSachHoSo", {**PERIOD, "offset": "1", "limit": "1"}) == [99000002]
    assert await rows(client, "danhSachHoSo", {**PERIOD, "offset": "3"}) == []


async def test_the_dossiers_of_today_are_of_the_clocks_day(before: Any, clock: Any) -> None:
    """A made-up day, seen from Viet Nam: 20:00 UTC is tomorrow."""
    client = before(registry.create_app(clock=clock))
    clock.pass_s(18 * 3600)
    document = (await call(client, "danhSachHoSoTrongNgay", TODAY)).json()
    assert {row["PROCESSED_DATE"] for row in document["Data"]["MainInformation"]} == {"24/11/2026"}
    assert await rows(client, "danhSachHoSoTrongNgay", {**TODAY, "from_ts": "09:16"}) == [99000005]
    assert await rows(client, "danhSachHoSoTrongNgay", {**TODAY, "to_ts": "09:15"}) == [99000004]


@pytest.mark.parametrize(
    ("operation", "asked", "marker"),
    [
        ("danhSachHoSo", {**PERIOD, "to_date": "21/11/2026"}, "MOCK-5-DAYS"),
        ("danhSachHoSo", {**PERIOD, "to_date": "15/11/2026"}, "MOCK-5-DAYS"),
        ("danhSachHoSo", {**PERIOD, "to_date": "2026-11-20"}, "MOCK-DATE"),
        ("danhSachHoSo", {**PERIOD, "to_date": "31/11/2026"}, "MOCK-DATE"),
        ("danhSachHoSo", {**PERIOD, "from_date": "1/11/2026"}, "MOCK-DATE"),
        ("danhSachHoSo", {**PERIOD, "offset": "-1"}, "MOCK-PAGE"),
        ("danhSachHoSo", {**PERIOD, "limit": "0"}, "MOCK-PAGE"),
        ("danhSachHoSo", {**PERIOD, "limit": "101"}, "MOCK-PAGE"),
        ("danhSachHoSo", {**PERIOD, "page": "1"}, "MOCK-PARAMETER"),
        ("danhSachHoSo", {"from_date": "16/11/2026", "to_date": "16/11/2026"}, "MOCK-PARAMETER"),
        ("danhSachHoSoTrongNgay", {**TODAY, "from_ts": "8:00"}, "MOCK-TIME"),
        ("danhSachHoSoTrongNgay", {**TODAY, "to_ts": "24:00"}, "MOCK-TIME"),
        ("danhSachHoSoTrongNgay", {**TODAY, "limit": "x"}, "MOCK-PAGE"),
        ("tinhTrangHoSo", {"in_journal_no": "x"}, "MOCK-JOURNAL"),
        ("tinhTrangHoSo", {}, "MOCK-PARAMETER"),
        ("chiTietDoanhNghiep", {"msdn": "9900000016", "x": "1"}, "MOCK-PARAMETER"),
        ("chiTietDoanhNghiep", {}, "MOCK-PARAMETER"),
    ],
)
async def test_what_breaks_the_contract_is_refused(
    before: Any, operation: str, asked: dict[str, str], marker: str
) -> None:
    reply = await call(before(registry.create_app()), operation, asked)
    assert (reply.status_code, reply.json()["Status"], reply.json()["Data"]) == (200, "0", None)
    assert reply.json()["Message"].startswith(marker)


@pytest.mark.parametrize(("switch", "data"), [("null", {"MainInformation": None}), ("missing", {})])
async def test_an_unknown_dossier_is_not_found(before: Any, switch: str, data: Any) -> None:
    client = before(registry.create_app({"not_found": switch}))
    reply = (await call(client, "tinhTrangHoSo", {"in_journal_no": "99999999"})).json()
    assert (reply["Data"], reply["Status"]) == (data, "1")


async def test_lists_of_one_collapse_by_switch_and_by_fault(before: Any) -> None:
    client = before(registry.create_app())
    one = {**PERIOD, "limit": "1"}
    assert isinstance((await call(client, "danhSachHoSo", one)).json()["Data"]["MainInformation"], list)
    faulty = (await call(client, "danhSachHoSo", one, fault="collapsed")).json()
    assert faulty["Data"]["MainInformation"]["IN_JOURNAL_NO"] == 99000001
    always = before(registry.create_app({"collapse": "always"}))
    firm = (await call(always, "chiTietDoanhNghiep", {"msdn": "9900000048"})).json()["GetEntCert"]
    assert firm["DaiDienPhapLuat"]["ThongTinCaNhan"]["HoVaTen"] == "TRẦN THỊ MẪU"
    never = before(registry.create_app({"collapse": "never"}))
    firm = (await call(never, "chiTietDoanhNghiep", {"msdn": "9900000055"})).json()["Data"]
    assert [activity["CODE"] for activity in firm["BusinessActivity"]] == ["0322"]
    assert isinstance(firm["MainInformation"], dict)


@pytest.mark.parametrize(
    ("how", "code", "changes", "status"), [("texts", "9900000016", "3", "1"), ("numbers", 9900000016, 3, 1)]
)
async def test_numbers_and_texts_change_places_by_switch(
    before: Any, how: str, code: Any, changes: Any, status: Any
) -> None:
    client = before(registry.create_app({"numbers": how}))
    reply = (await call(client, "chiTietDoanhNghiep", {"msdn": "9900000016"})).json()
    main = reply["Data"]["MainInformation"]
    assert (main["ENTERPRISE_GDT_CODE"], main["NUMBER_CHANGES"], reply["Status"]) == (code, changes, status)
    assert main["IMP_BUSINESS_CODE"] is None


async def test_a_leading_zero_keeps_a_text_a_text(before: Any) -> None:
    client = before(registry.create_app({"numbers": "numbers"}))
    reply = (await call(client, "chiTietDoanhNghiep", {"msdn": "9900000055"})).json()
    assert reply["Data"]["BusinessActivity"]["CODE"] == "0322"


async def test_other_firm_and_several_answer_about_others_too(before: Any) -> None:
    client = before(registry.create_app())
    asked = {"msdn": "9900000048"}

    async def codes(fault: str) -> list[str]:
        reply = (await call(client, "chiTietDoanhNghiep", asked, fault=fault)).json()
        return [firm["MaSoDoanhNghiep"] for firm in reply["GetEntCert"]]

    assert "9900000048" not in await codes("other_firm")
    assert (await codes("several")).count("9900000048") == 1
    assert len(await codes("several")) == 2
    assert await codes("several:same") == ["9900000048"] * 2
    other = (await call(client, "tinhTrangHoSo", STATE, fault="other_firm")).json()["Data"]["MainInformation"]
    assert other["IN_JOURNAL_NO"] != 99000001
    both = (await call(client, "tinhTrangHoSo", STATE, fault="several")).json()["Data"]["MainInformation"]
    assert [row["IN_JOURNAL_NO"] for row in both].count(99000001) == 1


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("wso2", 500, 900900), ("wso2:700700:403", 403, 700700), ("wso2:900906:200", 200, 900906)],
)
async def test_the_gateways_fault_has_the_code_and_status_that_are_asked_for(
    before: Any, fault: str, status: int, code: int
) -> None:
    client = before(registry.create_app())
    reply = await call(client, "tinhTrangHoSo", STATE, fault=fault)
    assert (reply.status_code, reply.json()["fault"]["code"]) == (status, code)
    old = before(registry.create_app({"fault_format": "xml"}))
    assert f"<ams:code>{code}</ams:code>" in (await call(old, "tinhTrangHoSo", STATE, fault=fault)).text


@pytest.mark.parametrize("fault", ["wso2:x", "wso2:900900:99"])
async def test_a_fault_without_sense_is_refused(before: Any, fault: str) -> None:
    assert (await call(before(registry.create_app()), "tinhTrangHoSo", STATE, fault=fault)).status_code == 422
