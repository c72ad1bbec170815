"""Many things told in one request, or in several at the same time, each answered as it would be alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import Response
from pydantic import ValidationError

from gateway.api import problems
from gateway.api.access import Caller
from gateway.api.once import answer_of, refusal
from gateway.api.schemas.batches import DossierStepIn, StatusEventsIn
from gateway.api.schemas.dossiers import TakenOut
from gateway.clients.idempotency import Answer
from gateway.database import in_our_words
from gateway.dossiers.model import DossierService, Taken, ToldStep
from gateway.sdk.errors import GatewayError


async def answered(dossiers: DossierService, steps: Sequence[ToldStep]) -> list[Answer | Exception]:
    """Take steps of several requests in, as part of the transaction that is open. Refusals are answers, too."""
    taken = await dossiers.add_together(steps)
    return [_answer(result, step) for result, step in zip(taken, steps, strict=True)]


def _answer(result: Taken | Exception, step: ToldStep) -> Answer | Exception:
    if isinstance(result, Taken):
        return answer_of(202, TakenOut.of(result))
    if isinstance(result, GatewayError) and result.http_status < 500:
        return refusal(result, step.context)
    return result


async def report(body: StatusEventsIn, caller: Caller) -> Response:
    """Take the steps that are well formed in, together; the answers stand in the order of the questions."""
    caller.about(f"steps-{len(body.events)}")
    read = [_read(item) for item in body.events]
    steps = [ToldStep(*step, caller.context) for step in read if isinstance(step, tuple)]
    told = iter(await caller.services.batches.do(steps) if steps else ())
    results = [next(told) if isinstance(step, tuple) else step for step in read]
    items = [_item(result, caller) for result in results]
    refused = sum(not isinstance(result, Taken) for result in results)
    content = orjson.dumps({"refused": refused, "items": items})
    return Response(content, status_code=202, media_type="application/json")


def _read(item: Any) -> tuple[str, dict[str, Any]] | GatewayError:
    """(dossier code, step), or what is wrong with it."""
    try:
        document = DossierStepIn.model_validate(item).model_dump(exclude_none=True)
    except ValidationError as exc:
        found = exc.errors(include_url=False, include_input=False)  # a field may be called like a part of a request
        return problems.of_validation({**error, "loc": ("body", *error["loc"])} for error in found)
    return document.pop("dossier_code"), document


def _item(result: Taken | Exception, caller: Caller) -> dict[str, Any]:
    if isinstance(result, Taken):
        return {"taken": TakenOut.of(result).model_dump(mode="json"), "problem": None}
    error = result if isinstance(result, GatewayError) else in_our_words(result) or GatewayError()
    return {"taken": None, "problem": problems.document(error, trace_id=caller.context.trace_id)}
