"""Refunds: approve in another person's name than the one who asked, prove, call off (PAY-16)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.console.given import Day
from gateway.console.money_lists import Asked, listed, show
from gateway.console.visit import Visit, visit
from gateway.domain import VIETNAM
from gateway.operators.model import Right
from gateway.reconciliation.piles import Pile
from gateway.refunds.model import ON_ITS_WAY, Approval, Proof, Refund, RefundState, RefundWay

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Acting = Annotated[Visit, Depends(visit(Right.OPERATE))]
HOME = "/console/payments/refunds"


class ApprovalForm(BaseModel):
    """`number`, `day`: of the decision, unless the request named it."""

    number: str = Field(default="", max_length=60)
    day: Day = None
    way: RefundWay | None = None


class ProofForm(BaseModel):
    """Money that went back by hand; to whose account is sealed and never shown again (PAY-18)."""

    document: str = Field(min_length=1, max_length=60)
    paid_at: datetime
    account: str = Field(min_length=1, max_length=60, repr=False)
    name: str = Field(min_length=1, max_length=200, repr=False)


@router.get(HOME, name="payment_refunds")
async def refunds(visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    return show(visitor, "list", listing=await listed(visitor, asked, [Pile.REFUNDS]), others=())


@router.get(f"{HOME}/{{refund_id}}", name="payment_refund")
async def refund(visitor: Viewer, refund_id: str) -> Response:
    """The reason may speak of a person: those see it who have to decide."""
    visitor.about(refund_id)
    held, context = visitor.desk.services.refunds, visitor.context
    found = await held.get(refund_id, context=context)
    return show(
        visitor,
        "refund",
        refund=found,
        steps=await held.steps(refund_id, context=context),
        can=can(found),
        is_own=found.requested_by.casefold() == visitor.operator.login.casefold(),
    )


@router.post(f"{HOME}/{{refund_id}}/approve", name="approve_payment_refund")
async def approve(visitor: Acting, refund_id: str, form: Annotated[ApprovalForm, Form()]) -> Response:
    visitor.about(refund_id)
    approval = Approval(
        approved_by=visitor.operator.login, decision_number=form.number.strip(), decision_day=form.day, way=form.way
    )
    return _back(visitor, await visitor.desk.money.refunds.approve(refund_id, approval, context=visitor.context))


@router.post(f"{HOME}/{{refund_id}}/record", name="record_payment_refund")
async def record(visitor: Acting, refund_id: str, form: Annotated[ProofForm, Form()]) -> Response:
    visitor.about(refund_id)
    paid_at = form.paid_at if form.paid_at.tzinfo else form.paid_at.replace(tzinfo=VIETNAM)
    proof = Proof(
        recorded_by=visitor.operator.login,
        document_number=form.document.strip(),
        paid_at=paid_at,
        payee_account=form.account,
        payee_name=form.name,
    )
    return _back(visitor, await visitor.desk.money.refunds.record(refund_id, proof, context=visitor.context))


@router.post(f"{HOME}/{{refund_id}}/cancel", name="cancel_payment_refund")
async def cancel(visitor: Acting, refund_id: str) -> Response:
    visitor.about(refund_id)
    by = visitor.operator.login
    return _back(visitor, await visitor.desk.money.refunds.cancel(refund_id, by=by, context=visitor.context))


def can(refund: Refund) -> frozenset[str]:
    """What may be tried as it stands; the service has the last word. What is under way is called off only once its
    message is held, and proven by hand where the rail does not tell."""
    under_way = refund.state in ON_ITS_WAY or refund.state is RefundState.UNKNOWN
    is_to_be_paid = refund.state is RefundState.APPROVED and refund.way is RefundWay.BY_HAND
    told = {
        "approve": refund.state is RefundState.REQUESTED,
        "record": under_way or is_to_be_paid,
        "cancel": under_way or refund.state in {RefundState.REQUESTED, RefundState.APPROVED},
    }
    return frozenset(name for name, is_possible in told.items() if is_possible)


def _back(visitor: Visit, refund: Refund) -> Response:
    state = refund.state
    said = {"vi": f"{refund.refund_id}: {state.label_vi}.", "en": f"{refund.refund_id}: {state.value}."}
    return visitor.back(f"{HOME}/{refund.refund_id}", **said)
