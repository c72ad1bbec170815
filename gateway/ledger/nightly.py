"""The nightly comparison."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from functools import partial

from gateway.chores.nightly import Chore
from gateway.domain import Context
from gateway.ledger.service import Ledger
from gateway.observability import continue_trace


def comparisons(ledger: Ledger, targets: Sequence[str], *, tenant: str, at: time) -> tuple[Chore, ...]:
    """One chore for each target, so that one that cannot be asked does not keep the others from being compared."""

    async def compare(target: str) -> None:
        trace = continue_trace("")
        context = Context(tenant=tenant, actor="nightly", trace_id=trace.trace_id, traceparent=trace.traceparent)
        await ledger.reconcile(target, context=context)

    return tuple(Chore(name=f"reconcile {target}", at=at, do=partial(compare, target)) for target in targets)
