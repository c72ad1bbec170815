"""Mappings: read as tables, tried on a sample that goes nowhere, and held against what they were before."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console.visit import Visit, visit
from gateway.mapping import words
from gateway.mapping.difference import compare, entries
from gateway.mapping.model import Direction
from gateway.mapping.source import Source, Used
from gateway.mapping.table import rows, skeleton
from gateway.mapping.versions import doubled
from gateway.operators.model import Right
from gateway.sdk.errors import NotFoundError

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
LARGEST = 262_144
"""Characters of a sample."""
MOST_ENTRIES = 100


class SampleForm(BaseModel):
    """What is to be translated, and which way."""

    direction: Direction
    sample: str = Field(max_length=LARGEST, repr=False)


@router.get("/console/mappings", name="mappings")
async def mappings(visitor: Viewer) -> Response:
    return visitor.page("mappings/index.html", shelves=visitor.desk.book.shelves, counts=_counts)


@router.get("/console/mappings/{system}/{operation}", name="mapping")
async def mapping(visitor: Viewer, system: str, operation: str) -> Response:
    visitor.about(f"{system}/{operation}")
    return await _page(visitor, visitor.desk.book.source(system, operation))


@router.post("/console/mappings/{system}/{operation}", name="dry_run_mapping")
async def dry_run(visitor: Viewer, *, system: str, operation: str, form: Annotated[SampleForm, Form()]) -> Response:
    """Shown and forgotten: the leaf names the mapping and nothing of the sample."""
    visitor.about(f"{system}/{operation}")
    book = visitor.desk.book
    tried = book.try_out(system, operation, direction=form.direction, text=form.sample)
    return await _page(visitor, book.source(system, operation), form=form, tried=tried)


@router.get("/console/mappings/{system}/{operation}/codes/{name}", name="code_list")
async def code_list(
    visitor: Viewer, *, system: str, operation: str, name: str, after: Annotated[int, Query(ge=0, le=1_000_000)] = 0
) -> Response:
    source = visitor.desk.book.source(system, operation)
    if name not in source.codes:
        raise NotFoundError("There is no such code list.", vi="Không có danh mục này.")
    found = entries(source.codes[name])
    shown = found[after : after + MOST_ENTRIES]
    more = after + MOST_ENTRIES if len(found) > after + MOST_ENTRIES else 0
    return visitor.page("mappings/codes.html", source=source, name=name, entries=shown, count=len(found), more=more)


@router.get("/console/mappings/{system}/{operation}/versions", name="mapping_versions")
async def versions(
    visitor: Viewer,
    *,
    system: str,
    operation: str,
    before: Annotated[str, Query(max_length=60)] = "",
    after: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """`before`, `after`: keys of two versions; none: the two that were used last."""
    visitor.about(f"{system}/{operation}")
    source = visitor.desk.book.source(system, operation)
    used = await visitor.desk.book.used(system, operation)
    older, newer = _chosen(used, before, at=1), _chosen(used, after, at=0)
    difference = compare(older.source, newer.source) if older and newer and older is not newer else None
    return visitor.page(
        "mappings/versions.html",
        source=source,
        used=used,
        older=older,
        newer=newer,
        difference=difference,
        words=words,
        is_doubled=lambda version: doubled(used, version),
    )


async def _page(visitor: Visit, source: Source, **tried: Any) -> Response:
    used = await visitor.desk.book.used(source.system, source.operation)
    form: SampleForm | None = tried.get("form")
    samples = _samples(visitor, source)
    if form:
        samples[form.direction.value] = form.sample
    return visitor.page(
        "mappings/mapping.html",
        source=source,
        tables={direction.value: rows(source.document, direction) for direction in Direction},
        samples=samples,
        used=used,
        is_doubled=doubled(used, source.version),
        words=words,
        form=form,
        tried=tried.get("tried"),
        written=lambda body: json.dumps(body, ensure_ascii=False, indent=2),
    )


def _samples(visitor: Visit, source: Source) -> dict[str, str]:
    """An example of the folder for what we send; of what they send the names alone."""
    examples = visitor.desk.book.examples(source.system, source.operation)
    given = examples[0].given if examples else skeleton(source.document, Direction.REQUEST)
    theirs = skeleton(source.document, Direction.REPLY)
    said = {Direction.REQUEST.value: given, Direction.REPLY.value: theirs}
    return {name: json.dumps(document, ensure_ascii=False, indent=2, default=str) for name, document in said.items()}


def _counts(source: Source) -> dict[str, int]:
    return {direction.value: len(rows(source.document, direction)) for direction in Direction}


def _chosen(used: list[Used] | Any, key: str, *, at: int) -> Used | None:
    if not key:
        return used[at] if len(used) > at else None
    found = next((one for one in used if one.key == key), None)
    if found is None:
        raise NotFoundError("There is no such version.", vi="Không có phiên bản này.")
    return found
