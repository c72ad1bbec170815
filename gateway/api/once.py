"""Endpoints that change something run once per Idempotency-Key."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel

from gateway.api import problems
from gateway.api.access import Caller
from gateway.api.deadline import check_time
from gateway.clients.idempotency import Answer, Slot, fingerprint, parse_key
from gateway.domain import Context
from gateway.sdk.errors import GatewayError

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A key of your own for this request, such as a UUID; sending it again gets the first answer again."
        " — Bắt buộc: khoá do địa phương tự sinh cho mỗi yêu cầu, gửi lại cùng khoá sẽ nhận lại câu trả lời đầu tiên.",
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    ),
]


async def once(caller: Caller, key: str, action: Callable[[], Awaitable[Answer]]) -> Response:
    """Answer with what `action` answers, or with what it answered the first time. Refusals are answers too."""

    async def answer() -> Answer:
        check_time(caller.request.scope)
        caller.request.state.begun = True
        try:
            return await action()
        except GatewayError as exc:
            if exc.http_status >= 500:
                raise
            return refusal(exc, caller.context)

    caller.begins_nothing()  # until the key is taken
    return said(await caller.services.once.do(slot_of(caller, key), answer))


def slot_of(caller: Caller, key: str) -> Slot:
    """Where the answer to this request is kept."""
    request, context = caller.request, caller.context
    return Slot(
        tenant=context.tenant,
        client_id=context.actor,
        key_digest=hashlib.sha256(key.encode()).digest(),
        fingerprint=fingerprint(request.method, request.scope["path"], request.state.body),
    )


def refusal(exc: GatewayError, context: Context) -> Answer:
    content = problems.problem(exc, trace_id=context.trace_id)
    return Answer(status=exc.http_status, content=content, headers=problems.headers(exc))


def said(kept: Answer) -> Response:
    return Response(kept.content, status_code=kept.status, headers=kept.headers)


def named(caller: Caller, key: str, *, purpose: str, first: str) -> str:
    """An id that the same request always gets, also when the process died before it could answer: `first` and 19
    characters `[0-9A-Z]`, 98 bits that nobody can guess without our key. `purpose` tells kinds of ids apart."""
    said = f"{caller.context.tenant}/{caller.context.actor}/{key}".encode()
    number = int.from_bytes(caller.services.digester.digest(said, purpose=purpose), "big")
    return first + "".join(_DIGITS[number // 36**place % 36] for place in range(19))


def answer_of(status: int, body: BaseModel, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(
        status=status,
        content=body.model_dump_json().encode(),
        headers={"content-type": "application/json", **named},
    )


__all__ = ["IdempotencyKey", "answer_of", "named", "once", "parse_key", "refusal", "said", "slot_of"]
