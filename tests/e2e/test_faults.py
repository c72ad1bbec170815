"""What goes wrong between two machines, over real sockets: nothing is lost, repeated, guessed or leaked."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import journey
import pytest
from story import ENTERPRISES, JOURNEY, PURPOSE, Caller, payment_document
from town import Town

LOOK_UPS: dict[str, dict[str, Any]] = {
    "/v1/citizens/verification": {
        "personal_id": "099185000001",
        "full_name": "Trần Thị Mẫu",
        "birth_date": "1985-06-15",
        "purpose": PURPOSE,
    },
    "/v1/enterprises/lookup": {"enterprise_code": ENTERPRISES[0][0], "purpose": PURPOSE},
}
SYSTEM = {"/v1/citizens/verification": "population", "/v1/enterprises/lookup": "business_registry"}
BIRTH = ("1985-06-15", "15/06/1985", "19850615", "15061985")  # a bare year also stands in microseconds, by chance
PERSONAL = ("099185000001", "Trần", "Mẫu", "MẪU", *BIRTH)
FAULTS = ["cut", "late_success", "garbage", "html", "empty", "error", "unavailable:1", "slow:0.3"]
SERVICES = ["TraCuuHoSo", "DongBoHoSoMC", "CapNhatTienDoHoSoMC"]


@pytest.fixture(autouse=True)
def _mended_afterwards(town: Town, caller: Caller) -> Iterator[None]:
    """And every breaker closed again."""
    yield
    for system in town.mocks:
        journey.forget_faults(town, system)
    for look_up in LOOK_UPS:
        journey.until(lambda asked=look_up: _ask(caller, asked)["verdict"], lambda verdict: verdict == "match")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_dossier_arrives_once_and_in_order_whatever_happens_on_the_way(
    town: Town, caller: Caller, fault: str
) -> None:
    """SYN-08."""
    code = f"000.00.05.H99-261125-{FAULTS.index(fault):04d}"
    for service in SERVICES:
        journey.plan(town, "national_portal", fault, contains=service)
    journey.send(caller, code)
    view = journey.arrive(caller, code)
    assert view["complete"], view
    assert journey.held(town, code) == (JOURNEY, JOURNEY[1:])


@pytest.mark.parametrize("fault", ["cut", "late_success", "html", "error", "slow:0.3"])
@pytest.mark.parametrize("look_up", LOOK_UPS)
def test_a_look_up_is_answered_although_its_first_try_failed(
    town: Town, caller: Caller, look_up: str, fault: str
) -> None:
    journey.plan(town, SYSTEM[look_up], fault)
    assert _ask(caller, look_up)["verdict"] == "match"


@pytest.mark.parametrize("fault", FAULTS[:-1])
@pytest.mark.parametrize("look_up", LOOK_UPS)
def test_a_system_that_stays_broken_is_never_an_answer(town: Town, caller: Caller, look_up: str, fault: str) -> None:
    """POP-05: no answer is neither a match nor a mismatch, nor "not found"."""
    journey.plan(town, SYSTEM[look_up], fault, times=None)
    said = _ask(caller, look_up)
    assert (said["verdict"], said.get("record", {}), said.get("differences", [])) == ("undetermined", {}, [])
    assert _found(json.dumps(said, ensure_ascii=False)) == []


@pytest.mark.parametrize("fault", ["late_success", "garbage", "html", "empty", "error"])
def test_a_payment_whose_opening_was_not_answered_is_unknown(town: Town, caller: Caller, fault: str) -> None:
    """PAY-08."""
    journey.plan(town, "payment", fault)
    opened = caller.send("POST", "/v1/payments", payment_document())
    assert opened.json()["state"] == "unknown", opened.text


def test_what_was_taken_in_survives_the_death_of_the_api(town: Town, caller: Caller) -> None:
    """SYN-08: 202 is said after the commit, never before."""
    code = "000.00.05.H99-261126-0001"
    journey.send(caller, code)
    town.kill("gateway")
    town.start_api()
    view = journey.arrive(caller, code)
    assert view["complete"], view
    assert journey.held(town, code) == (JOURNEY, JOURNEY[1:])


def test_an_answer_lost_on_its_way_to_the_province_is_given_again(town: Town, caller: Caller) -> None:
    key = str(uuid.uuid4())
    first = caller.send("POST", "/v1/payments", payment_document(), key=key)
    town.kill("gateway")
    town.start_api()
    again = caller.send("POST", "/v1/payments", payment_document(), key=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())


def test_an_api_that_is_told_to_stop_signs_the_log_before_it_goes(town: Town, caller: Caller) -> None:
    """The worker writes leaves of its own, so it is away meanwhile."""
    town.end("worker")
    _ask(caller, "/v1/enterprises/lookup")
    town.end("gateway")
    verified = town.lienthong("audit", "verify").stdout
    town.start_api()
    town.start_worker()
    size, signed = re.search(r"intact: (\d+) rows, (\d+) of them", verified).groups()  # type: ignore[union-attr]
    assert size == signed, verified


def test_after_all_this_no_log_holds_a_persons_data(town: Town) -> None:
    """PDP-15: the logs of the real processes, errors and all."""
    logs = "".join((town.logs / f"{name}.log").read_text(encoding="utf-8") for name in ("gateway", "worker"))
    assert "not_delivered" in logs
    assert _found(logs) == []


def _found(text: str) -> list[str]:
    """Of what must stand in no log and no answer; here all of it is made up, so a failure may name it."""
    return [word for word in (*PERSONAL, "Traceback", "Bearer") if word in text]


def _ask(caller: Caller, path: str) -> Any:
    return caller.json("POST", path, LOOK_UPS[path])
