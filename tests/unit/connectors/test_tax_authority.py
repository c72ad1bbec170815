"""The tax authority: what is sent, and what of an answer is believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from systems import bench, examples

from gateway.sdk import Accepted, Outcome, ProtocolViolation, Refused, TransientRemoteError, WireReply

SAMPLES = Path(__file__).parents[3] / "mocks" / "tax_authority" / "samples"
NUMBER = "CALL0000000000000001"
WORD, ECHO = "MOCK-TAX-TrangThai", "MOCK-TAX-MaThongDiep"
TAKEN = {WORD: "MOCK-TAX-TIEP-NHAN", ECHO: NUMBER}


def issued() -> Any:
    system = bench("tax_authority")
    [example] = [one for one in examples("tax_authority") if one.name == "issued"]
    return system.call("submit_receipts", system.mappings.request("submit_receipts", example.given).body)


def interpret(document: Any, *, status: int = 200, media_type: str = "application/json", **headers: str) -> Outcome:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    reply = WireReply(status=status, headers={"content-type": media_type, **headers}, content=content)
    return bench("tax_authority").connector.interpret(issued(), reply)


def test_the_message_is_the_sample() -> None:
    """PAY-13 (part): the content of NĐ 254/2026 Art 23(2) in the summary form 01/TH-BLDT."""
    request = bench("tax_authority").connector.prepare(issued())
    assert json.loads(request.content) == json.loads((SAMPLES / "submit.json").read_text(encoding="utf-8"))
    assert request.url == "http://127.0.0.1:7111/MOCK-TAX/bang-tong-hop"
    assert request.headers["Authorization"] == "Bearer MOCK-TAX-token"
    assert "Authorization" not in bench("tax_authority", bearer_token="").connector.prepare(issued()).headers


def test_only_the_agreed_word_about_this_message_is_acceptance() -> None:
    reply = json.loads((SAMPLES / "submit_reply.json").read_text(encoding="utf-8"))
    assert interpret(reply) == Accepted(reference="MOCK-TAX-000001")
    assert interpret(TAKEN) == Accepted(reference=NUMBER)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {WORD: "OK", ECHO: NUMBER},
        {WORD: "mock-tax-tiep-nhan", ECHO: NUMBER},
        {WORD: True, ECHO: NUMBER},
        {WORD: ["MOCK-TAX-TIEP-NHAN"], ECHO: NUMBER},
        {WORD: "MOCK-TAX-TIEP-NHAN"},
        {WORD: "MOCK-TAX-TIEP-NHAN", ECHO: "CALL0000000000000002"},
        {WORD: "MOCK-TAX-TU-CHOI", ECHO: "CALL0000000000000002"},
    ],
)
def test_any_other_answer_is_believed_in_nothing(document: Any) -> None:
    with pytest.raises(ProtocolViolation):
        interpret(document)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 422])
def test_the_word_of_acceptance_counts_only_with_a_good_status(status: int) -> None:
    with pytest.raises(ProtocolViolation):
        interpret(TAKEN, status=status)


def test_a_refusal_carries_its_code_and_reason() -> None:
    refused = interpret({WORD: "MOCK-TAX-TU-CHOI", ECHO: NUMBER, "MOCK-TAX-MaLoi": "7", "MOCK-TAX-MoTaLoi": "sai"})
    assert refused == Refused(code="7", reason="sai")
    assert interpret({WORD: "MOCK-TAX-TU-CHOI", ECHO: NUMBER}, status=422) == Refused(code="", reason="")


def test_maintenance_is_an_outage_and_not_a_refusal() -> None:
    """PAY-13 (part)."""
    for wait in (
        lambda: interpret({WORD: "MOCK-TAX-BAO-TRI"}),
        lambda: interpret(b"<html>bao tri</html>", media_type="text/html"),
    ):
        with pytest.raises(TransientRemoteError) as raised:
            wait()
        assert raised.value.retry_after_s == 300
    with pytest.raises(TransientRemoteError) as raised:
        interpret({}, status=503, **{"retry-after": "60"})
    assert raised.value.retry_after_s == 60
