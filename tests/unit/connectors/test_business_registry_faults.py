"""Every fault on every operation, generation and form of the business registry: none of them is an answer."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from systems import Bench, bench

from gateway.sdk import (
    Answered,
    Call,
    ProtocolViolation,
    Refused,
    RemoteError,
    TransientRemoteError,
    WireReply,
)

SAMPLES = Path(__file__).parents[3] / "mocks" / "business_registry" / "samples"
QUESTIONS: dict[str, dict[str, Any]] = {
    "lookup_enterprise": {"msdn": "9900000016"},
    "list_registrations_today": {"from_ts": "00:00", "to_ts": "23:59", "offset": 0, "limit": 10},
    "list_registrations": {"from_date": "16/11/2026", "to_date": "20/11/2026", "offset": 0, "limit": 10},
    "read_registration": {"in_journal_no": "99000001"},
}
ANSWERS: dict[str, Any] = {
    "lookup_enterprise": json.loads((SAMPLES / "v1.json").read_text()),
    "list_registrations_today": {"Status": "1", "Data": {"MainInformation": [{"IN_JOURNAL_NO": 99000001}]}},
    "list_registrations": {"Status": "1", "Data": {"MainInformation": [{"IN_JOURNAL_NO": 99000001}]}},
    "read_registration": {"Status": "1", "Data": {"MainInformation": {"IN_JOURNAL_NO": 99000001}}},
}
EACH = pytest.mark.parametrize("operation", QUESTIONS)
FAULTS = [
    "unavailable", "error", "garbage", "html", "empty",
    *(f"wso2:{code}:{status}" for code in (900900, 900902, 900906, 700700) for status in (200, 401, 403, 404, 500)),
]  # fmt: skip
JSON_FAULT = b'{"fault":{"code":900901,"message":"Invalid Credentials","description":"MOCK"}}'
XML_FAULT = (
    b'<ams:fault xmlns:ams="http://wso2.org/apimanager/security"><ams:code>900901</ams:code>'
    b"<ams:message>Invalid Credentials</ams:message></ams:fault>"
)


def asked(system: Bench, operation: str) -> Call:
    return system.call(operation, QUESTIONS[operation])


@cache
def silent() -> Bench:
    """For what needs no mock: made once, because compiling its mappings takes longer than a case."""
    return bench("business_registry")


def interpret(operation: str, content: bytes, *, status: int = 200, media_type: str = "application/json") -> Any:
    headers = {"content-type": media_type} if media_type else {}
    return silent().connector.interpret(
        asked(silent(), operation), WireReply(status=status, headers=headers, content=content)
    )


def answer(operation: str) -> bytes:
    return json.dumps(ANSWERS[operation], ensure_ascii=False).encode()


@EACH
@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=UTF-8", "text/json", ""])
def test_an_answer_is_read_where_it_says_that_it_is_json(operation: str, media_type: str) -> None:
    """What the cases below change one thing of."""
    assert isinstance(interpret(operation, answer(operation), media_type=media_type), Answered)


@EACH
@pytest.mark.parametrize("generation", ["v1", "v2"])
@pytest.mark.parametrize("collapse", ["always", "never"])
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_no_fault_is_an_answer_about_anybody(operation: str, generation: str, collapse: str, form: str) -> None:
    """POP-05 (part): every fault × generation × form of lists and of faults: never found, and never "not found"."""
    system = bench("business_registry", mock={"generation": generation, "collapse": collapse, "fault_format": form})
    assert isinstance(await system.ask(asked(system, operation)), Answered)
    for fault in FAULTS:
        with pytest.raises(RemoteError):
            pytest.fail(f"{fault}: {await system.ask(asked(system, operation), fault=fault)}")


@pytest.mark.parametrize("collapse", ["always", "never"])
@pytest.mark.parametrize(("generation", "fault"), [("v1", "other_firm"), ("v2", "other_firm"), ("v2", "several:same")])
async def test_another_firm_or_two_of_it_are_no_answer(generation: str, collapse: str, fault: str) -> None:
    """BIZ-02 (part)."""
    system = bench("business_registry", mock={"generation": generation, "collapse": collapse})
    with pytest.raises(ProtocolViolation):
        await system.ask(asked(system, "lookup_enterprise"), fault=fault)


@pytest.mark.parametrize("fault", ["other_firm", "several:same"])
async def test_another_dossier_or_two_of_it_are_no_answer(fault: str) -> None:
    system = bench("business_registry")
    with pytest.raises(ProtocolViolation):
        await system.ask(asked(system, "read_registration"), fault=fault)


@EACH
@pytest.mark.parametrize("collapse", ["always", "never"])
async def test_a_refusal_of_the_registry_stays_its_refusal(operation: str, collapse: str) -> None:
    system = bench("business_registry", mock={"collapse": collapse})
    outcome = await system.ask(asked(system, operation), fault="refuse")
    assert isinstance(outcome, Refused)
    assert outcome.code == "0"


@EACH
@pytest.mark.parametrize("content", [JSON_FAULT, XML_FAULT], ids=["json", "xml"])
@pytest.mark.parametrize("media_type", ["application/json", "application/xml", "text/html", "text/plain", ""])
@pytest.mark.parametrize("status", [200, 202, 400, 401, 403, 404])
def test_a_gateways_fault_is_known_under_any_name_and_status(
    operation: str, content: bytes, media_type: str, status: int
) -> None:
    """Contract 2: an XML fault to a JSON client is a fault, not only "no JSON"."""
    with pytest.raises(ProtocolViolation) as raised:
        interpret(operation, content, status=status, media_type=media_type)
    assert raised.value.error_code == "partner.platform_refused"
    assert "900901" in raised.value.detail
    assert "Credentials" not in raised.value.detail


def test_a_path_that_the_gateway_does_not_know_is_ours_to_mend() -> None:
    with pytest.raises(ProtocolViolation) as raised:
        interpret("lookup_enterprise", JSON_FAULT.replace(b"900901", b"900906"), status=404)
    assert raised.value.error_code == "partner.platform_request"


def test_a_blocked_api_is_asked_again_later() -> None:
    with pytest.raises(TransientRemoteError):
        interpret("lookup_enterprise", JSON_FAULT.replace(b"900901", b"700700"), status=403)


@EACH
@pytest.mark.parametrize("media_type", ["text/html", "application/xml", "image/png"])
def test_what_says_that_it_is_no_json_is_not_read_as_json(operation: str, media_type: str) -> None:
    with pytest.raises(ProtocolViolation):
        interpret(operation, answer(operation), media_type=media_type)


@EACH
@pytest.mark.parametrize(
    ("encoding", "charset"),
    [("utf-8", "iso-8859-1"), ("utf-16", "utf-8"), ("utf-16-le", ""), ("utf-16", "utf-16"), ("utf-32", "")],
)
def test_an_answer_in_another_encoding_is_not_guessed(operation: str, encoding: str, charset: str) -> None:
    media_type = f"application/json; charset={charset}" if charset else "application/json"
    with pytest.raises(ProtocolViolation):
        interpret(operation, answer(operation).decode().encode(encoding), media_type=media_type)


@EACH
@pytest.mark.parametrize("status", [201, 202, 204, 206, 301, 302, 400, 401, 403, 404, 410, 422])
def test_an_answer_with_another_status_is_none(operation: str, status: int) -> None:
    """404 least of all is "not found": the contract has another way to say so."""
    for content in (answer(operation), b"", b"{}", b'{"Data":{"MainInformation":null},"Status":"1"}'):
        with pytest.raises(ProtocolViolation):
            interpret(operation, content, status=status)


@EACH
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.999])
def test_half_an_answer_is_none(operation: str, cut: float) -> None:
    whole = answer(operation)
    with pytest.raises(RemoteError):
        interpret(operation, whole[: int(len(whole) * cut)])


@EACH
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"Status":"1","Data":{"MainInformation":null},"Data":null}',
        b'{"Status":"1","Status":"0"}',
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b'{"GetEntCert":[],"fault":{"code":900901}}',
        b'{"error":"invalid","message":"x"}',
        b"null",
        b"true",
        b'"1"',
    ],
    ids=lambda content: content[:20].decode(),
)
def test_what_is_built_to_mislead_is_no_answer(operation: str, content: bytes) -> None:
    with pytest.raises(RemoteError):
        interpret(operation, content)


@EACH
def test_a_security_servers_word_goes_before_the_body(operation: str) -> None:
    system = silent()
    for code, error in (("Server.ServerProxy.NetworkError", TransientRemoteError), ("Client", ProtocolViolation)):
        reply = WireReply(
            status=200, headers={"x-road-error": code, "content-type": "application/json"}, content=answer(operation)
        )
        with pytest.raises(error):
            system.connector.interpret(asked(system, operation), reply)
