"""What runs once a day, at its hour, in whichever worker comes first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time

import structlog

from gateway.chores.store import Chores
from gateway.domain import VIETNAM

LEASE_S = 6 * 3600.0
"""A process that dies at it loses the chore after this time; nothing in a chore is harmed by being done again."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Daily work. `at` is local time; missed while everything was down, it is done as soon as something is up."""

    name: str
    at: time
    do: Callable[[], Awaitable[object]]


async def run_due(chores: Chores, due: tuple[Chore, ...], *, tenant: str, now: datetime) -> list[str]:
    """Do what is due and nobody else does. One that fails is logged and tried again at the next call."""
    done = []
    local = now.astimezone(VIETNAM)
    for chore in due:
        if local.time() < chore.at:
            continue
        if not await chores.take(tenant, chore.name, day=local.date(), now=now, lease_s=LEASE_S):
            continue
        try:
            await chore.do()
        except Exception:
            log.exception("chore_failed", chore=chore.name)
            await chores.give_up(tenant, chore.name)
            continue
        await chores.finish(tenant, chore.name, day=local.date())
        done.append(chore.name)
    return done
