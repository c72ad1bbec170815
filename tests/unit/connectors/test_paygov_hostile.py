"""PayGov replies and notices that are odd, broken or meant to harm: none becomes a payment, none becomes a crash."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from systems import bench

from connectors.paygov import checksum
from connectors.paygov.addresses import may_visit
from gateway.sdk import GatewayError, Handled, InboundRequest, ProtocolViolation, Receipt, TrustError, WireReply

SAMPLES = Path(__file__).parents[3] / "mocks" / "paygov" / "samples"
IPN = json.loads((SAMPLES / "ipn.json").read_text())
ORDER = ("secretKey", "orderInfo", "requestCode", "amount", "errorCode", "transactionCode", "transactionNo", "payDate")
KEYS = {"secretKey": "SKDEMO"}
SURROGATE = "\ud800"
SQL = "'; UPDATE payments SET state = 'paid'; --"
REPORTS: Any = bench("paygov").connector
PROOFS: Any = bench("paygov", notice_checksum=ORDER).connector


def notice(**changes: Any) -> dict[str, Any]:
    message = {**IPN, **changes}
    return {**message, "checksum": checksum.sign({**message, **KEYS}, ORDER)}


def inbound(message: Any) -> InboundRequest:
    content = message if isinstance(message, bytes) else json.dumps(message).encode()
    return InboundRequest(method="POST", path="ipn", headers={}, query={}, content=content)


@pytest.mark.parametrize("text", [SQL, '"', "\\", "a\nb", "<b>", "\u202e", unicodedata.normalize("NFD", "Nộp phí")])
def test_text_from_afar_stays_text(text: str) -> None:
    """F23, F38: signed as it is written, told as it is written."""
    received = PROOFS.receive(inbound(notice(orderInfo=text, paygate=text, orderId=text)))
    assert received.body["orderInfo"] == text
    told = REPORTS.receive(inbound(notice(orderInfo=text)))
    assert told.body["told"]["orderInfo"] == text


@pytest.mark.parametrize("reference", [SQL, "abc", "A" * 21, "A\n", "", None, [], "Á", "H99.01-260801-0007", 1.0])
@pytest.mark.parametrize("connector", [REPORTS, PROOFS], ids=["reports", "proofs"])
def test_a_reference_that_we_never_gave_out_is_none(connector: Any, reference: Any) -> None:
    with pytest.raises(GatewayError):
        connector.receive(inbound(notice(requestCode=reference)))


@pytest.mark.parametrize(
    ("amount", "told"),
    [(3_000_000_000, 3_000_000_000), ("3000000000", 3_000_000_000), (2**31, 2**31), ("150000", 150_000), (0, 0)],
)
def test_amounts_above_32_bits_stay_whole(amount: Any, told: int) -> None:
    """F20, F25; trap 4."""
    system = bench("paygov")
    received = PROOFS.receive(inbound(notice(amount=amount)))
    assert system.mappings.reply(received.event, received.body)["amount"] == told


@pytest.mark.parametrize(
    "amount",
    [150000.0, "150000.0", "1.5e5", "-1", -1, "", None, True, "150 000", "１５００００", "9" * 16, [150000], 1e30],
)
@pytest.mark.parametrize("connector", [REPORTS, PROOFS], ids=["reports", "proofs"])
def test_what_is_no_whole_amount_is_refused(connector: Any, amount: Any) -> None:
    with pytest.raises(GatewayError):
        connector.receive(inbound(notice(amount=amount)))


def test_a_value_that_grew_at_its_neighbours_cost_has_the_same_checksum_and_another_reference() -> None:
    """Nothing separates the values, so whoever posts compares reference and amount with what was asked."""
    true = notice(requestCode="PG1", amount=50_000)
    moved = {**true, "requestCode": "PG", "amount": 150_000}
    assert true["checksum"] == checksum.sign({**moved, **KEYS}, ORDER)
    received = PROOFS.receive(inbound(moved))
    assert (received.body["requestCode"], received.body["amount"]) == ("PG", 150_000)


def test_a_payment_without_any_transaction_number_is_not_posted() -> None:
    with pytest.raises(ProtocolViolation):
        PROOFS.receive(inbound(notice(transactionCode="", transactionNo="")))
    assert PROOFS.receive(inbound(notice(transactionCode=""))).body["transaction"] == "TN0001"
    system = bench("paygov")
    call = system.call(
        "verify_report", {"told": {"requestCode": "A1", "amount": 1, "errorCode": "00", "checksum": "x"}}
    )
    with pytest.raises(ProtocolViolation):
        system.connector.interpret(call, WireReply(status=200, content=b'{"error_code":"SUCCESSFUL"}'))


@pytest.mark.parametrize("field", [*ORDER[1:], "checksum", "partnerCode"])
def test_half_a_character_is_refused_and_acknowledged(field: str) -> None:
    request = inbound({**IPN, field: SURROGATE})
    for connector in (REPORTS, PROOFS):
        with pytest.raises((ProtocolViolation, TrustError)):
            connector.receive(request)
        assert connector.acknowledge(request, Handled(Receipt.REJECTED)).status == 200


@pytest.mark.parametrize(
    "noise", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"amount":1,"amount":2}', b'{"amount":NaN}', b"null"]
)
def test_noise_is_refused_and_acknowledged_as_failed(noise: bytes) -> None:
    for connector in (REPORTS, PROOFS):
        with pytest.raises(ProtocolViolation):
            connector.receive(inbound(noise))
        ack = connector.acknowledge(inbound(noise), Handled(Receipt.REJECTED))
        assert json.loads(ack.content)["error_code"] == "FAILED"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the table of all letters is made first
@given(st.dictionaries(st.sampled_from([*ORDER[1:], "checksum", "partnerCode", "secretKey"]), JSON))
def test_no_notice_is_a_crash_or_believed_unsigned(changes: dict[str, Any]) -> None:
    request = inbound({**notice(), **changes})
    for connector in (REPORTS, PROOFS):
        try:
            received = connector.receive(request)
        except GatewayError:
            connector.acknowledge(request, Handled(Receipt.REJECTED))
            continue
        if received.event == "payment_result":
            joined = "".join(str(received.body[name]) for name in ORDER[1:])
            assert joined == "".join(str(IPN[name]) for name in ORDER[1:])


@given(st.dictionaries(st.sampled_from(["requestCode", "amount", "errorCode", "x"]), st.text(max_size=30)))
def test_no_way_back_is_a_crash(query: dict[str, str]) -> None:
    request = InboundRequest(method="GET", path="return", headers={}, query=query, content=b"")
    try:
        received = REPORTS.receive(request)
    except ProtocolViolation:
        return
    assert bench("paygov").mappings.reply(received.event, received.body)["reference"] == query["requestCode"]


HOSTS = (
    "files.example.vn",
    "10.0.0.7",
    "127.0.0.1:7110",
    "localhost",
    "[::1]",
    "169.254.169.254",
    "2130706433",
    "127.1",
)


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example.vn/r.pdf",
        "https://files.example.vn:444/r.pdf",
        "https://files.example.vn@evil.example/",
        "https://files.example.vn\\@evil.example/",
        "https://files.example.vn\t/",
        "https://u@files.example.vn/",
        "//files.example.vn/",
        "ftp://files.example.vn/",
        "https://files.example.vn/\u202e",
        "https://[",
        "https://10.0.0.7/r.pdf",
        "https://127.0.0.1:7110/r.pdf",
        "https://localhost/r.pdf",
        "https://[::1]/r.pdf",
        "https://169.254.169.254/latest",
        "https://2130706433/",
        "https://127.1/",
        "https://evil.example/r.pdf",
        "",
    ],
)
def test_a_receipt_is_fetched_from_agreed_hosts_only_and_from_nobodys_own_network(url: str) -> None:
    """Contract, section 12: whatever the list says, a private address is none."""
    assert not may_visit(url, hosts=HOSTS, sandbox=False)
    system = bench("paygov", receipt_hosts=HOSTS, allow_http=False)
    with pytest.raises(ProtocolViolation):
        system.connector.prepare(system.call("download_voucher", {"url": url}))


def test_hosts_have_no_case_and_a_sandbox_may_be_plain() -> None:
    assert may_visit("https://FILES.example.vn/r.pdf", hosts=("files.EXAMPLE.vn",), sandbox=False)
    assert may_visit("https://8.8.8.8/r.pdf", hosts=("8.8.8.8",), sandbox=False)
    assert may_visit("http://127.0.0.1:7110/r.pdf", hosts=HOSTS, sandbox=True)


@given(st.text())
def test_no_address_is_a_crash(url: str) -> None:
    assert not may_visit("https://[" + url, hosts=("files.example.vn",), sandbox=True)


@pytest.mark.parametrize(
    "document",
    [[], {"data": "x"}, {"data": {"url": 5}}, {"data": {"url": {}}}, {"data": [{"url": "http://127.0.0.1:7110/p"}]}],
)
def test_an_unclear_opening_is_no_success(document: Any) -> None:
    system = bench("paygov")
    call = system.call("initiate_payment", {"requestCode": "A1"})
    with pytest.raises(GatewayError) as raised:
        system.connector.interpret(call, WireReply(status=200, content=json.dumps(document).encode()))
    assert raised.value.error_code == "partner.unsettled"
