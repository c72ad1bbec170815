"""One run: the upstream, the subjects of a case, and rounds in turns (A, B, C, A, B, C …)."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import uvloop
from ground import Gateway, gateway
from journey import FAST

from comparison import asking, machine, subjects
from comparison.cases import Case
from comparison.figures import Round, cut
from comparison.keys import Parties
from comparison.questions import Asking
from comparison.subjects import FLOOR, GATEWAY, PEERS_BY_NAME, Absent, Place, Running

ENOUGH = 10_000_000
"""Of requests in a round: its seconds end it."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How long and how often."""

    rounds: int = 5
    seconds: float = 2.0
    warm_s: float = 1.0
    only: frozenset[str] = frozenset()
    """Subjects; empty: all."""

    def takes(self, name: str) -> bool:
        return not self.only or name in self.only or name == GATEWAY


@dataclass
class Stage:
    """What stands while cases of one kind are run."""

    cores: machine.Cores
    upstream: int
    upstream_pid: int
    folder: Path
    running: dict[str, Running] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    ours: Gateway | None = None

    def control(self, what: str) -> None:
        with urlopen(f"http://127.0.0.1:{self.upstream}/_bench/{what}"):
            pass

    def postgres_cpu_s(self) -> float:
        return self.ours.cpu()["postgres"] if self.ours else 0.0


@contextmanager
def stage(folder: Path, *, is_signed: bool, wanted: frozenset[str], say: Say) -> Iterator[Stage]:
    """The canned upstream and each wanted subject that can be had. The gateway has a database of its own."""
    cores, parties = machine.cores(), Parties(folder)
    port = free_port()
    with ExitStack() as stack:
        say("starting the canned upstream")
        pid = stack.enter_context(subjects.upstream(port, keys=parties.folder, cores=cores, delay_ms=0))
        found = Stage(cores=cores, upstream=port, upstream_pid=pid, folder=folder)
        with machine.on(cores.others):
            for name in sorted(wanted, key=list(subjects.TITLES).index):
                say(f"starting {subjects.TITLES[name]}")
                if name == GATEWAY:
                    settings = {**FAST, **_behind(port), **(parties.settings() if is_signed else {})}
                    found.ours = ours = stack.enter_context(gateway(settings=settings, cores=cores.subject))
                    found.running[name] = Running(name, ours.ports[0], ours.town.processes["gateway"].pid)
                    continue
                keys = parties.folder if is_signed else None
                place = Place(folder=folder, port=free_port(), upstream=port, keys=keys, cores=cores.subject)
                try:
                    found.running[name] = stack.enter_context(subjects.running(PEERS_BY_NAME[name], place))
                except Absent as exc:
                    found.absent[name] = str(exc)
            yield found


def run(case: Case, on: Stage, plan: Plan, *, say: Say) -> tuple[dict[str, list[Round]], dict[str, str]]:
    """All rounds of each subject, and why others are absent. `WrongAnswer` ends the run: nothing wrong is measured."""
    on.control(f"delay/{case.delay_ms}")
    names = [name for name in case.subjects if name in on.running]
    asks: dict[str, Asking] = {}
    for name in names:
        say(f"{case.name}: {subjects.TITLES[name]} warms up")
        machine.move(on.running[name].pid, on.cores.subject if case.is_pinned else on.cores.everything)
        asks[name] = asked = _asking(case, name, on)
        on.control("forget")
        uvloop.run(_prove(on.running[name].port, asked))
        uvloop.run(_load(on.running[name].port, asked, case, plan.warm_s))
    rounds: dict[str, list[Round]] = {name: [] for name in names}
    for number in range(plan.rounds):
        for name in names:
            say(f"{case.name}: round {number + 1} of {plan.rounds}, {subjects.TITLES[name]}")
            rounds[name].append(_round(on, name, asks[name], case, seconds=plan.seconds * (2 if case.waits else 1)))
    absent = {name: why for name, why in on.absent.items() if name in case.subjects}
    return rounds, absent


def _asking(case: Case, name: str, on: Stage) -> Asking:
    if name == FLOOR:
        assert case.raw
        return case.raw(on.upstream)
    return case.ask(on.ours.key if name == GATEWAY and on.ours else "none")


async def _load(port: int, asked: Asking, case: Case, seconds: float) -> asking.Answers:
    return await asking.closed_loop(
        port, asked.make, asked.complaint, lines=case.lines, until=(seconds, ENOUGH)
    )


async def _prove(port: int, asked: Asking) -> None:
    """The upstream remembers nothing: the mock itself checks what this subject sends. And no is not yes."""
    await asking.closed_loop(port, asked.make, asked.complaint, lines=1, until=(30.0, 2))
    if asked.trap:

        def complaint(_: int, status: int, body: bytes) -> str:
            return f"took a stranger for known: {body[:300]!r}" if asked.fell_for(status, body) else ""

        await asking.closed_loop(port, lambda _: asked.trap, complaint, lines=1, until=(30.0, 1))


def _round(on: Stage, name: str, asked: Asking, case: Case, *, seconds: float) -> Round:
    subject = on.running[name]
    before = subject.cpu_s(), machine.tree_cpu_s(on.upstream_pid), on.postgres_cpu_s()
    answers = uvloop.run(_load(subject.port, asked, case, seconds))
    after = subject.cpu_s(), machine.tree_cpu_s(on.upstream_pid), on.postgres_cpu_s()
    cpu, upstream, postgres = ((late - early) * 1000 / answers.count for early, late in zip(before, after, strict=True))
    return Round(
        requests=answers.count,
        rate=answers.count / answers.seconds,
        p50_ms=cut(answers.waits, 0.5) * 1000,
        p99_ms=cut(answers.waits, 0.99) * 1000,
        cpu_ms=cpu,
        upstream_cpu_ms=upstream,
        postgres_cpu_ms=postgres if name == GATEWAY else 0.0,
        rss_mb=subject.rss_mb(),
    )


def _behind(upstream: int) -> Mapping[str, str]:
    """The gateway's settings for systems that are all behind one port."""
    base = f"http://127.0.0.1:{upstream}"
    return {
        "LIENTHONG_SYSTEMS__POPULATION__BASE_URL": base,
        "LIENTHONG_SYSTEMS__BUSINESS_REGISTRY__BASE_URL": base,
        "LIENTHONG_PLATFORMS__NGSP__BASE_URL": base,
        "LIENTHONG_PLATFORMS__NGSP__TOKEN__URL": f"{base}/token",
        "LIENTHONG_SYSTEMS__PAYMENT__BASE_URL": base,
        "LIENTHONG_SYSTEMS__PAYMENT__PAY_HOSTS": f'["127.0.0.1:{upstream}"]',
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def load_now() -> float:
    return round(os.getloadavg()[0], 1)


def options_of(plan: Plan) -> dict[str, Any]:
    return {"rounds": plan.rounds, "seconds": plan.seconds, "warm_s": plan.warm_s}
