"""Try the new way beside the old one: the same look-up goes there, too, and nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from gateway.domain import Context, local_day
from gateway.exchange.attempt import Attempt, Attempts
from gateway.exchange.ids import new_id
from gateway.exchange.lines import Line
from gateway.exchange.system import System
from gateway.sdk import Absent, Answered, Call, GatewayError, Outcome, Refused
from gateway.shadow.model import Comparison, How, Told, compare

MOST = 8
"""Look-ups on their way at a time; beyond it nothing is tried, so that trying never slows what is used."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What the way in use told about `call`."""

    system: System
    call: Call
    context: Context
    reference: str
    told: Outcome | GatewayError


class Shadows:
    """Tries, compares and reports. An answer is compared in our vocabulary, after the mapping."""

    def __init__(
        self,
        attempts: Attempts,
        report: Callable[[Comparison], Awaitable[None]],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._attempts = attempts
        self._report = report
        self._clock = clock
        self._under_way: set[asyncio.Task[None]] = set()

    def follow(self, used: Used) -> None:
        """Start trying, where a rule says so."""
        day = local_day(self._clock())
        line = used.system.shadow(used.call.operation, on=day)
        if line is None or len(self._under_way) >= MOST:
            return
        task = asyncio.create_task(self._try(used, line, over=used.system.line(used.call.operation, on=day).name))
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    async def finish(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        try:
            if not task.cancelled():
                task.result()
        except Exception:
            log.exception("shadow_failed")

    async def _try(self, used: Used, line: Line, *, over: str) -> None:
        call = replace(used.call, call_id=new_id(self._clock()))
        tried = await self._ask(used, call, line)
        how, fields = compare(_told(used.system, used.call, used.told), _told(used.system, call, tried))
        comparison = Comparison(
            tenant=used.context.tenant,
            at=self._clock(),
            system=used.system.id,
            operation=call.operation,
            used=over,
            tried=line.name,
            call_id=used.call.call_id,
            how=how,
            fields=fields,
        )
        if how is not How.SAME:
            log.warning(
                "shadow_differs", system=used.system.id, operation=call.operation, how=how.value, over=line.name
            )
        try:
            await self._report(comparison)
        except Exception:
            log.exception("shadow_not_reported", operation=call.operation)

    async def _ask(self, used: Used, call: Call, line: Line) -> Outcome | GatewayError:
        try:
            outcome, _ = await self._attempts.make(
                Attempt(
                    system=used.system.through(line),
                    call=call,
                    context=replace(used.context, until=None),  # nobody waits for it
                    reference=used.reference,
                    facts={"shadow_of": used.call.call_id},
                )
            )
        except GatewayError as exc:
            return exc
        except Exception as exc:
            log.exception("shadow_failed", operation=call.operation)
            return GatewayError(type(exc).__name__)
        return outcome


def _told(system: System, call: Call, told: Outcome | GatewayError) -> Told:
    if isinstance(told, GatewayError):
        return Told(outcome=told.error_code, is_answer=False, canonical={})
    canonical: Mapping[str, Any] = {}
    if isinstance(told, Answered):
        try:
            canonical = system.mappings.reply(call.operation, told.body)
        except GatewayError as exc:
            return Told(outcome=exc.error_code, is_answer=False, canonical={})
    kind = type(told).__name__.lower()
    return Told(outcome=kind, is_answer=isinstance(told, Answered | Absent | Refused), canonical=canonical)
