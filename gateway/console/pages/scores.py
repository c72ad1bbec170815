"""Scores: cards by group, the dossiers behind each number, what will cost points, other indicators, and closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console.links import linked
from gateway.console.visit import Visit, visit
from gateway.domain import STATUSES, local_day
from gateway.operators.model import Right
from gateway.scores.export import as_csv, as_json, document
from gateway.scores.model import RULE, Period
from gateway.scores.ranking import ranked
from gateway.scores.scopes import Scope
from gateway.scores.scoring import Card
from gateway.scores.service import PAGE, Scores
from gateway.scores.warnings import WORDS, Kind
from gateway.scores.words import FIGURES

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Closer = Annotated[Visit, Depends(visit(Right.OPERATE))]
MONTHS = 15
CLASSES = {"full": ("hoàn thành 100 %", "full"), "fair": ("hoàn thành từ 70 %", "fair"), "low": ("dưới 70 %", "low")}


class Asked(BaseModel):
    """Whose figures, and of when; empty: the whole province, this month."""

    period: str = Field(default="", max_length=7)
    agency: str = Field(default="", max_length=35)

    def query(self, **more: str) -> str:
        return linked("", period=self.period, agency=self.agency, **more).removeprefix("?")


class AskedBoard(Asked):
    after: str = Field(default="", max_length=35)


class AskedFigure(Asked):
    mark: str = Field(default="", pattern="^([ynx210]?)$")
    after: str = Field(default="", max_length=100)


class AskedWarnings(Asked):
    kind: str = Field(default="", pattern="^[a-z_]{0,30}$")
    after: str = Field(default="", max_length=120)


class AskedFile(Asked):
    kind: Literal["json", "csv"] = "json"


class CloseForm(BaseModel):
    period: str = Field(max_length=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What every page of this part begins with."""

    period: Period
    scope: Scope
    card: Card


@router.get("/console/scores", name="scores")
async def board(visitor: Viewer, asked: Annotated[AskedBoard, Query()]) -> Response:
    found, scores = await _find(visitor, asked), visitor.desk.scores
    scopes = await scores.scopes(visitor.tenant)
    below = [one for one in scopes if one.code > asked.after and _is_within(one, found.scope)]
    return visitor.page(
        "scores/index.html",
        **await _told(visitor, asked, found),
        rows=ranked(found.card, below[:PAGE]),
        onward=asked.query(after=below[PAGE - 1].code) if len(below) > PAGE else "",
        unread=await scores.unread(visitor.tenant),
        closings=await scores.closings(visitor.tenant),
        is_over=visitor.desk.services.clock() >= found.period.ends,
    )


@router.get("/console/scores/figures/{figure}", name="score_figure")
async def opened(visitor: Viewer, figure: str, asked: Annotated[AskedFigure, Query()]) -> Response:
    found, scores = await _find(visitor, asked), visitor.desk.scores
    card = found.card
    what = figure, asked.mark
    items = await scores.opened(visitor.tenant, card, found.scope, what=what, after=asked.after)
    live = await scores.card(visitor.tenant, found.period, found.scope, live=True) if card.closed_at else None
    return visitor.page(
        "scores/figure.html",
        **await _told(visitor, asked, found),
        figure=card.figure(figure),
        told=FIGURES[figure],
        indicator=card.pack.indicator(figure),
        marks=_marks(card, figure),
        live=live.figure(figure) if live else None,
        items=items,
        ratings=await scores.ratings(visitor.tenant, card, found.scope) if figure == "satisfied" else [],
        onward=asked.query(mark=asked.mark, after=items[-1].cursor) if len(items) == PAGE else "",
        statuses=STATUSES,
    )


@router.get("/console/scores/warnings", name="score_warnings")
async def warnings(visitor: Viewer, asked: Annotated[AskedWarnings, Query()]) -> Response:
    asked = asked.model_copy(update={"period": ""})  # what can still be done is of today
    found, scores = await _find(visitor, asked), visitor.desk.scores
    rows = await scores.warned(visitor.tenant, found.scope, found.card, kind=asked.kind, after=asked.after)
    counts = await scores.warned_counts(visitor.tenant, found.scope)
    return visitor.page(
        "scores/warnings.html",
        **await _told(visitor, asked, found),
        rows=rows,
        kinds=[(kind.value, *WORDS[kind], sum(one.count for one in counts if one.kind == kind)) for kind in Kind],
        words=WORDS,
        losses=sorted((one for one in found.card.scored if one.lost), key=lambda one: -one.lost),
        statuses=STATUSES,
        onward=asked.query(kind=asked.kind, after=rows[-1].warned.cursor) if len(rows) == PAGE else "",
    )


@router.get("/console/scores/indicators", name="score_indicators")
async def indicators(visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    found = await _find(visitor, asked)
    nine, of_224, of_1565 = await visitor.desk.scores.indicators(visitor.tenant, found.card, found.scope)
    told: dict[str, Any] = {
        "nine": nine,
        "of_224": of_224,
        "of_1565": of_1565,
        "officer_classes": CLASSES,
        "opened": FIGURES,
    }
    return visitor.page("scores/indicators.html", **await _told(visitor, asked, found), **told)


@router.get("/console/scores/export", name="score_export")
async def export(visitor: Viewer, asked: Annotated[AskedFile, Query()]) -> Response:
    """A file for other systems (KPI-07)."""
    found = await _find(visitor, asked)
    nine, of_224, of_1565 = await visitor.desk.scores.indicators(visitor.tenant, found.card, found.scope)
    told = document(found.card, nine, [*of_224, *of_1565])
    text, media = (as_csv(told), "text/csv") if asked.kind == "csv" else (as_json(told), "application/json")
    name = f"diem-{found.period.name}{'-' + found.scope.code if found.scope.code else ''}.{asked.kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{media}; charset=utf-8", headers=headers)


@router.post("/console/scores/close", name="score_close")
async def close(visitor: Closer, form: Annotated[CloseForm, Form()]) -> Response:
    done = await visitor.desk.scores.close(Period.parse(form.period), context=visitor.context)
    path = linked("/console/scores", period=done.period)
    return visitor.back(path, vi=f"Đã đóng kỳ {done.period}.", en=f"The period {done.period} is closed.")


async def _find(visitor: Visit, asked: Asked) -> Found:
    scores: Scores = visitor.desk.scores
    period = Period.parse(asked.period) if asked.period else scores.month()
    scope = await scores.scope(visitor.tenant, asked.agency)
    return Found(period=period, scope=scope, card=await scores.card(visitor.tenant, period, scope))


async def _told(visitor: Visit, asked: Asked, found: Found) -> dict[str, Any]:
    scopes = await visitor.desk.scores.scopes(visitor.tenant)
    today = local_day(visitor.desk.services.clock())
    chosen = [("", visitor.t("Toàn tỉnh", "The province"))]
    return {
        "asked": asked,
        "card": found.card,
        "period": found.period,
        "scope": found.scope,
        "rule": RULE,
        "names": {one.code: one.name for one in scopes if one.name},
        "agencies": chosen + [(one.code, f"{one.name} ({one.code})" if one.name else one.code) for one in scopes],
        "periods": _periods(today, found.period.name),
    }


def _periods(today: date, chosen: str) -> list[tuple[str, str]]:
    """Months, quarters and years to choose from, the newest first."""
    month = today.year * 12 + today.month - 1
    names = [f"{at // 12}-{at % 12 + 1:02}" for at in range(month, month - MONTHS, -1)]
    quarter = month // 3
    names += [f"{at // 4}-Q{at % 4 + 1}" for at in range(quarter, quarter - 5, -1)]
    names += [str(today.year), str(today.year - 1)]
    return [(name, name) for name in ([] if chosen in names else [chosen]) + names]


def _is_within(one: Scope, scope: Scope) -> bool:
    return scope.agencies is None or set(one.agencies or ()) <= set(scope.agencies)


def _marks(card: Card, figure: str) -> list[tuple[str, int]]:
    """Every mark that the figure has, with how many."""
    found = {count.mark for count in card.counts if count.figure == figure}
    return [
        (mark, sum(count.count for count in card.counts if (count.figure, count.mark) == (figure, mark)))
        for mark in ("y", "n", "2", "1", "0", "x")
        if mark in found
    ]
