"""What the province asks and tells the portal beyond dossiers, from the API to the mock portal and back."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from operations import BODIED
from province import TENANT, Province, now
from services import atomically

from gateway.delivery.backoff import Backoff
from gateway.delivery.model import StreamKey, Verdict
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.sdk import WireRequest

MOCK = "http://127.0.0.1:7103/_mock"
ANSWER = "DongBoKetQuaHoiDapGuiTuDVCQG"
BODIES = {operation.name: operation for operation in BODIED}


class Portal:
    """The mock behind the province, and a worker whose clock the test moves."""

    def __init__(self, province: Province) -> None:
        self._province = province
        self._ahead = timedelta()
        policy = Policy(lease_s=60, settle_after_s=15, backoff=Backoff(base_s=2, cap_s=900))
        self._worker = Worker(
            province.outbox,
            province.exchange,
            name="w",
            atomically=atomically,
            clock=self._clock,
            policy=policy,
            follow_ups={},
        )

    async def mock(self, method: str, path: str, **body: Any) -> Any:
        content = json.dumps(body).encode() if body else b""
        request = WireRequest(
            method=method, url=f"{MOCK}/{path}", headers={"Content-Type": "application/json"}, content=content
        )
        reply = await self._province.systems["national_portal"].transport.send(request)
        return json.loads(reply.content) if reply.content else None

    async def fails(self, fault: str, *, service: str, times: int | None = 1) -> None:
        await self.mock("POST", "faults", fault=fault, contains=service, times=times)

    async def notes(self, service: str) -> list[Any]:
        return [note["item"] for note in (await self.mock("GET", "notes"))["notes"] if note["service"] == service]

    async def deliver(self, *, rounds: int = 1) -> None:
        for _ in range(rounds):
            self._ahead += timedelta(hours=1)
            await self._worker.drain()

    def _clock(self) -> datetime:
        return now() + self._ahead


@pytest.fixture
async def portal(province: Province) -> AsyncIterator[Portal]:
    """The mock is shared by every test of the process: it is emptied before and after."""
    portal = Portal(province)
    await portal.mock("POST", "reset")
    yield portal
    await portal.mock("POST", "reset")


async def post(caller: httpx.AsyncClient, name: str, key: str = "", **changes: Any) -> httpx.Response:
    operation = BODIES[name]
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return await caller.post(operation.path, json={**operation.body, **changes}, headers=headers)


async def get(caller: httpx.AsyncClient, path: str, status: int = 200) -> Any:
    answer = await caller.get(path)
    assert answer.status_code == status, answer.text
    return answer.json()


class TestProcedures:
    async def test_a_procedure_is_read_whole_and_kept(self, caller: httpx.AsyncClient, portal: Portal) -> None:
        """SYN-03 (part): LayThuTuc."""
        told = await get(caller, "/v1/procedures/1.009999")
        assert (told["version"], told["stale"], told["trouble"]) == (1, False, None)
        assert told["procedure"]["ways"][0]["times"][0]["fees"][0]["amount"] == "15000"
        assert told["procedure"]["components"][0]["papers"][0]["form"] == "to-khai.docx"
        assert told["procedure"]["agencies"] == [{"code": "H99", "name": "UBND tỉnh Ví Dụ"}]

    async def test_a_changed_deadline_is_a_new_version_and_the_old_one_stays(
        self, caller: httpx.AsyncClient, portal: Portal
    ) -> None:
        """DOS-23: and a dossier that was taken in before keeps it."""
        await get(caller, "/v1/procedures/1.009999")
        dossier = BODIES["put_dossier"]
        assert (await caller.put(dossier.path, json=dossier.body)).status_code == 202
        row = {"MATTHC": "1.009999", "TENTTHC": "Cấp giấy", "CACHTHUCTHUCHIEN": [{"KENH": 2, "THOIGIAN": None}]}
        await portal.mock("POST", "catalogue", name="procedures", rows=[row])
        assert (await get(caller, "/v1/procedures/1.009999"))["version"] == 2
        old = await get(caller, "/v1/procedures/1.009999?version=1")
        assert (old["stale"], old["procedure"]["results"][0]["code"]) == (True, "KQ.G03.000999")
        listed = await get(caller, "/v1/procedures/1.009999/versions")
        assert [version["version"] for version in listed["versions"]] == [2, 1]
        await get(caller, "/v1/procedures/1.009999?version=3", 404)
        assert (await caller.put(dossier.path, json={**dossier.body, "note": "đổi"})).status_code == 202
        pinned = await get(caller, f"{dossier.path}/procedure")
        assert (pinned["version"], (await get(caller, pinned["procedure"]))["digest"]) == (1, old["digest"])

    async def test_a_portal_that_is_down_is_said_beside_what_is_kept(
        self, caller: httpx.AsyncClient, portal: Portal
    ) -> None:
        fresh = await get(caller, "/v1/procedures/1.009999")
        await portal.fails("error", service="LayThuTuc", times=None)
        stale = await get(caller, "/v1/procedures/1.009999")
        assert (stale["stale"], stale["trouble"]["code"]) == (True, "partner.failed")
        assert (stale["version"], stale["procedure"]) == (fresh["version"], fresh["procedure"])

    @pytest.mark.parametrize(("fault", "status"), [("error", 503), ("cut", 503), ("garbage", 502), ("refuse", 502)])
    @pytest.mark.parametrize(
        ("path", "service"),
        [
            ("/v1/procedures/1.009999", "LayThuTuc"),
            ("/v1/online-services", "LayDVC"),
            ("/v1/agencies/H99/procedures", "LayDanhSachTTHCDonVi"),
            ("/v1/questions", "LayDanhSachHoiDapGuiTuDVCQG"),
            ("/v1/questions?source=agency", "LayDanhSachHoiDapBoCoQuan"),
            ("/v1/questions/90001/answer", "LayNoiDungTraLoiTheoCauHoi"),
        ],
    )
    async def test_a_portal_that_does_not_answer_is_a_problem_never_an_empty_list(
        self, caller: httpx.AsyncClient, portal: Portal, path: str, service: str, fault: str, status: int
    ) -> None:
        await portal.fails(fault, service=service, times=None)
        problem = await get(caller, path, status)
        assert problem["code"].startswith("partner.")

    async def test_what_the_portal_does_not_have_is_404_or_an_empty_list(
        self, caller: httpx.AsyncClient, portal: Portal
    ) -> None:
        await get(caller, "/v1/procedures/1.000000", 404)
        await get(caller, "/v1/questions/90001/answer", 404)
        assert (await get(caller, "/v1/agencies/H97/procedures"))["items"] == []
        assert (await get(caller, "/v1/questions?source=agency"))["items"] == []

    async def test_lists_are_told_as_they_are(self, caller: httpx.AsyncClient, portal: Portal) -> None:
        """SYN-03 (part): LayDVC, LayDanhSachTTHCDonVi."""
        (service,) = (await get(caller, "/v1/online-services"))["items"]
        assert (service["code"], service["offered_by"]) == ("1.009999.02", [{"agency_code": "H99.12", "level": 4}])
        assert (await get(caller, "/v1/agencies/H99/procedures"))["items"] == [
            {"code": "1.009999", "name": "Cấp giấy xác nhận ví dụ"}
        ]


class TestAccounts:
    async def test_an_account_is_found_not_found_or_undetermined(
        self, caller: httpx.AsyncClient, portal: Portal
    ) -> None:
        """SYN-03 (part): TraCuuTechID. POP-05: a portal that is down says nothing about the person."""
        found = (await post(caller, "lookup_account")).json()
        assert (found["verdict"], found["record"]) == (
            "match",
            {"account_ids": ["1a2b3c4d-0000-4000-8000-000000000001"]},
        )
        firm = (await post(caller, "lookup_account", number="9900000016")).json()
        assert firm["record"]["account_ids"] == ["1a2b3c4d-0000-4000-8000-000000000002"]
        assert (await post(caller, "lookup_account", number="099199999999")).json()["verdict"] == "not_found"
        for fault in ("error", "garbage", "refuse"):
            await portal.fails(fault, service="TraCuuTechID", times=3)
            answer = (await post(caller, "lookup_account")).json()
            assert (answer["verdict"], answer["record"]) == ("undetermined", {})
            await portal.mock("DELETE", "faults")


class TestQuestions:
    async def test_a_question_goes_round_and_its_answer_is_shown(
        self, caller: httpx.AsyncClient, portal: Portal
    ) -> None:
        """SYN-14 (part): questions and answers both ways; how petitions are exchanged is not public."""
        (question,) = (await get(caller, "/v1/questions"))["items"]
        assert (question["id"], question["asked_by"], question["answer"]) == (90001, "Trần Thị Mẫu", None)
        taken = await post(caller, "answer_question")
        assert (taken.status_code, taken.headers["location"]) == (202, "/v1/deliveries/answer:90001")
        waiting = await get(caller, taken.json()["delivery"])
        assert (waiting["complete"], waiting["targets"][0]["state"]) == (False, "ready")
        await portal.deliver()
        done = await get(caller, taken.json()["delivery"])
        assert (done["complete"], done["targets"][0]["delivered"]) == (True, 1)
        assert (await get(caller, "/v1/questions/90001/answer"))["answer"] == "Chỉ cần tờ khai."
        assert (await get(caller, "/v1/questions"))["items"][0]["answer"] == "Chỉ cần tờ khai."

    async def test_a_published_question_stands_in_the_agencys_list(
        self, caller: httpx.AsyncClient, portal: Portal
    ) -> None:
        """SYN-14 (part)."""
        await post(caller, "publish_question")
        await portal.deliver()
        (own,) = (await get(caller, "/v1/questions?source=agency"))["items"]
        assert (own["id"], own["question"], own["asked_by"]) == (7, "Nộp hồ sơ ở đâu?", None)

    async def test_a_key_of_another_agency_sees_no_question(self, province: Province, portal: Portal) -> None:
        key = await province.issue("xa-khac", agencies=("000.00.99.H99",))
        async with province.client(key) as stranger:
            assert (await get(stranger, "/v1/questions"))["items"] == []

    async def test_an_answer_that_the_portal_refuses_is_held_with_its_reason(
        self, caller: httpx.AsyncClient, portal: Portal
    ) -> None:
        operation = BODIES["answer_question"]
        path = operation.path.replace("90001", "90009")
        await caller.post(path, json=operation.body, headers={"Idempotency-Key": "k"})
        await portal.deliver(rounds=2)
        (target,) = (await get(caller, "/v1/deliveries/answer:90009"))["targets"]
        assert (target["state"], target["trouble"]["code"]) == ("held", "partner.refused")

    async def test_nothing_was_sent_under_an_unknown_key(self, caller: httpx.AsyncClient, portal: Portal) -> None:
        for key in ("answer:5", "question:5", "ratings:2026-01:1.009999:H99", "payment:5", "answer:x"):
            await get(caller, f"/v1/deliveries/{key}", 404)

    async def test_refused_figures_are_corrected_and_the_wrong_ones_dropped(
        self, province: Province, caller: httpx.AsyncClient, portal: Portal
    ) -> None:
        """The way that the operators' page names."""
        await portal.fails("refuse", service="DongBoDanhGia")
        first = (await post(caller, "publish_ratings")).json()
        await portal.deliver()
        overall = {"very_satisfied": 1, "satisfied": 0, "dissatisfied": 0}
        second = (await post(caller, "publish_ratings", overall=overall)).json()
        assert (second["key"], second["again"]) == (first["key"], False)
        stream = StreamKey(tenant=TENANT, target="national_portal", key=first["key"])
        for verdict in (Verdict.DROPPED, Verdict.MISSING):  # what follows a dropped message is asked about first
            assert await province.outbox.release(stream, verdict, now=now())
            await portal.deliver()
        assert (await get(caller, first["delivery"]))["complete"]
        assert [item["TongSoNguoiDanhGia"] for item in await portal.notes("DongBoDanhGia")] == ["1"]


class TestOnceOnly:
    """Nothing public says that the portal recognises a repeat, and the mock keeps every one."""

    @pytest.mark.parametrize("form", ["list", "object"])
    async def test_an_answer_whose_acknowledgement_was_lost_is_found_and_not_sent_again(
        self, caller: httpx.AsyncClient, portal: Portal, form: str
    ) -> None:
        """SYN-14 (part)."""
        await portal.mock("POST", "settings", answer_form=form)
        await portal.fails("late_success", service=ANSWER)
        await post(caller, "answer_question")
        await portal.deliver()
        lost = await get(caller, "/v1/deliveries/answer:90001")
        assert (lost["complete"], lost["targets"][0]["unsettled"]) == (False, True)
        await portal.deliver(rounds=3)
        assert (await get(caller, "/v1/deliveries/answer:90001"))["complete"]
        assert len(await portal.notes(ANSWER)) == 1

    @pytest.mark.parametrize("form", ["list", "object"])
    @pytest.mark.parametrize("fault", ["error", "empty", "garbage"])
    async def test_an_answer_that_did_not_arrive_is_sent(
        self, caller: httpx.AsyncClient, portal: Portal, fault: str, form: str
    ) -> None:
        await portal.mock("POST", "settings", answer_form=form)
        await portal.fails(fault, service=ANSWER)
        await post(caller, "answer_question")
        await portal.deliver(rounds=3)
        assert (await get(caller, "/v1/deliveries/answer:90001"))["complete"]
        assert len(await portal.notes(ANSWER)) == 1

    async def test_a_second_answer_that_was_lost_is_left_to_a_person(
        self, caller: httpx.AsyncClient, portal: Portal
    ) -> None:
        """The portal shows the first one: whether it replaces answers is not public."""
        await post(caller, "answer_question")
        await portal.deliver()
        await portal.fails("error", service=ANSWER)
        await post(caller, "answer_question", answer="Cần thêm bản sao.")
        await portal.deliver(rounds=3)
        (target,) = (await get(caller, "/v1/deliveries/answer:90001"))["targets"]
        assert (target["state"], target["trouble"]["code"]) == ("held", "partner.cannot_tell")
        assert len(await portal.notes(ANSWER)) == 1

    @pytest.mark.parametrize("fault", ["late_success", "error"])
    async def test_a_published_question_in_doubt_is_looked_up_in_the_agencys_list(
        self, caller: httpx.AsyncClient, portal: Portal, fault: str
    ) -> None:
        await portal.fails(fault, service="DongBoHoiDap")
        await post(caller, "publish_question")
        await portal.deliver(rounds=3)
        assert (await get(caller, "/v1/deliveries/question:7"))["complete"]
        assert len(await portal.notes("DongBoHoiDap")) == 1

    @pytest.mark.parametrize(("fault", "kept"), [("late_success", 1), ("error", 0)])
    async def test_ratings_in_doubt_are_held_for_a_person_because_the_portal_shows_them_nowhere(
        self, caller: httpx.AsyncClient, portal: Portal, fault: str, kept: int
    ) -> None:
        """PDP-16 (part): the figures of a month, and nobody's name."""
        await portal.fails(fault, service="DongBoDanhGia")
        taken = await post(caller, "publish_ratings")
        await portal.deliver(rounds=3)
        (target,) = (await get(caller, taken.json()["delivery"]))["targets"]
        assert (target["state"], target["trouble"]["code"]) == ("held", "partner.cannot_tell")
        assert len(await portal.notes("DongBoDanhGia")) == kept

    async def test_the_same_content_under_another_idempotency_key_is_not_sent_again(
        self, caller: httpx.AsyncClient, portal: Portal
    ) -> None:
        """As after a crash between the commit and the answer."""
        said = [(await post(caller, name)).json() for name in ("answer_question", "publish_ratings") for _ in range(2)]
        assert [one["again"] for one in said] == [False, True, False, True]
        await portal.deliver(rounds=2)
        assert [len(await portal.notes(name)) for name in (ANSWER, "DongBoDanhGia")] == [1, 1]


async def test_ratings_reach_the_portal_as_its_contract_writes_them(caller: httpx.AsyncClient, portal: Portal) -> None:
    """SYN-03 (part): DongBoDanhGia."""
    await post(caller, "publish_ratings", service={"very_satisfied": 1, "satisfied": 0, "dissatisfied": 0})
    await portal.deliver()
    (item,) = await portal.notes("DongBoDanhGia")
    assert (item["NgayTongHop"], item["TongSoNguoiDanhGia"]) == ("10-2026", "10")
    assert [item[f"PhanTramDanhGia{level}"] for level in ("RatHaiLong", "HaiLong", "ChuaHaiLong")] == [
        "60%",
        "30%",
        "10%",
    ]
    assert (item["PhanTramDanhGiaDichVuRatHaiLong"], item["DanhSachNoiDungYKien"]) == ("100%", "")


async def test_nobody_rated_is_no_figure(caller: httpx.AsyncClient) -> None:
    none = {"very_satisfied": 0, "satisfied": 0, "dissatisfied": 0}
    answer = await post(caller, "publish_ratings", overall=none)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/overall")


@pytest.mark.parametrize("path", ["/v1/procedures/1.009999?vesion=1", "/v1/procedures/1.009999?version=0"])
async def test_a_misspelt_question_is_refused_and_not_answered_as_another(caller: httpx.AsyncClient, path: str) -> None:
    assert (await get(caller, path, 422))["code"] == "caller.invalid_fields"
    await get(caller, "/v1/questions?source=all", 422)
