"""The gateway with everything on beside what a user would pick instead, in one run; ratios are what counts.

    .venv/bin/python bench/compare.py [--cases citizen signed …] [--subjects gateway naive_async …] [--rounds 5]
        [--seconds 2] [--write docs] [--check]

A case that is not asked for stays in the written result as it was, with its own day, machine and load.

A canned upstream answers everybody, with answers recorded from the mocks as this begins. Rounds go in turns (A, B, C,
A, B, C …), the subject alone on one core, everything else on the others; the load generator looks at every answer.
`bench/peers/setup.sh` installs the peers; those that are not there are named as absent. `--check`: compare the written
result with `bench/bars.toml` and end with 1 where a bar does not hold, or where a case was measured with other code
than there is now (`--of-any-commit`: it may). `--check-only` does that alone. `--record` raises the bars to what the
last result reached beyond them, but for those that are aims; `--lower CASE WHY` lets those of one case down to it, and
says so in the file.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import result
from comparison import asking, bars, carrying, commit, events, machine, plot, running, slow_target, table
from comparison.cases import CASES, Case
from comparison.events import Found, Sizes
from comparison.figures import Round, compared
from comparison.running import Plan
from comparison.subjects import GATEWAY, TITLES
from result import RESULTS
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

HERE = Path(__file__).resolve().parent
BARS = HERE / "bars.toml"
NAME = "comparison"
EVENTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "intake": (
        ("intake", "Durable intake, one event a request"),
        ("intake_batch", "Durable intake, ten events a request"),
        ("intake_batch_100", "Durable intake, a hundred events a request"),
        ("intake_batch_500", "Durable intake, five hundred events a request"),
        ("intake_half", "Durable intake at half of our rate"),
    ),
    "delivery": (("delivery", "Delivery: the queue alone"),),
    "delivery_http": (("delivery_http", "Delivery over HTTP, one worker"),),
}
IN_REQUEST = {"intake_batch": 10, "intake_batch_100": 100, "intake_batch_500": 500}
WORK = {
    "intake": "an event is durable before its 202; {apis} API processes of ours, {apis} of FastAPI's, none "
    "between PostgreSQL and the callers that insert; all cores for everybody",
    "intake_batch": "as above, {apis} API processes; a figure is that of one event, a wait that of a request",
    "intake_batch_100": "as above, {apis} API processes",
    "intake_batch_500": "as above, {apis} API processes",
    "intake_half": "{apis} API processes; requests are due at fixed moments, and a wait begins when one was due",
    "delivery": "everybody in one process: claim, one acknowledgement a message, release; the target answers at once",
    "delivery_http": "one worker process: claim, sign-on, HTTP to the canned portal, two sealed bodies in the log, "
    "acknowledge, the index behind the log; CPU from when it is idle until it is idle again; the portal "
    "does not run on the first core",
}


def main() -> int:
    options = _options()
    is_run = not (options.check_only or options.record or options.lower)
    left = compare(options) if is_run else {}
    for name, why in left.items():
        print(f"{name}: we {why}", file=sys.stderr)
    if options.record or options.lower:
        record(options.write, bars.Lowering(*options.lower or ()))
    is_checked = options.check or options.check_only
    held = check(options.write, of_any_commit=options.of_any_commit) if is_checked else 0
    return 1 if left else held


def compare(options: argparse.Namespace) -> dict[str, str]:
    """Everything that was asked for; each case is written as it is done, and is a line on the terminal. Cases that we
    left, because an answer of ours was wrong or did not come, and why."""
    plan = Plan(
        rounds=options.rounds, seconds=options.seconds, warm_s=options.warm, only=frozenset(options.subjects or ())
    )
    head: dict[str, Any] = {**result.head(), "cores": machine.cores().told(), "options": running.options_of(plan)}
    left: dict[str, str] = {}
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with progress:
        task = progress.add_task("")

        def say(words: str) -> None:
            progress.update(task, description=words)

        def done(name: str, case: dict[str, Any]) -> None:
            write({name: {**head, "load_after": running.load_now(), **case}}, options.write)
            if GATEWAY in case["absent"]:
                left[name] = case["absent"][GATEWAY]
            progress.console.print(table.terminal(name, case), highlight=False, soft_wrap=True)

        _questions(options.cases, plan, say=say, done=done)
        _events(options, plan, say=say, done=done)
    return left


def _questions(wanted: list[str], plan: Plan, *, say: running.Say, done: Callable[[str, dict[str, Any]], None]) -> None:
    chosen = [case for name, case in CASES.items() if name in wanted]
    for kind in dict.fromkeys(case.kind for case in chosen):
        cases = [case for case in chosen if case.kind == kind]
        names = frozenset(name for case in cases for name in case.subjects if plan.takes(name))
        with running.stage(kind, wanted=names, say=say) as stage:
            for case in cases:
                rounds, absent = running.run(case, stage, plan, say=say)
                done(case.name, _told(case, rounds, absent, cores=stage.cores))
    if slow_target.NAME in wanted:
        names = frozenset(name for name in slow_target.SUBJECTS if plan.takes(name))
        with running.stage(slow_target.KIND, wanted=names, say=say) as stage:
            done(slow_target.NAME, slow_target.told(*slow_target.run(stage, plan, say=say)))


def _told(
    case: Case, rounds: Mapping[str, list[Round]], absent: Mapping[str, str], *, cores: machine.Cores
) -> dict[str, Any]:
    shown = "rate" if case.waits else "cpu_ms"
    work = "; ".join(filter(None, (case.work, case.kind.words)))
    head: dict[str, Any] = {"title": case.title, "work": work, "lines": case.lines, "shown": shown}
    head["cores"] = cores.told(subject_anywhere=not case.is_pinned)
    return {**head, "subjects": compared(rounds, ours=GATEWAY), "absent": dict(absent)}


def _events(
    options: argparse.Namespace, plan: Plan, *, say: running.Say, done: Callable[[str, dict[str, Any]], None]
) -> None:
    sizes = Sizes(dossiers=options.dossiers, apis=options.apis)
    ways: Mapping[str, Callable[..., Found]] = {
        "intake": events.intake, "delivery": events.queue, "delivery_http": carrying.wire
    }  # fmt: skip
    for name, way in ways.items():
        if name not in options.cases:
            continue
        try:
            found, absent = way(plan, sizes, say=say)
        except (asking.WrongAnswer, TimeoutError) as exc:
            found, absent = {}, {GATEWAY: f"left: {exc or 'no answer'}"}
        for case, title in EVENTS[name]:
            lines = events.lines_of(IN_REQUEST.get(case, 1)) if name == "intake" else 0
            shown = "p99_ms" if case == "intake_half" else "rate"
            head: dict[str, Any] = {
                "title": title,
                "work": WORK[case].format(apis=sizes.apis),
                "lines": lines,
                "shown": shown,
            }
            head["cores"] = machine.cores().told(subject_anywhere=True, others_anywhere=True)
            missing = {one: why for one, why in absent.items() if case == "intake" or one == GATEWAY}
            done(case, {**head, "subjects": compared(found.get(case, {}), ours=GATEWAY), "absent": missing})


def write(found: Mapping[str, Any], folder: Path) -> None:
    """`comparison.json`, `comparison.md` and `comparison.svg`; cases that were not measured now stay as they were."""
    latest = folder / f"{NAME}.json"
    whole = {"cases": merged(result.kept(latest), found)}
    result.write(latest, whole)
    (folder / f"{NAME}.md").write_text(table.markdown(whole), encoding="utf-8")
    (folder / f"{NAME}.svg").write_text(plot.plot(whole), encoding="utf-8")


def merged(before: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Cases in their order. Results of old told day, machine and load once for all cases: each gets its own."""
    head = {name: value for name, value in before.items() if name != "cases"}
    cases = {name: {**head, **case} for name, case in before.get("cases", {}).items()} | dict(found)
    order = [*CASES, slow_target.NAME, *(name for way in EVENTS.values() for name, _ in way)]
    return {name: cases[name] for name in order if name in cases}


def record(folder: Path, lowering: bars.Lowering) -> None:
    """Every bar is the best of itself and the last result; those of one case may be let down."""
    latest = result.kept(folder / f"{NAME}.json")
    BARS.write_text(bars.written(bars.recorded(latest, bars.read(BARS), lowering)), encoding="utf-8")


def check(folder: Path, *, of_any_commit: bool) -> int:
    """Whether every bar holds, and is held against the code of now; a line for each, and for each case that is not."""
    latest = folder / f"{NAME}.json"
    if not latest.exists():
        print("There is no result yet: make bench-compare", file=sys.stderr)
        return 1
    found = result.kept(latest)
    verdicts, old = bars.check(found, bars.read(BARS)), dict(others(found["cases"]))
    for words in (*(verdict.words for verdict in verdicts), *old.values()):
        print(words)
    is_of_now = of_any_commit or not old
    return 0 if is_of_now and all(verdict.holds for verdict in verdicts) else 1


def others(cases: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Cases that were measured with other code than there is now, and what is to be said of each."""
    for name, case in cases.items():
        measured = case.get("commit", "")
        if not commit.is_todays(measured):
            of = commit.short(measured) or "of no commit"
            yield name, f"OTHER  {name}: {case['on']}, {of}; the code is another now"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cases = [*CASES, slow_target.NAME, *EVENTS]
    parser.add_argument("--cases", nargs="+", choices=cases, default=cases)
    parser.add_argument("--subjects", nargs="+", choices=list(TITLES), help="besides the gateway; none named: all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of a round; twice that where most is waiting")
    parser.add_argument("--warm", type=float, default=1.0, help="seconds before the first round")
    parser.add_argument("--dossiers", type=int, default=1000, help="that events are told of")
    parser.add_argument("--apis", type=int, default=2, help="API processes that take in events")
    parser.add_argument("--write", type=Path, default=RESULTS, help="folder for comparison.json, .md and .svg")
    parser.add_argument("--check", action="store_true", help="then hold the result against bench/bars.toml")
    parser.add_argument("--check-only", action="store_true", help="hold the last result against bench/bars.toml")
    parser.add_argument("--of-any-commit", action="store_true", help="results of other code count, too")
    parser.add_argument("--record", action="store_true", help="raise the bars to the last result")
    parser.add_argument("--lower", nargs=2, metavar=("CASE", "WHY"), help="and let those of one case down to it")
    options = parser.parse_args()
    if options.lower and not (options.lower[0] in cases and options.lower[1].strip()):
        parser.error("--lower names one of the cases, and a reason")
    return options


if __name__ == "__main__":
    sys.exit(main())
