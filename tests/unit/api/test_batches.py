"""Many steps in one request: each is answered as it would be alone."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from operations import BODIED
from province import Province

PUT = next(operation for operation in BODIED if operation.name == "put_dossier")
MANY = next(operation for operation in BODIED if operation.name == "add_status_events")
CODE = PUT.path.rpartition("/")[2]
STEP = MANY.body["events"][0]
ALONE = {name: value for name, value in STEP.items() if name != "dossier_code"}


async def tell(caller: httpx.AsyncClient, *steps: Any) -> Any:
    body = json.dumps({"events": steps}, ensure_ascii=True).encode()
    answer = await caller.post("/v1/status-events", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def tell_alone(caller: httpx.AsyncClient, step: Any) -> Any:
    headers = {"Content-Type": "application/json", "Idempotency-Key": json.dumps(step)[:100].encode().hex()}
    body = json.dumps(step, ensure_ascii=True).encode()
    return await caller.post(f"/v1/dossiers/{CODE}/status-events", content=body, headers=headers)


@pytest.fixture
async def dossier(caller: httpx.AsyncClient) -> None:
    assert (await caller.put(PUT.path, json=PUT.body)).status_code == 202


@pytest.mark.usefixtures("dossier")
async def test_steps_are_answered_in_the_order_given(caller: httpx.AsyncClient) -> None:
    """CON-07 (part)."""
    steps = [{**STEP, "event_id": f"b{n}", "status": status} for n, status in enumerate((4, 6, 1, 9))]
    answer = await tell(caller, *steps)
    taken = [item["taken"] and item["taken"]["event_id"] for item in answer["items"]]
    assert (answer["refused"], taken) == (1, ["b0", "b1", None, "b3"])
    assert answer["items"][2]["problem"]["code"] == "caller.illegal_transition"
    again = await tell(caller, *steps)
    assert [item["taken"] and item["taken"]["event_id"] for item in again["items"]] == ["b0", "b1", None, "b3"]


@pytest.mark.usefixtures("dossier")
@pytest.mark.parametrize(
    "wrong",
    [
        {"status": 77},
        {"status": "4"},
        {"at": "yesterday"},
        {"content": ""},
        {"content": "a\0b"},
        {"officer_name": "Tr\ud800"},
        {"event_id": "x" * 10_000},
        {"ho_ten": "Trần Thị Mẫu"},
        {"path": "x"},
        {"status": 10},
        {"at": "2199-01-01T00:00:00+07:00"},
    ],
    ids=str,
)
async def test_a_step_is_refused_with_the_problem_that_it_has_alone(
    province: Province, caller: httpx.AsyncClient, wrong: Any
) -> None:
    alone = await tell_alone(caller, {**ALONE, **wrong})
    assert alone.status_code == 422
    stored = dict(province.dossiers.records)
    answer = await tell(caller, {**STEP, **wrong})
    problem = answer["items"][0]["problem"]
    assert {**problem, "trace_id": ""} == {**alone.json(), "trace_id": ""}
    assert province.dossiers.records == stored
    assert "Mẫu" not in json.dumps(answer, ensure_ascii=False)


@pytest.mark.usefixtures("dossier")
@pytest.mark.parametrize("junk", [None, 1, 10**400, "x", [], [[]], {}, True, {"dossier_code": "../x"}], ids=repr)
async def test_what_is_no_step_keeps_none_of_the_others_out(caller: httpx.AsyncClient, junk: Any) -> None:
    answer = await tell(caller, junk, STEP, junk)
    assert [item["problem"] and item["problem"]["status"] for item in answer["items"]] == [422, None, 422]
    assert answer["items"][1]["taken"]["status"] == STEP["status"]


async def test_steps_of_unknown_dossiers_are_refused_and_leave_nothing(
    province: Province, caller: httpx.AsyncClient
) -> None:
    answer = await tell(caller, STEP, STEP)
    assert [item["problem"]["code"] for item in answer["items"]] == ["caller.not_found"] * 2
    assert province.stored == (0, 0, 0)


@pytest.mark.parametrize("count", [0, 501])
async def test_none_or_too_many_are_refused_together(caller: httpx.AsyncClient, count: int) -> None:
    answer = await caller.post("/v1/status-events", json={"events": [{}] * count})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/events")
