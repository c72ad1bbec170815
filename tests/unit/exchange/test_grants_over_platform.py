"""The same storm at a platform's token desk: one token for everybody who sends over it, whatever the system behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import tenacity
from echo import House
from services import CONTEXT, NOW

from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.lines import Line, Rule
from gateway.exchange.service import GatewayExchange
from gateway.exchange.transport import Transport
from gateway.mapping import Mappings
from gateway.platforms import Destination, Platform, PlatformSettings
from gateway.sdk import GatewayError, SystemSettings, WireReply, WireRequest

MANY = 1000
FAULTS = {
    "xml": b'<a:fault xmlns:a="http://wso2.org/apimanager/security"><a:code>900901</a:code></a:fault>',
    "json": b'{"fault":{"code":900901,"message":"Invalid Credentials","description":"-"}}',
}


class Wso2:
    """Issues T1, T2, …, of which only the newest counts, and none of those issued before `ends_after` calls."""

    def __init__(self, fault: bytes, *, ends_after: int) -> None:
        self.fault = fault
        self.left = ends_after
        self.issued = self.carried = self.rejected = 0
        self.ended = 0
        self.lets_in = True

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        await asyncio.sleep(0)
        if request.url.endswith("/token"):
            self.issued += 1
            token = b'{"access_token":"T%d","expires_in":3600}' % self.issued
            return WireReply(status=200, content=token) if self.lets_in else WireReply(status=401, content=b"{}")
        self.carried += 1
        self.left -= 1
        if self.left == 0:
            self.ended = self.issued
        number = int(request.headers["Authorization"].removeprefix("Bearer T"))
        if number <= self.ended:
            self.rejected += 1
            return WireReply(status=401, content=self.fault)
        return WireReply(status=200, content=b"ok")

    async def close(self) -> None: ...


def over(desk: Transport, *, to_log_in: Transport | None = None) -> Line:
    token = {
        "dialect": "T1",
        "url": "http://lgsp/token",
        "credentials": {"consumer_key": "k", "consumer_secret": "s"},
    }
    settings = PlatformSettings.model_validate({"kind": "gateway", "base_url": "http://lgsp", "token": token})
    return Line(
        transport=desk,
        breaker=Breaker(BreakerPolicy(), monotonic=lambda: 0.0),
        to_log_in=to_log_in,
        platform=Platform("lgsp", settings),
        to=Destination(base_url="http://echo"),
    )


def exchange(mappings: Mappings, desk: Wso2, **others: Line) -> GatewayExchange:
    """`others`: systems over the same platform, by name."""
    house = House(mappings)
    own = SystemSettings(base_url="http://echo", max_waiting=MANY)
    systems = {
        name: replace(house.exchange.systems["echo"], settings=own, rules=[Rule(line=line)])
        for name, line in {"echo": over(desk), **others}.items()
    }
    return GatewayExchange(systems, house.attempts, clock=lambda: NOW, routes={}, wait=tenacity.wait_none())


@pytest.mark.parametrize("form", FAULTS)
async def test_a_token_that_ends_while_a_thousand_fly_is_renewed_once(mappings: Mappings, form: str) -> None:
    desk = Wso2(FAULTS[form], ends_after=MANY // 3)
    way = exchange(mappings, desk)
    told = await asyncio.gather(*(way.ask("look", {"a": "1"}, context=CONTEXT) for _ in range(MANY)))
    assert {one.canonical["said"] for one in told} == {"ok"}
    assert desk.issued == 2
    assert 1 <= desk.rejected <= MANY
    assert desk.carried == MANY + desk.rejected


async def test_credentials_that_do_not_hold_are_tried_once_for_a_thousand(mappings: Mappings) -> None:
    desk = Wso2(b"", ends_after=-1)
    desk.lets_in = False
    way = exchange(mappings, desk)
    asking = (way.ask("look", {"a": "1"}, context=CONTEXT) for _ in range(MANY))
    told = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(one, GatewayError) for one in told)
    assert len({one.call_id for one in told if isinstance(one, GatewayError)}) == MANY
    assert (desk.issued, desk.carried) == (1, 0)


class Hanging:
    """A system behind the platform that answers nobody."""

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None: ...


async def test_a_system_that_hangs_does_not_hold_up_the_token_of_others(mappings: Mappings) -> None:
    """Whoever asks it first begins the log-in, for all who send over the platform."""
    desk = Wso2(b"", ends_after=-1)
    way = exchange(mappings, desk, hangs=over(Hanging(), to_log_in=desk))
    hanging = asyncio.create_task(way.ask("look", {"a": "1"}, context=CONTEXT, target="hangs"))
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        told = await asyncio.gather(*(way.ask("look", {"a": "1"}, context=CONTEXT, target="echo") for _ in range(50)))
    assert {one.canonical["said"] for one in told} == {"ok"}
    assert (desk.issued, hanging.done()) == (1, False)
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
