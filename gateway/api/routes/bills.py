"""`/v1/bills`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from gateway.api.access import Caller, allowed
from gateway.api.once import IdempotencyKey, answer_of, named, once, parse_key
from gateway.api.openapi import problems
from gateway.api.schemas.payments import AttemptIn, BillEndIn, BillIn, BillOut, PaymentOut
from gateway.clients.idempotency import Answer
from gateway.clients.model import Scope
from gateway.payments.model import Bill

router = APIRouter(tags=["payments — thanh toán"], responses=problems())
BillId = Annotated[
    str, Path(pattern=r"^[0-9A-Z]{1,20}$", description="Bill id — Mã khoản phải thu", examples=["B7Q2M0001ABCDEFGHIJK"])
]


@router.post(
    "/v1/bills",
    operation_id="issue_bill",
    summary="Say what is due",
    status_code=201,
    response_model=BillOut,
    responses=problems(409),
)
async def issue_bill(
    body: BillIn,
    caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Lập khoản phải thu. The national portal finds it when the citizen types the dossier's code there; pay it here by
    `POST /v1/bills/{bill_id}/payments`. What a bill says never changes: cancel it and issue another."""
    key = parse_key(idempotency_key)
    caller.acts_for(body.agency_id)
    caller.bills_for(body.dossier_code)
    caller.works_on(body.procedure_code)
    bill_id = named(caller, key, purpose="bill-id", first="B")
    caller.about(bill_id)

    async def action() -> Answer:
        bill = await caller.services.bills.issue(body.model_dump(), bill_id=bill_id, context=caller.context)
        return answer_of(201, await _out(caller, bill), location=f"/v1/bills/{bill_id}")

    return await once(caller, key, action)


@router.get("/v1/bills/{bill_id}", operation_id="get_bill", summary="A bill", responses=problems(404))
async def get_bill(bill_id: BillId, caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS_READ))]) -> BillOut:
    """Xem khoản phải thu và các lần thanh toán của nó."""
    caller.about(bill_id)
    bill = await caller.services.bills.get(bill_id, context=caller.context)
    caller.acts_for(bill.agency_id)
    return await _out(caller, bill)


@router.post(
    "/v1/bills/{bill_id}/payments",
    operation_id="pay_bill",
    summary="Open a payment of a bill",
    status_code=201,
    response_model=PaymentOut,
    responses=problems(404, 409, 502, 504),
)
async def pay_bill(
    bill_id: BillId,
    body: AttemptIn,
    *,
    caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Khởi tạo thanh toán cho một khoản đã lập."""
    key = parse_key(idempotency_key)
    bill = await caller.services.bills.get(bill_id, context=caller.context)
    caller.acts_for(bill.agency_id)
    payment_id = named(caller, key, purpose="payment-id", first="P")
    caller.about(payment_id)

    async def action() -> Answer:
        payment = await caller.services.payments.create(
            body.model_dump(exclude={"rail"}),
            payment_id=payment_id,
            context=caller.context,
            bill_id=bill_id,
            rail=body.rail or "",
        )
        return answer_of(201, PaymentOut.of(payment), location=f"/v1/payments/{payment_id}")

    return await once(caller, key, action)


@router.post(
    "/v1/bills/{bill_id}/cancellation",
    operation_id="cancel_bill",
    summary="Ask for no money any more",
    response_model=BillOut,
    responses=problems(404, 409),
)
async def cancel_bill(
    bill_id: BillId,
    body: BillEndIn,
    *,
    caller: Annotated[Caller, Depends(allowed(Scope.PAYMENTS))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Thôi thu: được miễn, hoặc lập nhầm. Refused once money came. Money that still comes is owed back."""
    key = parse_key(idempotency_key)
    bill = await caller.services.bills.get(bill_id, context=caller.context)
    caller.acts_for(bill.agency_id)
    caller.about(bill_id)

    async def action() -> Answer:
        ended = await caller.services.bills.cancel(
            bill_id, exempt=body.exempt, reason=body.reason, context=caller.context
        )
        return answer_of(200, await _out(caller, ended))

    return await once(caller, key, action)


async def _out(caller: Caller, bill: Bill) -> BillOut:
    return BillOut.of(bill, await caller.services.bills.payments(bill.bill_id, context=caller.context))
