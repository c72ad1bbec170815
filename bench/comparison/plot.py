"""A result as an SVG: for each case a bar for every subject, on a logarithmic axis, with the spread of the rounds. It
is the CPU that a request takes, and in brackets how many of our requests one of that subject's costs; or how many came
a second, or how long 99 of 100 waited, where that is the point of the case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from math import ceil, floor, log10
from typing import Any

from comparison.subjects import GATEWAY, TITLES

LEFT, TOP, ROW, WIDTH, GAP = 300, 56, 20, 520, 54
OURS, FLOOR_COLOUR, OTHERS = "#06c", "#bbb", "#e0a030"


UNITS = {"cpu_ms": "ms of CPU a request", "rate": "a second", "p99_ms": "p99 in ms"}


def plot(result: Mapping[str, Any]) -> str:
    """Both axes span whole powers of ten of their own figures."""
    drawn: list[str] = []
    y = TOP
    for case in result["cases"].values():
        part, y = _case(case, y)
        drawn += part
    note = "; ".join(sorted({f"{case['on']}, {case['machine']}" for case in result["cases"].values()}))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 120} {y + 34}" '
            'font-family="sans-serif" font-size="12">',
            '<rect width="100%" height="100%" fill="white"/>',
            '<text x="14" y="24" font-size="16">One request through the gateway, and through what a user would pick '
            "instead</text>",
            *drawn,
            f'<text x="14" y="{y + 18}" fill="#555">{escape(note)}</text>',
            "</svg>",
            "",
        ]
    )


def _case(case: Mapping[str, Any], top: int) -> tuple[list[str], int]:
    figure = case["shown"]
    rows = {name: (one["median"][figure], [r[figure] for r in one["rounds"]]) for name, one in case["subjects"].items()}
    values = [value for middle, rounds in rows.values() for value in (middle, *rounds) if value > 0]
    if not values:
        return [], top
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    high += high == low

    def x(value: float) -> float:
        return LEFT + (log10(max(value, 10**low)) - low) / (high - low) * WIDTH

    bottom = top + 16 + ROW * (len(rows) + len(case["absent"]))
    drawn = [f'<text x="14" y="{top}" font-weight="bold">{escape(case["title"])}: {UNITS[figure]}</text>']
    for power in range(low, high + 1):
        at = x(10**power)
        drawn.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top + 8}" y2="{bottom}" stroke="#ddd"/>')
        drawn.append(f'<text x="{at:.1f}" y="{bottom + 14}" text-anchor="middle" fill="#555">{10.0**power:g}</text>')
    for number, (name, (middle, rounds)) in enumerate(rows.items()):
        words = _words(middle, case["subjects"][name] if figure == "cpu_ms" else {})
        drawn += _bar(
            name,
            top + 12 + number * ROW,
            ends=(x(middle), x(min(rounds)), x(max(rounds))),
            words=words,
        )
    for number, name in enumerate(case["absent"], len(rows)):
        y = top + 12 + number * ROW
        drawn.append(f'<text x="{LEFT - 8}" y="{y + 11}" text-anchor="end" fill="#888">{escape(TITLES[name])}</text>')
        drawn.append(f'<text x="{LEFT + 4}" y="{y + 11}" fill="#888">absent</text>')
    return drawn, bottom + GAP


def _bar(name: str, y: int, *, ends: tuple[float, float, float], words: str) -> Iterator[str]:
    middle, least, greatest = ends
    colour = {GATEWAY: OURS, "nginx": FLOOR_COLOUR}.get(name, OTHERS)
    weight = ' font-weight="bold"' if name == GATEWAY else ""
    yield f'<text x="{LEFT - 8}" y="{y + 11}" text-anchor="end"{weight}>{escape(TITLES[name])}</text>'
    yield f'<rect x="{LEFT}" y="{y}" width="{max(middle - LEFT, 1):.1f}" height="14" fill="{colour}"/>'
    yield f'<line x1="{least:.1f}" x2="{greatest:.1f}" y1="{y + 7}" y2="{y + 7}" stroke="#333"/>'
    yield f'<text x="{max(middle, greatest) + 6:.1f}" y="{y + 11}">{words}</text>'


def _words(value: float, subject: Mapping[str, Any]) -> str:
    """The figure, and how many of our requests one of its costs."""
    short = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    times = subject.get("cpu_of_ours", {}).get("median")
    return f"{short} (×{times:.3g})" if times else short
