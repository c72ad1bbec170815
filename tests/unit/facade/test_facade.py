"""The façade is the same API in another dress: the same answers, refusals, evidence and promises (CON-03, CON-18)."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from envelopes import OPERATIONS, VERIFY, Soap, enveloped, problem_of, request
from lxml import etree
from operations import OPERATIONS as EXAMPLES
from operations import Operation as Example
from province import NAMESPACE, UNHURRIED, Province, contract

from gateway.api.schemas.lookups import CITIZEN, PURPOSE
from gateway.clients.model import Scope
from gateway.facade.convert import Reading
from gateway.restraint.model import Rates
from gateway.sdk import TransientRemoteError

each = pytest.mark.parametrize("example", EXAMPLES, ids=str)
KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"
FILE = b"%PDF-1.7 \x00\xff example"
MADE_THEN = re.compile(
    r"\b[0-9A-Z]{20}\b|\b[0-9a-f]{32}\b|[0-9A-Za-z_-]{22}(?=\")|\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)"
)
"""Numbers of calls, traces and moments, which differ from one call to the next."""


def arguments(example: Example) -> dict[str, Any]:
    """What the wrapper says for the example of an operation."""
    operation = OPERATIONS[example.name]
    given = dict(zip(operation.path.split("/"), example.path.split("/"), strict=True))
    found: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.where == "path":
            found[parameter.part.name] = given[f"{{{parameter.name}}}"]
        elif parameter.part.required:
            found[parameter.part.name] = example.given.get(parameter.name, KEY)
    if example.body is not None:
        found["request"] = example.body
    if example.file is not None:
        found |= {"content_type": example.given["Content-Type"], "content": example.file}
    return found


def result_of(answer: httpx.Response, name: str) -> Any:
    assert answer.status_code == 200, answer.text
    wrapper = etree.fromstring(answer.content)[0][0]
    assert wrapper.tag == f"{{{NAMESPACE}}}{name}Response"
    reading = Reading(contract().catalogue.shapes, NAMESPACE)
    found = reading.wrapper(wrapper, OPERATIONS[name].answers)
    assert reading.complaints == []
    return found.get("result", found)


def steady(value: Any) -> Any:
    """Without what was made up for this one call."""
    return json.loads(MADE_THEN.sub("…", json.dumps(value)))


class TestSameAsRest:
    @each
    async def test_every_operation_answers_as_in_rest(self, example: Example) -> None:
        """CON-03, CON-10: the same example on two provinces alike, once over each way."""
        rest, soap = Province(), Province()
        async with rest.client(await rest.issue()) as client:
            headers = {"Content-Type": "application/json", **example.headers}
            plain = await client.request(example.method, example.path, content=example.content, headers=headers)
        async with soap.client(await soap.issue()) as client:
            answer = await Soap(client, soap).post(request(example.name, arguments(example)))
        assert answer.headers["x-http-status"] == str(plain.status_code)
        if plain.status_code >= 400:
            assert steady(problem_of(answer.content)) == steady(plain.json())
        else:
            assert steady(result_of(answer, example.name)) == steady(plain.json())
        assert soap.stored == rest.stored
        told, heard = rest.recorder.entries, soap.recorder.entries
        assert [(e.kind, e.operation, e.outcome, e.actor) for e in heard] == [
            (e.kind, e.operation, e.outcome, e.actor) for e in told
        ]

    @pytest.mark.parametrize(
        "change",
        [
            {"personal_id": "1"},
            {"personal_id": "", "full_name": " "},
            {"full_name": "x" * 201},
            {"birth_date": "1985-02-30"},
            {"birth_date": "1985-13"},
            {"purpose": {**PURPOSE, "agency_id": "?"}},
            {"purpose": {}},
        ],
    )
    async def test_a_wrong_field_is_refused_in_the_words_of_rest(self, soap: Soap, change: Mapping[str, Any]) -> None:
        """CON-03: code, texts and pointers."""
        body = {**CITIZEN, **change}
        rest = (await soap.http.post("/v1/citizens/verification", json=body)).json()
        problem = await soap.refused(request("verify_citizen", {"request": body}))
        assert steady(problem) == steady(rest)
        assert problem["errors"]

    async def test_a_missing_field_is_refused_in_the_words_of_rest(self, soap: Soap) -> None:
        for name in CITIZEN:
            body = {part: value for part, value in CITIZEN.items() if part != name}
            rest = (await soap.http.post("/v1/citizens/verification", json=body)).json()
            assert steady(await soap.refused(request("verify_citizen", {"request": body}))) == steady(rest)

    async def test_an_unknown_element_is_refused_in_the_words_of_rest(self, soap: Soap) -> None:
        rest = (await soap.http.post("/v1/citizens/verification", json={**CITIZEN, "stray": "x"})).json()
        problem = await soap.refused(enveloped(VERIFY.replace("</request>", "<stray>x</stray></request>")))
        assert steady(problem) == steady(rest)

    async def test_a_wrong_kind_of_value_is_refused_in_the_words_of_rest(self, soap: Soap) -> None:
        body = next(one.body for one in EXAMPLES if one.name == "create_payment")
        rest = await soap.http.post("/v1/payments", json={**body, "amount": "x"}, headers={"Idempotency-Key": KEY})
        content = request("create_payment", {"idempotency_key": KEY, "request": body})
        amount = f"amount>{body['amount']}<".encode()
        problem = await soap.refused(content.replace(amount, b"amount>x<", 1))
        assert steady(problem) == steady(rest.json())


class TestStructure:
    @pytest.mark.parametrize(
        ("old", "new", "pointer"),
        [
            ("<birth_date>1985-06-15</birth_date>", "<birth_date>1985</birth_date>" * 2, "/birth_date"),
            ("<request>", "<request><birth_date>1985</birth_date>", "/birth_date"),
            ("<full_name>", '<full_name lang="vi">', "/full_name"),
            ("<full_name>", "<full_name><b/>", "/full_name"),
            ("<purpose>", "<purpose>text", "/purpose"),
            ("<purpose>", '<purpose><x xmlns="urn:x"/>', "/purpose"),
            ("<purpose>", '<purpose xsi:nil="true">', "/purpose"),
            ("Trần Thị Mẫu</full_name>", "</full_name>", None),
            ("<verify_citizen>", '<verify_citizen a="1">', "/"),
            ("<request>", "<personal_id>1</personal_id><request>", "/personal_id"),
        ],
    )
    async def test_what_does_not_follow_the_xsd_is_refused_where_it_stands(
        self, soap: Soap, old: str, new: str, pointer: str | None
    ) -> None:
        """CON-04: order, repetition, attributes, mixed text, foreign elements, nil with content."""
        problem: Any = await soap.refused(enveloped(VERIFY.replace(old, new)))
        assert problem["code"] == "caller.invalid_fields"
        pointers = [error["pointer"] for error in problem["errors"]]
        assert pointer is None or pointer in pointers

    async def test_null_where_none_may_stand_is_refused(self, soap: Soap) -> None:
        nil = VERIFY.replace("<full_name>Trần Thị Mẫu</full_name>", '<full_name xsi:nil="true"/>')
        problem: Any = await soap.refused(enveloped(nil))
        assert [error["pointer"] for error in problem["errors"]] == ["/full_name"]

    @pytest.mark.parametrize("code", ["../payments", "x/status-events", "", ".", "..", "a%2Fb/c"])
    async def test_a_code_never_leads_to_another_operation(self, soap: Soap, code: str) -> None:
        """SEC: a path is made of one part for each parameter."""
        problem = await soap.refused(request("get_dossier", {"code": code}))
        assert problem["code"] == "caller.not_found"
        (leaf,) = soap.province.recorder.entries
        assert leaf.operation == "get_dossier"

    @pytest.mark.parametrize("key", ["a\r\nX-Other: b", "khoá", "", " ", "k" * 256])
    async def test_a_key_that_is_no_header_is_refused_as_in_rest(self, soap: Soap, key: str) -> None:
        body = next(one.body for one in EXAMPLES if one.name == "create_payment")
        problem = await soap.refused(request("create_payment", {"idempotency_key": key, "request": body}))
        assert problem["code"] == "caller.idempotency_key_missing"

    async def test_a_missing_key_and_a_missing_code_are_named(self, soap: Soap) -> None:
        body = next(one.body for one in EXAMPLES if one.name == "create_payment")
        missing = await soap.refused(request("create_payment", {"request": body}))
        assert missing["code"] == "caller.idempotency_key_missing"
        problem: Any = await soap.refused(request("get_dossier", {}))
        assert [error["pointer"] for error in problem["errors"]] == ["/code"]

    @pytest.mark.parametrize("text", ['{"a":1,"a":2}', "NaN", "{", "", "[" * 100_000])
    async def test_free_form_is_strict_json(self, soap: Soap, text: str) -> None:
        """What two readers would read differently is refused, as in REST."""
        reading = Reading(contract().catalogue.shapes, NAMESPACE)
        assert reading._json(text, ("free",)) is None
        assert [one["loc"] for one in reading.complaints] == [("free",)]


class TestWhoCalls:
    @each
    async def test_a_stranger_is_told_nothing_and_does_nothing(self, example: Example) -> None:
        """SEC-01: not even what is wrong with the request."""
        province = Province()
        async with province.client() as client:
            soap = Soap(client, province)
            for content in (
                request(example.name, arguments(example)),
                enveloped(f"<{example.name}><stray/></{example.name}>"),
            ):
                assert (await soap.refused(content))["code"] == "caller.not_authenticated"
        assert {(e.outcome, e.actor) for e in province.recorder.entries} == {("http_401", "unknown")}
        assert all(e.bodies == {} for e in province.recorder.entries)

    @each
    async def test_a_request_outside_the_xsd_is_never_carried_out(self, soap: Soap, example: Example) -> None:
        """CON-04: of every operation; whoever may call it is told what is wrong, and it leaves its leaf."""
        name = example.name
        problem = await soap.refused(enveloped(f"<{name}><stray/></{name}>"))
        assert problem["code"] == "caller.invalid_fields"
        (leaf,) = soap.province.recorder.entries
        assert (leaf.operation, leaf.outcome, leaf.actor) == (name, "http_422", "motcua")

    async def test_the_key_may_be_the_password_of_basic(self, soap: Soap) -> None:
        """Older clients know no other header."""
        key = await soap.province.issue("old", Scope.CITIZENS)
        for user in ("old", "", "bất kỳ"):
            credentials = base64.b64encode(f"{user}:{key}".encode()).decode()
            assert (await soap.verify(Authorization=f"Basic {credentials}")).status_code == 200
        for wrong in ("Basic", "Basic ???", f"Basic {base64.b64encode(key.encode()).decode()}", "Digest x"):
            assert "caller.not_authenticated" in (await soap.verify(Authorization=wrong)).text
        leaf = soap.province.recorder.entries[1]
        assert leaf.actor == "old"

    @pytest.mark.parametrize(
        ("given", "status"), [(None, 401), ("Basic eDp5", 500), ("Bearer lt_H99_x_y", 500), ("Basic \xff", 500)]
    )
    async def test_who_shows_no_key_is_asked_for_one_and_who_shows_a_wrong_one_is_told(
        self, given: str | None, status: int
    ) -> None:
        """SEC-01: by HTTP's own means, which clients know that wait to be asked; either way with the same Fault."""
        province = Province()
        async with province.client() as client:
            headers = [(b"content-type", b"text/xml")]
            headers += [(b"authorization", given.encode("latin-1"))] if given else []
            answer = await client.post("/soap", content=enveloped(VERIFY), headers=headers)
        assert (answer.status_code, answer.headers["x-http-status"]) == (status, "401")
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert problem_of(answer.content)["code"] == "caller.not_authenticated"

    async def test_a_key_without_the_scope_is_refused(self, soap: Soap) -> None:
        key = await soap.province.issue("payer", Scope.PAYMENTS)
        assert "caller.scope" in (await soap.verify(Authorization=f"Bearer {key}")).text

    async def test_a_key_of_another_agency_is_refused(self, soap: Soap) -> None:
        """POP-06."""
        key = await soap.province.issue("other", Scope.CITIZENS, agencies=("000.00.06.H99",))
        assert "caller.agency" in (await soap.verify(Authorization=f"Bearer {key}")).text


class TestEvidence:
    async def test_the_leaf_holds_the_bytes_as_they_came_and_what_they_became(self, soap: Soap) -> None:
        """CON-18, SIG-10: who checks the translation has both sides of it."""
        content = enveloped(VERIFY)
        answer = await soap.post(content)
        leaf = soap.province.recorder.entries[-1]
        assert leaf.bodies["soap_request"] == content
        assert json.loads(leaf.bodies["request"]) == CITIZEN
        assert json.loads(leaf.bodies["reply"])["reference"] == result_of(answer, "verify_citizen")["reference"]
        assert leaf.purpose == PURPOSE

    async def test_no_answer_leaves_without_its_leaf(self, soap: Soap) -> None:
        """POP-12."""
        soap.province.recorder.broken = TransientRemoteError("down")
        answer = await soap.verify()
        assert answer.status_code == 500
        assert "verdict" not in answer.text
        assert etree.fromstring(answer.content)[0][0].findtext("faultcode") == "soap:Server"

    async def test_the_trace_goes_through(self, soap: Soap) -> None:
        trace = uuid.uuid4().hex
        await soap.verify(traceparent=f"00-{trace}-00f067aa0ba902b7-01")
        assert {entry.trace_id for entry in soap.province.recorder.entries} == {trace}

    async def test_a_file_goes_both_ways_and_is_not_kept_twice(self, soap: Soap) -> None:
        """As base64Binary; its bytes stand where files stand, and in no leaf."""
        content = request(
            "put_file",
            {
                "file_id": KEY,
                "content_disposition": "attachment; filename*=UTF-8''a.pdf",
                "content_type": "application/pdf",
                "content": FILE,
            },
        )
        first, again = await soap.post(content), await soap.post(content)
        assert (first.headers["x-http-status"], again.headers["x-http-status"]) == ("201", "200")
        back = await soap.post(request("get_file_content", {"file_id": KEY}))
        assert result_of(back, "get_file_content") == {"content_type": "application/pdf", "content": FILE}
        assert all(base64.b64encode(FILE) not in b"".join(e.bodies.values()) for e in soap.province.recorder.entries)
        broken = content.replace(base64.b64encode(FILE), b"*")
        assert (await soap.refused(broken))["code"] == "caller.invalid_fields"


class TestFaults:
    async def test_a_fault_says_what_the_problem_document_says(self, soap: Soap) -> None:
        answer = await soap.post(request("get_dossier", {"code": "000.00.05.H99-261123-9999"}))
        fault = etree.fromstring(answer.content)[0][0]
        assert [child.tag for child in fault] == ["faultcode", "faultstring", "detail"]
        said = fault.find("faultstring")
        assert said is not None
        assert said.get("{http://www.w3.org/XML/1998/namespace}lang") == "vi"
        problem = problem_of(answer.content)
        assert said.text == f"{problem['title']}: {problem['detail']}"
        assert set(problem) >= {"type", "title", "status", "code", "detail", "detail_en", "trace_id"}

    async def test_too_many_look_ups_are_refused_with_the_time_to_wait(self) -> None:
        """PDP: the limits of REST, in its words, and SOAP does not count apart."""
        once = replace(UNHURRIED, officer=Rates(minute=1, hour=1, day=1))
        province = Province(policy=once)
        async with province.client(await province.issue()) as client:
            soap = Soap(client, province)
            first = await client.post("/v1/citizens/verification", json=CITIZEN)
            problem: Any = await soap.refused(enveloped(VERIFY))
        assert first.status_code == 200
        assert (problem["code"], problem["status"]) == ("caller.too_many_requests", 429)
        assert problem["retry_after"] >= 1

    async def test_how_long_to_wait_is_said(self) -> None:
        """Retry-After, which a SOAP client does not see, as an element."""

        async def busy(scope: Any, receive: Any, send: Any) -> None:
            body = json.dumps({"type": "t", "title": "T", "status": 503, "code": "partner.unavailable", "detail": "D",
                               "detail_en": "E", "trace_id": "x"}).encode()  # fmt: skip
            headers = [(b"retry-after", b"7"), (b"content-type", b"application/problem+json")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        province = Province()
        facade = type(province.app)(busy, contract(), max_body_bytes=100_000)  # type: ignore[call-arg]  # a Facade
        async with httpx.AsyncClient(transport=httpx.ASGITransport(facade), base_url="http://gateway") as client:
            answer = await Soap(client, province).verify()
        assert problem_of(answer.content)["retry_after"] == 7
        assert answer.headers["retry-after"] == "7"
        assert etree.fromstring(answer.content)[0][0].findtext("faultcode") == "soap:Server"

    async def test_an_answer_that_xml_cannot_carry_is_a_clear_fault(self) -> None:
        """CON-18: nothing is mangled; REST can tell it."""
        body = {**_VERIFICATION, "explanation": "a\x01b"}

        async def odd(scope: Any, receive: Any, send: Any) -> None:
            scope["state"]["trace"] = type("T", (), {"trace_id": "abc"})
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": json.dumps(body).encode()})

        province = Province()
        facade = type(province.app)(odd, contract(), max_body_bytes=100_000)  # type: ignore[call-arg]  # a Facade
        async with httpx.AsyncClient(transport=httpx.ASGITransport(facade), base_url="http://gateway") as client:
            problem = await Soap(client, province).refused(enveloped(VERIFY))
        assert (problem["code"], problem["status"], problem["trace_id"]) == ("ours.not_in_xml", 500, "abc")


_VERIFICATION = {
    "verdict": "match",
    "verdict_vi": "Khớp",
    "explanation": "",
    "explanation_vi": "",
    "system": "population",
    "reference": "R",
    "audit_index": None,
    "checked_at": "2026-11-23T09:15:00+07:00",
}
