"""The tables of `curves.md` and `performance.md`. Words stand there by hand; what is measured stands between markers
and is replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from comparison.commit import origin
from comparison.table import waits_of

from curving.points import short
from curving.shares import table

CURVES, PERFORMANCE = "curves.md", "performance.md"
MOST_LOAD, LEAST_ROUNDS = 1.5, 3
ASKED = {
    "record": "person, reply of the register",
    "enterprise": "firm, reply of the register",
    "dossier": "dossier taken in",
    "citizen": "citizen look-up",
    "intake": "event taken in",
    "delivery": "message delivered",
}
ALONG = {
    "payload": "bytes",
    "concurrency": "callers",
    "backlog": "due rows",
    "log": "leaves",
    "tenants": "tenants",
}
MORE = {
    "callers": "callers",
    "proof_p50_ms": "inclusion proof p50, ms",
    "idle_ms_s": "idle CPU, ms a second: gateway",
    "idle_postgres_ms_s": "PostgreSQL",
}


def curve(name: str, found: Mapping[str, Any]) -> str:
    """One curve as a table of all its points, with its profiles."""
    everything = [(asked, one) for asked, points in found["series"].items() for one in points]
    more = [key for key in MORE if any(key in one for _, one in everything)]
    head = [
        "",
        ALONG[name],
        "p50, p99 ms",
        "CPU ms: gateway, PostgreSQL",
        "a second",
        "RSS MB",
        *(MORE[key] for key in more),
    ]
    lines = provisional(found, rounds=found["options"]["rounds"])
    lines += ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += [_row(asked, one, more) for asked, one in everything]
    options = found["options"]
    lines += [
        "",
        f"{origin(found)}; load {found['load_before']} before and {found['load_after']} after; "
        f"medians of {options['rounds']} rounds of {options['seconds']:g} s or "
        "more.",
    ]
    if found["profiles"]:
        profiled = found["profiled"]
        lines += [
            "",
            table(found["profiles"]),
            "",
            f"Profiles: {origin(profiled)}; load {profiled['load_before']} before.",
        ]
    return "\n".join(lines)


def _row(asked: str, one: Mapping[str, Any], more: Sequence[str]) -> str:
    waits = waits_of(one) if one["p99_ms"] else ""
    cpu = f"{one['cpu_ms']:.3f}, {one['postgres_cpu_ms']:.3f}"
    rss = f"{one['rss_mb']:,.0f}" if one["rss_mb"] else ""
    cells = [ASKED[asked], short(one["x"]), waits, cpu, f"{one['rate']:,.0f}", rss]
    cells += [_more(one, key) for key in more]
    return "| " + " | ".join(cells) + " |"


def _more(one: Mapping[str, Any], key: str) -> str:
    return "" if key not in one else f"{one[key]:g}" if key == "callers" else f"{one[key]:.2f}"


def provisional(found: Mapping[str, Any], *, rounds: int) -> list[str]:
    """A line where the machine was busy or the rounds were few; none where neither."""
    why = []
    if found["load_before"] > MOST_LOAD:
        why.append(f"the machine was busy (load {found['load_before']} before, more than {MOST_LOAD:g})")
    if rounds < LEAST_ROUNDS:
        why.append(f"there were fewer than {LEAST_ROUNDS} rounds ({rounds})")
    return [f"**PROVISIONAL**: {' and '.join(why)}.", ""] if why else []


def fill(folder: Path, parts: Mapping[str, str], *, name: str = CURVES) -> None:
    """Each part into that page of the folder, between its markers; without a page nothing happens."""
    path = folder / name
    if path.exists():
        text = path.read_text(encoding="utf-8")
        for part, content in parts.items():
            text = replaced(text, part, content)
        path.write_text(text, encoding="utf-8")


def replaced(text: str, name: str, content: str) -> str:
    """`ValueError`: the page has no such place."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    first = text.index(begin) + len(begin)
    last = text.index(end, first)
    return f"{text[:first]}\n{content.strip()}\n\n{text[last:]}"
