"""What leaves: golden messages of each dialect, headers, tables of officers and procedures; settings that fit."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from population_dialects import ASKED, DIALECTS, RELATIVES, SOAP, Dialect
from systems import bench
from zeep_watch import by_zeep

from connectors.population.connector import contract
from connectors.population.settings import PopulationSettings
from gateway.registry import configured
from gateway.sdk import ConfigurationError
from gateway.sdk.errors import NotAllowedError, RequestError

SAMPLES = Path(__file__).parents[3] / "mocks" / "population" / "samples"
EMAIL = {"officer_accounts": {"canbo.mau": "canbo.mau@example.vn"}}


def sent(dialect: Dialect, operation: str, **changes: Any) -> Any:
    system = dialect.bench()
    call = replace(system.call(operation, {**ASKED, **changes}), call_id=changes.get("call_id", "CALL"))
    return system.connector.prepare(call)


def plain(xml: bytes) -> list[tuple[str, str]]:
    """Names with their namespaces, and texts; prefixes and white space between elements apart."""
    root = etree.fromstring(xml)
    return [(str(element.tag), (element.text or "").strip()) for element in root.iter()]


@pytest.mark.parametrize(
    ("dialect", "operation", "sample", "number"),
    [
        ("variant B", "verify_citizen", "verify_b_request.xml", "099185000001"),
        ("relatives", "lookup_citizen", "relatives_request.xml", "099185000001"),
        ("profile S3", "lookup_citizen", "profile_request.xml", "000000001"),
    ],
)
def test_a_soap_message_equals_the_golden_sample(dialect: str, operation: str, sample: str, number: str) -> None:
    golden = (SAMPLES / sample).read_bytes()
    born = "1985" if b"<dan:Nam>" in golden else "1985-06-15"
    request_id = next(text for tag, text in plain(golden) if tag.endswith("}MaYeuCau"))
    request = sent(DIALECTS[dialect], operation, SoGiayTo=number, NgaySinh=born, call_id=request_id)
    assert plain(request.content) == plain(golden)


@pytest.fixture
def as_at_the_start() -> None:
    """Nothing is known that another test has asked."""
    contract.cache_clear()


@pytest.mark.usefixtures("as_at_the_start")
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("dialect", SOAP.values(), ids=SOAP)
def test_every_kind_of_question_was_foreseen_at_the_start(dialect: Dialect, both: bool) -> None:
    """So zeep writes none of them while a caller waits."""
    system = replace(dialect, settings={**dialect.settings, "send_both_numbers": both}).bench()
    for operation in ("verify_citizen", "lookup_citizen"):
        for number, born in product(("099185000001", "000000001"), ("1985-06-15", "1985")):
            call = system.call(operation, {**ASKED, "SoGiayTo": number, "NgaySinh": born})
            assert by_zeep(lambda call=call: system.connector.prepare(call))[1] == 0


@pytest.mark.usefixtures("as_at_the_start")
@pytest.mark.parametrize("name", ["ma_don_vi", "tai_khoan", "so_dien_thoai"])
def test_a_part_of_the_profile_is_foreseen_too(name: str) -> None:
    system = Dialect(settings={name: "MOCK"}).bench()
    call = system.call("lookup_citizen", ASKED)
    assert by_zeep(lambda: system.connector.prepare(call))[1] == 0


@pytest.mark.parametrize(
    ("dialect", "sample", "settings"),
    [("SOAP inside JSON", "message_request.json", {}), ("JSON of OpenCPS", "body_request.json", EMAIL)],
)
def test_a_facades_message_equals_the_golden_sample(dialect: str, sample: str, settings: Any) -> None:
    golden = json.loads((SAMPLES / sample).read_text(encoding="utf-8"))
    spoken = replace(DIALECTS[dialect], settings={**DIALECTS[dialect].settings, **settings})
    request = sent(spoken, "lookup_citizen", call_id=golden["MaYeuCau"])
    assert json.loads(request.content) == golden
    assert request.headers == {"Content-Type": "application/json; charset=utf-8"}


def test_a_year_and_an_old_card_take_their_places_in_a_facades_message() -> None:
    request = sent(DIALECTS["SOAP inside JSON"], "lookup_citizen", SoGiayTo="000000001", NgaySinh="1985")
    body = json.loads(request.content)
    assert {key: body[key] for key in ("SoDinhDanh", "SoCMND", "NgayThangNam", "Nam")} == {
        "SoDinhDanh": "", "SoCMND": "000000001", "NgayThangNam": "", "Nam": "1985",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("form", "typed", "spelled"),
    [
        ("stripped", "Trần  Thị Mẫu", "TRANTHIMAU"),
        ("stripped", "Đặng Thị O'Mẫu-Ví", "DANGTHIOMAUVI"),
        ("upper", " Đặng  Thị\u00a0Mẫu ", "ĐẶNG THỊ MẪU"),
        ("upper", "Tra\u0302\u0300n", "TRẦN"),
    ],
)
def test_a_name_is_spelled_as_the_province_was_told(form: str, typed: str, spelled: str) -> None:
    spoken = Dialect(settings={"name_form": form})
    assert f"HoVaTen>{spelled}<".encode() in sent(spoken, "verify_citizen", HoVaTen=typed).content


def test_headers_are_those_that_are_set_and_no_others() -> None:
    whole = {"Content-Type", "Authorization", "Timestamp"}
    assert sent(Dialect(), "verify_citizen").headers.keys() == whole | {"SOAPAction"}
    bare = Dialect(settings={"credentials": "none", "soap_action": "absent", "content_type": "text/xml"})
    assert sent(bare, "verify_citizen").headers == {"Content-Type": "text/xml; charset=utf-8"}
    marked = {"x_road_client": "A/B", "api_key": "k", "esb_source_type": "t", "esb_source_username": "u"}
    headers = sent(Dialect(settings=marked), "verify_citizen").headers
    assert headers.keys() - whole == {"SOAPAction", "X-Road-Client", "ApiKey", "ESB_SOURCE_TYPE", "ESB_SOURCE_USERNAME"}


def test_a_key_is_the_officers_own() -> None:
    spoken = Dialect(settings={"officer_keys": {"canbo.mau": "ten:MOCK-mat", "canbo.hai": "hai:MOCK-hai"}})
    for officer, key in (("canbo.mau", b"ten:MOCK-mat"), ("canbo.hai", b"hai:MOCK-hai")):
        assert base64.b64decode(sent(spoken, "lookup_citizen", MaCanBo=officer).headers["AuthHash"]) == key


@pytest.mark.parametrize(
    ("settings", "changes", "code", "pointer"),
    [
        ({"officer_keys": {"canbo.mau": "ten:mat"}}, {"MaCanBo": "canbo.la"}, "officer_without_key", "officer_id"),
        (EMAIL, {"MaCanBo": "canbo.la"}, "officer_without_account", "officer_id"),
        (
            {"ma_dvc_by_procedure": {"1.009998": "X"}}, {"MaThuTuc": "1.009999"}, "procedure_not_licensed",
            "procedure_code",
        ),
        ({"ma_dvc_by_procedure": {"1.009998": "X"}}, {"MaThuTuc": ""}, "procedure_not_licensed", "procedure_code"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("operation", ["verify_citizen", "lookup_citizen"])
async def test_who_may_not_ask_is_refused_before_anything_leaves(
    settings: Any, changes: Any, code: str, pointer: str, operation: str
) -> None:
    """POP-06 (part): the officer's own key and the procedure's own licence, or nothing is asked."""
    system = bench("population", **settings)
    with pytest.raises(NotAllowedError) as raised:
        await system.ask(system.call(operation, {**ASKED, **changes}))
    assert isinstance(raised.value, RequestError)
    assert raised.value.error_code == f"caller.{code}"
    assert [field.pointer for field in raised.value.fields] == [f"/purpose/{pointer}"]
    assert "không gửi gì" in raised.value.detail_vi


@pytest.mark.parametrize("procedure", ["1.009999", "1.009999.000.00.00.H99", "1.009999.H99"])
def test_a_procedure_is_licensed_whoever_published_it(procedure: str) -> None:
    spoken = Dialect(settings={"ma_dvc_by_procedure": {"1.009999": "MOCK-DVC"}})
    assert b"MaDVC>MOCK-DVC<" in sent(spoken, "lookup_citizen", MaThuTuc=procedure).content


def test_a_fixed_account_stands_for_every_officer() -> None:
    assert b"MaCanBo>VDXP_chung<" in sent(Dialect(settings={"ma_can_bo": "VDXP_chung"}), "lookup_citizen").content


GIVEN: dict[str, Any] = {"base_url": "http://127.0.0.1:1", "verify_path": "/v", "lookup_path": "/l"}
PROOF: dict[str, Any] = {"username": "u", "secret": "s", "verify_sv_url": "/v", "lookup_sv_url": "/l"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, "username"),
        ({**PROOF, "secret": ""}, "secret"),
        ({**PROOF, "lookup_sv_url": ""}, "lookup_sv_url"),
        ({**PROOF, "lookup_message": RELATIVES}, "ma_don_vi"),
        ({**PROOF, "lookup_message": RELATIVES, "ma_don_vi": "x"}, "lookup_ma_tich_hop"),
        ({**PROOF, "carrier": "json_body", "lookup_message": RELATIVES, "ma_don_vi": "x", "lookup_ma_tich_hop": "1"},
         "lookup_message"),
        ({**PROOF, "carrier": "json_message", "verify_message": "XacThucThongTinCongDanRequest"}, "verify_message"),
        ({**PROOF, "officer_keys": {"canbo.mau": "MOCK-khong-co-hai-phan"}}, "officer_keys"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_together_stop_the_start(changes: Any, named: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        configured({"population": {**GIVEN, **changes}}, sandbox=False, breaker={})
    assert f"systems.population.{named} " in raised.value.detail
    assert "MOCK" not in str(raised.value)


def test_no_key_of_an_officer_is_shown() -> None:
    own = PopulationSettings(**GIVEN, credentials="none", officer_keys={"canbo.mau": "ten:MOCK-mat"})
    assert "MOCK-mat" not in repr(own)
