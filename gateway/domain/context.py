"""Who is asking, and under which trace: handed from the edge to everything that happens for one request."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.domain.purpose import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One request's identity. `actor` is a client id, an officer's login or `worker`; never a person's name."""

    tenant: str
    actor: str
    trace_id: str
    """32 hex digits (W3C Trace Context); the correlation id shown to callers and kept in the audit log."""
    traceparent: str
    tracestate: str = ""
    purpose: Purpose | None = None
    subjects: tuple[str, ...] = field(default=(), repr=False)
    """Personal numbers whom it is about, where they are known; the audit log keeps keyed digests of them."""
    until: float | None = field(default=None, compare=False)
    """Nobody waits for the answer after this moment of the machine's monotonic clock; None: it takes what it takes."""
