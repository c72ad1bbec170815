"""Try a partner step by step, and read how earlier tries came out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from gateway.console.view import moment
from gateway.console.visit import Visit, visit
from gateway.diagnostics import words
from gateway.diagnostics.model import Fact, Finding, Run, Step, Verdict
from gateway.operators.model import Right

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK, Right.OPERATE))]
Watcher = Annotated[Visit, Depends(visit(Right.LOOK, Right.OPERATE, quiet=True))]
Actor = Annotated[Visit, Depends(visit(Right.OPERATE))]
HERE = "/console/diagnostics"
SHOWN = 5
VERDICTS = {
    Verdict.GOOD: ("đạt", "good", "good"),
    Verdict.ATTENTION: ("đạt, cần lưu ý", "good, but look", "late"),
    Verdict.FAILED: ("không đạt", "failed", "bad"),
    Verdict.UNKNOWN: ("không rõ", "unknown", "late"),
    Verdict.NOT_TRIED: ("chưa thử được", "could not be tried", "calm"),
    Verdict.NOT_APPLICABLE: ("không áp dụng", "does not apply", "calm"),
}
"""Vietnamese, English, kind of badge."""


class WayForm(BaseModel):
    """Which way is tried; none: the usual one."""

    way: str = Field(default="", max_length=60)


@router.get(HERE, name="diagnostics")
async def diagnostics(visitor: Viewer) -> Response:
    service = visitor.desk.diagnostics
    runs = {name: (await service.listed(name))[:SHOWN] for name in service.systems}
    ways = {name: tuple(service.ways(name).values()) for name in service.systems}
    manifests = {name: system.connector.manifest for name, system in service.systems.items()}
    return visitor.page("diagnostics/index.html", manifests=manifests, runs=runs, ways=ways, **_words(visitor))


@router.post(HERE + "/{system}/runs", name="diagnose")
async def diagnose(visitor: Actor, system: str, form: Annotated[WayForm, Form()]) -> Response:
    """The page that one is led to shows how it goes on."""
    run = await visitor.desk.diagnostics.start(system, form.way, context=visitor.context)
    visitor.about(run.id)
    return RedirectResponse(f"{HERE}/{system}/{run.id}", status_code=303)


@router.get(HERE + "/{system}/{run_id}", name="diagnosis")
async def diagnosis(visitor: Viewer, system: str, run_id: str) -> Response:
    visitor.about(run_id)
    return await _shown(visitor, "diagnostics/run.html", system=system, run_id=run_id)


@router.get(HERE + "/{system}/{run_id}/steps", name="diagnosis_steps")
async def steps(visitor: Watcher, system: str, run_id: str) -> Response:
    """What the page asks for by itself while the try goes on."""
    return await _shown(visitor, "diagnostics/steps.html", system=system, run_id=run_id)


async def _shown(visitor: Visit, template: str, *, system: str, run_id: str) -> Response:
    service = visitor.desk.diagnostics
    run = await service.find(system, run_id)
    manifest = service.systems[system].connector.manifest if system in service.systems else None
    return visitor.page(template, run=run, manifest=manifest, steps=_steps(run), **_words(visitor))


def _steps(run: Run) -> list[tuple[Step, Finding | None]]:
    """All of them in their order, those that wait among them."""
    known = {finding.step: finding for finding in run.findings}
    return [(step, known.get(step)) for step in Step]


def _words(visitor: Visit) -> dict[str, Any]:
    return {
        "words": words,
        "verdicts": VERDICTS,
        "is_under_way": visitor.desk.diagnostics.is_under_way,
        "told": lambda name, value: _told(visitor, name, value),
    }


def _told(visitor: Visit, name: str, value: Fact) -> Any:
    """A fact for people."""
    if name in {"since", "until"} and isinstance(value, str):
        return moment(datetime.fromisoformat(value))
    if name == "blocked_by":
        return visitor.t(*words.STEPS[Step(str(value))])
    return value
