"""`/v1/rechecks`: a verification that found no answer is asked again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from gateway.api.access import Caller, allowed
from gateway.api.once import IdempotencyKey, answer_of, named, once, parse_key
from gateway.api.openapi import problems
from gateway.api.schemas.rechecks import RecheckIn, RecheckViewOut
from gateway.clients.idempotency import Answer
from gateway.clients.model import Scope
from gateway.domain import Purpose, people_in
from gateway.rechecks.model import Recheck, Wanted

router = APIRouter(tags=["rechecks — xác thực lại"], responses=problems())
RecheckId = Annotated[
    str,
    Path(
        pattern=r"^R[0-9A-Z]{19}$",  # as `named` makes them; a number of a person fits it never
        description="Recheck id — Mã yêu cầu xác thực lại",
        examples=["R7Q2M0001ABCDEFGHIJK"],
    ),
]
ANY_OF_THEM = allowed(Scope.CITIZENS, Scope.ENTERPRISES)
"""Which of them it takes, the operation says."""


@router.post(
    "/v1/rechecks",
    operation_id="create_recheck",
    summary="Ask a verification again later",
    status_code=202,
    response_model=RecheckViewOut,
    responses=problems(409),
)
async def create_recheck(
    body: RecheckIn,
    caller: Annotated[Caller, Depends(ANY_OF_THEM)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Xác thực lại sau, khi câu trả lời là `undetermined`. The gateway asks until there is an answer, for three days,
    whatever restarts meanwhile. The dossier can go on, marked as not yet verified."""
    key = parse_key(idempotency_key)
    context = caller.with_purpose(body.request.purpose.purpose(), people_in(body.request.model_dump()))
    caller.needs(body.operation.scope)
    wanted = Wanted(
        recheck_id=named(caller, key, purpose="recheck-id", first="R"),
        operation=body.operation,
        request=body.request.model_dump(exclude_none=True),
        reference=body.reference or "",
        callback=body.callback,
    )

    async def action() -> Answer:
        recheck = await caller.services.late().rechecks.ask(wanted, context=context)
        return answer_of(202, RecheckViewOut.of(recheck), location=f"/v1/rechecks/{recheck.recheck_id}")

    return await once(caller, key, action)


@router.get("/v1/rechecks/{recheck_id}", operation_id="get_recheck", summary="A recheck", responses=problems(404))
async def get_recheck(recheck_id: RecheckId, caller: Annotated[Caller, Depends(ANY_OF_THEM)]) -> RecheckViewOut:
    """Xem yêu cầu xác thực lại, và kết quả khi đã có. Who saw a result is recorded: it speaks of a person."""
    recheck = await _own(caller, recheck_id)
    contents = await caller.services.late().rechecks.contents(recheck)
    if contents.result is not None and contents.request is not None:
        caller.with_purpose(Purpose(**contents.request["purpose"]), people_in(contents.request))
        caller.request.state.file = "reply"  # so that a leaf is written, with the digest of what was shown
    return RecheckViewOut.of(recheck, contents)


@router.post(
    "/v1/rechecks/{recheck_id}/withdrawal",
    operation_id="withdraw_recheck",
    summary="Ask no more",
    response_model=RecheckViewOut,
    responses=problems(404, 409),
)
async def withdraw_recheck(
    recheck_id: RecheckId,
    caller: Annotated[Caller, Depends(ANY_OF_THEM)],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Rút yêu cầu: what was stored of the person is erased at once. Said twice, the first time stands."""
    key = parse_key(idempotency_key)
    caller.about(recheck_id)

    async def action() -> Answer:
        recheck = await _own(caller, recheck_id)
        withdrawn = await caller.services.late().rechecks.withdraw(recheck.recheck_id, context=caller.context)
        return answer_of(200, RecheckViewOut.of(withdrawn))

    return await once(caller, key, action)


async def _own(caller: Caller, recheck_id: str) -> Recheck:
    """The caller's own recheck, for which it still has the scope."""
    caller.about(recheck_id)
    recheck = await caller.services.late().rechecks.read(recheck_id, context=caller.context)
    caller.needs(recheck.operation.scope)
    caller.about(recheck.dossier_code)
    return recheck
