"""Dossiers and steps between the connector and the mock portal: created once, replaced in full, nothing doubled."""

from __future__ import annotations

import json
from typing import Any

import pytest
from systems import Bench, bench, examples

from gateway.sdk import (
    Accepted,
    Answered,
    Call,
    CannotTell,
    Outcome,
    Refused,
    SendNow,
    Settlement,
    TookEffect,
    Unsettled,
    WireRequest,
)

FIRST = next(example for example in examples("national_portal") if example.name == "sync_first")
CODE = FIRST.sends["MaHoSo"]
STEP = {
    "dossier_code": CODE,
    "event_id": "buoc-1",
    "status": 2,
    "at": "2026-01-02T08:30:00+07:00",
    "officer_name": "Lê Văn Thử",
    "content": "Tiếp nhận hồ sơ",
}


def sync(system: Bench, **changes: Any) -> Call:
    return system.call("sync_dossier", system.mappings.request("sync_dossier", {**FIRST.given, **changes}).body)


def step(system: Bench, **changes: Any) -> Call:
    return system.call("report_progress", system.mappings.request("report_progress", {**STEP, **changes}).body)


async def settle(system: Bench, call: Call) -> Settlement:
    """What the worker does when it does not know: ask, then judge."""
    connector: Any = system.connector
    return connector.settle(call, await system.ask(connector.question(call)))  # type: ignore[no-any-return]  # Any


async def first(system: Bench) -> Outcome:
    """What the worker does with the first message of a dossier."""
    settlement = await settle(system, sync(system))
    assert isinstance(settlement, SendNow)
    return await system.ask(settlement.call)


async def held(system: Bench) -> Any:
    url = f"http://127.0.0.1:7103/_mock/dossiers/{CODE}"
    return json.loads((await system.transport.send(WireRequest(method="GET", url=url))).content)


@pytest.mark.parametrize("form", ["int", "string", "double", "cycle"])
async def test_a_dossier_is_created_then_replaced_and_its_steps_follow(form: str) -> None:
    system = bench("national_portal", mock={"code_form": form})
    assert isinstance(await first(system), Accepted)
    assert isinstance(await system.ask(step(system)), Accepted)
    assert isinstance(await system.ask(sync(system, status=4)), Accepted)
    kept = await held(system)
    assert [version["updating"] for version in kept["versions"]] == [False, True]
    assert kept["dossier"]["TrangThaiHoSo"] == "4"
    assert len(kept["steps"]) == 1


async def test_an_answered_question_is_translated_to_nothing_but_its_presence() -> None:
    system = bench("national_portal")
    await first(system)
    connector: Any = system.connector
    found = await system.ask(connector.question(sync(system)))
    assert isinstance(found, Answered)
    assert system.mappings.reply("find_dossier", found.body) == {}


async def test_a_creation_of_what_is_there_becomes_an_update() -> None:
    """Another client was faster between our question and our message."""
    system = bench("national_portal")
    late = await settle(system, sync(system, summary="Bản của ta"))
    assert isinstance(late, SendNow)
    await first(system)
    with pytest.raises(Unsettled):
        await system.ask(late.call)
    again = await settle(system, sync(system, summary="Bản của ta"))
    assert isinstance(again, SendNow)
    assert isinstance(await system.ask(again.call), Accepted)
    kept = await held(system)
    assert (kept["dossier"]["TrichYeuHoSo"], len(kept["versions"])) == ("Bản của ta", 2)


async def test_a_dossier_whose_answer_was_lost_is_found_and_not_sent_again() -> None:
    system = bench("national_portal")
    settlement = await settle(system, sync(system))
    assert isinstance(settlement, SendNow)
    with pytest.raises(Unsettled):
        await system.ask(settlement.call, fault="late_success")
    assert isinstance(await settle(system, sync(system)), TookEffect)
    assert len((await held(system))["versions"]) == 1


async def test_a_step_whose_answer_was_lost_is_neither_lost_nor_doubled() -> None:
    system = bench("national_portal")
    await first(system)
    with pytest.raises(Unsettled):
        await system.ask(step(system), fault="late_success")
    assert isinstance(await settle(system, step(system)), TookEffect)
    assert len((await held(system))["steps"]) == 1


async def test_a_step_that_never_arrived_is_sent() -> None:
    system = bench("national_portal")
    await first(system)
    await system.ask(step(system))
    second = step(system, at="2026-01-02T09:30:00+07:00", status=4, content="Chuyển phòng chuyên môn")
    with pytest.raises(Unsettled):
        await system.ask(second, fault="error")
    settlement = await settle(system, second)
    assert isinstance(settlement, SendNow)
    assert isinstance(await system.ask(settlement.call), Accepted)
    assert [step["TrangThai"] for step in (await held(system))["steps"]] == ["2", "4"]


async def test_a_portal_that_shows_no_steps_leaves_a_lost_one_to_a_person() -> None:
    """What the real portal shows is not public (4.6); this is the setting to start production with."""
    system = bench("national_portal", progress_field="")
    await first(system)
    with pytest.raises(Unsettled):
        await system.ask(step(system), fault="late_success")
    assert isinstance(await settle(system, step(system)), CannotTell)


async def test_a_step_of_a_dossier_that_is_not_there_cannot_have_arrived() -> None:
    for field in ("TIENDO", ""):
        system = bench("national_portal", progress_field=field)
        assert isinstance(await settle(system, step(system)), SendNow)
        assert isinstance(await system.ask(step(system)), Refused)


async def test_an_update_of_what_the_portal_lost_is_refused_and_then_created() -> None:
    system = bench("national_portal")
    assert isinstance(await system.ask(sync(system)), Refused)
    assert isinstance(await first(system), Accepted)


async def test_the_other_adapter_prefix_is_a_setting() -> None:
    system = bench("national_portal", base_url="http://127.0.0.1:7103/VXPAdapter/RestService/forward")
    assert isinstance(await first(system), Accepted)
