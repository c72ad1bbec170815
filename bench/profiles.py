"""Where the CPU of a request goes, by part of the code: py-spy beside the gateway under the load of the comparison.

    .venv/bin/python bench/profiles.py [--case citizen signed …] [--seconds 12] [--write docs]

Shares of the samples of one process (the API; of delivery the worker) while it has as much to do as it can. A sample is
that of the innermost frame that belongs to a part (`bench/curving/shares.py`). A case that is not asked for stays in
the written result as it was. `bench/peers/setup.sh` installs py-spy; without it nothing is told.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ground
import psycopg
from comparison import events, machine, running
from comparison.cases import CASES
from comparison.questions import Asking
from comparison.running import ENOUGH, gateway_of
from comparison.subjects import GATEWAY, Absent
from curving import page, spying
from curving.measuring import load
from curving.shares import table
from ground import Gateway
from journey import FAST

RESULTS = Path(__file__).resolve().parents[1] / ".run/bench"
ASKED = ("citizen", "signed", "enterprise", "payment")
WARM_S = 2.0
DELIVERED = 1200
"""Dossiers, four events each: more than a worker delivers meanwhile."""
UP_WITHIN_S = 60.0
Shares = Mapping[str, float]


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended, too
    found: dict[str, Shares] = {}
    try:
        spying.spy()
        for name in options.case:
            found[name] = _profile(name, options.seconds)
    except Absent as exc:
        print(f"absent: {exc}", file=sys.stderr)
        return 1
    write(found, options.write)
    return 0


def write(found: Mapping[str, Shares], folder: Path) -> None:
    """`profiles.json`, and the table of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "profiles.json"
    before: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    on = {"on": datetime.now(UTC).date().isoformat(), "machine": machine.words_of()}
    result = before | {name: {**on, "shares": shares} for name, shares in found.items()}
    kept.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    told = table({name: one["shares"] for name, one in result.items()})
    notes = ", ".join(sorted({f"{one['on']}, {one['machine']}" for one in result.values()}))
    page.fill(folder, {"profiles": f"{told}\n\n{notes}."})
    print(told)


def _profile(name: str, seconds: float) -> Shares:
    with ground.folder() as where:
        if name in ASKED:
            return _lookups(where, name, seconds)
        return _intake(seconds) if name == "intake" else _delivery(where, seconds)


def _lookups(where: Path, name: str, seconds: float) -> Shares:
    case = CASES[name]
    with running.stage(where, case.kind, wanted=frozenset([GATEWAY]), say=_say) as stage:
        assert stage.ours
        return _under_load(stage.ours, case.ask(stage.ours.key), seconds, lines=case.lines)


def _intake(seconds: float) -> Shares:
    with ground.gateway(settings=FAST) as ours:
        told = events.Events(events.Sizes(), key=ours.key)
        told.tell_dossiers(ours.ports)
        return _under_load(ours, Asking(make=told.one, complaint=events.taken), seconds, lines=events.CALLERS)


def _under_load(ours: Gateway, asked: Asking, seconds: float, *, lines: int) -> Shares:
    ask = load(ours.ports, asked, lines=lines)
    ask((WARM_S, ENOUGH))
    _say("py-spy looks")
    return spying.profiled(gateway_of(ours).pids[0], seconds, lambda span: ask((span, ENOUGH)))


def _delivery(where: Path, seconds: float) -> Shares:
    """A worker that has started to deliver, until the time is over or nothing is left."""
    with events.before_portal(where) as ours:
        told = events.Events(events.Sizes(dossiers=DELIVERED), key=ours.key)
        told.tell_dossiers(ours.ports)
        _say("dossiers are told of")
        load(ours.ports, Asking(make=told.one, complaint=events.taken), lines=events.CALLERS)((600.0, DELIVERED * 4))
        ours.town.start_worker("worker")
        _until_delivering(ours)
        _say("py-spy looks")
        return spying.profiled(ours.town.processes["worker"].pid, seconds, time.sleep)


def _until_delivering(ours: Gateway) -> None:
    with psycopg.connect(ours.dsn, autocommit=True, options="-c search_path=lienthong,public") as connection:
        end = time.monotonic() + UP_WITHIN_S
        while connection.execute("SELECT 1 FROM message WHERE acknowledged_at IS NOT NULL LIMIT 1").fetchone() is None:
            if time.monotonic() > end:
                raise SystemExit("The worker delivers nothing.")
            time.sleep(0.1)


def _say(words: str) -> None:
    print(words, file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cases = [*ASKED, "intake", "delivery"]
    parser.add_argument("--case", nargs="+", choices=cases, default=cases)
    parser.add_argument("--seconds", type=float, default=12.0, help="that py-spy looks")
    parser.add_argument("--write", type=Path, default=RESULTS, help="folder for profiles.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
