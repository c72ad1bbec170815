"""VNPAY: the vector of the contract page, golden messages, what codes mean, notices and what they may not do."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from systems import bench
from vnpay_messages import (
    AT,
    BODIES,
    IPN,
    QUERY,
    QUERY_REPLY,
    REFUND,
    REFUND_REPLY,
    REFUNDING,
    SAMPLES,
    SECRET,
    VECTOR,
    acknowledged,
    call,
    compact,
    connector,
    inbound,
    interpret,
    notice,
    replied,
    sample,
)

from connectors.vnpay import checksum
from gateway.sdk import (
    Accepted,
    Answered,
    Call,
    Handled,
    NotFoundError,
    Pending,
    ProtocolViolation,
    Receipt,
    Refused,
    TrustError,
)


def test_the_vector_of_the_contract() -> None:
    """PAY-05 (part): contract section 5.4."""
    assert checksum.sign(checksum.joined(QUERY, checksum.QUERY), SECRET) == VECTOR
    assert QUERY[checksum.HASH] == VECTOR


@pytest.mark.parametrize(
    "digest",
    [
        hmac.new(SECRET.encode(), checksum.joined(QUERY, checksum.QUERY).encode(), hashlib.sha256).hexdigest(),
        hashlib.sha512(f"{checksum.joined(QUERY, checksum.QUERY)}|{SECRET}".encode()).hexdigest(),
        checksum.sign(checksum.joined(QUERY, tuple(sorted(checksum.QUERY))), SECRET),
        checksum.sign(checksum.joined({**QUERY, "vnp_TxnRef": "PAY26K7Q2M0002"}, checksum.QUERY), SECRET),
        checksum.sign(checksum.joined(QUERY, checksum.QUERY).replace("|", ""), SECRET),
        VECTOR.upper(),
        "",
        "é" * 128,
        None,
    ],
    ids=["sha256", "no hmac", "other order", "altered", "no separators", "upper", "empty", "non-ascii", "none"],
)
def test_negative_vectors_must_not_verify(digest: Any) -> None:
    assert not checksum.holds(digest, checksum.joined(QUERY, checksum.QUERY), [SECRET])


def test_an_address_is_signed_over_its_sorted_and_encoded_parameters() -> None:
    text = "vnp_A=x+y&vnp_B=%3A%2F"
    parameters = {"vnp_B": ":/", "vnp_A": "x y", "other": "1", "vnp_C": "", checksum.HASH: "h"}
    assert checksum.sorted_query(parameters) == text


def test_the_pay_address_equals_the_golden_sample() -> None:
    """PAY-01 (part), F01: amount in hundredths, GMT+7, expiry, and nothing of the payer."""
    outcome = connector().answer(call("initiate_payment"))
    assert outcome == Accepted(
        reference="PAY26K7Q2M0001", body={"vnp_Url": (SAMPLES / "pay_url.txt").read_text().strip()}
    )


def test_only_the_opening_is_answered_alone() -> None:
    assert [connector().answer(call(operation)) for operation in BODIES if operation != "initiate_payment"] == [
        None
    ] * 3


def test_amounts_above_32_bits_stay_whole() -> None:
    """F20."""
    outcome = connector().answer(call("initiate_payment", SoTien=3_000_000_000))
    assert "vnp_Amount=300000000000&" in outcome.body["vnp_Url"]
    told = connector().receive(inbound(notice(vnp_Amount="300000000000")))
    assert told.body["SoTien"] == 3_000_000_000


def test_questions_and_refunds_equal_the_golden_samples() -> None:
    """PAY-08, PAY-16: the question is the vector of the page; a refund's id is its request id."""
    for operation, golden in (("query_payment", QUERY), ("query_refund", QUERY), ("refund_payment", REFUND)):
        request = connector().prepare(call(operation))
        assert request.content == compact(golden)
        assert request.url == "http://127.0.0.1:7109/merchant_webapi/api/transaction"


def test_a_refund_that_is_sent_anew_has_the_same_request_id() -> None:
    later = Call(operation="refund_payment", body=REFUNDING, call_id="REQ0002", at=AT.replace(hour=16))
    ids = {json.loads(connector().prepare(each).content)["vnp_RequestId"] for each in (call("refund_payment"), later)}
    assert ids == {"RFD26K7Q2M0001"}


def test_a_whole_refund_is_of_type_02() -> None:
    system = bench("vnpay")
    given = {
        "refund_id": "R1", "reference": "P1", "transaction_id": "9", "amount": 5, "paid_amount": 5, "whole": True,
        "initiated_at": "2026-08-01T07:30:05+00:00", "requested_by": "canbo.mau", "reason": "Nguyễn Văn A rút hồ sơ",
    }  # fmt: skip
    body = system.mappings.request("refund_payment", given).body
    assert (body["vnp_TransactionType"], body["vnp_TransactionDate"]) == ("02", "20260801143005")
    content = system.connector.prepare(system.call("refund_payment", body)).content.decode()
    assert json.loads(content)["vnp_Amount"] == "500"
    assert "Nguy" not in content


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, Answered),
        ({"vnp_TransactionStatus": "02"}, Answered),
        ({"vnp_TransactionStatus": "01"}, Pending),
        ({"vnp_TransactionStatus": "07"}, Pending),
        ({"vnp_TransactionStatus": "88"}, Pending),
        ({"vnp_TransactionStatus": ""}, Pending),
        ({"vnp_TransactionType": "02"}, Pending),
        ({"vnp_TransactionType": ""}, Pending),
        ({"vnp_ResponseCode": "91"}, Pending),
        ({"vnp_ResponseCode": "94"}, Pending),
        ({"vnp_ResponseCode": "99"}, Pending),
        ({"vnp_ResponseCode": "11"}, Pending),
    ],
)
def test_states_of_a_payment(changes: dict[str, str], kind: type) -> None:
    """PAY-08: only success, and what is agreed to mean failure, is final."""
    assert isinstance(replied("query_payment", **changes), kind)


def test_without_an_agreed_code_no_payment_fails() -> None:
    outcome = replied("query_payment", settings={"failed_statuses": ()}, vnp_TransactionStatus="02")
    assert isinstance(outcome, Pending)


@pytest.mark.parametrize("code", ["02", "03", "97"])
def test_a_question_that_vnpay_does_not_understand_says_nothing_of_the_payment(code: str) -> None:
    with pytest.raises(ProtocolViolation):
        replied("query_payment", vnp_ResponseCode=code)


def test_a_paid_payment_is_told_in_our_words() -> None:
    outcome = replied("query_payment")
    assert isinstance(outcome, Answered)
    assert bench("vnpay").mappings.reply("query_payment", outcome.body) == {
        "reference": "PAY26K7Q2M0001",
        "status": "paid",
        "amount": 150_000,
        "currency": "VND",
        "transaction_id": "14226112",
        "bank_code": "DEMOBANK",
        "paid_at": "2026-08-01T14:31:42+07:00",
    }


def test_a_number_signs_like_its_digits() -> None:
    assert isinstance(replied("query_payment", vnp_Amount=15_000_000), Answered)


@pytest.mark.parametrize("field", checksum.QUERY_REPLY)
def test_each_field_of_an_answer_is_under_its_hash(field: str) -> None:
    with pytest.raises(TrustError):
        interpret("query_payment", {**QUERY_REPLY, field: "1"})


def test_an_error_without_a_hash_is_an_open_question_and_with_a_wrong_one_is_not_believed() -> None:
    """F10."""
    bare = {"vnp_ResponseCode": "91", "vnp_Message": "x"}
    assert isinstance(interpret("query_payment", bare), Pending)
    with pytest.raises(TrustError):
        interpret("query_payment", {**bare, checksum.HASH: "0" * 128})
    with pytest.raises(TrustError):
        interpret("query_payment", {key: value for key, value in QUERY_REPLY.items() if key != checksum.HASH})


def test_both_secrets_hold_while_they_rotate() -> None:
    """F31: ours are made with the new one alone."""
    rotating = {"secret": "N3w", "previous_secret": SECRET}
    assert isinstance(interpret("query_payment", QUERY_REPLY, **rotating), Answered)
    assert connector(**rotating).receive(inbound(IPN)).event == "payment_result"
    assert connector(**rotating).receive(inbound(notice(secret="N3w"))).event == "payment_result"
    with pytest.raises(TrustError):
        connector(secret="N3w").receive(inbound(IPN))
    assert json.loads(connector(**rotating).prepare(call("query_payment")).content)[checksum.HASH] != VECTOR


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, Accepted),
        ({"vnp_ResponseCode": "02"}, Refused),
        ({"vnp_ResponseCode": "91"}, Refused),
        ({"vnp_ResponseCode": "94"}, Pending),
        ({"vnp_ResponseCode": "95"}, Pending),
        ({"vnp_ResponseCode": "99"}, Pending),
        ({"vnp_ResponseCode": ""}, Pending),
    ],
)
def test_what_becomes_of_a_refund(changes: dict[str, str], kind: type) -> None:
    """PAY-16, F34: only a code that surely means so is a refusal."""
    assert isinstance(replied("refund_payment", **changes), kind)


def test_a_refund_that_was_taken_has_its_number() -> None:
    outcome = replied("refund_payment")
    assert isinstance(outcome, Accepted)
    assert outcome.reference == "RFD26K7Q2M0001"
    assert bench("vnpay").mappings.reply("refund_payment", outcome.body) == {"refund_transaction_id": "14226113"}


def test_a_refund_answer_is_believed_signed_unless_agreed_otherwise() -> None:
    bare = {key: value for key, value in REFUND_REPLY.items() if key != checksum.HASH}
    with pytest.raises(TrustError):
        interpret("refund_payment", bare)
    assert isinstance(interpret("refund_payment", bare, refund_reply_signed=False), Accepted)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"vnp_TransactionType": "03"}, "done"),
        ({"vnp_TransactionType": "02"}, "done"),
        ({"vnp_TransactionType": "03", "vnp_TransactionStatus": "09"}, "failed"),
        ({"vnp_TransactionType": "03", "vnp_TransactionStatus": "05"}, ""),
        ({"vnp_TransactionType": "03", "vnp_Amount": "3000100"}, ""),
        ({"vnp_TransactionType": "01"}, ""),
        ({"vnp_TransactionType": "04"}, ""),
        ({"vnp_ResponseCode": "91"}, ""),
    ],
)
def test_states_of_a_refund(changes: dict[str, str], status: str) -> None:
    """F34: what the page does not define, or is about another amount, is open."""
    outcome = replied("query_refund", **{"vnp_Amount": "3000000", **changes})
    if not status:
        assert isinstance(outcome, Pending)
        return
    assert isinstance(outcome, Answered)
    told = bench("vnpay").mappings.reply("query_refund", outcome.body)
    assert (told["refund_id"], told["status"], told["amount"]) == ("RFD26K7Q2M0001", status, 30_000)


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("00", "00", "paid"),
        ("00", "02", "unclear"),
        ("24", "00", "unclear"),
        ("11", "02", "expired"),
        *[(code, "02", "failed") for code in ("09", "10", "24", "51", "65", "75")],
        ("07", "07", "unclear"),
        ("99", "02", "unclear"),
        ("88", "", "unclear"),
        ("", "", "unclear"),
    ],
)
def test_codes_of_a_notice(code: str, status: str, told: str) -> None:
    """PAY-06, trap 6: what is not surely a failure is none."""
    message = connector().receive(inbound(notice(vnp_ResponseCode=code, vnp_TransactionStatus=status)))
    assert (message.event, message.body["KetQua"]) == ("payment_result", told)


def test_a_notice_is_told_in_our_words() -> None:
    message = connector().receive(inbound(IPN))
    assert message.key == "PAY26K7Q2M0001/14226112/00-00"
    assert bench("vnpay").mappings.reply("payment_result", message.body) == {
        "reference": "PAY26K7Q2M0001",
        "partner_code": "DEMOTMN1",
        "status": "paid",
        "amount": 150_000,
        "currency": "VND",
        "transaction_id": "14226112",
        "bank_code": "DEMOBANK",
        "paid_at": "2026-08-01T14:31:42+07:00",
    }


@pytest.mark.parametrize(
    ("handled", "code"),
    [
        (Handled(Receipt.RECORDED), "00"),
        (Handled(Receipt.DUPLICATE), "02"),
        (Handled(Receipt.REJECTED, reason="unknown_reference"), "01"),
        (Handled(Receipt.REJECTED, reason="amount_differs"), "04"),
        (Handled(Receipt.REJECTED, reason="other"), "99"),
        (Handled(Receipt.REJECTED), "99"),
        (Handled(Receipt.FAILED), "99"),
    ],
)
def test_a_notice_is_answered_in_vnpays_codes(handled: Handled, code: str) -> None:
    """F03, F07, F26, F32."""
    assert acknowledged(IPN, handled) == code


def test_the_answer_equals_the_golden_sample() -> None:
    reply = connector().acknowledge(inbound(IPN), Handled(Receipt.RECORDED))
    assert json.loads(reply.content) == sample("ipn_answer")


def test_a_forged_notice_is_told_so_whatever_the_reason() -> None:
    """F06: the checksum comes first."""
    forged = {**IPN, "vnp_Amount": "100"}
    assert acknowledged(forged, Handled(Receipt.REJECTED, reason="amount_differs")) == "97"


def test_the_browser_is_led_to_our_page() -> None:
    """F13: its codes say nothing."""
    request = inbound(notice(vnp_ResponseCode="00"), path="return")
    message = connector().receive(request)
    assert (message.event, message.key, message.body) == (
        "payment_return", "PAY26K7Q2M0001", {"vnp_TxnRef": "PAY26K7Q2M0001"},
    )  # fmt: skip
    system = bench("vnpay")
    assert system.mappings.reply("payment_return", message.body) == {"reference": "PAY26K7Q2M0001"}
    page = {"page": "https://motcua.example.vn/ket-qua/PAY26K7Q2M0001"}
    answer = system.mappings.request("payment_return", page).body
    reply = connector().acknowledge(request, Handled(Receipt.ANSWERED, answer=answer))
    assert (reply.status, reply.headers["location"]) == (303, page["page"])


def test_a_browser_with_a_forged_way_back_is_turned_away_without_an_alarm() -> None:
    """F13: anybody's browser can come by."""
    with pytest.raises(ProtocolViolation):
        connector().receive(inbound({**IPN, "vnp_TxnRef": "PAY26K7Q2M0002"}, path="return"))


@pytest.mark.parametrize(
    ("handled", "status"),
    [
        (Handled(Receipt.ABSENT), 404),
        (Handled(Receipt.REJECTED), 404),
        (Handled(Receipt.FAILED), 503),
        (Handled(Receipt.ANSWERED, answer={"page": "https://a.example/\r\nSet-Cookie: x"}), 404),
        (Handled(Receipt.ANSWERED, answer={"page": ""}), 404),
    ],
)
def test_a_browser_that_cannot_be_led_on_sees_a_plain_text(handled: Handled, status: int) -> None:
    reply = connector().acknowledge(inbound(IPN, path="return"), handled)
    assert (reply.status, reply.headers["content-type"]) == (status, "text/plain; charset=utf-8")
    assert "location" not in reply.headers


def test_other_paths_and_methods_are_not_taken() -> None:
    with pytest.raises(NotFoundError):
        connector().receive(inbound(IPN, path="other"))
    with pytest.raises(ProtocolViolation):
        connector().receive(inbound(IPN, method="POST"))
