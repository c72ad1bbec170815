"""Idempotency-Key: a request that is sent again gets the first answer again, and is not carried out twice.

After the IETF draft draft-ietf-httpapi-idempotency-key-header: 400 without a key, 409 while the first request is in
progress, 422 when the key comes back with another request. Keys are kept for 24 hours. An answer of ours that says "try
again" (5xx) is not kept, because the caller is meant to try again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import orjson
import structlog

from gateway.database import OutcomeLostError
from gateway.sdk.errors import ConflictError, FieldProblem, GatewayError, RequestError, UnprocessableError

KEPT = timedelta(hours=24)
ABANDONED = timedelta(seconds=90)
"""A request that has not renewed its key for so long has died, and the same request may take the key over. One that
runs renews it, so that it may run for longer (`api.longest_s`, and what was begun goes on after that). Should its whole
process have stood still, it ends nothing of whoever took the key over."""

RENEWED_S = ABANDONED.total_seconds() / 3
"""A request that runs for so long renews its key, again and again; most are over by then."""

LONGEST_KEY = 255

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: enough to answer it again, byte for byte."""

    status: int
    content: bytes = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The place of one key. `fingerprint` tells one request from another."""

    tenant: str
    client_id: str
    key_digest: bytes
    fingerprint: bytes

    @property
    def place(self) -> tuple[str, str, bytes]:
        return self.tenant, self.client_id, self.key_digest


Found = tuple[bytes, Answer | None]
"""The fingerprint of the request that has a key, and its answer once there is one."""


class Answers(Protocol):
    """The port to kept answers. Each method commits by itself, unless it says that it joins the transaction. `began` is
    the `now` of the `begin` that took the key: where another has taken it over since, nothing is done."""

    async def begin(self, slot: Slot, *, now: datetime) -> bool:
        """Take the key; False: it is taken already."""

    async def renew(self, slot: Slot, *, began: datetime, now: datetime) -> None:
        """The request still runs: it counts as abandoned from `now` on only."""

    async def find(self, slot: Slot) -> Found | None: ...

    async def finish(self, slot: Slot, answer: Answer, *, began: datetime) -> None: ...

    async def forget(self, slot: Slot, *, began: datetime) -> None:
        """Give the key free: there is no answer to keep."""

    async def earlier(self, slots: Sequence[Slot], *, now: datetime) -> Mapping[Slot, Found]:
        """What `begin` would meet, of those whose key it could not take. Joins the transaction."""

    async def keep(self, answers: Mapping[Slot, Answer], *, now: datetime) -> int:
        """Take so many keys, of different places, and finish them at once; how many could be taken. Joins the
        transaction."""

    async def expire(self, *, now: datetime) -> None:
        """Delete the keys whose time is over."""


class Once:
    """Carries a request out once per key."""

    def __init__(self, answers: Answers, *, clock: Callable[[], datetime], renewed_s: float = RENEWED_S) -> None:
        self._answers = answers
        self._clock = clock
        self._renewed_s = renewed_s
        self._adrift: dict[Slot, datetime] = {}
        """Requests of ours that ended while the store could not be told so, or that never ran as it could not say
        whether they have their key; and when they began. Their keys are free all the same, in this process; another one
        finds them in progress until they count as abandoned."""

    async def do(self, slot: Slot, action: Callable[[], Awaitable[Answer]]) -> Answer:
        """Run `action` and keep its answer, or return the kept one. What `action` raises is not kept here: the
        caller turns the errors that are to be kept into answers."""
        if (left := self._adrift.pop(slot, None)) is not None:  # first: nobody else may free the key that we then take
            await self._end(slot, None, began=left)
        began = self._clock()
        try:
            is_taken = await self._answers.begin(slot, now=began)
        except (OutcomeLostError, asyncio.CancelledError):
            self._adrift[slot] = began
            raise
        if not is_taken:
            return await self._earlier(slot)
        late_s = (self._clock() - began).total_seconds()
        renewing = _Renewing(
            lambda: self._answers.renew(slot, began=began, now=self._clock()), every_s=self._renewed_s, late_s=late_s
        )
        try:
            answer = await action()
        except BaseException:
            await self._end(slot, None, began=began)
            raise
        finally:
            renewing.stop()
        await self._end(slot, answer if answer.status < 500 else None, began=began)
        return answer

    async def _end(self, slot: Slot, answer: Answer | None, *, began: datetime) -> None:
        try:
            if answer is None:
                await self._answers.forget(slot, began=began)
            else:
                await self._answers.finish(slot, answer, began=began)
        except BaseException:
            self._adrift[slot] = began
            raise

    async def _earlier(self, slot: Slot) -> Answer:
        answer = again(slot, await self._answers.find(slot))
        if isinstance(answer, Exception):
            raise answer
        return answer


class _Renewing:
    """Renews a key until it is stopped. For a request that is over soon it costs a timer, and no task. `late_s`: for so
    long the key has been ours already."""

    __slots__ = ("_every_s", "_loop", "_renew", "_task", "_timer")

    def __init__(self, renew: Callable[[], Awaitable[None]], *, every_s: float, late_s: float) -> None:
        self._renew, self._every_s = renew, every_s
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._timer = self._loop.call_later(max(0.0, every_s - late_s), self._begin)

    def stop(self) -> None:
        """One that is under way goes on to its end, and changes nothing that has an answer."""
        self._timer.cancel()

    def _begin(self) -> None:
        self._timer = self._loop.call_later(self._every_s, self._begin)
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._once(), context=Context())

    async def _once(self) -> None:
        again_s = self._every_s / 10
        while not self._timer.cancelled():
            try:
                async with asyncio.timeout(self._every_s / 2):  # a database that is silent must not hold up the next
                    await self._renew()
            except Exception:
                log.warning("idempotency_key_not_renewed", next_try_s=again_s, exc_info=True)
                await asyncio.sleep(again_s)
            else:
                return


def again(slot: Slot, found: Found | None) -> Answer | GatewayError:
    """What a request is told whose key is taken."""
    if found is not None and found[0] != slot.fingerprint:
        return UnprocessableError(
            "This Idempotency-Key was used for another request.",
            vi="Idempotency-Key này đã dùng cho một yêu cầu khác.",
            what="idempotency_key_reused",
        )
    if found is None or found[1] is None:
        return ConflictError(
            "The first request with this Idempotency-Key is still in progress.",
            vi="Yêu cầu đầu tiên với Idempotency-Key này đang được xử lý.",
            what="in_progress",
            retry_after_s=1.0,
        )
    return found[1]


def parse_key(header: str | None) -> str:
    """The key, with or without the quotes of a structured field. `RequestError` when missing or too long."""
    key = (header or "").strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not key or len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        english = f"Send an Idempotency-Key of 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID."
        vietnamese = f"Cần gửi Idempotency-Key gồm 1 đến {LONGEST_KEY} ký tự ASCII, ví dụ một UUID."
        raise RequestError(
            english,
            vi=vietnamese,
            what="idempotency_key_missing",
            fields=[FieldProblem("#header/Idempotency-Key", english, vietnamese)],
        )
    return key


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """What makes a request the same request: its JSON is compared by value, not by spacing."""
    try:
        canonical = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS) if body else b""
    except orjson.JSONDecodeError as exc:  # half of a surrogate pair, where no schema has looked at the body
        raise RequestError(
            "The body is not valid JSON.", vi="Nội dung không phải JSON hợp lệ.", what="malformed_json"
        ) from exc
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), canonical])).digest()
