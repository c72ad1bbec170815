"""Figures for other systems: one document, and the same as lines (TT 01/2018/TT-VPCP Art 17.1.e; KPI-07). Pure.

The shape is our own, `lienthong-scores/1`, as no public schema of the receiving systems was seen; `schema.json` beside
this file says what it is, and only additions are made under the same number.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from gateway.scores.indicators import NineScores
from gateway.scores.measures import Measure
from gateway.scores.model import RULE, Figure
from gateway.scores.scoring import Card, Scored

FORMAT = "lienthong-scores/1"
COLUMNS = (
    "period", "scope", "closed", "set", "group", "indicator", "name_vi", "source", "ours", "points", "of_points",
    "target", "numerator", "denominator", "excluded", "share", "cut_off", "rule", "pack",
)  # fmt: skip


def document(card: Card, nine: NineScores, measures: Sequence[Measure]) -> dict[str, Any]:
    """Decimals are numbers; None is what is not known."""
    return {
        "format": FORMAT,
        "period": card.period.name,
        "since": card.period.since.isoformat(),
        "until": card.period.until.isoformat(),
        "scope": card.scope,
        "cut_off": card.cut_off.isoformat(),
        "closed_at": card.closed_at.isoformat() if card.closed_at else None,
        "rule": RULE,
        "pack": {"id": card.pack.id, "title": card.pack.title, "source": card.pack.source},
        "points": float(card.points),
        "measured_points": float(card.measured),
        "of_points": float(card.pack.points),
        "at_most": float(card.at_most),
        "band": None if card.band is None else {"name_vi": card.band.vi, "ours": card.band.ours},
        "mean_seconds": card.mean_seconds,
        "groups": [
            {
                "id": group.group.id,
                "name_vi": group.group.vi,
                "points": float(group.points),
                "measured_points": float(group.measured),
                "of_points": float(group.group.points),
                "indicators": [_indicator(one) for one in group.scored],
            }
            for group in card.groups
        ],
        "tt_01_2018": {
            "points": float(nine.points),
            "class_vi": nine.body[1] if nine.body else None,
            "officers": nine.officers,
            "indicators": [
                {
                    "number": line.number,
                    "id": line.id,
                    "name_vi": line.vi,
                    "points": None if line.points is None else float(line.points),
                    "dossiers": line.dossiers,
                    "excluded": line.excluded,
                    "unknown_vi": line.why_vi or None,
                }
                for line in nine.lines
            ],
        },
        "measures": [_measure(measure) for measure in measures],
    }


def as_json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def as_csv(told: dict[str, Any]) -> str:
    """One line for each figure; an empty place is what is not known. With a byte order mark, so that spreadsheets read
    Vietnamese; no cell begins as a formula does."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    whole = {
        "period": told["period"],
        "scope": told["scope"],
        "closed": told["closed_at"] or "",
        "cut_off": told["cut_off"],
        "rule": told["rule"],
        "pack": told["pack"]["id"],
    }
    for group in told["groups"]:
        for one in group["indicators"]:
            named = {"set": told["pack"]["source"], "group": group["id"], "source": told["pack"]["source"]}
            writer.writerow({**whole, **named, **one, **(one["figure"] or {}), "indicator": one["id"]})
    for one in told["tt_01_2018"]["indicators"]:
        named = {"set": "TT 01/2018/TT-VPCP", "source": f"TT 01/2018/TT-VPCP Điều 13.{one['number']}", "ours": False}
        writer.writerow(
            {**whole, **named, **one, "of_points": 2, "denominator": one["dossiers"], "indicator": one["id"]}
        )
    for one in told["measures"]:
        named = {"set": one["source"].split(" Điều")[0], "indicator": one["id"], "ours": True}
        writer.writerow({**whole, **named, **one, **(one["figure"] or {})})
    return "\ufeff" + written.getvalue()


def _indicator(one: Scored) -> dict[str, Any]:
    return {
        "id": one.indicator.id,
        "name_vi": one.indicator.vi,
        "ours": one.indicator.ours,
        "points": None if one.points is None else float(one.points),
        "of_points": float(one.indicator.points),
        "target": one.indicator.target,
        "figure": _figure(one.figure),
        "unknown_vi": one.indicator.unknown_vi or None,
    }


def _measure(one: Measure) -> dict[str, Any]:
    return {
        "id": one.id,
        "name_vi": one.vi,
        "source": one.source,
        "target": one.target,
        "reached": one.is_reached,
        "figure": _figure(one.figure),
        "unknown_vi": one.why_vi or None,
    }


def _figure(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    return {
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "excluded": figure.excluded,
        "share": None if figure.share is None else round(figure.share, 6),
    }
