"""How a card is scored, as dated data: groups, sub-indicators, weights and bands, each with whose they are (KPI-01)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from gateway.sdk.errors import ConfigurationError

SHIPPED = Path(__file__).parent
FIGURES = frozenset({
    "synced", "sync_in_time", "on_time", "early", "apologised", "open_in_time", "digitised", "e_result", "reused",
    "reused_national", "online", "online_finished", "online_on_time", "paid_online", "satisfied", "handled",
})  # fmt: skip
"""What is counted (`gateway.scores.marks`); a pack chooses among them."""
Name = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Points = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Indicator(_Section):
    """Chỉ số thành phần. Without `figure` it cannot be measured here, and `unknown_*` says why. `target`: the share
    from which all its points are given. `ours`: formula and weight are our reading."""

    id: Name
    vi: Line
    en: Line
    points: Points
    figure: Name | None = None
    target: Annotated[float, Field(gt=0, le=1)] = 1.0
    ours: bool = True
    who_vi: str = ""
    who_en: str = ""
    unknown_vi: str = ""
    unknown_en: str = ""


class Group(_Section):
    id: Name
    vi: Line
    en: Line
    points: Points
    indicators: tuple[Indicator, ...]


class Band(_Section):
    """Xếp loại, from so many points on."""

    at_least: Decimal = Field(alias="from", ge=0, le=100)
    vi: Line
    en: Line
    ours: bool

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Scorecard(_Section):
    """Bộ chỉ số: in force for periods that begin on `effective_from` or later, until the next one."""

    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,40}$")]
    title: Line
    effective_from: date
    source: Line
    groups: tuple[Group, ...]
    bands: tuple[Band, ...]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        parts = [indicator for group in self.groups for indicator in group.indicators]
        if any(sum(part.points for part in group.indicators) != group.points for group in self.groups):
            raise PydanticCustomError("points", "the points of the indicators of a group must add up to its own")
        if len({part.id for part in parts}) != len(parts):
            raise PydanticCustomError("twice", "an indicator stands twice")
        if unknown := {part.figure for part in parts if part.figure} - FIGURES:
            raise PydanticCustomError("figure", "no such figure is counted: {names}", {"names": ", ".join(unknown)})
        if [band.at_least for band in self.bands] != sorted((b.at_least for b in self.bands), reverse=True):
            raise PydanticCustomError("bands", "the bands go from the highest down")
        return self

    @property
    def points(self) -> Decimal:
        return sum((group.points for group in self.groups), Decimal())

    def band(self, points: Decimal) -> Band | None:
        return next((band for band in self.bands if points >= band.at_least), None)

    def indicator(self, name: str) -> Indicator | None:
        """By its id or by the figure that it is scored by."""
        parts = (part for group in self.groups for part in group.indicators)
        return next((part for part in parts if name in {part.id, part.figure}), None)


def scorecard_on(packs: Sequence[Scorecard], day: date) -> Scorecard:
    """The one in force; before the first, the first."""
    return max(
        (pack for pack in packs if pack.effective_from <= day), key=lambda pack: pack.effective_from, default=packs[0]
    )


@cache
def load_scorecards(folder: Path | None = None) -> tuple[Scorecard, ...]:
    """What comes with the gateway, and the province's own: a file of the same day replaces ours. `ConfigurationError`
    names the file and what is wrong in it."""
    found: dict[date, Scorecard] = {}
    for place in (SHIPPED, *([folder] if folder else [])):
        if not place.is_dir():
            raise _wrong(place, "it is no folder")
        for file in sorted(place.glob("*.yaml")):
            pack = read_scorecard(file)
            found[pack.effective_from] = pack
    return tuple(found[day] for day in sorted(found))


def read_scorecard(file: Path) -> Scorecard:
    try:
        return Scorecard.model_validate(yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise _wrong(file, "it cannot be read as YAML in UTF-8") from exc
    except ValidationError as exc:
        first = exc.errors()[0]
        raise _wrong(file, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from exc


def _wrong(file: Path, what: str) -> ConfigurationError:
    return ConfigurationError(f"{file.name}: {what}.", vi=f"Bộ chỉ số {file.name} sai: {what}.", what="scorecard")
