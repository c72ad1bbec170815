"""A try goes on by itself, is kept, is evidence, and never takes more than its share."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from diagnostics_house import Bench, Net
from services import CONTEXT, NOW

from gateway.diagnostics.model import NotReachedError, Step, Verdict
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.lines import Line, Rule
from gateway.mapping.engine import Mappings
from gateway.platforms import Destination, Platform, PlatformSettings
from gateway.sdk import NotFoundError
from gateway.sdk.errors import GatewayError, TooManyRequestsError

DEAF = NotReachedError("tcp_refused")


async def test_the_leaf_is_there_before_anything_is_asked(mappings: Mappings) -> None:
    """SEC-04: no evidence, no act."""
    bench = Bench(mappings, Net(tcp=DEAF))
    bench.recorder.broken = GatewayError("full")
    with pytest.raises(GatewayError):
        await bench.service.start("echo", context=CONTEXT)
    assert not bench.net.asked
    assert not await bench.service.listed("echo")


async def test_how_it_came_out_is_a_leaf_that_names_every_step(mappings: Mappings) -> None:
    bench = Bench(mappings, Net(tcp=DEAF))
    await bench.tried()
    began, ended = bench.recorder.entries
    assert (began.operation, began.outcome, began.actor, began.system) == ("diagnose", "accepted", "motcua", "echo")
    assert ended.facts["tcp"] == "failed"
    assert set(ended.facts) == {"over", *(step.value for step in Step)}
    assert not ended.bodies


@pytest.mark.parametrize(("system", "way"), [("nowhere", ""), ("echo", "nowhere"), ("127.0.0.1:22", "")])
async def test_only_what_is_configured_can_be_tried(mappings: Mappings, system: str, way: str) -> None:
    bench = Bench(mappings, Net())
    with pytest.raises(NotFoundError):
        await bench.service.start(system, way, context=CONTEXT)
    assert not bench.net.asked


async def test_each_way_is_tried_where_it_leads(mappings: Mappings) -> None:
    settings = PlatformSettings(kind="gateway", base_url="https://lgsp.example.vn:8443/api")  # type: ignore[arg-type]  # read by pydantic
    platform = Platform("lgsp", settings)
    bench = Bench(mappings, Net(tcp=DEAF))
    line = Line(
        transport=bench.transport,
        breaker=Breaker(BreakerPolicy(), monotonic=lambda: 0.0),
        platform=platform,
        to=Destination(base_url="https://echo.example.vn/v1"),
    )
    over = Bench(mappings, Net(tcp=DEAF), rules=(Rule(line=line),))
    assert {name: way.is_used for name, way in over.service.ways("echo").items()} == {"direct": False, "lgsp": True}
    await over.tried()
    await over.tried("direct")
    assert over.net.asked[::2] == ["dns lgsp.example.vn:8443", "dns echo.example.vn:443"]


async def test_over_a_way_that_nothing_takes_nothing_is_said(mappings: Mappings) -> None:
    settings = PlatformSettings(kind="gateway", base_url="http://127.0.0.1:9")  # type: ignore[arg-type]  # read by pydantic
    bench = Bench(mappings, Net())
    line = Line(
        transport=bench.transport,
        breaker=Breaker(BreakerPolicy(), monotonic=lambda: 0.0),
        platform=Platform("lgsp", settings),
        to=Destination(base_url="http://127.0.0.1"),
    )
    over = Bench(mappings, Net(), rules=(Rule(line=line),), base_url="http://127.0.0.1")
    found = await over.tried("direct")
    assert [found[Step.LOGIN].why, found[Step.CALL].why] == ["not_used", "not_used"]
    assert not over.transport.sent


async def test_a_second_start_of_the_same_joins_the_first(mappings: Mappings) -> None:
    net = Net()
    net.hangs = "tcp"
    bench = Bench(mappings, net)
    first = await bench.service.start("echo", context=CONTEXT)
    assert await bench.service.start("echo", context=CONTEXT) == first
    assert bench.service.is_under_way(first)
    await bench.service.finish()


async def test_no_more_than_a_few_run_at_a_time(mappings: Mappings) -> None:
    net = Net()
    net.hangs = "dns"
    settings = PlatformSettings(kind="gateway", base_url="http://127.0.0.1:9")  # type: ignore[arg-type]  # read by pydantic
    plain = Bench(mappings, net)
    line = Line(
        transport=plain.transport,
        breaker=Breaker(BreakerPolicy(), monotonic=lambda: 0.0),
        platform=Platform("lgsp", settings),
        to=Destination(base_url="http://127.0.0.1"),
    )
    bench = Bench(mappings, net, rules=(Rule(line=line),), limits={"at_once": 1})
    await bench.service.start("echo", "direct", context=CONTEXT)
    with pytest.raises(TooManyRequestsError):
        await bench.service.start("echo", "lgsp", context=CONTEXT)
    await bench.service.finish()


async def test_a_step_that_never_ends_is_ended_with_the_whole(mappings: Mappings) -> None:
    net = Net()
    net.hangs = "tcp"
    found = await Bench(mappings, net, limits={"limit_s": 0.05}).tried()
    assert (found[Step.DNS].verdict, found[Step.TCP].why) == (Verdict.GOOD, "out_of_time")
    assert found[Step.TCP].verdict is Verdict.UNKNOWN
    assert {found[step].verdict for step in list(Step)[2:]} == {Verdict.NOT_TRIED}


async def test_what_fails_on_our_side_is_said_to_be_ours(mappings: Mappings) -> None:
    bench = Bench(mappings, Net(tcp=RuntimeError("bug")))  # type: ignore[arg-type]  # what nobody foresaw
    found = await bench.tried()
    assert (found[Step.TCP].why, found[Step.TCP].verdict) == ("interrupted", Verdict.UNKNOWN)


async def test_one_that_was_cut_off_is_not_under_way_for_ever(mappings: Mappings) -> None:
    net = Net()
    net.hangs = "tcp"
    bench = Bench(mappings, net)
    run = await bench.service.start("echo", context=CONTEXT)
    await asyncio.sleep(0)
    await bench.service.finish()
    kept = await bench.service.find("echo", run.id)
    assert kept.ended_at is None
    bench.now = NOW + timedelta(seconds=71)
    assert not bench.service.is_under_way(kept)


async def test_only_the_last_ones_are_kept(mappings: Mappings) -> None:
    bench = Bench(mappings, Net(tcp=DEAF), limits={"kept": 2})
    for number in range(4):
        bench.now = NOW + timedelta(seconds=number)
        await bench.tried()
    listed = await bench.service.listed("echo")
    assert [run.began_at for run in listed] == [NOW + timedelta(seconds=3), NOW + timedelta(seconds=2)]
