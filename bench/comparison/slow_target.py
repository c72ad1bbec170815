"""One target that answers after 13 seconds, asked by 200 callers at once, and what that does to those who ask another
target meanwhile: their waits with and without the 200, in turns.

CPU is not told: what the process uses meanwhile is for the 200, too, and cannot be told apart.

The 200 do as told: whoever is given `Retry-After` waits so long. And they do not: an answer that says nothing is asked
for again at once. Everything that the slow target's callers are answered is looked at and counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import psycopg
import uvloop

from comparison import asking, questions, subjects
from comparison.asking import Answers, Manner
from comparison.cases import PYTHON, Kind
from comparison.figures import Round, compared, middle, ratio
from comparison.questions import Asking
from comparison.running import ENOUGH, Meter, Plan, Say, Stage
from comparison.subjects import GATEWAY

NAME = "slow_target"
KIND = Kind()
SUBJECTS = (GATEWAY, *PYTHON, "fastify_soap")
DELAY_S, CALLERS, LINES = 13.0, 200, 16
SLOW_PATH, SLOW_SYSTEM = "/csdldc/", "population"
BESIDE_S, SETTLE_S = 16.0, 1.0
"""A round beside them is longer than the target takes; it begins when their first rush has come in. Without them it is
as long, half before and half after, so that a machine that grows slower or faster meanwhile does so for both."""
MOST_ROUNDS, ONE_IN = 5, 3
"""Of the rounds of other cases it has a third: one of each subject is half a minute."""
TITLE = f"One target that takes {DELAY_S:g} s, {CALLERS} callers of it: the waits at another target"


@dataclass
class Found:
    """Of one subject: rounds without and with the callers of the slow target, and what those were answered."""

    alone: list[Round] = field(default_factory=list)
    beside: list[Round] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)


def run(on: Stage, plan: Plan, *, say: Say) -> tuple[dict[str, Found], dict[str, str]]:
    """All rounds of each subject in turns, and why others are absent."""
    on.control(f"delay/{DELAY_S * 1000:g}{SLOW_PATH}")
    absent = {name: why for name, why in on.absent.items() if name in SUBJECTS}
    found: dict[str, Found] = {}
    for number in range(rounds_of(plan)):
        for name in SUBJECTS:
            if name not in on.running or name in absent:
                continue
            say(f"{NAME}: round {number + 1}, {subjects.TITLES[name]}")
            try:
                _turn(on, name, plan, found.setdefault(name, Found()), is_first=number == 0)
            except (asking.WrongAnswer, TimeoutError) as exc:
                absent[name] = f"left in round {number + 1}: {exc or 'no answer'}"
                found.pop(name)
    if on.ours and GATEWAY in found:
        found[GATEWAY].outcomes += _attempts(on.ours.dsn)
    return found, absent


def rounds_of(plan: Plan) -> int:
    return min(max(plan.rounds // ONE_IN, 1), MOST_ROUNDS)


def _attempts(dsn: str) -> Counter[str]:
    """What our own leaves say became of each attempt at the slow target."""
    said = "convert_from(leaf, 'UTF8')::jsonb"
    question = f"SELECT {said} ->> 'outcome', count(*) FROM audit_leaf WHERE {said} ->> 'system' = %s GROUP BY 1"
    with psycopg.connect(dsn, options="-c search_path=lienthong,public") as connection:
        rows = connection.execute(question, (SLOW_SYSTEM,)).fetchall()
    return Counter({f"leaf {outcome}": count for outcome, count in rows})


def _turn(on: Stage, name: str, plan: Plan, found: Found, *, is_first: bool) -> None:
    key = on.ours.key if name == GATEWAY and on.ours else "none"
    others, slow = questions.enterprise(key), questions.citizen(key)
    subject = on.running[name]
    subject.move(on.cores.subject)
    if is_first:
        uvloop.run(_ask(subject.ports, others, seconds=plan.warm_s))
    before = uvloop.run(_ask(subject.ports, others, seconds=BESIDE_S / 2))
    beside, callers = uvloop.run(_beside(subject.ports, others, slow))
    after = uvloop.run(_ask(subject.ports, others, seconds=BESIDE_S / 2))
    found.alone.append(_round(on, name, asking.joined(before, after)))
    found.beside.append(_round(on, name, beside))
    found.outcomes += callers.shed
    found.outcomes["answered"] += callers.count


def _round(on: Stage, name: str, answers: Answers) -> Round:
    return without_cpu(Meter(on.running[name]).round(answers))


def without_cpu(one: Round) -> Round:
    return replace(one, cpu_ms=0.0, upstream_cpu_ms=0.0, postgres_cpu_ms=0.0, load_cpu_ms=0.0)


async def _ask(ports: Sequence[int], asked: Asking, *, seconds: float) -> Answers:
    manner = Manner(shed=questions.refused)
    ask = (asked.make, asked.complaint)
    return await asking.closed_loop(ports, ask, lines=LINES, until=(seconds, ENOUGH), manner=manner)


async def _beside(ports: Sequence[int], others: Asking, slow: Asking) -> tuple[Answers, Answers]:
    ask, until = (slow.make, slow.complaint), (BESIDE_S + SETTLE_S, ENOUGH)
    manner = Manner(shed=questions.unknown)
    callers = asyncio.ensure_future(asking.closed_loop(ports, ask, lines=CALLERS, until=until, manner=manner))
    await asyncio.wait([callers], timeout=SETTLE_S)
    return await _ask(ports, others, seconds=BESIDE_S), await callers


def told(found: Mapping[str, Found], absent: Mapping[str, str]) -> dict[str, Any]:
    """As a case of the result: figures are those beside the slow target's callers; next to them those without."""
    case = compared({name: one.beside for name, one in found.items()}, ours=GATEWAY)
    for name, one in found.items():
        case[name]["alone"] = middle(one.alone)
        for figure in ("p50_ms", "p99_ms"):
            above, below = ([getattr(each, figure) for each in rounds] for rounds in (one.beside, one.alone))
            case[name][f"{figure[:3]}_of_alone"] = asdict(ratio(above, below))
        case[name]["outcomes"] = dict(one.outcomes)
    work = (
        f"enterprise look-ups beside {CALLERS} callers of the register of citizens; "
        f"a round is {BESIDE_S:g} s beside them, and half of that alone before and after; "
        "a third as many rounds as is said, "
        f"at least one and {MOST_ROUNDS} at the most; "
        "CPU is not told, for it is spent on both"
    )
    return {
        "title": TITLE, "work": work, "lines": LINES, "shown": "p99_ms", "subjects": case, "absent": dict(absent)
    }  # fmt: skip
