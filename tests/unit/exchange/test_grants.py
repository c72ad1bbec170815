"""Grants: one log-in for all who wait, whatever becomes of it and of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.exchange.grants import LONGEST_LIFE_S, UNKNOWN_LIFE_S, Grants
from gateway.sdk import GatewayError, Grant, ProtocolViolation, TransientRemoteError


class Desk:
    """Issues T1, T2, … when it is let, and counts who knocks."""

    def __init__(self, *, life_s: float = 600.0) -> None:
        self.knocks = 0
        self.life_s = life_s
        self.time = 0.0
        self.open = asyncio.Event()
        self.failures: list[BaseException] = []
        self.grants = Grants(self.log_in, monotonic=lambda: self.time)

    async def log_in(self) -> Grant:
        self.knocks += 1
        number = self.knocks
        await self.open.wait()
        if self.failures:
            raise self.failures.pop(0)
        return Grant(token=f"T{number}", expires_in_s=self.life_s)

    async def waiting(self, count: int) -> list[asyncio.Task[Grant]]:
        tasks = [asyncio.create_task(self.grants.current()) for _ in range(count)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return tasks


async def test_all_who_wait_for_a_slow_log_in_share_it() -> None:
    desk = Desk()
    tasks = await desk.waiting(1000)
    desk.open.set()
    assert {grant.token for grant in await asyncio.gather(*tasks)} == {"T1"}
    assert desk.knocks == 1


async def test_all_who_wait_for_a_log_in_that_fails_are_told_after_one_knock() -> None:
    desk = Desk()
    desk.failures = [TransientRemoteError("down", vi="hỏng", what="not_connected")]
    tasks = await desk.waiting(1000)
    desk.open.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert {(type(one), one.error_code, one.detail_vi) for one in told if isinstance(one, GatewayError)} == {
        (TransientRemoteError, "partner.not_connected", "hỏng")
    }
    assert desk.knocks == 1
    assert (await desk.grants.current()).token == "T2"  # the next one asks again


async def test_each_is_told_with_an_error_of_its_own() -> None:
    """The exchange writes the call and its leaf on it."""
    desk = Desk()
    desk.failures = [ProtocolViolation("no token in it", what="credentials_refused")]
    tasks = await desk.waiting(20)
    desk.open.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert len({id(one) for one in told}) == 20
    assert {str(one) for one in told} == {"no token in it"}


async def test_a_refused_log_in_is_not_knocked_at_again_before_its_time() -> None:
    desk = Desk()
    desk.open.set()
    desk.failures = [TransientRemoteError("locked", what="login_refused", retry_after_s=60)]
    for _ in range(5):
        with pytest.raises(TransientRemoteError) as raised:
            await desk.grants.current()
        assert raised.value.error_code == "partner.login_refused"
    assert desk.knocks == 1
    desk.time = 61.0
    assert (await desk.grants.current()).token == "T2"


@pytest.mark.parametrize("who", ["first", "all but the last", "all"])
async def test_callers_that_are_given_up_take_nothing_from_the_others(who: str) -> None:
    desk = Desk()
    tasks = await desk.waiting(10)
    for task in {"first": tasks[:1], "all but the last": tasks[:-1], "all": tasks}[who]:
        task.cancel()
    await asyncio.sleep(0)
    desk.open.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert {one.token for one in told if isinstance(one, Grant)} <= {"T1"}
    assert sum(isinstance(one, asyncio.CancelledError) for one in told) == {"first": 1, "all but the last": 9}.get(
        who, 10
    )
    assert (await desk.grants.current()).token == "T1"
    assert desk.knocks == 1


async def test_when_the_log_in_itself_is_ended_the_next_takes_over() -> None:
    desk = Desk()
    desk.failures = [asyncio.CancelledError()]
    tasks = await desk.waiting(10)
    desk.open.set()
    assert {grant.token for grant in await asyncio.gather(*tasks)} == {"T2"}
    assert desk.knocks == 2


async def test_a_failure_that_nobody_waits_for_is_no_noise(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.failures = [TransientRemoteError("down")]
    tasks = await desk.waiting(3)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    desk.open.set()
    for _ in range(3):
        await asyncio.sleep(0)
    assert (await desk.grants.current()).token == "T2"
    assert caplog.records == []


async def test_a_log_in_that_everybody_left_is_waited_for_at_the_end() -> None:
    """Its leaf is written (see `Attempts.finish`)."""
    desk = Desk()
    await desk.grants.finish()
    [task] = await desk.waiting(1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    ending = asyncio.create_task(desk.grants.finish())
    await asyncio.sleep(0)
    assert not ending.done()
    desk.open.set()
    await ending
    assert (await desk.grants.current()).token == "T1"


async def test_many_rejections_of_one_grant_are_one_renewal() -> None:
    desk = Desk()
    desk.open.set()
    first = await desk.grants.current()
    renewed = await asyncio.gather(*(desk.grants.renewed(first) for _ in range(1000)))
    assert {grant.token for grant in renewed} == {"T2"}
    assert (await desk.grants.renewed(first)).token == "T2"  # one that comes late
    assert desk.knocks == 2


async def test_a_system_that_issues_the_same_token_again_is_not_asked_for_ever() -> None:
    """WSO2 answers with the token that still counts, until it ends."""
    knocks = []

    async def log_in() -> Grant:
        knocks.append(1)
        return Grant(token="SAME", expires_in_s=600)

    grants = Grants(log_in, monotonic=lambda: 0.0)
    first = await grants.current()
    assert len({id(grant) for grant in [await grants.renewed(first) for _ in range(5)]}) == 1
    assert len(knocks) == 2


@pytest.mark.parametrize(
    ("told", "used_s"),
    [
        (0.0, UNKNOWN_LIFE_S),
        (-1.0, UNKNOWN_LIFE_S),
        (float("nan"), UNKNOWN_LIFE_S),
        (float("-inf"), UNKNOWN_LIFE_S),
        (1.0, 0.5),
        (40.0, 20.0),
        (3600.0, 3570.0),
        (1e308, LONGEST_LIFE_S),
        (float("inf"), LONGEST_LIFE_S),
    ],
)
async def test_whatever_lifetime_was_told_a_grant_serves_and_ends(told: float, used_s: float) -> None:
    desk = Desk(life_s=told)
    desk.open.set()
    await desk.grants.current()
    desk.time = used_s - 0.01
    assert (await desk.grants.current()).token == "T1"
    desk.time = used_s
    assert (await desk.grants.current()).token == "T2"


async def test_a_lifetime_begins_when_the_grant_was_asked_for() -> None:
    desk = Desk(life_s=100)
    task = asyncio.create_task(desk.grants.current())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    desk.time = 60.0
    desk.open.set()
    assert (await task).token == "T1"
    desk.time = 71.0
    assert (await desk.grants.current()).token == "T2"


@pytest.mark.parametrize("failure", [ZeroDivisionError(), KeyError("x")])
async def test_a_fault_of_ours_is_told_as_it_is(failure: Any) -> None:
    desk = Desk()
    desk.failures = [failure]
    desk.open.set()
    with pytest.raises(type(failure)):
        await desk.grants.current()
    assert (await desk.grants.current()).token == "T2"
