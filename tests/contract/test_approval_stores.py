"""Approvals: what every store promises, and what is built on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW, ListedRecorder

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.approvals.memory import MemoryApprovals
from gateway.approvals.model import ApprovalState
from gateway.approvals.postgres import PostgresApprovals
from gateway.approvals.service import FourEyes
from gateway.database import open_database
from gateway.operators.model import Operator, Role
from gateway.sdk.errors import ConflictError, NotAllowedError, NotFoundError, UnprocessableError
from gateway.signing import Keyring

SELECTION: Mapping[str, str | int] = {"target": "national_portal", "count": 40, "selection": "ab" * 32}


class House:
    """Two processes on one store, and a clock that a test turns."""

    def __init__(self, stores: list[Any]) -> None:
        self.now: datetime = NOW
        self.makers: dict[str, str] = {}
        self.tenant = f"T{uuid4().hex[:12].upper()}"
        self.recorder, self.alarms = ListedRecorder(), MemoryAlarms()
        alarms = Alarms(self.alarms, recorder=ListedRecorder(), clock=lambda: self.now)
        self.desks = [
            FourEyes(
                store,
                recorder=self.recorder,
                alarms=alarms,
                clock=lambda: self.now,
                enrolled_by=self._enrolled_by,
            )
            for store in stores
        ]
        self.desk = self.desks[0]
        self.an, self.binh = self.who("an"), self.who("binh")

    async def _enrolled_by(self, tenant: str, login: str) -> str:
        return self.makers.get(login, "")

    def who(self, login: str, *roles: Role) -> Operator:
        return Operator(tenant=self.tenant, login=login, roles=frozenset(roles or {Role.OPERATOR}))

    async def ask(self, **other: str | int) -> str:
        approval = await self.desk.ask("release_many", {**SELECTION, **other}, reason="Cổng đã sửa lỗi", by=self.an)
        return approval.id

    async def use(self, **other: str | int) -> Any:
        return await self.desk.use("release_many", {**SELECTION, **other}, by=self.an)


@pytest.fixture
async def house(on: Any, keyring: Keyring, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        stores: list[Any] = [MemoryApprovals()] * 2
        if on:
            dsn = request.getfixturevalue("database_url")
            other = await stack.enter_async_context(open_database(dsn, size=10))
            stores = [PostgresApprovals(database, keyring) for database in (on, other)]
        yield House(stores)


@pytest.mark.parametrize("makers", [{"an": "operator:binh"}, {"binh": "operator:an"}])
async def test_whoever_made_the_others_second_factor_is_no_second_pair_of_eyes(
    house: House, makers: dict[str, str]
) -> None:
    """PDP-13 (part), SEC-17 (part): one person could be both."""
    house.makers = makers
    with pytest.raises(NotAllowedError) as refused:
        await house.desk.decide(await house.ask(), allow=True, by=house.binh)
    assert refused.value.error_code == "caller.own_request"
    assert (await house.desk.waiting(house.tenant))[0].state is ApprovalState.ASKED


async def test_what_one_asks_for_another_allows_and_it_is_done_once(house: House) -> None:
    """PDP-13, SEC-09 (part)."""
    asked = await house.ask()
    assert [each.id for each in await house.desk.waiting(house.tenant)] == [asked]
    allowed = await house.desk.decide(asked, allow=True, by=house.binh)
    assert (allowed.state, allowed.decided_by, allowed.reason) == (ApprovalState.ALLOWED, "binh", "Cổng đã sửa lỗi")
    used = await house.use()
    assert (used.id, used.state, used.used_at) == (asked, ApprovalState.USED, NOW)
    with pytest.raises(NotAllowedError) as raised:
        await house.use()
    assert raised.value.error_code == "caller.needs_approval"
    steps = [(entry.operation, entry.actor, entry.outcome) for entry in house.recorder.entries]
    assert steps == [
        ("ask_approval", "operator:an", "asked"),
        ("decide_approval", "operator:binh", "allowed"),
        ("use_approval", "operator:an", "used"),
    ]


async def test_nobody_allows_their_own(house: House) -> None:
    asked = await house.ask()
    with pytest.raises(NotAllowedError) as raised:
        await house.desk.decide(asked, allow=True, by=house.an)
    assert raised.value.error_code == "caller.own_request"
    with pytest.raises(NotAllowedError):
        await house.use()


async def test_what_was_refused_or_never_decided_is_not_done(house: House) -> None:
    asked = await house.ask()
    with pytest.raises(NotAllowedError):
        await house.use()
    await house.desk.decide(asked, allow=False, by=house.binh)
    with pytest.raises(NotAllowedError):
        await house.use()
    with pytest.raises(ConflictError):
        await house.desk.decide(asked, allow=True, by=house.binh)


@pytest.mark.parametrize("other", [{"count": 41}, {"count": "40"}, {"target": "x"}, {"more": 1}])
async def test_anything_else_needs_another_approval(house: House, other: dict[str, Any]) -> None:
    await house.desk.decide(await house.ask(), allow=True, by=house.binh)
    with pytest.raises(NotAllowedError):
        await house.use(**other)
    assert await house.use()


async def test_it_is_for_whoever_asked(house: House) -> None:
    await house.desk.decide(await house.ask(), allow=True, by=house.binh)
    with pytest.raises(NotAllowedError):
        await house.desk.use("release_many", SELECTION, by=house.binh)


async def test_after_its_time_it_is_neither_decided_nor_used(house: House) -> None:
    first = await house.ask()
    second = await house.ask(count=50)
    await house.desk.decide(first, allow=True, by=house.binh)
    house.now = NOW + timedelta(hours=24)
    assert await house.desk.waiting(house.tenant) == []
    with pytest.raises(ConflictError):
        await house.desk.decide(second, allow=True, by=house.binh)
    with pytest.raises(NotAllowedError):
        await house.use()
    assert {each.state for each in await house.desk.listed(house.tenant, limit=9)} == {ApprovalState.EXPIRED}


async def test_of_many_at_once_in_two_processes_one_uses_it(house: House) -> None:
    await house.desk.decide(await house.ask(), allow=True, by=house.binh)
    tries = [desk.use("release_many", SELECTION, by=house.an) for desk in house.desks * 6]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(each, Exception) for each in done) == 1
    assert {type(each) for each in done if isinstance(each, Exception)} == {NotAllowedError}


async def test_of_two_decisions_at_once_one_counts(house: House) -> None:
    asked = await house.ask()
    says = [
        desk.decide(asked, allow=allow, by=house.who(f"c{n}"))
        for n, (desk, allow) in enumerate(zip(house.desks * 3, [True, False] * 3, strict=True))
    ]
    done = await asyncio.gather(*says, return_exceptions=True)
    assert sum(not isinstance(each, Exception) for each in done) == 1


async def test_another_province_sees_nothing_of_it(house: House) -> None:
    asked = await house.ask()
    stranger = Operator(tenant=house.tenant + "X", login="binh", roles=frozenset({Role.OPERATOR}))
    with pytest.raises(NotFoundError):
        await house.desk.decide(asked, allow=True, by=stranger)
    assert await house.desk.listed(house.tenant + "X", limit=9) == []


async def test_roles_say_who_may_ask_and_who_may_allow(house: House) -> None:
    for role in (Role.VIEWER, Role.AUDITOR, Role.ADMINISTRATOR, Role.PROTECTION_OFFICER):
        with pytest.raises(NotAllowedError) as raised:
            await house.desk.ask("release_many", SELECTION, reason="x", by=house.who("an", role))
        assert raised.value.error_code == "caller.right"
    asked = await house.ask()
    for role in (Role.VIEWER, Role.AUDITOR):
        with pytest.raises(NotAllowedError):
            await house.desk.decide(asked, allow=True, by=house.who("binh", role))


async def test_whoever_waits_is_an_alarm_until_it_is_decided(house: House) -> None:
    asked = await house.ask()
    (alarm,) = await house.alarms.listed(house.tenant, everything=False, limit=9)
    assert (alarm.occasion.kind, alarm.occasion.about) == ("approval_waiting", f"approval:{asked}")
    await house.desk.decide(asked, allow=True, by=house.binh)
    assert await house.alarms.listed(house.tenant, everything=False, limit=9) == []


@pytest.mark.parametrize("value", ["099" + "0" * 9, "so 099 000 000 000", "0" * 9, 100_000_000_000, "090-000-0000"])
async def test_parameters_hold_no_personal_number(house: House, value: str | int) -> None:
    """PDP-13 (part)."""
    with pytest.raises(UnprocessableError) as raised:
        await house.ask(who=value)
    assert raised.value.error_code == "caller.approval_personal"


async def test_dossier_codes_and_digests_are_none(house: House) -> None:
    assert await house.ask(dossier="000.00.05.H99-261123-0007", digest="a123456789012b" * 3)


@pytest.mark.parametrize("wrong", [{"A": 1}, {"act": "x"}, {"x": "y" * 301}, {f"p{n}": n for n in range(30)}])
async def test_parameters_are_few_and_short(house: House, wrong: dict[str, Any]) -> None:
    with pytest.raises(UnprocessableError):
        await house.ask(**wrong)


async def test_an_unknown_act_and_a_missing_reason_are_refused(house: House) -> None:
    with pytest.raises(UnprocessableError):
        await house.desk.ask("erase_all", {}, reason="x", by=house.an)
    with pytest.raises(UnprocessableError):
        await house.desk.ask("release_many", SELECTION, reason=" ", by=house.an)


async def test_the_reason_is_sealed_in_the_database_and_in_the_log(on: Any, house: House) -> None:
    await house.ask()
    assert house.recorder.entries[0].bodies == {"reason": "Cổng đã sửa lỗi".encode()}
    assert "sửa" not in repr(house.recorder.entries[0])
    if on:
        async with on.transaction() as connection:
            rows = await connection.execute("SELECT * FROM approval WHERE tenant = %s", (house.tenant,))
            assert "sửa".encode() not in bytes((await rows.fetchone())["reason"])
