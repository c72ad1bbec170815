"""Every dialect × every way × every fault of the contract pages: what comes of it, as a table, and what is said of it.

A fault may make an answer late or impossible. It never makes one: no fault yields match, mismatch or not found.
"""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Mapping
from typing import Any

import population_dialects
import pytest
from dialects import DIALECTS, WAYS, Road, roads
from starlette.applications import Starlette

from mocks._kit.faults import SHARED
from mocks._kit.serve import serving
from mocks.vxp import app as vxp
from mocks.wso2 import app as wso2
from mocks.xroad import app as xroad
from mocks.xroad.errors import spelled

CITIZEN = {"personal_id": "099185000001", "full_name": "Trần Thị Mẫu", "birth_date": "1985-06-15"}
NOBODY = {**CITIZEN, "personal_id": "099199999999"}
PAGE = {"offset": 0, "limit": 10}
Question = tuple[str, Mapping[str, Any]]

QUESTIONS: Mapping[str, tuple[Question, ...]] = {
    "population": (
        ("verify_citizen", CITIZEN),
        ("lookup_citizen", {**CITIZEN, "fields": ["personal_id", "full_name"]}),
    ),
    "business_registry": (
        ("lookup_enterprise", {"enterprise_code": "9900000016", "fields": None}),
        ("list_registrations", {"from_date": "2026-11-16", "to_date": "2026-11-20", **PAGE}),
        ("list_registrations", {"from_time": "00:00", "to_time": "23:59", **PAGE}),
        ("read_registration", {"journal_no": "99000001"}),
    ),
}
"""What is asked of each system, operation by operation; each has an answer."""
UNANSWERABLE: Mapping[str, tuple[Question, ...]] = {
    "population": (
        ("verify_citizen", NOBODY),
        ("lookup_citizen", {**NOBODY, "fields": ["full_name"]}),
    ),
    "business_registry": (
        ("lookup_enterprise", {"enterprise_code": "9900000087", "fields": None}),
        ("read_registration", {"journal_no": "99999999"}),
    ),
}
"""What no register has."""

LATER = "TransientRemoteError"
"""Nothing is known; the same question may be answered later."""
BROKEN = "ProtocolViolation"
"""What came back is no answer of the contract, or a door is closed: a person looks."""
SAID_NO = "Refused"

ANYWHERE: Mapping[str, str] = {
    "unavailable": LATER,
    "unavailable:30": LATER,
    "error": LATER,
    "html": LATER,
    "cut": LATER,
    "json_error": LATER,
    "json_error:200": BROKEN,
    "xml_fault": BROKEN,
    "xml_fault:200": BROKEN,
    "xml_fault:401": BROKEN,
    "garbage": BROKEN,
    "empty": LATER,
    "charset": BROKEN,
    "truncated": BROKEN,
    "big:200001": BROKEN,
    "deep:5000": BROKEN,
    "doctype": BROKEN,
    "entity": BROKEN,
    "bomb": BROKEN,
}
"""Shared faults, struck at the register or at the platform before it."""

XROAD_CODES: Mapping[str, str] = {
    "Server.ServerProxy.NetworkError": LATER,
    "Server.ServerProxy.ServiceFailed.MissingBody": LATER,
    "Server.ClientProxy.OutdatedGlobalConf": LATER,
    "Signer.InternalError": LATER,
    "Server.ServerProxy.AccessDenied": BROKEN,
    "Server.ServerProxy.UnknownService": BROKEN,
    "Server.ClientProxy.SslAuthenticationFailed": BROKEN,
    "Client.BadRequest": BROKEN,
}
XROAD: Mapping[str, str] = {
    f"{form}:{spelled(code, generation)}": outcome
    for code, outcome in XROAD_CODES.items()
    for form in ("xroad_error", "xroad_fault")
    for generation in ("dotted", "snake")
}
"""X-Road's errors in REST form and as SOAP Faults with HTTP 200, as both generations spell them."""

XROAD_BEHIND: Mapping[str, str] = {
    fault: XROAD[fault]
    for fault in (
        "xroad_error:Server.ServerProxy.NetworkError",
        "xroad_error:server.serverproxy.access_denied",
        "xroad_fault:Server.ServerProxy.AccessDenied",
        "xroad_fault:server.serverproxy.network_error",
        "xroad_fault:Client.BadRequest",
    )
}
"""Some of them, from the register's own security server behind whatever stands between."""

WSO2: Mapping[str, str] = {
    "wso2_fault:900900": BROKEN,
    "wso2_fault:900901": BROKEN,
    "wso2_fault:900902": BROKEN,
    "wso2_fault:900906": BROKEN,
    "refuse": LATER,
    "throttled": LATER,
    "throttled:7": LATER,
    "expire_token": BROKEN,
}
REGISTRY_WSO2: Mapping[str, str] = {
    "900900:200": BROKEN,
    "900900:500": BROKEN,
    "900906:404": BROKEN,
    "700700:503": LATER,
}
"""The gateway that is part of the registry says so itself, with a fitting HTTP status or another one."""
OF_PLATFORM: Mapping[Any, Mapping[str, str]] = {
    wso2: {**ANYWHERE, **WSO2},
    vxp: {**ANYWHERE, **XROAD, "refuse": BROKEN},
    xroad: {**ANYWHERE, **XROAD, "refuse": BROKEN},
}
OF_REGISTER: Mapping[str, Mapping[str, str]] = {
    "/csdldc": {**ANYWHERE, **XROAD_BEHIND},
    "/apiCSDLDKDN": {**ANYWHERE, **{f"wso2:{fault}": outcome for fault, outcome in REGISTRY_WSO2.items()}},
}
"""By the path of the dialect; the JSON facades have the shared faults alone."""
DIRECTLY: Mapping[str, str] = {
    "xml_fault": LATER,
    "wso2:900900:500": LATER,
    **{
        fault: SAID_NO
        for fault in XROAD
        if fault.startswith("xroad_fault:") and XROAD[fault] == BROKEN and not re.search("access|ssl", fault, re.I)
    },
}
"""Where nothing stands between: HTTP 500 is the register's own trouble, and a Fault that finds fault with our request
is its own refusal."""


@pytest.fixture(scope="module", params=roads(), ids="-".join)
def made(request: pytest.FixtureRequest) -> Road:
    dialect, way = request.param
    return Road(DIALECTS[dialect], WAYS[way])


@pytest.fixture
def road(made: Road) -> Road:
    """As at the start: nothing planned, and no token that an earlier test has spoilt."""
    for mock in (made.register, made.platform):
        if mock is made.entrance or mock is made.register:
            mock.state.plan.clear()
    return made


def expected(road: Road, faults: Mapping[str, str]) -> dict[str, set[tuple[str, str]]]:
    """What each fault must come to on this road: undetermined, whatever the outcome."""
    differing = {} if road.way.mock else DIRECTLY
    return {fault: {(differing.get(fault, outcome), "undetermined")} for fault, outcome in faults.items()}


async def outcomes(road: Road, mock: Starlette, faults: Mapping[str, str]) -> dict[str, set[tuple[str, str]]]:
    """What came of every question under each fault, and the verdict on it."""
    seen: dict[str, set[tuple[str, str]]] = {}
    for fault in faults:
        mock.state.plan.clear()
        mock.state.plan.add({"fault": fault, "times": None, "path": road.dialect.path})
        for method, asked in QUESTIONS[road.dialect.system]:
            outcome, answer = await road.ask(method, asked)
            assert mock.state.journal.entries[-1].fault == fault, f"{fault} did not strike"
            seen.setdefault(fault, set()).add((outcome, str(answer.verdict)))
    mock.state.plan.clear()
    return seen


def test_no_dialect_no_way_and_no_shared_fault_is_left_out() -> None:
    """A fault of the kit that is added without a row here shows at once."""
    assert set(roads()) == {(dialect, way) for dialect in DIALECTS for way in WAYS}
    assert {dialect.system for dialect in DIALECTS.values()} == set(QUESTIONS) == set(UNANSWERABLE)
    assert {way.mock for way in WAYS.values()} == {None, *OF_PLATFORM}
    assert set(population_dialects.DIALECTS) < set(DIALECTS)
    assert {fault.partition(":")[0] for fault in ANYWHERE} == SHARED - {"slow", "late_success"}


async def test_without_a_fault_each_question_gets_its_right_answer(road: Road) -> None:
    """CON-02 (part), POP-05 (part): the way is switched by settings, and the same questions get the same answers."""
    for method, asked in QUESTIONS[road.dialect.system]:
        outcome, answer = await road.ask(method, asked)
        assert (outcome, str(answer.verdict)) == ("Answered", "match"), method
        assert_right(method, asked, answer)


def assert_right(method: str, asked: Mapping[str, Any], answer: Any) -> None:
    match method:
        case "verify_citizen":
            assert answer.compared[:2] == ("personal_id", "full_name")
        case "lookup_citizen":
            assert answer.record == {"personal_id": asked["personal_id"], "full_name": "TRẦN THỊ MẪU"}
        case "lookup_enterprise":
            assert answer.record["name"] == "CÔNG TY TNHH MẪU SÓC TRĂNG"
        case "list_registrations":
            assert answer.record["items"]
        case _:
            assert answer.record["journal_no"] == asked["journal_no"]


async def test_what_no_register_has_is_not_found(road: Road) -> None:
    """POP-05 (part), BIZ-01 (part): not found is said only where the register itself says it."""
    for method, asked in UNANSWERABLE[road.dialect.system]:
        outcome, answer = await road.ask(method, asked)
        assert (outcome, str(answer.verdict)) == ("Absent", "not_found"), method


async def test_no_fault_of_the_register_makes_an_answer(road: Road) -> None:
    """POP-05 (part): cannot be determined, whatever the fault."""
    faults = OF_REGISTER.get(road.dialect.path, ANYWHERE)
    if road.way.mock is None and road.dialect.path == "/csdldc":
        faults = {**faults, **XROAD}
    assert await outcomes(road, road.register, faults) == expected(road, faults)


async def test_no_fault_of_the_platform_makes_an_answer(road: Road) -> None:
    """POP-05 (part): cannot be determined, whatever the fault."""
    if road.way.mock is None:
        pytest.skip("nothing stands between")
    faults = OF_PLATFORM[road.way.mock]
    assert await outcomes(road, road.platform, faults) == expected(road, faults)


async def test_a_refusal_of_the_register_is_told_from_its_absence(road: Road) -> None:
    """POP-05 (part): *not permitted* where the province knows the code, else no conclusion at all."""
    road.register.state.plan.add({"fault": "refuse", "times": None, "path": road.dialect.path})
    verdict = "not_permitted" if road.dialect.system == "population" else "undetermined"
    for method, asked in QUESTIONS[road.dialect.system]:
        outcome, answer = await road.ask(method, asked)
        assert (outcome, str(answer.verdict)) == (SAID_NO, verdict), method


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("way", ["T1", "T2", "T3", "T4", "T6"])
async def test_a_fault_of_wso2_means_the_same_in_both_formats(way: str, form: str) -> None:
    """Old releases send XML, new ones JSON (contract, 2)."""
    road = Road(DIALECTS["as in the sandbox"], WAYS[way])
    road.platform.state.settings.merge({"fault_format": form})
    assert await outcomes(road, road.platform, WSO2) == expected(road, WSO2)


@pytest.mark.parametrize("way", ["T1", "T2", "T3"])
@pytest.mark.parametrize("dialect", population_dialects.DIALECTS)
async def test_a_token_that_expires_mid_flight_is_renewed_once_and_the_answer_is_right(dialect: str, way: str) -> None:
    road = Road(DIALECTS[dialect], WAYS[way])
    for number, (method, asked) in enumerate(QUESTIONS["population"], 1):
        road.platform.state.plan.add({"fault": "expire_token", "path": road.dialect.path})
        assert (await road.ask(method, asked))[0] == "Answered"
        asked_for = [entry for entry in road.platform.state.journal.entries if "token_request" in entry.facts]
        assert len(asked_for) == number + 1


async def test_a_register_that_is_too_slow_leaves_it_open(road: Road) -> None:
    """POP-05 (part): 13 seconds, which nobody waits for."""
    faults = {"slow": LATER}
    async with road.hurried():
        assert await outcomes(road, road.register, faults) == expected(road, faults)


SOCKETS = ("direct", "T4", "vxp_query", "xroad")


@pytest.mark.parametrize("way", SOCKETS)
async def test_over_real_sockets_a_slow_or_cut_answer_leaves_it_open(way: str) -> None:
    """POP-05 (part): a connection that is dropped, or that stays silent, in the hands of whoever the gateway calls."""
    road = Road(DIALECTS["as in the sandbox"], WAYS[way])
    slow = {"slow:2": LATER}
    faults = {"cut": LATER, "late_success": LATER, "html": LATER, "truncated": BROKEN}
    with serving(road.entrance) as url:
        async with road.over_sockets(url, timeout_s=0.3):
            assert await outcomes(road, road.entrance, slow) == expected(road, slow)
        async with road.over_sockets(url, timeout_s=60.0):
            assert await outcomes(road, road.entrance, faults) == expected(road, faults)
            assert (await road.ask("verify_citizen", CITIZEN))[0] == "Answered"


@pytest.mark.parametrize("way", SOCKETS)
@pytest.mark.parametrize("dialect", ["as in the sandbox", "SOAP inside JSON", "registry v1"])
async def test_fifty_megabytes_are_refused_before_they_are_here(dialect: str, way: str) -> None:
    """Within seconds, and in a small part of their size."""
    road = Road(DIALECTS[dialect], WAYS[way], largest=1_000_000)
    method, asked = QUESTIONS[road.dialect.system][0]
    with serving(road.entrance) as url:
        async with road.over_sockets(url, timeout_s=60.0):
            assert (await road.ask(method, asked))[0] == "Answered"
            road.entrance.state.plan.add({"fault": "big:50000000", "path": road.dialect.path})
            seen, peak, cpu_s = await measured(road, method, asked)
    assert seen == (BROKEN, "undetermined")
    assert peak < 15_000_000
    assert cpu_s < 10


@pytest.mark.parametrize("fault", ["deep:100000", "deep:400000", "bomb", "entity"])
@pytest.mark.parametrize("way", SOCKETS)
@pytest.mark.parametrize("dialect", ["as in the sandbox", "SOAP inside JSON", "registry v1"])
async def test_deep_nesting_and_entities_cost_little_time_and_memory(dialect: str, way: str, fault: str) -> None:
    road = Road(DIALECTS[dialect], WAYS[way], largest=5_000_000)
    method, asked = QUESTIONS[road.dialect.system][0]
    assert (await road.ask(method, asked))[0] == "Answered"
    road.entrance.state.plan.add({"fault": fault, "path": road.dialect.path})
    seen, peak, cpu_s = await measured(road, method, asked)
    assert seen == (BROKEN, "undetermined")
    assert peak < 50_000_000
    assert cpu_s < 10


async def measured(road: Road, method: str, asked: Mapping[str, Any]) -> tuple[tuple[str, str], int, float]:
    """What came of it, and what it cost: bytes at the most, the mock's included, and seconds of this process."""
    tracemalloc.start()
    begun = time.process_time()
    try:
        outcome, answer = await road.ask(method, asked)
        return (outcome, str(answer.verdict)), tracemalloc.get_traced_memory()[1], time.process_time() - begun
    finally:
        tracemalloc.stop()
