"""A translation is explained field by field, and never shows a value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from services import NOW

from gateway.mapping.model import Direction
from gateway.registry import configured
from gateway.transactions.explaining import Exchange, Explained, explain

NAME = "NGUYỄN THỊ MẪU"


@pytest.fixture(scope="module")
def system() -> Any:
    return configured({}, sandbox=True, breaker={})["population"]


def exchange(**fields: Any) -> Exchange:
    told: dict[str, Any] = {
        "operation": "verify_citizen",
        "call_id": "C1",
        "at": NOW,
        "http_status": 200,
        "version": 1,
        "bodies": {},
    }
    return Exchange(**{**told, **fields})


def of(found: list[Explained], direction: Direction) -> Explained:
    return next(one for one in found if one.direction is direction)


ASKED = {
    "personal_id": "099203001234",
    "full_name": NAME,
    "birth_date": "2003-01-02",
    "purpose": {"officer_id": "canbo.mau", "agency_id": "H99.1", "procedure_code": "1.001234", "dossier_code": "H99-1"},
}


def test_what_the_caller_asked_leads_to_what_was_sent_and_the_rules_tell_what_they_did(system: Any) -> None:
    sent = system.mappings.request("verify_citizen", ASKED).body
    bodies = {"request_translated": json.dumps(sent).encode()}
    found = explain(system, exchange(bodies=bodies, asked=json.dumps(ASKED).encode()))
    one = of(found, Direction.REQUEST)
    assert one.is_exact
    assert {"translated"} <= {step.result for step in one.steps}
    assert all(NAME not in repr(step) for step in one.steps)
    assert one.is_of_today is (one.ran == one.today)


def test_without_what_was_asked_the_record_shows_which_fields_were_filled(system: Any) -> None:
    sent = system.mappings.request("verify_citizen", ASKED).body
    one = of(explain(system, exchange(bodies={"request_translated": json.dumps(sent).encode()})), Direction.REQUEST)
    assert not one.is_exact
    assert {"filled"} <= {step.result for step in one.steps} <= {"filled", "left out", "constant"}


def test_another_version_than_today_s_is_told(system: Any) -> None:
    bodies = {"request_translated": b"{}"}
    assert not explain(system, exchange(version=998, bodies=bodies))[0].is_of_today
    assert explain(system, exchange(version=0, bodies=bodies))[0].is_of_today


def test_a_reply_is_explained_from_what_was_understood_of_it(system: Any) -> None:
    bodies = {"reply_received": b"nonsense", "reply_translated": json.dumps({"full_name": NAME}).encode()}
    one = of(explain(system, exchange(operation="lookup_citizen", bodies=bodies)), Direction.REPLY)
    assert not one.is_exact
    assert {step.to for step in one.steps if step.result == "filled"} == {"full_name"}


@pytest.mark.parametrize("bodies", [{}, {"request_translated": b"nonsense"}, {"request_translated": b"[]"}])
def test_where_nothing_is_left_nothing_is_explained(system: Any, bodies: dict[str, bytes]) -> None:
    assert explain(system, exchange(bodies=bodies)) == []
    assert explain(system, exchange(operation="unheard_of", bodies={"request_translated": b"{}"})) == []
