"""Delivery as it is in a province: one worker process, HTTP to the canned portal, audit leaves and all.

The worker is there before its work: the lane is paused while events are told, and resumed when the worker has nothing
to do any more. So neither its start nor what it reads behind the log of those events is counted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.request import urlopen

import psycopg
import uvloop
from ground import Gateway, folder, gateway

from comparison import asking, machine, subjects
from comparison.asking import WrongAnswer
from comparison.events import CALLERS, Events, Found, Sizes, taken
from comparison.figures import Round
from comparison.keys import Parties
from comparison.running import Plan, Say, free_port
from comparison.subjects import GATEWAY

PORTAL, WORKER = "national_portal", "worker"
EVENTS_EACH = 4
"""Of each dossier in a round."""
LONGEST_S = 600.0
Psql = psycopg.Connection[tuple[Any, ...]]


def wire(plan: Plan, sizes: Sizes, *, say: Say) -> Found:
    """The rate is from the first acknowledgement to the last; CPU is all that the worker used until it had nothing to
    do again. The first round is thrown away: until then PostgreSQL has nothing of these tables at hand."""
    rounds: list[Round] = []
    with before_portal() as ours:
        events = Events(replace(sizes, dossiers=sizes.delivered), key=ours.key)
        for number in range(plan.rounds + 1):
            say(f"delivery over HTTP: round {number} of {plan.rounds}, events are told")
            owed(ours, events, sizes.delivered, is_first=number == 0)
            say(f"delivery over HTTP: round {number} of {plan.rounds}")
            rounds.append(_drained(ours))
    return {"delivery_http": {GATEWAY: rounds[1:]}}, {}


@contextmanager
def before_portal() -> Iterator[Gateway]:
    """An API process, and a worker that delivers to the canned portal."""
    port = free_port()
    with folder() as where, subjects.upstream(port, keys=Parties(where).folder, cores=machine.cores(), delay_ms=0):
        portal = {PORTAL: {"base_url": f"http://127.0.0.1:{port}/XrdAdapter/RestService/forward"}}
        with gateway(settings={"LIENTHONG_SYSTEMS": json.dumps(portal)}) as ours:
            ours.town.start_worker(WORKER)
            yield ours


def owed(ours: Gateway, events: Events, dossiers: int, *, is_first: bool) -> None:
    """Events are told while the lane is paused."""
    ours.town.lienthong("delivery", "pause", PORTAL)
    if is_first:
        events.tell_dossiers(ours.ports)
    ask = (events.one, taken)
    uvloop.run(asking.closed_loop(ours.ports, ask, lines=CALLERS, until=(LONGEST_S, dossiers * EVENTS_EACH)))
    with connected(ours) as connection:
        connection.execute("ANALYZE")  # as autovacuum does within a minute


def resume(ours: Gateway) -> None:
    ours.town.lienthong("delivery", "resume", PORTAL)


def worker_of(ours: Gateway) -> int:
    pid: int = ours.town.processes[WORKER].pid
    return pid


def is_behind(connection: Psql) -> bool:
    """Whether anything is left to deliver."""
    return connection.execute("SELECT FROM stream WHERE due IS NOT NULL LIMIT 1").fetchone() is not None


def heard(ours: Gateway) -> dict[str, Any]:
    """What the canned portal was told so far, and its CPU. `WrongAnswer`: something of it was wrong, or is missing."""
    base: str = json.loads(ours.town.environment["LIENTHONG_SYSTEMS"])[PORTAL]["base_url"]
    with urlopen(f"{base.partition('/XrdAdapter')[0]}/_bench/heard") as answer:
        said: dict[str, Any] = json.load(answer)
    if said["wrong"] or said["waiting"]:
        raise WrongAnswer(f"{said['waiting']} dossiers without their step; {'; '.join(said['wrong'])}")
    return said


def _drained(ours: Gateway) -> Round:
    """From here until nothing is left to deliver, and the worker is idle."""
    worker, early = worker_of(ours), heard(ours)
    with connected(ours) as connection:
        [before] = connection.execute("SELECT coalesce(max(acknowledged_at), 'epoch') FROM message").fetchone() or ()

        def work() -> None:
            resume(ours)
            end = time.monotonic() + LONGEST_S
            while is_behind(connection):
                if time.monotonic() > end:
                    raise SystemExit("The worker has not delivered everything in time.")
                time.sleep(0.2)

        machine.until_idle(worker)
        postgres = ours.postgres.cpu_s()
        spent = machine.spent_s(worker, work), ours.postgres.cpu_s() - postgres
        question = (
            "SELECT count(*), extract(epoch FROM max(acknowledged_at) - min(acknowledged_at)) FROM message"
            " WHERE acknowledged_at > %s"
        )
        left = "SELECT count(*) FROM message WHERE acknowledged_at IS NULL"
        if (held := (connection.execute(left).fetchone() or (0,))[0]) > 0:
            raise SystemExit(f"{held} messages are held, and so in no figure.")
        count, seconds = connection.execute(question, (before,)).fetchone() or (0, 0)
    late = heard(ours)
    if late["messages"] - early["messages"] != count:
        raise WrongAnswer(f"{count} messages count as delivered; the portal got {late['messages'] - early['messages']}")
    own, theirs, portal = (each * 1000 / count for each in (*spent, late["cpu_s"] - early["cpu_s"]))
    return Round(count, count / float(seconds), 0, 0, own, portal, theirs, machine.tree_rss_mb(worker))


def connected(ours: Gateway) -> Psql:
    return psycopg.connect(ours.dsn, autocommit=True, options="-c search_path=lienthong,public")
