"""`/v1/…/receipts`, and the look-up of a receipt by the code that stands on it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from gateway.api.access import Caller, allowed, services_of
from gateway.api.openapi import problems
from gateway.api.routes.payments import PaymentId, acts_for_payee
from gateway.api.schemas.files import binary, content_headers
from gateway.api.schemas.receipts import ReceiptOut, ReceiptSeenOut, ReceiptsOut
from gateway.clients.model import Scope
from gateway.receipts.model import Receipt

router = APIRouter()
TAGS: list[str] = ["receipts — biên lai"]
ReceiptId = Annotated[
    str,
    Path(pattern=r"^[0-9A-Z-]{1,50}$", description="Receipt id — Mã biên lai", examples=["P7Q2M0001ABCDEFGHIJK-F"]),
]
PRIVATE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Of what stands at an address that is a secret by itself."""
PDF = ("application/pdf",)


@router.get(
    "/v1/payments/{payment_id}/receipts",
    operation_id="list_receipts",
    summary="The receipts of a payment",
    tags=list(TAGS),
    responses=problems(404),
)
async def list_receipts(
    payment_id: PaymentId, caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS_READ))]
) -> ReceiptsOut:
    """Các biên lai của một lần thanh toán: one for the fees and one for the charges, and those that adjust them. None
    where nothing was collected."""
    await acts_for_payee(caller, payment_id)
    return ReceiptsOut.of(await caller.services.receipts.of_payment(payment_id, context=caller.context))


@router.get(
    "/v1/receipts/{receipt_id}",
    operation_id="get_receipt",
    summary="A receipt",
    tags=list(TAGS),
    responses=problems(404),
)
async def get_receipt(
    receipt_id: ReceiptId, caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS_READ))]
) -> ReceiptOut:
    """Xem biên lai, không có thông tin người nộp."""
    return ReceiptOut.of(await _own(caller, receipt_id))


@router.get(
    "/v1/receipts/{receipt_id}/file",
    operation_id="get_receipt_file",
    summary="The signed PDF",
    tags=list(TAGS),
    response_class=Response,
    responses={**problems(404, 409), 200: {"description": "The receipt — Biên lai", "content": binary(PDF)}},
)
async def get_receipt_file(
    receipt_id: ReceiptId, caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS_READ))]
) -> Response:
    """Tệp PDF đã ký số của biên lai, đúng từng byte. Each reading leaves a leaf: it names the payer."""
    await _own(caller, receipt_id)
    found = await caller.services.receipts.file(receipt_id, context=caller.context)
    caller.request.state.file = "reply"
    return Response(found.content, headers=content_headers(found))


@router.get("/bien-lai/{lookup_code}", operation_id="look_up_receipt", include_in_schema=False)
async def look_up_receipt(
    request: Request, lookup_code: Annotated[str, Path(pattern=r"^[0-9A-Z]{20}$")], response: Response
) -> ReceiptSeenOut:
    """For anybody who holds the receipt."""
    services = services_of(request)
    response.headers.update(PRIVATE)
    return ReceiptSeenOut.of(await services.receipts.by_code(lookup_code, tenant=services.tenant))


async def _own(caller: Caller, receipt_id: str) -> Receipt:
    """A receipt of an agency that the caller may act for."""
    caller.about(receipt_id)
    receipt = await caller.services.receipts.find(receipt_id, context=caller.context)
    caller.acts_for(receipt.unit)
    return receipt
