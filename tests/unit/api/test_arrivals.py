"""What the portal sends, through the whole application: the mock portal fires, the province reads and acknowledges."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from operations import BODIED
from province import TENANT, Province
from structlog.testing import capture_logs

from gateway.clients.model import Scope
from gateway.payments.model import Source
from gateway.sdk import GatewayError
from mocks.national_portal.app import create_app

PUT = next(operation for operation in BODIED if operation.name == "put_dossier")
EVENT = next(operation for operation in BODIED if operation.name == "add_status_event")
PAYMENT = next(operation for operation in BODIED if operation.name == "create_payment")
FEES = [
    {"name": "Phí thẩm định", "code": "P01", "amount": 150000, "collected_at": "reception", "kind": "ordinary"},
    {"name": "Lệ phí", "code": "L01", "amount": 0, "collected_at": "return", "kind": "ordinary"},
]
PEOPLE = ("Mẫu", "099185", "9900000016", "090000000", "a@example", "7d1c2b3a")
HOME = "http://gateway/inbound/national_portal"


@pytest.fixture
async def portal(province: Province) -> AsyncIterator[httpx.AsyncClient]:
    """The mock portal's control paths; what it sends reaches the province in this process."""
    app = create_app({"province_url": HOME}, transport=httpx.ASGITransport(province.app))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as client:
        yield client


async def fire(portal: httpx.AsyncClient, kind: str, **order: Any) -> list[Any]:
    sent = await portal.post("/_mock/send", json={"kind": kind, **order})
    assert sent.status_code == 200, sent.text
    assert {answer["status"] for answer in sent.json()["answers"]} == {200}
    return [answer["body"] for answer in sent.json()["answers"]]


async def listed(caller: httpx.AsyncClient, **asked: Any) -> list[Any]:
    found: list[Any] = (await caller.get("/v1/arrivals", params=asked)).json()["arrivals"]
    return found


async def whole(caller: httpx.AsyncClient, number: int = 0) -> Any:
    return (await caller.get(f"/v1/arrivals/{(await listed(caller))[number]['id']}")).json()


async def put(caller: httpx.AsyncClient, **changes: Any) -> None:
    answer = await caller.put(PUT.path, json={**PUT.body, **changes})
    assert answer.status_code == 202, answer.text


async def ask_for_payment(caller: httpx.AsyncClient, **changes: Any) -> None:
    await put(caller, **{"fees": FEES, **changes})
    step = {**EVENT.body, "status": 6}
    assert (await caller.post(EVENT.path, json=step, headers=EVENT.headers)).status_code == 202


class TestInbox:
    async def test_a_notice_told_three_times_is_one_arrival_and_gets_the_same_good_answer(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient
    ) -> None:
        """SYN-09."""
        answers = [*await fire(portal, "promotion"), *await fire(portal, "promotion", times=2)]
        assert answers == [{"error_code": 0, "message": "Thành công"}] * 3
        [arrival] = await listed(caller)
        assert (arrival["event"], arrival["key"]) == ("promotion_notice", "G22.01-260102-000321")
        assert (arrival["version"], arrival["deliveries"]) == (1, 3)

    async def test_another_notice_with_the_same_code_is_kept_beside_and_answered_1(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient
    ) -> None:
        """SYN-09 (part): 1 is the contract's "duplicate MaHoSo"; nothing is lost by it."""
        await fire(portal, "promotion")
        changed = {"set": {"TenChuongTrinhKhuyenMai": "Khác"}}
        answers = [*await fire(portal, "promotion", **changed), *await fire(portal, "promotion", **changed)]
        assert [answer["error_code"] for answer in answers] == [1, 1]
        assert [(a["version"], a["deliveries"]) for a in await listed(caller)] == [(1, 1), (2, 2)]
        assert (await whole(caller, 0))["body"]["promotion"]["name"] == "Tết"
        assert (await whole(caller, 1))["body"]["promotion"]["name"] == "Khác"

    @pytest.mark.parametrize(
        ("kind", "path", "value"),
        [
            ("promotion", ("enterprise", "name"), "Công ty Ví Dụ"),
            ("promotion", ("promotion", "from"), "2026-01-10T00:00:00+07:00"),
            ("amendment", ("registered", "dossier_code"), "G22.01-260102-000321"),
            ("voucher", ("payment", "at"), "2026-11-23T09:15:00+07:00"),
            ("voucher", ("payer", "personal_id"), "099185000001"),
            ("tax_notice", ("decisions",), None),
            ("payment", ("receipt_url",), "https://portal.example/bien-lai.pdf"),
        ],
    )
    async def test_a_whole_arrival_says_what_was_sent_and_how(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, kind: str, path: tuple[str, ...], value: Any
    ) -> None:
        sent = (await portal.post("/_mock/send", json={"kind": kind})).json()["sent"]
        arrival = await whole(caller)
        found = arrival["body"]
        for step in path:
            found = found[step]
        assert found == value or value is None
        assert json.loads(base64.b64decode(arrival["original_base64"])) == sent

    async def test_it_is_acknowledged_to_the_portal_only_after_it_is_kept(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, province: Province
    ) -> None:
        async def full(*_: Any, **__: Any) -> None:
            raise GatewayError("disk full")

        keep, province.arrivals.keep = province.arrivals.keep, full  # type: ignore[assignment,method-assign]
        assert [answer["error_code"] for answer in await fire(portal, "promotion")] == [-1]
        province.arrivals.keep = keep  # type: ignore[method-assign]  # the store's failure is what is tested
        assert [answer["error_code"] for answer in await fire(portal, "promotion")] == [0]
        assert len(await listed(caller)) == 1

    async def test_a_date_that_is_none_is_not_acknowledged(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, province: Province
    ) -> None:
        assert [a["error_code"] for a in await fire(portal, "promotion", set={"NgayNopHoSo": "mai"})] == [-1]
        assert await listed(caller) == []
        assert province.recorder.entries[-1].outcome == "failed"

    @pytest.mark.parametrize("raw", ["", "{", "[]", '{"MaHoSo": NaN}', '{"MaHoSo": "H99-261123-0007"', "[" * 50_000])
    @pytest.mark.parametrize("kind", ["promotion", "voucher", "tax_notice", "search", "fees", "payment"])
    async def test_what_is_no_message_is_refused_in_the_contracts_words(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, kind: str, raw: str
    ) -> None:
        assert {int(answer["error_code"]) for answer in await fire(portal, kind, raw=raw)} == {-1}
        assert await listed(caller) == []

    async def test_no_message_moves_a_dossier(self, portal: httpx.AsyncClient, caller: httpx.AsyncClient) -> None:
        """STA-06 (part): the province holds authority over the states of its dossiers."""
        await put(caller)
        before = (await caller.get(PUT.path)).json()
        for kind in ("voucher", "tax_notice", "payment", "promotion", "amendment"):
            await fire(portal, kind)
        assert (await caller.get(PUT.path)).json() == before

    async def test_leaves_lists_and_logs_hold_no_personal_data(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, province: Province
    ) -> None:
        """PDP-15 (part). Even before redaction, which is a second line."""
        await put(caller)
        with capture_logs() as logs:
            for kind in ("search", "promotion", "amendment", "voucher", "tax_notice", "fees", "payment"):
                await fire(portal, kind)
                await fire(portal, kind, set={"MaHoSo": "099185000001", "masohoso": "099185000001"})
            link = (await portal.post("/_mock/deep-link", json={})).json()["url"]
            await caller.get(link)
        said = repr(logs) + "".join(map(repr, province.recorder.entries)) + (await caller.get("/v1/arrivals")).text
        assert not [word for word in PEOPLE if word in said]


class TestReading:
    async def test_pages_follow_the_cursor(self, portal: httpx.AsyncClient, caller: httpx.AsyncClient) -> None:
        for number in range(5):
            await fire(portal, "promotion", set={"MaHoSo": f"G22.01-260102-00000{number}"})
        first = (await caller.get("/v1/arrivals", params={"limit": 2})).json()
        second = (await caller.get("/v1/arrivals", params={"limit": 9, "after": first["next_after"]})).json()
        keys = [arrival["key"][-1] for page in (first, second) for arrival in page["arrivals"]]
        assert keys == ["0", "1", "2", "3", "4"]
        last = (await caller.get("/v1/arrivals", params={"after": second["next_after"]})).json()
        assert last == {"arrivals": [], "next_after": second["next_after"]}

    @pytest.mark.parametrize("asked", [{"after": -1}, {"after": "x"}, {"limit": 0}, {"limit": 201}, {"seit": 1}])
    async def test_a_page_that_makes_no_sense_is_422(self, caller: httpx.AsyncClient, asked: dict[str, Any]) -> None:
        answer = await caller.get("/v1/arrivals", params=asked)
        assert (answer.status_code, answer.json()["code"]) == (422, "caller.invalid_fields")

    async def test_an_acknowledged_arrival_is_not_listed_again(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient
    ) -> None:
        await fire(portal, "promotion")
        [arrival] = await listed(caller)
        path = f"/v1/arrivals/{arrival['id']}/acknowledgement"
        said = [await caller.post(path, headers={"Idempotency-Key": key}) for key in ("k-1", "k-1", "k-2")]
        assert {answer.status_code for answer in said} == {200}
        assert len({answer.content for answer in said}) == 1
        assert said[0].json()["acknowledged_by"] == "motcua"
        assert await listed(caller) == []
        assert [found["id"] for found in await listed(caller, all=True)] == [arrival["id"]]
        assert (await caller.get(f"/v1/arrivals/{arrival['id']}")).status_code == 200
        await fire(portal, "promotion")
        assert await listed(caller) == []

    async def test_a_key_is_needed_to_acknowledge(self, portal: httpx.AsyncClient, caller: httpx.AsyncClient) -> None:
        await fire(portal, "promotion")
        [arrival] = await listed(caller)
        answer = await caller.post(f"/v1/arrivals/{arrival['id']}/acknowledgement")
        assert (answer.status_code, answer.json()["code"]) == (400, "caller.idempotency_key_missing")
        assert len(await listed(caller)) == 1

    async def test_an_unknown_arrival_is_404(self, caller: httpx.AsyncClient) -> None:
        path = "/v1/arrivals/0d4f6c1e-8f0b-4f0e-9f53-6a0b7c1d2e3f"
        assert (await caller.get(path)).status_code == 404
        answer = await caller.post(f"{path}/acknowledgement", headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.json()["code"]) == (404, "caller.not_found")
        assert (await caller.get("/v1/arrivals/khong-phai")).status_code == 404

    async def test_who_read_what_was_sent_is_on_record(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, province: Province
    ) -> None:
        """PDP-03 (part): looking at the list is not reading."""
        await fire(portal, "voucher")
        [arrival] = await listed(caller)
        before = len(province.recorder.entries)
        read = await caller.get(f"/v1/arrivals/{arrival['id']}")
        [leaf] = province.recorder.entries[before:]
        assert leaf.facts["file_sha256"] == hashlib.sha256(read.content).hexdigest()
        assert "reply" not in leaf.bodies
        assert (leaf.actor, leaf.operation, leaf.reference) == ("motcua", "get_arrival", arrival["id"])

    async def test_reading_and_acknowledging_are_two_rights(
        self, portal: httpx.AsyncClient, province: Province
    ) -> None:
        await fire(portal, "promotion")
        async with province.client(await province.issue("doc", Scope.ARRIVALS_READ)) as reader:
            [arrival] = await listed(reader)
            path = f"/v1/arrivals/{arrival['id']}/acknowledgement"
            assert (await reader.post(path, headers={"Idempotency-Key": "k"})).status_code == 403


class TestDossierQuestion:
    async def test_the_portal_is_told_nine_things_and_nobodys_name(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient
    ) -> None:
        """DOS-22 (part), SYN-01 (part): the status, down to the department, and nothing about people."""
        await put(caller)
        await caller.post(EVENT.path, json=EVENT.body, headers=EVENT.headers)
        assert await fire(portal, "search") == [
            {
                "MaHoSo": "000.00.05.H99-261123-0007",
                "MaTTHC": "1.009999",
                "TenTTHC": "Cấp giấy xác nhận ví dụ",
                "MaLinhVuc": "G03-GD10",
                "TenLinhVuc": "Lĩnh vực ví dụ",
                "LoaiDoiTuong": "1",
                "TrangThaiHoSo": "4",
                "HinhThuc": "0",
                "DonViXuLy": "UBND xã Ví Dụ",
            }
        ]

    async def test_an_unknown_dossier_is_minus_1(self, portal: httpx.AsyncClient, caller: httpx.AsyncClient) -> None:
        assert await fire(portal, "search") == [{"error_code": "-1", "message": "Không có hồ sơ này"}]
        assert await listed(caller) == []


class TestLink:
    async def link(self, portal: httpx.AsyncClient, **order: Any) -> str:
        url: str = (await portal.post("/_mock/deep-link", json=order)).json()["url"]
        return url

    async def test_a_citizen_comes_to_the_form_and_the_one_stop_reads_the_visit(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, province: Province
    ) -> None:
        async with province.client() as browser:
            answers = [await browser.get(await self.link(portal)) for _ in range(2)]
        visits = [parse_qs(urlsplit(answer.headers["location"]).query)["visit"][0] for answer in answers]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert [arrival["id"] for arrival in await listed(caller)] == visits
        assert (await caller.get(f"/v1/arrivals/{visits[1]}")).json()["body"] == {
            "local_procedure_code": "1.009999.000.00.00.H99",
            "agency_id": "H99.242",
            "service_code": "1.009999.02",
            "applicant_key": "7d1c2b3a-0000-4000-8000-000000000099",
            "sign_on_now": True,
        }

    async def test_nothing_about_the_citizen_stands_in_the_address(
        self, portal: httpx.AsyncClient, province: Province
    ) -> None:
        link = await self.link(portal)
        async with province.client() as browser:
            where = (await browser.get(link)).headers["location"]
        assert where.startswith("http://127.0.0.1:7199/nop-ho-so?visit=")
        assert not [v for v in (parse_qs(urlsplit(link).query)["MDT"][0], "7d1c2b3a", "1.009999") if v in where]

    async def test_a_broken_link_is_explained_and_kept_by_nobody(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient
    ) -> None:
        answer = await caller.get(await self.link(portal, set={"MDT": "!!"}))
        assert (answer.status_code, "Xin quay lại Cổng" in answer.text) == (400, True)
        assert await listed(caller) == []


class TestFees:
    async def due(self, portal: httpx.AsyncClient) -> Any:
        [answer] = await fire(portal, "fees")
        return answer

    async def failed_attempt(self, province: Province, caller: httpx.AsyncClient, **changes: Any) -> Any:
        """The province opened a payment and it came to nothing."""
        body = {**PAYMENT.body, **changes}
        opened = await caller.post(PAYMENT.path, json=body, headers=PAYMENT.headers)
        assert opened.status_code == 201, opened.text
        paid = {"reference": opened.json()["id"], "amount": body["amount"], "currency": "VND", "status": "failed"}
        await province.till.settling.settle(paid, tenant=TENANT, rail="payment", source=Source.QUERY)
        return opened.json()

    async def test_an_unknown_dossier_is_minus_1(self, portal: httpx.AsyncClient) -> None:
        assert await self.due(portal) == {"error_code": -1, "message": []}

    async def test_a_free_procedure_has_nothing_to_pay(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient
    ) -> None:
        """DOS-27: no step asks for payment, and the portal is told that there is nothing to pay."""
        free = [{**FEES[0], "amount": 0}]
        await put(caller, fees=free)
        refused = await caller.post(EVENT.path, json={**EVENT.body, "status": 6}, headers=EVENT.headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "caller.nothing_to_pay")
        assert await self.due(portal) == {"error_code": 0, "message": []}

    async def test_a_dossier_that_asks_for_no_payment_has_nothing_to_pay(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient
    ) -> None:
        await put(caller, fees=FEES)
        assert await self.due(portal) == {"error_code": 0, "message": []}

    async def test_a_bill_whose_facts_nobody_knows_is_not_made_up(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient
    ) -> None:
        await ask_for_payment(caller)
        assert await self.due(portal) == {"error_code": -1, "message": []}

    async def test_a_bill_that_was_issued_is_due_without_any_attempt(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient
    ) -> None:
        await ask_for_payment(caller)
        issued = await caller.post("/v1/bills", json=PAYMENT.body, headers=PAYMENT.headers)
        assert issued.json()["state"] == "unpaid"
        assert (await self.due(portal))["error_code"] == 1

    async def test_a_failed_attempt_of_the_province_says_whom_to_pay(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, province: Province
    ) -> None:
        await ask_for_payment(caller)
        await self.failed_attempt(province, caller)
        answer = await self.due(portal)
        bill = answer["message"]
        assert answer["error_code"] == 1
        assert bill["MaTraCuuTT"].startswith("000.00.05.H99-261123-0007")
        assert len(bill["MaTraCuuTT"]) == len("000.00.05.H99-261123-0007") + 14
        assert (bill["TKThuHuong"], bill["MaDonVi"]) == ("0000111122", "000.00.05.H99")
        assert bill["PhiLePhi"] == [
            {"LoaiPhiLePhi": "1", "MaPhiLePhi": "P01", "TenPhiLePhi": "Phí thẩm định", "SoTien": "150000"}
        ]
        assert bill["DSKhoanNop"] == [{"NoiDung": "Phí thẩm định", "SoTien": "150000"}]

    async def test_while_the_provinces_own_attempt_lives_nothing_is_due_here(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, province: Province
    ) -> None:
        """Two rails must not collect one bill twice."""
        await ask_for_payment(caller)
        await self.failed_attempt(province, caller)
        await caller.post(PAYMENT.path, json=PAYMENT.body, headers=PAYMENT.headers)
        assert await self.due(portal) == {"error_code": 0, "message": []}

    async def test_what_was_paid_is_not_due(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, province: Province
    ) -> None:
        await ask_for_payment(caller)
        opened = (await caller.post(PAYMENT.path, json=PAYMENT.body, headers=PAYMENT.headers)).json()
        paid = {"reference": opened["id"], "amount": 150000, "currency": "VND", "status": "paid", "transaction_id": "T"}
        await province.till.settling.settle(paid, tenant=TENANT, rail="payment", source=Source.QUERY)
        assert await self.due(portal) == {"error_code": 0, "message": []}


class TestReport:
    async def test_word_of_a_payment_without_proof_is_kept_and_the_platform_is_asked(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient, province: Province
    ) -> None:
        """PAY-06, PAY-08 (part): a hundred times told, and not one đồng is posted."""
        opened = (await caller.post(PAYMENT.path, json=PAYMENT.body, headers=PAYMENT.headers)).json()
        before = [stream.due for stream in province.outbox.streams.values()]
        told = {"MaThamChieu": opened["id"], "MaLoi": "00", "MaGiaoDich": "GD1"}
        answers = await fire(portal, "payment", set=told, times=100)
        assert {answer["error_code"] for answer in answers} == {"1"}
        payment = (await caller.get(f"/v1/payments/{opened['id']}")).json()
        assert (payment["state"], payment["postings"], payment["notices"]) == ("opened", 0, 0)
        [arrival] = await listed(caller)
        assert (arrival["event"], arrival["key"], arrival["deliveries"]) == ("payment_report", opened["id"], 100)
        assert [stream.due for stream in province.outbox.streams.values()] < before

    async def test_a_reference_that_is_not_ours_is_kept_all_the_same(
        self, portal: httpx.AsyncClient, caller: httpx.AsyncClient
    ) -> None:
        assert [a["error_code"] for a in await fire(portal, "payment", set={"MaThamChieu": "KHAC1"})] == ["1"]
        assert [arrival["key"] for arrival in await listed(caller)] == ["KHAC1"]
