"""Requests of many steps that come in at the same time share one transaction: its round trips and its commit cost as
much for ten steps as for hundreds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from gateway.database import Gather, is_of_all, or_each_alone
from gateway.dossiers.model import DossierService, Taken, ToldStep

LARGE = 50
"""A request of so many steps goes by itself at once: it has little to save, and would wait for the others' turn."""

MOST = 500
"""Steps of a shared transaction: how long their dossiers are locked is bounded by it."""

Results = Sequence[Taken | Exception]
"""What became of the steps of a request, in their order."""


class Batches:
    """Takes in what waits, whole requests at a time."""

    def __init__(
        self, dossiers: DossierService, *, atomically: Callable[[], AbstractAsyncContextManager[object]]
    ) -> None:
        self._dossiers = dossiers
        self._atomically = atomically
        self._gather: Gather[Sequence[ToldStep], Results] = Gather(self._take_in, most=MOST, size=len)

    async def do(self, steps: Sequence[ToldStep]) -> Results:
        """Take the steps of one request in, as `DossierService.add_events` does."""
        if len(steps) >= LARGE:
            return await self._add(steps)
        return await self._gather.do(steps)

    async def _take_in(self, told: Sequence[Sequence[ToldStep]]) -> list[Results | Exception]:
        if len(told) > 1:
            with or_each_alone():
                async with self._atomically():
                    taken = iter(await self._dossiers.add_together([step for steps in told for step in steps]))
                return [[next(taken) for _ in steps] for steps in told]
        results: list[Results | Exception] = []
        for steps in told:
            results.append(result := await self._alone(steps))
            last = result if isinstance(result, Exception) else result[-1]
            if is_of_all(last):
                return [*results, *[last] * (len(told) - len(results))]
        return results

    async def _alone(self, steps: Sequence[ToldStep]) -> Results | Exception:
        """What comes over it is its own: those before it are done, and have their answers."""
        try:
            return await self._add(steps)
        except Exception as exc:
            return exc

    async def _add(self, steps: Sequence[ToldStep]) -> Results:
        return await self._dossiers.add_events([(s.code, s.event) for s in steps], context=steps[0].context)
