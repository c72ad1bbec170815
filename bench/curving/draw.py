"""The curves as small multiples: a row for each curve, with waits, CPU of the gateway, CPU of PostgreSQL and the rate
beside each other, all on logarithmic axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comparison.plot import tells_p99
from drawing import AXIS, OURS, PALE, Frame, along, head, measured, svg, text, upright

from curving.page import ALONG, ASKED
from curving.points import short

LEFT, TOP, WIDTH, HEIGHT, ACROSS, DOWN = 56, 130, 216, 128, 66, 114
COLOURS = (OURS, "#d9822b", "#2e8b57")
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
    Panel("a second", (("rate", ""),)),
)
RIGHT = LEFT + len(PANELS) * WIDTH + (len(PANELS) - 1) * ACROSS


def plot(result: Mapping[str, Any]) -> str:
    """A row for each curve that there is; each says when and where it was measured, for that differs."""
    drawn = [
        *head(
            LEFT,
            "What a request costs as one thing grows",
            "All axes are logarithmic; 0 stands a decade before the least.",
        )
    ]
    y = TOP
    for name, found in result.items():
        drawn += _row(name, found, y)
        y += HEIGHT + DOWN
    return svg(RIGHT + 30, y - DOWN + 48, drawn)


def _row(name: str, found: Mapping[str, Any], top: int) -> Iterator[str]:
    yield text(LEFT, top - 48, TITLES[name], font_size=13, font_weight="bold")
    yield text(LEFT, top - 32, measured(found), fill=PALE)
    series = found["series"]
    if len(series) > 1:
        yield from _legend(list(series), top)
    for number, panel in enumerate(PANELS):
        yield from _panel(name, series, panel, (LEFT + number * (WIDTH + ACROSS), top))


def _legend(names: list[str], top: int) -> Iterator[str]:
    at = RIGHT
    for asked, colour in reversed([*zip(names, COLOURS, strict=False)]):
        at -= 6 * len(ASKED[asked])
        yield f'<rect x="{at - 16}" y="{top - 57}" width="11" height="11" rx="2" fill="{colour}"/>'
        yield text(at, top - 48, ASKED[asked])
        at -= 36


def _panel(name: str, series: Mapping[str, Any], panel: Panel, corner: tuple[int, int]) -> Iterator[str]:
    x, y = corner
    yield text(x, y - 11, panel.title, fill=PALE)
    lines = [
        (colour, dash, points)
        for found, colour in zip(series.values(), COLOURS, strict=False)
        for figure, dash in panel.figures
        if (points := [(one["x"], one[figure]) for one in found if _is_told(one, figure)])
    ]
    if not lines:
        return
    frame = Frame(
        along([one["x"] for found in series.values() for one in found], x, WIDTH),
        upright([value for _, _, points in lines for _, value in points], y, HEIGHT),
    )
    yield from frame.grid({one["x"]: short(one["x"]) for one in next(iter(series.values()))})
    yield text(x + WIDTH, y + HEIGHT + 33, f"{ALONG[name]}, logarithmic", fill=AXIS, text_anchor="end")
    for colour, dash, points in lines:
        yield frame.curve(points, colour, dash)
        yield from frame.dots(points, colour, "white" if dash else colour)


def _is_told(one: Mapping[str, float], figure: str) -> bool:
    return one[figure] > 0 and (figure != "p99_ms" or tells_p99(one))
