"""Durable intake and delivery: the two cases whose peers are plain loops over the same PostgreSQL, in the same run."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import delivery
import psycopg
import uvloop
from ground import Gateway, Postgres, folder, gateway, plain_insert, plain_take, postgres, tables
from load import BEGAN, Ask, ask, codes, put
from psycopg_pool import AsyncConnectionPool
from story import step

from comparison import asking, kept, machine, questions, subjects
from comparison.figures import Round, cut
from comparison.running import ENOUGH, Meter, Plan, Say, free_port, gateway_of
from comparison.subjects import GATEWAY, PER_CALL, Absent, Place
from gateway.delivery.postgres import PostgresOutbox
from gateway.signing import Keyring

CALLERS, UNDER_WAY = 64, 1000
"""Who tell events, and how many of them are on their way at the most."""
STATEMENT = "INSERT INTO direct (body) VALUES (%s)"
EVENT = json.dumps({"filler": "x" * 1000})


@dataclass(frozen=True)
class Sizes:
    """How much there is of it."""

    dossiers: int = 1000
    """More than there are events on their way at a time, so that each dossier's come in their order."""
    in_request: tuple[int, ...] = (10, 100, 500)
    apis: int = 2
    streams: int = 2000
    delivered: int = 1000
    """Dossiers of a round over HTTP, four events each."""


Found = tuple[dict[str, dict[str, list[Round]]], dict[str, str]]
"""By case and subject, and who is absent."""


def intake(plan: Plan, sizes: Sizes, *, say: Say) -> Found:
    """Events one by one and in batches from 64 callers; beside them FastAPI that inserts each call, and callers that
    insert without any HTTP. Everybody may use all cores, and the peer has as many processes as we have. Each has a turn
    that is thrown away. At the end ours alone at half of its rate."""
    rounds: dict[str, dict[str, list[Round]]] = {"intake": {}, **_batches(sizes), "intake_half": {}}
    absent: dict[str, str] = {}
    with ExitStack() as stack:
        say("intake: starting Liên Thông")
        where = stack.enter_context(folder())
        ours = stack.enter_context(gateway(apis=sizes.apis))
        place = Place(
            folder=where, port=free_port(), upstream=0, keys=None, cores=machine.cores().everything, dsn=ours.dsn,
            processes=sizes.apis,
        )  # fmt: skip
        try:
            peer = stack.enter_context(subjects.running(PER_CALL, place))
        except Absent as exc:
            peer, absent = None, {PER_CALL.name: str(exc)}
        say("intake: dossiers are made")
        events, theirs = Events(sizes, key=ours.key), Events(sizes)
        until, warm = (plan.seconds, ENOUGH), (plan.warm_s, ENOUGH)
        events.tell_dossiers(ours.ports)
        _analyse(ours.dsn)
        say("intake: everybody warms up")
        _told(ours, events.one, warm)
        _direct(ours, plan.warm_s)
        if peer:
            _told_peer(peer, theirs.one, warm, ours=ours)
        for count in sizes.in_request:
            _told(ours, events.some(count), warm, events=count)
        for number in range(plan.rounds):
            say(f"intake: round {number + 1} of {plan.rounds}, ours one by one")
            _add(rounds["intake"], GATEWAY, _told(ours, events.one, until))
            if peer:
                say(f"intake: round {number + 1} of {plan.rounds}, {PER_CALL.title}")
                _add(rounds["intake"], PER_CALL.name, _told_peer(peer, theirs.one, until, ours=ours))
            say(f"intake: round {number + 1} of {plan.rounds}, callers that insert")
            _add(rounds["intake"], "direct", _direct(ours, plan.seconds))
            for case, count in zip(_batches(sizes), sizes.in_request, strict=True):
                say(f"intake: round {number + 1} of {plan.rounds}, ours {count} in a request")
                _add(rounds[case], GATEWAY, _told(ours, events.some(count), until, events=count))
                _add(rounds[case], "direct", rounds["intake"]["direct"][-1])
        half = sorted(one.rate for one in rounds["intake"][GATEWAY])[plan.rounds // 2] / 2
        for number in range(plan.rounds):
            say(f"intake: round {number + 1} of {plan.rounds}, ours at {half:.0f}/s")
            _add(rounds["intake_half"], GATEWAY, _told(ours, events.one, until, pace=half))
        kept.check(ours.dsn, _owed(events, [one for case in rounds.values() for one in case[GATEWAY]]), since={})
    return rounds, absent


def _owed(events: Events, rounds: Sequence[Round]) -> dict[str, tuple[int, int]]:
    """Rows of all that was told. Where some was not taken, nobody knows what of it was: only what was answered for."""
    least = sum(one.requests for one in rounds) if any(one.shed for one in rounds) else events.told
    dossiers = events.dossiers
    return {
        "dossier": (dossiers, dossiers),
        "dossier_event": (least, events.told),
        "message": (dossiers + 2 * least, dossiers + 2 * events.told),
    }


def _batches(sizes: Sizes) -> dict[str, dict[str, list[Round]]]:
    """The smallest goes by the plain name."""
    return {
        "intake_batch" if count == min(sizes.in_request) else f"intake_batch_{count}": {} for count in sizes.in_request
    }


def _analyse(dsn: str) -> None:
    """As autovacuum does within a minute: plans that were made for empty tables would be measured otherwise."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")


def _add(found: dict[str, list[Round]], name: str, one: Round) -> None:
    found.setdefault(name, []).append(one)


class Events:
    """Of some dossiers, in their order, however many; no two requests tell the same."""

    def __init__(self, sizes: Sizes, *, key: str = "none") -> None:
        self._key = key
        self._codes, self._next = codes(sizes.dossiers), 0

    @property
    def dossiers(self) -> int:
        return len(self._codes)

    @property
    def told(self) -> int:
        """Events so far."""
        return self._next

    def tell_dossiers(self, ports: Sequence[int]) -> None:
        """The dossiers themselves; each must be there before its first event."""
        asks = [_bytes(put(code, key=self._key)) for code in self._codes]
        uvloop.run(asking.closed_loop(ports, (asks.__getitem__, taken), lines=8, until=(600.0, len(asks))))

    def one(self, _: int) -> bytes:
        """The next event alone."""
        code, event = self._event()
        return _bytes(ask("POST", f"/v1/dossiers/{code}/status-events", event, key=self._key))

    def some(self, count: int) -> asking.Make:
        """Requests of the next `count` events."""

        def make(_: int) -> bytes:
            items = [{"dossier_code": code, **event} for code, event in (self._event() for _ in range(count))]
            return _bytes(ask("POST", "/v1/status-events", {"events": items}, key=self._key))

        return make

    def _event(self) -> tuple[str, dict[str, Any]]:
        """Every dossier's first, then every one's second: a caller is never two events of a dossier ahead."""
        number, place = divmod(self._next, len(self._codes))
        self._next += 1
        status = (4, 6)[number % 2] if number else 2
        return self._codes[place], step(number, status, BEGAN + timedelta(hours=1, minutes=number))


def lines_of(events: int) -> int:
    """With large batches there are fewer callers, or a dossier's events would overtake one another."""
    return min(CALLERS, UNDER_WAY // events)


def _told(ours: Gateway, make: asking.Make, until: tuple[float, int], *, events: int = 1, pace: float = 0.0) -> Round:
    """From as many callers as `lines_of` says."""
    meter = Meter(gateway_of(ours), ours=ours)
    manner = asking.Manner(pace=pace, shed=not_taken)
    lines = lines_of(events)
    loop = asking.closed_loop(ours.ports, (make, taken), lines=lines, until=until, manner=manner)
    return meter.round(uvloop.run(loop), events=events)


def _told_peer(peer: subjects.Running, make: asking.Make, until: tuple[float, int], *, ours: Gateway) -> Round:
    """On the PostgreSQL of ours."""
    meter = Meter(peer, ours=ours)
    manner = asking.Manner(shed=not_taken)
    loop = asking.closed_loop(peer.ports, (make, taken), lines=CALLERS, until=until, manner=manner)
    return meter.round(uvloop.run(loop))


def taken(_: int, status: int, body: bytes) -> str:
    return "" if status == 202 and not _leaves_out(body) else f"{status}: {body[:600].decode(errors='replace')}"


def not_taken(status: int, body: bytes) -> str:
    """The code of an answer by which events were not taken in, and say so; empty: they were, or it says neither."""
    if status == 202:
        return "202 with refused events" if _leaves_out(body) else ""
    return questions.coded(status, body) if status >= 400 else ""


def _leaves_out(body: bytes) -> bool:
    return body.startswith(b'{"refused":') and not body.startswith(b'{"refused":0,')


def _bytes(ask: Ask) -> bytes:
    return ask.head + ask.body


def _direct(ours: Gateway, seconds: float) -> Round:
    """A caller waits for its commit; they share 16 connections."""

    async def callers() -> asking.Answers:
        answers = asking.Answers()
        async with AsyncConnectionPool(ours.dsn, min_size=16, max_size=16, open=False) as pool:
            async with pool.connection() as connection:
                await connection.execute("CREATE TABLE IF NOT EXISTS direct (id bigserial PRIMARY KEY, body jsonb)")
            began = time.perf_counter()

            async def caller() -> None:
                while (asked := time.perf_counter()) < began + seconds:
                    async with pool.connection() as connection:
                        await connection.execute(STATEMENT, (EVENT,))
                    answers.waits.append(time.perf_counter() - asked)

            await asyncio.gather(*(caller() for _ in range(CALLERS)))
            answers.seconds = time.perf_counter() - began
        return answers

    before = time.process_time(), ours.cpu()["postgres"]
    answers = uvloop.run(callers())
    after = time.process_time(), ours.cpu()["postgres"]
    cpu, postgres = ((late - early) * 1000 / answers.count for early, late in zip(before, after, strict=True))
    rate, waits = answers.count / answers.seconds, answers.waits
    found = Round(answers.count, rate, cut(waits, 0.5) * 1000, cut(waits, 0.99) * 1000, cpu, 0, postgres, 0)
    return replace(found, answers=answers.count)


def queue(plan: Plan, sizes: Sizes, *, say: Say) -> Found:
    """Delivery to a target that answers at once: the queue alone. Beside it the plainest loops on the same cluster.
    The first turn of everybody is thrown away."""
    rounds: dict[str, list[Round]] = {}
    with postgres() as database:
        for number in range(plan.rounds + 1):
            say(f"delivery: round {number} of {plan.rounds}")
            _add(rounds, GATEWAY, uvloop.run(_delivered(database, sizes, number)))
            for batch in (1, 20):
                plain_insert(database.dsn, rows=1000 * batch, batch=500)
                _add(rounds, f"plain_{batch}", _rate_only(plain_take(database.dsn, batch=batch), 1000 * batch))
    return {"delivery": _warmed(rounds)}, {}


def _warmed(rounds: dict[str, list[Round]]) -> dict[str, list[Round]]:
    """Without everybody's first."""
    return {name: its[1:] for name, its in rounds.items()}


async def _delivered(on: Postgres, sizes: Sizes, number: int) -> Round:
    async with tables(on.dsn, size=25) as database:
        outbox = PostgresOutbox(database, Keyring.ephemeral())
        size = (sizes.streams, 4)
        found = await delivery.one_round(database, outbox, name=f"r{number}", size=size, postgres=on)
    return Round(sizes.streams * 4, found["rate"], 0, 0, found["worker_ms"], 0, found["postgres_ms"], 0)


def _rate_only(rate: float, rows: int) -> Round:
    return Round(rows, rate, 0, 0, 0, 0, 0, 0)
