"""`/v1/questions`, `/v1/ratings`, and `/v1/deliveries` to see how far they have come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from gateway.api.access import Caller, allowed
from gateway.api.once import IdempotencyKey, answer_of, once, parse_key
from gateway.api.openapi import problems
from gateway.api.schemas.feedback import (
    AnswerIn,
    DeliveryOut,
    QuestionIn,
    QuestionOut,
    QuestionsAsked,
    QuestionsOut,
    RatingsIn,
    ShownAnswerOut,
    ToldOut,
)
from gateway.clients.idempotency import Answer
from gateway.clients.model import Scope
from gateway.feedback.model import Source, Told

router = APIRouter(tags=["questions and ratings — hỏi đáp, đánh giá"], responses=problems())
Reader = Annotated[Caller, Depends(allowed(Scope.FEEDBACK_READ))]
Writer = Annotated[Caller, Depends(allowed(Scope.FEEDBACK))]
QuestionId = Annotated[
    str, Path(pattern=r"^[1-9][0-9]{0,14}$", description="Number of the question — Mã câu hỏi", examples=["90001"])
]
Key = Annotated[
    str,
    Path(
        pattern=r"^(?:(?:question|answer):[1-9][0-9]{0,15}|ratings:20[0-9]{2}-[01][0-9]:[0-9A-Z.]{8,40}:[0-9A-Z.]{3,35})$",
        description="The `key` of the 202 — Trường `key` của câu trả lời 202",
        examples=["answer:90001"],
    ),
]


@router.get(
    "/v1/questions", operation_id="list_questions", summary="Questions at the portal", responses=problems(502, 504)
)
async def list_questions(
    caller: Reader,
    *,
    asked: Annotated[QuestionsAsked, Query()],
) -> QuestionsOut:
    """Danh sách câu hỏi. A key that is bound to agencies sees what was put to them. A portal that does not answer is a
    problem, never an empty list."""
    found = await caller.services.feedback.questions(
        Source(asked.source), agencies=caller.client.agencies, context=caller.context
    )
    return QuestionsOut(items=[QuestionOut(**item) for item in found])


@router.get(
    "/v1/questions/{question_id}/answer",
    operation_id="get_answer",
    summary="The answer that the portal shows",
    responses=problems(404, 502, 504),
)
async def get_answer(question_id: QuestionId, caller: Reader) -> ShownAnswerOut:
    """Nội dung trả lời; 404 while the portal shows none."""
    shown = await caller.services.feedback.answer_to(int(question_id), context=caller.context)
    return ShownAnswerOut.of(int(question_id), shown)


@router.post(
    "/v1/questions",
    operation_id="publish_question",
    summary="Publish a question",
    status_code=202,
    response_model=ToldOut,
    responses=problems(409),
)
async def publish_question(body: QuestionIn, caller: Writer, *, idempotency_key: IdempotencyKey = None) -> Response:
    """Công bố câu hỏi của địa phương trên Cổng."""
    caller.acts_for(body.agency_id)
    caller.about(f"question:{body.id}")
    document = _named(body.model_dump(exclude_none=True))
    return await _tell(
        caller, idempotency_key, lambda: caller.services.feedback.publish(document, context=caller.context)
    )


@router.post(
    "/v1/questions/{question_id}/answers",
    operation_id="answer_question",
    summary="Answer a question from the portal",
    status_code=202,
    response_model=ToldOut,
    responses=problems(404, 409),
)
async def answer_question(
    question_id: QuestionId, body: AnswerIn, caller: Writer, *, idempotency_key: IdempotencyKey = None
) -> Response:
    """Trả lời câu hỏi gửi từ Cổng."""
    caller.acts_for(body.agency_id)
    caller.about(f"answer:{question_id}")
    document = {"id": int(question_id), **_named(body.model_dump(exclude_none=True))}
    return await _tell(
        caller, idempotency_key, lambda: caller.services.feedback.answer(document, context=caller.context)
    )


@router.post(
    "/v1/ratings",
    operation_id="publish_ratings",
    summary="Publish the ratings of a month",
    status_code=202,
    response_model=ToldOut,
    responses=problems(409),
)
async def publish_ratings(body: RatingsIn, caller: Writer, *, idempotency_key: IdempotencyKey = None) -> Response:
    """Đánh giá tổng hợp một tháng. Shares are computed here from numbers of people; who rated has no place."""
    caller.acts_for(body.agency_id)
    caller.works_on(body.procedure_code)
    caller.about(f"ratings:{body.month}:{body.procedure_code}:{body.agency_id}")
    document = _named(body.model_dump(exclude_none=True))
    return await _tell(
        caller, idempotency_key, lambda: caller.services.feedback.publish_ratings(document, context=caller.context)
    )


@router.get("/v1/deliveries/{key}", operation_id="get_delivery", summary="How far it has come", responses=problems(404))
async def get_delivery(key: Key, caller: Reader) -> DeliveryOut:
    """Tiến độ gửi: nothing is called delivered before the portal said so."""
    caller.about(key)
    return DeliveryOut.of(key, await caller.services.feedback.deliveries(key, context=caller.context))


async def _tell(caller: Caller, idempotency_key: str | None, tell: Callable[[], Awaitable[Told]]) -> Response:
    key = parse_key(idempotency_key)

    async def action() -> Answer:
        said = ToldOut.of(await tell())
        return answer_of(202, said, location=said.delivery)

    return await once(caller, key, action)


def _named(document: dict[str, Any]) -> dict[str, Any]:
    """The mapping calls an agency's id by the word of the catalogues."""
    return {"agency_code" if name == "agency_id" else name: value for name, value in document.items()}
