"""Requests that come in at the same time and share one transaction, each carried out once per Idempotency-Key.

What was done and what was answered become durable together, so no key is ever in progress, and a process that dies
leaves none behind. Only what changes our own database alone can be carried out so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime
from typing import Generic, TypeVar

from gateway.clients.idempotency import Answer, Answers, Slot, again
from gateway.database import Gather, each_alone, or_each_alone

Item = TypeVar("Item")


class Together(Generic[Item]):
    """Carries out what waits, in one transaction."""

    def __init__(
        self,
        answers: Answers,
        *,
        act: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]],
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        """`act` joins the transaction and answers each item, in their order; an exception among its answers, and one of
        5xx, is not kept. What it raises undoes all of them: then each goes alone."""
        self._answers = answers
        self._act = act
        self._atomically = atomically
        self._clock = clock
        self._gather: Gather[tuple[Slot, Item], Answer] = Gather(self._carry_out)

    async def do(self, slot: Slot, item: Item) -> Answer:
        """What it is answered, or was answered the first time. Raises as `Once.do`."""
        return await self._gather.do((slot, item))

    async def _carry_out(self, asked: Sequence[tuple[Slot, Item]]) -> list[Answer | Exception]:
        """Those that come with the key of another wait for its answer."""
        first = {slot.place: number for number, (slot, _) in reversed([*enumerate(asked)])}
        numbers = sorted(first.values())
        told = dict(zip(numbers, await self._each([asked[number] for number in numbers]), strict=True))
        others = [number for number in range(len(asked)) if number not in told]
        told |= zip(others, await each_alone([asked[number] for number in others], self._alone), strict=True)
        return [told[number] for number in range(len(asked))]

    async def _each(self, asked: Sequence[tuple[Slot, Item]]) -> list[Answer | Exception]:
        if len(asked) > 1:
            with or_each_alone(), suppress(_TakenMeanwhileError):
                return await self._once(asked)
        return await each_alone(asked, self._alone)

    async def _alone(self, one: tuple[Slot, Item]) -> Answer | Exception:
        """What comes over it is its own: those before it are done, and have their answers."""
        try:
            try:
                (answer,) = await self._once([one])
            except _TakenMeanwhileError:
                (answer,) = await self._once([one])
        except Exception as exc:
            return exc
        return answer

    async def _once(self, asked: Sequence[tuple[Slot, Item]]) -> list[Answer | Exception]:
        now = self._clock()
        async with self._atomically():
            known = await self._answers.earlier([slot for slot, _ in asked], now=now)
            new = [(slot, item) for slot, item in asked if slot not in known]
            told = await self._act([item for _, item in new]) if new else ()
            answers = {slot: answer for (slot, _), answer in zip(new, told, strict=True)}
            kept = {slot: one for slot, one in answers.items() if isinstance(one, Answer) and one.status < 500}
            if kept and await self._answers.keep(kept, now=now) < len(kept):
                raise _TakenMeanwhileError
        return [answers[slot] if slot in answers else again(slot, known[slot]) for slot, _ in asked]


class _TakenMeanwhileError(Exception):
    """Another process has carried out a request with one of these keys; its answer is there by now."""
