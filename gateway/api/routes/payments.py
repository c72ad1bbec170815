"""`/v1/payments`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from gateway.api.access import ServicesDep, allowed, may_act_for
from gateway.api.once import IdempotencyKey, answer_of, once, parse_key
from gateway.api.openapi import problems
from gateway.api.schemas.payments import PaymentIn, PaymentOut
from gateway.clients.idempotency import Answer
from gateway.clients.model import Scope
from gateway.domain import Context
from gateway.signing.model import Digester

router = APIRouter(tags=["payments — thanh toán"], responses=problems())
PaymentId = Annotated[
    str, Path(pattern=r"^[0-9A-Z]{1,20}$", description="Payment id — Mã giao dịch", examples=["P7Q2M0001ABCDEFGHIJK"])
]
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


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
    request: Request,
    services: ServicesDep,
    context: Annotated[Context, Depends(allowed(Scope.PAYMENTS))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Khởi tạo thanh toán. Send the payer to `pay_url`. `unknown` means that the platform gave no clear answer: the
    gateway finds out; do not open another payment meanwhile."""
    key = parse_key(idempotency_key)
    may_act_for(request, body.agency_id)
    payment_id = _payment_id(services.digester, context, key)
    request.state.reference = payment_id

    async def action() -> Answer:
        payment = await services.payments.create(body.model_dump(), payment_id=payment_id, context=context)
        return answer_of(201, PaymentOut.of(payment), location=f"/v1/payments/{payment_id}")

    return await once(request, services, key, context=context, action=action)


@router.get("/v1/payments/{payment_id}", operation_id="get_payment", summary="A payment", responses=problems(404))
async def get_payment(
    payment_id: PaymentId,
    request: Request,
    services: ServicesDep,
    context: Annotated[Context, Depends(allowed(Scope.PAYMENTS_READ))],
) -> PaymentOut:
    """Xem giao dịch thanh toán."""
    request.state.reference = payment_id
    return PaymentOut.of(await services.payments.get(payment_id, context=context))


@router.post(
    "/v1/payments/{payment_id}/check",
    operation_id="check_payment",
    summary="Ask the platform now",
    status_code=202,
    responses=problems(404),
)
async def check_payment(
    payment_id: PaymentId,
    request: Request,
    services: ServicesDep,
    context: Annotated[Context, Depends(allowed(Scope.PAYMENTS))],
) -> PaymentOut:
    """Hỏi lại nền tảng ngay. Call it when the payer comes back from the bank page: the return itself proves nothing.
    It changes nothing but the moment of the next question, so it needs no Idempotency-Key."""
    request.state.reference = payment_id
    await services.payments.hurry(payment_id, context=context)
    return PaymentOut.of(await services.payments.get(payment_id, context=context))


def _payment_id(digester: Digester, context: Context, key: str) -> str:
    """The same request always names the same payment, also when the process died before it could answer: 20
    characters `[0-9A-Z]`, of which 98 bits are unguessable without our key."""
    number = int.from_bytes(
        digester.digest(f"{context.tenant}/{context.actor}/{key}".encode(), purpose="payment-id"), "big"
    )
    return "P" + "".join(_DIGITS[number // 36**place % 36] for place in range(19))
