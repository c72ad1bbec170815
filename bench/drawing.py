"""What the pictures are made of: text, lines, axes, and the words on when and where it was measured. Plain SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Any

GRID, AXIS, INK, PALE = "#e6e8eb", "#9aa0a6", "#202124", "#5f6368"
OURS, LIMIT = "#0b5cad", "#b3261e"
HALO = {"stroke": "white", "stroke_width": 4, "paint_order": "stroke"}
"""Style of words that stand on lines: these end short of them."""
Points = Sequence[tuple[float, float]]
Marks = Mapping[float, str]
STEPS = (1, 2, 5)
MOST_MARKS, FEW_DECADES = 6, 2


@dataclass(frozen=True)
class Axis:
    """From `low` to `high` along so many pixels from `start` on; a logarithmic one begins above nothing."""

    low: float
    high: float
    start: float
    length: float
    is_logarithmic: bool = True

    def at(self, value: float) -> float:
        measure = log10 if self.is_logarithmic else float
        low, high = measure(self.low), measure(self.high)
        return self.start + (measure(max(value, self.low)) - low) / (high - low) * self.length

    def marks(self) -> Marks:
        """Round values, each with its words."""
        ticks = self._powers() if self.is_logarithmic else self._steps()
        return {tick: f"{tick:,.10g}" for tick in ticks if self.low <= tick <= self.high}

    def _powers(self) -> Iterator[float]:
        first, last = floor(log10(self.low)), ceil(log10(self.high))
        for power in range(first, last + 1):
            yield from (10.0**power * step for step in (STEPS if last - first <= FEW_DECADES else STEPS[:1]))

    def _steps(self) -> Iterator[float]:
        power = floor(log10(self.high)) - 1
        step = next(
            size
            for size in (10.0 ** (power + more) * step for more in range(3) for step in STEPS)
            if self.high / size <= MOST_MARKS
        )
        return (number * step for number in range(MOST_MARKS + 1))


def linear(high: float, start: float, length: float) -> Axis:
    """From nothing, so that twice as long is twice as much."""
    return Axis(0.0, high, start, length, is_logarithmic=False)


def along(values: Sequence[float], start: float, length: float) -> Axis:
    """From the least to the greatest; nothing stands a decade before the least that is something."""
    some = [value for value in values if value > 0] or [1.0]
    low = min(some) / 10 if min(values) <= 0 else min(some)
    high = max(some)
    return Axis(low, high if high > low else low * 10, start, length)


def upright(values: Sequence[float], top: float, height: float) -> Axis:
    """Upwards, logarithmic, over whole powers of ten."""
    low, high = 10.0 ** floor(log10(min(values))), 10.0 ** ceil(log10(max(values)))
    return Axis(low, high if high > low else low * 10, top + height, -height)


@dataclass(frozen=True)
class Frame:
    """Where lines are drawn: two axes, the second upwards."""

    across: Axis
    up: Axis

    def grid(self, places: Marks, levels: Marks | None = None) -> Iterator[str]:
        """Levels all along, each with its words before it; places as ticks below."""
        left, right, bottom = self.across.start, self.across.start + self.across.length, self.up.start
        for value, words in (self.up.marks() if levels is None else levels).items():
            y = self.up.at(value)
            yield line((left, y), (right, y))
            yield text(left - 7, y + 4, words, fill=PALE, text_anchor="end")
        yield line((left, bottom), (right, bottom), stroke=AXIS)
        yield from columns(self.across, (bottom, bottom + 4), places, stroke=AXIS)

    def curve(self, points: Points, colour: str, dash: str = "") -> str:
        path = " ".join(f"{self.across.at(x):.1f},{self.up.at(y):.1f}" for x, y in points)
        more = f' stroke-dasharray="{dash}"' if dash else ""
        return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"{more}/>'

    def dots(self, points: Points, colour: str, fill: str) -> Iterator[str]:
        for x, y in points:
            place = f'cx="{self.across.at(x):.1f}" cy="{self.up.at(y):.1f}"'
            yield f'<circle {place} r="2.6" fill="{fill}" stroke="{colour}"/>'


def columns(across: Axis, span: tuple[float, float], places: Marks, **style: object) -> Iterator[str]:
    """Upright lines over `span`, each with its words below."""
    top, bottom = span
    for value, words in places.items():
        x = across.at(value)
        yield line((x, top), (x, bottom), **style)
        yield text(x, bottom + 14, words, fill=PALE, text_anchor="middle")


def svg(width: float, height: float, parts: Iterable[str]) -> str:
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            'font-family="system-ui, sans-serif" font-size="11">',
            '<rect width="100%" height="100%" fill="white"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def head(x: float, title: str, *notes: str) -> Iterator[str]:
    """What the picture shows, and below in grey what a reader must know to read it."""
    yield text(x, 26, title, font_size=16, font_weight="bold")
    for number, note in enumerate(notes):
        yield text(x, 45 + 16 * number, note, fill=PALE)


def text(x: float, y: float, words: str, **style: object) -> str:
    """`style`: attributes, with `_` for `-`."""
    return f'<text x="{x:.1f}" y="{y:.1f}"{_attributes({"fill": INK} | style)}>{escape(words)}</text>'


def line(start: tuple[float, float], end: tuple[float, float], **style: object) -> str:
    (x1, y1), (x2, y2) = start, end
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f"<line {ends}{_attributes({'stroke': GRID} | style)}/>"


def limit(start: tuple[float, float], end: tuple[float, float]) -> str:
    return line(start, end, stroke=LIMIT, stroke_dasharray="4 3")


def bar(place: tuple[float, float], length: float, fill: str) -> str:
    x, y = place
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(length, 1):.1f}" height="14" fill="{fill}"/>'


def _attributes(style: Mapping[str, object]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in style.items())


def measured(found: Mapping[str, Any]) -> str:
    """Day, machine and load, as far as a result says: those of old say less."""
    load = " and ".join(f"{found[f'load_{when}']} {when}" for when in ("before", "after") if f"load_{when}" in found)
    machine = found.get("machine") or f"{found['cores']} cores"
    return ", ".join(filter(None, (found.get("on"), machine, load and f"load {load}")))
