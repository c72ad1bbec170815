"""PPDVCQG replies and notices that are odd, broken or meant to harm: none becomes a payment, none becomes a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from systems import bench

from connectors.payment import checksum, wire
from gateway.sdk import (
    Accepted,
    Answered,
    GatewayError,
    Handled,
    InboundRequest,
    Outcome,
    Pending,
    ProtocolViolation,
    Receipt,
    Refused,
    TrustError,
    Unsettled,
    WireReply,
)

SAMPLES = Path(__file__).parents[3] / "mocks" / "payment" / "samples"
IPN = json.loads((SAMPLES / "ipn.json").read_text())
PAID = json.loads((SAMPLES / "query_reply.json").read_text())
URL = "http://127.0.0.1:7104/pp/pay/7f3a"
BODY = {"MaThamChieu": "PAY26K7Q2M0001", "ThoiGianGD": "20260801143005"}
SURROGATE = "\ud800"


def interpret(operation: str, document: Any, *, status: int = 200, **settings: Any) -> Outcome:
    system = bench("payment", **settings)
    reply = WireReply(status=status, content=json.dumps(document).encode())
    return system.connector.interpret(system.call(operation, BODY), reply)


def inbound(message: Any) -> InboundRequest:
    return InboundRequest(method="POST", path="ipn", headers={}, query={}, content=json.dumps(message).encode())


def wrapped(inner: Any, *, code: Any = "0") -> dict[str, Any]:
    return {"error_code": code, "message": json.dumps(inner)}


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (wrapped({"UrlThanhToan": URL}), Accepted),
        (wrapped({"UrlThanhToan": URL}, code=0), Accepted),
        (wrapped(wrapped({"MaLoi": "00", "UrlThanhToan": URL})), Accepted),
        (wrapped({"UrlThanhToan": URL}, code="-1"), Pending),
        (wrapped({"MaLoi": "00", "UrlThanhToan": URL}, code="-1"), Pending),
        (wrapped(wrapped({"MaLoi": "00", "UrlThanhToan": URL}), code="-1"), Pending),
        (wrapped({"MaLoi": "02"}, code="-1"), Refused),
        ({"error_code": "-1", "message": "Lỗi hệ thống"}, Pending),
        ({"error_code": "0", "message": "thành công"}, Pending),
        ({"error_code": True, "message": json.dumps({"UrlThanhToan": URL})}, Pending),
        ({"error_code": "0", "UrlThanhToan": URL}, Pending),
        ({"MaLoi": "00", "MoTaLoi": None, "UrlThanhToan": URL}, Accepted),
        ({"MaLoi": 0, "UrlThanhToan": URL}, Pending),
        ({"MaLoi": None, "UrlThanhToan": URL}, Pending),
    ],
)
def test_the_adapters_verdict_and_the_platforms_must_agree(document: Any, kind: type) -> None:
    """Contract 2.3: through the adapter the success test is error_code 0; directly it is MaLoi "00"."""
    assert isinstance(interpret("initiate_payment", document), kind)


@pytest.mark.parametrize(
    "document",
    [
        {"MaLoi": "00", "MaThamChieu": "OTHER", "UrlThanhToan": URL},
        {"message": "[" * 100_000},
        {"message": json.dumps({"UrlThanhToan": URL})},
        {"UrlThanhToan": URL},
        {"MaLoi": {}, "UrlThanhToan": URL},
        {"MaLoi": "00"},
    ],
    ids=["another transaction", "deep", "no verdict", "no envelope", "code is an object", "no address"],
)
def test_an_unclear_opening_is_unsettled(document: Any) -> None:
    with pytest.raises(Unsettled):
        interpret("initiate_payment", document)


@pytest.mark.parametrize("status", [302, 400, 401, 404, 409])
@pytest.mark.parametrize("operation", ["initiate_payment", "query_payment"])
def test_success_in_the_body_of_another_status_is_none(status: int, operation: str) -> None:
    with pytest.raises(ProtocolViolation):
        interpret(operation, {**PAID, "UrlThanhToan": URL}, status=status)


@pytest.mark.parametrize(
    "url",
    [
        "https://[",
        "https://pp.mock.example.vn\\@evil.example/",
        "https://pp.mock.example.vn\t/",
        "//pp.mock.example.vn",
        "https://pp.mock.example.vn:444/",
        "https://u@pp.mock.example.vn/",
        "javascript://pp.mock.example.vn/",
        "https://pp.mock.example.vn/\u202e",
    ],
)
def test_an_address_with_a_trick_in_it_is_not_paid_at(url: str) -> None:
    assert not wire.may_pay_at(url, hosts=("pp.mock.example.vn",), allow_http=False)


@given(st.text())
def test_no_address_is_a_crash(url: str) -> None:
    assert not wire.may_pay_at("https://[" + url, hosts=("pp.mock.example.vn",), allow_http=True)


def test_hosts_have_no_case() -> None:
    assert wire.may_pay_at("https://PP.mock.example.vn/t", hosts=("pp.MOCK.example.vn",), allow_http=False)


@pytest.mark.parametrize(
    "reply",
    [
        {"TrangThaiGD": "3", "SoTien": None, "MaGiaoDich": None, "MaNganHang": None, "MoTaLoi": None},
        {"MaLoi": "99", "SoTien": None, "TrangThaiGD": None},
        {"TrangThaiGD": 3},
    ],
)
def test_an_open_answer_may_leave_fields_empty(reply: dict[str, Any]) -> None:
    """Held for a person, it would stop the ladder of questions for no reason."""
    assert isinstance(interpret("query_payment", {**PAID, **reply}), Pending)


def test_an_adapter_that_failed_to_ask_is_asked_again() -> None:
    assert isinstance(interpret("query_payment", {"error_code": "-1", "message": "Lỗi kết nối"}), Pending)
    assert isinstance(interpret("query_payment", wrapped(PAID, code="-1")), Pending)
    assert isinstance(interpret("query_payment", wrapped(PAID)), Answered)


@pytest.mark.parametrize(("state", "told"), [(1, "paid"), ("1", "paid"), (4, "failed"), ("4", "failed")])
def test_a_state_may_come_as_a_number(state: Any, told: str) -> None:
    outcome = interpret("query_payment", {**PAID, "TrangThaiGD": state})
    assert isinstance(outcome, Answered)
    assert outcome.body["KetQua"] == told


@pytest.mark.parametrize("state", ["1", "4"])
def test_a_final_answer_without_an_amount_is_not_believed(state: str) -> None:
    """As zero it would be thrown away in silence for not being the amount that was asked."""
    whole = {key: value for key, value in PAID.items() if key != "SoTien"}
    with pytest.raises(ProtocolViolation):
        interpret("query_payment", {**whole, "TrangThaiGD": state})


def test_a_signed_answer_is_demanded_when_it_was_agreed_on() -> None:
    with pytest.raises(TrustError):
        interpret("query_payment", PAID, query_reply_signed=True)
    signed = {**PAID, "MaXacThuc": checksum.sign(PAID, checksum.NOTICE, "S3cretDEMO")}
    assert isinstance(interpret("query_payment", signed, query_reply_signed=True), Answered)
    with pytest.raises(TrustError):
        interpret("query_payment", {**signed, "SoTien": 1}, query_reply_signed=True)


@pytest.mark.parametrize("field", [*checksum.NOTICE, "MaXacThuc"])
def test_half_a_character_is_refused_and_acknowledged(field: str) -> None:
    """JSON can say half of a surrogate pair, UTF-8 cannot: neither the check nor the answer may stumble."""
    connector: Any = bench("payment").connector
    request = inbound({**IPN, field: SURROGATE})
    with pytest.raises(ProtocolViolation):
        connector.receive(request)
    assert json.loads(connector.acknowledge(request, Handled(Receipt.REJECTED)).content)["MaLoi"] == "99"


def test_a_notice_of_payment_without_a_transaction_number_is_not_posted() -> None:
    connector: Any = bench("payment").connector
    message = {**IPN, "MaGiaoDich": ""}
    signed = {**message, "MaXacThuc": checksum.sign(message, checksum.NOTICE, "S3cretDEMO")}
    with pytest.raises(ProtocolViolation):
        connector.receive(inbound(signed))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)


def test_no_notice_is_a_crash_or_believed_unsigned() -> None:
    connector: Any = bench("payment").connector

    @given(st.dictionaries(st.sampled_from([*checksum.NOTICE, "MaXacThuc"]), JSON))
    def check(changes: dict[str, Any]) -> None:
        request = inbound({**IPN, **changes})
        try:
            believed = connector.receive(request)
        except GatewayError:
            connector.acknowledge(request, Handled(Receipt.REJECTED))
            return
        assert {name: str(believed.body[name]) for name in checksum.NOTICE} == {n: str(IPN[n]) for n in checksum.NOTICE}

    check()


@pytest.mark.parametrize("setting", ["secret", "previous_secret"])
def test_an_empty_secret_would_let_anybody_sign(setting: str) -> None:
    with pytest.raises(ValidationError):
        bench("payment", **{setting: ""})
