"""A thousand look-ups while the token ends: over real sockets, counted by the system that issues the tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import tenacity
from services import CONTEXT, NOW, ListedRecorder
from systems import examples

from gateway.exchange.attempt import Attempts
from gateway.exchange.model import Exchanged
from gateway.exchange.service import GatewayExchange
from gateway.registry import configured, discover
from gateway.sdk import GatewayError
from mocks._kit.serve import serving
from mocks.business_registry.app import create_app

MANY = 1000
ASKED = next(example for example in examples("business_registry") if example.outcome == "answered")


class House:
    """The registry behind the exchange, with one clock for both of them (the breaker has its own)."""

    def __init__(self, url: str, mock: Any, *, waiting: int = MANY) -> None:
        """`waiting`: so many may, for the token too; whoever may not is told at once."""
        self.mock = mock
        self.passed = timedelta()
        self.good_for = 10**9
        self.leaves = ListedRecorder()
        manifest = discover()["business_registry"].manifest
        ngsp = manifest.sandbox_platforms["ngsp"]
        systems = configured(
            {manifest.id: {**manifest.sandbox, "base_url": url, "timeout_s": 60.0, "max_waiting": waiting}},
            sandbox=False,
            breaker={"max_in_turn": 0},
            platforms={"ngsp": {**ngsp, "base_url": url, "token": {**ngsp["token"], "url": f"{url}/token"}}},
        )
        self.system = systems[manifest.id]
        attempts = Attempts(self.leaves, clock=self.now, monotonic=self.seconds)
        self.exchange = GatewayExchange(systems, attempts, clock=self.now, routes={}, wait=tenacity.wait_none())

    @property
    def most(self) -> int:
        """Calls under way at a time."""
        return self.system.settings.max_connections + self.system.settings.max_waiting

    def now(self) -> datetime:
        return NOW + self.passed

    def their_now(self) -> datetime:
        """The system's clock: ours, until it was looked at `good_for` times; then the tokens of before have ended."""
        self.good_for -= 1
        return self.now() if self.good_for >= 0 else self.now() + timedelta(hours=2)

    def seconds(self) -> float:
        return self.passed.total_seconds()

    async def ask(self) -> Exchanged:
        return await self.exchange.ask(ASKED.operation, ASKED.given, context=CONTEXT, reference="R")

    async def storm(self, many: int = MANY) -> list[Exchanged]:
        """No failure is swallowed: the first one fails the test."""
        return await asyncio.gather(*(self.ask() for _ in range(many)))

    @property
    def token_requests(self) -> int:
        return len(self.mock.state.journal.calls("/token"))

    @property
    def refused(self) -> int:
        return sum(entry.status == 401 for entry in self.mock.state.journal.calls("/apiCSDLDKDN"))


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[str, Any, list[House]]]:
    """The mock on a socket; its clock is the one of the house that stands before it."""
    houses: list[House] = []
    mock = create_app(clock=lambda: houses[-1].their_now() if houses else datetime.now(UTC))
    with serving(mock) as url:
        yield url, mock, houses


@pytest.fixture
async def house(request: pytest.FixtureRequest, running: tuple[str, Any, list[House]]) -> AsyncIterator[House]:
    url, mock, houses = running
    mock.state.journal.clear()
    mock.state.plan.clear()
    mock.state.settings.reset()
    mock.state.reset()
    houses.append(House(url, mock, waiting=getattr(request, "param", MANY)))
    yield houses[-1]
    for line in houses[-1].system.lines:
        await line.close()


def all_answered(told: list[Exchanged]) -> bool:
    return all(one.canonical == ASKED.yields for one in told)


async def test_a_thousand_at_once_begin_with_one_token(house: House) -> None:
    assert all_answered(await house.storm())
    assert (house.token_requests, house.refused) == (1, 0)


async def test_when_the_token_ended_a_thousand_share_the_next(house: House) -> None:
    """One token request, no failed look-up, and none that was sent with the old token."""
    await house.ask()
    house.passed = timedelta(seconds=3600)
    assert all_answered(await house.storm())
    assert (house.token_requests, house.refused) == (2, 0)


async def test_when_the_token_ends_while_they_fly_it_is_renewed_once(house: House) -> None:
    """The system ends it early: some look-ups are under way with it, and are sent again with the next."""
    await house.ask()
    house.good_for = MANY // 3
    assert all_answered(await house.storm())
    assert house.token_requests == 2
    assert 1 <= house.refused <= MANY - MANY // 3


@pytest.mark.parametrize("house", [30], indirect=True)
async def test_when_the_log_in_is_slow_as_many_wait_for_the_one_as_may_wait(house: House) -> None:
    """The others are told at once, and are not sent: a token that hangs holds no more callers than a system does."""
    house.mock.state.plan.add({"fault": "slow:0.5", "path": "/token", "times": 1})
    told = await asyncio.gather(*(house.ask() for _ in range(200)), return_exceptions=True)
    refused = [one for one in told if isinstance(one, GatewayError)]
    assert {(one.error_code, one.retry_after_s) for one in refused} == {("partner.no_room", 1.0)}
    assert len(refused) == 200 - house.most == 150
    assert all_answered([one for one in told if isinstance(one, Exchanged)])
    assert house.token_requests == 1


async def test_when_the_log_in_is_refused_nobody_knocks_a_second_time(house: House) -> None:
    house.mock.state.settings.merge({"consumer_secret": "another"})
    told = await asyncio.gather(*(house.ask() for _ in range(MANY)), return_exceptions=True)
    assert {one.error_code for one in told if isinstance(one, GatewayError)} <= {
        "partner.login_refused",
        "partner.circuit_open",
    }
    assert all(isinstance(one, GatewayError) for one in told)
    assert len({one.call_id for one in told if isinstance(one, GatewayError)}) == MANY
    assert house.token_requests == 1


async def test_callers_that_leave_during_the_log_in_take_nobody_with_them(house: House) -> None:
    house.mock.state.plan.add({"fault": "slow:1", "path": "/token", "times": 1})
    tasks = [asyncio.create_task(house.ask()) for _ in range(50)]
    while not house.token_requests:  # noqa: ASYNC110 - the mock runs in a thread of its own
        await asyncio.sleep(0.01)
    for task in tasks[:10]:
        task.cancel()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in told[:10])
    assert all(isinstance(one, Exchanged) for one in told[10:])
    assert house.token_requests == 1
