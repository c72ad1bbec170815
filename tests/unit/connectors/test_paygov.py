"""PayGov: every vector of the contract page, golden messages of both dialects, and what a notice proves."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from systems import bench, examples

from connectors.paygov import checksum
from gateway.sdk import (
    Absent,
    Accepted,
    Answered,
    Handled,
    InboundRequest,
    NotFoundError,
    Outcome,
    Pending,
    ProtocolViolation,
    Receipt,
    Refused,
    TransientRemoteError,
    TrustError,
    Unsettled,
    WireReply,
)

SAMPLES = Path(__file__).parents[3] / "mocks" / "paygov" / "samples"
CREATE = json.loads((SAMPLES / "create.json").read_text())
LGSP = json.loads((SAMPLES / "create_lgsp.json").read_text())
RECEIPT = json.loads((SAMPLES / "receipt.json").read_text())
IPN = json.loads((SAMPLES / "ipn.json").read_text())
ORDER = ("secretKey", "requestCode", "amount", "errorCode", "transactionCode")
"""An order of parts for these tests; the official one is unknown."""
KEYS = {"secretKey": "SKDEMO"}
PDF = b"%PDF-1.4\n" + b"%" * 20_000 + b"\n%%EOF\n"
OPENING = {
    "requestCode": "7001785569405123",
    "amount": 150000,
    "currency": "VND",
    "agency": "000.00.99.H99",
    "dossier": "H99.01-260801-0007",
    "orderInfo": "Nop phi ho so",
    "ipAddress": "203.0.113.7",
    "returnUrl": "https://dvc.example.vn/paygov/return",
    "accountPay": "0000111122",
}
ASKING = {
    **{
        name: RECEIPT[name]
        for name in ("payerId", "payerName", "payerAddress", "payerDistrict", "payerProvince", "docCode")
    },
    "decisionDate": "01-08-2026",
    "procedureName": "Thu tuc demo",
    "transactionCode": "TC260801000123",
    "unitCode": "DVTH01",
    "unitName": "So Demo",
}
URL = "https://files.example.vn/r/91c2.pdf"


def notice(**changes: Any) -> dict[str, Any]:
    """A notice with a right checksum over the changed values, in `ORDER`."""
    message = {**IPN, **changes}
    joined = "".join(str({**message, **KEYS}[name]) for name in ORDER)
    return {**message, "checksum": hashlib.sha256(joined.encode()).hexdigest()}


def inbound(message: Any, *, path: str = "ipn", method: str = "POST") -> InboundRequest:
    content = message if isinstance(message, bytes) else json.dumps(message).encode()
    return InboundRequest(method=method, path=path, headers={}, query={}, content=content)


def connector(**settings: Any) -> Any:
    return bench("paygov", **settings).connector


def proving(**settings: Any) -> Any:
    return connector(notice_checksum=ORDER, **settings)


def sent(operation: str, body: Any, **settings: Any) -> dict[str, Any]:
    system = bench("paygov", **settings)
    found: dict[str, Any] = json.loads(system.connector.prepare(system.call(operation, body)).content)
    return found


def interpret(operation: str, document: Any, body: Any = OPENING, *, status: int = 200, **settings: Any) -> Outcome:
    system = bench("paygov", **settings)
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return system.connector.interpret(system.call(operation, body), WireReply(status=status, content=content))


@pytest.mark.parametrize("sample", [(CREATE, checksum.CREATE), (RECEIPT, checksum.RECEIPT)], ids=["create", "receipt"])
def test_positive_vectors(sample: tuple[dict[str, Any], tuple[str, ...]]) -> None:
    """PAY-05 (part): contract 4.1 and 4.3."""
    message, order = sample
    assert checksum.sign({**message, **KEYS}, order) == message["checksum"]
    assert checksum.holds(message, order, keys=[{"secretKey": "old"}, KEYS])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


JOINED = "SKDEMOAKDEMOPAYGOV-DEMO000.00.99.H99-H99.01-260801-0007-017001785569405123150000"


@pytest.mark.parametrize(
    "wrong",
    [
        "|".join(("SKDEMO", "AKDEMO", "PAYGOV-DEMO", CREATE["orderId"], "7001785569405123", "150000")),
        JOINED.removeprefix("SKDEMO") + "SKDEMO",
        JOINED.replace("AKDEMOPAYGOV-DEMO", "PAYGOV-DEMOAKDEMO"),
        JOINED.replace("000.00.99", "0.00.99", 1),
        JOINED + ".0",
        JOINED.upper().lower(),
    ],
    ids=["separators", "secret last", "accessKey and partnerCode swapped", "zero lost", "float", "lower case"],
)
def test_negative_vectors_must_not_verify(wrong: str) -> None:
    assert _digest(JOINED) == CREATE["checksum"]
    assert not checksum.holds({**CREATE, "checksum": _digest(wrong)}, checksum.CREATE, keys=[KEYS])


def test_a_receipt_call_in_the_order_of_the_creation_must_not_verify() -> None:
    swapped = ("secretKey", "accessKey", "partnerCode", *checksum.RECEIPT[3:])
    assert not checksum.holds(
        {**RECEIPT, "checksum": checksum.sign({**RECEIPT, **KEYS}, swapped)}, checksum.RECEIPT, keys=[KEYS]
    )


def test_a_creation_equals_the_golden_sample() -> None:
    assert sent("initiate_payment", OPENING) == CREATE
    assert sent("initiate_payment", OPENING, dialect="lgsp") == LGSP


def test_a_receipt_call_equals_the_golden_sample() -> None:
    assert sent("fetch_voucher", ASKING) == RECEIPT


def test_a_code_that_looks_like_a_number_keeps_its_zeros() -> None:
    """Contract 4.1: the known client turns every such value into a number; only `amount` is one."""
    message = sent("initiate_payment", {**OPENING, "requestCode": "0007", "dossier": "0019"})
    assert (message["requestCode"], message["amount"]) == ("0007", 150000)
    assert message["orderId"] == "000.00.99.H99-0019-01"
    assert message["checksum"] == checksum.sign({**message, **KEYS}, checksum.CREATE)


def test_each_attempt_has_a_reference_of_its_own_and_where_allowed_an_order_too() -> None:
    """Trap 18: the known client sends one orderId for every attempt at a dossier."""
    attempts = ({**OPENING, "requestCode": reference} for reference in ("A1", "A2"))
    first, second = (sent("initiate_payment", attempt) for attempt in attempts)
    assert first["orderId"] == second["orderId"]
    assert first["requestCode"] != second["requestCode"]
    assert sent("initiate_payment", OPENING, order_id_per_attempt=True)["orderId"].endswith("-7001785569405123")


def test_the_keys_travel_in_the_header_of_the_lgsp_and_never_to_where_receipts_are() -> None:
    system = bench("paygov", bearer_token="t0ken", app_name="App", partner_code_cus="CUS", receipt_hosts=("127.0.0.1",))
    request = system.connector.prepare(system.call("initiate_payment", OPENING))
    assert request.headers["Authorization"] == "Bearer t0ken"
    assert json.loads(base64.b64decode(request.headers["lgspaccesstoken"])) == {
        "AccessKey": "AKDEMO", "SecretKey": "SKDEMO", "AppName": "App", "PartnerCode": "PAYGOV-DEMO",
        "PartnerCodeCus": "CUS",
    }  # fmt: skip
    download = system.connector.prepare(system.call("download_voucher", {"url": "http://127.0.0.1/r.pdf"}))
    assert set(download.headers) == {"Accept"}


def test_another_currency_is_not_sent_as_if_it_were_dong() -> None:
    with pytest.raises(ProtocolViolation):
        sent("initiate_payment", {**OPENING, "currency": "USD"})


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"data": {"url": "http://127.0.0.1:7110/pg/pay/x"}}, Accepted),
        ({"data": None}, Pending),
        ({"data": {}}, Pending),
        ({"data": {"url": None}, "error_code": "FAILED"}, Pending),
        ({"error_code": "SIGNATURE_WRONG"}, Refused),
        ({}, Pending),
    ],
)
def test_what_is_not_surely_open_or_refused_is_an_open_question(reply: Any, kind: type) -> None:
    assert isinstance(interpret("initiate_payment", reply), kind)


def test_a_payer_is_sent_to_agreed_hosts_only() -> None:
    with pytest.raises(Unsettled):
        interpret("initiate_payment", {"data": {"url": "https://evil.example/p"}})


def test_the_receipt_is_an_address_on_an_agreed_host() -> None:
    reply = {"transactionReceipt": URL}
    outcome = interpret("fetch_voucher", reply, ASKING, receipt_hosts=("files.example.vn",), allow_http=False)
    assert isinstance(outcome, Answered)
    assert outcome.body == reply
    with pytest.raises(ProtocolViolation):
        interpret("fetch_voucher", reply, ASKING)
    assert isinstance(interpret("fetch_voucher", {"error_code": "FAILED"}, ASKING), Pending)


def test_a_receipt_is_a_whole_pdf_of_a_sensible_size() -> None:
    """F17; trap 8: nothing else is kept as a receipt."""
    body = {"url": "http://127.0.0.1:7110/pg/receipt/x.pdf"}
    outcome = interpret("download_voucher", PDF, body)
    assert isinstance(outcome, Answered)
    assert base64.b64decode(outcome.body["content"]) == PDF
    assert outcome.body["media_type"] == "application/pdf"
    assert isinstance(interpret("download_voucher", PDF[:4000] + b"%%EOF", body), Pending)
    assert isinstance(interpret("download_voucher", PDF[:4000] + b"%%EOF", body, smallest_receipt_bytes=0), Answered)
    assert isinstance(interpret("download_voucher", b"", body, status=404), Absent)
    with pytest.raises(ProtocolViolation):
        interpret("download_voucher", {"error_code": "FAILED", "note": "%PDF-" * 4000}, body)
    with pytest.raises(ProtocolViolation):
        interpret("download_voucher", PDF, body, status=403)
    for broken in (b"", PDF[:15_000]):
        with pytest.raises(TransientRemoteError):
            interpret("download_voucher", broken, body)


def test_without_a_known_order_a_notice_is_a_report_that_proves_nothing() -> None:
    """F36, PAY-06; trap 17."""
    for message in (IPN, notice(), {key: value for key, value in IPN.items() if key != "checksum"}):
        received = connector().receive(inbound(message))
        assert (received.event, received.key) == ("payment_report", "7001785569405123")
        told = bench("paygov").mappings.reply(received.event, received.body)
        assert told.pop("told") == message
        assert told == {
            "reference": "7001785569405123",
            "partner_code": "PAYGOV-DEMO",
            "status": "paid",
            "amount": 150000,
            "currency": "VND",
            "transaction_id": "TC260801000123",
            "bank_code": "DEMOGATE",
            "paid_at": "2026-08-01T14:31:42+07:00",
        }
        assert received.original == json.dumps(message).encode()


@pytest.mark.parametrize("path", ["ipn", "dpnhankqthanhtoanhs"])
def test_with_a_known_order_a_true_notice_is_a_result(path: str) -> None:
    received = proving().receive(inbound(notice(), path=path))
    assert (received.event, received.key) == ("payment_result", "7001785569405123/TC260801000123/00")
    told = bench("paygov").mappings.reply(received.event, received.body)
    assert told["reference"] == "7001785569405123"
    assert (told["status"], told["amount"], told["paid_at"]) == ("paid", 150000, "2026-08-01T14:31:42+07:00")
    assert "dossier_code" not in told


@pytest.mark.parametrize("name", ["transactionNo", "transactionCode", "errorCode"])
@pytest.mark.parametrize("value", ["GD\x001", "x" * 256])
def test_a_notice_holds_nothing_that_no_database_keeps(name: str, value: str) -> None:
    with pytest.raises(ProtocolViolation):
        proving().receive(inbound(notice(**{name: value})))


@pytest.mark.parametrize("path", ["ipn", "dpnhankqthanhtoanhs"])
def test_a_message_larger_than_any_of_the_contract_is_not_kept(path: str) -> None:
    """Trap 17: without a known order everybody's is kept, as it came."""
    with pytest.raises(ProtocolViolation):
        connector().receive(inbound({**IPN, "more": "x" * 65_536}, path=path))


FORGERIES = {
    "amount": {**notice(), "amount": 15000},
    "reference": {**notice(), "requestCode": "OTHER"},
    "result": {**notice(errorCode="99"), "errorCode": "00"},
    "zeros": {**IPN, "checksum": "0" * 64},
    "upper case": {**IPN, "checksum": notice()["checksum"].upper()},
    "missing": {key: value for key, value in IPN.items() if key != "checksum"},
    "null": {**IPN, "checksum": None},
    "a part left out": {key: value for key, value in notice().items() if key != "transactionCode"},
    "boolean": {**notice(), "amount": True},
    "float": notice(amount=150000.0),
    "secret told": {
        **IPN,
        "secretKey": "mine",
        "checksum": _digest("mine" + "7001785569405123150000" + "00TC260801000123"),
    },
    "another partner": {**notice(), "partnerCode": "PAYGOV-OTHER"},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_notice_is_not_believed_and_told_so(name: str) -> None:
    """F36, PAY-06."""
    request, made = inbound(FORGERIES[name]), proving()
    with pytest.raises(TrustError):
        made.receive(request)
    ack = made.acknowledge(request, Handled(Receipt.REJECTED))
    assert (ack.status, json.loads(ack.content)["error_code"]) == (200, "SIGNATURE_WRONG")


def test_another_code_is_unclear_never_failed() -> None:
    """Trap 6: the codes are not public."""
    for code in ("99", "0", "000", "01", 0):
        assert proving().receive(inbound(notice(errorCode=code))).body["KetQua"] == "unclear"


def test_a_notice_under_the_rotated_secret_is_believed_while_it_rotates() -> None:
    """F31."""
    assert proving(secret="N3w", previous_secret="SKDEMO").receive(inbound(notice())).event == "payment_result"
    with pytest.raises(TrustError):
        proving(secret="N3w").receive(inbound(notice()))


def test_the_notice_may_have_separators_if_a_province_is_told_so() -> None:
    message = {**IPN, "checksum": checksum.sign({**IPN, **KEYS}, ORDER, separator="|")}
    assert proving(notice_separator="|").receive(inbound(message)).event == "payment_result"
    with pytest.raises(TrustError):
        proving().receive(inbound(message))


@pytest.mark.parametrize(
    ("handled", "status", "code"),
    [
        (Receipt.RECORDED, 200, "SUCCESSFUL"),
        (Receipt.DUPLICATE, 200, "SUCCESSFUL"),
        (Receipt.KEPT_BESIDE, 200, "SUCCESSFUL"),
        (Receipt.REJECTED, 200, "FAILED"),
        (Receipt.FAILED, 503, "FAILED"),
    ],
)
def test_the_acknowledgement_says_what_became_of_it(handled: Receipt, status: int, code: str) -> None:
    """F03, F26, F32."""
    for made, message in ((connector(), IPN), (proving(), notice())):
        ack = made.acknowledge(inbound(message), Handled(handled))
        assert (ack.status, json.loads(ack.content)["error_code"]) == (status, code)
    good = json.loads(connector().acknowledge(inbound(IPN), Handled(Receipt.RECORDED)).content)
    assert good == json.loads((SAMPLES / "ipn_ack.json").read_text())


@pytest.mark.parametrize(
    ("text", "pattern", "told"),
    [
        ("20260801143142", "%Y%m%d%H%M%S", "2026-08-01T14:31:42+07:00"),
        ("01/08/2026 14:31", "%d/%m/%Y %H:%M", "2026-08-01T14:31:00+07:00"),
        ("01/08/2026 14:31", "%Y%m%d%H%M%S", None),
        ("", "%Y%m%d%H%M%S", None),
    ],
)
def test_a_date_of_an_unknown_form_is_left_out_and_the_money_is_not_refused(
    text: str, pattern: str, told: str | None
) -> None:
    system = bench("paygov", notice_checksum=ORDER, pay_date_format=pattern)
    made: Any = system.connector
    received = made.receive(inbound(notice(payDate=text)))
    assert system.mappings.reply(received.event, received.body).get("paid_at") == told


def returned(query: dict[str, str], path: str = "return", method: str = "GET") -> InboundRequest:
    return InboundRequest(method=method, path=path, headers={}, query=query, content=b"")


def test_the_browser_comes_back_with_a_reference_and_is_sent_to_a_page_of_ours() -> None:
    """F13, F14: what it carries proves nothing, but may be vouched for."""
    query = {name: str(value) for name, value in IPN.items()}
    system = bench("paygov", notice_checksum=ORDER)
    made: Any = system.connector
    for path in ("return", "urlRedirect"):
        received = made.receive(returned(query, path))
        told = system.mappings.reply(received.event, received.body)
        assert (received.event, told["reference"]) == ("payment_return", "7001785569405123")
        assert told["report"]["told"] == query
        page = system.mappings.request("payment_return", {"page": "https://dvc.example.vn/p/1"}).body
        reply = made.acknowledge(returned(query, path), Handled(Receipt.ANSWERED, page))
        assert (reply.status, reply.headers["location"]) == (303, "https://dvc.example.vn/p/1")
    bare = made.receive(returned({"requestCode": "A1", "amount": "1.5"}))
    assert system.mappings.reply(bare.event, bare.body) == {"reference": "A1"}


def test_a_way_back_that_leads_nowhere_says_so_in_vietnamese() -> None:
    made = connector()
    for query in ({}, {"requestCode": "<script>"}, {"requestCode": "A" * 21}):
        with pytest.raises(ProtocolViolation):
            made.receive(returned(query))
    with pytest.raises(ProtocolViolation):
        made.receive(returned({"requestCode": "A1"}, method="POST"))
    refused = made.acknowledge(returned({}), Handled(Receipt.REJECTED))
    assert (refused.status, "Xin mở hồ sơ" in refused.content.decode()) == (400, True)
    assert made.acknowledge(returned({}), Handled(Receipt.FAILED)).status == 503


def test_other_paths_and_methods_are_refused() -> None:
    with pytest.raises(NotFoundError):
        connector().receive(inbound(IPN, path="other"))
    with pytest.raises(ProtocolViolation):
        connector().receive(inbound(IPN, method="GET"))


VERIFYING = next(example for example in examples("paygov") if example.name == "verify_signed").sends


@pytest.mark.parametrize(
    ("code", "status"),
    [("SUCCESSFUL", "paid"), ("SIGNATURE_WRONG", "forged"), ("FAILED", None), ("successful", None), (0, None)],
)
def test_only_the_word_of_the_lgsp_makes_a_report_true(code: Any, status: str | None) -> None:
    outcome = interpret("verify_report", {"error_code": code}, VERIFYING)
    assert isinstance(outcome, Answered if status else Pending)
    assert getattr(outcome, "body", {}).get("KetQua") == status
    with pytest.raises(ProtocolViolation):
        interpret("verify_report", {"error_code": code}, VERIFYING, status=404)


def test_the_lgsp_is_sent_what_the_notice_said_and_what_else_it_wants() -> None:
    told = {**VERIFYING["told"], "amount": "0150000", "extra": "x"}
    assert sent("verify_report", {"told": told}) == {**VERIFYING["told"], "amount": "0150000"}
    fields = ("amount", "requestCode", "errorCode", "checksum")
    message = sent("verify_report", {"told": told}, verify_fields=fields, verify_extra={"partnerCode": "P"})
    assert set(message) == {*fields, "partnerCode"}


@pytest.mark.parametrize(
    "settings",
    [
        {"secret": ""},
        {"previous_secret": ""},
        {"access_key": ""},
        {"notice_checksum": ("amount", "requestCode", "errorCode")},
        {"notice_checksum": ("secretKey", "amount", "requestCode")},
        {"notice_checksum": ("secretKey", "amount", "requestCode", "errorCode", "unheard_of")},
        {"verify_fields": ("checksum", "requestCode", "errorCode")},
    ],
)
def test_settings_under_which_anybody_could_sign_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        bench("paygov", **settings)


def test_what_no_source_knows_of_paygov_is_not_offered() -> None:
    """Contract 4.4."""
    offered = {operation.name for operation in bench("paygov").manifest.operations}
    assert offered == {"initiate_payment", "verify_report", "fetch_voucher", "download_voucher"}
    assert bench("paygov").manifest.yields_to == "payment"
