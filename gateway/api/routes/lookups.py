"""`/v1/citizens`, `/v1/accounts` and `/v1/enterprises`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.api.access import Caller, allowed
from gateway.api.lean import LeanRoute
from gateway.api.openapi import problems
from gateway.api.schemas.enterprises import (
    EnterpriseFoundOut,
    EnterpriseLookupIn,
    EnterpriseVerificationIn,
    EnterpriseVerificationOut,
    RepresentativeVerificationIn,
    RepresentativeVerificationOut,
)
from gateway.api.schemas.lookups import (
    AccountFoundOut,
    AccountLookupIn,
    CitizenFoundOut,
    CitizenLookupIn,
    CitizenVerificationIn,
    CitizenVerificationOut,
)
from gateway.api.schemas.registrations import (
    RegistrationFoundOut,
    RegistrationLookupIn,
    RegistrationSearchIn,
    RegistrationsFoundOut,
)
from gateway.clients.model import Scope
from gateway.domain import people_in

router = APIRouter(route_class=LeanRoute, tags=["look-ups — tra cứu"], responses=problems(429))
Verifier = Annotated[Caller, Depends(allowed(Scope.CITIZENS))]
Reader = Annotated[Caller, Depends(allowed(Scope.CITIZENS_READ))]
Registrar = Annotated[Caller, Depends(allowed(Scope.ENTERPRISES))]


@router.post("/v1/citizens/verification", operation_id="verify_citizen", summary="Verify a citizen's details")
async def verify_citizen(body: CitizenVerificationIn, caller: Verifier) -> CitizenVerificationOut:
    """Xác thực thông tin công dân. The verdict is never a bare yes or no, and *undetermined* is never *no*."""
    context = caller.with_purpose(body.purpose.purpose(), (body.personal_id,))
    asked = body.model_dump(exclude_none=True)
    return CitizenVerificationOut.of(await caller.services.lookups.verify_citizen(asked, context=context))


@router.post("/v1/citizens/lookup", operation_id="lookup_citizen", summary="Look up a citizen's record")
async def lookup_citizen(body: CitizenLookupIn, caller: Reader) -> CitizenFoundOut:
    """Tra cứu thông tin công dân: only the fields that were asked for are returned."""
    context = caller.with_purpose(body.purpose.purpose(), (body.personal_id,))
    return CitizenFoundOut.of(await caller.services.lookups.lookup_citizen(body.model_dump(), context=context))


@router.post("/v1/accounts/lookup", operation_id="lookup_account", summary="Look up accounts at the portal")
async def lookup_account(body: AccountLookupIn, caller: Reader) -> AccountFoundOut:
    """Tra cứu mã tài khoản trên Cổng: `record.account_ids`, which a dossier names in `applicant.account_id`."""
    context = caller.with_purpose(body.purpose.purpose(), people_in({"personal_id": body.number}))
    return AccountFoundOut.of(await caller.services.lookups.lookup_account(body.model_dump(), context=context))


@router.post("/v1/enterprises/lookup", operation_id="lookup_enterprise", summary="Look up an enterprise")
async def lookup_enterprise(body: EnterpriseLookupIn, caller: Registrar) -> EnterpriseFoundOut:
    """Tra cứu doanh nghiệp: what is free and public, or the fields that are named."""
    context = caller.with_purpose(body.purpose.purpose())
    return EnterpriseFoundOut.of(await caller.services.lookups.lookup_enterprise(body.model_dump(), context=context))


@router.post("/v1/enterprises/verification", operation_id="verify_enterprise", summary="Verify an enterprise's details")
async def verify_enterprise(body: EnterpriseVerificationIn, caller: Registrar) -> EnterpriseVerificationOut:
    """Xác thực doanh nghiệp: name, head office and representative are compared; the legal status passes through
    unjudged."""
    context = caller.with_purpose(body.purpose.purpose())
    found = await caller.services.lookups.verify_enterprise(body.model_dump(), context=context)
    return EnterpriseVerificationOut.of(found)


@router.post(
    "/v1/enterprises/representatives/verification",
    operation_id="verify_representative",
    summary="Verify a legal representative",
)
async def verify_representative(body: RepresentativeVerificationIn, caller: Registrar) -> RepresentativeVerificationOut:
    """Xác thực người đại diện theo pháp luật. Who is none may still hold an authorisation; nothing of other
    representatives is told."""
    context = caller.with_purpose(body.purpose.purpose(), people_in(body.model_dump()))
    found = await caller.services.lookups.verify_representative(body.model_dump(), context=context)
    return RepresentativeVerificationOut.of(found)


@router.post(
    "/v1/enterprises/registrations/search",
    operation_id="list_registrations",
    summary="Registration dossiers of today or of a period",
)
async def list_registrations(body: RegistrationSearchIn, caller: Registrar) -> RegistrationsFoundOut:
    """Danh sách hồ sơ đăng ký doanh nghiệp, a page at a time."""
    context = caller.with_purpose(body.purpose.purpose())
    asked = body.model_dump(exclude_none=True)
    return RegistrationsFoundOut.of(await caller.services.lookups.list_registrations(asked, context=context))


@router.post(
    "/v1/enterprises/registrations/lookup",
    operation_id="read_registration",
    summary="Look up a registration dossier",
)
async def read_registration(body: RegistrationLookupIn, caller: Registrar) -> RegistrationFoundOut:
    """Tình trạng một hồ sơ đăng ký doanh nghiệp."""
    context = caller.with_purpose(body.purpose.purpose())
    return RegistrationFoundOut.of(await caller.services.lookups.read_registration(body.model_dump(), context=context))
