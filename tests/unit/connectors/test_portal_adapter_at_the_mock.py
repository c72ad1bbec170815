"""Dossiers between the connector and the mock adapter: created once, told on, nothing doubled when answers are lost."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from typing import Any

import pytest
from dialects import Wire
from files_house import upload
from services import CONTEXT, ListedRecorder
from systems import AT, Bench, bench, examples, stored

from gateway.delivery.model import StreamKey
from gateway.exchange.attempt import Attempts
from gateway.exchange.service import GatewayExchange
from gateway.files.memory import MemoryFiles
from gateway.files.model import FilePolicy
from gateway.files.service import Files
from gateway.sdk import (
    Accepted,
    Answered,
    Call,
    CannotTell,
    Grant,
    Refused,
    SendNow,
    Settlement,
    TookEffect,
    Unsettled,
    WireRequest,
)
from gateway.signing.keyring import Keyring
from mocks._kit.serve import serving
from mocks.portal_adapter import app

FIRST = next(example for example in examples("portal_adapter") if example.name == "sync_first")
CODE = FIRST.given["code"]
FILE = FIRST.given["components"][0]["file_id"]
STEP = {
    "dossier_code": CODE,
    "status": 4,
    "at": "2026-01-02T08:30:00+07:00",
    "officer_name": "Lê Văn Thử",
    "content": "Chuyển phòng chuyên môn",
}
RESULT = {
    "id": "9001",
    "name": "kq.pdf",
    "result_code": "KQ.G03.000999",
    "url": "https://motcua.example.invalid/f/9001",
}


class Stream:
    """What the worker does with the messages of one dossier: what was learned goes with those that follow."""

    def __init__(self, system: Bench) -> None:
        self.system = system
        self.connector: Any = system.connector
        self.known: dict[str, str] = {}

    def call(self, operation: str, document: Any, **more: Any) -> Call:
        body = self.system.mappings.request(operation, document).body
        return self.system.call(operation, body, known=dict(self.known), **more)

    def sync(self, **changes: Any) -> Call:
        return self.call("sync_dossier", {**FIRST.given, **changes})

    async def send(self, call: Call, *, fault: str = "") -> Any:
        outcome = await self.system.ask(call, fault=fault)
        if isinstance(outcome, Accepted):
            self.known |= outcome.learned
            if outcome.unfinished:
                return await self.send(replace(call, known=dict(self.known)))
        return outcome

    async def upload(self, content: str = "%PDF-1.7 ví dụ") -> Any:
        file = stored({"id": FILE, "name": "tờ khai.pdf", "media_type": "application/pdf", "content": content})
        return await self.send(self.call("upload_file", {"file": FILE}, file=file))

    async def settle(self, call: Call) -> Settlement:
        question = self.connector.question(call)
        if not isinstance(question, Call):
            return question  # type: ignore[no-any-return]  # Any
        return self.connector.settle(call, await self.system.ask(question))  # type: ignore[no-any-return]  # Any

    async def held(self) -> Any:
        return await self.window(f"dossiers/{CODE}")

    async def window(self, path: str) -> Any:
        url = f"http://127.0.0.1:7105/_mock/{path}"
        return json.loads((await self.system.transport.send(WireRequest(method="GET", url=url))).content)


@pytest.fixture
async def stream() -> Stream:
    made = Stream(bench("portal_adapter"))
    await made.upload()
    return made


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
async def test_a_file_arrives_byte_for_byte_and_the_dossier_names_it(algorithm: str) -> None:
    made = Stream(bench("portal_adapter", mock={"hash_algorithm": algorithm}))
    content = "\r\n--ví dụ\x00\r\n"
    assert isinstance(await made.upload(content), Accepted)
    uploaded = (await made.window("files"))["files"][-1]
    assert uploaded["HashTepTin"] == hashlib.new(algorithm, content.encode()).hexdigest()
    assert uploaded["name"] == "tờ khai.pdf"
    assert isinstance(await made.send(made.sync()), Accepted)
    (paper,) = (await made.held())["dossier"]["ThanhPhanHoSo"][0]["GiayToDinhKem"]
    assert (paper["IdGiayTo"], paper["HashTepTin"]) == (uploaded["IdTepTin"], uploaded["HashTepTin"])


async def test_an_unsigned_file_goes_all_the_way_byte_for_byte() -> None:
    """As the worker sends it: the file service, the exchange, real sockets, the mock."""
    content = b"%PDF-1.7 " + bytes(range(256)) * 3000
    system, recorder = bench("portal_adapter").system, ListedRecorder()
    files = Files(MemoryFiles(), Keyring.ephemeral(), recorder=recorder, clock=lambda: AT, policy=FilePolicy())
    await files.put(FILE, upload(content, name="tờ khai.pdf"), context=CONTEXT)
    with serving(app.create_app({"hash_algorithm": "sha256"})) as url:
        wire = Wire(system.settings, url)
        attempts = Attempts(recorder, clock=lambda: AT, monotonic=time.monotonic)
        systems = {system.id: replace(system, transport=wire)}
        exchange = GatewayExchange(systems, attempts, clock=lambda: AT, routes={}, files=files)
        stream = StreamKey(tenant=CONTEXT.tenant, target=system.id, key=CODE)
        call = Call(operation="upload_file", body={"file": FILE}, call_id="CALL0000000000000001", at=AT)
        told = await exchange.deliver(stream, call, context=CONTEXT)
        held = await wire.send(WireRequest(method="GET", url=f"{url}/_mock/files"))
        await wire.close()
    assert isinstance(told.outcome, Accepted)
    digest = hashlib.sha256(content).hexdigest()
    arrived = json.loads(held.content)["files"][-1]
    assert (arrived["size"], arrived["HashTepTin"]) == (len(content), digest)
    leaf = recorder.entries[-1]
    assert (leaf.facts["file_bytes"], leaf.facts["file_sha256"]) == (len(content), digest)


async def test_a_new_dossier_is_created_and_its_status_told_at_once(stream: Stream) -> None:
    assert isinstance(await stream.send(stream.sync()), Accepted)
    held = await stream.held()
    assert [status["TrangThai"] for status in held["statuses"]] == [2]
    assert stream.known["dossier"] == held["IdHoSo"]
    assert isinstance(await stream.send(stream.sync(status=4)), Accepted)
    assert [status["TrangThai"] for status in (await stream.held())["statuses"]] == [2, 4]


async def test_the_next_code_is_a_new_one_each_time(stream: Stream) -> None:
    call = stream.call("next_dossier_code", {"agency_code": "H99.12", "procedure_code": "1.009999"})
    told = [(await stream.system.ask(call)).body["value"] for _ in range(2)]  # type: ignore[union-attr]  # Answered
    assert len(set(told)) == 2
    assert isinstance(await stream.send(stream.sync(code=told[0])), Accepted)


async def test_a_creation_whose_answer_was_lost_is_found_and_not_repeated(stream: Stream) -> None:
    """SYN-04 (part): an unsettled creation is settled by a look-up."""
    with pytest.raises(Unsettled):
        await stream.send(stream.sync(), fault="late_success")
    settled = await stream.settle(stream.sync())
    assert isinstance(settled, SendNow)
    assert isinstance(await stream.send(settled.call), Accepted)
    assert (await stream.window("dossiers"))["dossiers"] == [
        {"MaHoSo": CODE, "IdHoSo": stream.known["dossier"], "statuses": 1, "steps": 0}
    ]


async def test_a_creation_that_never_arrived_is_sent_then(stream: Stream) -> None:
    with pytest.raises(Unsettled):
        await stream.send(stream.sync(), fault="error")
    settled = await stream.settle(stream.sync())
    assert isinstance(settled, SendNow)
    assert isinstance(await stream.send(settled.call), Accepted)


async def test_where_the_list_does_not_name_dossiers_a_person_says_the_id() -> None:
    made = Stream(bench("portal_adapter", id_field=""))
    await made.upload()
    with pytest.raises(Unsettled):
        await made.send(made.sync(), fault="late_success")
    assert isinstance(await made.settle(made.sync()), CannotTell)
    made.known |= {"dossier": (await made.held())["IdHoSo"], "code": CODE}  # release --learned
    settled = await made.settle(made.sync())
    assert isinstance(settled, SendNow)
    assert isinstance(await made.send(settled.call), Accepted)
    assert len((await made.window("dossiers"))["dossiers"]) == 1


async def test_a_status_whose_answer_was_lost_is_told_once(stream: Stream) -> None:
    await stream.send(stream.sync())
    update = stream.sync(status=9, results=[RESULT])
    with pytest.raises(Unsettled):
        await stream.send(update, fault="late_success")
    settled = await stream.settle(update)
    assert isinstance(settled, TookEffect)
    stream.known |= settled.learned
    over = await stream.send(stream.sync(status=10, results=[RESULT]))
    assert isinstance(over, Accepted)
    assert [status["TrangThai"] for status in (await stream.held())["statuses"]] == [2, 9, 10]


async def test_a_step_whose_answer_was_lost_is_told_once(stream: Stream) -> None:
    await stream.send(stream.sync())
    call = stream.call("report_progress", STEP)
    with pytest.raises(Unsettled):
        await stream.send(call, fault="late_success")
    assert isinstance(await stream.settle(call), TookEffect)
    another = stream.call("report_progress", {**STEP, "at": "2026-01-02T09:00:00+07:00"})
    assert isinstance(await stream.settle(another), SendNow)
    assert isinstance(await stream.send(another), Accepted)
    assert len((await stream.held())["steps"]) == 2


async def test_a_batch_with_a_bad_step_leaves_nothing_or_is_asked_about(stream: Stream) -> None:
    await stream.send(stream.sync())
    good, bad = stream.call("report_progress", STEP), stream.call("report_progress", {**STEP, "content": "x"})
    bad = replace(bad, body={**bad.body, "MaHoSo": "000.00.05.H99-260102-0001"})
    refused = await stream.send(replace(good, parts=(bad.body,)))
    assert isinstance(refused, Refused)
    assert isinstance(await stream.settle(good), SendNow)


async def test_a_lost_dossier_is_created_anew_under_another_name(stream: Stream) -> None:
    await stream.send(stream.sync())
    before = stream.known["dossier"]
    url = f"http://127.0.0.1:7105/_mock/dossiers/{CODE}"
    await stream.system.transport.send(WireRequest(method="DELETE", url=url))
    settled = await stream.settle(stream.sync())
    assert isinstance(settled, SendNow)
    assert isinstance(await stream.send(settled.call), Accepted)
    assert stream.known["dossier"] != before


async def test_a_dossier_that_was_lost_after_its_end_is_told_whole_again(stream: Stream) -> None:
    for status in (2, 9, 10):
        await stream.send(stream.sync(status=status, results=[RESULT]))
    url = f"http://127.0.0.1:7105/_mock/dossiers/{CODE}"
    await stream.system.transport.send(WireRequest(method="DELETE", url=url))
    settled = await stream.settle(stream.sync(status=10, results=[RESULT]))
    assert isinstance(settled, SendNow)
    assert isinstance(await stream.send(settled.call), Accepted)
    told = (await stream.held())["statuses"]
    assert [(status["TrangThai"], "DanhSachGiayToKetQua" in status) for status in told] == [(9, True), (10, False)]


@pytest.mark.parametrize("fault", ["refuse", "forbidden"])
async def test_a_refusal_is_a_value(stream: Stream, fault: str) -> None:
    assert isinstance(await stream.send(stream.sync(), fault=fault), Refused)


async def test_a_502_of_the_adapter_says_nothing_about_the_dossier(stream: Stream) -> None:
    with pytest.raises(Unsettled):
        await stream.send(stream.sync(), fault="bad_gateway")


async def test_a_token_that_ended_is_renewed_by_the_caller_of_the_connector(stream: Stream) -> None:
    call = stream.call("find_dossier", {"dossier_code": CODE})
    stale = replace(call, grant=Grant(token="gone", expires_in_s=600))
    reply = await stream.system.transport.send(stream.connector.prepare(stale))
    assert stream.connector.rejects_grant(reply)
    assert not isinstance(await stream.system.ask(call), Answered)


@pytest.mark.parametrize("mock", [{"success_code": "00", "code_as_number": False}, {"success_code": "1"}])
async def test_a_success_that_nobody_announced_is_never_taken_for_one(mock: dict[str, Any]) -> None:
    made = Stream(bench("portal_adapter", mock=mock))
    for call in (made.call("report_progress", STEP), made.sync(components=[])):
        made.known = {"dossier": "x", "code": CODE} if call.operation == "report_progress" else {}
        known = replace(call, known=dict(made.known))
        try:
            outcome = await made.send(known)
        except Unsettled:
            continue
        assert isinstance(outcome, Refused)
    told = Stream(bench("portal_adapter", mock=mock, success_codes=(mock["success_code"],)))
    assert isinstance(await told.send(told.sync(components=[])), Accepted)
