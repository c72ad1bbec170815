"""The portal: golden messages, the spellings of error_code, sessions, and what a look-up settles."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from systems import bench, examples

from connectors.national_portal import wire
from gateway.sdk import (
    Absent,
    Accepted,
    Answered,
    CannotTell,
    Grant,
    Outcome,
    ProtocolViolation,
    Refused,
    SendNow,
    TookEffect,
    TransientRemoteError,
    Unsettled,
    WireReply,
)

SAMPLES = Path(__file__).parents[3] / "mocks" / "national_portal" / "samples"
GRANT = Grant(token="b7c1f0e2-5d1a-4f7e-9c55-0a1b2c3d4e5f", expires_in_s=600)
DOSSIER = json.loads((SAMPLES / "sync_dossier_create.json").read_text())["data"][0]
STEP = json.loads((SAMPLES / "report_progress.json").read_text())["data"][0]


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def compact(name: str) -> bytes:
    """The golden message as we send it: the same order, no spaces, UTF-8."""
    return json.dumps(sample(name), ensure_ascii=False, separators=(",", ":")).encode()


def interpret(operation: str, document: Any, **hints: Any) -> Outcome:
    system = bench("national_portal")
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    call = system.call(operation, {"MaHoSo": "X", "mahoso": "X"}, hints=hints)
    return system.connector.interpret(call, WireReply(status=200, content=content))


@pytest.mark.parametrize(
    ("operation", "body", "hints", "golden"),
    [
        ("sync_dossier", DOSSIER, {"exists": False}, "sync_dossier_create"),
        ("report_progress", STEP, {}, "report_progress"),
        ("find_dossier", {"mahoso": "000.00.05.H99-260102-0007"}, {}, "find_dossier"),
    ],
)
def test_messages_equal_the_golden_samples(operation: str, body: Any, hints: Any, golden: str) -> None:
    system = bench("national_portal")
    request = system.connector.prepare(system.call(operation, body, grant=GRANT, hints=hints))
    assert request.content == compact(golden)
    assert request.headers == {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Charset": "utf-8",
        "dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider",
    }


def test_the_example_of_the_mapping_makes_the_golden_dossier() -> None:
    first = next(e for e in examples("national_portal") if e.name == "sync_first")
    assert bench("national_portal").mappings.request("sync_dossier", first.given).body == DOSSIER


def test_the_log_in_equals_the_golden_sample() -> None:
    assert bench("national_portal").connector.login().content == compact("login_request")  # type: ignore[attr-defined]  # NeedsAuth


@pytest.mark.parametrize(("mode", "header", "query"), [("header", 1, 0), ("query", 0, 1), ("both", 1, 1)])
async def test_dstcode_goes_by_header_or_query(mode: str, header: int, query: int) -> None:
    system = bench("national_portal", dstcode_mode=mode)
    request = system.connector.login()  # type: ignore[attr-defined]  # NeedsAuth
    assert ("dstcode" in request.headers, "dstcode=VN%3AGOV" in request.url) == (bool(header), bool(query))
    assert (await system.ask(system.call("find_dossier", {"mahoso": "X"}))) == Absent()


def test_provider_url_is_encoded() -> None:
    system = bench("national_portal", provider_url="https://a.example/b?c=d")
    assert "providerurl=https%3A%2F%2Fa.example%2Fb%3Fc%3Dd" in system.connector.login().url  # type: ignore[attr-defined]  # NeedsAuth


@pytest.mark.parametrize("code", [0, "0", "00", " 0 ", "000"])
def test_every_spelling_of_success(code: Any) -> None:
    assert isinstance(interpret("report_progress", {"error_code": code, "message": "ok"}), Accepted)


@pytest.mark.parametrize("code", [-1, "-1", 3, "3", "-3", "99"])
def test_every_other_code_is_a_refusal(code: Any) -> None:
    assert isinstance(interpret("report_progress", {"error_code": code, "message": "Dữ liệu không hợp lệ"}), Refused)


@given(st.one_of(st.none(), st.booleans(), st.floats(), st.text(), st.lists(st.integers())))
@example("0x0")
@example("0_0")
@example("٠")
@example("--0")
def test_a_code_that_is_no_number_says_nothing(code: Any) -> None:
    if isinstance(code, str) and re.fullmatch(r"[+-]?[0-9]+", code.strip()):
        return
    assert wire.error_code({"error_code": code}) is None


def test_a_submit_without_a_readable_code_is_unsettled_not_failed() -> None:
    for document in ({"message": "thành công"}, {"error_code": None}, b"<html>", b""):
        with pytest.raises(Unsettled):
            interpret("sync_dossier", document)
        with pytest.raises(ProtocolViolation if document else TransientRemoteError):
            interpret("find_dossier", document)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_already_there_means_look_and_update(form: str) -> None:
    said = sample("sync_dossier_exists_reply")
    said["message"] = unicodedata.normalize(form, said["message"])  # type: ignore[arg-type]  # one of the literals
    with pytest.raises(Unsettled):
        interpret("sync_dossier", said, exists=False)


@pytest.mark.parametrize("hints", [{"exists": True}, {}])
def test_already_there_said_to_an_update_is_a_refusal_or_it_would_go_round_for_ever(hints: dict[str, bool]) -> None:
    said = {"error_code": -1, "message": "Tệp đính kèm đã tồn tại"}
    assert isinstance(interpret("sync_dossier", said, **hints), Refused)


@pytest.mark.parametrize("status", [301, 302, 400, 401, 404, 409, 422])
@pytest.mark.parametrize("operation", ["find_dossier", "sync_dossier", "report_progress"])
def test_success_in_the_body_of_another_status_is_none(status: int, operation: str) -> None:
    system = bench("national_portal")
    reply = WireReply(status=status, content=b'{"error_code":0,"message":"","result":[]}')
    with pytest.raises(ProtocolViolation):
        system.connector.interpret(system.call(operation, {"MaHoSo": "X"}), reply)


@pytest.mark.parametrize("result", [["000.00.05.H99-260102-0007"], [None], [[]], [{}]])
def test_whatever_stands_in_the_result_means_that_the_dossier_is_there(result: Any) -> None:
    """Read as absent, it would be created twice, and its steps sent twice."""
    found = interpret("find_dossier", {"error_code": 0, "result": result})
    assert isinstance(found, Answered)
    connector: Any = bench("national_portal").connector
    system = bench("national_portal")
    settled = connector.settle(system.call("sync_dossier", DOSSIER), found)
    assert settled.call.hints == {"exists": True}
    assert isinstance(connector.settle(system.call("report_progress", STEP), found), CannotTell)


def test_only_a_refusal_that_speaks_of_the_session_asks_for_a_new_one() -> None:
    connector: Any = bench("national_portal").connector
    said = [
        ({"error_code": -1, "message": "Phiên làm việc đã hết hạn"}, True),
        ({"error_code": "5", "message": "invalid SESSION"}, True),
        ({"error_code": 0, "message": "phiên mới"}, False),
        ({"error_code": -1, "message": "Dữ liệu không hợp lệ"}, False),
        ({"error_code": -1, "message": "Phiên bản thủ tục không hợp lệ"}, False),
        ({"error_code": -1, "message": unicodedata.normalize("NFD", "Sai phiên")}, True),
        ({"message": "session"}, False),
    ]
    for document, expected in said:
        reply = WireReply(status=200, content=json.dumps(document).encode())
        assert connector.rejects_grant(reply) is expected


def test_an_unknown_dossier_is_created_and_a_known_one_replaced() -> None:
    system = bench("national_portal")
    connector: Any = system.connector
    call = system.call("sync_dossier", DOSSIER)
    created = connector.settle(call, Absent())
    replaced = connector.settle(call, Answered(body={"items": [{"MAHOSO": DOSSIER["MaHoSo"]}]}))
    assert isinstance(created, SendNow)
    assert isinstance(replaced, SendNow)
    updating = [json.loads(connector.prepare(s.call).content)["isUpdating"] for s in (created, replaced)]
    assert updating == ["False", "True"]


def test_a_dossier_that_is_there_as_we_sent_it_is_not_sent_again() -> None:
    system = bench("national_portal")
    connector: Any = system.connector
    call = system.call("sync_dossier", DOSSIER)
    shown = {name.upper(): value for name, value in DOSSIER.items()}
    assert isinstance(connector.settle(call, Answered(body={"items": [shown]})), TookEffect)
    older = {**shown, "TRANGTHAIHOSO": "1"}
    assert isinstance(connector.settle(call, Answered(body={"items": [older]})), SendNow)


def test_a_step_is_sent_again_only_when_the_portal_shows_that_it_is_missing() -> None:
    system, blind = bench("national_portal"), bench("national_portal", progress_field="")
    call = system.call("report_progress", STEP)
    held = {name.upper(): value for name, value in STEP.items()}
    with_step = Answered(body={"items": [{"TIENDO": [held]}]})
    without = Answered(body={"items": [{"TIENDO": []}]})
    connector: Any = system.connector
    assert isinstance(connector.settle(call, with_step), TookEffect)
    assert isinstance(connector.settle(call, without), SendNow)
    assert isinstance(connector.settle(call, Answered(body={"items": [{}]})), CannotTell)
    assert isinstance(blind.connector.settle(call, with_step), CannotTell)  # type: ignore[attr-defined]  # Reconciles
    assert isinstance(connector.settle(call, Refused(code="-1", reason="")), CannotTell)


@pytest.mark.parametrize(
    ("shown", "settled"),
    [
        ({}, TookEffect),
        ({"MAHOSO": None}, TookEffect),
        ({"THOIDIEMXULY": "20260102083001"}, SendNow),
        ({"TRANGTHAI": "4"}, SendNow),
        ({"TRANGTHAI": 4}, SendNow),
        ({"NOIDUNGXULY": "Chuyển phòng chuyên môn"}, SendNow),
        ({"TRANGTHAI": "02"}, CannotTell),
        ({"TRANGTHAI": "Được tiếp nhận"}, CannotTell),
        ({"NOIDUNGXULY": "Tiếp nhận"}, CannotTell),
        ({"NOIDUNGXULY": ""}, CannotTell),
        ({"CHUCDANH": "khác"}, CannotTell),
        ({"THOIDIEMXULY": "2026-01-02 08:30:00"}, CannotTell),
        ({"THOIDIEMXULY": None}, CannotTell),
    ],
    ids=str,
)
def test_a_step_is_sent_again_only_when_every_shown_step_is_surely_another(shown: Any, settled: type) -> None:
    """What the portal shortened or wrote otherwise may still be ours: a person compares, nothing is doubled."""
    system = bench("national_portal")
    connector: Any = system.connector
    held = {**{name.upper(): value for name, value in STEP.items()}, **shown}
    another = {**{name.upper(): value for name, value in STEP.items()}, "THOIDIEMXULY": "20260101080000"}
    found = Answered(body={"items": [{"TIENDO": [another, held]}]})
    assert isinstance(connector.settle(system.call("report_progress", STEP), found), settled)


def test_a_step_that_cannot_be_read_proves_nothing() -> None:
    system = bench("national_portal")
    connector: Any = system.connector
    found = Answered(body={"items": [{"TIENDO": ["?"]}]})
    assert isinstance(connector.settle(system.call("report_progress", STEP), found), CannotTell)


async def test_a_session_that_ended_is_renewed_by_the_caller_of_the_connector() -> None:
    system = bench("national_portal")
    connector: Any = system.connector
    call = await system.granted(system.call("find_dossier", {"mahoso": "X"}))
    stale = replace(call, grant=Grant(token="gone", expires_in_s=600))
    reply = await system.transport.send(connector.prepare(stale))
    assert connector.rejects_grant(reply)
