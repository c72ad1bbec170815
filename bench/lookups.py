"""What each kind of look-up costs with everything on: key, purpose, fields, limits, mapping, comparison, two leaves of
evidence.

    .venv/bin/python bench/lookups.py [--rounds 5] [--seconds 2] [--lines 16] [--write docs]

`lienthong api` before the canned upstream of the comparison, on a core of its own. Each question is asked over REST,
and one of them over SOAP, in turns; medians of the rounds. CPU is that of the gateway and of PostgreSQL; every answer
is looked at. `--write`: the table of performance.md in that folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import result
from comparison import questions, running
from comparison.commit import origin
from comparison.figures import Round, middle
from comparison.purpose import PURPOSE
from comparison.questions import PEOPLE, Asking
from comparison.running import ENOUGH, Meter
from comparison.subjects import GATEWAY
from comparison.table import waits_of
from curving import page
from curving.measuring import load
from result import RESULTS
from rich.console import Console
from rich.progress import track

NUMBER, NAME, BORN = PEOPLE[0]
CITIZEN = {"personal_id": NUMBER, "full_name": NAME, "birth_date": BORN, "purpose": PURPOSE}
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns="https://lienthong.example.vn/soap/v1">'
    f"<s:Body><verify_citizen><request><personal_id>{NUMBER}</personal_id><full_name>{NAME}</full_name>"
    f"<birth_date>{BORN}</birth_date><purpose><dossier_code>{PURPOSE['dossier_code']}</dossier_code>"
    f"<procedure_code>{PURPOSE['procedure_code']}</procedure_code><officer_id>{PURPOSE['officer_id']}</officer_id>"
    f"<agency_id>{PURPOSE['agency_id']}</agency_id></purpose></request></verify_citizen></s:Body></s:Envelope>"
)


def main() -> int:
    options = _options()
    head = result.head()
    with running.alone(result.say) as (stage, ours):
        subject, asks = stage.running[GATEWAY], asked_by(ours.key)
        loads = {name: load(subject.ports, ask, lines=options.lines) for name, ask in asks.items()}
        for ask in loads.values():
            ask((1.0, ENOUGH))  # warm
        found: dict[str, list[Round]] = {name: [] for name in asks}
        turns = [name for _ in range(options.rounds) for name in asks]
        for name in track(turns, "asking", console=Console(stderr=True), transient=True):
            meter = Meter(subject, upstream=stage.upstream_pid, ours=ours)
            found[name].append(meter.round(loads[name]((options.seconds, ENOUGH))))
    told = {
        **head,
        "load_after": running.load_now(),
        "options": {"rounds": options.rounds, "seconds": options.seconds, "lines": options.lines},
        "questions": {name: middle(rounds) for name, rounds in found.items()},
    }
    result.write(options.write / "lookups.json", told)
    page.fill(options.write, {"lookups": table(told)}, name=page.PERFORMANCE)
    print(table(told))
    return 0


def asked_by(key: str) -> Mapping[str, Asking]:
    """Each kind of question, and what its answer must be."""
    record = {**CITIZEN, "fields": ["full_name", "permanent_address"]}
    return {
        "citizen, REST → SOAP": questions.citizen(key),
        "citizen, SOAP → SOAP": _telling(_soap(key), b">match</"),
        "record, REST → SOAP": _telling(
            questions.wired("POST", "/v1/citizens/lookup", record, key=key), b'"permanent_address"'
        ),
        "enterprise, REST → REST over a platform with a token": questions.enterprise(key),
    }


def _soap(key: str) -> bytes:
    headers = {"Content-Type": "text/xml; charset=utf-8", "Authorization": f"Bearer {key}"}
    return questions.request("POST", "/soap", headers, ENVELOPE.encode())


def _telling(ask: bytes, expected: bytes) -> Asking:
    def complaint(_: int, status: int, body: bytes) -> str:
        is_right = status == 200 and expected in body
        return "" if is_right else f"{status}: {body[:600].decode(errors='replace')}"

    return Asking(make=lambda _: ask, complaint=complaint)


def table(told: Mapping[str, Any]) -> str:
    options = told["options"]
    lines = page.provisional(told, rounds=options["rounds"])
    lines += ["| Question | a second | p50, p99 ms | CPU ms: gateway, PostgreSQL |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {one['rate']:,.0f} | {waits_of(one)} | {one['cpu_ms']:.2f}, {one['postgres_cpu_ms']:.2f} |"
        for name, one in told["questions"].items()
    ]
    said = f"load {told['load_before']} before and {told['load_after']} after"
    rounds = f"medians of {options['rounds']} rounds of {options['seconds']:g} s in turns, {options['lines']} callers"
    return "\n".join([*lines, "", f"{origin(told)}; {said}; {rounds}."])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of a round")
    parser.add_argument("--lines", type=int, default=16, help="callers at a time")
    parser.add_argument("--write", type=Path, default=RESULTS, help="folder for lookups.json, performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
