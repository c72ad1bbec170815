"""A plot over time: its figures as the browser draws them, and as a table for whoever reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from markupsafe import Markup

from gateway.console.view import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line; None where nothing was measured, which is not nought."""

    vi: str
    en: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`id`: its own on the page, `[a-z0-9-]`. `times` are the beginnings of the spans that the values are of. The
    captions name the unit."""

    id: str
    vi: str
    en: str
    times: Sequence[datetime]
    series: Sequence[Series]
    digits: int = 0
    form: Literal["line", "steps", "stack"] = "line"
    """`steps`: a level that holds until the next; `stack`: counts that add up."""

    def heads(self, t: Text) -> list[str]:
        return [t(line.vi, line.en) for line in self.series]

    def rows(self) -> Iterator[tuple[datetime | float | None, ...]]:
        return zip(self.times, *(line.values for line in self.series), strict=True)

    def document(self, t: Text) -> Markup:
        """JSON that no text can break out of."""
        told = {
            "time": t("Lúc", "Time"),
            "series": self.heads(t),
            "form": self.form,
            "data": [[at.timestamp() for at in self.times], *(list(line.values) for line in self.series)],
        }
        text = json.dumps(told, ensure_ascii=False)
        return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704 - escaped
