"""Pull questions, and send answers, published questions and ratings through the outbox (SYN-14).

Nothing public says that the portal recognises a repeat, so a repeat is recognised here: what is the same as the last
thing taken in under its key is not enqueued again, even if the first answer to the caller was lost in a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from gateway.delivery.model import StreamView
from gateway.delivery.store import Outbox
from gateway.domain import VIETNAM, Context, ProcedureCode
from gateway.exchange.answers import items_of
from gateway.exchange.model import Exchange
from gateway.feedback.model import Kind, Levels, Source, Told
from gateway.feedback.store import FeedbackStore
from gateway.sdk import NotFoundError
from gateway.sdk.errors import FieldProblem, UnprocessableError
from gateway.signing.model import Digester

CLOCK_SKEW = timedelta(minutes=10)
"""How far the clocks of provincial systems may be ahead of ours."""
LISTS = {Source.PORTAL: "list_questions", Source.AGENCY: "list_published_questions"}


class Feedback:
    """Implements `FeedbackService`."""

    def __init__(
        self,
        store: FeedbackStore,
        outbox: Outbox,
        digester: Digester,
        *,
        exchange: Exchange,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._digester = digester
        self._exchange = exchange
        self._atomically = atomically
        self._clock = clock

    async def questions(
        self, source: Source, *, agencies: Collection[str], context: Context
    ) -> Sequence[Mapping[str, Any]]:
        """One of the two lists. A caller that is bound to `agencies` sees what was put to them, and no other people's
        names and addresses."""
        found = items_of(await self._exchange.ask(LISTS[source], {}, context=context, reference=source.value))
        return [item for item in found if not agencies or item.get("agency_code") in agencies]

    async def answer_to(self, question_id: int, *, context: Context) -> Mapping[str, Any]:
        """What the portal shows as the answer; `NotFoundError` when it shows none."""
        asked = {"question_id": question_id}
        found = items_of(
            await self._exchange.ask("read_answer", asked, context=context, reference=f"{Kind.ANSWER}:{question_id}")
        )
        answered = next((item for item in found if item.get("answer")), None)
        if answered is None:
            raise NotFoundError(
                "The portal shows no answer to this question.", vi="Cổng chưa có câu trả lời cho câu hỏi này."
            )
        return answered

    async def publish(self, question: Mapping[str, Any], *, context: Context) -> Told:
        return await self._tell("publish_question", question, key=f"{Kind.QUESTION}:{question['id']}", context=context)

    async def answer(self, answer: Mapping[str, Any], *, context: Context) -> Told:
        if datetime.fromisoformat(answer["at"]) > self._clock() + CLOCK_SKEW:
            raise _in_the_future("/at")
        return await self._tell("answer_question", answer, key=f"{Kind.ANSWER}:{answer['id']}", context=context)

    async def publish_ratings(self, ratings: Mapping[str, Any], *, context: Context) -> Told:
        """Counts of people become the portal's shares. `overall` and, if it was asked, `service` hold the counts."""
        if ratings["month"] > self._clock().astimezone(VIETNAM).strftime("%Y-%m"):
            raise _in_the_future("/month")
        named = {name: ratings[name] for name in ("month", "procedure_code", "agency_code", "agency_name")}
        overall = Levels(**ratings["overall"])
        service = Levels(**ratings["service"]).shares() if ratings.get("service") else {}
        figures = {
            **named,
            "people": overall.people,
            **overall.shares(),
            **{f"service_{name}": share for name, share in service.items()},
        }
        key = ":".join((Kind.RATINGS, named["month"], named["procedure_code"], named["agency_code"]))
        first = date.fromisoformat(f"{named['month']}-01")
        counted = first, ProcedureCode.national_of(named["procedure_code"]), named["agency_code"]
        async with self._atomically():  # what the province is scored by, and what the portal is told
            await self._store.rate(context.tenant, counted, overall, now=self._clock())
            return await self._tell("publish_ratings", figures, key=key, context=context)

    async def deliveries(self, key: str, *, context: Context) -> Sequence[StreamView]:
        """How far the copies of one question, answer or month of ratings have come."""
        views = await self._outbox.views(context.tenant, key, now=self._clock())
        if not views:
            raise NotFoundError("Nothing was sent under this key.", vi="Chưa gửi nội dung nào mang khoá này.")
        return views

    async def _tell(self, operation: str, document: Mapping[str, Any], *, key: str, context: Context) -> Told:
        draft = self._exchange.draft(operation, document, key=key, context=context)
        content = orjson.dumps([operation, dict(draft.body)], option=orjson.OPT_SORT_KEYS)
        digest = self._digester.digest(content, purpose="feedback")
        async with self._atomically():
            is_new = await self._store.take(context.tenant, key, digest, now=self._clock())
            if is_new:
                await self._outbox.enqueue([draft], now=self._clock())
        return Told(key=key, again=not is_new)


def _in_the_future(pointer: str) -> UnprocessableError:
    english, vietnamese = "This moment lies in the future.", "Thời điểm này ở tương lai."
    fields = [FieldProblem(pointer, english, vietnamese)]
    return UnprocessableError(english, vi=vietnamese, what="in_the_future", fields=fields)
