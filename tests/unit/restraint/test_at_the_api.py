"""Restraint as a caller meets it, and the leaf that each refusal leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from operations import BODIED
from province import DEFAULT, Province

from gateway.audit.model import EntryKind
from gateway.restraint.model import Rates

VERIFY: dict[str, Any] = next(operation.body for operation in BODIED if operation.name == "verify_citizen")
PATH = "/v1/citizens/verification"
UNKNOWN = {**VERIFY["purpose"], "procedure_code": "1.009995"}


async def post(province: Province, *bodies: dict[str, Any], path: str = PATH) -> list[Any]:
    async with province.client(await province.issue()) as client:
        return [await client.post(path, json=body) for body in bodies]


def leaf(province: Province) -> Any:
    return [entry for entry in province.recorder.entries if entry.kind is EntryKind.REQUEST][-1]


async def test_a_procedure_without_a_rule_is_refused_in_words_and_recorded() -> None:
    """POP-06, POP-12: time, form, requester, content asked and state of a refused look-up are in its leaf."""
    province = Province()
    (answer,) = await post(province, {**VERIFY, "purpose": UNKNOWN})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (403, "caller.purpose")
    assert told["errors"][0]["pointer"] == "/purpose/procedure_code"
    (entry,) = province.recorder.entries
    assert (entry.kind, entry.actor, entry.operation) == (EntryKind.REQUEST, "motcua", "verify_citizen")
    assert entry.purpose == UNKNOWN
    assert (entry.reference, entry.outcome) == (UNKNOWN["dossier_code"], "http_403")
    assert entry.facts == {"http_status": 403, "source": "127.0.0.1", "code": "caller.purpose"}
    assert VERIFY["personal_id"].encode() in entry.bodies["request"]


async def test_a_rate_is_told_with_its_time_and_recorded() -> None:
    """POP-07, POP-12 (part)."""
    province = Province(policy=replace(DEFAULT, officer=Rates(minute=10**6, hour=10**6, day=1)))
    _, answer = await post(province, VERIFY, VERIFY)
    assert (answer.status_code, answer.json()["code"]) == (429, "caller.too_many_requests")
    assert 0 < int(answer.headers["retry-after"]) <= 86_400
    entry = leaf(province)
    assert (entry.purpose, entry.facts["code"]) == (VERIFY["purpose"], "caller.too_many_requests")


async def test_a_search_is_refused_alarmed_and_recorded_without_a_number() -> None:
    """POP-07, POP-12 (part)."""
    province = Province(policy=replace(DEFAULT, patterns=replace(DEFAULT.patterns, neighbours=3)))
    bodies = [{**VERIFY, "personal_id": f"09918500{count:04d}"} for count in range(5)]
    answers = await post(province, *bodies)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["code"] == "caller.enumeration"
    assert "retry-after" not in answers[-1].headers
    alarms = [entry for entry in province.recorder.entries if entry.kind is EntryKind.ALARM]
    assert [entry.outcome for entry in alarms] == ["lookup_neighbours"]
    asked = [entry for entry in province.recorder.entries if entry.kind is EntryKind.EXCHANGE]
    assert {entry.purpose["basis"] for entry in asked} == {"MOCK-: made-up procedure of the examples"}
    for entry in province.recorder.entries:
        assert "0991850" not in repr(replace(entry, bodies={}))


@pytest.mark.parametrize("path", ["/v1/citizens/lookup", "/v1/accounts/lookup", "/v1/enterprises/lookup"])
async def test_every_way_in_is_restrained(path: str) -> None:
    """POP-06."""
    bodies = {f"{operation.path}": operation.body for operation in BODIED}
    (answer,) = await post(Province(), {**bodies[path], "purpose": UNKNOWN}, path=path)
    assert (answer.status_code, answer.json()["code"]) == (403, "caller.purpose")
