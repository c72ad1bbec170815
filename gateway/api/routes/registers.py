"""`/v1/catalogues`, `/v1/places`, `/v1/agencies` and `/v1/dossier-codes`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from gateway.api.access import Caller, allowed
from gateway.api.once import IdempotencyKey, answer_of, once, parse_key
from gateway.api.openapi import problems
from gateway.api.routes.dossiers import Code
from gateway.api.schemas.base import Agency, Day
from gateway.api.schemas.registers import (
    AgencyFormsOut,
    CatalogueEntriesOut,
    CatalogueOut,
    CataloguesOut,
    CodedFieldsOut,
    DossierCodeIn,
    DossierCodeOut,
    EntryOut,
    PlaceOut,
)
from gateway.clients.idempotency import Answer
from gateway.clients.model import Scope
from gateway.domain import local_day
from gateway.numbering.model import CodeRequest

router = APIRouter(tags=["codes — danh mục, mã"], responses=problems())
Reader = Annotated[Caller, Depends(allowed(Scope.DOSSIERS_READ))]
On = Annotated[Day | None, Query(description="The day; today without it — Ngày cần tra; mặc định hôm nay")]
ListName = Annotated[
    str, Path(pattern=r"^[a-z_]{1,40}$", description="Name of the catalogue — Tên danh mục", examples=["fields"])
]
PlaceCode = Annotated[
    str,
    Path(pattern=r"^[0-9A-Z][0-9A-Z._-]{0,34}$", description="Code or alias — Mã, cũ hoặc mới", examples=["MOCK-HG"]),
]
AgencyCode = Annotated[Agency, Path(description="Agency id of either form — Mã định danh cơ quan", examples=["H99"])]


@router.get("/v1/catalogues", operation_id="list_catalogues", summary="The catalogues that were taken over")
async def list_catalogues(caller: Reader) -> CataloguesOut:
    """Các danh mục đã lấy từ Cổng, phiên bản và thời điểm."""
    views = await caller.services.catalogues.views(caller.context.tenant)
    return CataloguesOut(catalogues=[CatalogueOut.of(view) for view in views])


@router.get(
    "/v1/catalogues/{name}", operation_id="get_catalogue", summary="The codes of a day", responses=problems(404)
)
async def get_catalogue(name: ListName, caller: Reader, on: On = None) -> CatalogueEntriesOut:
    """Danh mục vào một ngày: which codes were in force, in which version of the list."""
    day, services = _day(caller, on), caller.services
    version, entries = await services.catalogues.entries(name, on=day, context=caller.context)
    told = [EntryOut(code=code, name=text) for code, text in sorted(entries.items())]
    return CatalogueEntriesOut(catalogue=name, version=version, on=day, entries=told)


@router.get(
    "/v1/dossiers/{code}/codes",
    operation_id="get_codes",
    summary="Catalogue and version of the codes of procedure and field",
    responses=problems(404),
)
async def get_codes(code: Code, caller: Reader) -> CodedFieldsOut:
    """Danh mục của mã thủ tục và mã lĩnh vực: by which catalogue, in which version, each is understood."""
    caller.about(code)
    return CodedFieldsOut.of(code, await caller.services.catalogues.versions(code, context=caller.context))


@router.get(
    "/v1/places/{code}", operation_id="resolve_place", summary="What a code means on a day", responses=problems(404)
)
async def resolve_place(code: PlaceCode, caller: Reader, on: On = None) -> PlaceOut:
    """Cơ quan, địa danh: an old code leads to its successors, a new one to what it was made of."""
    return PlaceOut.of(await caller.services.places.resolve(code, on=_day(caller, on), context=caller.context))


@router.get(
    "/v1/agencies/{agency_id}",
    operation_id="get_agency_forms",
    summary="The other form of an agency id",
    responses=problems(404),
)
async def get_agency_forms(agency_id: AgencyCode, caller: Reader, on: On = None) -> AgencyFormsOut:
    """Đối chiếu mã định danh QCVN 102 và QĐ 20/2020, theo bảng của tỉnh; không có trong bảng thì không đoán."""
    day = _day(caller, on)
    other = await caller.services.places.other_form(agency_id, on=day, context=caller.context)
    return AgencyFormsOut(agency_id=agency_id, other_form=other, on=day)


@router.post(
    "/v1/dossier-codes",
    operation_id="issue_dossier_code",
    summary="The next dossier code",
    status_code=201,
    response_model=DossierCodeOut,
    responses=problems(409, 502, 504),
)
async def issue_dossier_code(
    body: DossierCodeIn,
    caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Cấp mã hồ sơ: each code is given out once. The system that takes the dossiers issues it if it can, else the
    gateway counts by agency and day. The same request with the same Idempotency-Key gets the same code, for good."""
    key = parse_key(idempotency_key)
    caller.acts_for(body.agency_code)
    caller.works_on(body.procedure_code)
    asked = (body.agency_code, body.procedure_code, body.received_on or "")
    named = "/".join((caller.context.tenant, caller.context.actor, key, *asked)).encode()
    request = CodeRequest(
        agency=body.agency_code,
        procedure=body.procedure_code,
        received_on=date.fromisoformat(body.received_on) if body.received_on else None,
        key=caller.services.digester.digest(named, purpose="dossier-code"),
    )

    async def action() -> Answer:
        issued = await caller.services.numbering.issue(request, context=caller.context)
        caller.about(issued.code)
        return answer_of(201, DossierCodeOut.of(issued))

    return await once(caller, key, action)


def _day(caller: Caller, on: str | None) -> date:
    return date.fromisoformat(on) if on else local_day(caller.services.clock())
