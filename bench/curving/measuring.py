"""The five curves. Each has a stage of its own: the gateway with everything on, its PostgreSQL, the canned upstream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import ground
import uvloop
from comparison import asking, questions, running
from comparison.cases import Kind
from comparison.figures import Round
from comparison.questions import Asking
from comparison.running import ENOUGH, Meter, Stage
from comparison.subjects import GATEWAY, Running

from curving import bodies, spying
from curving.points import point

LINES = 32
FEW_LINES = 4
"""Where a request is so long that more would only wait for each other."""
CALLERS_A_SECOND = 100
"""More of them take a longer round."""
PROVE_S = 60.0


@dataclass(frozen=True)
class Plan:
    """How long, how often, and where the curves go. `profile_s`: so long py-spy looks at each curve's ends; 0: not."""

    rounds: int
    seconds: float
    warm_s: float
    profile_s: float
    payloads: Sequence[int]
    callers: Sequence[int]
    backlog: Sequence[int]
    leaves: Sequence[int]
    tenants: Sequence[int]


@dataclass
class Report:
    """What is said meanwhile, and profiles as they are found, by what was profiled."""

    say: Callable[[str], None]
    step: Callable[[], None]
    profiles: dict[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """Who is asked and whose PostgreSQL is read."""

    subject: Running
    ours: ground.Gateway
    upstream: int | None = None


Series = dict[str, list[dict[str, Any]]]
"""Points by what was asked."""


@contextmanager
def stage(
    say: Callable[[str], None], *, server: tuple[str, ...] = (), **settings: str
) -> Iterator[tuple[Stage, Target]]:
    with (
        ground.folder() as where,
        running.stage(
            where, Kind(settings=tuple(settings.items()), server=server), wanted=frozenset([GATEWAY]), say=say
        ) as found,
    ):
        assert found.ours
        yield found, Target(found.running[GATEWAY], found.ours, found.upstream_pid)


Load = Callable[[tuple[float, int]], asking.Answers]
"""Asks for so many seconds, at most so many times."""


def load(ports: Sequence[int], asked: Asking, *, lines: int) -> Load:
    """Over so many connections at a time."""
    return loads([(ports, asked)], lines=lines)


def loads(asks: Sequence[tuple[Sequence[int], Asking]], *, lines: int) -> Load:
    """Each at the same time, over its share of the connections."""
    share = -(-lines // len(asks))

    async def everybody(until: tuple[float, int]) -> asking.Answers:
        found = await asyncio.gather(
            *(
                asking.closed_loop(ports, (asked.make, asked.complaint), lines=share, until=until)
                for ports, asked in asks
            )
        )
        waits = [wait for one in found for wait in one.waits]
        return asking.Answers(waits, max(one.seconds for one in found))

    return lambda until: uvloop.run(everybody(until))


def rounds(target: Target, ask: Load, plan: Plan, *, named: str, report: Report) -> list[Round]:
    """Warmed up, then measured. `named`: under that name a profile is kept, taken after what is measured; empty: none
    is."""
    ask((PROVE_S, 2))
    ask((plan.warm_s, ENOUGH))
    found = []
    for _ in range(plan.rounds):
        meter = Meter(target.subject, upstream=target.upstream, ours=target.ours)
        found.append(meter.round(ask((plan.seconds, ENOUGH))))
        report.step()
    if named and plan.profile_s:
        report.say(f"py-spy: {named}")
        shares = spying.tried(target.subject.pids[0], plan.profile_s, lambda seconds: ask((seconds, ENOUGH)))
        if shares:
            report.profiles[named] = shares
    return found


def ends(sizes: Sequence[int]) -> frozenset[int]:
    """Those of which a profile is wanted."""
    return frozenset((sizes[0], sizes[-1]))


def payload(plan: Plan, report: Report) -> Series:
    """Replies of the registers, and a dossier that is taken in."""
    found: Series = {"record": [], "enterprise": [], "dossier": []}
    with stage(report.say) as (on, target):
        for size in plan.payloads:
            on.control(f"size/{size}")
            key = target.ours.key
            asks = {
                "record": bodies.record(key),
                "enterprise": bodies.enterprise(key, least=size),
                "dossier": bodies.dossiers(key, size=size),
            }
            for name, asked in asks.items():
                report.say(f"payload: {name}, {size:,} bytes")
                named = f"{name}, {size // 1000:,} kB" if size in ends(plan.payloads) else ""
                ask = load(target.subject.ports, asked, lines=FEW_LINES)
                measured = rounds(target, ask, plan, named=named, report=report)
                found[name].append(point(size, measured))
    return found


def concurrency(plan: Plan, report: Report) -> Series:
    """Callers that ask again as soon as they were answered. Where they are many a round lasts longer, so that each asks
    several times and connecting costs nothing beside it."""
    found: Series = {"citizen": []}
    with stage(report.say) as (_, target):
        for callers in plan.callers:
            report.say(f"concurrency: {callers:,} callers")
            ask = load(target.subject.ports, questions.citizen(target.ours.key), lines=callers)
            named = f"callers: {callers:,}" if callers in ends(plan.callers) else ""
            longer = replace(plan, seconds=max(plan.seconds, callers / CALLERS_A_SECOND))
            measured = rounds(target, ask, longer, named=named, report=report)
            found["citizen"].append(point(callers, measured))
    return found
