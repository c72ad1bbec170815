"""The portal: golden messages, the spellings of error_code, sessions, and what a look-up settles."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
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
    Unsettled,
    WireReply,
)

SAMPLES = Path(__file__).parents[3] / "mocks" / "national_portal" / "samples"
GRANT = Grant(token="b7c1f0e2-5d1a-4f7e-9c55-0a1b2c3d4e5f", expires_in_s=600)
DOSSIER = json.loads((SAMPLES / "sync_dossier_create.json").read_text())["data"][0]
STEP = json.loads((SAMPLES / "report_progress.json").read_text())["data"][0]


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text())


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
    assert json.loads(request.content) == sample(golden)
    assert list(json.loads(request.content))[:3] == ["session", "madonvi", "service"]


def test_the_example_of_the_mapping_makes_the_golden_dossier() -> None:
    example = next(e for e in examples("national_portal") if e.name == "sync_first")
    assert bench("national_portal").mappings.request("sync_dossier", example.given).body == DOSSIER


def test_the_log_in_equals_the_golden_sample() -> None:
    assert json.loads(bench("national_portal").connector.login().content) == sample("login_request")  # type: ignore[attr-defined]  # NeedsAuth


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


@given(st.one_of(st.none(), st.booleans(), st.floats(), st.text(), st.lists(st.integers()), st.just("0x0")))
def test_a_code_that_is_no_number_says_nothing(code: Any) -> None:
    if isinstance(code, str) and code.strip().lstrip("+-").isdigit():
        return
    assert wire.error_code({"error_code": code}) is None


def test_a_submit_without_a_readable_code_is_unsettled_not_failed() -> None:
    for document in ({"message": "thành công"}, {"error_code": None}, b"<html>", b""):
        with pytest.raises(Unsettled):
            interpret("sync_dossier", document)
        with pytest.raises(ProtocolViolation):
            interpret("find_dossier", document)


def test_already_there_means_look_and_update() -> None:
    with pytest.raises(Unsettled):
        interpret("sync_dossier", sample("sync_dossier_exists_reply"), exists=False)


def test_only_a_refusal_that_speaks_of_the_session_asks_for_a_new_one() -> None:
    connector: Any = bench("national_portal").connector
    said = [
        ({"error_code": -1, "message": "Phiên làm việc đã hết hạn"}, True),
        ({"error_code": "5", "message": "invalid SESSION"}, True),
        ({"error_code": 0, "message": "phiên mới"}, False),
        ({"error_code": -1, "message": "Dữ liệu không hợp lệ"}, False),
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


async def test_a_session_that_ended_is_renewed_by_the_caller_of_the_connector() -> None:
    system = bench("national_portal")
    connector: Any = system.connector
    call = await system.granted(system.call("find_dossier", {"mahoso": "X"}))
    stale = replace(call, grant=Grant(token="gone", expires_in_s=600))
    reply = await system.transport.send(connector.prepare(stale))
    assert connector.rejects_grant(reply)
