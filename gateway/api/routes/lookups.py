"""`/v1/citizens` and `/v1/enterprises`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from gateway.api.access import Caller, allowed
from gateway.api.openapi import problems
from gateway.api.schemas.lookups import (
    AccountLookupIn,
    CitizenLookupIn,
    CitizenVerificationIn,
    EnterpriseLookupIn,
    EnterpriseVerificationIn,
    FoundOut,
    VerificationOut,
)
from gateway.clients.model import Scope

router = APIRouter(tags=["look-ups — tra cứu"], responses=problems(429))


@router.post("/v1/citizens/verification", operation_id="verify_citizen", summary="Verify a citizen's details")
async def verify_citizen(
    body: CitizenVerificationIn,
    caller: Annotated[Caller, Depends(allowed(Scope.CITIZENS))],
) -> VerificationOut:
    """Xác thực thông tin công dân. The verdict is never a bare yes or no, and *undetermined* is never *no*."""
    context = caller.with_purpose(body.purpose.purpose())
    return VerificationOut.of(await caller.services.lookups.verify_citizen(body.model_dump(), context=context))


@router.post("/v1/citizens/lookup", operation_id="lookup_citizen", summary="Look up a citizen's record")
async def lookup_citizen(
    body: CitizenLookupIn,
    caller: Annotated[Caller, Depends(allowed(Scope.CITIZENS_READ))],
) -> FoundOut:
    """Tra cứu thông tin công dân: only the fields that were asked for are returned."""
    context = caller.with_purpose(body.purpose.purpose())
    return FoundOut.of(await caller.services.lookups.lookup_citizen(body.model_dump(), context=context))


@router.post("/v1/accounts/lookup", operation_id="lookup_account", summary="Look up accounts at the portal")
async def lookup_account(
    body: AccountLookupIn,
    caller: Annotated[Caller, Depends(allowed(Scope.CITIZENS_READ))],
) -> FoundOut:
    """Tra cứu mã tài khoản trên Cổng: `record.account_ids`, which a dossier names in `applicant.account_id`."""
    context = caller.with_purpose(body.purpose.purpose())
    return FoundOut.of(await caller.services.lookups.lookup_account(body.model_dump(), context=context))


@router.post("/v1/enterprises/lookup", operation_id="lookup_enterprise", summary="Look up an enterprise")
async def lookup_enterprise(
    body: EnterpriseLookupIn,
    caller: Annotated[Caller, Depends(allowed(Scope.ENTERPRISES))],
) -> FoundOut:
    """Tra cứu doanh nghiệp."""
    context = caller.with_purpose(body.purpose.purpose())
    return FoundOut.of(await caller.services.lookups.lookup_enterprise(body.model_dump(), context=context))


@router.post("/v1/enterprises/verification", operation_id="verify_enterprise", summary="Verify an enterprise's details")
async def verify_enterprise(
    body: EnterpriseVerificationIn,
    caller: Annotated[Caller, Depends(allowed(Scope.ENTERPRISES))],
) -> VerificationOut:
    """Xác thực doanh nghiệp: name and representative are compared; the legal status passes through unjudged."""
    context = caller.with_purpose(body.purpose.purpose())
    return VerificationOut.of(await caller.services.lookups.verify_enterprise(body.model_dump(), context=context))
