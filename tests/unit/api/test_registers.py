"""Catalogues, places, agency ids and new dossier codes, as the one-stop system reads them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from operations import BODIED
from province import TENANT, Province

from gateway.domain import Context, DossierCode

CONTEXT = Context(tenant=TENANT, actor="nightly", trace_id="a" * 32, traceparent="")
EXAMPLE = (Path(__file__).parents[3] / "deploy" / "places" / "example.csv").read_text(encoding="utf-8")
AGENCIES = "code,name,kind,valid_from,alias\nH99.12,Sở Ví Dụ,agency,2020-01-01,000.00.05.H99\n"
ASKED = {"agency_code": "000.00.05.H99", "procedure_code": "1.009999"}


async def get(caller: httpx.AsyncClient, path: str) -> Any:
    answer = await caller.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_coded_field_is_read_with_its_catalogue_and_version(
    province: Province, caller: httpx.AsyncClient
) -> None:
    """COD-11 (part): each list has a name and a version, and the version of any day is known."""
    assert (await get(caller, "/v1/catalogues")) == {"catalogues": []}
    assert (await caller.get("/v1/catalogues/fields")).status_code == 404
    for name in ("fields", "procedures"):
        await province.catalogues.sync(name, context=CONTEXT)
    listed = (await get(caller, "/v1/catalogues"))["catalogues"]
    assert [(each["catalogue"], each["version"], each["codes"]) for each in listed] == [
        ("fields", 1, 2),
        ("procedures", 1, 2),
    ]
    found = await get(caller, "/v1/catalogues/fields")
    assert (found["version"], found["entries"][0]) == (1, {"code": "G03-GD10", "name": "Lĩnh vực ví dụ"})
    before = await get(caller, "/v1/catalogues/fields?on=2026-01-01")
    assert (before["version"], before["entries"], before["on"]) == (0, [], "2026-01-01")


async def test_procedure_and_field_of_a_dossier_name_their_catalogue_and_version(
    province: Province, caller: httpx.AsyncClient
) -> None:
    """COD-11 (part): of the two coded fields that a list is taken over for, by the list of the day of reception."""
    dossier = next(operation for operation in BODIED if operation.name == "put_dossier")
    body = {**dossier.body, "procedure": {"code": "1.009999.000.00.00.H99", "name": "Thủ tục"}}
    path = f"{dossier.path}/codes"
    assert (await caller.get(path)).status_code == 404
    assert (await caller.put(dossier.path, json=body)).status_code == 202
    assert [field["version"] for field in (await get(caller, path))["fields"]] == [0, 0]
    await province.catalogues.sync("fields", context=CONTEXT)
    assert (await get(caller, path))["fields"] == [
        {"field": "/procedure/code", "code": "1.009999", "catalogue": "procedures", "version": 0},
        {"field": "/field/code", "code": "G03-GD10", "catalogue": "fields", "version": 1},
    ]


async def test_an_old_code_leads_to_the_city_of_today_and_keeps_its_old_name(
    province: Province, caller: httpx.AsyncClient
) -> None:
    """ORG-03: an old dossier shows the old body and its current successor."""
    assert (await caller.get("/v1/places/MOCK-HG")).json()["code"] == "caller.unknown_place"
    await province.places.take(EXAMPLE, tenant=TENANT)
    today = await get(caller, "/v1/places/MOCK-HG")
    assert (today["how"], today["units"][0]["name"], today["periods"][0]["name"]) == (
        "successors", "thành phố Cần Thơ", "tỉnh Hậu Giang",
    )  # fmt: skip
    then = await get(caller, "/v1/places/MOCK-HG?on=2025-06-30")
    assert (then["how"], then["units"]) == ("same", then["periods"])
    back = await get(caller, "/v1/places/MOCK-P01?on=2024-01-01")
    assert (back["how"], [unit["code"] for unit in back["units"]]) == ("predecessors", ["MOCK-C001", "MOCK-C002"])


async def test_both_forms_of_an_agency_id_are_told_by_the_table_or_not_at_all(
    province: Province, caller: httpx.AsyncClient
) -> None:
    """COD-05."""
    await province.places.take(AGENCIES, tenant=TENANT)
    for one, other in (("H99.12", "000.00.05.H99"), ("H99", "000.00.00.H99")):
        assert (await get(caller, f"/v1/agencies/{one}"))["other_form"] == other
        assert (await get(caller, f"/v1/agencies/{other}"))["other_form"] == one
    unknown = await caller.get("/v1/agencies/H99.13")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "caller.no_other_form")
    assert (await caller.get("/v1/agencies/H99.12?on=2019-12-31")).status_code == 404


async def test_a_day_that_is_none_is_refused_by_name(caller: httpx.AsyncClient) -> None:
    answer = await caller.get("/v1/places/MOCK-HG?on=2026-02-30")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/on")


async def test_dossier_codes_are_issued_once_each_and_the_same_request_gets_the_same(
    caller: httpx.AsyncClient,
) -> None:
    """DOS-02 (part), COD-01 (part): one machine-issued code for each accepted dossier, which then looks it up."""

    async def ask(key: str) -> Any:
        answer = await caller.post("/v1/dossier-codes", json=ASKED, headers={"Idempotency-Key": key})
        assert answer.status_code == 201, answer.text
        return answer.json()

    found = await asyncio.gather(*(ask(f"k{number}") for number in range(30)))
    codes = [DossierCode.parse(each["code"]) for each in found]
    assert sorted(code.serial for code in codes) == list(range(1, 31))
    assert {code.agency for code in codes} == {"000.00.05.H99"}
    assert await ask("k0") == found[0]
    dossier = next(operation for operation in BODIED if operation.name == "put_dossier")
    code = found[0]["code"]
    assert (await caller.get(f"/v1/dossiers/{code}")).status_code == 404
    assert (await caller.put(f"/v1/dossiers/{code}", json=dossier.body)).status_code == 202
    assert (await get(caller, f"/v1/dossiers/{code}"))["status"] == dossier.body["status"]


async def test_a_key_whose_first_answer_was_forgotten_never_brings_another_agencys_code(
    province: Province, caller: httpx.AsyncClient
) -> None:
    """After 24 hours only the numbers remember the key (COD-03 (part))."""
    codes = []
    for body in (ASKED, ASKED, {**ASKED, "agency_code": "000.00.06.H99"}):
        answer = await caller.post("/v1/dossier-codes", json=body, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201, answer.text
        codes.append(answer.json()["code"])
        await province.answers.expire(now=datetime.now(UTC) + timedelta(days=3650))
    assert codes[0] == codes[1]
    assert codes[2].startswith("000.00.06.H99-")


async def test_a_key_bound_to_an_agency_numbers_for_that_one_only(province: Province) -> None:
    """COD-03 (part)."""
    key = await province.issue("xa", agencies=("000.00.06.H99",))
    async with province.client(key) as bound:
        refused = await bound.post("/v1/dossier-codes", json=ASKED, headers={"Idempotency-Key": "1"})
    assert (refused.status_code, refused.json()["code"]) == (403, "caller.agency")
