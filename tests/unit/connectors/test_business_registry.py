"""The business registry: both generations, lists of one, and a status that nobody judges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from systems import bench

from gateway.sdk import Absent, Answered, Grant, Outcome, ProtocolViolation, Refused, WireReply

SAMPLES = Path(__file__).parents[3] / "mocks" / "business_registry" / "samples"
V1 = json.loads((SAMPLES / "v1.json").read_text())
V2 = json.loads((SAMPLES / "v2.json").read_text())


def interpret(document: Any, *, code: str = "9900000016") -> Outcome:
    system = bench("business_registry")
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return system.connector.interpret(
        system.call("lookup_enterprise", {"msdn": code}), WireReply(status=200, content=content)
    )


def read(document: Any) -> dict[str, Any]:
    outcome = interpret(document)
    assert isinstance(outcome, Answered)
    return bench("business_registry").mappings.reply("lookup_enterprise", outcome.body)


def test_the_request_is_as_the_contract_writes_it() -> None:
    system = bench("business_registry")
    grant = Grant(token="T", expires_in_s=3600)
    request = system.connector.prepare(system.call("lookup_enterprise", {"msdn": "9900000016-001"}, grant=grant))
    assert request.method == "GET"
    assert request.url == "http://127.0.0.1:7102/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=9900000016-001"
    assert request.headers["Authorization"] == "Bearer T"


def test_the_token_request_is_wso2s() -> None:
    request = bench("business_registry").connector.login()  # type: ignore[attr-defined]  # NeedsAuth
    assert request.content == b"grant_type=client_credentials"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Authorization"] == "Basic ZGVtb19rZXk6ZGVtb19zZWNyZXQ="


def test_the_token_sample_is_read() -> None:
    connector: Any = bench("business_registry").connector
    grant = connector.grant(WireReply(status=200, content=(SAMPLES / "token_reply.json").read_bytes()))
    assert grant.expires_in_s == 3600


def test_both_generations_say_the_same() -> None:
    """BIZ-04: the status passes through in the registry's words."""
    first, second = read(V1), read(V2)
    for field in ("enterprise_code", "name", "type_name", "status", "status_code", "founded_on", "last_changed_on"):
        assert first[field] == second[field], field
    assert first["representatives"] == second["representatives"] == [{"full_name": "NGUYỄN VĂN MẪU"}]
    assert first["activities"] == second["activities"]
    assert first["status"] == "Đang hoạt động"


def test_a_list_of_one_may_arrive_as_an_object() -> None:
    """Contract 4.2: Representatives, BusinessActivity, Member."""
    collapsed = json.loads(json.dumps(V1))
    collapsed["Data"]["BusinessActivity"] = V1["Data"]["BusinessActivity"][0]
    collapsed["Data"]["Representatives"] = [V1["Data"]["Representatives"]]
    assert read(collapsed) == read(V1)


@pytest.mark.parametrize(
    "document",
    [
        {"Data": {"MainInformation": None}, "Status": "1"},
        {"Data": {}, "Status": "1"},
        {"Data": None, "Status": "1"},
        {"GetEntCert": None},
        {"GetEntCert": []},
    ],
)
def test_not_found_in_either_generation(document: Any) -> None:
    assert interpret(document) == Absent()


def test_status_zero_is_a_refusal() -> None:
    assert interpret({"Data": None, "Status": "0", "Message": "x"}) == Refused(code="0", reason="x")


@pytest.mark.parametrize(
    "document", [{"Status": "7"}, {"foo": 1}, {"Data": "x", "Status": "1"}, {"GetEntCert": "x"}, [], b"<html>"]
)
def test_neither_generation_is_no_answer(document: Any) -> None:
    with pytest.raises(ProtocolViolation):
        interpret(document)


def test_another_enterprise_than_was_asked_for_is_no_answer() -> None:
    with pytest.raises(ProtocolViolation):
        interpret(V1, code="9900000023")


async def test_a_rejected_token_is_seen_in_json_and_in_xml() -> None:
    for form in ("json", "xml"):
        system = bench("business_registry", mock={"fault_format": form})
        connector: Any = system.connector
        stale = system.call("lookup_enterprise", {"msdn": "9900000016"}, grant=Grant(token="old", expires_in_s=1))
        assert connector.rejects_grant(await system.transport.send(connector.prepare(stale)))
