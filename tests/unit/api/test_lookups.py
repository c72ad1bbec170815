"""Look-ups at the API: what is answered, exactly, and what is refused before a register is asked."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx
import pytest
import yaml
from operations import BODIED, SCHEMAS
from province import Province
from systems import examples, identifiers

from gateway.api.schemas.enterprises import EnterpriseFoundOut
from gateway.api.schemas.judged import JudgedOut
from gateway.api.schemas.lookups import CitizenFoundOut
from gateway.api.schemas.registrations import RegistrationFoundOut, RegistrationsFoundOut
from gateway.domain import Verdict
from gateway.lookups.enterprises import PUBLIC_FIELDS
from gateway.lookups.model import Found
from gateway.registry import discover, mappings_directory
from gateway.rules.purposes import CitizenField
from gateway.sdk import WireRequest

BODIES = {operation.name: operation for operation in BODIED}
ANSWERS: Mapping[str, type[Any]] = {
    "lookup_citizen": CitizenFoundOut,
    "lookup_enterprise": EnterpriseFoundOut,
    "list_registrations": RegistrationsFoundOut,
    "list_registrations_today": RegistrationsFoundOut,
    "read_registration": RegistrationFoundOut,
}
CASES = [
    (example.operation, example)
    for name in identifiers()
    for example in examples(name)
    if example.operation in ANSWERS and example.yields
]
REPLIES = [
    (operation, file)
    for connector in discover().values()
    for operation in ANSWERS
    if (file := mappings_directory(connector) / f"{operation}.yaml").exists()
]
BESIDE = {"data_as_of"}
"""Told beside the record, not in it."""


async def post(caller: httpx.AsyncClient, called: str, /, **changes: Any) -> httpx.Response:
    operation = BODIES[called]
    body = {**operation.body, **changes}
    content = json.dumps({key: value for key, value in body.items() if value is not None})
    return await caller.post(operation.path, content=content, headers={"Content-Type": "application/json"})


def found(record: Mapping[str, Any]) -> Found:
    return Found(
        verdict=Verdict.MATCH,
        system="s",
        reference="CALL1",
        audit_index=1,
        checked_at="2026-11-23T09:15:00+07:00",  # type: ignore[arg-type]
        explanation="",
        explanation_vi="",
        record=record,
    )


def shown(answer: type[Any], record: Mapping[str, Any]) -> Any:
    return json.loads(answer.of(found(record)).model_dump_json())["record"]


class TestRecords:
    @pytest.mark.parametrize(("operation", "case"), CASES, ids=[f"{o}-{c.name}" for o, c in CASES])
    def test_a_record_leaves_as_the_mapping_made_it(self, operation: str, case: Any) -> None:
        """POP-04 (part): nothing is lost, nothing that was absent becomes null, raw codes stay beside their meaning."""
        expected = {key: value for key, value in case.yields.items() if key not in BESIDE}
        record = shown(ANSWERS[operation], case.yields)
        if operation == "lookup_enterprise" and "representatives" in expected:  # the names; their documents are a field
            expected = {
                **expected,
                "representatives": [{"full_name": p["full_name"]} for p in expected["representatives"]],
            }
            documents = {"representative_documents": case.yields["representatives"]}
            assert shown(ANSWERS[operation], documents) == documents
        assert record == expected

    @pytest.mark.parametrize(("operation", "file"), REPLIES, ids=[f"{f.parent.name}-{o}" for o, f in REPLIES])
    def test_every_field_that_a_mapping_makes_is_in_the_document(self, operation: str, file: Any) -> None:
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
        schema = SCHEMAS[ANSWERS[operation].__name__]["properties"]["record"]
        known = set(paths(schema))
        made = set(written(said["reply"])) - BESIDE
        assert {place(path) for path in made} <= known

    def test_what_a_register_does_not_tell_is_absent(self) -> None:
        assert shown(CitizenFoundOut, {}) == {}
        assert shown(EnterpriseFoundOut, {"name": "X"}) == {"name": "X"}

    def test_a_code_sent_as_a_number_leaves_as_a_text(self) -> None:
        coded = {"gender": {"code": 2, "label_vi": None}}
        assert shown(CitizenFoundOut, coded) == {"gender": {"code": "2", "label_vi": None}}

    def test_whole_amounts_stay_whole(self) -> None:
        assert shown(EnterpriseFoundOut, {"capital_amount": 5_000_000_000}) == {"capital_amount": 5_000_000_000}


def paths(schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    schema = SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if schema.get("type") == "array":
        yield from paths(schema["items"], prefix)
    for name, inner in schema.get("properties", {}).items():
        yield prefix + name
        yield from paths(inner, f"{prefix}{name}.")


def written(rules: list[dict[str, Any]], prefix: str = "") -> Iterator[str]:
    for rule in rules:
        yield prefix + rule["to"]
        yield from written(rule.get("each") or [], f"{prefix}{rule['to']}.")


def place(path: str) -> str:
    """Whatever a mapping makes of representatives beside their names is shown in the field of their documents."""
    inner = path.removeprefix("representatives.")
    return path if inner in {path, "full_name"} else f"representative_documents.{inner}"


@contextlib.asynccontextmanager
async def out_of_order(province: Province, fault: str) -> AsyncIterator[None]:
    """The mock of the population register behaves so until this ends."""
    transport = province.systems["population"].transport
    url, headers = "http://127.0.0.1:7101/_mock", {"Content-Type": "application/json"}
    order = json.dumps({"fault": fault, "contains": "", "times": None}).encode()
    await transport.send(WireRequest(method="POST", url=f"{url}/faults", headers=headers, content=order))
    try:
        yield
    finally:
        await transport.send(WireRequest(method="POST", url=f"{url}/reset", headers=headers, content=b""))


class TestAnswers:
    async def test_a_verdict_says_what_it_rests_on(self, caller: httpx.AsyncClient) -> None:
        """POP-01, POP-05."""
        answer = (await post(caller, "verify_citizen")).json()
        assert answer["verdict"] == "match"
        assert answer["compared"] == ["personal_id", "full_name", "birth_date"]
        assert (answer["compared_by"], answer["differences"], answer["unchecked"]) == ("register", [], [])
        assert (answer["fault"], answer["recheck"]) == (None, None)

    async def test_a_difference_says_why_in_two_languages(self, caller: httpx.AsyncClient) -> None:
        """POP-09."""
        answer = (await post(caller, "verify_enterprise", name="CTY TNHH Mẫu Sóc Trăng")).json()
        assert (answer["verdict"], answer["compared_by"]) == ("needs_review", "gateway")
        assert answer["differences"] == [
            {
                "field": "name",
                "how": "similar",
                "why": [
                    {
                        "reason": "abbreviation",
                        "detail": "One uses a short form of the other.",
                        "detail_vi": "Một bên viết tắt.",
                    }
                ],
            }
        ]
        assert answer["facts"]["subject_type"] == "enterprise"

    async def test_gender_and_address_are_compared_with_the_record(self, caller: httpx.AsyncClient) -> None:
        """ORG-01, POP-09."""
        address = {"commune_code": "31507", "detail": "Số 1, đường Mẫu", "text": "Tỉnh Lạ"}
        answer = (await post(caller, "verify_citizen", gender="2", permanent_address=address)).json()
        assert answer["verdict"] == "needs_review"
        assert answer["compared"][-2:] == ["permanent_address.commune_code", "permanent_address.detail"]
        [unchecked] = answer["unchecked"]
        assert (unchecked["field"], unchecked["gap"]) == ("permanent_address.text", "unknown_place")
        assert unchecked["detail_vi"]
        wrong = (await post(caller, "verify_citizen", gender="1")).json()
        assert (wrong["verdict"], [d["field"] for d in wrong["differences"]]) == ("mismatch", ["gender"])

    async def test_a_register_that_is_down_offers_to_ask_again(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        """POP-10 (part): what happened, whose fault it is, a reference, and the dossier can go on."""
        async with out_of_order(province, "error"):
            answer = (await post(caller, "verify_citizen")).json()
        assert (answer["verdict"], answer["fault"]) == ("undetermined", "partner")
        assert answer["recheck"] == {"path": "/v1/rechecks", "operation": "verify_citizen"}
        leaf = province.recorder.entries[answer["audit_index"]]
        assert leaf.facts["call_id"] == answer["reference"]
        assert "chưa xác thực" in answer["explanation_vi"]

    async def test_a_register_that_says_when_to_ask_again_is_quoted(
        self, province: Province, caller: httpx.AsyncClient
    ) -> None:
        """Null where nobody knows, and where there was an answer."""
        assert (await post(caller, "verify_citizen")).json()["retry_after"] is None
        async with out_of_order(province, "unavailable:12"):
            answers = [(await post(caller, name)).json() for name in ("verify_citizen", "lookup_citizen")]
        assert [(answer["verdict"], answer["retry_after"]) for answer in answers] == [("undetermined", 12)] * 2

    async def test_an_enterprise_is_shown_as_far_as_it_is_public(self, caller: httpx.AsyncClient) -> None:
        """BIZ-03."""
        answer = (await post(caller, "lookup_enterprise")).json()
        assert answer["record"].keys() <= set(PUBLIC_FIELDS)
        assert answer["record"]["representatives"] == [{"full_name": "NGUYỄN VĂN MẪU"}]
        assert (answer["subject_type"], answer["warnings"]) == ("enterprise", [])
        more = (await post(caller, "lookup_enterprise", fields=["capital_amount"])).json()
        assert more["record"] == {"capital_amount": 5000000000}

    async def test_a_check_digit_that_does_not_fit_is_a_warning(self, caller: httpx.AsyncClient) -> None:
        answer = (await post(caller, "lookup_enterprise", enterprise_code="9900000017")).json()
        assert answer["verdict"] == "not_found"
        assert [(w["code"], bool(w["detail_vi"])) for w in answer["warnings"]] == [("check_digit", True)]

    async def test_a_representative_is_confirmed_or_may_be_authorised(self, caller: httpx.AsyncClient) -> None:
        """BIZ-05."""
        yes = (await post(caller, "verify_representative")).json()
        assert (yes["verdict"], yes["compared"]) == ("match", ["full_name"])
        no = (await post(caller, "verify_representative", full_name="Lê Văn Thử")).json()
        assert no["verdict"] == "mismatch"
        assert "giấy uỷ quyền" in no["explanation_vi"]
        assert "NGUYỄN VĂN MẪU" not in json.dumps(no, ensure_ascii=False)


PERIOD = {"from_date": "2026-11-16", "to_date": "2026-11-20"}
NO_PERIOD = {"from_date": None, "to_date": None}


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "pointer", "word"),
        [
            (NO_PERIOD, "/from_date", "hai ngày, hoặc hai giờ"),
            ({"from_time": "07:30", "to_time": "11:30"}, "/from_date", "hai ngày, hoặc hai giờ"),
            ({"to_date": None}, "/to_date", "điểm cuối"),
            ({"from_date": None}, "/from_date", "điểm đầu"),
            ({**NO_PERIOD, "to_time": "11:30"}, "/from_time", "điểm đầu"),
            ({"to_date": "2026-11-15"}, "/to_date", "trước điểm đầu"),
            ({"to_date": "2026-11-21"}, "/to_date", "5 ngày"),
            ({**NO_PERIOD, "from_time": "11:30", "to_time": "07:30"}, "/to_time", "trước điểm đầu"),
            ({**NO_PERIOD, "from_time": "24:00", "to_time": "24:00"}, "/from_time", "định dạng"),
            ({"from_date": "2026-02-30"}, "/from_date", "Không có ngày này"),
            ({"limit": 101}, "/limit", "quá lớn"),
            ({"limit": 0}, "/limit", "quá nhỏ"),
            ({"offset": -1}, "/offset", "quá nhỏ"),
        ],
    )
    async def test_a_search_that_cannot_be_put_names_its_field(
        self, province: Province, caller: httpx.AsyncClient, changes: Any, pointer: str, word: str
    ) -> None:
        answer = await post(caller, "list_registrations", **changes)
        assert answer.status_code == 422
        errors = answer.json()["errors"]
        assert errors[0]["pointer"] == pointer
        assert word in errors[0]["detail"]
        assert errors[0]["detail_en"].isascii()
        assert len(province.recorder.entries) == 1

    @pytest.mark.parametrize("changes", [{"to_date": "2026-11-20"}, {"to_date": "2026-11-16"}, {"offset": 1}])
    async def test_five_days_are_taken(self, caller: httpx.AsyncClient, changes: Any) -> None:
        answer = await post(caller, "list_registrations", **{**PERIOD, **changes})
        assert answer.status_code == 200, answer.text

    async def test_an_address_that_says_nothing_is_refused(self, caller: httpx.AsyncClient) -> None:
        answer = await post(caller, "verify_citizen", permanent_address={})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/permanent_address")

    @pytest.mark.parametrize("fields", [[], ["password"], ["name"] * 26])
    async def test_unknown_fields_are_refused(self, caller: httpx.AsyncClient, fields: list[str]) -> None:
        """POP-06."""
        answer = await post(caller, "lookup_enterprise", fields=fields)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].startswith("/fields")


def test_every_answer_has_the_common_part() -> None:
    for name, schema in SCHEMAS.items():
        if "verdict_vi" in schema.get("properties", {}):
            assert set(JudgedOut.model_fields) <= schema["properties"].keys(), name


def test_every_field_that_may_be_asked_for_is_in_the_record() -> None:
    assert set(SCHEMAS["CitizenRecordOut"]["properties"]) == set(CitizenField.__args__)  # type: ignore[attr-defined]
    fields = SCHEMAS["EnterpriseLookupIn"]["properties"]["fields"]["anyOf"][0]["items"]["enum"]
    assert set(SCHEMAS["EnterpriseRecordOut"]["properties"]) == set(fields)
