"""Endpoints of the officer for data protection: allowed to them alone, each call a leaf, no number in the clear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from privacy_house import MINE, OFFICER
from province import Province

from gateway.api.app import create_app
from gateway.operators.model import Operator, Role
from gateway.sdk.errors import NotAuthenticatedError

ADMIN = Operator(tenant="H99", login="quantri.mau", roles=frozenset({Role.ADMINISTRATOR}))
STAFF = {"Bearer officer": OFFICER, "Bearer admin": ADMIN}
PRIVACY = "/v1/admin/privacy"
AGREEMENT = {
    "number": "12/TTCS",
    "system": "population",
    "parties": ["A", "B"],
    "purpose": "Giải quyết thủ tục",
    "basis": "NĐ 278/2025/NĐ-CP",
    "since": "2026-01-01",
}


class ListedOperators:
    async def authenticate(self, authorization: str | None) -> Operator:
        if authorization in STAFF:
            return STAFF[authorization]
        raise NotAuthenticatedError("Log in.", vi="Hãy đăng nhập.")


class House:
    def __init__(self) -> None:
        self.province = Province()
        late = replace(self.province.services.late(), operators=ListedOperators())
        self.services = replace(self.province.services, late=lambda: late)

    async def call(self, method: str, path: str, body: Any = None, *, by: str = "officer") -> httpx.Response:
        transport = httpx.ASGITransport(create_app(self.services), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            headers = {"Authorization": f"Bearer {by}"}
            return await client.request(method, path, json=body, headers=headers)


@pytest.fixture
def house() -> House:
    return House()


async def test_a_personal_number_for_a_reference_is_refused_and_is_in_no_leaf(house: House) -> None:
    asked = {"personal_id": MINE, "reference": MINE}
    assert (await house.call("POST", f"{PRIVACY}/access-reports", asked)).status_code == 422
    assert [entry.reference for entry in house.province.recorder.entries if entry.kind == "admin"] == [""]


async def test_a_report_comes_as_a_document_and_as_a_page_and_is_a_leaf(house: House) -> None:
    """PDP-03, PDP-15 (part): by personal number, which stands in the sealed body alone."""
    async with house.province.records.audit:
        await house.province.records.both(MINE, trace="1" * 32)
        asked = {"personal_id": MINE, "reference": "data_request:7", "printable": True}
        answer = await house.call("POST", f"{PRIVACY}/access-reports", asked)
    assert answer.status_code == 200
    said = answer.json()
    assert [look["operation_vi"] for look in said["looks"]] == ["Tra cứu thông tin công dân"]
    assert "AI ĐÃ TRA CỨU" in said["printable"]
    made, called = house.province.recorder.entries
    assert (made.operation, made.subjects) == ("who_looked", (MINE,))
    assert (called.operation, called.actor, called.reference) == (
        "make_access_report", "operator:baove.mau", "data_request:7",
    )  # fmt: skip
    assert MINE not in repr(called)
    assert MINE not in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "access-reports"), ("GET", "requests"), ("POST", "requests"), ("GET", "breaches"), ("POST", "breaches")],
)
async def test_only_the_officer_for_data_protection_may(house: House, method: str, path: str) -> None:
    assert (await house.call(method, f"{PRIVACY}/{path}", {}, by="admin")).status_code == 403
    assert (await house.call(method, f"{PRIVACY}/{path}", {}, by="nobody")).status_code == 401


async def test_a_request_is_taken_in_answered_extended_and_done(house: House) -> None:
    """PDP-08 (part)"""
    asked = {"kind": "erase", "personal_id": MINE, "words": "Xin xoá", "full_name": "Nguyễn Văn Mẫu"}
    made = await house.call("POST", f"{PRIVACY}/requests", asked)
    assert (made.status_code, made.json()["kind_vi"]) == (201, "Xoá dữ liệu")
    assert MINE not in made.text
    place = f"{PRIVACY}/requests/{made.json()['id']}"
    for step, state in (("answer", "answered"), ("extension", "answered"), ("completion", "done")):
        done = await house.call("POST", f"{place}/{step}", {"reason": "Đã xử lý"})
        assert (done.status_code, done.json()["state"]) == (200, state)
    assert done.json()["erased"] == 2
    assert (await house.call("POST", f"{place}/refusal", {"reason": "x"})).status_code == 409
    assert (await house.call("GET", f"{PRIVACY}/requests")).json() == {"requests": []}
    assert len((await house.call("GET", f"{PRIVACY}/requests?all=true")).json()["requests"]) == 1
    assert (await house.call("GET", place)).json()["handled_by"] == "operator:baove.mau"
    assert (await house.call("GET", f"{place}/person")).json()["personal_id"] == MINE
    assert (await house.call("GET", f"{PRIVACY}/requests/99")).status_code == 404
    read = [entry for entry in house.province.recorder.entries if entry.operation == "get_data_subject"]
    assert [entry.reference for entry in read] == [f"data_request:{made.json()['id']}"]


async def test_a_breach_is_entered_notified_and_closed(house: House) -> None:
    """PDP-04 (part)"""
    at = "2026-11-20T08:00:00+07:00"
    asked = {"from_at": at, "to_at": at, "discovered_at": at, "counts_from": "happened", "words": "Khoá bị lộ"}
    made = await house.call("POST", f"{PRIVACY}/breaches", asked)
    assert made.status_code == 201
    assert made.json()["due_at"] == "2026-11-23T08:00:00+07:00"
    place = f"{PRIVACY}/breaches/{made.json()['id']}"
    late = await house.call("POST", f"{place}/notice", {})
    told = await house.call("POST", f"{place}/notice", {"late_reason": "mất điện"})
    assert (late.status_code, told.status_code) == (422, 200)
    closed = await house.call("POST", f"{place}/closure", {"measures": "Đổi khoá"})
    assert closed.json()["measures"] == "Đổi khoá"
    assert (await house.call("GET", f"{PRIVACY}/breaches")).json() == {"breaches": []}
    assert len((await house.call("GET", f"{PRIVACY}/breaches?all=true")).json()["breaches"]) == 1


async def test_an_agreement_is_registered_suspended_resumed_and_ended(house: House) -> None:
    """CON-13 (part)"""
    made = await house.call("POST", "/v1/admin/agreements", AGREEMENT, by="admin")
    assert (made.status_code, made.json()["state"]) == (201, "in_force")
    assert (await house.call("POST", "/v1/admin/agreements", AGREEMENT, by="admin")).status_code == 409
    place = f"/v1/admin/agreements/{made.json()['id']}"
    stopped = await house.call("POST", f"{place}/suspension", {"reason": "Sai mục đích"}, by="admin")
    assert (stopped.json()["state"], stopped.json()["suspended_by"]) == ("suspended", "operator:quantri.mau")
    resumed = await house.call("POST", f"{place}/resumption", by="admin")
    assert resumed.json()["state"] == "in_force"
    ended = await house.call("POST", f"{place}/end", {"until": "2026-01-31", "reason": "Chấm dứt"}, by="admin")
    assert ended.json()["state"] == "ended"
    assert (await house.call("GET", place)).json()["until"] == "2026-01-31"
    assert len((await house.call("GET", "/v1/admin/agreements")).json()["agreements"]) == 1
    assert (await house.call("POST", f"{place}/end", {"reason": "x"})).status_code == 403
    changes = [entry.operation for entry in house.province.recorder.entries if entry.reference.startswith("agreement:")]
    assert {"register_agreement", "suspend_agreement", "resume_agreement", "set_agreement_end"} <= set(changes)


async def test_an_access_request_is_received_and_decided(house: House) -> None:
    """CON-12 (part)"""
    asked = {
        "agency_id": "000.00.05.H99",
        "application": "phan-mem-mau",
        "purpose": "Giải quyết hồ sơ",
        "items": ["full_name"],
        "service": "verify_citizen",
        "frequency": "khi có hồ sơ",
        "received_at": "2026-11-20T16:00:00+07:00",
    }
    made = await house.call("POST", "/v1/admin/access-requests", asked, by="admin")
    assert (made.status_code, made.json()["due_at"]) == (201, "2026-11-27T17:00:00+07:00")
    place = f"/v1/admin/access-requests/{made.json()['id']}/decision"
    assert (await house.call("POST", place, {"state": "granted", "reason": "x"}, by="admin")).status_code == 422
    done = await house.call("POST", place, {"state": "refused", "reason": "Chưa có căn cứ"}, by="admin")
    assert (done.json()["state"], done.json()["reason"]) == ("refused", "Chưa có căn cứ")
    assert (await house.call("GET", "/v1/admin/access-requests")).json() == {"requests": []}
    assert len((await house.call("GET", "/v1/admin/access-requests?all=true")).json()["requests"]) == 1
