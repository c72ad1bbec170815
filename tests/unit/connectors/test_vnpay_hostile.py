"""What is odd, broken or meant to harm between VNPAY and us: none becomes a payment, none becomes a crash."""

from __future__ import annotations

import json
import unicodedata
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from systems import bench
from vnpay_messages import IPN, QUERY_REPLY, REFUND_REPLY, call, connector, inbound, interpret, notice, replied

from connectors.vnpay import checksum, paying
from gateway.sdk import (
    Accepted,
    Answered,
    ConfigurationError,
    GatewayError,
    Handled,
    ProtocolViolation,
    Receipt,
    TransientRemoteError,
    TrustError,
    Unsettled,
    WireReply,
)

SQL = "X'; DROP TABLE payments;--"


@pytest.mark.parametrize(
    "dossier",
    [
        SQL,
        '"><script>alert(1)</script>',
        "H99|200|X",
        unicodedata.normalize("NFD", "Hồ sơ số 7"),
        "a&vnp_Amount=1",
        "%00",
    ],
)
def test_the_narration_is_plain_ascii_and_moves_no_border(dossier: str) -> None:
    """F22, F23, F38."""
    outcome = connector().answer(call("initiate_payment", MaHoSo=dossier))
    url = urlsplit(outcome.body["vnp_Url"])
    told = parse_qs(url.query, strict_parsing=True)
    assert all(len(values) == 1 for values in told.values())
    info = told["vnp_OrderInfo"][0]
    assert info.isascii()
    assert all(c.isalnum() or c in " .-" for c in info)
    assert told["vnp_Amount"] == ["15000000"]
    single = {name: values[0] for name, values in told.items()}
    assert checksum.holds(single[checksum.HASH], checksum.sorted_query(single), ["VNPSECRET"])


@given(st.text(max_size=400))
def test_every_text_becomes_plain(text: str) -> None:
    plain = paying.plain(text, keeps=".-")
    assert len(plain) <= 255
    assert all(c.isascii() and (c.isalnum() or c in " .-") for c in plain)


@pytest.mark.parametrize("amount", [0, -1, True, 1.5, "150000"])
def test_an_impossible_amount_is_not_signed(amount: Any) -> None:
    with pytest.raises(ProtocolViolation):
        connector().answer(call("initiate_payment", SoTien=amount))


@pytest.mark.parametrize("changes", [{"vnp_CurrCode": "USD"}, {"vnp_TxnRef": SQL}, {"vnp_TxnRef": ""}])
def test_another_currency_or_an_odd_reference_is_not_signed(changes: dict[str, str]) -> None:
    with pytest.raises(ProtocolViolation):
        connector().answer(call("initiate_payment", **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"SoTien": 150_001},
        {"vnp_TransactionType": "02"},
        {"MaHoanTien": "R|1"},
        {"vnp_TransactionNo": "1|2"},
        {"vnp_TxnRef": "A|B"},
        {"SoTien": 0},
    ],
)
def test_a_refund_that_does_not_fit_is_never_sent(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolViolation):
        connector().prepare(call("refund_payment", **changes))


def test_whoever_asks_for_a_refund_is_named_in_plain_letters() -> None:
    content = json.loads(connector().prepare(call("refund_payment", vnp_CreateBy="Trần|Thị'Mẫu")).content)
    assert content["vnp_CreateBy"] == "Tran Thi Mau"
    nameless = json.loads(connector().prepare(call("refund_payment", vnp_CreateBy="'|'")).content)
    assert nameless["vnp_CreateBy"] == "DEMOTMN1"


@pytest.mark.parametrize(
    "forged",
    [
        {**IPN, "vnp_Amount": "1500000"},
        {**IPN, "vnp_TxnRef": "PAY26K7Q2M0002"},
        {**IPN, "vnp_SecureHash": "0" * 128},
        {**IPN, "vnp_SecureHash": IPN["vnp_SecureHash"].upper()},
        {**IPN, "vnp_SecureHash": "é" * 128},
        {**IPN, "vnp_SecureHash": "\ud800"},
        {**IPN, "vnp_BankTranNo": "\ud800"},
        {key: value for key, value in IPN.items() if key != "vnp_SecureHash"},
        {key: value for key, value in IPN.items() if key != "vnp_TransactionStatus"},
        {**IPN, "vnp_Extra": "1"},
        {},
        notice(secret="VNPSECRETOTHER"),
        notice(vnp_TmnCode="DEMOTMN2"),
    ],
)
def test_a_forged_notice_is_not_believed(forged: dict[str, str]) -> None:
    """PAY-06, F06, F27, F36."""
    with pytest.raises(TrustError):
        connector().receive(inbound(forged))
    reply = connector().acknowledge(inbound(forged), Handled(Receipt.REJECTED))
    assert json.loads(reply.content)["RspCode"] in {"97", "99"}


@pytest.mark.parametrize(
    "changes",
    [
        {"vnp_Amount": "15000050"},
        {"vnp_Amount": "150000.00"},
        {"vnp_Amount": "-100"},
        {"vnp_Amount": "１５００"},
        {"vnp_Amount": ""},
        {"vnp_Amount": "1" + "0" * 30},
        {"vnp_TxnRef": SQL},
        {"vnp_TxnRef": ""},
        {"vnp_TxnRef": "A" * 101},
        {"vnp_TransactionNo": "0"},
        {"vnp_TransactionNo": ""},
        {"vnp_TransactionNo": "1\x00"},
        {"vnp_ResponseCode": "0" * 256},
    ],
)
def test_a_well_signed_notice_that_makes_no_sense_is_not_posted(changes: dict[str, str]) -> None:
    """F07, F38: an amount that is no whole number of đồng is not rounded."""
    request = inbound(notice(**changes))
    with pytest.raises(ProtocolViolation):
        connector().receive(request)
    reply = connector().acknowledge(request, Handled(Receipt.REJECTED))
    assert json.loads(reply.content)["RspCode"] == "99"


@given(st.dictionaries(st.sampled_from([*IPN, "x"]), st.text(max_size=30), min_size=1))
def test_no_notice_is_a_crash_or_believed_unsigned(changes: dict[str, str]) -> None:
    request = inbound({**IPN, **changes})
    try:
        believed = connector().receive(request)
    except GatewayError:
        connector().acknowledge(request, Handled(Receipt.REJECTED))
        return
    assert {name: value for name, value in request.query.items() if name != "x" and value} == IPN
    assert believed.body["SoTien"] == 150_000


@pytest.mark.parametrize("date", ["", "0", "20261345000000", "２０２６０８０１１４３１４２"])
def test_a_time_that_is_none_is_left_out(date: str) -> None:
    message = connector().receive(inbound(notice(vnp_PayDate=date)))
    assert "paid_at" not in bench("vnpay").mappings.reply(message.event, message.body)


def test_card_fields_are_not_kept() -> None:
    """PAY-18."""
    body = connector().receive(inbound(notice(vnp_CardNumber="9704000000000018"))).body
    assert "9704000000000018" not in repr(body)


@pytest.mark.parametrize(
    "changes",
    [{"vnp_TxnRef": "OTHER"}, {"vnp_TmnCode": "DEMOTMN2"}, {"vnp_Amount": "15000050"}, {"vnp_TransactionNo": "0"}],
)
def test_a_signed_answer_about_something_else_is_no_answer(changes: dict[str, str]) -> None:
    with pytest.raises(ProtocolViolation):
        replied("query_payment", **changes)


def test_a_signed_refund_answer_about_something_else_leaves_the_refund_unsettled() -> None:
    with pytest.raises(Unsettled):
        replied("refund_payment", vnp_TxnRef="OTHER")


@pytest.mark.parametrize("value", ["x|y", {"a": 1}, [1], True, 1.5])
def test_a_field_that_could_shift_is_not_believed(value: Any) -> None:
    """F22."""
    with pytest.raises(GatewayError):
        interpret("query_payment", {**QUERY_REPLY, "vnp_OrderInfo": value})
    document = {**QUERY_REPLY, "vnp_OrderInfo": value}
    signed = {**document, checksum.HASH: checksum.sign(checksum.joined(document, checksum.QUERY_REPLY), "VNPSECRET")}
    with pytest.raises(TrustError):
        interpret("query_payment", signed)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(GatewayError):
        interpret("query_payment", {**QUERY_REPLY, "vnp_OrderInfo": "\ud800"})


@pytest.mark.parametrize("status", [302, 400, 401, 404])
@pytest.mark.parametrize("operation", ["query_payment", "refund_payment"])
def test_success_in_the_body_of_another_status_is_none(status: int, operation: str) -> None:
    document = REFUND_REPLY if operation == "refund_payment" else QUERY_REPLY
    with pytest.raises(ProtocolViolation):
        connector().interpret(call(operation), WireReply(status=status, content=json.dumps(document).encode()))


@pytest.mark.parametrize(
    ("operation", "kind"), [("query_payment", TransientRemoteError), ("refund_payment", Unsettled)]
)
def test_an_answer_that_broke_off_may_have_been_a_refund(operation: str, kind: type[Exception]) -> None:
    """F35."""
    with pytest.raises(kind):
        connector().interpret(call(operation), WireReply(status=500, content=b""))


def test_unreadable_answers_leave_a_refund_unsettled_and_a_question_refused() -> None:
    odd = {**QUERY_REPLY, "vnp_TransactionNo": {"a": 1}}
    with pytest.raises(ProtocolViolation):
        interpret("query_payment", odd)
    with pytest.raises(Unsettled):
        interpret("refund_payment", odd)


@pytest.mark.parametrize(
    "settings",
    [
        {"secret": ""},
        {"previous_secret": ""},
        {"pay_url": "http://pay.example.vn/p", "allow_http": False},
        {"pay_url": "https://pay.example.vn/p?x=1"},
        {"return_url": "javascript:alert(1)"},
        {"return_url": "/inbound/vnpay/return"},
        {"order_info_keeps": "|"},
        {"tmn_code": "A|B"},
        {"expires_after_min": 0},
    ],
)
def test_settings_that_would_harm_stop_the_start(settings: dict[str, Any]) -> None:
    with pytest.raises((ValidationError, ConfigurationError)):
        bench("vnpay", **settings)


def test_https_addresses_are_fine() -> None:
    safe = {"pay_url": "https://pay.example.vn/p", "return_url": "https://tinh.example.vn/inbound/vnpay/return"}
    outcome = connector(**safe, allow_http=False).answer(call("initiate_payment"))
    assert isinstance(outcome, Accepted)
    assert outcome.body["vnp_Url"].startswith("https://pay.example.vn/p?")


def test_a_known_answer_is_one() -> None:
    """The changes above are what makes the difference."""
    assert isinstance(interpret("query_payment", QUERY_REPLY), Answered)
