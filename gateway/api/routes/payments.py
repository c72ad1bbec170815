"""`/v1/payments`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from gateway.api.access import Caller, allowed
from gateway.api.lean import LeanRoute
from gateway.api.once import IdempotencyKey, answer_of, named, once, parse_key
from gateway.api.openapi import problems
from gateway.api.schemas.payments import PaymentIn, PaymentOut
from gateway.clients.idempotency import Answer
from gateway.clients.model import Scope

router = APIRouter(route_class=LeanRoute, tags=["payments — thanh toán"], responses=problems())
PaymentId = Annotated[
    str, Path(pattern=r"^[0-9A-Z]{1,20}$", description="Payment id — Mã giao dịch", examples=["P7Q2M0001ABCDEFGHIJK"])
]


@router.post(
    "/v1/payments",
    operation_id="create_payment",
    summary="Open a payment",
    status_code=201,
    response_model=PaymentOut,
    responses=problems(409, 502, 504),
)
async def create_payment(
    body: PaymentIn,
    caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Khởi tạo thanh toán. Send the payer to `pay_url`. `unknown` means that the platform gave no clear answer: the
    gateway finds out; do not open another payment meanwhile."""
    key = parse_key(idempotency_key)
    caller.acts_for(body.agency_id)
    caller.bills_for(body.dossier_code)
    caller.works_on(body.procedure_code)
    payment_id = named(caller, key, purpose="payment-id", first="P")
    caller.about(payment_id)

    async def action() -> Answer:
        payment = await caller.services.payments.create(
            body.model_dump(exclude={"rail"}), payment_id=payment_id, context=caller.context, rail=body.rail or ""
        )
        return answer_of(201, PaymentOut.of(payment), location=f"/v1/payments/{payment_id}")

    return await once(caller, key, action)


@router.get("/v1/payments/{payment_id}", operation_id="get_payment", summary="A payment", responses=problems(404))
async def get_payment(
    payment_id: PaymentId,
    caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS_READ))],
) -> PaymentOut:
    """Xem giao dịch thanh toán."""
    await acts_for_payee(caller, payment_id)
    return PaymentOut.of(await caller.services.payments.get(payment_id, context=caller.context))


@router.post(
    "/v1/payments/{payment_id}/check",
    operation_id="check_payment",
    summary="Ask the platform now",
    status_code=202,
    responses=problems(404),
)
async def check_payment(
    payment_id: PaymentId,
    caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS))],
) -> PaymentOut:
    """Hỏi lại nền tảng ngay. Call it when the payer comes back from the bank page: the return itself proves nothing.
    It changes nothing but the moment of the next question, so it needs no Idempotency-Key."""
    await acts_for_payee(caller, payment_id)
    await caller.services.payments.hurry(payment_id, context=caller.context)
    return PaymentOut.of(await caller.services.payments.get(payment_id, context=caller.context))


async def acts_for_payee(caller: Caller, payment_id: str) -> None:
    """The call is about this payment; `NotAllowedError` unless the client may act for the agency that it goes to."""
    caller.about(payment_id)
    caller.acts_for(await caller.services.refunds.agency_of(payment_id, context=caller.context))
