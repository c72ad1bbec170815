"""Samples of a process as shares of its time by part of the code.

A sample belongs to the innermost frame whose file is some part's: the time of the standard library, of generated code
and of C without frames is that of whoever called it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

FRAME = re.compile(r"\((.+?)(?::\d+)?\)$")
PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("audit log", ("gateway/audit/",)),
    ("sealing and signing", ("gateway/signing/", "cryptography/")),
    ("database: gathers and pool", ("gateway/database/",)),
    ("psycopg", ("psycopg/", "psycopg_pool/", "psycopg_binary/")),
    ("rights, quota, restraint", ("gateway/clients/", "gateway/agreements/", "gateway/restraint/")),
    ("HTTP edge", ("gateway/api/", "gateway/facade/", "gateway/console/", "gateway/cli/", "fastapi/", "starlette/")),
    ("exchange", ("gateway/exchange/", "gateway/platforms/", "tenacity/", "httpx/", "httpcore/")),
    ("mapping", ("gateway/mapping/", "mappings/")),
    ("connectors, SOAP", ("connectors/", "gateway/sdk/", "lxml/", "zeep/")),
    ("look-ups and domain", ("gateway/lookups/", "gateway/domain/")),
    ("dossiers, payments", ("gateway/dossiers/", "gateway/payments/", "gateway/procedures/", "gateway/arrivals/")),
    ("outbox and delivery", ("gateway/delivery/",)),
    ("search index", ("gateway/transactions/",)),
    ("alerts and other watchers", ("gateway/alerts/", "gateway/alarms/", "gateway/traffic/", "gateway/diagnostics/")),
    ("metrics and logs", ("gateway/observability/", "prometheus_client/", "structlog/", "opentelemetry/")),
    ("pydantic", ("pydantic/", "pydantic_core/")),
    ("uvicorn and the loop", ("uvicorn/", "httptools/", "uvloop/", "asyncio/")),
    ("other of the gateway", ("gateway/",)),
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


def shares(lines: Iterable[str]) -> dict[str, float]:
    """From the lines of `py-spy record --format raw`: frames from the outermost on, `;` between them, then how often.
    Parts by share of all samples, greatest first."""
    counted: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rstrip().rpartition(" ")
        if not count.isdigit():
            continue
        frames = stack.split(";")
        counted[next((part for frame in reversed(frames) if (part := part_of(frame))), OTHER)] += int(count)
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
