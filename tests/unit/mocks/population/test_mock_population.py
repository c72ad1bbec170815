"""The population mock against the contract's own example, vector and rules (contract, 3, 5 and 7)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from mocks.population import app as population
from mocks.population.credentials import password

SAMPLES = Path(population.__file__).parent / "samples"
VERIFY, LOOKUP = "XacThucThongTinCongDan", "TraCuuThongTinCongDan"
NOT_IN_THE_EXAMPLE = ["NoiDangKyKhaiSinh", "QueQuan", "NoiOHienTai", "Cha", "Me", "VoChong", "SoSoHoKhau"]
DC = "{http://www.mic.gov.vn/dancu/1.0}"


def sample(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def compact(xml: str) -> str:
    """The example without its indentation."""
    return re.sub(r">\s+<", "><", xml.strip())


def request_of(operation: str) -> str:
    return sample("lookup_request.xml" if operation == LOOKUP else "verify_request.xml")


def headers_for(operation: str, timestamp: str = "1700000000000", **changes: str) -> dict[str, str]:
    given = {"user": "demo_user", "secret": "demo_secret", **changes}
    path = f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{operation}"
    hashed = hashlib.sha256(f"{path}{given['user']}{timestamp}{given['secret']}".encode()).hexdigest()
    pair = base64.b64encode(f"{given['user']}:{hashed}".encode()).decode()
    return {
        "Authorization": f"Basic {pair}",
        "Timestamp": timestamp,
        "Content-Type": "application/xml; charset=utf-8",
        "SOAPAction": '""',
    }


async def ask(
    client: httpx.AsyncClient, operation: str, body: str | bytes = "", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    content = body or request_of(operation)
    sent = {**headers_for(operation), **(headers or {})}
    return await client.post(f"/csdldc/{operation}", content=content, headers=sent)


def fault_code(reply: httpx.Response) -> str:
    return ElementTree.fromstring(reply.content).findtext(".//faultcode") or ""


def citizen(reply: httpx.Response) -> ElementTree.Element | None:
    return ElementTree.fromstring(reply.content).find(f".//{DC}CongDan")


def about(number: str, name: str, born: str) -> str:
    body = request_of(LOOKUP).replace("099185000001", number).replace("TRANTHIMAU", name)
    tag = "Nam" if len(born) == 4 else "NgayThangNam"
    return body.replace("<dan:NgayThangNam>19850615</dan:NgayThangNam>", f"<dan:{tag}>{born}</dan:{tag}>")


def test_the_password_is_the_contracts_vector() -> None:
    vector = password(
        sv_url="/r1/VN/GOV/EXAMPLE/EXAMPLE/TraCuuThongTinCongDan",
        username="demo_user",
        timestamp="1700000000000",
        secret="demo_secret",
    )
    assert vector == "7fa97fba38bb3d26821d334f4739b8be58d1ec2853e85afe9b885b8bdd2c63d0"


async def test_the_contracts_request_gets_the_contracts_reply_to_the_letter(before: Any) -> None:
    reply = await ask(before(population.create_app({"omit": NOT_IN_THE_EXAMPLE})), LOOKUP)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/xml")
    assert compact(reply.text) == compact(sample("lookup_reply.xml"))


async def test_a_true_verification_is_the_sample_to_the_letter(before: Any) -> None:
    reply = await ask(before(population.create_app()), VERIFY)
    assert compact(reply.text) == compact(sample("verify_reply.xml"))


@pytest.mark.parametrize(
    ("old", "new"),
    [("099185000001", "099199999999"), ("TRANTHIMAU", "TRANTHIMAI"), ("19850615", "19850616")],
)
async def test_a_verification_that_differs_in_anything_is_false(before: Any, old: str, new: str) -> None:
    reply = await ask(before(population.create_app()), VERIFY, request_of(VERIFY).replace(old, new))
    assert "<dan:TonTai>false</dan:TonTai>" in reply.text


async def test_an_unknown_citizen_gets_an_empty_collection(before: Any) -> None:
    reply = await ask(before(population.create_app()), LOOKUP, about("099199999999", "AI", "19900101"))
    assert reply.status_code == 200
    assert '<ns1:CongdanCollection xmlns:ns1="http://www.mic.gov.vn/dancu/1.0"/>' in reply.text


async def test_an_unknown_citizen_may_come_as_one_without_a_name(before: Any) -> None:
    client = before(population.create_app({"not_found": "nameless"}))
    found = citizen(await ask(client, LOOKUP, about("099199999999", "AI", "19900101")))
    assert found is not None
    assert "".join(found.itertext()) == ""


async def test_one_citizen_is_found_by_number_alone_and_verified_by_nothing_less(before: Any) -> None:
    client = before(population.create_app())
    body = about("099190000003", "SAITEN", "19910101")
    assert citizen(await ask(client, LOOKUP, body)) is not None
    verification = body.replace(LOOKUP, VERIFY).replace("037", "003")
    assert "false" in (await ask(client, VERIFY, verification)).text


async def test_a_citizen_on_record_by_year_is_found_by_year_alone(before: Any) -> None:
    client = before(population.create_app())
    by_year = citizen(await ask(client, LOOKUP, about("099195000004", "PHAMTHIVIDU", "1995")))
    assert by_year is not None
    assert by_year.find(f"{DC}NgayThangNamSinh/{DC}NgayThangNam") is None
    assert citizen(await ask(client, LOOKUP, about("099195000004", "PHAMTHIVIDU", "19950101"))) is None


async def test_an_old_card_number_finds_its_citizen(before: Any) -> None:
    body = request_of(LOOKUP).replace("SoDinhDanh", "SoCMND").replace("099185000001", "000000001")
    assert citizen(await ask(before(population.create_app()), LOOKUP, body)) is not None


async def test_the_qcvn_shape_splits_names_and_groups_codes(before: Any) -> None:
    found = citizen(await ask(before(population.create_app({"reply_shape": "qcvn"})), LOOKUP))
    assert found is not None
    assert found.findtext(f"{DC}HoVaTen/{DC}Ho") == "TRẦN"
    assert found.findtext(f"{DC}DanToc/{DC}MaDanToc") == "05"
    assert found.findtext(f"{DC}NgayThangNamSinh/{DC}NgayThangNam") == "1985-06-15"


REFUSED_BODIES = {
    "MOCK-XML": [("</soapenv:Envelope>", "")],
    "MOCK-DTD": [("<soapenv:Envelope", '<!DOCTYPE x [<!ENTITY e "e">]><soapenv:Envelope')],
    "MOCK-SOAP": [("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")],
    "MOCK-HEADER": [("<soapenv:Header/>", "<soapenv:Header><x/></soapenv:Header>")],
    "MOCK-OPERATION": [(LOOKUP, VERIFY)],
    "MOCK-ELEMENT": [("dan:MaCanBo", "dan:CanBo")],
    "MOCK-TWICE": [("<dan:MaDVC>VPCP</dan:MaDVC>", "<dan:MaDVC>VPCP</dan:MaDVC>" * 2)],
    "MOCK-ORDER": [("dan:MaDVC", "dan:X"), ("dan:MaYeuCau", "dan:MaDVC"), ("dan:X", "dan:MaYeuCau")],
    "MOCK-MISSING": [("canbo.mau", "")],
    "MOCK-MATICHHOP": [("037", "003")],
    "MOCK-NUMBER": [("099185000001", "09918500000")],
    "MOCK-NAME": [("TRANTHIMAU", "TRẦN THỊ MẪU")],
    "MOCK-BIRTH": [("19850615", "1985-06-15")],
}


@pytest.mark.parametrize("code", REFUSED_BODIES)
async def test_a_body_out_of_order_is_refused_by_its_code(before: Any, code: str) -> None:
    body = request_of(LOOKUP)
    for old, new in REFUSED_BODIES[code]:
        assert old in body
        body = body.replace(old, new)
    reply = await ask(before(population.create_app()), LOOKUP, body)
    assert (reply.status_code, fault_code(reply)) == (400, code)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": "Bearer x"}, 401, "MOCK-401-BASIC"),
        ({"Authorization": "Basic %%%"}, 401, "MOCK-401-BASIC"),
        (headers_for(LOOKUP, user="somebody"), 401, "MOCK-401-USER"),
        (headers_for(LOOKUP, secret="other"), 401, "MOCK-401-HASH"),
        (headers_for(LOOKUP, "1700000000"), 401, "MOCK-401-TIMESTAMP"),
        ({"Timestamp": "1700000000001"}, 401, "MOCK-401-HASH"),
        ({"Content-Type": "text/xml; charset=utf-8"}, 415, "MOCK-CONTENT-TYPE"),
        ({"Content-Type": "application/xml; charset=utf-16"}, 415, "MOCK-CONTENT-TYPE"),
        ({"SOAPAction": "TraCuu"}, 400, "MOCK-SOAPACTION"),
    ],
)
async def test_headers_out_of_order_are_refused(before: Any, headers: dict[str, str], status: int, code: str) -> None:
    reply = await ask(before(population.create_app()), LOOKUP, headers=headers)
    assert (reply.status_code, fault_code(reply)) == (status, code)
    assert ("www-authenticate" in reply.headers) == (status == 401)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"timestamp_unit": "s"}, "MOCK-401-TIMESTAMP"),
        ({"clock_skew_s": 60.0}, "MOCK-401-CLOCK"),
        ({"x_road_client": "VN/GOV/X"}, "MOCK-401-X-ROAD-CLIENT"),
        ({"api_key": "k"}, "MOCK-401-APIKEY"),
        ({"permitted_ma_dvc": ["G15-TP110"]}, "MOCK-NOT-PERMITTED"),
        ({"date_format": "yyyy-MM-dd"}, "MOCK-BIRTH"),
        ({"paths": {LOOKUP: "/elsewhere"}}, "MOCK-404-PATH"),
    ],
)
async def test_a_switch_makes_the_good_request_a_bad_one(before: Any, settings: dict[str, Any], code: str) -> None:
    assert fault_code(await ask(before(population.create_app(settings)), LOOKUP)) == code


async def test_a_request_id_used_twice_is_noted_and_by_switch_refused(before: Any) -> None:
    client = before(population.create_app())
    assert (await ask(client, LOOKUP)).status_code == 200
    assert (await ask(client, LOOKUP)).status_code == 200
    noted = (await client.get("/_mock/journal")).json()["entries"]
    assert [entry["facts"]["repeated_request_id"] for entry in noted] == [False, True]
    await client.post("/_mock/settings", json={"refuse_repeated_request_id": True})
    assert fault_code(await ask(client, LOOKUP)) == "MOCK-REPEATED"


async def test_a_lenient_mock_takes_text_xml_and_names_with_marks(before: Any) -> None:
    client = before(population.create_app({"accept_text_xml": True, "name_form": "any"}))
    body = request_of(LOOKUP).replace("TRANTHIMAU", "Trần Thị Mẫu")
    assert citizen(await ask(client, LOOKUP, body, {"Content-Type": "text/xml"})) is not None


async def test_a_body_that_is_not_utf_8_is_refused(before: Any) -> None:
    reply = await ask(before(population.create_app()), LOOKUP, request_of(LOOKUP).encode("utf-16"))
    assert fault_code(reply) == "MOCK-XML"


@pytest.mark.parametrize(("fault", "status"), [("refuse", 200), ("refuse:403", 403)])
async def test_the_fault_refuse_says_not_permitted(before: Any, fault: str, status: int) -> None:
    reply = await ask(before(population.create_app()), LOOKUP, headers={"X-Mock-Fault": fault})
    assert (reply.status_code, fault_code(reply)) == (status, "MOCK-NOT-PERMITTED")


@pytest.mark.parametrize(
    ("fault", "status"),
    [("xroad_error", 500), ("xroad_error:Client.BadRequest", 400), ("xroad_error:server.serverproxy.io_error", 500)],
)
@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
async def test_the_fault_xroad_error_is_json_or_xml_as_accepted(
    before: Any, fault: str, status: int, accept: str
) -> None:
    reply = await ask(before(population.create_app()), LOOKUP, headers={"X-Mock-Fault": fault, "Accept": accept})
    assert (reply.status_code, reply.headers["content-type"]) == (status, accept)
    kind = ElementTree.fromstring(reply.content).findtext("type") if "xml" in accept else reply.json()["type"]
    assert kind == reply.headers["x-road-error"] == (fault.partition(":")[2] or "Server.ServerProxy.NetworkError")


async def test_the_fault_xroad_fault_is_a_soap_fault_with_200(before: Any) -> None:
    reply = await ask(before(population.create_app()), LOOKUP, headers={"X-Mock-Fault": "xroad_fault:Client.X"})
    assert (reply.status_code, fault_code(reply)) == (200, "Client.X")
    assert ElementTree.fromstring(reply.content).findtext(".//detail/faultDetail")


async def test_a_caller_that_names_itself_gets_the_x_road_headers(before: Any) -> None:
    headers = {"X-Road-Client": "VN/GOV/000.00.00.H99/MAU", "X-Road-Id": "7"}
    reply = await ask(before(population.create_app()), VERIFY, headers=headers)
    assert (reply.headers["x-road-client"], reply.headers["x-road-id"]) == tuple(headers.values())
