"""Which way an operation takes on a day, and what a platform in between changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import tenacity
from echo import Echo, House, LoggedInEcho, Transport
from services import NOW

from gateway.exchange.attempt import Attempts
from gateway.exchange.breaker import Breaker, BreakerPolicy, BreakerState
from gateway.exchange.lines import Line, Rule, choose
from gateway.exchange.places import no_room
from gateway.exchange.service import GatewayExchange
from gateway.exchange.shadows import MOST, Shadows
from gateway.mapping import Mappings
from gateway.platforms import Destination, Platform, PlatformSettings
from gateway.sdk import ProtocolViolation, TransientRemoteError, WireReply
from gateway.shadow.memory import MemoryShadow
from gateway.shadow.model import How

DAY = date(2026, 11, 23)
TOKEN = WireReply(status=200, content=b'{"access_token":"T1","expires_in":600}')
STALE = WireReply(status=401, content=b'{"fault":{"code":900901,"message":"x","description":"y"}}')
CREDENTIALS = {"consumer_key": "k", "consumer_secret": "s"}


def line(*script: Any, name: str = "lgsp", token: bool = False, failures: int = 9) -> Line:
    settings: dict[str, Any] = {"kind": "gateway", "base_url": f"http://{name}"}
    if token:
        settings["token"] = {"dialect": "T1", "url": f"http://{name}/token", "credentials": CREDENTIALS}
    return Line(
        transport=Transport(*script),
        breaker=Breaker(BreakerPolicy(failures=failures), monotonic=lambda: 0.0),
        platform=Platform(name, PlatformSettings(**settings)),
        to=Destination(base_url="http://echo"),
    )


class Town(House):
    """A house whose system has rules, and shadows."""

    def __init__(self, mappings: Mappings, *script: Any, rules: list[Rule], connector: type[Echo] = Echo) -> None:
        super().__init__(mappings, *script, connector=connector)
        self.shadow = MemoryShadow()
        system = replace(self.exchange.systems["echo"], rules=rules)
        self.shadows = Shadows(self.attempts, self.shadow.add, clock=lambda: NOW)
        self.exchange = GatewayExchange(
            {"echo": system},
            self.attempts,
            clock=lambda: NOW,
            routes={},
            shadows=self.shadows,
            wait=tenacity.wait_none(),
        )


def test_the_youngest_rule_wins_and_one_that_names_the_operation_before_it() -> None:
    """CON-02, CON-22 (part): switched by day and operation, without code."""
    a, b, c = line(name="a"), line(name="b"), line(name="c")
    rules = [Rule(line=a), Rule(line=b, since=DAY), Rule(line=c, operations=frozenset({"look"}))]
    assert choose(rules, "submit", on=date(2026, 11, 22)) is a
    assert choose(rules, "submit", on=DAY) is b
    assert choose(rules, "look", on=DAY) is c
    assert choose([], "look", on=DAY) is None


async def test_a_call_goes_over_the_platform_and_its_leaf_says_so(mappings: Mappings) -> None:
    way = line()
    town = Town(mappings, rules=[Rule(line=way)])
    await town.ask()
    assert [request.url for request in way.transport.sent] == ["http://lgsp/"]  # type: ignore[attr-defined]  # ours
    assert town.transport.sent == []
    assert town.recorder.entries[0].facts["over"] == "lgsp"


async def test_until_its_day_the_call_goes_straight(mappings: Mappings) -> None:
    way = line()
    town = Town(mappings, rules=[Rule(line=way, since=date(2027, 1, 1))])
    await town.ask()
    assert len(town.transport.sent) == 1
    assert "over" not in town.recorder.entries[0].facts


@pytest.mark.parametrize(
    ("moment", "way"),
    [("2026-12-31T16:59:59+00:00", "direct"), ("2026-12-31T17:00:00+00:00", "lgsp")],
)
async def test_the_day_begins_at_midnight_in_viet_nam(mappings: Mappings, moment: str, way: str) -> None:
    """For what is used and for what is tried."""
    tried = line(name="new")
    since = date(2027, 1, 1)
    town = Town(mappings, rules=[Rule(line=line(), since=since), Rule(line=tried, since=since, shadow=True)])
    now = datetime.fromisoformat(moment)
    town.attempts = Attempts(town.recorder, clock=lambda: now, monotonic=lambda: 0.0)
    town.shadows = Shadows(town.attempts, town.shadow.add, clock=lambda: now)
    town.exchange = GatewayExchange(
        town.exchange.systems, town.attempts, clock=lambda: now, routes={}, shadows=town.shadows
    )
    await town.ask()
    await town.shadows.finish()
    assert town.recorder.entries[0].facts.get("over", "direct") == way
    assert [(found.used, found.tried) for found in town.shadow.comparisons] == [("lgsp", "new")] * (way == "lgsp")


async def test_a_token_is_had_once_and_renewed_once_when_it_does_not_count(mappings: Mappings) -> None:
    way = line(
        TOKEN, WireReply(status=200, content=b"one"), STALE, TOKEN, WireReply(status=200, content=b"two"), token=True
    )
    town = Town(mappings, rules=[Rule(line=way)])
    assert (await town.ask()).canonical == {"said": "one"}
    assert (await town.ask()).canonical == {"said": "two"}
    sent = [request.url for request in way.transport.sent]  # type: ignore[attr-defined]  # ours
    assert sent == ["http://lgsp/token", "http://lgsp/", "http://lgsp/", "http://lgsp/token", "http://lgsp/"]
    assert town.recorder.outcomes == ["answered"] * 4


async def test_the_token_of_one_platform_is_never_shown_to_another(mappings: Mappings) -> None:
    mine, other = line(TOKEN, token=True), line(TOKEN, name="other", token=True)
    town = Town(mappings, rules=[Rule(line=mine), Rule(line=other, operations=frozenset({"submit"}))])
    await town.ask()
    await town.ask("submit")
    asked = [[request.url for request in way.transport.sent] for way in (mine, other)]  # type: ignore[attr-defined]  # ours
    assert asked == [["http://lgsp/token", "http://lgsp/"], ["http://other/token", "http://other/"]]


async def test_a_token_that_never_counts_ends_the_call_without_an_answer(mappings: Mappings) -> None:
    town = Town(mappings, rules=[Rule(line=line(TOKEN, STALE, TOKEN, STALE, token=True))])
    with pytest.raises(ProtocolViolation):
        await town.ask()


async def test_a_refused_token_is_no_answer_and_nobody_knocks_again_at_once(mappings: Mappings) -> None:
    way = line(WireReply(status=401, content=b"{}"), token=True)
    town = Town(mappings, rules=[Rule(line=way)])
    for _ in range(3):
        with pytest.raises(TransientRemoteError) as raised:
            await town.ask()
        assert raised.value.error_code == "partner.login_refused"
    assert len(way.transport.sent) == 1  # type: ignore[attr-defined]  # ours


async def test_a_platform_that_is_down_opens_its_own_breaker_alone(mappings: Mappings) -> None:
    way = line(*[TransientRemoteError("x")] * 9, failures=2)
    town = Town(mappings, rules=[Rule(line=way, operations=frozenset({"look"}))])
    with pytest.raises(TransientRemoteError):
        await town.ask()
    assert way.breaker.state is BreakerState.OPEN
    await town.ask("submit")
    assert len(town.transport.sent) == 1


def where(transport: Any) -> list[str]:
    return [request.url for request in transport.sent]


class TestSessions:
    """A session belongs to the system; the way to it may change while the process runs."""

    def switched(self, town: Town, *rules: Rule) -> None:
        system = replace(town.exchange.systems["echo"], rules=rules)
        town.exchange.systems = {"echo": system}

    async def test_a_log_in_takes_the_way_of_today_and_not_that_of_the_first(self, mappings: Mappings) -> None:
        town, way = Town(mappings, rules=[], connector=LoggedInEcho), line(WireReply(status=200, content=b"stale"))
        await town.ask()
        self.switched(town, Rule(line=way))
        await town.ask()
        assert where(town.transport) == ["http://echo/login", "http://echo/"]
        assert where(way.transport) == ["http://lgsp/", "http://lgsp/login", "http://lgsp/"]

    async def test_a_rule_may_name_the_way_of_log_ins(self, mappings: Mappings) -> None:
        way, door = line(), line(name="door")
        rules = [Rule(line=way), Rule(line=door, operations=frozenset({"login"}))]
        await Town(mappings, rules=rules, connector=LoggedInEcho).ask()
        assert (where(door.transport), where(way.transport)) == (["http://door/login"], ["http://lgsp/"])

    async def test_a_platform_that_is_down_is_no_refused_log_in(self, mappings: Mappings) -> None:
        """The account is not at fault, and nobody has to wait a minute for it."""
        down = WireReply(status=500, content=b'{"fault":{"code":303001,"message":"x","description":"y"}}')
        town = Town(mappings, rules=[Rule(line=line(down))], connector=LoggedInEcho)
        assert (await town.ask()).canonical == {"said": "ok"}
        assert town.recorder.outcomes == ["partner.failed", "partner.failed", "answered", "answered"]


class TestShadow:
    async def test_a_way_that_is_only_tried_never_logs_in(self, mappings: Mappings) -> None:
        """Another session might end the one in use, a refused one lock the account."""
        stale = WireReply(status=200, content=b"stale")
        way = line(stale, stale)
        town = Town(mappings, rules=[Rule(line=way, shadow=True)], connector=LoggedInEcho)
        for _ in range(2):
            await town.ask()
            await town.shadows.finish()
        assert where(way.transport) == ["http://lgsp/"] * 2
        assert where(town.transport) == ["http://echo/login", "http://echo/", "http://echo/"]

    async def test_without_a_session_the_tried_way_opens_none(self, mappings: Mappings) -> None:
        way = line()
        down = [TransientRemoteError("x")] * 3
        town = Town(mappings, *down, rules=[Rule(line=way, shadow=True)], connector=LoggedInEcho)
        with pytest.raises(TransientRemoteError):
            await town.ask()
        await town.shadows.finish()
        assert (where(way.transport), town.shadow.comparisons[0].how) == ([], How.BOTH_FAILED)

    async def test_the_way_in_use_is_not_tried_beside_itself(self, mappings: Mappings) -> None:
        way = line()
        again = replace(way, transport=Transport(), breaker=Breaker(BreakerPolicy(), monotonic=lambda: 0.0))
        town = Town(mappings, rules=[Rule(line=way), Rule(line=again, shadow=True)])
        await town.ask()
        await town.shadows.finish()
        assert (where(again.transport), town.shadow.comparisons) == ([], [])

    async def test_the_ways_in_use_are_without_those_that_are_only_tried(self, mappings: Mappings) -> None:
        used, tried = line(), line(name="new")
        rules = [Rule(line=used, operations=frozenset({"look"})), Rule(line=tried, shadow=True)]
        system = Town(mappings, rules=rules).exchange.systems["echo"]
        assert set(system.lines) == {system.direct, used, tried}
        assert set(system.used(on=NOW.date())) == {system.direct, used}

    async def test_a_report_that_breaks_is_heard_of_and_hurts_nobody(
        self, mappings: Mappings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        moments = [NOW]
        town = Town(mappings, rules=[Rule(line=line(), shadow=True)])
        town.shadows = Shadows(town.attempts, town.shadow.add, clock=moments.pop)
        town.exchange = GatewayExchange(
            town.exchange.systems, town.attempts, clock=lambda: NOW, routes={}, shadows=town.shadows
        )
        assert (await town.ask()).canonical == {"said": "ok"}
        await town.shadows.finish()
        assert "shadow_failed" in capsys.readouterr().out

    async def tried(self, mappings: Mappings, used: list[Any], tried: list[Any], operation: str = "look") -> Town:
        self.way = line(*tried)
        town = Town(mappings, *used, rules=[Rule(line=self.way, shadow=True)])
        try:
            await town.ask(operation)
        finally:
            await town.shadows.finish()
            self.found = town.shadow.comparisons
        return town

    async def test_for_whom_there_is_no_room_nothing_is_tried(self, mappings: Mappings) -> None:
        """It would be compared with nothing, and cost what there is not: no place for another call."""
        with pytest.raises(TransientRemoteError):
            await self.tried(mappings, [no_room()], [])
        assert (self.found, self.way.transport.sent) == ([], [])  # type: ignore[attr-defined]  # ours

    async def test_the_answer_comes_from_the_way_in_use(self, mappings: Mappings) -> None:
        said = [WireReply(status=200, content=b"new")]
        town = await self.tried(mappings, [WireReply(status=200, content=b"old")], said)
        assert (self.found[0].how, self.found[0].fields) == (How.DIFFERS, ("said",))
        assert (self.found[0].used, self.found[0].tried) == ("direct", "lgsp")
        assert town.recorder.entries[1].facts["shadow_of"] == self.found[0].call_id
        assert "old" not in repr(self.found)
        own, others = (entry.facts["call_id"] for entry in town.recorder.entries)
        assert own == self.found[0].call_id != others

    async def test_no_more_are_tried_at_a_time_than_a_handful(self, mappings: Mappings) -> None:
        way, gate = line(), asyncio.Event()

        async def late(request: Any, **_: object) -> WireReply:
            await gate.wait()
            return WireReply(status=200, content=b"ok")

        way.transport.send = late  # type: ignore[method-assign]  # a transport that hangs
        town = Town(mappings, rules=[Rule(line=way, shadow=True)])
        for _ in range(MOST + 3):
            await town.ask()
        gate.set()
        await town.shadows.finish()
        assert len(town.shadow.comparisons) == MOST

    async def test_nobody_waits_for_what_is_tried(self, mappings: Mappings) -> None:
        way, gate = line(), asyncio.Event()

        async def late(request: Any, **_: object) -> WireReply:
            await gate.wait()
            return WireReply(status=200, content=b"ok")

        way.transport.send = late  # type: ignore[method-assign]  # a transport that hangs
        town = Town(mappings, rules=[Rule(line=way, shadow=True)])
        assert (await town.ask()).canonical == {"said": "ok"}
        gate.set()
        await town.shadows.finish()
        assert town.shadow.comparisons[0].how is How.SAME

    async def test_what_is_tried_may_fail(self, mappings: Mappings) -> None:
        await self.tried(mappings, [], [TransientRemoteError("x")])
        assert self.found[0].how is How.WORSE
        await self.tried(mappings, [], [ZeroDivisionError()])
        assert self.found[0].how is How.WORSE

    async def test_an_answer_where_there_was_none_is_reported_and_not_used(self, mappings: Mappings) -> None:
        with pytest.raises(TransientRemoteError):
            await self.tried(mappings, [TransientRemoteError("x")] * 3, [])
        assert self.found[0].how is How.BETTER

    async def test_nothing_but_a_look_up_is_tried(self, mappings: Mappings) -> None:
        await self.tried(mappings, [], [], operation="submit")
        assert self.way.transport.sent == []  # type: ignore[attr-defined]  # ours
        assert self.found == []
