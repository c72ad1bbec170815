"""Cases of money: what differs, who must act and by when, and the decision of whoever cleared it up."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query
from starlette.responses import Response

from gateway.cases.deciding import Decision
from gateway.console.case_words import ADVICE, FACTS_EN, FACTS_MORE_VI
from gateway.console.money_lists import Asked, listed, show
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.reconciliation.piles import Pile
from gateway.reconciliation.words import FACTS, MONEY

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Acting = Annotated[Visit, Depends(visit(Right.OPERATE))]
Number = Annotated[int, Path(ge=1, lt=2**63)]
CASES = (Pile.CASES_OPEN, Pile.CASES_RESOLVED)
HOME = "/console/payments/cases"


@router.get(HOME, name="payment_cases")
async def cases(visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    listing = await listed(visitor, asked, CASES)
    return show(visitor, "list", listing=listing, others=CASES)


@router.get(f"{HOME}/{{case_id}}", name="payment_case")
async def case(visitor: Viewer, case_id: Number) -> Response:
    """What a person wrote on resolving it is shown to those who act and those who audit: it may speak of somebody."""
    visitor.about(f"case:{case_id}")
    found = await visitor.desk.money.cases.find(visitor.tenant, case_id)
    return show(
        visitor,
        "case",
        case=found,
        advice=ADVICE[found.opening.kind],
        facts_vi={**FACTS, **FACTS_MORE_VI},
        facts_en=FACTS_EN,
        money_facts=MONEY,
    )


@router.post(f"{HOME}/{{case_id}}/resolve", name="resolve_payment_case")
async def resolve(
    visitor: Acting,
    case_id: Number,
    *,
    words: Annotated[str, Form(max_length=4000)],
    evidence: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    visitor.about(f"case:{case_id}")
    decision = Decision(by=visitor.operator.login, resolution=words.strip(), evidence=evidence.strip())
    await visitor.desk.money.decisions.resolve(case_id, decision, context=visitor.context)
    return visitor.back(f"{HOME}/{case_id}", vi="Đã ghi kết quả xử lý.", en="The decision is recorded.")
