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


def exchange(mappings: Mappings, desk: Wso2) -> GatewayExchange:
    token = {
        "dialect": "T1",
        "url": "http://lgsp/token",
        "credentials": {"consumer_key": "k", "consumer_secret": "s"},
    }
    settings = PlatformSettings.model_validate({"kind": "gateway", "base_url": "http://lgsp", "token": token})
    line = Line(
        transport=desk,
        breaker=Breaker(BreakerPolicy(), monotonic=lambda: 0.0),
        platform=Platform("lgsp", settings),
        to=Destination(base_url="http://echo"),
    )
    house = House(mappings)
    own = SystemSettings(base_url="http://echo", max_waiting=MANY)
    system = replace(house.exchange.systems["echo"], settings=own, rules=[Rule(line=line)])
    return GatewayExchange({"echo": system}, house.attempts, clock=lambda: NOW, routes={}, wait=tenacity.wait_none())


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
