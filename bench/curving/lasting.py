"""A long run as a verdict, a table and a plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import median
from typing import Any

from comparison.commit import origin

from curving import page
from curving.fit import Trend, second_half, trend
from curving.points import short

PER = 100_000
"""Requests that growth is told for."""
ENOUGH = 100_000
"""Requests that a trend is told of: before, caches still fill."""
MOST_LATER_MB = 3.0
"""What may be resident at the end over what was in the middle."""
WIDTH, HEIGHT, LEFT, TOP = 760, 230, 64, 82
FIGURES = {
    "rss_mb": "resident",
    "pss_mb": "resident, shared pages divided among their users (PSS)",
    "private_mb": "private",
}
DRAWN = {"rss_mb": "#0b5cad", "private_mb": "#2e8b57"}


@dataclass(frozen=True)
class Verdict:
    """Whether a limit holds, in a line."""

    holds: bool
    words: str


def grown(samples: Sequence[Mapping[str, float]], name: str) -> Trend:
    """MB for 100,000 requests, over the second half."""
    return trend(second_half([(one["requests"] / PER, one[name]) for one in samples]))


def verdicts(found: Mapping[str, Any], *, most_mb: float, most_growth: float) -> list[Verdict]:
    """Memory at its greatest in the second half, whether all that was asked for was done, and whether memory grows. Of
    fewer than `ENOUGH` requests growth is not known, and what is not known does not hold."""
    samples, done, asked = found["samples"], found["requests"], found["asked"]
    whole = f"requests: {done:,} of {asked:,}"
    most = max(mb for _, mb in second_half([(one["requests"], one["rss_mb"]) for one in samples]))
    size = Verdict(most <= most_mb, f"resident: {most:.0f} MB at most, {_words(most <= most_mb)} {most_mb:g} MB")
    if done < max(asked, ENOUGH):
        return [size, Verdict(False, f"{whole}; growth is told of {ENOUGH:,} or more, when all are done")]
    later = later_mb(samples)
    slope = grown(samples, "rss_mb")
    grows = slope.grows_by(most_growth)
    told = f"trend: {told_of(slope)}, {_words(not grows)} {most_growth:g} MB for 100,000 requests"
    stays = later <= MOST_LATER_MB
    words = f"end: {later:+.2f} MB over the middle, {_words(stays)} {MOST_LATER_MB:g} MB"
    return [size, Verdict(True, whole), Verdict(not grows, told), Verdict(stays, words)]


def later_mb(samples: Sequence[Mapping[str, float]]) -> float:
    """Resident in the last tenth of the requests, over that in the tenth after the middle; medians. It sees a step that
    a trend takes for an outlier."""
    last = samples[-1]["requests"]

    def middle(first: float, until: float) -> float:
        return median(one["rss_mb"] for one in samples if first * last <= one["requests"] <= until * last)

    return middle(0.9, 1.0) - middle(0.5, 0.6)


def told_of(slope: Trend) -> str:
    return f"{slope.slope:+.2f} MB ({slope.low:+.2f} to {slope.high:+.2f})"


def table(found: Mapping[str, Any]) -> str:
    """At the start, in the middle and at the end, and the trend of each where there are requests enough."""
    samples = found["samples"]
    at = [samples[0], samples[len(samples) // 2], samples[-1]]
    is_long = found["requests"] >= ENOUGH
    head = ["MB", *(f"after {one['requests']:,}" for one in at)]
    rows = [[words, *(f"{one[name]:.1f}" for one in at)] for name, words in FIGURES.items()]
    others = (("files", "open files"), ("threads", "threads"))
    rows += [[words, *(f"{one[name]}" for one in at)] for name, words in others]
    if is_long:
        head.append("for 100,000 requests, second half")
        trends = [told_of(grown(samples, name)) for name in FIGURES]
        rows = [[*row, more] for row, more in zip(rows, [*trends, *("" for _ in others)], strict=True)]
    lines = page.provisional(found, rounds=page.LEAST_ROUNDS)
    lines += [_line(head), "|---" * len(head) + "|", *(_line(row) for row in rows)]
    if not is_long:
        lines += ["", f"{found['requests']:,} requests are too few to tell a trend of: from {ENOUGH:,} on."]
    mix = ", ".join(f"{share:.0%} {name}" for name, share in found["mix"].items())
    lines += [
        "",
        f"{origin(found)}; {found['requests']:,} requests ({mix}) at {found['rate']:,} a second, "
        f"{found['cpu_ms']:.2f} ms of CPU each; load {found['load_before']} before and {found['load_after']} after.",
    ]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def plot(found: Mapping[str, Any], *, most_mb: float = 150.0) -> str:
    """Memory over requests, from nothing up, with the limit."""
    samples = found["samples"]
    highest = max(most_mb, *(one[name] for one in samples for name in DRAWN)) * 1.08
    last = samples[-1]["requests"]

    def place(requests: float, mb: float) -> tuple[float, float]:
        return LEFT + requests / last * WIDTH, TOP + HEIGHT - mb / highest * HEIGHT

    drawn = [*_grid(place, highest, last)]
    for name, colour in DRAWN.items():
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(one["requests"], one[name]) for one in samples))
        x, y = place(last, samples[-1][name])
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        label = f"{FIGURES[name]} {samples[-1][name]:.0f}"
        drawn.append(f'<text x="{x + 8:.1f}" y="{y + 4:.1f}" fill="{colour}">{label}</text>')
    _, limit = place(0, most_mb)
    drawn.append(
        f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{limit:.1f}" y2="{limit:.1f}" stroke="#b3261e" '
        'stroke-dasharray="5 4"/>'
        f'<text x="{LEFT + WIDTH - 6}" y="{limit + 14:.1f}" text-anchor="end" '
        f'fill="#b3261e">limit {most_mb:g} MB resident</text>'
    )
    is_long = found["requests"] >= ENOUGH
    told = f"{told_of(grown(samples, 'rss_mb'))} resident for 100,000 requests" if is_long else "too few requests"
    notes = (origin(found), f"trend of the second half: {told}")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 130} {TOP + HEIGHT + 44}" '
            'font-family="system-ui, sans-serif" font-size="11">',
            '<rect width="100%" height="100%" fill="white"/>',
            f'<text x="{LEFT}" y="26" font-size="16" font-weight="bold">Memory of one API process, MB, over its '
            "requests</text>",
            *(
                f'<text x="{LEFT}" y="{44 + 16 * line}" fill="#5f6368">{escape(note)}</text>'
                for line, note in enumerate(notes)
            ),
            *drawn,
            "</svg>",
            "",
        ]
    )


def _grid(place: Any, highest: float, last: float) -> Iterator[str]:
    for mb in range(0, int(highest) + 1, 50):
        _, y = place(0, mb)
        yield f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e6e8eb"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#5f6368">{mb}</text>'
    for part in range(5):
        x, y = place(last * part / 4, 0)
        many = short(round(last * part / 4))
        yield f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle" fill="#5f6368">{many}</text>'


def _words(holds: bool) -> str:
    return "within" if holds else "MORE THAN"
