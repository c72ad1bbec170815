"""Every dialect at the mock: a hit, a no, nobody, not permitted, and each fault. No fault is ever an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from population_dialects import ASKED, DIALECTS, FACADES, SOAP, VERIFY_B
from systems import Bench

from gateway.sdk import (
    Absent,
    Answered,
    Outcome,
    ProtocolViolation,
    Refused,
    RemoteError,
    TransientRemoteError,
    WireReply,
)

EACH = pytest.mark.parametrize("dialect", DIALECTS)
EACH_OPERATION = pytest.mark.parametrize("operation", ["verify_citizen", "lookup_citizen"])
RECORD = {
    "personal_id": "099185000001",
    "old_card_number": "000000001",
    "full_name": "TRẦN THỊ MẪU",
    "birth_date": "1985-06-15",
    "nationality": "VN",
    "relation_code": "CH01",
    "father": {"full_name": "TRẦN VĂN VÍ DỤ", "personal_id": "099055000101", "nationality": "VN"},
    "spouse": {"full_name": "NGUYỄN VĂN MẪU", "personal_id": "099090000002", "nationality": "VN"},
    "household_head": {"full_name": "TRẦN THỊ MẪU", "personal_id": "099185000001"},
    "household_book": "990000001",
}
NO_ANSWER: dict[str, type[RemoteError]] = {
    "unavailable:7": TransientRemoteError,
    "error": TransientRemoteError,
    "html": TransientRemoteError,
    "garbage": ProtocolViolation,
    "empty": TransientRemoteError,
    "xroad_error": TransientRemoteError,
    "xroad_error:server.clientproxy.service_failed": TransientRemoteError,
    "xroad_error:Client.BadRequest": ProtocolViolation,
    "xroad_error:server.serverproxy.access_denied": ProtocolViolation,
}
SOAP_FAULTS: dict[str, type[RemoteError]] = {
    "xroad_fault": TransientRemoteError,
    "xroad_fault:server.serverproxy.network_error": TransientRemoteError,
    "xroad_fault:Server.ServerProxy.AccessDenied": ProtocolViolation,
}
LOOKUP_FAULTS = ["other_number", "several:0", "several:2"]


async def ask(system: Bench, operation: str, *, fault: str = "", **changes: Any) -> Outcome:
    return await system.ask(system.call(operation, {**ASKED, **changes}), fault=fault)


@EACH
async def test_a_true_verification_says_what_was_really_asked(dialect: str) -> None:
    """POP-01 (part): a yes vouches for no more than what the register compared."""
    system = DIALECTS[dialect].bench()
    outcome = await ask(system, "verify_citizen")
    assert isinstance(outcome, Answered)
    asked = ["personal_id", "full_name"]
    if DIALECTS[dialect].settings.get("verify_message") != VERIFY_B:
        asked.append("birth_date")
    assert system.mappings.reply("verify_citizen", outcome.body) == {"exists": True, "asked": asked}


@EACH
@pytest.mark.parametrize("changes", [{"HoVaTen": "Trần Thị Khác"}, {"SoGiayTo": "099199999999"}])
async def test_a_no_stays_a_no(dialect: str, changes: dict[str, str]) -> None:
    outcome = await ask(DIALECTS[dialect].bench(), "verify_citizen", **changes)
    assert isinstance(outcome, Answered)
    assert outcome.body["TonTai"] is False


@EACH
async def test_variant_b_alone_overlooks_a_wrong_birth_date(dialect: str) -> None:
    outcome = await ask(DIALECTS[dialect].bench(), "verify_citizen", NgaySinh="1986-06-15")
    assert isinstance(outcome, Answered)
    assert outcome.body["TonTai"] is ("birth_date" not in outcome.body["DaHoi"])


@EACH
@pytest.mark.parametrize("number", ["099185000001", "000000001"])
@pytest.mark.parametrize("born", ["1985-06-15", "1985"])
async def test_a_record_is_the_same_in_every_dialect(dialect: str, number: str, born: str) -> None:
    """POP-04 (part): both shapes, both numbers, full dates and years alone."""
    system = DIALECTS[dialect].bench()
    outcome = await ask(system, "lookup_citizen", SoGiayTo=number, NgaySinh=born)
    assert isinstance(outcome, Answered)
    canonical = system.mappings.reply("lookup_citizen", outcome.body)
    assert {name: canonical[name] for name in RECORD} == RECORD
    assert canonical["ethnicity"]["code"] == "05"
    assert canonical["religion"]["label_vi"] == "Không"
    assert canonical["permanent_address"]["commune_code"] == "31507"


@EACH
async def test_nobody_is_absent_and_a_look_up_of_little_is_a_little(dialect: str) -> None:
    system = DIALECTS[dialect].bench()
    assert await ask(system, "lookup_citizen", SoGiayTo="099199999999") == Absent()
    little = await ask(system, "lookup_citizen", SoGiayTo="099195000004", HoVaTen="Phạm Thị Ví Dụ", NgaySinh="1995")
    assert isinstance(little, Answered)
    canonical = system.mappings.reply("lookup_citizen", little.body)
    assert canonical.keys() - {"data_as_of"} == {"personal_id", "full_name", "birth_date", "gender"}


@EACH
@EACH_OPERATION
async def test_not_permitted_is_neither_a_no_nor_nobody(dialect: str, operation: str) -> None:
    """POP-05 (part)."""
    outcome = await ask(DIALECTS[dialect].bench(), operation, fault="refuse")
    assert isinstance(outcome, Refused)
    assert outcome.not_permitted


@pytest.mark.parametrize("dialect", SOAP)
@pytest.mark.parametrize("status", [200, 400, 403, 500])
@EACH_OPERATION
async def test_a_fault_says_not_permitted_with_whatever_status(dialect: str, operation: str, status: int) -> None:
    outcome = await ask(DIALECTS[dialect].bench(), operation, fault=f"refuse:{status}")
    assert isinstance(outcome, Refused)
    assert outcome.not_permitted


@EACH
@EACH_OPERATION
@pytest.mark.parametrize("fault", NO_ANSWER)
async def test_a_fault_on_the_way_is_no_answer(dialect: str, operation: str, fault: str) -> None:
    """POP-05 (part): nothing that goes wrong becomes a yes, a no, or nobody."""
    with pytest.raises(NO_ANSWER[fault]):
        await ask(DIALECTS[dialect].bench(), operation, fault=fault)


@pytest.mark.parametrize("dialect", SOAP)
@EACH_OPERATION
@pytest.mark.parametrize("fault", SOAP_FAULTS)
async def test_xroads_own_fault_with_200_is_no_answer(dialect: str, operation: str, fault: str) -> None:
    with pytest.raises(SOAP_FAULTS[fault]):
        await ask(DIALECTS[dialect].bench(), operation, fault=fault)


@pytest.mark.parametrize("dialect", SOAP)
@EACH_OPERATION
async def test_an_unknown_fault_is_a_refusal_that_says_nothing_of_the_person(dialect: str, operation: str) -> None:
    outcome = await ask(DIALECTS[dialect].bench(), operation, fault="xroad_fault:Client.Whatever")
    assert outcome == Refused(code="Client.Whatever", reason="MOCK-XROAD fault on demand")


@EACH
@pytest.mark.parametrize("fault", LOOKUP_FAULTS)
async def test_a_record_of_another_or_of_nobody_certain_is_no_answer(dialect: str, fault: str) -> None:
    with pytest.raises(ProtocolViolation):
        await ask(DIALECTS[dialect].bench(), "lookup_citizen", fault=fault)


@EACH
async def test_of_several_the_only_one_with_the_number_is_taken(dialect: str) -> None:
    outcome = await ask(DIALECTS[dialect].bench(), "lookup_citizen", fault="several:1")
    assert isinstance(outcome, Answered)
    assert outcome.body["SoDinhDanh"] == "099185000001"


@EACH
@pytest.mark.parametrize("told", ["có", "TRUE", "2", "null", "yes"])
async def test_a_verification_that_is_no_boolean_is_no_answer(dialect: str, told: str) -> None:
    system = DIALECTS[dialect].bench()
    call = system.call("verify_citizen", ASKED)
    _, reply = await system.send(call)
    assert isinstance(system.connector.interpret(call, reply), Answered)
    mangled = reply.content.replace(b">true<", f">{told}<".encode()).replace(b'"true"', f'"{told}"'.encode())
    assert mangled != reply.content
    with pytest.raises(ProtocolViolation):
        system.connector.interpret(call, replace(reply, content=mangled))


async def test_the_mocks_own_bad_boolean_is_no_answer() -> None:
    with pytest.raises(ProtocolViolation):
        await ask(DIALECTS["as in the sandbox"].bench(), "verify_citizen", fault="bad_boolean:2")


def mangled(reply: WireReply) -> dict[str, WireReply]:
    """A good reply, spoilt in ways that are seen between two machines."""
    text, xml = reply.content.decode(), {"content-type": "application/xml; charset=utf-8"}
    json = {"content-type": "application/json"}
    plain = {key: value for key, value in reply.headers.items() if key != "content-type"}
    return {
        "UTF-16 said to be UTF-8": replace(reply, content=text.encode("utf-16")),
        "UTF-16 without a mark": replace(reply, content=text.encode("utf-16-le")),
        "windows-1258 said to be UTF-8": replace(reply, content=text.encode("cp1258", "replace") + b"<!-- \xd5 -->"),
        "windows-1258, honestly": replace(
            reply, headers={**reply.headers, "content-type": f"{reply.media_type}; charset=windows-1258"}
        ),
        "HTML with 200": replace(reply, headers={"content-type": "text/html"}, content=b"<html><body/></html>"),
        "the answer called HTML": replace(reply, headers={**plain, "content-type": "text/html"}),
        "another answer of no type": replace(reply, headers=plain, content=b"<html/>"),
        "a JSON error with 200": replace(reply, headers=json, content=b'{"error":"MOCK"}'),
        "a JSON error called XML": replace(reply, headers=xml, content=b'{"error":"MOCK"}'),
        "a JSON error with 500": WireReply(status=500, headers=json, content=b'{"message":"MOCK"}'),
        "a JSON error with 400": WireReply(status=400, headers=json, content=b'{"message":"MOCK"}'),
        "created": replace(reply, status=201),
        "moved": replace(reply, status=302),
        "not modified": replace(reply, status=304),
        "with X-Road-Error": replace(reply, headers={**reply.headers, "x-road-error": "Server.ServerProxy.IOError"}),
    }


@EACH
@EACH_OPERATION
async def test_a_spoilt_reply_is_no_answer(dialect: str, operation: str) -> None:
    """Each way in turn: X-Road-Error, status, type and encoding are looked at before the body is."""
    system = DIALECTS[dialect].bench()
    call = system.call(operation, ASKED)
    _, reply = await system.send(call)
    for way, spoilt in mangled(reply).items():
        with pytest.raises(RemoteError):
            pytest.fail(f"{way}: {system.connector.interpret(call, spoilt)}")


@EACH
@EACH_OPERATION
async def test_a_truncated_reply_is_no_answer(dialect: str, operation: str) -> None:
    system = DIALECTS[dialect].bench()
    call = system.call(operation, ASKED)
    _, reply = await system.send(call)
    assert isinstance(system.connector.interpret(call, reply), Answered)
    whole = reply.content.rstrip()
    for cut in range(1, len(whole), 7):
        with pytest.raises(ProtocolViolation):
            pytest.fail(f"cut {cut}: {system.connector.interpret(call, replace(reply, content=whole[:-cut]))}")


@pytest.mark.parametrize("dialect", FACADES)
@EACH_OPERATION
@pytest.mark.parametrize(
    "content",
    [
        b"{}", b"[]", b"null", b'"x"', b'{"error_code": "MOCK-00"}', b'{"error_code": "MOCK-00", "message": ""}',
        b'{"error_code": "MOCK-00", "message": null}', b'{"error_code": "MOCK-00", "message": "<a/>"}',
        b'{"error_code": true, "message": ""}', b'{"Header": "", "Body": ""}', b'{"Header": "", "Body": {}}',
        b'{"Body": {"CongdanCollection": null}}', b'{"Body": {"CongdanCollection": "x"}}',
        b'{"Body": {"CongdanCollection": {"CongDan": null}}}', b'{"Body": {"CongdanCollection": {"CongDan": ["x"]}}}',
        b'{"Body": {"CongdanCollection": "", "KetQuaXacThuc": ""}}', b'{"Body": {"KetQuaXacThuc": {"TonTai": 2}}}',
        b'{"Body": {"KetQuaXacThuc": {"TonTai": null}}}', b'{"Body": {"KetQuaXacThuc": {"TonTai": [true]}}}',
        b'{"Body": {"Khac": {"TonTai": true}}}', b'{"Body": {"a": ' + b"[" * 3000 + b"]" * 3000 + b"}}",
    ],
)  # fmt: skip
def test_json_that_the_contract_does_not_know_is_no_answer(dialect: str, operation: str, content: bytes) -> None:
    system = DIALECTS[dialect].bench()
    reply = WireReply(status=200, headers={"content-type": "application/json"}, content=content)
    with pytest.raises(ProtocolViolation):
        system.connector.interpret(system.call(operation, ASKED), reply)
