"""The nightly look at the code lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from functools import partial

from gateway.catalogues.service import Catalogues
from gateway.chores.nightly import Chore
from gateway.domain import Context
from gateway.observability import continue_trace


def takeovers(catalogues: Catalogues, names: Sequence[str], *, tenant: str, at: time) -> tuple[Chore, ...]:
    """One chore for each list."""

    async def take(name: str) -> None:
        trace = continue_trace("")
        context = Context(tenant=tenant, actor="nightly", trace_id=trace.trace_id, traceparent=trace.traceparent)
        await catalogues.sync(name, context=context)

    return tuple(Chore(name=f"catalogue {name}", at=at, do=partial(take, name)) for name in names)
