"""The five curves. Each has a stage of its own: the gateway with everything on, its PostgreSQL, the canned upstream."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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
LEAST_ANSWERS, LEAST_EACH, LONGEST_S = 200, 5, 20.0
"""Answers that a round waits for, in all and by each caller; it lasts no longer than so many seconds for them."""
LET_IN = {"LIENTHONG_API__SHARE_OF_ONE": "1", "LIENTHONG_API__MAX_UNDER_WAY": "4096"}
"""All callers come from one address here. The page says so."""
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
    say: Callable[[str], None],
    *,
    register: tuple[tuple[str, int], ...] = (),
    server: tuple[str, ...] = (),
    **settings: str,
) -> Iterator[tuple[Stage, Target]]:
    kind = Kind(register=register, settings=tuple(settings.items()), server=server)
    with running.alone(say, kind) as (found, ours):
        yield found, Target(found.running[GATEWAY], ours, found.upstream_pid)


Load = Callable[[tuple[float, int]], asking.Answers]
"""Asks for so many seconds, at most so many times."""


def load(ports: Sequence[int], asked: Asking, *, lines: int) -> Load:
    """Over so many connections at a time."""
    return loads([(ports, asked)], lines=lines)


def loads(asks: Sequence[tuple[Sequence[int], Asking]], *, lines: int) -> Load:
    """Each at the same time, over its share of the connections: `spread` says how many."""
    shares = spread(lines, len(asks))

    async def everybody(until: tuple[float, int]) -> asking.Answers:
        found = await asyncio.gather(
            *(
                asking.closed_loop(ports, (asked.make, asked.complaint), lines=share, until=until)
                for share, (ports, asked) in zip(shares, asks, strict=True)
            )
        )
        waits = [wait for one in found for wait in one.waits]
        return asking.Answers(waits, max(one.seconds for one in found))

    return lambda until: uvloop.run(everybody(until))


def spread(lines: int, among: int) -> list[int]:
    """`lines` in all, as evenly as can be; at least one each, so that they are more where there are more to serve."""
    return [max((lines + n) // among, 1) for n in range(among)]


def lasting_s(plan: Plan, warm: asking.Answers, *, callers: int) -> float:
    """Seconds of a round, from how many were answered as it warmed up."""
    rate = warm.count / warm.seconds if warm.seconds else 0.0
    wanted = max(LEAST_ANSWERS, LEAST_EACH * callers) / rate if rate else LONGEST_S
    return max(plan.seconds, min(wanted, LONGEST_S))


def rounds(target: Target, ask: Load, plan: Plan, *, named: str, report: Report, callers: int = LINES) -> list[Round]:
    """Warmed up, then measured. `named`: under that name a profile is kept, taken after what is measured; empty: none
    is."""
    ask((PROVE_S, 2))
    seconds = lasting_s(plan, ask((plan.warm_s, ENOUGH)), callers=callers)
    found = []
    for _ in range(plan.rounds):
        meter = Meter(target.subject, upstream=target.upstream, ours=target.ours)
        found.append(meter.round(ask((seconds, ENOUGH))))
        report.step()
    if named and plan.profile_s:
        report.say(f"py-spy: {named}")
        shares = spying.tried(target.subject.pids[0], plan.profile_s, lambda seconds: ask((seconds, ENOUGH)))
        if shares:
            report.profiles[named] = shares
    return found


def ends(sizes: Sequence[int]) -> frozenset[int]:
    """Those of which a profile is wanted."""
    return frozenset((min(sizes), max(sizes)))


def payload(plan: Plan, report: Report) -> Series:
    """Replies of the registers, and a dossier that is taken in."""
    found: Series = {"record": [], "enterprise": [], "dossier": []}
    numbers = itertools.count()
    with stage(report.say) as (on, target):
        for size in plan.payloads:
            on.control(f"size/{size}")
            key = target.ours.key
            asks = {
                "record": bodies.record(key),
                "enterprise": bodies.enterprise(key, least=size),
                "dossier": bodies.dossiers(key, size=size, numbers=numbers),
            }
            for name, asked in asks.items():
                report.say(f"payload: {name}, {size:,} bytes")
                named = f"{name}, {size // 1000:,} kB" if size in ends(plan.payloads) else ""
                ask = load(target.subject.ports, asked, lines=FEW_LINES)
                measured = rounds(target, ask, plan, named=named, report=report, callers=FEW_LINES)
                found[name].append(point(size, measured))
    return found


def concurrency(plan: Plan, report: Report) -> Series:
    """Callers that ask again as soon as they were answered. Where they are many a round lasts longer, so that each asks
    several times and connecting costs nothing beside it. One address may have all of them under way, and all may wait
    for the register: what is looked at is the cost, not the limits."""
    found: Series = {"citizen": []}
    waiting = (("max_waiting", max(plan.callers)),)
    with stage(report.say, register=waiting, **LET_IN) as (_, target):
        for callers in plan.callers:
            report.say(f"concurrency: {callers:,} callers")
            ask = load(target.subject.ports, questions.citizen(target.ours.key), lines=callers)
            named = f"callers: {callers:,}" if callers in ends(plan.callers) else ""
            measured = rounds(target, ask, plan, named=named, report=report, callers=callers)
            found["citizen"].append(point(callers, measured))
    return found
