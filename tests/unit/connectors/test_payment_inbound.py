"""What comes in at the payment connector: notices, the portal's look-up and push, a payer's return (2.4, 2.5, 2.10)."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from systems import bench

from connectors.payment import checksum
from gateway.sdk import Handled, InboundRequest, NotFoundError, ProtocolViolation, Receipt, TrustError, WireReply

SAMPLES = Path(__file__).parents[3] / "mocks" / "payment" / "samples"
SECRET = "S3cretDEMO"
IPN = json.loads((SAMPLES / "ipn.json").read_text())
DOSSIER = "H99.01-260801-0007"
LINK = "https://bienlai.example.vn/7f3a.pdf"
BESIDE = {"MaHoSo": DOSSIER, "MaTraCuuTT": f"{DOSSIER}20260801142900", "TKThuHuong": "0000111122", "UrlBienLai": LINK}
HOSTS = {"voucher_hosts": ("bienlai.example.vn",), "allow_http": False}
BILL = {
    "bill_id": "B26K7Q2M0001",
    "lookup_id": f"{DOSSIER}20260801142900",
    "dossier_code": DOSSIER,
    "amount": 150000,
    "narration": f"THANH TOAN HO SO {DOSSIER}",
    "procedure_code": "9.000001",
    "procedure_name": "Thủ tục mẫu",
    "service_code": "9.000001.01",
    "agency_id": "000.00.99.H99",
    "agency_name": "Sở Mẫu",
    "payer": {"full_name": "Nguyễn Văn A", "personal_id": "099090000007", "address": "1 Phố Demo"},
    "lines": [{"kind": "fee", "code": "P01", "name": "Phí thẩm định", "amount": 150000}],
    "beneficiary": {"account": "0000111122", "bank_code": "DEMOBANK", "name": "SO MAU"},
}


def signed(secret: str = SECRET, **changes: Any) -> dict[str, Any]:
    message = {**IPN, **changes}
    return {**message, "MaXacThuc": checksum.sign(message, checksum.NOTICE, secret)}


def request(path: str, message: Any = None, *, method: str = "POST", **query: str) -> InboundRequest:
    content = message if isinstance(message, bytes) else json.dumps(message).encode() if message else b""
    return InboundRequest(method=method, path=path, headers={}, query=query, content=content)


def told(path: str, message: Any, **settings: Any) -> dict[str, Any]:
    system: Any = bench("payment", **{**HOSTS, **settings})
    received = system.connector.receive(request(path, message))
    return dict(system.mappings.reply(received.event, received.body))


def acknowledged(path: str, handled: Handled, message: Any = None) -> WireReply:
    connector: Any = bench("payment").connector
    reply: WireReply = connector.acknowledge(request(path, message), handled)
    return reply


def test_the_portals_push_carries_dossier_and_voucher_beside_the_proof() -> None:
    """PAY-02, PAY-06 (part): contract 2.10."""
    message = signed(MaThamChieu="CP260801000007", **BESIDE)
    assert told("dpnhankqthanhtoanhs", message) == {
        "reference": "CP260801000007",
        "partner_code": "DEMO-H99",
        "status": "paid",
        "amount": 150000,
        "currency": "VND",
        "transaction_id": "PP260801000123",
        "bank_code": "DEMOBANK",
        "paid_at": "2026-08-01T14:31:42+07:00",
        "dossier_code": DOSSIER,
        "lookup_id": f"{DOSSIER}20260801142900",
        "beneficiary_account": "0000111122",
        "voucher_url": LINK,
    }


@pytest.mark.parametrize("value", [None, 7.5, ["x"], {"a": 1}, "x" * 256, True])
def test_nonsense_beside_the_proof_does_not_lose_the_payment(value: Any) -> None:
    """What is unsigned may be anybody's; the signed part is money."""
    document = told("dpnhankqthanhtoanhs", signed(**dict.fromkeys(BESIDE, value)))
    assert document["status"] == "paid"
    assert not document.keys() & {"dossier_code", "lookup_id", "beneficiary_account", "voucher_url"}


@pytest.mark.parametrize("name", ["MaThamChieu", "MaGiaoDich", "MaLoi"])
def test_a_proven_notice_holds_nothing_that_no_database_keeps(name: str) -> None:
    """It would be refused for ever, and asked about by nobody."""
    with pytest.raises(ProtocolViolation):
        told("ipn", signed(**{name: "GD\x001"}))


@pytest.mark.parametrize("url", ["http://bienlai.example.vn/x", "https://evil.example/x", "https://10.0.0.1/x", "x"])
def test_a_link_that_may_not_be_followed_is_not_passed_on(url: str) -> None:
    assert "voucher_url" not in told("ipn", signed(UrlBienLai=url))


@pytest.mark.parametrize("change", [{"SoTien": 1}, {"MaXacThuc": "f0" * 32}, {"MaXacThuc": None}])
def test_a_push_without_its_proof_is_not_believed(change: dict[str, Any]) -> None:
    """PAY-06: F06 at the portal's path."""
    with pytest.raises(TrustError):
        told("dpnhankqthanhtoanhs", {**signed(**BESIDE), **change})


@pytest.mark.parametrize(
    "change",
    [
        {"SoTien": "150000"},
        {"ThoiGianGD": 20260801143142},
        {"MaThamChieu": 26072},
        {"MaGiaoDich": 123, "MaNganHang": 7},
    ],
)
def test_numbers_as_texts_and_texts_as_numbers_are_read(change: dict[str, Any]) -> None:
    """F25."""
    document = told("ipn", signed(**change))
    assert (document["status"], document["amount"]) == ("paid", 150_000)
    assert all(isinstance(document[name], str) for name in ("reference", "transaction_id", "bank_code", "paid_at"))


@pytest.mark.parametrize("amount", [150000.0, 150000.5, "150000.0", "1e5", " 150000", "-1", -1, 10**15, "9" * 5000])
def test_what_is_no_whole_amount_is_not_posted(amount: Any) -> None:
    """F25: 150000.0 is a float leak, not an amount."""
    with pytest.raises((TrustError, ProtocolViolation)):
        told("ipn", signed(SoTien=amount))


def test_keys_in_another_order_and_unknown_ones_change_nothing() -> None:
    """F33: the checksum names its fields, so their order in the JSON is free."""
    message = signed(**BESIDE)
    strange = {"TruongLa": {"sau": ["x", 1]}, **dict(reversed(message.items())), "SoThe": "9704000000000018"}
    assert told("ipn", strange) == told("ipn", message)
    system: Any = bench("payment", **HOSTS)
    body = system.connector.receive(request("ipn", strange)).body
    assert not body.keys() & {"SoThe", "TruongLa"}  # card fields are never stored (2.5)


def test_a_field_that_stands_twice_is_read_by_nobody() -> None:
    """Another reader would take the other one."""
    content = json.dumps(signed()).encode().replace(b'"SoTien"', b'"SoTien": 1, "SoTien"', 1)
    with pytest.raises(ProtocolViolation):
        told("ipn", content)


@pytest.mark.parametrize("text", ["'); DROP TABLE payments;--", "x' OR '1'='1", '"><script>', "Phi\u0301 thẩm định"])
def test_remote_text_stays_text(text: str) -> None:
    """F23, F38: neither cut, nor normalised before it is checked."""
    assert told("ipn", signed(MaGiaoDich=text, ThongTinGiaoDich=text))["transaction_id"] == text
    pushed = told("dpnhankqthanhtoanhs", signed(**{**BESIDE, "MaHoSo": text}))
    assert pushed["dossier_code"] == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("narration", ["A|B", "|"])
def test_a_separator_in_a_signed_field_is_refused_though_well_signed(narration: str) -> None:
    """F22."""
    with pytest.raises(TrustError):
        told("ipn", signed(ThongTinGiaoDich=narration))


@pytest.mark.parametrize("at", ["", "20260801", "20260230143005", "20260801 43142", "00010101000000", "2026080114314x"])
def test_a_payment_without_a_time_is_not_posted(at: str) -> None:
    """Trap 10: the legal date is the platform's. It is refused at the door: to ask for a repeat would not help."""
    with pytest.raises(ProtocolViolation):
        told("ipn", signed(ThoiGianGD=at))
    if not at:
        assert "paid_at" not in told("ipn", signed(MaLoi="99", ThoiGianGD=at, MaGiaoDich=""))


@pytest.mark.parametrize("secret", ["N3w", SECRET])
def test_both_secrets_prove_while_one_replaces_the_other(secret: str) -> None:
    """F31."""
    message = signed(secret)
    assert told("ipn", message, secret="N3w", previous_secret=SECRET)["status"] == "paid"


def test_an_endless_notice_is_refused_unread() -> None:
    """Contract section 12: 64 kB."""
    for path in ("ipn", "dptracuuthanhtoanhs"):
        with pytest.raises(ProtocolViolation):
            told(path, b" " * 65_537 + json.dumps(signed()).encode())


@pytest.mark.parametrize(
    ("receipt", "code", "status"),
    [
        (Receipt.RECORDED, "00", 200),
        (Receipt.DUPLICATE, "00", 200),
        (Receipt.KEPT_BESIDE, "00", 200),
        (Receipt.REJECTED, "99", 200),
        (Receipt.ABSENT, "99", 200),
        (Receipt.FAILED, "99", 503),
    ],
)
@pytest.mark.parametrize("path", ["ipn", "dpnhankqthanhtoanhs"])
def test_00_is_for_what_is_stored_and_503_for_what_a_repeat_can_mend(
    path: str, receipt: Receipt, code: str, status: int
) -> None:
    """PAY-06, F03, F32: contract 2.5."""
    message = signed()
    reply = acknowledged(path, Handled(receipt), message)
    document = json.loads(reply.content)
    assert (document["MaLoi"], reply.status) == (code, status)
    assert document["MaXacThuc"] == (message["MaXacThuc"] if code == "00" else "")
    assert [document[name] for name in ("MaDoiTac", "MaThamChieu")] == ["DEMO-H99", "PAY26K7Q2M0001"]


def test_a_look_up_names_a_dossier() -> None:
    system: Any = bench("payment")
    received = system.connector.receive(request("dptracuuthanhtoanhs", {"MaHoSo": f" {DOSSIER} "}))
    assert (received.event, received.key) == ("fees_lookup", DOSSIER)
    assert system.mappings.reply("fees_lookup", received.body) == {"code": DOSSIER}


@pytest.mark.parametrize("code", ["", "099090000007", "9900000001", "a' OR 1=1", "../etc", "x" * 61, 7, None])
def test_what_is_no_dossier_code_is_not_looked_up(code: Any) -> None:
    """A citizen's number would stand in the open as a key."""
    with pytest.raises(ProtocolViolation):
        told("dptracuuthanhtoanhs", {"MaHoSo": code})


def test_look_ups_are_answered_only_where_the_way_in_is_closed_to_others() -> None:
    system: Any = bench("payment", answers_lookups=False)
    with pytest.raises(NotFoundError):
        system.connector.receive(request("dptracuuthanhtoanhs", {"MaHoSo": DOSSIER}))


def answered(answer: dict[str, Any]) -> dict[str, Any]:
    body = bench("payment").mappings.request("fees_lookup", answer).body
    reply = acknowledged("dptracuuthanhtoanhs", Handled(Receipt.ANSWERED, answer=body))
    document: dict[str, Any] = json.loads(reply.content)
    return document


def test_a_bill_has_every_key_of_the_receipt_block() -> None:
    """Contract 2.10."""
    document = answered({"due": True, "bill": BILL})
    receipt = json.loads((SAMPLES / "init.json").read_text())["ThongTinBienLai"]
    bill = document["message"]
    assert document["error_code"] == 1
    assert receipt.keys() | {"transaction_id", "client_id", "MaTraCuuTT"} <= bill.keys()
    assert (bill["transaction_id"], bill["MaTraCuuTT"]) == ("B26K7Q2M0001", f"{DOSSIER}20260801142900")
    assert bill["DSKhoanNop"] == [{"NoiDung": "Phí thẩm định", "SoTien": "150000"}]
    assert all(isinstance(value, str | list) for value in bill.values())


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"due": False}, 0),
        ({"due": True, "bill": {**BILL, "lines": []}}, -1),
        ({"due": True, "bill": {**BILL, "beneficiary": {}}}, -1),
    ],
)
def test_without_a_bill_that_can_be_paid_the_message_is_an_empty_list(answer: dict[str, Any], code: int) -> None:
    assert answered(answer) == {"error_code": code, "message": []}


@pytest.mark.parametrize("receipt", [Receipt.ABSENT, Receipt.REJECTED, Receipt.FAILED])
def test_a_look_up_without_an_answer_is_not_found(receipt: Receipt) -> None:
    reply = acknowledged("dptracuuthanhtoanhs", Handled(receipt))
    assert (reply.status, json.loads(reply.content)) == (200, {"error_code": -1, "message": []})


@pytest.mark.parametrize(
    "data",
    [
        f"DEMO-H99_PAY26K7Q2M0001_{DOSSIER}",
        "PAY26K7Q2M0001",
        f"099090000007_{DOSSIER}_PAY26K7Q2M0001",
        "x__PAY26K7Q2M0001_",
    ],
)
def test_a_return_names_the_payment_to_ask_about_and_proves_nothing(data: str) -> None:
    """PAY-08 (part), F13: whatever responseCode and secureCode say."""
    system: Any = bench("payment")
    came = request("return", method="GET", data=data, responseCode="00", secureCode="x")
    received = system.connector.receive(came)
    assert (received.event, received.key) == ("payment_return", "PAY26K7Q2M0001")
    assert system.mappings.reply("payment_return", received.body) == {"reference": "PAY26K7Q2M0001"}
    page = system.mappings.request("payment_return", {"page": "https://motcua.example.vn/thanh-toan/1"}).body
    reply = system.connector.acknowledge(came, Handled(Receipt.ANSWERED, answer=page))
    assert (reply.status, reply.headers["location"]) == (303, "https://motcua.example.vn/thanh-toan/1")
    assert reply.headers["referrer-policy"] == "no-referrer"


def test_a_partners_own_code_is_no_reference() -> None:
    system: Any = bench("payment", partner_code="DEMOH99")
    came = request("return", method="GET", data=f"DEMOH99_PAY2_{DOSSIER}")
    assert system.connector.receive(came).key == "PAY2"


@pytest.mark.parametrize("data", ["", DOSSIER, "099090000007", "'; DROP TABLE", "pay26k", "X" * 21, "_" * 600])
def test_a_return_that_names_nothing_is_told_so(data: str) -> None:
    connector: Any = bench("payment").connector
    came = request("return", method="GET", data=data)
    with pytest.raises(ProtocolViolation):
        connector.receive(came)
    reply = connector.acknowledge(came, Handled(Receipt.REJECTED))
    assert (reply.status, "location" in reply.headers) == (404, False)
    assert "Không tìm thấy" in reply.content.decode()


def test_a_return_that_cannot_be_looked_at_now_says_later() -> None:
    assert acknowledged("return", Handled(Receipt.FAILED)).status == 503


@pytest.mark.parametrize(
    ("path", "method"),
    [("ipn", "GET"), ("dpnhankqthanhtoanhs", "GET"), ("dptracuuthanhtoanhs", "GET"), ("return", "POST")],
)
def test_another_method_is_refused(path: str, method: str) -> None:
    connector: Any = bench("payment").connector
    with pytest.raises(ProtocolViolation):
        connector.receive(request(path, signed(), method=method))
