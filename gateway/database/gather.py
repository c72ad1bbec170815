"""Work that comes in one by one and is done together.

Like the audit log: no timer gathers anything. While one batch is being done, the next one collects behind it; so a lone
item waits for nothing, and a hundred share one transaction and one flush of the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Gather(Generic[Item, Result]):
    """Hands what waits to `action`, at most `most` at a time and one batch after the other. `action` returns a result
    for each item, in their order; an exception among the results is raised to its own caller, one that `action` raises
    to all of the batch.

    A caller that is cancelled loses the answer; its item is done all the same. The batch runs in a task of its own, so
    it joins no transaction of a caller.
    """

    def __init__(
        self, action: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]], *, most: int = 64
    ) -> None:
        self._action = action
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._working: asyncio.Task[None] | None = None

    async def do(self, item: Item) -> Result:
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(), context=Context())
        return await done

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                results = await self._action([item for item, _ in batch])
            except Exception as exc:
                results = [exc] * len(batch)
            except BaseException:
                for _, done in (*batch, *self._waiting):
                    done.cancel()
                self._waiting.clear()
                raise
            for (_, done), result in zip(batch, results, strict=True):
                if done.done():
                    continue
                if isinstance(result, Exception):
                    done.set_exception(result)
                else:
                    done.set_result(result)
