"""What each step of a look-up's translation costs: microseconds of CPU, without a socket and without a database.

    .venv/bin/python bench/steps.py [--rounds 9] [--calls 300] [--before <another checkout>]

The steps are those of one look-up in their order: our request into their words, their message, their answer read, their
answer into our words, and what the answer means. With `--before` the same file measures another checkout in turns with
this one, each in a process of its own; medians of the rounds are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, cast

from comparison.purpose import PURPOSE

HERE = Path(__file__).resolve().parents[1]
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CITIZEN = {"personal_id": "099185000001", "full_name": "Trần Thị Mẫu", "birth_date": "1985-06-15", "purpose": PURPOSE}
FIRM = {"enterprise_code": "9900000016", "name": "Công ty TNHH Mẫu Sóc Trăng", "purpose": PURPOSE}
STEPS = ("request", "prepare", "interpret", "reply", "verify")


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which operation of which system, what is asked, the file of the mock that answers, and its media type."""

    system: str
    operation: str
    service: str
    asked: Mapping[str, Any]
    answer: str
    media_type: str


QUESTIONS = {
    "citizen, verification": Question(
        system="population",
        operation="verify_citizen",
        service="verify_citizen",
        asked=CITIZEN,
        answer="verify_reply.xml",
        media_type="application/xml; charset=utf-8",
    ),
    "citizen, record": Question(
        system="population",
        operation="lookup_citizen",
        service="lookup_citizen",
        asked={**CITIZEN, "fields": ["full_name", "permanent_address"]},
        answer="lookup_reply.xml",
        media_type="application/xml; charset=utf-8",
    ),
    "enterprise, first": Question(
        system="business_registry",
        operation="lookup_enterprise",
        service="verify_enterprise",
        asked=FIRM,
        answer="v1.json",
        media_type="application/json; charset=utf-8",
    ),
    "enterprise, second": Question(
        system="business_registry",
        operation="lookup_enterprise",
        service="verify_enterprise",
        asked=FIRM,
        answer="v2.json",
        media_type="application/json; charset=utf-8",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=300, help="of each step in a round")
    parser.add_argument("--before", type=Path, help="another checkout, measured in turns with this one")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        _serve()
        return
    trees = {"now": HERE} | ({"before": options.before.resolve()} if options.before else {})
    workers = {name: _worker(tree) for name, tree in trees.items()}
    found: dict[str, list[dict[str, dict[str, float]]]] = {name: [] for name in trees}
    for number in range(options.rounds + 1):
        for name, worker in workers.items():
            told = _round(worker, options.calls)
            if number:  # the first one warms
                found[name].append(told)
    for worker in workers.values():
        worker.stdin.close()
        worker.wait()
    _print(found)


def _worker(tree: Path) -> Any:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, str(Path(__file__).resolve()), "--serve"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)


def _round(worker: Any, calls: int) -> dict[str, dict[str, float]]:
    worker.stdin.write(f"{calls}\n")
    worker.stdin.flush()
    return cast("dict[str, dict[str, float]]", json.loads(worker.stdout.readline()))


def _print(found: Mapping[str, list[dict[str, dict[str, float]]]]) -> None:
    names = list(reversed(found))
    head = "  ".join(f"{step:>{8 * len(names)}}" for step in (*STEPS, "there", "back"))
    print(f"{'us of CPU: ' + ' → '.join(names):<24}{head}")
    for question in QUESTIONS:
        cells = []
        for step in STEPS:
            cells.append([median(each[question][step] for each in found[name]) for name in names])
        cells.append([sum(parts) for parts in zip(cells[0], cells[1], strict=True)])
        cells.append([sum(parts) for parts in zip(cells[2], cells[3], strict=True)])
        row = "  ".join(" →".join(f"{value:>6.1f}" for value in cell).rjust(8 * len(names)) for cell in cells)
        print(f"{question:<24}{row}")


def _serve() -> None:
    """Measure a round for each number of calls that is read."""
    steps = {name: _steps(question) for name, question in QUESTIONS.items()}
    for line in sys.stdin:
        told = {name: {step: _measured(do, int(line)) for step, do in found.items()} for name, found in steps.items()}
        print(json.dumps(told), flush=True)


def _measured(do: Callable[[], object], calls: int) -> float:
    began = time.process_time_ns()
    for _ in range(calls):
        do()
    return (time.process_time_ns() - began) / calls / 1000


def _steps(question: Question) -> dict[str, Callable[[], object]]:
    """The code of whichever checkout this process runs in."""
    from gateway.domain import Context, Purpose
    from gateway.exchange.model import Exchanged
    from gateway.lookups.service import Lookups
    from gateway.mapping import load
    from gateway.registry import discover
    from gateway.sdk import Answered, Call, WireReply

    kind = discover()[question.system]
    connector = kind(kind.manifest.settings.model_validate(dict(kind.manifest.sandbox)))
    mappings = load(HERE / "mappings" / question.system)
    content = (HERE / "mocks" / question.system / "samples" / question.answer).read_bytes()
    reply = WireReply(status=200, headers={"content-type": question.media_type}, content=content)
    operation, asked = question.operation, {k: v for k, v in question.asked.items() if k not in {"fields", "name"}}
    call = Call(
        operation=operation, body=mappings.request(operation, asked).body, call_id="CALL0000000000000001", at=AT
    )
    outcome = connector.interpret(call, reply)
    if not isinstance(outcome, Answered):
        raise SystemExit(f"{operation}: {outcome}")
    exchanged = Exchanged(
        system=question.system,
        outcome=outcome,
        call_id=call.call_id,
        audit_index=1,
        canonical=mappings.reply(operation, outcome.body),
    )

    class AnswersAtOnce:
        async def ask(self, *_: object, **__: object) -> Exchanged:
            return exchanged

    context = Context(tenant="H99", actor="bench", trace_id="0" * 32, traceparent="", purpose=Purpose(**PURPOSE))
    lookups = Lookups(cast("Any", AnswersAtOnce()), clock=lambda: AT, places=cast("Any", None))
    service = getattr(lookups, question.service)
    verified = asyncio.run(service(question.asked, context=context))
    if verified.verdict != "match":
        raise SystemExit(f"{operation}: {verified}")
    return {
        "request": lambda: mappings.request(operation, asked),
        "prepare": lambda: connector.prepare(call),
        "interpret": lambda: connector.interpret(call, reply),
        "reply": lambda: mappings.reply(operation, outcome.body),
        "verify": lambda: _ended(service(question.asked, context=context)),
    }


def _ended(coroutine: Coroutine[Any, Any, object]) -> object:
    """What never waits needs no event loop."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise SystemExit("It waited.")


if __name__ == "__main__":
    main()
