"""The mock's further dialects against the samples made from the contract page: variants, facades, proofs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from mocks.population import app as population

SAMPLES = Path(population.__file__).parent / "samples"
VERIFY, VERIFY_B = "XacThucThongTinCongDan", "XacThucThongTinCongDanRequest"
LOOKUP, RELATIVES = "TraCuuThongTinCongDan", "XacMinhThongTinNhanThan"
REQUESTS = {
    VERIFY: "verify_request.xml", VERIFY_B: "verify_b_request.xml",
    LOOKUP: "lookup_request.xml", RELATIVES: "relatives_request.xml",
}  # fmt: skip
MESSAGE, BODY = "/apiCSDLDanCu/ChiaSeThongTinCongDan", "/o/rest/v2/qldc"
DC = "{http://www.mic.gov.vn/dancu/1.0}"
NOT_IN_THE_SAMPLE = ["NoiDangKyKhaiSinh", "QueQuan", "NoiOHienTai", "Cha", "Me", "VoChong", "SoSoHoKhau"]


def sample(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def compact(xml: str) -> str:
    return re.sub(r">\s+<", "><", xml.strip())


def basic(operation: str, stamp: str = "1700000000000") -> dict[str, str]:
    hashed = hashlib.sha256(f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{operation}demo_user{stamp}demo_secret".encode()).hexdigest()
    pair = base64.b64encode(f"demo_user:{hashed}".encode()).decode()
    return {"Authorization": f"Basic {pair}", "Timestamp": stamp}


async def soap(client: httpx.AsyncClient, operation: str, body: str = "", **headers: str) -> httpx.Response:
    sent = {"Content-Type": "application/xml", **basic(operation), **headers}
    return await client.post(f"/csdldc/{operation}", content=body or sample(REQUESTS[operation]), headers=sent)


async def facade(client: httpx.AsyncClient, path: str, **changes: Any) -> httpx.Response:
    request = json.loads(sample("message_request.json" if path == MESSAGE else "body_request.json"))
    request |= {} if path == MESSAGE else {"NgayThangNamSinh": "19850615"}
    return await client.post(path, json={key: item for key, item in {**request, **changes}.items() if item is not None})


def fault_code(reply: httpx.Response) -> str:
    return ElementTree.fromstring(reply.content).findtext(".//faultcode") or ""


@pytest.mark.parametrize("name", ["KetQuaXacThucResponse", "XacThucThongTinCongDanResponse"])
async def test_variant_b_is_answered_under_either_name(before: Any, name: str) -> None:
    reply = await soap(before(population.create_app({"verify_b_reply": name})), VERIFY_B)
    assert compact(reply.text) == compact(sample("verify_b_reply.xml").replace("KetQuaXacThucResponse", name))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [("TRANTHIMAU", "TRANTHIMAI", "false"), ("099185000001", "099199999999", "false"), ("x", "x", "true")],
)
async def test_variant_b_compares_number_and_name_alone(before: Any, old: str, new: str, told: str) -> None:
    reply = await soap(before(population.create_app()), VERIFY_B, sample("verify_b_request.xml").replace(old, new))
    assert f"<dan:TonTai>{told}</dan:TonTai>" in reply.text


async def test_relatives_answer_in_the_shape_of_qcvn_109_to_the_letter(before: Any, clock: Any) -> None:
    client = before(population.create_app({"omit": NOT_IN_THE_SAMPLE}, clock=clock))
    reply = await soap(client, RELATIVES)
    assert compact(reply.text) == compact(sample("lookup_reply_qcvn.xml"))


@pytest.mark.parametrize(
    ("operation", "old", "new", "code"),
    [
        (VERIFY_B, ">033<", ">003<", "MOCK-MATICHHOP"),
        (VERIFY_B, "MaDichVu", "MaDVC", "MOCK-ELEMENT"),
        (VERIFY_B, "<dan:HoVaTen>TRANTHIMAU</dan:HoVaTen>", "", "MOCK-MISSING"),
        (VERIFY_B, "099185000001", "", "MOCK-NUMBER"),
        (RELATIVES, "http://gtel.vn/qldc", "http://dancuquocgia.bca", "MOCK-OPERATION"),
        (RELATIVES, "MOCK-DV", "", "MOCK-MISSING"),
        (RELATIVES, "19850615", "1985-06-15", "MOCK-BIRTH"),
        (RELATIVES, ">19850615<", "><qldc:Nam>1985</qldc:Nam><", "MOCK-ELEMENT"),
    ],
)
async def test_a_variant_is_read_as_strictly(before: Any, operation: str, old: str, new: str, code: str) -> None:
    body = sample(REQUESTS[operation])
    assert old in body
    reply = await soap(before(population.create_app()), operation, body.replace(old, new))
    assert (reply.status_code, fault_code(reply)) == (400, code)


@pytest.mark.parametrize("operation", [VERIFY_B, RELATIVES])
async def test_where_both_numbers_are_listed_the_unused_one_may_stand_empty(before: Any, operation: str) -> None:
    prefix = "dan" if operation == VERIFY_B else "qldc"
    number = f"</{prefix}:SoDinhDanh>"
    body = sample(REQUESTS[operation]).replace(number, f"{number}<{prefix}:SoCMND/>")
    reply = await soap(before(population.create_app()), operation, body)
    assert fault_code(reply) == ""


async def test_the_profile_is_taken_and_by_switch_demanded(before: Any) -> None:
    client = before(population.create_app({"require_profile": True}))
    assert "TRẦN THỊ MẪU" in (await soap(client, LOOKUP, sample("profile_request.xml"))).text
    assert fault_code(await soap(client, LOOKUP)) == "MOCK-PROFILE"


async def test_behind_an_lgsp_no_basic_is_taken(before: Any) -> None:
    client = before(population.create_app({"credentials": "none"}))
    assert fault_code(await soap(client, LOOKUP)) == "MOCK-401-TWICE"
    bare = await client.post(
        f"/csdldc/{LOOKUP}", content=sample("lookup_request.xml"), headers={"Content-Type": "application/xml"}
    )
    assert "TRẦN THỊ MẪU" in bare.text


@pytest.mark.parametrize(
    ("key", "code"), [("ten:mat", ""), ("ten:khac", "MOCK-401-AUTHHASH"), ("", "MOCK-401-AUTHHASH")]
)
async def test_a_key_is_the_officers_own(before: Any, key: str, code: str) -> None:
    client = before(population.create_app({"auth_hash": {"canbo.mau": "ten:mat"}}))
    reply = await soap(client, LOOKUP, AuthHash=base64.b64encode(key.encode()).decode())
    assert fault_code(reply) == code
    unknown = sample("lookup_request.xml").replace("canbo.mau", "canbo.la")
    assert fault_code(await soap(client, LOOKUP, unknown, AuthHash="")) == "MOCK-401-AUTHHASH"


@pytest.mark.parametrize(
    ("switches", "headers", "code"),
    [
        ({"esb_source_type": "t"}, {}, "MOCK-401-ESB_SOURCE_TYPE"),
        ({"esb_source_type": "t"}, {"ESB_SOURCE_TYPE": "t"}, ""),
        ({"soap_action": "absent"}, {"SOAPAction": '""'}, "MOCK-SOAPACTION"),
        ({"soap_action": "absent"}, {}, ""),
        ({"soap_action": "empty"}, {}, "MOCK-SOAPACTION"),
        ({"permitted_officers": ["canbo.khac"]}, {}, "MOCK-NOT-PERMITTED"),
        ({"name_form": "upper"}, {}, ""),
    ],
)
async def test_switches_decide_what_is_insisted_on(
    before: Any, switches: dict[str, Any], headers: dict[str, str], code: str
) -> None:
    assert fault_code(await soap(before(population.create_app(switches)), LOOKUP, **headers)) == code


async def test_a_name_in_small_letters_is_no_name_in_capitals(before: Any) -> None:
    client = before(population.create_app({"name_form": "upper"}))
    for name, code in (("TRẦN THỊ MẪU", ""), ("Trần Thị Mẫu", "MOCK-NAME"), ("TRẦN  THỊ MẪU", "MOCK-NAME")):
        body = sample("lookup_request.xml").replace("TRANTHIMAU", name)
        assert fault_code(await soap(client, LOOKUP, body)) == code


class TestSoapInsideJson:
    async def test_the_answer_is_soap_in_a_text(self, before: Any) -> None:
        reply = (await facade(before(population.create_app({"omit": NOT_IN_THE_SAMPLE})), MESSAGE)).json()
        assert reply["error_code"] == "MOCK-00"
        assert compact(reply["message"]) == compact(sample("lookup_reply.xml"))

    async def test_its_number_of_integration_chooses_a_verification(self, before: Any) -> None:
        reply = (await facade(before(population.create_app()), MESSAGE, MaTichHop="003")).json()
        assert "<dan:TonTai>true</dan:TonTai>" in reply["message"]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"Nam": None}, "MOCK-KEYS"), ({"Them": "x"}, "MOCK-KEYS"), ({"MaCanBo": ""}, "MOCK-MISSING"),
            ({"Nam": "1985"}, "MOCK-MISSING"), ({"SoCMND": "000000001"}, "MOCK-NUMBER"),
            ({"MaTichHop": "001"}, "MOCK-MATICHHOP"), ({"NgayThangNam": "1985-06-15"}, "MOCK-BIRTH"),
            ({"HoVaTen": "Trần"}, "MOCK-NAME"), ({"MaYeuCau": 7}, "MOCK-JSON"),
        ],
    )  # fmt: skip
    async def test_a_body_out_of_order_is_refused_by_its_code(self, before: Any, changes: Any, code: str) -> None:
        reply = await facade(before(population.create_app()), MESSAGE, **changes)
        assert (reply.status_code, reply.json()["error_code"]) == (200, code)

    async def test_another_type_of_content_is_refused(self, before: Any) -> None:
        client = before(population.create_app())
        reply = await client.post(MESSAGE, content=sample("message_request.json"), headers={"Content-Type": "text/xml"})
        assert (reply.status_code, reply.json()["error_code"]) == (415, "MOCK-CONTENT-TYPE")


class TestOpencps:
    async def test_the_answer_is_the_sample_to_the_letter(self, before: Any) -> None:
        reply = await facade(before(population.create_app({"omit": NOT_IN_THE_SAMPLE})), BODY)
        assert reply.json() == json.loads(sample("body_reply.json"))

    async def test_nobody_is_an_empty_text_and_a_verification_is_one_element(self, before: Any) -> None:
        client = before(population.create_app())
        nobody = await facade(client, BODY, SoDinhDanh="099199999999")
        assert nobody.json() == {"Header": "", "Body": {"CongdanCollection": ""}}
        verified = await facade(client, BODY, type=VERIFY, MaTichHop="003")
        assert verified.json()["Body"] == {"KetQuaXacThuc": {"TonTai": "true"}}

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"MaDVC": None}, "001"), ({"GovAgencyCode": ""}, "002"), ({"StaffEmail": None}, "003"),
            ({"MaDVC": "X"}, "004"), ({"StaffEmail": "canbo.la@example.vn"}, "005"),
            ({"type": RELATIVES}, "MOCK-MISSING"), ({"SoCMND": ""}, "MOCK-NUMBER"),
            ({"NgayThangNamSinh": "15/06/1985"}, "MOCK-BIRTH"),
        ],
    )  # fmt: skip
    async def test_a_refusal_has_one_of_its_own_codes(self, before: Any, changes: Any, code: str) -> None:
        switches = {"permitted_ma_dvc": ["VPCP"], "permitted_officers": ["canbo.mau@example.vn"]}
        reply = await facade(before(population.create_app(switches)), BODY, **changes)
        assert (reply.status_code, reply.json()) == (400, {"message": "Error", "errorCode": code})


@pytest.mark.parametrize("path", [MESSAGE, BODY])
async def test_a_facade_stands_behind_a_security_server_too(before: Any, path: str) -> None:
    client = before(population.create_app())
    await client.post("/_mock/faults", json={"fault": "xroad_error:Client.BadRequest"})
    reply = await facade(client, path)
    assert (reply.status_code, reply.headers["x-road-error"]) == (400, "Client.BadRequest")


@pytest.mark.parametrize(
    ("fault", "numbers"),
    [
        ("other_number", ["099199999998"]), ("several", ["099199999998", "099185000001"]),
        ("several:0", ["099199999998"] * 2), ("several:2", ["099185000001"] * 2),
    ],
)  # fmt: skip
async def test_records_of_others_on_demand(before: Any, fault: str, numbers: list[str]) -> None:
    reply = await soap(before(population.create_app()), LOOKUP, **{"X-Mock-Fault": fault})
    found = ElementTree.fromstring(reply.content).iterfind(f".//{DC}CongDan/{DC}SoDinhDanh")
    assert [number.text for number in found] == numbers


@pytest.mark.parametrize(("fault", "told"), [("bad_boolean", "có"), ("bad_boolean:2", "2")])
async def test_no_boolean_on_demand_waits_for_a_verification(before: Any, fault: str, told: str) -> None:
    client = before(population.create_app())
    await client.post("/_mock/faults", json={"fault": fault})
    assert "TRẦN THỊ MẪU" in (await soap(client, LOOKUP)).text
    assert f"<dan:TonTai>{told}</dan:TonTai>" in (await soap(client, VERIFY)).text
