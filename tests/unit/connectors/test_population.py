"""CSDLDC: the worked hash vector, golden messages from the contract page, and both shapes of the reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from systems import bench

from connectors.population import wire
from gateway.sdk import (
    Absent,
    Answered,
    Outcome,
    ProtocolViolation,
    Refused,
    TransientRemoteError,
    WireReply,
)

SAMPLES = Path(__file__).parents[3] / "mocks" / "population" / "samples"
ASKED = {"SoGiayTo": "099185000001", "HoVaTen": "Trần Thị Mẫu", "NgaySinh": "1985-06-15", "MaCanBo": "canbo.mau"}


def canonical(xml: bytes) -> bytes:
    """Spelling that means nothing apart: prefixes and white space between elements."""
    root = etree.fromstring(xml, etree.XMLParser(remove_blank_text=True))
    return b"\n".join(
        f"{element.tag}={(element.text or '').strip()}".encode()
        for element in root.iter()
        if isinstance(element.tag, str)
    )


def envelope(body: str, *, namespace: str = "http://www.mic.gov.vn/dancu/1.0") -> bytes:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<s:Body xmlns="{namespace}">{body}</s:Body></s:Envelope>'
    ).encode()


def interpret(content: bytes, *, operation: str = "lookup_citizen", status: int = 200, **headers: str) -> Outcome:
    system = bench("population")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = WireReply(status=status, headers={"content-type": "application/xml", **named}, content=content)
    return system.connector.interpret(system.call(operation, ASKED), reply)


def test_the_worked_hash_vector_of_the_contract_page() -> None:
    hashed = wire.password(
        sv_url="/r1/VN/GOV/EXAMPLE/EXAMPLE/TraCuuThongTinCongDan",
        username="demo_user",
        timestamp="1700000000000",
        secret="demo_secret",
    )
    assert hashed == "7fa97fba38bb3d26821d334f4739b8be58d1ec2853e85afe9b885b8bdd2c63d0"


@pytest.mark.parametrize(
    ("operation", "sample", "number"),
    [
        ("lookup_citizen", "lookup_request.xml", "ST-20260105-000001"),
        ("verify_citizen", "verify_request.xml", "ST-20260105-000002"),
    ],
)
def test_the_message_equals_the_golden_sample(operation: str, sample: str, number: str) -> None:
    system = bench("population")
    call = replace(system.call(operation, ASKED), call_id=number)
    assert canonical(system.connector.prepare(call).content) == canonical((SAMPLES / sample).read_bytes())


def test_the_headers_prove_this_very_call() -> None:
    system = bench("population")
    moment = datetime.fromtimestamp(1_700_000_000, tz=UTC)
    request = system.connector.prepare(replace(system.call("lookup_citizen", ASKED), at=moment))
    expected = wire.basic("demo_user", "7fa97fba38bb3d26821d334f4739b8be58d1ec2853e85afe9b885b8bdd2c63d0")
    assert request.headers["Authorization"] == expected
    assert request.headers["Timestamp"] == "1700000000000"
    assert request.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert request.headers["SOAPAction"] == '""'


def test_seconds_and_optional_headers_are_settings() -> None:
    system = bench("population", timestamp_unit="s", x_road_client="VN/GOV/X/Y", api_key="k")
    headers = system.connector.prepare(system.call("lookup_citizen", ASKED)).headers
    assert len(headers["Timestamp"]) == 10
    assert (headers["X-Road-Client"], headers["ApiKey"]) == ("VN/GOV/X/Y", "k")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"SoGiayTo": "000000001"}, b"SoCMND>000000001<"),
        ({"NgaySinh": "1985"}, b"Nam>1985<"),
        ({"NgaySinh": "1985-06-15"}, b"NgayThangNam>19850615<"),
    ],
)
def test_old_cards_and_bare_years_go_where_the_contract_wants_them(change: dict[str, str], expected: bytes) -> None:
    system = bench("population")
    assert expected in system.connector.prepare(system.call("verify_citizen", {**ASKED, **change})).content


def test_the_sample_reply_is_read() -> None:
    outcome = interpret((SAMPLES / "lookup_reply.xml").read_bytes())
    assert isinstance(outcome, Answered)
    assert outcome.body["HoVaTen"] == "TRẦN THỊ MẪU"
    assert outcome.body["NgaySinh"] == "1985-06-15"
    assert outcome.body["ThuongTru"]["MaPhuongXa"] == "31507"


def test_the_qcvn_109_shape_says_the_same() -> None:
    body = """<CongdanCollection SoCongDan="1"><CongDan><SoDinhDanh>099185000001</SoDinhDanh>
      <HoVaTen><Ho>TRẦN</Ho><ChuDem>THỊ</ChuDem><Ten>MẪU</Ten></HoVaTen><DanToc><MaDanToc>05</MaDanToc></DanToc>
      <NgayThangNamSinh>1985-06-15</NgayThangNamSinh>
      <ThuongTru><MaDonViHanhChinh>31507</MaDonViHanhChinh></ThuongTru>
      <Cha><HoVaTen><Ho>TRẦN</Ho><Ten>MẪU</Ten></HoVaTen></Cha></CongDan></CongdanCollection>"""
    outcome = interpret(envelope(body))
    assert isinstance(outcome, Answered)
    assert (outcome.body["HoVaTen"], outcome.body["DanToc"]) == ("TRẦN THỊ MẪU", "05")
    assert outcome.body["NgaySinh"] == "1985-06-15"
    assert outcome.body["Cha"]["HoVaTen"] == "TRẦN MẪU"
    canonical_record = bench("population").mappings.reply("lookup_citizen", outcome.body)
    assert canonical_record["permanent_address"] == {"commune_code": "31507"}


@pytest.mark.parametrize(
    "collection",
    [
        "<CongdanCollection/>",
        "<CongdanCollection><CongDan><HoVaTen><Ten/></HoVaTen></CongDan></CongdanCollection>",
        "<CongdanCollection><CongDan/></CongdanCollection>",
    ],
)
def test_no_person_or_a_person_without_a_name_is_absent(collection: str) -> None:
    assert interpret(envelope(collection)) == Absent()


@pytest.mark.parametrize(
    "body",
    [
        "<KetQuaKhac/>",
        "<CongdanCollection><CongDan><HoVaTen>A</HoVaTen></CongDan><CongDan><HoVaTen>B</HoVaTen></CongDan></CongdanCollection>",
        "<CongdanCollection>" + "<x>" * 40 + "</x>" * 40 + "</CongdanCollection>",
    ],
    ids=["another root", "two people", "nested"],
)
def test_what_the_contract_does_not_know_is_no_answer(body: str) -> None:
    with pytest.raises(ProtocolViolation):
        interpret(envelope(body))


@pytest.mark.parametrize("told", ["", "có", "TRUE", "2", "<a/>"])
def test_a_verification_is_a_boolean_or_nothing(told: str) -> None:
    body = f"<KetQuaXacThuc><TonTai>{told}</TonTai></KetQuaXacThuc>"
    with pytest.raises(ProtocolViolation):
        interpret(envelope(body, namespace="http://dancuquocgia.bca"), operation="verify_citizen")


@pytest.mark.parametrize("namespace", ["", "http://www.mic.gov.vn/dancu/1.0", "urn:other"])
def test_a_verdict_of_another_namespace_is_nobodys(namespace: str) -> None:
    """Contract 3.3: the element that answers is in the namespace of the request."""
    body = "<KetQuaXacThuc><TonTai>true</TonTai></KetQuaXacThuc>"
    with pytest.raises(ProtocolViolation):
        interpret(envelope(body, namespace=namespace), operation="verify_citizen")


def test_a_doctype_is_refused_unread() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "y">]>' + envelope("<CongdanCollection/>")
    with pytest.raises(ProtocolViolation):
        interpret(bomb)


def test_xroad_outage_is_transient_and_a_refusal_of_ours_is_not() -> None:
    def fault(code: str) -> bytes:
        soap = "http://schemas.xmlsoap.org/soap/envelope/"
        return envelope(f'<f:Fault xmlns:f="{soap}"><faultcode xmlns="">{code}</faultcode></f:Fault>')

    with pytest.raises(TransientRemoteError):
        interpret(fault("Server.ServerProxy.NetworkError"))
    assert isinstance(interpret(fault("Client.Whatever")), Refused)
    with pytest.raises(TransientRemoteError):
        interpret(b"{}", status=500, x_road_error="server.serverproxy.network_error")
    with pytest.raises(ProtocolViolation):
        interpret(b"{}", status=400, x_road_error="Client.BadRequest")


async def test_wrong_credentials_are_told_to_the_operator_not_to_the_citizen() -> None:
    system = bench("population", secret="wrong")
    with pytest.raises(ProtocolViolation) as raised:
        await system.ask(system.call("verify_citizen", ASKED))
    assert raised.value.error_code == "partner.credentials_refused"


@pytest.mark.parametrize("field", ["SoGiayTo", "HoVaTen", "MaCanBo"])
def test_markup_in_a_value_stays_a_value(field: str) -> None:
    system = bench("population")
    value: Any = "a</dan:HoVaTen><x>&amp;"
    content = system.connector.prepare(system.call("verify_citizen", {**ASKED, field: value})).content
    assert b"<x>" not in content
