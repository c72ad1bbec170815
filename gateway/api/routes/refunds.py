"""`/v1/refunds`, and the refunds of a payment."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from gateway.api.access import Caller, allowed
from gateway.api.once import IdempotencyKey, answer_of, named, once, parse_key
from gateway.api.openapi import problems
from gateway.api.routes.payments import PaymentId, acts_for_payee
from gateway.api.schemas.refunds import ApprovalIn, ProofIn, RefundEndIn, RefundIn, RefundOut, RefundsOut
from gateway.clients.idempotency import Answer
from gateway.clients.model import Scope
from gateway.refunds.model import Approval, Refund, Wanted

router = APIRouter(tags=["refunds — hoàn trả"], responses=problems())
RefundId = Annotated[
    str, Path(pattern=r"^[0-9A-Z]{1,20}$", description="Refund id — Mã hoàn trả", examples=["F7Q2M0001ABCDEFGHIJK"])
]
HandId = Annotated[
    str, Path(pattern=r"^[0-9A-Z]{1,20}$", description="Refund id — Mã hoàn trả", examples=["F7Q2M0002ABCDEFGHIJK"])
]
"""One that goes back by hand."""
Writer = Annotated[Caller, Depends(allowed(Scope.PAYMENTS))]
Reader = Annotated[Caller, Depends(allowed(Scope.PAYMENTS_READ))]


@router.post(
    "/v1/payments/{payment_id}/refunds",
    operation_id="request_refund",
    summary="Ask for money to go back",
    status_code=201,
    response_model=RefundOut,
    responses=problems(404, 409),
)
async def request_refund(
    payment_id: PaymentId, body: RefundIn, caller: Writer, *, idempotency_key: IdempotencyKey = None
) -> Response:
    """Đề nghị hoàn trả. Nothing moves before another officer allows it. The payment stays as it is."""
    key = parse_key(idempotency_key)
    refund_id = named(caller, key, purpose="refund-id", first="F")
    caller.about(refund_id)
    caller.acts_for(await caller.services.refunds.agency_of(payment_id, context=caller.context))
    wanted = Wanted(
        refund_id=refund_id,
        payment_id=payment_id,
        **body.model_dump(exclude={"decision"}),
        **(body.decision.said if body.decision else {}),
    )

    async def action() -> Answer:
        refund = await caller.services.refunds.request(wanted, context=caller.context)
        return answer_of(201, RefundOut.of(refund), location=f"/v1/refunds/{refund_id}")

    return await once(caller, key, action)


@router.get(
    "/v1/payments/{payment_id}/refunds",
    operation_id="get_refunds",
    summary="The refunds of a payment, and what can still go back",
    responses=problems(404),
)
async def get_refunds(payment_id: PaymentId, caller: Reader) -> RefundsOut:
    """Các khoản hoàn của một giao dịch, và số tiền còn hoàn được."""
    await acts_for_payee(caller, payment_id)
    left, refunds = await caller.services.refunds.of_payment(payment_id, context=caller.context)
    return RefundsOut(refundable=left, refunds=[RefundOut.of(refund) for refund in refunds])


@router.get("/v1/refunds/{refund_id}", operation_id="get_refund", summary="A refund", responses=problems(404))
async def get_refund(refund_id: RefundId, caller: Reader) -> RefundOut:
    """Xem khoản hoàn trả và các trạng thái đã qua."""
    refund = await _own(caller, refund_id)
    return RefundOut.of(refund, await caller.services.refunds.steps(refund_id, context=caller.context))


@router.post(
    "/v1/refunds/{refund_id}/approval",
    operation_id="approve_refund",
    summary="Allow a refund",
    response_model=RefundOut,
    responses=problems(404, 409),
)
async def approve_refund(
    refund_id: RefundId, body: ApprovalIn, caller: Writer, *, idempotency_key: IdempotencyKey = None
) -> Response:
    """Phê duyệt hoàn trả. Over the rail it is sent at once; by hand it waits for its proof."""
    key = parse_key(idempotency_key)
    await _own(caller, refund_id)
    said = body.decision.said if body.decision else {}
    approval = Approval(approved_by=body.approved_by, way=body.way, **said)

    async def action() -> Answer:
        refund = await caller.services.refunds.approve(refund_id, approval, context=caller.context)
        return answer_of(200, RefundOut.of(refund))

    return await once(caller, key, action)


@router.post(
    "/v1/refunds/{refund_id}/proof",
    operation_id="record_refund",
    summary="Say that money went back by hand",
    response_model=RefundOut,
    responses=problems(404, 409),
)
async def record_refund(
    refund_id: HandId, body: ProofIn, caller: Writer, *, idempotency_key: IdempotencyKey = None
) -> Response:
    """Ghi nhận đã hoàn trả thủ công, kèm chứng từ. It is entered into the books, and the receipt is adjusted."""
    key = parse_key(idempotency_key)
    await _own(caller, refund_id)

    async def action() -> Answer:
        refund = await caller.services.refunds.record(refund_id, body.proof(), context=caller.context)
        return answer_of(200, RefundOut.of(refund))

    return await once(caller, key, action)


@router.post(
    "/v1/refunds/{refund_id}/cancellation",
    operation_id="cancel_refund",
    summary="Call a refund off",
    response_model=RefundOut,
    responses=problems(404, 409),
)
async def cancel_refund(
    refund_id: RefundId, body: RefundEndIn, caller: Writer, *, idempotency_key: IdempotencyKey = None
) -> Response:
    """Huỷ hoàn trả. Refused while it may be under way at the rail."""
    key = parse_key(idempotency_key)
    await _own(caller, refund_id)

    async def action() -> Answer:
        refund = await caller.services.refunds.cancel(refund_id, by=body.cancelled_by, context=caller.context)
        return answer_of(200, RefundOut.of(refund))

    return await once(caller, key, action)


async def _own(caller: Caller, refund_id: str) -> Refund:
    """A refund of an agency that the caller may act for."""
    caller.about(refund_id)
    refund = await caller.services.refunds.get(refund_id, context=caller.context)
    caller.acts_for(refund.agency_id)
    return refund
