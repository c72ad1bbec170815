"""The business registry: both generations, lists of one, and a status that nobody judges."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import Bench, bench

from gateway.sdk import Absent, Answered, Outcome, ProtocolViolation, Refused, RemoteError, WireReply

SAMPLES = Path(__file__).parents[3] / "mocks" / "business_registry" / "samples"
V1 = json.loads((SAMPLES / "v1.json").read_text())
V2 = json.loads((SAMPLES / "v2.json").read_text())
FIRM = "9900000016"


@cache
def silent(generation: str = "auto") -> Bench:
    """For what needs no mock: made once, because compiling its mappings takes longer than a case."""
    return bench("business_registry", reply_generation=generation)


def interpret(document: Any, *, code: str = FIRM, generation: str = "auto") -> Outcome:
    system = silent(generation)
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return system.connector.interpret(
        system.call("lookup_enterprise", {"msdn": code}), WireReply(status=200, content=content)
    )


def read(document: Any, **asked: Any) -> dict[str, Any]:
    outcome = interpret(document, **asked)
    assert isinstance(outcome, Answered)
    return silent().mappings.reply("lookup_enterprise", outcome.body)


def with_main(**changes: Any) -> dict[str, Any]:
    """The v1 sample with other fields in `MainInformation`."""
    document = copy.deepcopy(V1)
    document["Data"]["MainInformation"].update(changes)
    return document


def with_certificate(**changes: Any) -> dict[str, Any]:
    document = copy.deepcopy(V2)
    document["GetEntCert"][0].update(changes)
    return document


def test_the_request_is_as_the_contract_writes_it() -> None:
    system = bench("business_registry")
    request = system.connector.prepare(system.call("lookup_enterprise", {"msdn": "9900000016-001"}))
    assert request.method == "GET"
    assert request.url == "http://127.0.0.1:7102/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=9900000016-001"
    assert "Authorization" not in request.headers, "the platform in front of it adds its token"


@pytest.mark.parametrize("path", ["/apiCSDLDKDN/chiTietDoanhNghiep", "/apiDKKD/DoanhNghiep/chiTietDoanhNghiep"])
async def test_another_provider_is_a_setting(path: str) -> None:
    """BIZ-07: the paths of Quảng Bình and Thanh Hoá, without code."""
    system = bench("business_registry", detail_path=path)
    assert isinstance(await system.ask(system.call("lookup_enterprise", {"msdn": FIRM})), Answered)


def test_both_generations_say_the_same() -> None:
    """BIZ-04: the status passes through in the registry's words."""
    first, second = read(V1), read(V2)
    for field in ("enterprise_code", "name", "type_name", "status", "status_code", "founded_on", "last_changed_on"):
        assert first[field] == second[field], field
    names = [[person["full_name"] for person in found["representatives"]] for found in (first, second)]
    assert names == [["NGUYỄN VĂN MẪU"]] * 2
    assert first["activities"] == second["activities"]
    assert first["statuses"] == second["statuses"] == [{"name": "Đang hoạt động", "code": "X"}]


@pytest.mark.parametrize(
    "status", ["không còn hoạt động tại địa chỉ đã đăng ký", "ĐANG  làm thủ tục giải thể ", "1", "có"]
)
def test_a_status_is_shown_as_it_is_worded(status: str) -> None:
    """BIZ-04: unchanged in every letter, in both generations, and never a yes or no."""
    first = read(with_main(ENTERPRISE_STATUS_NAME=status))
    second = read(with_certificate(TinhTrangPhapLy={"TinhTrangPhapLy": status}))
    assert first["status"] == second["status"] == status
    assert first["statuses"][0]["name"] == second["statuses"][0]["name"] == status


def test_a_representative_is_named_once_whichever_block_names_him() -> None:
    """BIZ-05 (part): somebody whom only one of the two blocks names is a representative all the same."""
    found = read(with_main(LEGAL_NAMES="Nguyễn  Văn Mẫu; TRẦN THỊ MẪU;;"))
    assert found["representatives"] == [{"full_name": "NGUYỄN VĂN MẪU"}, {"full_name": "TRẦN THỊ MẪU"}]
    assert found["legal_names"] == ["Nguyễn  Văn Mẫu", "TRẦN THỊ MẪU"]


def test_a_list_of_one_may_arrive_as_an_object() -> None:
    """Contract 4.2: Representatives, BusinessActivity, Member."""
    collapsed = copy.deepcopy(V1)
    collapsed["Data"]["BusinessActivity"] = V1["Data"]["BusinessActivity"][0]
    collapsed["Data"]["Representatives"] = [V1["Data"]["Representatives"]]
    assert read(collapsed) == read(V1)


@pytest.mark.parametrize("code", [FIRM, "9900000016-001", "9900000023", "9900000048", "9900000055", "9900000094"])
@pytest.mark.parametrize("collapse", ["always", "never"])
@pytest.mark.parametrize("numbers", ["recorded", "texts", "numbers"])
async def test_however_lists_and_numbers_arrive_the_record_is_the_same(code: str, collapse: str, numbers: str) -> None:
    records = []
    for switches in ({}, {"collapse": collapse, "numbers": numbers}):
        system = bench("business_registry", mock=switches)
        outcome = await system.ask(system.call("lookup_enterprise", {"msdn": code}))
        assert isinstance(outcome, Answered)
        records.append(system.mappings.reply("lookup_enterprise", outcome.body))
    assert records[0] == records[1]


def test_the_nationality_code_may_be_a_number() -> None:
    """Contract 4.4: MaQuocTich is a text in one model and a number in the other."""
    person = {"HoVaTen": "VÍ DỤ JOHN", "MaQuocTich": 12}
    (found,) = read(with_certificate(DaiDienPhapLuat={"ThongTinCaNhan": person}))["representatives"]
    assert found["nationality_code"] == "12"


def test_ids_of_places_are_the_registrys_own_and_stay_texts() -> None:
    """Contract 4.2: never taken for codes of administrative units, and no zero is added."""
    for document in (V1, V2):
        address = read(document)["address"]
        assert address["internal_ward_code"] == "99999"
        assert {key for key in address if key.endswith("_code")} <= {
            "internal_ward_code", "internal_district_code", "internal_province_code", "country_code",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2020-01-02T00:00:00", {"founded_on": "2020-01-02"}),
        ("2020-01-02T00:00:00.0000000", {"founded_on": "2020-01-02"}),
        ("2020-01-01T17:00:00Z", {"founded_on": "2020-01-02"}),
        ("2020-01-02", {"founded_on": "2020-01-02"}),
        ("02/01/2020", {"founded_on_text": "02/01/2020"}),
        ("20200102", {"founded_on_text": "20200102"}),
        ("0001-01-01T00:00:00", {"founded_on_text": "0001-01-01T00:00:00"}),
        ("2020-13-02", {"founded_on_text": "2020-13-02"}),
        (1577923200000, {"founded_on_text": "1577923200000"}),
        ("/Date(1577923200000)/", {"founded_on_text": "/Date(1577923200000)/"}),
        (None, {}),
    ],
)
def test_a_date_of_unknown_form_is_kept_and_not_made_up(told: Any, expected: dict[str, str]) -> None:
    """Contract 4.4: only ISO is known to be meant in the second generation."""
    found = read(with_certificate(NgayDangKyLanDau=told))
    assert {key: value for key, value in found.items() if key.startswith("founded")} == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("02/01/2020", {"founded_on": "2020-01-02"}),
        ("2/1/2020", {"founded_on": "2020-01-02"}),
        ("2020-01-02", {"founded_on": "2020-01-02"}),
        ("31/02/2020", {"founded_on_text": "31/02/2020"}),
        ("quý I/2020", {"founded_on_text": "quý I/2020"}),
    ],
)
def test_the_first_generation_writes_the_day_first(told: str, expected: dict[str, str]) -> None:
    """Contract 4.2."""
    found = read(with_main(FOUNDING_DATE=told))
    assert {key: value for key, value in found.items() if key.startswith("founded")} == expected


@settings(deadline=None, max_examples=200)
@given(told=st.one_of(st.text(max_size=30), st.dates().map(str), st.datetimes().map(str)))
def test_a_date_is_either_read_or_kept_whatever_it_says(told: str) -> None:
    found = read(with_certificate(NgayDangKyLanDau=told))
    if "founded_on" in found:
        assert told.strip().startswith(found["founded_on"])
        assert "founded_on_text" not in found
    else:
        assert found.get("founded_on_text", "") == told.strip()


@pytest.mark.parametrize(
    ("told", "expected"), [("1500000000.500", 1500000000.5), (5_000_000_000.0, 5_000_000_000), ("20", 20), ("", None)]
)
def test_an_amount_is_a_number_and_keeps_its_fraction(told: Any, expected: float | None) -> None:
    assert read(with_main(CAPITAL_AMOUNT=told)).get("capital_amount") == expected


@pytest.mark.parametrize("name", ["NGUYá»„N VÄ‚N Máº\xaaU", "NGUY?N V?N M?U", "LÊ TH?"])
def test_a_name_that_was_spoilt_on_the_way_is_no_answer(name: str) -> None:
    """Valid UTF-8 of letters that nobody wrote."""
    document = with_certificate(DaiDienPhapLuat={"ThongTinCaNhan": {"HoVaTen": name}})
    for spoilt in (with_main(LEGAL_NAMES=name), document):
        with pytest.raises(ProtocolViolation):
            interpret(spoilt)


def test_a_representative_without_a_name_is_not_left_out() -> None:
    """That somebody is withheld must be known where it is asked who is a representative."""
    people = [{"HoVaTen": "NGUYỄN VĂN MẪU"}, {"HoVaTen": None, "SoGiayChungThuc": "099185000001"}, {"HoVaTen": ""}]
    read_people = read(with_certificate(DaiDienPhapLuat=[{"ThongTinCaNhan": people}]))["representatives"]
    assert [person.get("full_name") for person in read_people] == ["NGUYỄN VĂN MẪU", None]
    assert read_people[1]["document_number"] == "099185000001"


def test_of_several_certificates_the_one_with_the_code_is_taken() -> None:
    other = with_certificate(MaSoDoanhNghiep="9900000048", TenTiengViet="KHÁC")["GetEntCert"]
    assert read({"GetEntCert": [*other, *V2["GetEntCert"]]}) == read(V2)


@pytest.mark.parametrize("count", [2, 3])
def test_several_certificates_with_the_code_are_no_answer(count: int) -> None:
    """BIZ-02 (part): a number is never reused; which of them counts is not for us to pick."""
    with pytest.raises(ProtocolViolation):
        interpret({"GetEntCert": V2["GetEntCert"] * count})


@pytest.mark.parametrize(
    "document",
    [
        {"Data": {"MainInformation": None}, "Status": "1"},
        {"Data": {"MainInformation": None, "HOAdress": {"CityID": None}, "Member": []}, "Status": "1"},
        {"Data": {}, "Status": "1"},
        {"Data": None, "Status": "1"},
        {"Data": {}, "Status": 1, "DataCount": "0"},
        {"GetEntCert": None},
        {"GetEntCert": []},
    ],
)
def test_not_found_in_either_generation(document: Any) -> None:
    """BIZ-01 (part)."""
    assert interpret(document) == Absent()


def test_an_empty_object_is_not_found_only_where_the_second_generation_is_expected() -> None:
    """Contract 4.4: `GetEntCert` absent. Otherwise nothing shows whose answer this is."""
    assert interpret({}, generation="v2") == Absent()
    for generation in ("auto", "v1"):
        with pytest.raises(ProtocolViolation):
            interpret({}, generation=generation)


@pytest.mark.parametrize("generation", ["v1", "v2"])
def test_a_generation_that_is_set_is_the_only_one_that_counts(generation: str) -> None:
    expected, other = (V1, V2) if generation == "v1" else (V2, V1)
    assert isinstance(interpret(expected, generation=generation), Answered)
    with pytest.raises(ProtocolViolation):
        interpret(other, generation=generation)


def test_status_zero_is_a_refusal() -> None:
    assert interpret({"Data": None, "Status": "0", "Message": "x"}) == Refused(code="0", reason="x")
    assert interpret({**V1, "Status": 0, "Message": "x"}) == Refused(code="0", reason="x")


@pytest.mark.parametrize(
    "document",
    [
        [],
        b"<html>",
        {"foo": 1},
        {"Status": "7"},
        {"Status": "1"},
        {"Status": True, "Data": V1["Data"]},
        {"Status": [], "Data": {}},
        {"Data": V1["Data"]},
        {"Data": {"MainInformation": None}},
        {"Data": "x", "Status": "1"},
        {"Data": [], "Status": "1"},
        {"Data": {"MainInformation": {}}, "Status": "1"},
        {"Data": {"MainInformation": []}, "Status": "1"},
        {"Data": {"MainInformation": ""}, "Status": "1"},
        {"Data": {"MainInformation": None}, "DataCount": 1, "Status": "1"},
        {"Data": {"MainInformation": None, "Member": {"MEMBER_NAME": "X"}}, "Status": "1"},
        {**V1, **V2},
        {"GetEntCert": "x"},
        {"GetEntCert": ""},
        {"GetEntCert": {}},
        {"GetEntCert": [None]},
        {"GetEntCert": [[]]},
        {"GetEntCert": None, "error": "x"},
        {"GetEntCert": False},
    ],
    ids=str,
)
def test_neither_an_answer_nor_its_documented_absence_is_no_answer(document: Any) -> None:
    """POP-05 (part): what is unclear is never "not found"."""
    for generation in ("auto", "v1", "v2"):
        with pytest.raises(ProtocolViolation):
            interpret(document, generation=generation)


@pytest.mark.parametrize(
    "change",
    [
        {"NAME": ["x"]},
        {"NAME": {"x": 1}},
        {"ENTERPRISE_GDT_CODE": True},
        {"NUMBER_CHANGES": "three"},
        {"NUMBER_CHANGES": True},
        {"CAPITAL_AMOUNT": "5 tỷ"},
        {"CAPITAL_AMOUNT": False},
    ],
    ids=str,
)
def test_a_value_of_another_type_is_no_answer_and_is_not_repeated(change: dict[str, Any]) -> None:
    with pytest.raises(ProtocolViolation) as raised:
        interpret(with_main(**change))
    assert raised.value.detail == f"The answer does not have the shape of the contract at {next(iter(change))}."


@pytest.mark.parametrize("amount", [float("inf"), float("nan")])
def test_what_is_no_number_is_not_json(amount: float) -> None:
    with pytest.raises(ProtocolViolation):
        interpret(with_main(CAPITAL_AMOUNT=amount))


def test_another_enterprise_than_was_asked_for_is_no_answer() -> None:
    for document in (V1, V2, with_main(ENTERPRISE_GDT_CODE=""), with_main(ENTERPRISE_GDT_CODE="00016")):
        with pytest.raises(ProtocolViolation):
            interpret(document, code="9900000023")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("9900000016-001", "9900000016001"),
        ("9900000016001", "9900000016-001"),
        ("9900000016", 9900000016),
        ("0990000001", 990000001),
    ],
)
def test_a_code_is_the_same_with_and_without_dash_and_as_a_number(asked: str, told: Any) -> None:
    """COD-07 (part): the code that was asked for is the one that is answered."""
    assert read(with_main(ENTERPRISE_GDT_CODE=told), code=asked)["enterprise_code"] == asked


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (FIRM, 900000016),
        (FIRM, "900000016"),
        (FIRM, "99000000160"),
        (FIRM, "009900000016"),
        ("099085000012", "85000012"),
    ],
)
def test_a_number_that_ends_alike_is_another_enterprise(asked: str, told: Any) -> None:
    """Only zeros in front are lost where a code came as a number."""
    for document in (with_main(ENTERPRISE_GDT_CODE=told), with_certificate(MaSoDoanhNghiep=told)):
        with pytest.raises(ProtocolViolation):
            interpret(document, code=asked)


def test_a_branch_of_the_enterprise_is_another_one() -> None:
    for asked, told in (("9900000016", "9900000016-001"), ("9900000016-001", "9900000016")):
        with pytest.raises(ProtocolViolation):
            interpret(with_main(ENTERPRISE_GDT_CODE=told), code=asked)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just(10**400), st.just("/")
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def paths(document: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = document.keys() if isinstance(document, dict) else range(len(document)) if isinstance(document, list) else ()
    return [path for key in keys for path in [(*here, key), *paths(document[key], (*here, key))]]


@settings(deadline=None, max_examples=400)
@given(picked=st.data(), value=VALUES, sample=st.sampled_from([V1, V2]))
def test_noise_anywhere_gives_an_answer_about_the_firm_or_no_answer(picked: Any, value: Any, sample: Any) -> None:
    """Whatever stands wherever: the firm that was asked for, a documented absence, or `RemoteError`; nothing else."""
    system = silent()
    document = copy.deepcopy(sample)
    *way, last = picked.draw(st.sampled_from(paths(document)))
    inner = document
    for key in way:
        inner = inner[key]
    inner[last] = value
    reply = WireReply(status=200, content=json.dumps(document).encode())
    try:
        outcome = system.connector.interpret(system.call("lookup_enterprise", {"msdn": FIRM}), reply)
        if isinstance(outcome, Answered):
            assert system.mappings.reply("lookup_enterprise", outcome.body)["enterprise_code"] == FIRM
    except RemoteError:
        return
    if isinstance(outcome, Absent):
        assert last in {"Data", "MainInformation", "GetEntCert"}
