"""A caller is told when its time is over, whatever stalls behind the API; what was begun goes on to a true answer."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import psycopg
import pytest
from envelopes import VERIFY, enveloped, problem_of
from province import Province
from psycopg_pool import PoolTimeout, TooManyRequests
from waiting import ASK, BATCH, HEARD_WITHIN_S, PAY, PUT, SOON, Call, Only, broken, call, raises, serve, stalled

from gateway.api.deadline import TELLING_S, Deadline
from gateway.audit.model import EntryKind
from gateway.cli.listening import Server, config_of
from gateway.cli.serve import listen
from gateway.database.faults import OutcomeLostError
from gateway.dossiers.model import Taken
from gateway.exchange.deadline import no_time
from gateway.sdk import Unsettled
from gateway.settings import Settings

GONE = [psycopg.OperationalError("x"), PoolTimeout("x"), TooManyRequests("x")]


@pytest.fixture
async def province() -> Province:
    province = Province()
    province.key = await province.issue()
    return province


class TestTime:
    async def test_a_log_that_stalls_holds_nobody_beyond_its_time(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log = stalled(monkeypatch, province.recorder, "record")
        asked = await call(province, ASK, **SOON).heard()
        assert (asked.status, asked.problem["code"]) == (504, "ours.no_time")
        assert asked.headers["cache-control"] == "no-store"
        assert not asked.work.done()
        log.goes.set()
        await asked.work
        leaf = province.recorder.entries[-1]
        assert (leaf.operation, leaf.trace_id) == ("verify_citizen", asked.problem["trace_id"])

    async def test_who_asks_by_soap_is_told_as_a_fault(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log = stalled(monkeypatch, province.recorder, "record")
        asked = await Call(province, "/soap", enveloped(VERIFY), content_type="text/xml; charset=utf-8", **SOON).heard()
        assert (asked.status, asked.headers["x-http-status"]) == (500, "504")
        assert problem_of(asked.content)["code"] == "ours.no_time"
        assert not asked.work.done()
        log.goes.set()
        await asked.work

    async def test_a_national_system_that_was_too_slow_makes_an_answer_of_its_own(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It says more than that the time is over."""

        async def slow(*_: object, until: float, **__: object) -> None:
            await asyncio.sleep(until - time.monotonic())
            raise no_time(Unsettled)

        monkeypatch.setattr("gateway.api.deadline.TELLING_S", 10.0)
        monkeypatch.setattr(province.systems["population"].transport, "send", slow)
        asked = await call(province, ASK, **SOON).heard()
        assert (asked.status, asked.problem["verdict"]) == (200, "undetermined")

    async def test_nothing_is_begun_for_whom_nobody_waits_and_the_leaf_says_what_was_told(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = stalled(monkeypatch, province.services.authenticator, "authenticate")
        asked = await call(province, ASK, **SOON).heard()
        assert (asked.status, asked.problem["code"]) == (504, "ours.no_time")
        store.goes.set()
        await asked.work
        (leaf,) = province.recorder.entries  # no exchange: nothing was sent
        assert (leaf.kind, leaf.outcome, leaf.facts["told"]) == (EntryKind.REQUEST, "http_504", "ours.no_time")

    async def test_what_was_begun_is_done_once_and_its_key_keeps_the_answer(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = {"idempotency-key": "k-1"}
        opening: Any = province.services.payments
        written = stalled(monkeypatch, opening._opening, "move")  # after the rail has answered
        first = await call(province, PAY, **key, **SOON).heard()
        assert (first.status, first.problem["code"]) == (504, "ours.no_time")
        meanwhile = await call(province, PAY, **key).heard()
        assert (meanwhile.status, meanwhile.problem["code"]) == (409, "caller.in_progress")
        written.goes.set()
        await first.work
        leaf = province.recorder.entries[-1]
        assert (leaf.facts["http_status"], leaf.facts["told"]) == (201, "ours.no_time")
        again = await call(province, PAY, **key).heard()
        assert (again.status, json.loads(leaf.bodies["reply"])) == (201, again.problem)
        assert province.stored[1] == 1

    @pytest.mark.parametrize("stalls", ["begin", "finish"])
    async def test_a_store_of_keys_that_stalls_makes_nothing_happen_twice(
        self, province: Province, monkeypatch: pytest.MonkeyPatch, stalls: str
    ) -> None:
        key = {"idempotency-key": "k-1"}
        keys = stalled(monkeypatch, province.answers, stalls)
        first = await call(province, PAY, **key, **SOON).heard()
        assert (first.status, first.problem["code"]) == (504, "ours.no_time")
        keys.goes.set()
        await first.work
        again = await call(province, PAY, **key).heard()
        assert (again.status, again.problem["state"]) == (201, "opened")
        assert province.stored[1] == 1

    async def test_over_a_socket_it_is_told_at_once_and_the_connection_serves_the_next_request(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log, listening = stalled(monkeypatch, province.recorder, "record"), listen("127.0.0.1", 0)
        server = Server(config_of(Settings(), province.app))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        base, one = f"http://127.0.0.1:{listening.getsockname()[1]}", httpx.Limits(max_connections=1)
        headers = {"authorization": f"Bearer {province.key}", **SOON}
        async with httpx.AsyncClient(base_url=base, limits=one, headers=headers, timeout=HEARD_WITHIN_S) as http:
            assert [(await http.post(ASK.path, json=ASK.body)).status_code for _ in range(2)] == [504, 504]
            log.goes.set()
            answer = await http.post(ASK.path, json=ASK.body, headers={"request-timeout": "60"})
            assert answer.status_code == 200
        server.should_exit = True
        await serving
        requests = [leaf for leaf in province.recorder.entries if leaf.kind is EntryKind.REQUEST]
        assert len(requests) == 3

    async def test_an_answer_in_time_is_the_only_one(self, province: Province) -> None:
        asked = await call(province, ASK, **{"request-timeout": "60"}).heard()
        await asked.work
        assert asked.status == 200
        assert "told" not in province.recorder.entries[-1].facts

    async def test_what_has_begun_to_be_said_is_said_to_its_end(self) -> None:
        heard: list[Any] = []

        async def send(message: Any) -> None:
            heard.append(message)

        async def late(_: Any) -> None:
            heard.append("late")

        line = Deadline(send, late)
        line.start(-TELLING_S)
        await line({"type": "http.response.start"})
        await asyncio.sleep(0.02)
        await line({"type": "http.response.body"})
        await line.end()
        assert [message["type"] for message in heard] == ["http.response.start", "http.response.body"]


class TestFaults:
    @pytest.mark.parametrize("exc", GONE, ids=lambda exc: type(exc).__name__)
    async def test_no_room_in_the_database_is_503_and_when_to_come_again(
        self, province: Province, monkeypatch: pytest.MonkeyPatch, exc: Exception
    ) -> None:
        with monkeypatch.context() as patched:
            broken(patched, province.services.authenticator, "authenticate", exc)
            asked = await call(province, ASK).heard()
        assert (asked.status, asked.problem["code"]) == (503, "ours.busy")
        assert int(asked.headers["retry-after"]) > 0
        assert (await call(province, ASK).heard()).status == 200

    @pytest.mark.parametrize("exc", GONE, ids=lambda exc: type(exc).__name__)
    async def test_a_key_that_cannot_be_taken_is_503_for_nothing_was_done(
        self, province: Province, monkeypatch: pytest.MonkeyPatch, exc: Exception
    ) -> None:
        broken(monkeypatch, province.answers, "begin", exc)
        asked = await call(province, PAY).heard()
        assert (asked.status, asked.problem["code"]) == (503, "ours.busy")
        assert province.stored[1] == 0

    @pytest.mark.parametrize("exc", [*GONE, OutcomeLostError("x")], ids=lambda exc: type(exc).__name__)
    async def test_once_something_may_have_been_sent_it_is_undetermined_and_not_try_another(
        self, province: Province, monkeypatch: pytest.MonkeyPatch, exc: Exception
    ) -> None:
        with monkeypatch.context() as patched:
            broken(patched, province.services.payments, "create", exc)
            asked = await call(province, PAY, **{"idempotency-key": "k-1"}).heard()
        assert (asked.status, asked.problem["code"]) == (504, "ours.undetermined")
        assert "retry-after" not in asked.headers
        assert (await call(province, PAY, **{"idempotency-key": "k-1"}).heard()).status == 201

    async def test_a_commit_that_was_lost_is_undetermined(self, province: Province) -> None:
        serve(province, dossiers=raises(OutcomeLostError("x")))
        asked = await call(province, PUT).heard()
        assert (asked.status, asked.problem["code"]) == (504, "ours.undetermined")

    async def test_of_many_steps_the_one_that_found_no_room_is_told_so(self, province: Province) -> None:
        async def do(steps: Any) -> list[Taken | Exception]:
            return [PoolTimeout("x") for _ in steps]

        serve(province, batches=Only(do))
        asked = await call(province, BATCH).heard()
        assert {item["problem"]["code"] for item in asked.problem["items"]} == {"ours.busy"}
