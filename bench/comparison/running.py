"""One run: the upstream, the subjects of a case, and rounds in turns (A, B, C, A, B, C …)."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

import uvloop
from ground import Gateway, folder, gateway

from comparison import asking, kept, machine, subjects
from comparison.canned import SIGNED
from comparison.cases import LONGER, Case, Kind
from comparison.figures import Round, cut
from comparison.keys import Parties
from comparison.questions import STRANGER_FIRST, Asking, refused
from comparison.subjects import FLOOR, GATEWAY, PEERS_BY_NAME, Absent, Place, Running
from mocks.population.fields import LOOKUP, VERIFY

ENOUGH = 10_000_000
"""Of requests in a round: its seconds end it."""
Say = Callable[[str], None]
PRODUCT = Kind()
"""One process, the product's settings."""


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
    running: dict[str, Running] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    ours: Gateway | None = None

    def control(self, what: str) -> None:
        with urlopen(f"http://127.0.0.1:{self.upstream}/_bench/{what}"):
            pass


@contextmanager
def stage(kind: Kind, *, wanted: frozenset[str], say: Say) -> Iterator[Stage]:
    """The canned upstream and each wanted subject that can be had. The gateway has a database of its own."""
    cores, port = machine.cores(), free_port()
    with ExitStack() as stack:
        where = stack.enter_context(folder())
        parties = Parties(where)
        say("starting the canned upstream")
        pid = stack.enter_context(subjects.upstream(port, keys=parties.folder, cores=cores, delay_ms=0))
        found = Stage(cores=cores, upstream=port, upstream_pid=pid)
        with machine.on(cores.others):
            for name in sorted(wanted, key=list(subjects.TITLES).index):
                say(f"starting {subjects.TITLES[name]}")
                if name == GATEWAY:
                    own = {
                        **_behind(port, kind),
                        **(parties.settings() if kind.is_signed else {}),
                        "LIENTHONG_API__PROCESSES": str(kind.processes),
                        **dict(kind.settings),
                    }
                    begun = gateway(settings=own, cores=cores.subject, server=kind.server)
                    found.ours = ours = stack.enter_context(begun)
                    found.running[name] = gateway_of(ours)
                    continue
                keys = parties.folder if kind.is_signed else None
                place = Place(
                    folder=where, port=free_port(), upstream=port, keys=keys, cores=cores.subject,
                    processes=kind.processes,
                )  # fmt: skip
                try:
                    found.running[name] = stack.enter_context(subjects.running(PEERS_BY_NAME[name], place))
                except Absent as exc:
                    found.absent[name] = str(exc)
            yield found


@contextmanager
def alone(say: Say, kind: Kind = PRODUCT) -> Iterator[tuple[Stage, Gateway]]:
    """The gateway before the canned upstream, without peers."""
    with stage(kind, wanted=frozenset([GATEWAY]), say=say) as found:
        assert found.ours
        yield found, found.ours


def run(case: Case, on: Stage, plan: Plan, *, say: Say) -> tuple[dict[str, list[Round]], dict[str, str]]:
    """All rounds of each subject, and why others are absent. Who gives a wrong answer, or none, leaves the case with
    all its rounds: nothing wrong is measured."""
    on.control(f"delay/{case.delay_ms}")
    absent = {name: why for name, why in on.absent.items() if name in case.subjects}
    rounds: dict[str, list[Round]] = {}
    asks: dict[str, Asking] = {}
    turns = [(number, name) for number in range(plan.rounds + 1) for name in case.subjects if name in on.running]
    for number, name in turns:
        if name in absent:
            continue
        try:
            if number == 0:
                say(f"{case.name}: {subjects.TITLES[name]} warms up")
                asks[name] = _warm(case, name, on, plan.warm_s)
                continue
            say(f"{case.name}: round {number} of {plan.rounds}, {subjects.TITLES[name]}")
            seconds = plan.seconds * (LONGER if case.waits else 1)
            rounds.setdefault(name, []).append(_round(on, name, asks[name], case, seconds=seconds))
        except (asking.WrongAnswer, TimeoutError) as exc:
            absent[name] = f"left in round {number}: {exc or 'no answer'}"
            rounds.pop(name, None)
    return rounds, absent


def _warm(case: Case, name: str, on: Stage, seconds: float) -> Asking:
    """The subject on its cores, proven right, and as fast as it gets."""
    subject = on.running[name]
    subject.move(on.cores.subject if case.is_pinned else on.cores.everything)
    asked = _asking(case, name, on)
    on.control("forget")
    uvloop.run(_prove(subject.ports, asked))
    uvloop.run(_load(subject.ports, asked, case, seconds))
    return asked


def _asking(case: Case, name: str, on: Stage) -> Asking:
    if name == FLOOR:
        assert case.raw
        return case.raw(on.upstream)
    return case.ask(on.ours.key if name == GATEWAY and on.ours else "none")


async def _load(ports: Sequence[int], asked: Asking, case: Case, seconds: float) -> asking.Answers:
    manner = asking.Manner(shed=refused) if case.waits else asking.Manner()
    return await asking.closed_loop(
        ports, (asked.make, asked.complaint), lines=case.lines, until=(seconds, ENOUGH), manner=manner
    )


async def _prove(ports: Sequence[int], asked: Asking) -> None:
    """The upstream remembers nothing: the mock itself checks what this subject sends, also of a stranger."""
    await asking.closed_loop(ports, (asked.make, asked.complaint), lines=1, until=(30.0, STRANGER_FIRST + 1))


def _round(on: Stage, name: str, asked: Asking, case: Case, *, seconds: float) -> Round:
    """Of ours also what is kept of it: all that was answered, or nothing of it counts."""
    subject, ours = on.running[name], on.ours if name == GATEWAY else None
    before = kept.counts(ours.dsn) if ours else {}
    meter = Meter(subject, upstream=on.upstream_pid, ours=ours)
    found = meter.round(uvloop.run(_load(subject.ports, asked, case, seconds)))
    if ours:
        kept.check(ours.dsn, kept.owed(found, case.leaves, case.of_a_stranger), since=before)
    return found


class Meter:
    """Reads what has been used, when it is made and when the round is over."""

    def __init__(self, subject: Running, *, upstream: int | None = None, ours: Gateway | None = None) -> None:
        self._subject, self._upstream, self._ours = subject, upstream, ours
        self._before = self._read()

    def round(self, answers: asking.Answers, *, events: int = 1) -> Round:
        """`events`: so many in each request; a figure is that of one event."""
        if not answers.count:
            raise asking.WrongAnswer(f"nothing was answered: {dict(answers.shed)}")
        count = answers.count * events
        spent = [(late - early) * 1000 / count for early, late in zip(self._before, self._read(), strict=True)]
        cpu, upstream, postgres, load = spent
        return Round(
            requests=count,
            rate=count / answers.seconds,
            p50_ms=cut(answers.waits, 0.5) * 1000,
            p99_ms=cut(answers.waits, 0.99) * 1000,
            cpu_ms=cpu,
            upstream_cpu_ms=upstream,
            postgres_cpu_ms=postgres,
            load_cpu_ms=load,
            rss_mb=self._subject.rss_mb(),
            shed=answers.shed.total(),
            answers=answers.count,
        )

    def _read(self) -> tuple[float, float, float, float]:
        """The subject, upstream, PostgreSQL, and this process, which asks."""
        upstream = machine.tree_cpu_s(self._upstream) if self._upstream else 0.0
        postgres = self._ours.cpu()["postgres"] if self._ours else 0.0
        return self._subject.cpu_s(), upstream, postgres, time.process_time()


def gateway_of(ours: Gateway) -> Running:
    """Its API processes."""
    pids = tuple(process.pid for name, process in ours.town.processes.items() if name.startswith("gateway"))
    return Running(GATEWAY, tuple(ours.ports), pids)


def _behind(upstream: int, kind: Kind) -> Mapping[str, str]:
    """The gateway's settings for systems that are all behind one port."""
    base = f"http://127.0.0.1:{upstream}"
    front = SIGNED if kind.is_signed else ""
    paths = {"verify_path": f"{front}/csdldc/{VERIFY}", "lookup_path": f"{front}/csdldc/{LOOKUP}"}
    systems = {
        "population": {"base_url": base, **dict(kind.register), **paths},
        "business_registry": {"base_url": base},
        "payment": {"base_url": base, "pay_hosts": [f"127.0.0.1:{upstream}"]},
    }
    ngsp = {"base_url": base, "token": {"url": f"{base}/token"}}
    return {"LIENTHONG_SYSTEMS": json.dumps(systems), "LIENTHONG_PLATFORMS": json.dumps({"ngsp": ngsp})}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def load_now() -> float:
    return round(os.getloadavg()[0], 1)


def options_of(plan: Plan) -> dict[str, Any]:
    return {"rounds": plan.rounds, "seconds": plan.seconds, "warm_s": plan.warm_s}
