"""Steps told together leave what the same steps told one by one leave: on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg_pool import PoolTimeout
from refunds_house import bill, collected, payment
from services import CONTEXT, NOW, ListedRecorder, ScriptedExchange, atomically, take_step

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.bootstrap.money import DossierStep
from gateway.database import Database, Gather, is_of_all
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.postgres import PostgresOutbox
from gateway.domain import Context, DossierStatus
from gateway.dossiers.batches import LARGE, Batches
from gateway.dossiers.memory import MemoryDossiers
from gateway.dossiers.model import Place, Taken, ToldStep
from gateway.dossiers.postgres import PostgresDossiers
from gateway.dossiers.service import Dossiers
from gateway.dossiers.telling import Told
from gateway.payments.memory import MemoryBills
from gateway.sdk.errors import BusyError, GatewayError, IntegrityError, UnprocessableError
from gateway.signing import Keyring

CODES = ("D1", "D2", "D3")
LONG_AGO = NOW - timedelta(days=30)
Steps = list[tuple[str, dict[str, Any]]]


def mostly(usual: Any, *rare: Any) -> Any:
    return st.integers(0, 11).flatmap(lambda n: st.sampled_from(rare) if n == 7 else st.just(usual))


step = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from([f"e{n}" for n in range(16)]),
        "status": st.sampled_from([2, 4, 4, 4, 5, 6, 6, 9, 10, 1]),
        "at": st.one_of(st.integers(0, 30), st.integers(25, 30), mostly(30, 1000)).map(
            lambda hour: (LONG_AGO + timedelta(hours=hour)).isoformat()  # hour 1000 lies in the future
        ),
        "content": mostly("Bước", "Bước khác", " "),
        "after": mostly("", "e0", "e1", "e2", "e3"),
    }
)
told = st.tuples(st.sampled_from(["D1", "D1", "D1", "D2", "D3"]) | mostly("D1", "unknown"), step)


def event(drawn: dict[str, Any]) -> dict[str, Any]:
    return drawn if drawn["after"] else {name: value for name, value in drawn.items() if name != "after"}


async def payment_state(tenant: str, code: str) -> str:
    return "none"


class House:
    """Three dossiers of a tenant of its own."""

    def __init__(self, on: Any, keyring: Keyring, *, exchange: Any = None, papers: Any = None) -> None:
        self.store = PostgresDossiers(on, keyring) if on else MemoryDossiers()
        self.outbox = PostgresOutbox(on, keyring) if on else MemoryOutbox()
        self.context: Context = replace(CONTEXT, tenant=f"T{uuid4().hex[:12].upper()}")
        self.atomically = on.transaction if on else atomically
        self.service = Dossiers(
            self.store,
            self.outbox,
            exchange=exchange or ScriptedExchange(),
            atomically=self.atomically,
            clock=lambda: NOW,
            payment_state=payment_state,
            papers=papers,
        )

    async def begin(self) -> House:
        for code in CODES:
            await self.service.put(code, {"status": 2}, context=self.context)
        return self

    def batches(self) -> tuple[Batches, list[None]]:
        """And a list that grows by one with each transaction."""
        begun: list[None] = []

        def counted() -> Any:
            begun.append(None)
            return self.atomically()

        service = self.service
        service._atomically = counted
        return Batches(service, atomically=counted), begun

    def steps(self, told: Steps) -> list[ToldStep]:
        return [ToldStep(code, step, self.context) for code, step in told]

    async def tell(self, steps: Steps, *, together: int) -> list[Any]:
        """1: by the single path."""
        answers: list[Any] = []
        for first in range(0, len(steps), together):
            several = steps[first : first + together]
            if together > 1:
                answers += await self.service.add_events(several, context=self.context)
            else:
                answers.append(await self.alone(*several[0]))
        return [said(answer) for answer in answers]

    async def alone(self, code: str, document: dict[str, Any]) -> Any:
        try:
            return await take_step(self.service, code, document, context=self.context)
        except GatewayError as exc:
            return exc

    async def left(self) -> dict[str, Any]:
        """Everything that can be read of it, but for the moments of storing."""
        found: dict[str, Any] = {}
        for code in CODES:
            record = await self.store.find(self.context.tenant, code)
            assert record is not None
            found[code] = replace(record, tenant="")
            found[code, "history"] = await self.store.events(self.context.tenant, code)
            _, parked = await self.store.recalled(self.context.tenant, [(code, "")])
            found[code, "parked"] = sorted(parked, key=lambda one: one.event.event_id)
        for target in ("system-of-sync_dossier", "system-of-report_progress"):
            for view in await self.outbox.walk(self.context.tenant, target, after="", limit=99):
                found[target, view.stream.key] = await self.messages(view.stream.key, target)
        return found

    async def messages(self, key: str, target: str) -> list[Any]:
        claims = await self.outbox.claim(owner=uuid4().hex, now=NOW, lease_s=0, room={target: 1000})
        found = [claim for claim in claims if (claim.stream.tenant, claim.stream.key) == (self.context.tenant, key)]
        return [(m.seq, m.operation, m.body) for claim in found for m in claim.messages]


def altered_in(lock_all: Any, code: str, fault: Exception | None = None) -> Any:
    """A store's `lock_all` that cannot read one dossier."""

    async def altered(tenant: str, codes: Any) -> Any:
        if code in codes:
            raise fault or IntegrityError("A stored document was altered.")
        return await lock_all(tenant, codes)

    return altered


class Spoilt(ScriptedExchange):
    """Stumbles over one step."""

    def __init__(self, event_id: str) -> None:
        super().__init__()
        self.event_id = event_id

    def draft(self, operation: str, canonical: Any, *, key: str, context: Context, target: str = "") -> Any:
        if canonical.get("event_id") == self.event_id:
            raise ValueError("a fault of ours")
        return super().draft(operation, canonical, key=key, context=context, target=target)


class Naming(ScriptedExchange):
    """Notes in whose name what is drafted."""

    def __init__(self) -> None:
        super().__init__()
        self.drafted: list[tuple[str, str]] = []

    def draft(self, operation: str, canonical: Any, *, key: str, context: Context, target: str = "") -> Any:
        self.drafted.append((operation, context.actor))
        return super().draft(operation, canonical, key=key, context=context, target=target)


class OnePaper:
    """A file that goes out with whatever is told."""

    async def faults(self, documents: Any, *, tenant: str) -> dict[str, Any]:
        return {}

    def fit(self, told: Any, *, stream: Any) -> list[Told]:
        return list(told)

    async def uploads(self, documents: Any, *, stream: Any) -> list[Told]:
        return [Told("upload_file", {"file": "F1"})]


def said(answer: Any) -> Any:
    return answer if isinstance(answer, Taken) else (type(answer), answer.error_code, answer.detail, answer.fields)


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(drawn=st.lists(told, min_size=3, max_size=16), together=st.integers(2, 16))
async def test_steps_in_batches_of_any_size_leave_what_they_leave_one_by_one(
    on: Any, keyring: Keyring, drawn: list[tuple[str, dict[str, Any]]], together: int
) -> None:
    """STA-04, CON-07 (part)."""
    steps = [(code, event(each)) for code, each in drawn]
    one, many = await House(on, keyring).begin(), await House(on, keyring).begin()
    assert await one.tell(steps, together=1) == await many.tell(steps, together=together)
    assert await one.left() == await many.left()


async def test_steps_told_at_the_same_time_are_each_taken_once(on: Any, keyring: Keyring) -> None:
    """SYN-08 (part)."""
    house = await House(on, keyring).begin()
    steps = [(code, event({**STEP, "event_id": f"e{n}"})) for n in range(20) for code in CODES]
    twice = [*steps, *steps]
    answers = await asyncio.gather(*(house.alone(*each) for each in twice))
    assert all(isinstance(answer, Taken) for answer in answers)
    for code in CODES:
        history = await house.store.events(house.context.tenant, code)
        assert [each.version for each in history] == list(range(2, 22))
        assert {each.event_id for each in history} == {f"e{n}" for n in range(20)}


async def test_a_fault_of_ours_over_one_step_keeps_none_of_the_others_out(on: Any, keyring: Keyring) -> None:
    house = await House(on, keyring, exchange=Spoilt("e1")).begin()
    steps = [("D1", event({**STEP, "event_id": f"e{n}"})) for n in range(3)]
    first, second, third = await house.service.add_events(steps, context=house.context)
    assert isinstance(first, Taken)
    assert isinstance(third, Taken)
    assert isinstance(second, GatewayError)
    assert second.http_status == 500
    assert (first.version, third.version) == (2, 3)
    assert [each.event_id for each in await house.store.events(house.context.tenant, "D1")] == ["e0", "e2"]


async def test_a_dossier_that_was_altered_keeps_none_of_the_others_out(on: Any, keyring: Keyring) -> None:
    house = await House(on, keyring).begin()
    house.store.lock_all = altered_in(house.store.lock_all, "D2")  # type: ignore[method-assign]
    steps = [(code, event({**STEP, "event_id": "e1"})) for code in CODES]
    first, second, third = await house.service.add_events(steps, context=house.context)
    assert (type(first), type(second), type(third)) == (Taken, IntegrityError, Taken)
    assert [type(each) for each in await asyncio.gather(*(house.alone(*step) for step in steps))] == [
        Taken,
        IntegrityError,
        Taken,
    ]


async def test_a_fault_over_the_dossier_of_one_step_is_told_of_it_alone(on: Any, keyring: Keyring) -> None:
    house = await House(on, keyring).begin()
    fault = RuntimeError("a fault of ours")
    house.store.lock_all = altered_in(house.store.lock_all, "D2", fault)  # type: ignore[method-assign]
    steps = [(code, event({**STEP, "event_id": "e1"})) for code in CODES]
    with structlog.testing.capture_logs() as logged:
        first, second, third = await house.service.add_events(steps, context=house.context)
    assert (type(first), type(second), type(third)) == (Taken, GatewayError, Taken)
    assert (second.http_status, "ours" in str(second)) == (500, False)  # type: ignore[union-attr]
    assert [line["event"] for line in logged] == ["shared_transaction_undone", "step_not_placed"]
    for code in ("D1", "D3"):
        assert [each.event_id for each in await house.store.events(house.context.tenant, code)] == ["e1"]


async def test_what_was_committed_before_the_database_was_gone_is_told_as_taken(on: Any, keyring: Keyring) -> None:
    house = await House(on, keyring).begin()
    lock_all, asked = house.store.lock_all, list[Any]()

    async def lost_at_the_second(tenant: str, codes: Any) -> Any:
        asked.append(codes)
        if len(codes) > 1:
            raise IntegrityError("A stored document was altered.")
        if "D2" in codes:
            raise psycopg.OperationalError
        return await lock_all(tenant, codes)

    house.store.lock_all = lost_at_the_second  # type: ignore[method-assign]
    steps = [(code, event({**STEP, "event_id": "e1"})) for code in CODES]
    told = await house.service.add_events(steps, context=house.context)
    assert [type(one) for one in told] == [Taken, psycopg.OperationalError, psycopg.OperationalError]
    assert len(asked) == 3
    assert [len(await house.store.events(house.context.tenant, code)) for code in CODES] == [1, 0, 0]


@pytest.mark.parametrize("state", ["40P01", "40001", "55P03", "57014"])
async def test_what_somebody_holds_that_one_step_needs_is_told_of_it_alone(
    on: Any, keyring: Keyring, state: str
) -> None:
    """psycopg counts it among the errors of a database that is gone."""
    house = await House(on, keyring).begin()
    fault = psycopg.errors.lookup(state)()
    house.store.lock_all = altered_in(house.store.lock_all, "D2", fault)  # type: ignore[method-assign]
    steps = [(code, event({**STEP, "event_id": "e1"})) for code in CODES]
    told = await house.service.add_events(steps, context=house.context)
    assert [type(one) for one in told] == [Taken, BusyError, Taken]
    batches, _ = house.batches()
    answers = await asyncio.gather(*(batches.do(house.steps(each)) for each in ONE_EACH))
    assert [type(one) for (one,) in answers] == [Taken, BusyError, Taken]


async def test_a_paid_step_that_cannot_be_told_leaves_nothing_and_the_money_stays(
    database: Database, keyring: Keyring
) -> None:
    """PAY-02, SYN-08 (part): a dossier that moved without its messages would be told to nobody."""
    papers = OnePaper()
    house = await House(database, keyring, papers=papers).begin()
    await house.alone("D1", event({**STEP, "status": 6}) | {"event_id": "asks"})
    papers.uploads = unreadable  # type: ignore[method-assign]
    raising = Alarms(MemoryAlarms(), recorder=ListedRecorder(), clock=lambda: NOW)
    step = DossierStep(house.service, house.store, MemoryBills(), alarms=raising, apart=database.apart)
    before, tenant = await house.left(), house.context.tenant
    async with database.transaction() as connection:
        await connection.execute("CREATE TABLE money AS SELECT 1 AS entered")
        await step(
            replace(MONEY, bill=replace(MONEY.bill, tenant=tenant), payment=replace(MONEY.payment, tenant=tenant))
        )
    assert [one.occasion.kind for one in await raising.listed(tenant, everything=True, limit=9)] == [
        "payment_step_refused"
    ]
    assert (await (await database.run("SELECT entered FROM money")).fetchall()) == [{"entered": 1}]
    assert await house.left() == before


@pytest.mark.parametrize(
    "fault",
    [
        IntegrityError("The dossier was altered."),
        RuntimeError("a fault of ours"),
        psycopg.errors.QueryCanceled("Somebody held the dossier for too long."),
    ],
)
async def test_a_paid_dossier_that_cannot_be_read_is_an_alarm_and_the_money_stays(
    database: Database, keyring: Keyring, fault: Exception
) -> None:
    """PAY-02 (part)."""
    house = await House(database, keyring).begin()
    await house.alone("D1", event({**STEP, "status": 6}) | {"event_id": "asks"})
    house.store.lock = partial(failing, fault)  # type: ignore[method-assign]
    raising = Alarms(MemoryAlarms(), recorder=ListedRecorder(), clock=lambda: NOW)
    step = DossierStep(house.service, house.store, MemoryBills(), alarms=raising, apart=database.apart)
    tenant = house.context.tenant
    async with database.transaction() as connection:
        await connection.execute("CREATE TEMPORARY TABLE money ON COMMIT DROP AS SELECT 1 AS entered")
        await step(
            replace(MONEY, bill=replace(MONEY.bill, tenant=tenant), payment=replace(MONEY.payment, tenant=tenant))
        )
        assert await (await database.run("SELECT entered FROM money")).fetchall() == [{"entered": 1}]
    assert [one.occasion.kind for one in await raising.listed(tenant, everything=True, limit=9)] == [
        "payment_step_refused"
    ]


async def test_a_paid_step_that_lost_to_another_is_told_all_the_same(database: Database, keyring: Keyring) -> None:
    """PAY-02 (part): whoever was quicker is done with the dossier by then."""
    house = await House(database, keyring).begin()
    await house.alone("D1", event({**STEP, "status": 6}) | {"event_id": "asks"})
    lock, lost = house.store.lock, [psycopg.errors.DeadlockDetected()]

    async def losing(*which: Any) -> Any:
        if lost:
            raise lost.pop()
        return await lock(*which)

    house.store.lock = losing  # type: ignore[method-assign]
    raising = Alarms(MemoryAlarms(), recorder=ListedRecorder(), clock=lambda: NOW)
    bills, tenant = MemoryBills(), house.context.tenant
    step = DossierStep(house.service, house.store, bills, alarms=raising, apart=database.apart)
    money = replace(MONEY, bill=replace(MONEY.bill, tenant=tenant), payment=replace(MONEY.payment, tenant=tenant))
    async with database.transaction():
        await step(money)
    assert (lost, await raising.listed(tenant, everything=True, limit=9)) == ([], [])
    found = await house.store.find(tenant, "D1")
    assert found is not None
    assert found.status is DossierStatus.IN_PROCESS


async def failing(fault: Exception, *_: Any) -> Any:
    raise fault


async def unreadable(documents: Any, *, stream: Any) -> list[Told]:
    raise IntegrityError("A stored file was altered.")


async def test_requests_that_come_together_share_a_transaction_and_are_answered_each(on: Any, keyring: Keyring) -> None:
    """SYN-08 (part)."""
    house = await House(on, keyring).begin()
    batches, committed = house.batches()
    requests = [[(code, event({**STEP, "event_id": f"{code}-{n}"})) for code in CODES] for n in range(6)]
    unknown = [("unknown", event({**STEP, "event_id": "e1"})), *requests[0]]
    answers = await asyncio.gather(*(batches.do(house.steps(steps)) for steps in (*requests, unknown)))
    assert len(committed) == 1
    for steps, told in zip((*requests, unknown), answers, strict=True):
        assert [getattr(one, "event_id", None) for one in told] == [
            None if code == "unknown" else step["event_id"] for code, step in steps
        ]
    for code in CODES:
        history = await house.store.events(house.context.tenant, code)
        assert [each.event_id for each in history] == [f"{code}-{n}" for n in range(6)]


async def test_a_large_request_waits_for_no_other(on: Any, keyring: Keyring) -> None:
    house = await House(on, keyring).begin()
    batches, committed = house.batches()
    large = [("D1", event({**STEP, "event_id": f"e{n}"})) for n in range(LARGE)]
    small = [[(code, event({**STEP, "event_id": "s"}))] for code in ("D2", "D3")]
    answers = await asyncio.gather(*(batches.do(house.steps(steps)) for steps in (*small, large)))
    assert [len(told) for told in answers] == [1, 1, LARGE]
    assert all(isinstance(one, Taken) for told in answers for one in told)
    assert len(committed) == 2


async def test_a_request_with_an_altered_dossier_keeps_no_other_request_out(on: Any, keyring: Keyring) -> None:
    house = await House(on, keyring).begin()
    batches, _ = house.batches()
    house.store.lock_all = altered_in(house.store.lock_all, "D2")  # type: ignore[method-assign]
    requests = [[("D1", "e1")], [("D1", "e2"), ("D2", "e1"), ("D3", "e1")], [("D3", "e2")], [("D2", "e2")]]
    asked = [[(code, event({**STEP, "event_id": name})) for code, name in steps] for steps in requests]
    answers = await asyncio.gather(*(batches.do(house.steps(steps)) for steps in asked))
    assert [[type(one) for one in told] for told in answers] == [
        [Taken],
        [Taken, IntegrityError, Taken],
        [Taken],
        [IntegrityError],
    ]


async def test_a_fault_of_ours_over_one_request_is_told_to_it_alone(on: Any, keyring: Keyring) -> None:
    house = await House(on, keyring).begin()
    batches, _ = house.batches()
    house.store.lock_all = altered_in(house.store.lock_all, "D2", RuntimeError("A fault of ours."))  # type: ignore[method-assign]
    answers = await asyncio.gather(*(batches.do(house.steps(each)) for each in ONE_EACH), return_exceptions=True)
    assert [[type(one) for one in told] for told in answers] == [[Taken], [GatewayError], [Taken]]  # type: ignore[union-attr]
    for code in ("D1", "D3"):
        assert [each.event_id for each in await house.store.events(house.context.tenant, code)] == ["e1"]


@pytest.mark.parametrize("gone", [psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout])
async def test_a_database_that_is_gone_is_waited_for_once(on: Any, keyring: Keyring, gone: type[Exception]) -> None:
    house = await House(on, keyring).begin()
    batches, begun = house.batches()
    house.store.lock_all = altered_in(house.store.lock_all, "D2", gone())  # type: ignore[method-assign]
    answers = await asyncio.gather(*(batches.do(house.steps(each)) for each in ONE_EACH), return_exceptions=True)
    assert [type(told) for told in answers] == [gone] * 3
    assert len(begun) == 1


async def test_where_each_goes_alone_a_database_that_is_gone_is_waited_for_once(on: Any, keyring: Keyring) -> None:
    house = await House(on, keyring).begin()
    batches, _ = house.batches()
    asked, lock_all = list[str](), house.store.lock_all

    async def lock(tenant: str, codes: Any) -> Any:
        if len(codes) > 1:
            raise IntegrityError("A stored document was altered.")
        asked.extend(codes)
        if "D2" in codes:
            raise PoolTimeout
        return await lock_all(tenant, codes)

    house.store.lock_all = lock  # type: ignore[method-assign]
    answers = await asyncio.gather(*(batches.do(house.steps(each)) for each in ONE_EACH), return_exceptions=True)
    assert [type(told[0] if isinstance(told, list) else told) for told in answers] == [Taken, PoolTimeout, PoolTimeout]
    assert asked == ["D1", "D2"]


async def test_files_go_out_in_the_name_of_whoever_moved_the_dossier(on: Any, keyring: Keyring) -> None:
    """Not of a caller whose step was refused, was told again or waits for another one."""
    exchange = Naming()
    house = await House(on, keyring, exchange=exchange, papers=OnePaper()).begin()
    batches, begun = house.batches()
    asked = {
        "mover": STEP | {"event_id": "e1"},
        "refused": STEP | {"event_id": "e2", "status": 1},
        "again": STEP | {"event_id": "e1"},
        "parked": STEP | {"event_id": "e3", "after": "never-told"},
    }
    steps = [ToldStep("D1", event(step), replace(house.context, actor=who)) for who, step in asked.items()]
    exchange.drafted.clear()
    answers = await asyncio.gather(*(batches.do([step]) for step in steps))
    assert len(begun) == 1
    assert [getattr(told, "place", type(told)) for [told] in answers] == [
        Place.APPLIED,
        UnprocessableError,
        Place.APPLIED,
        Place.PARKED,
    ]
    assert set(exchange.drafted) == {(name, "mover") for name in ("sync_dossier", "report_progress", "upload_file")}


async def test_a_dossier_that_has_nothing_to_tell_is_taken_in(on: Any, keyring: Keyring) -> None:
    """Born at the portal and not received yet (5.3); and a late step, which moves no status."""
    house = House(on, keyring)
    filed = {"status": 1, "origin_code": "G22.01-260102-000321", "received_at": LONG_AGO.isoformat()}
    taken = await house.service.put("D1", filed, context=house.context)
    assert (taken.version, taken.status) == (1, DossierStatus.FILED)
    hours = [("e1", 2, 3), ("e2", 4, 9), ("late", 2, 5)]
    for event_id, status, hour in hours:
        at = (LONG_AGO + timedelta(hours=hour)).isoformat()
        await take_step(
            house.service, "D1", {**STEP, "event_id": event_id, "status": status, "at": at}, context=house.context
        )
    assert [each.event_id for each in await house.store.events(house.context.tenant, "D1")] == ["e1", "e2", "late"]


MONEY = collected(bill(dossier_code="D1"), payment(dossier_code="D1"))
STEP = {"status": 4, "at": LONG_AGO.isoformat(), "content": "Bước", "after": ""}
ONE_EACH: list[Steps] = [[(code, event({**STEP, "event_id": "e1"}))] for code in CODES]


class TestFaults:
    @pytest.mark.parametrize("state", ["08006", "08003", "53300", "53200", "57P01", "57P02", "57P03", "25P03"])
    def test_a_server_that_cannot_go_on_fails_all(self, state: str) -> None:
        assert is_of_all(psycopg.errors.lookup(state)())

    @pytest.mark.parametrize("gone", [psycopg.OperationalError(), psycopg.InterfaceError(), PoolTimeout()])
    def test_a_server_that_says_nothing_fails_all(self, gone: Exception) -> None:
        assert is_of_all(gone)

    @pytest.mark.parametrize("state", ["57014", "55P03", "40001", "40P01", "22P05", "23505", "25P02", "42703"])
    def test_what_one_statement_met_fails_nobody_else(self, state: str) -> None:
        assert not is_of_all(psycopg.errors.lookup(state)())

    def test_a_value_that_never_left_fails_nobody_else(self) -> None:
        assert not any(map(is_of_all, (psycopg.DataError("NUL"), psycopg.ProgrammingError(), ValueError(), None)))


class TestGather:
    async def test_what_waits_is_done_together_and_in_order(self) -> None:
        batches: list[list[int]] = []

        async def action(items: Any) -> list[Any]:
            batches.append(list(items))
            await asyncio.sleep(0)
            return [ValueError("four") if item == 4 else item * 10 for item in items]

        gather: Gather[int, int] = Gather(action, most=3)
        found = await asyncio.gather(*(gather.do(n) for n in range(6)), return_exceptions=True)
        assert [each for batch in batches for each in batch] == list(range(6))
        assert max(len(batch) for batch in batches) == 3
        assert found[:4] == [0, 10, 20, 30]
        assert isinstance(found[4], ValueError)
        assert await gather.do(7) == 70

    async def test_items_that_differ_in_size_are_bounded_by_it(self) -> None:
        batches: list[list[int]] = []

        async def action(items: Any) -> list[int]:
            batches.append(list(items))
            await asyncio.sleep(0)
            return list(items)

        gather: Gather[int, int] = Gather(action, most=10, size=abs)
        assert await asyncio.gather(*(gather.do(n) for n in (4, 6, 1, 25, 9, 2))) == [4, 6, 1, 25, 9, 2]
        assert batches == [[4, 6], [1], [25], [9], [2]]

    async def test_a_batch_that_fails_is_told_to_all_of_it_and_to_nobody_else(self) -> None:
        async def action(items: Any) -> list[Any]:
            await asyncio.sleep(0)
            if 1 in items:
                raise ConnectionError
            return list(items)

        gather: Gather[int, int] = Gather(action, most=2)
        found = await asyncio.gather(*(gather.do(n) for n in range(4)), return_exceptions=True)
        assert [type(each) for each in found] == [ConnectionError, ConnectionError, int, int]

    async def test_a_caller_that_leaves_takes_nobody_along(self) -> None:
        go = asyncio.Event()
        done: list[int] = []

        async def action(items: Any) -> list[Any]:
            await go.wait()
            done.extend(items)
            return list(items)

        gather: Gather[int, int] = Gather(action)
        leaving, staying = asyncio.create_task(gather.do(1)), asyncio.create_task(gather.do(2))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
        go.set()
        assert await staying == 2
        assert done == [1, 2]

    async def test_a_value_that_is_refused_fails_its_own_caller_alone(self) -> None:
        batches: list[list[int]] = []

        async def action(items: Any) -> list[Any]:
            batches.append(list(items))
            await asyncio.sleep(0)
            if 1 in items:
                raise psycopg.DataError("NUL")
            return list(items)

        gather: Gather[int, int] = Gather(action)
        found = await asyncio.gather(*(gather.do(n) for n in range(3)), return_exceptions=True)
        assert [type(each) for each in found] == [int, psycopg.DataError, int]
        assert batches == [[0, 1, 2], [0], [1], [2]]
