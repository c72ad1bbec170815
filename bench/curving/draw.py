"""The curves as small multiples: a row for each curve, with waits, CPU of the gateway and CPU of PostgreSQL beside each
other, all on logarithmic axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Any

from curving.page import ALONG, ASKED
from curving.points import short

LEFT, TOP, WIDTH, HEIGHT, ACROSS, DOWN = 64, 104, 270, 128, 86, 92
COLOURS = ("#0b5cad", "#d9822b", "#2e8b57")
GRID, AXIS, INK, PALE = "#e6e8eb", "#9aa0a6", "#202124", "#5f6368"
TITLES = {
    "payload": "Payload: bytes of the register's reply, or of the dossier",
    "concurrency": "Concurrency: callers that ask again as soon as they were answered",
    "backlog": "Backlog: due rows of the outbox",
    "log": "Log: leaves that were there before",
    "tenants": "Tenants: provinces on one PostgreSQL, a process each, 32 callers in all or one each",
}


@dataclass(frozen=True)
class Panel:
    """What stands in one column: figures of a point, each with how its line is drawn."""

    title: str
    figures: tuple[tuple[str, str], ...]


PANELS = (
    Panel("wait, ms: p50 and, dashed, p99", (("p50_ms", ""), ("p99_ms", "4 3"))),
    Panel("CPU of the gateway, ms a request", (("cpu_ms", ""),)),
    Panel("CPU of PostgreSQL, ms a request", (("postgres_cpu_ms", ""),)),
)
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """Logarithmic over `low` … `high`, which are positive, along so many pixels from `start` on."""

    low: float
    high: float
    start: float
    length: float

    def at(self, value: float) -> float:
        share = (log10(max(value, self.low)) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return self.start + share * self.length


def plot(result: Mapping[str, Any]) -> str:
    """A row for each curve that there is."""
    width = LEFT + len(PANELS) * WIDTH + (len(PANELS) - 1) * ACROSS + 36
    drawn, y = list[str](), TOP
    for name, found in result.items():
        drawn += _row(name, found, y)
        y += HEIGHT + DOWN
    notes = sorted({f"{one['on']}, {one['machine']}" for one in result.values()})
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y - DOWN + 48}" '
            'font-family="system-ui, sans-serif" font-size="11">',
            '<rect width="100%" height="100%" fill="white"/>',
            _text(LEFT, 30, "What a request costs as one thing grows", font_size=18, font_weight="bold"),
            _text(LEFT, 50, "; ".join(notes), fill=PALE),
            *drawn,
            "</svg>",
            "",
        ]
    )


def _row(name: str, found: Mapping[str, Any], top: float) -> Iterator[str]:
    yield _text(LEFT, top - 28, TITLES[name], font_size=13, font_weight="bold")
    x = LEFT + 0.0
    series = found["series"]
    if len(series) > 1:
        at = LEFT + len(PANELS) * WIDTH + (len(PANELS) - 1) * ACROSS + 0.0
        for number, asked in reversed(list(enumerate(series))):
            at -= 6 * len(ASKED[asked])
            yield f'<rect x="{at - 16:.0f}" y="{top - 37}" width="11" height="11" rx="2" fill="{COLOURS[number]}"/>'
            yield _text(at, top - 28, ASKED[asked])
            at -= 36
    for panel in PANELS:
        yield from _panel(name, series, panel, (x, top))
        x += WIDTH + ACROSS


def _panel(name: str, series: Mapping[str, Any], panel: Panel, corner: tuple[float, float]) -> Iterator[str]:
    x, y = corner
    yield _text(x, y - 8, panel.title, fill=PALE)
    lines: list[tuple[int, str, Points]] = [
        (number, dash, points)
        for number, found in enumerate(series.values())
        for figure, dash in panel.figures
        if (points := [(one["x"], one[figure]) for one in found if one[figure] > 0])
    ]
    if not lines:
        return
    across = along([one["x"] for found in series.values() for one in found], x, WIDTH)
    up = upright([value for _, _, points in lines for _, value in points], y, HEIGHT)
    yield from _grid(name, [one["x"] for one in next(iter(series.values()))], across, up, corner)
    for number, dash, points in lines:
        yield from _line(points, across, up, COLOURS[number], dash)


def along(values: Sequence[float], start: float, length: float) -> Axis:
    """From the least to the greatest; nothing stands a decade before the least that is something."""
    some = [value for value in values if value > 0] or [1.0]
    low = min(some) / 10 if min(values) <= 0 else min(some)
    high = max(some)
    return Axis(low, high if high > low else low * 10, start, length)


def upright(values: Sequence[float], top: float, height: float) -> Axis:
    """Upwards, over whole powers of ten, or over less where all values are near each other."""
    low, high = 10.0 ** floor(log10(min(values))), 10.0 ** ceil(log10(max(values)))
    if high <= low:
        high = low * 10
    return Axis(low, high, top + height, -height)


def _grid(name: str, places: Sequence[float], across: Axis, up: Axis, corner: tuple[float, float]) -> Iterator[str]:
    x, y = corner
    for power in range(round(log10(up.low)), round(log10(up.high)) + 1):
        at = up.at(10.0**power)
        yield _level(x, at)
        yield _text(x - 7, at + 4, f"{10.0**power:,g}", fill=PALE, text_anchor="end")
        for minor in (2, 5):
            if 10.0**power * minor < up.high and up.high / up.low <= 100:
                at = up.at(10.0**power * minor)
                yield _level(x, at, ' stroke-dasharray="1 3"')
                yield _text(x - 7, at + 4, f"{10.0**power * minor:,g}", fill=AXIS, text_anchor="end")
    yield f'<line x1="{x}" x2="{x + WIDTH}" y1="{y + HEIGHT}" y2="{y + HEIGHT}" stroke="{AXIS}"/>'
    for place in places:
        at = across.at(place)
        yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y + HEIGHT}" y2="{y + HEIGHT + 4}" stroke="{AXIS}"/>'
        yield _text(at, y + HEIGHT + 17, short(place), fill=PALE, text_anchor="middle")
    yield _text(x + WIDTH, y + HEIGHT + 32, ALONG[name], fill=AXIS, text_anchor="end")


def _level(x: float, y: float, more: str = "") -> str:
    return f'<line x1="{x}" x2="{x + WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"{more}/>'


def _line(points: Points, across: Axis, up: Axis, colour: str, dash: str) -> Iterator[str]:
    places = [(across.at(x), up.at(y)) for x, y in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    drawn = f' stroke-dasharray="{dash}"' if dash else ""
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"{drawn}/>'
    fill = "white" if dash else colour
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{fill}" stroke="{colour}"/>'


def _text(x: float, y: float, words: str, **style: object) -> str:
    """`style`: attributes, with `_` for `-`."""
    more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in ({"fill": INK} | style).items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(words)}</text>'
