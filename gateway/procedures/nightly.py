"""The nightly look at every procedure that dossiers name or somebody has read."""

from __future__ import annotations

from datetime import time

from gateway.chores.nightly import Chore
from gateway.domain import Context
from gateway.observability import continue_trace
from gateway.procedures.service import Procedures


def refreshment(procedures: Procedures, *, tenant: str, at: time) -> Chore:
    async def refresh() -> None:
        trace = continue_trace("")
        context = Context(tenant=tenant, actor="nightly", trace_id=trace.trace_id, traceparent=trace.traceparent)
        await procedures.refresh(context=context)

    return Chore(name="procedures", at=at, do=refresh)
