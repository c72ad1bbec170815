"""`/v1/payments/{payment_id}/vouchers`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from gateway.api.access import Caller, allowed
from gateway.api.openapi import problems
from gateway.api.routes.payments import PaymentId, acts_for_payee
from gateway.api.schemas.files import binary, content_headers
from gateway.api.schemas.vouchers import EXAMPLE_SHA, VouchersOut
from gateway.clients.model import Scope
from gateway.receipts.vouchers import MEDIA_TYPES

router = APIRouter(tags=["payments — thanh toán"], responses=problems())
Digest = Annotated[
    str,
    Path(
        pattern=r"^[0-9a-f]{64}$", description="`sha256` of the voucher — Mã băm của chứng từ", examples=[EXAMPLE_SHA]
    ),
]


@router.get(
    "/v1/payments/{payment_id}/vouchers",
    operation_id="list_vouchers",
    summary="The rail's receipts of a payment",
    responses=problems(404),
)
async def list_vouchers(
    payment_id: PaymentId, caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS_READ))]
) -> VouchersOut:
    """Chứng từ thanh toán của kênh thanh toán, được lấy về ngay khi tiền được ghi thu."""
    await acts_for_payee(caller, payment_id)
    await caller.services.payments.get(payment_id, context=caller.context)
    return VouchersOut.of(await caller.services.vouchers.of_payment(payment_id, context=caller.context))


@router.get(
    "/v1/payments/{payment_id}/vouchers/{sha256}/file",
    operation_id="get_voucher_file",
    summary="A voucher itself",
    response_class=Response,
    responses={
        **problems(404),
        200: {"description": "The voucher — Nội dung chứng từ", "content": binary(tuple(MEDIA_TYPES))},
    },
)
async def get_voucher_file(
    payment_id: PaymentId, sha256: Digest, caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS_READ))]
) -> Response:
    """Tệp chứng từ, đã kiểm mã băm: what the rail gave, byte for byte, or an error. Each reading leaves a leaf."""
    await acts_for_payee(caller, payment_id)
    found = await caller.services.vouchers.file(payment_id, sha256, context=caller.context)
    caller.request.state.file = "reply"
    return Response(found.content, headers=content_headers(found))
