"""A result as an SVG: for each case a bar for every subject, from nothing on, with the spread of the rounds. It is the
CPU that a request takes, and in brackets how many of our requests one of that subject's costs; or how many came a
second, or how long 99 of 100 waited, where that is the point of the case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drawing import OURS, PALE, bar, columns, head, line, linear, measured, svg, text

from comparison.subjects import GATEWAY, TITLES
from comparison.table import LEAST_ANSWERS, waits_of

MARGIN, LEFT, TOP, ROW, WIDTH, GAP = 14, 300, 112, 20, 520, 58
FLOOR_COLOUR, OTHERS = "#bbb", "#e0a030"
UNITS = {
    "cpu_ms": "ms of CPU a request; shorter is better",
    "rate": "a second; longer is better",
    "p99_ms": "p99, ms; shorter is better",
}
HOW_TO_READ = (
    "Bars: medians of the rounds, on axes from 0; thin lines: the least and the greatest round.",
    "×: CPU of one request there, in requests of ours; it is taken within each round, and the median told.",
)


def plot(result: Mapping[str, Any]) -> str:
    """Where cases are of different days or machines, each says its own."""
    cases = result["cases"].values()
    places = {f"{case['on']}, {case['machine']}" for case in cases}
    together = sorted(places) if len(places) == 1 else []
    title = "One request through the gateway, and through what a user would pick instead"
    drawn, y = [*head(MARGIN, title, *HOW_TO_READ, *together)], TOP
    for case in cases:
        drawn += _case(case, y, note="" if together else measured(case))
        y += ROW * (len(case["subjects"]) + len(case["absent"])) + 16 + GAP
    return svg(LEFT + WIDTH + 120, y - GAP + 30, drawn)


def _case(case: Mapping[str, Any], top: int, *, note: str) -> Iterator[str]:
    figure, subjects = case["shown"], case["subjects"]
    yield text(MARGIN, top, f"{case['title']}: {UNITS[figure]}", font_weight="bold", font_size=12)
    yield text(LEFT + WIDTH + 106, top + 14, note, fill=PALE, text_anchor="end")
    is_told = {name: figure != "p99_ms" or tells_p99(one["median"]) for name, one in subjects.items()}
    values = [
        value[figure]
        for name, one in subjects.items()
        for value in (one["median"], *one["rounds"])
        if is_told[name] and value[figure] > 0
    ]
    across = linear(max(values, default=1.0), LEFT, WIDTH)
    bottom = top + 16 + ROW * (len(subjects) + len(case["absent"]))
    yield from columns(across, (top + 18, bottom), across.marks())
    for number, name in enumerate((*subjects, *case["absent"])):
        y = top + 20 + number * ROW
        weight = "bold" if name == GATEWAY else "normal"
        yield text(LEFT - 8, y + 11, TITLES[name], text_anchor="end", font_weight=weight)
        if name in case["absent"]:
            yield text(LEFT + 6, y + 11, "absent", fill=PALE)
        elif is_told[name]:
            middle, rounds = subjects[name]["median"][figure], [one[figure] for one in subjects[name]["rounds"]]
            ends = (across.at(middle), across.at(min(rounds)), across.at(max(rounds)))
            yield from _bar(name, y, ends=ends, words=_words(middle, subjects[name] if figure == "cpu_ms" else {}))
        else:
            yield text(LEFT + 6, y + 11, f"– (fewer than {LEAST_ANSWERS} answers)", fill=PALE)


def _bar(name: str, y: int, *, ends: tuple[float, float, float], words: str) -> Iterator[str]:
    middle, least, greatest = ends
    yield bar((LEFT, y), middle - LEFT, {GATEWAY: OURS, "nginx": FLOOR_COLOUR}.get(name, OTHERS))
    yield line((least, y + 7), (greatest, y + 7), stroke="#333")
    yield text(max(middle, greatest) + 6, y + 11, words)


def _words(value: float, subject: Mapping[str, Any]) -> str:
    """The figure, and how many of our requests one of its costs."""
    short = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    times = subject.get("cpu_of_ours", {}).get("median")
    return f"{short} (×{times:.3g})" if times else short


def tells_p99(found: Mapping[str, float]) -> bool:
    """The tables decide: what they leave out for too few answers is not drawn, either."""
    return not waits_of(found).endswith("–")
