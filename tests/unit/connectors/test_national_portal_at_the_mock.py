"""Dossiers and steps between the connector and the mock portal: created once, replaced in full, nothing doubled."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from urllib.parse import parse_qs

import pytest
from province import ListedRecorder, now
from services import CONTEXT
from systems import Bench, Example, bench, examples

from gateway.exchange.attempt import Attempts
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.model import Exchanged
from gateway.exchange.service import GatewayExchange
from gateway.exchange.system import System
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
    TransientRemoteError,
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


class Conversation:
    """The core's own way to the portal (log-in, one renewal, evidence), with the mock at its end."""

    def __init__(self, **settings: Any) -> None:
        self.bench = bench("national_portal", **settings)
        system = System(
            connector=self.bench.connector,
            mappings=self.bench.mappings,
            settings=self.bench.settings,
            transport=self.bench.transport,
            breaker=Breaker(BreakerPolicy(), monotonic=time.monotonic),
        )
        attempts = Attempts(ListedRecorder(), clock=now, monotonic=time.monotonic)
        self.exchange = GatewayExchange({"national_portal": system}, attempts, clock=now, routes={})

    async def read(self) -> Exchanged:
        asked = {"procedure_code": "1.009999"}
        return await self.exchange.ask("read_procedure", asked, context=CONTEXT, reference="1.009999")

    async def control(self, method: str, path: str, **body: Any) -> Any:
        request = WireRequest(
            method=method, url=f"http://127.0.0.1:7103/_mock/{path}", content=json.dumps(body).encode() if body else b""
        )
        reply = await self.bench.transport.send(request)
        return json.loads(reply.content) if reply.content else None

    async def calls(self, path: str) -> list[Any]:
        entries: list[Any] = (await self.control("GET", f"journal?path={path}"))["entries"]
        return entries


async def test_fifty_callers_whose_session_ended_log_in_exactly_once_more() -> None:
    """SYN-03 (part): session expiry. All fifty calls are on their way with the old session before any is refused."""
    portal = Conversation()
    await portal.read()
    assert len(await portal.calls("login")) == 1
    for ended in (1, 2):
        await portal.control("DELETE", "sessions")
        await portal.control("POST", "faults", fault="slow:0.5", contains="LayThuTuc", times=50)
        answers = await asyncio.gather(*(portal.read() for _ in range(50)))
        assert {type(answer.outcome) for answer in answers} == {Answered}
        assert len(await portal.calls("login")) == 1 + ended
        assert len(await portal.calls("MOCK-data")) == 1 + 100 * ended


async def test_a_session_that_ends_at_once_is_renewed_once_per_call_and_never_for_ever() -> None:
    portal = Conversation(tries=1)
    await portal.control("POST", "faults", fault="expired_session", contains="LayThuTuc", times=None)
    with pytest.raises(TransientRemoteError) as raised:
        await portal.read()
    assert raised.value.error_code == "partner.session_refused"
    assert len(await portal.calls("login")) == 2
    assert len(await portal.calls("MOCK-data")) == 2


@pytest.mark.parametrize("adapter", ["XrdAdapter", "VXPAdapter"])
@pytest.mark.parametrize("mode", ["header", "query", "both"])
async def test_both_adapters_and_every_way_of_naming_the_provider_reach_the_portal(adapter: str, mode: str) -> None:
    """SYN-03 (part)."""
    portal = Conversation(
        base_url=f"http://127.0.0.1:7103/{adapter}/RestService/forward",
        dstcode_mode=mode,
        provider_url="https://provider.example/a?b=c",
    )
    assert isinstance((await portal.read()).outcome, Answered)
    for entry in (*await portal.calls("login"), *await portal.calls("MOCK-data")):
        assert entry["path"].startswith(f"/{adapter}/")
        named = ("dstcode" in entry["headers"], "dstcode" in entry["query"])
        assert named == (mode != "query", mode != "header")
        assert parse_qs(entry["query"])["providerurl"] == ["https://provider.example/a?b=c"]


@pytest.mark.parametrize("form", ["int", "string", "double"])
@pytest.mark.parametrize("example", [e for e in examples("national_portal") if not e.fault], ids=lambda e: e.name)
async def test_every_service_understands_every_spelling_of_success(form: str, example: Example) -> None:
    """SYN-03: every service of the family, with error_code 0, "0" and "00"; the end of a session is tested above."""
    system = bench("national_portal", mock={"code_form": form})
    body = system.mappings.request(example.operation, example.given).body
    outcome = await system.ask(system.call(example.operation, body, hints=example.hints or {}))
    assert type(outcome).__name__.lower() == example.outcome


async def test_catalogues_and_accounts_are_asked_at_the_sharing_address_and_the_rest_is_not() -> None:
    """The split of section 4; without a second address everything goes to the first."""
    for share_path, expected in (("mapi/MOCK-share", "MOCK-share"), ("", "MOCK-data")):
        portal = Conversation(share_path=share_path)
        asked = {"number": "099185000001"}
        await portal.exchange.ask("find_account", asked, context=CONTEXT, reference="x")
        await portal.read()
        data = [entry["path"].rpartition("/")[2] for entry in await portal.calls("MOCK-")]
        assert data == [expected, "MOCK-data"]


@pytest.mark.parametrize("form", ["list", "object"])
async def test_an_answer_whose_acknowledgement_was_lost_is_neither_lost_nor_doubled(form: str) -> None:
    """SYN-14 (part)."""
    system = bench("national_portal", mock={"answer_form": form})
    given = next(example for example in examples("national_portal") if example.name == "question_answered").given
    answer = system.call("answer_question", system.mappings.request("answer_question", given).body)
    assert isinstance(await settle(system, answer), SendNow)
    with pytest.raises(Unsettled):
        await system.ask(answer, fault="late_success")
    assert isinstance(await settle(system, answer), TookEffect)
