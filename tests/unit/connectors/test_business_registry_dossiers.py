"""Registration dossiers, and what the business registry must not be asked."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import Bench, bench

from gateway.sdk import Absent, Answered, Outcome, ProtocolViolation, Refused, RemoteError, WireReply, WireRequest
from gateway.sdk.errors import UnprocessableError

ROW = {"IN_JOURNAL_NO": 99000001, "ENTERPRISE_CODE": 9000001, "ENTERPRISE_GDT_CODE": "9900000016", "NAME": "MẪU"}
TODAY = {"from_time": "08:00", "to_time": "17:30"}
PERIOD = {"from_date": "2026-11-16", "to_date": "2026-11-20"}


@cache
def silent() -> Bench:
    """For what needs no mock: made once, because compiling its mappings takes longer than a case."""
    return bench("business_registry")


def prepare(operation: str, canonical: dict[str, Any], **own: Any) -> WireRequest:
    system = bench("business_registry", **own) if own else silent()
    return system.connector.prepare(system.call(operation, system.mappings.request(operation, canonical).body))


def query(request: WireRequest) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.url).query, keep_blank_values=True, strict_parsing=True)


def answered(operation: str, content: Any, *, offset: int = 0, **more: Any) -> Outcome:
    """The outcome of `Data` being `content`."""
    system = silent()
    document = {"Data": content, "Status": "1", "Message": "success", **more}
    reply = WireReply(status=200, content=json.dumps(document).encode())
    return system.connector.interpret(system.call(operation, {"in_journal_no": "99000001", "offset": offset}), reply)


def canonical(operation: str, outcome: Outcome) -> dict[str, Any]:
    assert isinstance(outcome, Answered)
    return silent().mappings.reply(operation, outcome.body)


async def listed(system: Bench, operation: str, asked: dict[str, Any]) -> list[str]:
    outcome = await system.ask(system.call(operation, system.mappings.request(operation, asked).body))
    assert isinstance(outcome, Answered)
    return [item["journal_no"] for item in system.mappings.reply(operation, outcome.body)["items"]]


def test_the_questions_are_as_the_contract_writes_them() -> None:
    """Contract 4.1."""
    today = prepare("list_registrations_today", {**TODAY, "offset": 20, "limit": 10})
    assert urlsplit(today.url).path == "/apiCSDLDKDN/1.0/danhSachHoSoTrongNgay"
    assert query(today) == {"from_ts": ["08:00"], "to_ts": ["17:30"], "offset": ["20"], "limit": ["10"]}
    period = prepare("list_registrations", PERIOD)
    assert urlsplit(period.url).path == "/apiCSDLDKDN/1.0/danhSachHoSo"
    assert query(period) == {
        "from_date": ["16/11/2026"], "to_date": ["20/11/2026"], "offset": ["0"], "limit": ["50"],
    }  # fmt: skip
    state = prepare("read_registration", {"journal_no": "99000001"})
    assert urlsplit(state.url).path == "/apiCSDLDKDN/1.0/tinhTrangHoSo"
    assert query(state) == {"in_journal_no": ["99000001"]}


async def test_another_providers_paths_are_settings() -> None:
    """BIZ-07 (part): Quảng Bình has no version in its paths."""
    paths = {
        f"{name}_path": f"/apiCSDLDKDN/{path}"
        for name, path in (("today", "danhSachHoSoTrongNgay"), ("period", "danhSachHoSo"), ("state", "tinhTrangHoSo"))
    }
    system = bench("business_registry", **paths)
    assert await listed(system, "list_registrations", PERIOD) == ["99000001", "99000002", "99000003"]
    assert await listed(system, "list_registrations_today", TODAY) == ["99000004", "99000005"]


@pytest.mark.parametrize("collapse", ["always", "never"])
async def test_the_pages_together_are_the_list(collapse: str) -> None:
    system = bench("business_registry", mock={"collapse": collapse})
    pages = [await listed(system, "list_registrations", {**PERIOD, "offset": n, "limit": 1}) for n in range(3)]
    assert pages == [["99000001"], ["99000002"], ["99000003"]]
    beyond = system.mappings.request("list_registrations", {**PERIOD, "offset": 3, "limit": 1}).body
    assert await system.ask(system.call("list_registrations", beyond)) == Absent()


def test_the_internal_number_is_not_the_enterprise_code() -> None:
    """Contract 4.2: ENTERPRISE_CODE and ENTERPRISE_GDT_CODE are two things."""
    for operation in ("list_registrations", "list_registrations_today"):
        (item,) = canonical(operation, answered(operation, {"MainInformation": [ROW]}))["items"]
        assert (item["enterprise_code"], item["internal_code"]) == ("9900000016", "9000001")
    without = {key: value for key, value in ROW.items() if key != "ENTERPRISE_GDT_CODE"}
    read = canonical("read_registration", answered("read_registration", {"MainInformation": without}))
    assert "enterprise_code" not in read
    assert read["internal_code"] == "9000001"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("18/11/2026", {"received_on": "2026-11-18"}),
        ("2026-11-18T09:00:00", {"received_on": "2026-11-18"}),
        ("18/11/2026 09:00", {"received_on_text": "18/11/2026 09:00"}),
        ("hôm qua", {"received_on_text": "hôm qua"}),
        (None, {}),
    ],
)
def test_a_date_of_a_dossier_is_read_or_kept(told: Any, expected: dict[str, str]) -> None:
    outcome = answered("list_registrations", {"MainInformation": {**ROW, "RECEIPT_DATE": told}})
    (item,) = canonical("list_registrations", outcome)["items"]
    assert {key: value for key, value in item.items() if key.startswith("received")} == expected


@pytest.mark.parametrize("content", [{"MainInformation": []}, {"MainInformation": None}, {}, None])
def test_a_list_without_rows_is_absent(content: Any) -> None:
    assert answered("list_registrations", content) == Absent()


@pytest.mark.parametrize(
    "content",
    [
        {"MainInformation": [{"NAME": "MẪU"}]},
        {"MainInformation": [ROW, {}]},
        {"MainInformation": [ROW, [ROW]]},
        {"MainInformation": "none"},
        {"MainInformation": [{**ROW, "NAME": {"x": 1}}]},
        {"Rows": [ROW]},
        [ROW],
        "none",
    ],
    ids=str,
)
def test_rows_of_another_shape_are_no_answer(content: Any) -> None:
    """A list that cannot be read is never an empty one."""
    for operation in ("list_registrations", "list_registrations_today", "read_registration"):
        if operation == "read_registration" and content == {"MainInformation": [ROW, {}]}:
            continue  # the one row with the number counts
        with pytest.raises(ProtocolViolation):
            answered(operation, content)


def test_a_count_beside_an_empty_page_is_no_answer_unless_rows_were_skipped() -> None:
    with pytest.raises(ProtocolViolation):
        answered("list_registrations", {"MainInformation": []}, DataCount=3)
    assert answered("list_registrations", {"MainInformation": []}, DataCount=3, offset=3) == Absent()


def test_a_count_without_rows_is_no_answer() -> None:
    for operation in ("list_registrations", "read_registration"):
        with pytest.raises(ProtocolViolation):
            answered(operation, {"MainInformation": None}, DataCount=3)


@pytest.mark.parametrize("rows", [[], [{**ROW, "IN_JOURNAL_NO": 99000002}], [ROW, ROW], [{}]])
def test_another_dossier_than_was_asked_for_is_no_answer(rows: list[Any]) -> None:
    with pytest.raises(ProtocolViolation):
        answered("read_registration", {"MainInformation": rows})


@pytest.mark.parametrize("told", [None, "", " "])
def test_a_dossier_without_a_number_is_not_the_one_with_number_zero(told: Any) -> None:
    reply = WireReply(
        status=200,
        content=json.dumps({"Status": "1", "Data": {"MainInformation": {**ROW, "IN_JOURNAL_NO": told}}}).encode(),
    )
    with pytest.raises(ProtocolViolation):
        silent().connector.interpret(silent().call("read_registration", {"in_journal_no": "0"}), reply)


def test_of_several_dossiers_the_one_with_the_number_is_taken() -> None:
    rows = [{**ROW, "IN_JOURNAL_NO": 99000002}, {**ROW, "IN_JOURNAL_NO": "99000001", "NAME": "KHÁC"}]
    read = canonical("read_registration", answered("read_registration", {"MainInformation": rows}))
    assert (read["journal_no"], read["name"]) == ("99000001", "KHÁC")


@pytest.mark.parametrize(
    ("operation", "change", "field", "code"),
    [
        ("list_registrations", {"to_date": "2026-11-21"}, "/to_date", "caller.period_too_long"),
        ("list_registrations", {"to_date": "2027-11-16"}, "/to_date", "caller.period_too_long"),
        ("list_registrations", {"to_date": "2026-11-15"}, "/to_date", "caller.unprocessable"),
        ("list_registrations", {"offset": -1}, "/offset", "caller.unprocessable"),
        ("list_registrations", {"limit": 0}, "/limit", "caller.unprocessable"),
        ("list_registrations", {"limit": 101}, "/limit", "caller.unprocessable"),
        ("list_registrations_today", {"from_time": "8:00"}, "/from_time", "caller.unprocessable"),
        ("list_registrations_today", {"to_time": "24:00"}, "/to_time", "caller.unprocessable"),
        ("list_registrations_today", {"to_time": "17:30:00"}, "/to_time", "caller.unprocessable"),
        ("list_registrations_today", {"to_time": "07:59"}, "/to_time", "caller.unprocessable"),
        ("list_registrations_today", {"limit": 101}, "/limit", "caller.unprocessable"),
        ("read_registration", {"journal_no": "99-1"}, "/journal_no", "caller.unprocessable"),
        ("read_registration", {"journal_no": "9" * 21}, "/journal_no", "caller.unprocessable"),
        ("lookup_enterprise", {"enterprise_code": "99000000"}, "/enterprise_code", "caller.unprocessable"),
        ("lookup_enterprise", {"enterprise_code": "9900000016-01"}, "/enterprise_code", "caller.unprocessable"),
    ],
)
def test_what_the_registry_must_not_be_asked_is_refused_before_sending(
    operation: str, change: dict[str, Any], field: str, code: str
) -> None:
    """Contract 4.1: five days, `HH:mm`, paging. The error names the field, in both languages, and repeats no value."""
    whole = {**TODAY, **PERIOD, "journal_no": "1", "enterprise_code": "9900000016", **change}
    with pytest.raises(UnprocessableError) as raised:
        prepare(operation, whole)
    error = raised.value
    assert (error.error_code, [problem.pointer for problem in error.fields]) == (code, [field])
    assert error.detail
    assert error.detail_vi
    assert not any(str(value) in error.detail for value in change.values() if len(str(value)) > 3)


@settings(deadline=None, max_examples=60)
@given(first=st.dates(date(2000, 1, 1), date(2100, 1, 1)), days=st.integers(-10, 40))
def test_a_period_is_sent_only_when_either_reading_of_five_days_allows_it(first: date, days: int) -> None:
    """Contract 4.1: "max 5 days apart" may or may not count both ends; what is sent covers five days at most."""
    asked = {"from_date": first.isoformat(), "to_date": (first + timedelta(days)).isoformat()}
    system = silent()
    call = system.call("list_registrations", system.mappings.request("list_registrations", asked).body)
    if 0 <= days <= 4:
        assert "from_date=" in system.connector.prepare(call).url
    else:
        with pytest.raises(UnprocessableError):
            system.connector.prepare(call)


def test_the_looser_reading_is_a_setting() -> None:
    asked = {"from_date": "2026-11-16", "to_date": "2026-11-21"}
    assert query(prepare("list_registrations", asked, longest_period_days=6))["to_date"] == ["21/11/2026"]


async def test_what_is_sent_meets_the_mocks_limits() -> None:
    """The witness enforces the contract on its own: what we let through, it accepts."""
    system = bench("business_registry")
    assert await listed(system, "list_registrations", {**PERIOD, "limit": 100})
    loose = bench("business_registry", longest_period_days=6)
    body = loose.mappings.request("list_registrations", {"from_date": "2026-11-16", "to_date": "2026-11-21"}).body
    outcome = await loose.ask(loose.call("list_registrations", body))
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith("MOCK-5-DAYS")


def test_a_households_code_stays_here_unless_the_province_allows_it() -> None:
    """BIZ-06 (part): 12 digits are a person's number, and this system takes codes in the address alone."""
    with pytest.raises(UnprocessableError) as raised:
        prepare("lookup_enterprise", {"enterprise_code": "099085000012"})
    error = raised.value
    assert error.error_code == "caller.household_code"
    assert [problem.pointer for problem in error.fields] == ["/enterprise_code"]
    said = f"{error} {error.detail_vi} {error.fields}"
    assert "099085000012" not in said
    assert "household_codes_in_address" in error.detail
    assert "household_codes_in_address" in error.detail_vi


async def test_a_households_code_is_asked_for_where_it_is_allowed() -> None:
    """BIZ-06 (part)."""
    system = bench("business_registry", household_codes_in_address=True)
    outcome = await system.ask(system.call("lookup_enterprise", {"msdn": "099085000012"}))
    read = canonical("lookup_enterprise", outcome)
    assert (read["enterprise_code"], read["type_name"]) == ("099085000012", "Hộ kinh doanh")


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ROW, "x"]), inner, max_size=3),
)


@settings(deadline=None, max_examples=200)
@given(content=st.fixed_dictionaries({"MainInformation": st.lists(VALUES, max_size=4) | VALUES}), count=VALUES)
def test_noise_in_rows_is_never_more_than_no_answer(content: dict[str, Any], count: Any) -> None:
    """An answer, a documented absence or `RemoteError`, for the connector and its mapping together."""
    for operation in ("list_registrations", "read_registration"):
        try:
            outcome = answered(operation, content, DataCount=count)
            if isinstance(outcome, Answered):
                assert canonical(operation, outcome)
            else:
                assert content["MainInformation"] in (None, [])
        except RemoteError:
            continue
