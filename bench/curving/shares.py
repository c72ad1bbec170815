"""Samples of a process as shares of its time by part of the code.

A sample belongs to the innermost frame whose file is some part's: the time of the standard library, of generated code
and of C without frames is that of whoever called it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

FRAME = re.compile(r"\((.+?)(?::\d+)?\)$")
REST = "other of the gateway"
MOST_FILES = 5


def _packages(names: str) -> tuple[str, ...]:
    return tuple(f"gateway/{name}/" for name in names.split())


PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("audit log", ("gateway/audit/",)),
    ("sealing and signing", ("gateway/signing/", "cryptography/")),
    ("database: gathers and pool", ("gateway/database/", "gateway/sql/")),
    ("psycopg", ("psycopg/", "psycopg_pool/", "psycopg_binary/")),
    (
        "rights, quota, restraint",
        ("gateway/clients/", "gateway/agreements/", "gateway/restraint/", "gateway/operators/", "gateway/approvals/"),
    ),
    ("HTTP edge", ("gateway/api/", "gateway/facade/", "gateway/console/", "gateway/cli/", "fastapi/", "starlette/")),
    ("exchange", ("gateway/exchange/", "gateway/platforms/", "tenacity/", "httpx/", "httpcore/")),
    ("mapping", ("gateway/mapping/", "mappings/")),
    ("connectors, SOAP", ("connectors/", "gateway/sdk/", "lxml/", "zeep/")),
    ("look-ups and domain", ("gateway/lookups/", "gateway/domain/")),
    ("dossiers", _packages("dossiers procedures arrivals cases decisions places numbering catalogues feedback scores")),
    ("payments", _packages("payments receipts refunds ledger reconciliation rechecks callbacks")),
    ("rules", ("gateway/rules/",)),
    ("files", ("gateway/files/",)),
    ("outbox and delivery", ("gateway/delivery/",)),
    ("search index", ("gateway/transactions/",)),
    (
        "chores and watchers",
        _packages("alerts alarms traffic diagnostics chores maintenance retention privacy shadow"),
    ),
    ("start and settings", ("gateway/bootstrap/", "gateway/registry.py", "gateway/settings.py")),
    ("metrics and logs", ("gateway/observability/", "prometheus_client/", "structlog/", "opentelemetry/")),
    ("pydantic", ("pydantic/", "pydantic_core/")),
    ("uvicorn and the loop", ("uvicorn/", "httptools/", "uvloop/", "asyncio/")),
    (REST, ("gateway/",)),
)
OTHER = "other"


def part_of(frame: str) -> str:
    """The part that a frame `name (file:line)` belongs to; empty: nobody's."""
    found = FRAME.search(frame)
    path = found[1] if found else ""
    path = "/" + path.rpartition("site-packages/")[2]
    for part, starts in PARTS:
        if any(f"/{start}" in path for start in starts):
            return part
    return ""


def file_of(frame: str) -> str:
    """Without what stands before the package."""
    found = FRAME.search(frame)
    path = (found[1] if found else "").rpartition("site-packages/")[2]
    at = f"/{path}".find("/gateway/")
    return path[at:] if at >= 0 else path


def rest(lines: Iterable[str]) -> dict[str, float]:
    """The files of the gateway that are no part's, by share of all samples: the greatest few."""
    counted: Counter[str] = Counter()
    total = 0
    for frames, count in _samples(lines):
        total += count
        inner = next(((frame, part) for frame in reversed(frames) if (part := part_of(frame))), ("", ""))
        if inner[1] == REST:
            counted[file_of(inner[0])] += count
    return {file: count / total for file, count in counted.most_common(MOST_FILES)}


def _samples(lines: Iterable[str]) -> Iterator[tuple[list[str], int]]:
    for line in lines:
        stack, _, count = line.rstrip().rpartition(" ")
        if count.isdigit():
            yield stack.split(";"), int(count)


def shares(lines: Iterable[str]) -> dict[str, float]:
    """From the lines of `py-spy record --format raw`: frames from the outermost on, `;` between them, then how often.
    Parts by share of all samples, greatest first."""
    counted: Counter[str] = Counter()
    for frames, count in _samples(lines):
        counted[next((part for frame in reversed(frames) if (part := part_of(frame))), OTHER)] += count
    total = sum(counted.values())
    return {part: count / total for part, count in counted.most_common()} if total else {}


def table(profiles: Mapping[str, Mapping[str, float]], *, least: float = 0.005) -> str:
    """Parts down, what was profiled across, in percent; parts that are nowhere as much as `least` are left out."""
    parts = Counter[str]()
    for one in profiles.values():
        parts.update(dict(one))
    kept = [part for part, _ in parts.most_common() if any(one.get(part, 0) >= least for one in profiles.values())]
    lines = ["| % of the samples | " + " | ".join(profiles) + " |", "|---" * (len(profiles) + 1) + "|"]
    lines += [
        f"| {part} | " + " | ".join(_percent(one.get(part, 0.0)) for one in profiles.values()) + " |" for part in kept
    ]
    return "\n".join(lines)


def _percent(share: float) -> str:
    return f"{share * 100:.1f}" if share >= 0.0005 else ""
