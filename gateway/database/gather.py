"""Work that comes in one by one and is done together.

Like the audit log: no timer gathers anything. While one batch is being done, the next one collects behind it; so a lone
item waits for nothing, and a hundred share one transaction and one flush of the disk.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from typing import Generic, TypeGuard, TypeVar

import psycopg
import structlog

from gateway.database.faults import LOST
from gateway.sdk import GatewayError

log = structlog.get_logger()

Item = TypeVar("Item")
Result = TypeVar("Result")

OF_ONE = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
    UnicodeError,
)
"""What comes over a batch because of one item's values, because somebody holds what one of them needs, or because it is
many: the database has undone all of it."""

_OF_ALL = ("08", "53", "57P")
"""The server has no connection, no means, or is going down or not up yet: the beginnings of what it then says."""

MOST_SLOW = 2
"""One that took too long met somebody's lock; after so many in a row it is the whole that is slow."""


def is_of_all(exc: object) -> TypeGuard[Exception]:
    """Whether the database as a whole is at fault, so that who comes next would fail as this one did, after as long a
    wait: it is out of reach, or there was no room in the pool (`PoolTimeout` is an `OperationalError`). Where it was
    lost at the commit, nobody knows whether that was done."""
    if isinstance(exc, psycopg.OperationalError) and exc.sqlstate:
        return exc.sqlstate.startswith(_OF_ALL)
    return isinstance(exc, (psycopg.InterfaceError, *LOST))


@contextmanager
def or_each_alone() -> Iterator[None]:
    """Around a transaction that several share, in the action of a `Gather`. What undid it, be it a fault of ours over
    one of them, ends here, and the action then does each alone: the others shall not pay for it. Raises what is a
    fault of all (`is_of_all`), which is told to all, and `OF_ONE`, after which the gather does each alone."""
    try:
        yield
    except OF_ONE:
        raise
    except GatewayError:
        return
    except Exception as exc:
        if is_of_all(exc):
            raise
        log.exception("shared_transaction_undone")


async def each_alone(
    items: Sequence[Item], action: Callable[[Item], Awaitable[Result | Exception]]
) -> list[Result | Exception]:
    """One after the other. Where one meets a fault of all, those after it are told the same: none waits for it in its
    turn. So they are where `MOST_SLOW` in a row took too long."""
    results: list[Result | Exception] = []
    slow = 0
    for item in items:
        results.append(result := await action(item))
        slow = slow + 1 if isinstance(result, psycopg.errors.QueryCanceled) else 0
        if is_of_all(result) or (isinstance(result, Exception) and slow == MOST_SLOW):
            return [*results, *[result] * (len(items) - len(results))]
    return results


class Gather(Generic[Item, Result]):
    """Hands what waits to `action`, at most `most` at a time and one batch after the other. `action` is one
    transaction and returns a result for each item, in their order; an exception among the results is raised to its own
    caller, one that `action` raises to all of the batch. Where the values of one item are at fault (`OF_ONE`), each is
    done alone.

    Where items differ in `size`, `most` is that of a batch; one that is larger goes alone.

    A caller that is cancelled loses the answer; its item is done all the same. The batch runs in a task of its own, so
    it joins no transaction of a caller.
    """

    def __init__(
        self,
        action: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        most: int = 64,
        size: Callable[[Item], int] | None = None,
    ) -> None:
        self._action = action
        self._most = most
        self._size = size
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
            count = self._fitting()
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
            try:
                results = await self._results([item for item, _ in batch])
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

    def _fitting(self) -> int:
        """How many of those that wait are the next batch."""
        if self._size is None:
            return self._most
        sizes = itertools.accumulate(self._size(item) for item, _ in self._waiting)
        return max(1, sum(1 for _ in itertools.takewhile(lambda size: size <= self._most, sizes)))

    async def _results(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        try:
            return await self._action(items)
        except OF_ONE as exc:
            if len(items) == 1:
                return [exc]
        except Exception as exc:
            return [exc] * len(items)
        return await each_alone(items, self._result)

    async def _result(self, item: Item) -> Result | Exception:
        (result,) = await self._results([item])
        return result
