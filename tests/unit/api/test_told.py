"""What a caller is told is true of what was done: never that nothing was, and never advice that does it twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from operations import Operation
from province import TENANT, Province, now
from psycopg_pool import PoolTimeout
from staff_house import code_of, enter, hire
from structlog.testing import capture_logs
from waiting import ASK, NAMED, PAY, PUT, SOON, Call, Only, Stalled, broken, call, raises, serve, stalled

from gateway.api.deadline import Deadline
from gateway.audit.model import Entry, EntryKind
from gateway.database.faults import OutcomeLostError
from gateway.operators.model import Role

STEP = NAMED["add_status_event"]
STATE = "/v1/admin/operators/binh/state"
DISABLED = json.dumps({"disabled": True}).encode()
NOTICE = "/inbound/payment/ipn"
KEY = {"idempotency-key": "k-1"}
SAME_KEY, LOOK_FIRST = "with the same Idempotency-Key", "look first whether it was done"


@pytest.fixture
async def province() -> Province:
    province = Province()
    province.key = await province.issue()
    return province


@pytest.fixture
async def by_staff(province: Province) -> Province:
    """The caller is an administrator; there is an operator `binh`."""
    enrolment = await hire(province.staffing, TENANT, "an", Role.ADMINISTRATOR)
    await hire(province.staffing, TENANT, "binh", Role.AUDITOR)
    province.key = (await enter(province.staffing, TENANT, "an", code_of(enrolment, now()))).token
    return province


def advice(heard: Call) -> set[str]:
    said = heard.problem["detail_en"].lower()
    return {each for each in (SAME_KEY, LOOK_FIRST) if each.lower() in said}


def requests(province: Province) -> list[Entry]:
    return [leaf for leaf in province.recorder.entries if leaf.kind is EntryKind.REQUEST]


class TestDone:
    async def test_an_answer_stays_one_though_its_miss_cannot_be_noted(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lookups: Any = province.services.lookups
        broken(monkeypatch, lookups._restraint, "note", PoolTimeout("x"))
        with capture_logs() as logs:
            asked = await call(province, ASK).heard()
        assert (asked.status, asked.problem["verdict"]) == (200, "match")
        assert [log["event"] for log in logs if log["log_level"] == "error"] == ["look_not_noted"]

    async def test_a_look_up_that_could_not_be_counted_asked_nobody_and_may_come_again(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lookups: Any = province.services.lookups
        broken(monkeypatch, lookups._restraint, "admit", PoolTimeout("x"))
        asked = await call(province, ASK).heard()
        assert (asked.status, asked.problem["code"]) == (503, "ours.busy")

    async def test_steps_are_one_transaction_and_may_come_again(self, province: Province) -> None:
        serve(province, steps=raises(PoolTimeout("x")))
        told = await call(province, STEP).heard()
        assert (told.status, told.problem["code"]) == (503, "ours.busy")

    async def test_what_staff_changed_is_never_told_as_not_done(
        self, by_staff: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        accounts: Any = by_staff.services.late().accounts
        broken(monkeypatch, accounts._sessions, "end_all", PoolTimeout("x"))
        told = await Call(by_staff, STATE, DISABLED, method="PUT").heard()
        assert (told.status, told.problem["code"], advice(told)) == (504, "ours.undetermined", {LOOK_FIRST})
        assert "retry-after" not in told.headers
        assert (await accounts.find(TENANT, "binh")).disabled_at

    async def test_a_code_that_is_spent_is_never_told_as_not_used(
        self, by_staff: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken(monkeypatch, by_staff.services.late().entrance, "log_in", PoolTimeout("x"))
        said = json.dumps({"login": "an", "password": "x" * 20, "code": "123456"}).encode()
        told = await Call(by_staff, "/v1/admin/sessions", said).heard()
        assert (told.status, told.problem["code"], advice(told)) == (504, "ours.undetermined", {LOOK_FIRST})

    async def test_what_staff_only_read_may_be_read_again(
        self, by_staff: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken(monkeypatch, by_staff.services.late().accounts, "all", PoolTimeout("x"))
        told = await Call(by_staff, "/v1/admin/operators", b"", method="GET").heard()
        assert (told.status, told.problem["code"]) == (503, "ours.busy")

    @pytest.mark.parametrize("method", ["GET", "POST"])
    async def test_a_call_of_a_national_system_may_be_handled_by_then(self, province: Province, method: str) -> None:
        """Some report by GET."""
        serve(province, inbound=raises(PoolTimeout("x")))
        told = await Call(province, NOTICE, b"{}", method=method).heard()
        assert (told.status, told.problem["code"]) == (504, "ours.undetermined")

    @pytest.mark.parametrize(("operation", "said"), [(PUT, LOOK_FIRST), (PAY, SAME_KEY)], ids=["put", "pay"])
    async def test_what_is_unknown_is_found_out_by_its_key_or_by_looking(
        self, province: Province, operation: Operation, said: str
    ) -> None:
        lost = raises(OutcomeLostError("x"))
        serve(province, dossiers=lost, payments=lost)
        told = await call(province, operation).heard()
        assert (told.problem["code"], advice(told)) == ("ours.undetermined", {said})


class TestTwice:
    async def test_whose_key_is_kept_sends_it_again(self, province: Province, monkeypatch: pytest.MonkeyPatch) -> None:
        keys = stalled(monkeypatch, province.answers, "begin")
        told = await call(province, PAY, **KEY, **SOON).heard()
        assert (told.problem["code"], advice(told)) == ("ours.no_time", {SAME_KEY})
        keys.goes.set()
        await told.work

    async def test_whose_key_nobody_keeps_looks_first(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = stalled(monkeypatch, province.services.authenticator, "authenticate")
        told = await call(province, PUT, **KEY, **SOON).heard()
        assert (told.problem["code"], advice(told)) == ("ours.no_time", {LOOK_FIRST})
        assert "xem việc đó đã được làm chưa" in told.problem["detail"]
        store.goes.set()
        await told.work

    async def test_nothing_is_begun_for_staff_who_wait_no_longer(
        self, by_staff: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        late = by_staff.services.late()
        sessions = stalled(monkeypatch, late.operators, "authenticate")
        told = await Call(by_staff, STATE, DISABLED, method="PUT", **SOON).heard()
        assert (told.status, told.problem["code"], advice(told)) == (504, "ours.no_time", {LOOK_FIRST})
        sessions.goes.set()
        await told.work
        assert not (await late.accounts.find(TENANT, "binh")).disabled_at

    async def test_nothing_is_begun_for_a_national_system_that_waits_no_longer(self, province: Province) -> None:
        begun: list[Any] = []

        async def receive(*asked: Any, **_: Any) -> Any:
            begun.append(asked)

        serve(province, inbound=Only(receive), longest_s=-1.0)
        told = await Call(province, NOTICE, b"{}").heard()
        await told.work
        assert (told.problem["code"], begun) == ("ours.no_time", [])


class TestLeaf:
    async def test_a_leaf_that_was_under_way_as_the_time_ended_has_another_that_says_what_was_told(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, goes = province.recorder.record, asyncio.Event()

        async def record(entry: Entry) -> Any:
            if entry.kind is EntryKind.REQUEST:
                await goes.wait()
            return await real(entry)

        monkeypatch.setattr(province.recorder, "record", record)
        told = await call(province, ASK, **SOON).heard()
        assert told.problem["code"] == "ours.no_time"
        goes.set()
        await told.work
        first, second = requests(province)
        assert ("told" in first.facts, second.facts) == (False, {**first.facts, "told": "ours.no_time"})
        assert (second.operation, second.outcome, second.trace_id) == ("verify_citizen", "answered", first.trace_id)
        assert (second.bodies, second.subjects) == ({}, ())

    async def test_who_only_looked_and_was_told_that_the_time_is_over_leaves_a_leaf(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await (await call(province, PUT).heard()).work
        dossiers = stalled(monkeypatch, province.services.dossiers, "axes")
        told = await Call(province, PUT.path, b"", method="GET", **SOON).heard()
        assert (told.status, told.problem["code"]) == (504, "ours.no_time")
        dossiers.goes.set()
        await told.work
        leaf = requests(province)[-1]
        assert (leaf.operation, leaf.facts["http_status"], leaf.facts["told"]) == ("get_dossier", 200, "ours.no_time")

    async def test_of_work_that_ends_as_the_time_does_the_leaf_says_what_was_told(
        self, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In the same turn of the loop, the work first."""
        ends = asyncio.Event()
        over: Callable[[Deadline], None] = Deadline._over

        def both(line: Deadline) -> None:
            ends.set()
            over(line)

        monkeypatch.setattr(Deadline, "_over", both)
        dossiers = After(province.services.dossiers.put, ends)
        monkeypatch.setattr(province.services.dossiers, "put", dossiers)
        told = await call(province, PUT, **SOON).heard()
        await told.work
        (leaf,) = requests(province)
        assert (told.status, leaf.facts["http_status"], leaf.facts.get("told")) == (504, 202, "ours.no_time")


class After(Stalled):
    """Is done, and then waits."""

    def __init__(self, real: Callable[..., Awaitable[Any]], goes: asyncio.Event) -> None:
        super().__init__(real)
        self.goes = goes

    async def __call__(self, *args: Any, **named: Any) -> Any:
        done = await self._real(*args, **named)
        await self.goes.wait()
        return done
