"""Where the CPU of a request goes, by part of the code: py-spy beside the gateway under the load of the comparison.

    .venv/bin/python bench/profiles.py [--case citizen signed …] [--seconds 12] [--write docs]

Shares of the samples of one process (the API; of delivery the worker) while it has as much to do as it can. A sample is
that of the innermost frame that belongs to a part (`bench/curving/shares.py`). A case that is not asked for stays in
the written result as it was. `bench/peers/setup.sh` installs py-spy; without it nothing is told.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import ground
import result
from comparison import carrying, events, machine, running
from comparison.cases import CASES
from comparison.commit import origin
from comparison.questions import Asking
from comparison.running import ENOUGH, gateway_of
from comparison.subjects import Absent
from curving import page, spying
from curving.measuring import load
from curving.shares import table
from curving.spying import Profile
from ground import Gateway
from result import RESULTS

ASKED = ("citizen", "signed", "enterprise", "payment")
WARM_S = 2.0
DELIVERED_A_SECOND = 300
"""Dossiers, four events and nine messages each: more than a worker delivers meanwhile."""


def main() -> int:
    options = _options()
    found: dict[str, dict[str, Any]] = {}
    try:
        spying.spy()
        for name in options.case:
            head = result.head()
            found[name] = {**head, **asdict(_profile(name, options.seconds))}
    except Absent as exc:
        print(f"absent: {exc}", file=sys.stderr)
        return 1
    write(found, options.write)
    return 0


def write(found: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    """`profiles.json`, and the table of the page."""
    latest = folder / "profiles.json"
    profiles = result.kept(latest) | dict(found)
    result.write(latest, profiles)
    told = "\n".join([table({name: one["shares"] for name, one in profiles.items()}), "", *_rest(profiles)])
    runs: dict[str, list[str]] = {}
    for name, one in profiles.items():
        runs.setdefault(origin(one), []).append(f"{name} (load {one['load_before']} before)")
    notes = "; ".join(f"{run}: {', '.join(names)}" for run, names in runs.items())
    page.fill(folder, {"profiles": f"{told}\n{notes}."})
    print(told)


def _rest(profiles: Mapping[str, Any]) -> Iterator[str]:
    """What *other of the gateway* is, where it is something."""
    for name, one in profiles.items():
        if files := ", ".join(f"`{file}` {share:.1%}" for file, share in one.get("rest", {}).items()):
            yield f"Other of the gateway, {name}: {files}."
            yield ""


def _profile(name: str, seconds: float) -> Profile:
    if name in ASKED:
        return _lookups(name, seconds)
    return _intake(seconds) if name == "intake" else _delivery(seconds)


def _lookups(name: str, seconds: float) -> Profile:
    case = CASES[name]
    with running.alone(result.say, case.kind) as (_, ours):
        return _under_load(ours, case.ask(ours.key), seconds, lines=case.lines)


def _intake(seconds: float) -> Profile:
    with ground.gateway() as ours:
        told = events.Events(events.Sizes(), key=ours.key)
        told.tell_dossiers(ours.ports)
        return _under_load(ours, Asking(make=told.one, complaint=events.taken), seconds, lines=events.CALLERS)


def _under_load(ours: Gateway, asked: Asking, seconds: float, *, lines: int) -> Profile:
    ask = load(ours.ports, asked, lines=lines)
    ask((WARM_S, ENOUGH))
    result.say("py-spy looks")
    return spying.profiled(gateway_of(ours).pids[0], seconds, lambda span: ask((span, ENOUGH)))


def _delivery(seconds: float) -> Profile:
    """A worker that has delivered for a while, until the time is over; it ends where nothing was left to deliver."""
    dossiers = round((seconds + WARM_S + spying.AHEAD_S) * DELIVERED_A_SECOND)
    with carrying.before_portal() as ours:
        result.say("dossiers are told of")
        carrying.owed(ours, events.Events(events.Sizes(dossiers=dossiers), key=ours.key), dossiers, is_first=True)
        machine.until_idle(carrying.worker_of(ours))
        carrying.resume(ours)
        time.sleep(WARM_S)
        result.say("py-spy looks")
        found = spying.profiled(carrying.worker_of(ours), seconds, time.sleep)
        with carrying.connected(ours) as connection:
            if not carrying.is_behind(connection):
                raise SystemExit("Everything was delivered before the time was over; the worker was idle.")
        return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cases = [*ASKED, "intake", "delivery"]
    parser.add_argument("--case", nargs="+", choices=cases, default=cases)
    parser.add_argument("--seconds", type=float, default=12.0, help="that py-spy looks")
    parser.add_argument("--write", type=Path, default=RESULTS, help="folder for profiles.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
