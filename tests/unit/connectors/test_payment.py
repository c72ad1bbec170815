"""PPDVCQG 1.0.6: every checksum vector of the contract page, golden messages, notices and what they may not do."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from systems import bench

from connectors.payment import checksum
from gateway.sdk import (
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
    TrustError,
    Unsettled,
    WireReply,
)

SAMPLES = Path(__file__).parents[3] / "mocks" / "payment" / "samples"
SECRET = "S3cretDEMO"
INIT = json.loads((SAMPLES / "init.json").read_text())
IPN = json.loads((SAMPLES / "ipn.json").read_text())
QUERY = json.loads((SAMPLES / "query.json").read_text())
BODY = {
    "MaThamChieu": "PAY26K7Q2M0001",
    "SoTien": "150000",
    "MaTienTe": "VND",
    "ThongTinGiaoDich": "THANH TOAN HO SO H99.01-260801-0007",
    "ThoiGianGD": "20260801143005",
    "Ip": "203.0.113.7",
    "ThongTinBienLai": INIT["ThongTinBienLai"],
}


def compact(message: dict[str, Any]) -> bytes:
    """A golden message as we send it: the same order, no spaces, UTF-8."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def notice(**changes: Any) -> dict[str, Any]:
    """A notice with a right checksum over the changed values."""
    message = {**IPN, **changes}
    return {**message, "MaXacThuc": checksum.sign(message, checksum.NOTICE, SECRET)}


def inbound(message: Any, *, path: str = "ipn", method: str = "POST") -> InboundRequest:
    content = message if isinstance(message, bytes) else json.dumps(message).encode()
    return InboundRequest(method=method, path=path, headers={}, query={}, content=content)


def receive(message: Any, **settings: Any) -> Any:
    return bench("payment", **settings).connector.receive(inbound(message))  # type: ignore[attr-defined]  # AcceptsInbound


def interpret(operation: str, document: Any, **settings: Any) -> Outcome:
    system = bench("payment", **settings)
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return system.connector.interpret(system.call(operation, BODY), WireReply(status=200, content=content))


@pytest.mark.parametrize(
    ("message", "order", "expected"),
    [
        (INIT, checksum.INIT, "98b2157e8f1be54accf2112e7cc2180bbc27bc5107af1f3d5d871575efd872a1"),
        (IPN, checksum.NOTICE, "e57d54de02ad4028c824ad8ede5ae0e02b275262b2a9710e92a9c2cca9c7d1b4"),
        (
            {**IPN, "MaLoi": "99"},
            checksum.NOTICE,
            "a63688950a15e26d07ebab754c979cfc72d69cad6edeb60a64984b5cac7720ab",
        ),
        (QUERY, checksum.QUERY, "4411bf52dff8ec3218fff81ff4fd05730bce9212f951160a0c44ba272ca75e1c"),
        (
            {**QUERY, "LoaiBanTin": "GET_BILL", "ThoiGianGD": "20260801143142"},
            checksum.QUERY,
            "5edfe9af7707816bde396aeeb179ca45dfdc176976af41007455f7907d52c6ac",
        ),
        (
            {**QUERY, "LoaiBanTin": "GET_BILL"},
            checksum.QUERY,
            "081d9a42004297cec047252796fabc57a1d015502b0f63eae79b89d0daa09fa8",
        ),
    ],
    ids=["init", "notice", "notice-99", "query", "bill-ipn-time", "bill-init-time"],
)
def test_positive_vectors(message: dict[str, Any], order: tuple[str, ...], expected: str) -> None:
    """PAY-06 (part): contract section 2.8."""
    assert checksum.sign(message, order, SECRET) == expected
    assert checksum.holds({**message, "MaXacThuc": expected}, order, [SECRET])


@pytest.mark.parametrize(
    ("message", "order", "given"),
    [
        (INIT, checksum.INIT, "8b3e4fd6464dd450ebe0e33a91a6de3fb5b655536b5801b0b0724043366e8f05"),
        (INIT, checksum.INIT, "87b865bbc9905b307dc4eeb17fff2bedcdc9cb8c5117851bd5dab03150ab059b"),
        (IPN, checksum.NOTICE, "6768649e734cc620a9e1c6f5c1ef49074500a4590ecc81c45bcba5b797c3f5ab"),
        (
            {**IPN, "SoTien": 150000.0},
            checksum.NOTICE,
            "6768649e734cc620a9e1c6f5c1ef49074500a4590ecc81c45bcba5b797c3f5ab",
        ),
        (IPN, checksum.NOTICE, "f6f4a2dbe6ea1b528a7011548ecb8addf9776eaa3e3920ac92aaf980193d6462"),
        (IPN, checksum.NOTICE, "a0b3520251715480b966ec6f375165d30ab05e55165783265d8fbf745028b3af"),
    ],
    ids=["hmac", "no-separators", "float-sum", "float-value", "tampered-amount", "swapped-order"],
)
def test_negative_vectors_must_not_verify(message: dict[str, Any], order: tuple[str, ...], given: str) -> None:
    assert not checksum.holds({**message, "MaXacThuc": given}, order, [SECRET])


def test_marks_are_signed_as_they_are_written() -> None:
    """F23: NFC and NFD are different bytes; nothing is normalised before it is checked."""
    for form, digest in (("NFC", "aec4ecd5d4ac"), ("NFD", "6d2214f02ad3")):
        assert checksum.sign({}, [], unicodedata.normalize(form, "Phí thẩm định")).startswith(digest)  # type: ignore[arg-type]  # a form
    composed = notice(ThongTinGiaoDich="Phí thẩm định")
    decomposed = notice(ThongTinGiaoDich=unicodedata.normalize("NFD", "Phí thẩm định"))
    assert composed["MaXacThuc"] != decomposed["MaXacThuc"]
    assert receive(composed).body["KetQua"] == receive(decomposed).body["KetQua"] == "paid"


def test_init_equals_the_golden_sample() -> None:
    system = bench("payment")
    request = system.connector.prepare(system.call("initiate_payment", BODY))
    assert request.content == compact(INIT)
    assert request.headers == {"Content-Type": "application/json; charset=utf-8"}


def test_query_equals_the_golden_sample() -> None:
    system = bench("payment")
    assert system.connector.prepare(system.call("query_payment", BODY)).content == compact(QUERY)


def test_get_bill_equals_the_golden_sample_in_both_readings() -> None:
    """PAY-02 (part): contract 2.7, 2.8."""
    system = bench("payment")
    moments = {"ThoiGianGD": {"ipn": "20260801143142", "init": "20260801143005"}}
    for reading, sample in (("ipn", "bill"), ("init", "bill_init_time")):
        body = {**BODY, **moments, "CachDoc": reading}
        golden = json.loads((SAMPLES / f"{sample}.json").read_text())
        assert system.connector.prepare(system.call("fetch_voucher", body)).content == compact(golden)


def test_a_separator_in_a_signed_field_is_never_sent() -> None:
    system = bench("payment")
    with pytest.raises(ProtocolViolation):
        system.connector.prepare(system.call("initiate_payment", {**BODY, "ThongTinGiaoDich": "A|B"}))


@pytest.mark.parametrize("sample", ["init_reply_direct.json", "init_reply_adapter.json"])
def test_both_envelopes_of_the_init_reply_are_read(sample: str) -> None:
    content = (SAMPLES / sample).read_bytes()
    outcome = interpret("initiate_payment", content, pay_hosts=("pp.mock.example.vn",))
    assert isinstance(outcome, Accepted)
    assert outcome.body["UrlThanhToan"] == "https://pp.mock.example.vn/tt/7f3a"


@pytest.mark.parametrize(
    "url",
    ["http://pp.mock.example.vn/x", "https://evil.example/x", "https://pp.mock.example.vn@evil.example/", "", "x"],
)
def test_a_payer_is_sent_to_agreed_hosts_only(url: str) -> None:
    """The attempt stays unsettled: it may be open at the platform, and QUERY will tell."""
    with pytest.raises(Unsettled):
        interpret(
            "initiate_payment",
            {"MaLoi": "00", "UrlThanhToan": url},
            pay_hosts=("pp.mock.example.vn",),
            allow_http=False,
        )


def test_an_unknown_code_is_an_open_question() -> None:
    assert isinstance(interpret("initiate_payment", {"MaLoi": "116"}), Pending)
    assert isinstance(interpret("initiate_payment", {"MaLoi": "02"}), Refused)
    assert isinstance(interpret("initiate_payment", {"MaLoi": "02"}, refusal_codes=()), Pending)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"MaLoi": "00", "TrangThaiGD": "3"}, Pending),
        ({"MaLoi": "00", "TrangThaiGD": "2"}, Pending),
        ({"MaLoi": "00", "TrangThaiGD": "9"}, Pending),
        ({"MaLoi": "99", "TrangThaiGD": "1"}, Pending),
        ({"MaLoi": "00", "TrangThaiGD": "1"}, Answered),
        ({"MaLoi": "00", "TrangThaiGD": "4"}, Answered),
    ],
)
def test_query_states(reply: dict[str, str], kind: type) -> None:
    whole = {**json.loads((SAMPLES / "query_reply.json").read_text()), **reply}
    assert isinstance(interpret("query_payment", whole), kind)


@pytest.mark.parametrize(
    "change",
    [
        {"MaThamChieu": "OTHER"},
        {"MaDoiTac": "OTHER"},
        {"MaGiaoDich": ""},
        {"SoTien": 150000.5},
        {"SoTien": 150000.0},
        {"SoTien": "150000.0"},
        {"SoTien": -1},
        {"SoTien": True},
        {"SoTien": 10**15},
    ],
)
def test_an_answer_about_something_else_is_no_answer(change: dict[str, Any]) -> None:
    """PAY-08, F25: 150000.0 is a float leak, not an amount."""
    whole = {**json.loads((SAMPLES / "query_reply.json").read_text()), **change}
    with pytest.raises(ProtocolViolation):
        interpret("query_payment", whole)


@pytest.mark.parametrize("text", ["'); DROP TABLE payments;--", "x' OR '1'='1", "A|B", "Phi\u0301"])
def test_remote_text_in_an_answer_stays_text(text: str) -> None:
    """F22, F23, F38, trap 14: what is not signed cannot shift, and nothing is cut or normalised."""
    told = {"MaNganHang": text, "ThongTinGiaoDich": text, "SoTien": "3000000000"}
    outcome = interpret("query_payment", {**json.loads((SAMPLES / "query_reply.json").read_text()), **told})
    assert isinstance(outcome, Answered)
    mapped = bench("payment").mappings.reply("query_payment", outcome.body)
    assert (mapped["bank_code"], mapped["amount"]) == (text, 3_000_000_000)


def test_a_true_notice_is_received_and_acknowledged() -> None:
    connector: Any = bench("payment").connector
    message = connector.receive(inbound(IPN))
    assert message.event == "payment_result"
    assert message.body["KetQua"] == "paid"
    ack = json.loads(connector.acknowledge(inbound(IPN), Handled(Receipt.RECORDED)).content)
    assert ack == json.loads((SAMPLES / "ipn_ack.json").read_text())


def test_a_notice_with_another_code_is_unclear_never_failed() -> None:
    """Trap 6: only QUERY closes an attempt."""
    assert receive(notice(MaLoi="99")).body["KetQua"] == "unclear"


@pytest.mark.parametrize(
    "forged",
    [
        {**IPN, "SoTien": 15000},
        {**IPN, "MaXacThuc": "0" * 64},
        {**IPN, "MaXacThuc": IPN["MaXacThuc"].upper()},
        {key: value for key, value in IPN.items() if key != "MaXacThuc"},
        {**IPN, "MaXacThuc": None},
        {**IPN, "SoTien": True},
        notice(MaDoiTac="OTHER"),
    ],
    ids=["amount", "zeros", "upper case", "missing", "null", "boolean", "another partner"],
)
def test_a_forged_notice_is_not_believed(forged: dict[str, Any]) -> None:
    """PAY-06."""
    with pytest.raises(TrustError):
        receive(forged)


def test_a_notice_under_the_rotated_secret_is_believed_while_it_rotates() -> None:
    assert receive(IPN, secret="N3w", previous_secret=SECRET).event == "payment_result"
    with pytest.raises(TrustError):
        receive(IPN, secret="N3w")


@pytest.mark.parametrize("noise", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_noise_is_refused_and_still_acknowledged(noise: bytes) -> None:
    connector: Any = bench("payment").connector
    with pytest.raises(ProtocolViolation):
        connector.receive(inbound(noise))
    assert json.loads(connector.acknowledge(inbound(noise), Handled(Receipt.REJECTED)).content)["MaLoi"] == "99"


def test_a_failure_of_ours_asks_for_a_repeat() -> None:
    connector: Any = bench("payment").connector
    assert connector.acknowledge(inbound(IPN), Handled(Receipt.FAILED)).status == 503


def test_other_paths_are_unknown() -> None:
    connector: Any = bench("payment").connector
    with pytest.raises(NotFoundError):
        connector.receive(inbound(IPN, path="other"))


def test_amounts_above_32_bits_stay_whole() -> None:
    """Trap 4."""
    big = notice(SoTien=3_000_000_000)
    assert receive(big).body["SoTien"] == 3_000_000_000
    system = bench("payment")
    mapped = system.mappings.reply("payment_result", receive(big).body)
    assert mapped["amount"] == 3_000_000_000
    assert mapped["paid_at"] == "2026-08-01T14:31:42+07:00"


def test_the_time_is_24_hours_in_viet_nam() -> None:
    """Trap 1: 14:30 must not become 02:30."""
    body = bench("payment").mappings.request(
        "query_payment", {"reference": "R", "initiated_at": "2026-08-01T07:30:05+00:00"}
    )
    assert body.body["ThoiGianGD"] == "20260801143005"
