"""`/v1/procedures`, `/v1/online-services`, `/v1/agencies/{id}/procedures`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from gateway.api.access import Caller, allowed
from gateway.api.openapi import problems
from gateway.api.schemas.base import Agency, DossierNumber, Procedure
from gateway.api.schemas.procedures import (
    AgencyProceduresOut,
    DossierProcedureOut,
    NamedProcedureOut,
    OnlineServicesOut,
    ProcedureAsked,
    ProcedureOut,
    ProcedureVersionOut,
    ProcedureVersionsOut,
)
from gateway.clients.model import Scope

router = APIRouter(tags=["procedures — thủ tục"], responses=problems())
Code = Annotated[Procedure, Path(description="Procedure code — Mã thủ tục hành chính", examples=["1.009999"])]
Reader = Annotated[Caller, Depends(allowed(Scope.PROCEDURES))]


@router.get(
    "/v1/procedures/{code}",
    operation_id="get_procedure",
    summary="A procedure, whole",
    responses=problems(404, 502, 504),
)
async def get_procedure(code: Code, caller: Reader, *, asked: Annotated[ProcedureAsked, Query()]) -> ProcedureOut:
    """Chi tiết thủ tục: as the national database tells it now. When it cannot be asked, the newest kept version with
    `stale: true`. With `version`, what was told then."""
    service = caller.services.procedures
    caller.about(code)
    if asked.version is not None:
        return ProcedureOut.of(await service.version(code, asked.version, context=caller.context))
    return ProcedureOut.of(await service.read(code, context=caller.context))


@router.get(
    "/v1/procedures/{code}/versions",
    operation_id="list_procedure_versions",
    summary="What was told of it when",
    responses=problems(404),
)
async def list_procedure_versions(code: Code, caller: Reader) -> ProcedureVersionsOut:
    """Các phiên bản đã lưu của thủ tục."""
    caller.about(code)
    kept = await caller.services.procedures.versions(code, context=caller.context)
    return ProcedureVersionsOut(
        code=code, versions=[ProcedureVersionOut(**ProcedureVersionOut.kept(version)) for version in kept]
    )


@router.get(
    "/v1/dossiers/{code}/procedure",
    operation_id="get_dossier_procedure",
    summary="The version of its procedure that a dossier was taken in under",
    responses=problems(404),
)
async def get_dossier_procedure(
    code: Annotated[DossierNumber, Path(description="Dossier code — Mã hồ sơ", examples=["000.00.05.H99-261123-0007"])],
    caller: Annotated[Caller, Depends(allowed(Scope.DOSSIERS_READ))],
) -> DossierProcedureOut:
    """Phiên bản thủ tục của hồ sơ: the steps, fees, papers and deadlines that it is judged by."""
    caller.about(code)
    return DossierProcedureOut.of(await caller.services.procedures.of_dossier(code, context=caller.context))


@router.get(
    "/v1/agencies/{agency_id}/procedures",
    operation_id="list_agency_procedures",
    summary="The procedures of an agency",
    responses=problems(404, 502, 504),
)
async def list_agency_procedures(
    agency_id: Annotated[Agency, Path(description="Agency id — Mã định danh cơ quan", examples=["H99"])],
    caller: Reader,
) -> AgencyProceduresOut:
    """Danh sách thủ tục của đơn vị. A portal that does not answer is a problem, never an empty list."""
    caller.about(agency_id)
    found = await caller.services.procedures.of_agency(agency_id, context=caller.context)
    return AgencyProceduresOut(agency_id=agency_id, items=[NamedProcedureOut(**item) for item in found])


@router.get(
    "/v1/online-services",
    operation_id="list_online_services",
    summary="Every online service",
    responses=problems(502, 504),
)
async def list_online_services(caller: Reader) -> OnlineServicesOut:
    """Danh mục dịch vụ công trực tuyến."""
    return OnlineServicesOut.of(list(await caller.services.procedures.online_services(context=caller.context)))
