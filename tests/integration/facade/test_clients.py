"""Ordinary SOAP clients of four makers call the façade over a real socket, as their users would (CON-03, CON-05).

What they get is compared with what REST answers to the same question of the same province.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import client_programs
import pytest
from client_programs import Program
from envelopes import VERIFY, enveloped
from operations import OPERATIONS
from province import NAMESPACE, Province

from gateway.api.schemas.lookups import CITIZEN, PURPOSE
from gateway.audit.model import EntryKind
from gateway.sdk import TransientRemoteError, WireReply, WireRequest
from mocks._kit.serve import serving

pytestmark = pytest.mark.plants_personal_data("process stdout")  # where the programs give their tests the answer
MAKERS = (client_programs.zeep, client_programs.node, client_programs.php, client_programs.suds)
EXAMPLES = {operation.name: operation.body for operation in OPERATIONS}
CODE = "000.00.05.H99-261123-0007"
FIRM = "9900000016"
KEY = str(uuid.uuid4())
PAYMENT = EXAMPLES["create_payment"]
LATER = {"operation": "verify_citizen", "request": {"CitizenVerificationIn": CITIZEN}, "callback": False}
"""A union is an element that says of which kind its value is."""
OTHERWISE = {**LATER, "operation": "verify_representative"}


class Down:
    """A national system that nobody reaches."""

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        raise TransientRemoteError("not connected")


def listed(value: Any) -> Any:
    """JSON as the arguments of a SOAP call: a list is an element with `item`s."""
    if isinstance(value, dict):
        return {name: listed(one) for name, one in value.items()}
    return {"item": [listed(one) for one in value]} if isinstance(value, list) else value


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "match": ("verify_citizen", {"request": CITIZEN}),
    "fields": ("lookup_citizen", {"request": {**CITIZEN, "fields": ["full_name", "permanent_address", "gender"]}}),
    "null": (
        "verify_enterprise",
        {
            "request": {
                "enterprise_code": "9900000016",
                "purpose": PURPOSE,
                "name": None,
                "representative_name": "Ai Đó",
            }
        },
    ),
    "down": ("lookup_account", {"request": {"number": "099185000001", "purpose": PURPOSE}}),
    "wrong": ("verify_citizen", {"request": {**CITIZEN, "personal_id": "1", "birth_date": "1985-02-30"}}),
    "payment": ("create_payment", {"idempotency_key": KEY, "request": PAYMENT}),
    "again": ("create_payment", {"idempotency_key": KEY, "request": PAYMENT}),
    "other": ("create_payment", {"idempotency_key": KEY, "request": {**PAYMENT, "procedure_name": "Thủ tục khác"}}),
    "dossier": ("put_dossier", {"code": CODE, "request": EXAMPLES["put_dossier"]}),
    "axes": ("get_dossier", {"code": CODE}),
    "history": ("list_status_events", {"code": CODE}),
    "day": ("resolve_place", {"code": "MOCK-NONE", "on": "2026-07-01"}),
    "nowhere": ("get_dossier", {"code": "000.00.05.H99-261123-9999"}),
    "sync": ("get_sync", {"code": CODE}),
    "firm": ("lookup_enterprise", {"request": {"enterprise_code": FIRM, "purpose": PURPOSE}}),
    "later": ("create_recheck", {"idempotency_key": str(uuid.uuid4()), "request": LATER}),
    "otherwise": ("create_recheck", {"idempotency_key": str(uuid.uuid4()), "request": OTHERWISE}),
}


@dataclass(frozen=True)
class Told:
    """What one client got for each call, the province that answered, and what REST answers to the reading ones."""

    answers: Mapping[str, Any]
    province: Province
    rest: Mapping[str, Any]

    def result(self, name: str) -> Any:
        answer = self.answers[name]
        assert "result" in answer, answer
        result = answer["result"]
        return result["result"] if set(result) == {"result"} else result

    def problem(self, name: str) -> Any:
        return self.answers[name]["fault"]["detail"]["problem"]


@pytest.fixture(scope="module", params=MAKERS, ids=lambda maker: maker.__name__)
def told(request: pytest.FixtureRequest) -> Told:
    program: Program = request.param()
    province = Province()
    province.systems["national_portal"] = replace(province.systems["national_portal"], transport=Down())
    with serving(province.app) as url:
        calls = [(operation, listed(given)) for operation, given in CALLS.values()]
        asked = {"wsdl": f"{url}/soap?wsdl", "key": province.key, "calls": calls}
        answers = json.loads(program.run(json.dumps(asked)))
    told = Told(dict(zip(CALLS, answers, strict=True)), province, {})
    return replace(told, rest=asyncio.run(_rest(province, recheck_id=told.result("later")["recheck_id"])))


async def _rest(province: Province, *, recheck_id: str) -> dict[str, Any]:
    async with province.client(province.key) as client:
        dossier = f"/v1/dossiers/{CODE}"
        reads = {"axes": dossier, "history": f"{dossier}/status-events", "sync": f"{dossier}/sync"}
        reads["later"] = f"/v1/rechecks/{recheck_id}"
        found = {name: (await client.get(path)).json() for name, path in reads.items()}
        _, asked = CALLS["firm"]
        firm = (await client.post("/v1/enterprises/lookup", json=asked["request"])).json()
        return {**found, "firm": {name: firm[name] for name in ("verdict", "record", "warnings")}}


def same(rest: Any, soap: Any) -> bool:
    """Whether a client was told what REST says. Clients show an empty list, one entry, and a time differently."""
    if rest is None:  # zeep makes an object full of None out of a null object
        return soap is None or (isinstance(soap, dict) and all(value is None for value in soap.values()))
    if isinstance(rest, dict) and isinstance(soap, str):
        return bool(json.loads(soap) == rest)
    if isinstance(rest, dict):
        absent = [soap[name] for name in soap.keys() - rest.keys()]  # zeep shows each with None
        return absent == [None] * len(absent) and all(same(value, soap.get(name)) for name, value in rest.items())
    if isinstance(rest, list):
        items = soap["item"] if soap and soap != "" else []
        items = items if isinstance(items, list) else [items]
        return len(items) == len(rest) and all(map(same, rest, items))
    return soap == rest or _same_time(rest, soap)


def _same_time(rest: Any, soap: Any) -> bool:
    """node's own times have milliseconds and no more."""
    try:
        return abs(datetime.fromisoformat(rest) - datetime.fromisoformat(soap)) < timedelta(milliseconds=1)
    except (TypeError, ValueError):
        return False


class TestAnswers:
    def test_a_verdict_arrives_with_what_was_compared(self, told: Told) -> None:
        """CON-03, POP-05: in Vietnamese, with its list."""
        answer = told.result("match")
        assert (answer["verdict"], answer["verdict_vi"]) == ("match", "Khớp")
        assert same(["personal_id", "full_name", "birth_date"], answer["compared"])
        assert same([], answer["differences"])

    def test_a_record_arrives_with_the_fields_that_were_asked_for(self, told: Told) -> None:
        """PDP: a list goes in, and no more than it names comes out."""
        record = told.result("fields")["record"]
        record = json.loads(record) if isinstance(record, str) else record
        assert record["full_name"] == "TRẦN THỊ MẪU"
        assert {name for name, value in record.items() if value is not None} <= {
            "full_name", "permanent_address", "gender", "data_as_of",
        }  # fmt: skip

    def test_null_arrives_as_null_or_is_left_out_but_never_as_a_text(self, told: Told) -> None:
        """CON-18."""
        (leaf,) = [one for one in told.province.recorder.entries if one.operation == "verify_enterprise" if one.facts]
        assert json.loads(leaf.bodies["request"]).get("name") is None
        assert json.loads(leaf.bodies["request"])["representative_name"] == "Ai Đó"
        assert told.result("null")["verdict"] == "mismatch"

    def test_a_system_that_is_down_is_undetermined_and_not_no(self, told: Told) -> None:
        """POP-05."""
        assert told.result("down")["verdict"] == "undetermined"

    @pytest.mark.parametrize("read", ["axes", "history", "sync", "later"])
    def test_what_is_read_says_what_rest_says(self, told: Told, read: str) -> None:
        """CON-03, CON-18: nulls, empty lists, numbers, times and Vietnamese texts."""
        assert same(told.rest[read], told.result(read)), f"{told.rest[read]} {told.result(read)}"

    def test_a_typed_record_arrives_part_by_part(self, told: Told) -> None:
        """CON-03, CON-18: an enterprise with its address and lists, as REST has it."""
        answer = told.result("firm")
        for name, value in told.rest["firm"].items():
            assert same(value, answer[name]), f"{value} {answer[name]}"


class TestWrites:
    def test_a_recheck_is_taken_as_the_kind_that_its_element_says(self, told: Told) -> None:
        """CON-18: and of another kind than its operation it is refused, field by field."""
        leaf = next(one for one in told.province.recorder.entries if one.operation == "create_recheck")
        assert json.loads(leaf.bodies["request"]) == {**LATER, "request": CITIZEN}
        pointers = {error["pointer"] for error in told.problem("otherwise")["errors"]["item"]}
        assert "/request/enterprise_code" in pointers

    def test_a_payment_is_opened_once_under_its_key(self, told: Told) -> None:
        first, again = told.result("payment"), told.result("again")
        assert first["id"] == again["id"]
        assert len(told.province.payments.payments) == 1
        assert same(PAYMENT["amount"], first["amount"])

    def test_another_payment_under_the_same_key_is_refused(self, told: Told) -> None:
        assert told.problem("other")["code"] == "caller.idempotency_key_reused"

    def test_a_dossier_is_taken_whole(self, told: Told) -> None:
        """CON-18: what stands in the leaf is the example, whatever way it came."""
        assert told.result("dossier")["code"] == CODE
        (leaf,) = [one for one in told.province.recorder.entries if one.operation == "put_dossier"]
        assert json.loads(leaf.bodies["request"]) == EXAMPLES["put_dossier"]
        assert b"Envelope" in leaf.bodies["soap_request"]


class TestFaults:
    def test_a_fault_names_each_field_in_the_words_of_rest(self, told: Told) -> None:
        """CON-03: code, pointer, Vietnamese and English."""
        fault, problem = told.answers["wrong"]["fault"], told.problem("wrong")
        assert fault["code"].endswith("Client")
        assert fault["text"] == "Nội dung chưa đúng quy định: Có 2 trường thiếu hoặc chưa đúng."
        assert (problem["code"], str(problem["status"])) == ("caller.invalid_fields", "422")
        assert [error["pointer"] for error in problem["errors"]["item"]] == ["/personal_id", "/birth_date"]
        assert problem["errors"]["item"][1]["detail"] == "Không có ngày này."

    @pytest.mark.parametrize(("name", "code"), [("nowhere", "caller.not_found"), ("day", "caller.unknown_place")])
    def test_what_is_not_there_is_not_found(self, told: Told, name: str, code: str) -> None:
        assert (told.problem(name)["code"], str(told.problem(name)["status"])) == (code, "404")


def test_a_client_that_shows_its_password_only_when_asked_is_asked() -> None:
    """CON-03, CON-05: as .NET's do, and Python's own: first without, then, after a 401, with it."""
    province = Province()
    with serving(province.app) as url:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, url, "motcua", province.key)
        opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords))
        headers = {"Content-Type": "text/xml"}
        with opener.open(urllib.request.Request(f"{url}/soap", enveloped(VERIFY), headers)) as answer:
            assert b">match<" in answer.read()
    outcomes = [one.outcome for one in province.recorder.entries if one.kind is EntryKind.REQUEST]
    assert outcomes == ["http_401", "answered"]


PAGE = (Path(__file__).parents[3] / "docs" / "soap.md").read_text(encoding="utf-8")


class TestPage:
    """What docs/soap.md shows is run as it stands, against a gateway that is there."""

    @staticmethod
    def shown(language: str, url: str = "", key: str = "") -> str:
        program = PAGE.partition(f"```{language}\n")[2].partition("```")[0]
        return program.replace("https://lienthong.example.vn/soap?", f"{url}/soap?").replace("lt_H99_motcua_…", key)

    @pytest.mark.parametrize("language", ["python", "php"])
    def test_the_program_on_the_page_works(self, language: str, tmp_path: Path) -> None:
        province = Province()
        maker = client_programs.zeep if language == "python" else client_programs.php
        with serving(province.app) as url:
            file = tmp_path / "shown"
            file.write_text(self.shown(language, url, province.key), encoding="utf-8")
            assert maker().running(str(file)).run("").startswith("Khớp\n")

    async def test_the_envelope_on_the_page_works(self) -> None:
        """For those who have nothing but HTTP."""
        province = Province()
        envelope = PAGE.partition("văn bản sau")[2].partition("```xml\n")[2].partition("```")[0]
        async with province.client(await province.issue()) as client:
            action = f'"{NAMESPACE}/verify_citizen"'
            headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action}
            answer = await client.post("/soap", content=envelope.encode(), headers=headers)
        assert answer.status_code == 200
        assert ">Khớp<" in answer.text
        assert action in PAGE
