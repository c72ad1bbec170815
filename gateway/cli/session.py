"""A gateway for the length of one command."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from gateway.audit.model import Entry, EntryKind
from gateway.bootstrap import Gateway, database_url, open_gateway, prepare_state, utc_now
from gateway.cli.output import progress
from gateway.database import migrate
from gateway.observability import configure_logging, continue_trace
from gateway.settings import Settings, load_settings

Result = TypeVar("Result")


def with_gateway(act: Callable[[Gateway], Awaitable[Result]]) -> Result:
    """Run `act` on an open gateway. Joins the embedded database when `lienthong run` has it, else starts it."""
    settings = load_settings()
    configure_logging(settings.log_level, process="cli")

    async def inside(dsn: str) -> Result:
        await migrate(dsn)
        async with open_gateway(settings, dsn) as gateway:
            return await act(gateway)

    prepare_state(settings)
    with progress.status("") as status, database_url(settings, progress=status.update) as dsn:
        return asyncio.run(inside(dsn))


async def record_act(
    gateway: Gateway,
    operation: str,
    *,
    reference: str,
    facts: Mapping[str, str | int],
    bodies: Mapping[str, bytes] | None = None,
) -> None:
    """An administrator's act becomes a leaf too (SEC-04); it is named by the login of the machine. What people wrote
    goes into `bodies`, which are sealed, never into `facts`."""
    entry = Entry(
        kind=EntryKind.ADMIN,
        tenant=gateway.tenant,
        actor=f"admin:{login()}",
        operation=operation,
        outcome="answered",
        occurred_at=utc_now(),
        trace_id=continue_trace("").trace_id,
        reference=reference,
        facts=dict(facts),
        bodies=bodies or {},
    )
    await gateway.ground.recorder.record(entry)


def login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


__all__ = ["Settings", "record_act", "with_gateway"]
